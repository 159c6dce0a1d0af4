import { Button } from '@mantine/core';
import type { ChosenWay } from '../../shared/domain/load-way.ts';
import { MOST_JOB_MEGABYTES, MOST_JOBS_AT_ONCE, type SettingName } from '../../shared/domain/settings.ts';
import { plural } from '../../shared/text/counts.ts';
import { failureOf, useCall } from '../backend/backend-context.tsx';
import { FailurePanel } from '../components/failure-panel.tsx';
import { Warning } from '../components/outcome.tsx';
import { Waiting } from '../components/waiting.tsx';
import { Choice, NumberSetting } from '../settings/fields.tsx';
import { moment } from '../settings/moments.ts';
import { PlacePanel } from '../settings/place-panel.tsx';
import { KeptLoads } from '../settings/kept-loads.tsx';
import { ProxyFields } from '../settings/proxy-fields.tsx';
import { useChangeSettings } from '../settings/use-settings.ts';

const NAMES: Record<SettingName, string> = {
  theme: 'the theme',
  numbers: 'how numbers are written',
  dates: 'how dates are written',
  blankValues: 'what blank cells do',
  way: 'how rows are sent',
  gridRows: 'the height of rows',
  resultFiles: 'the encoding of result files',
  jobMegabytes: 'the size of a job',
  jobsAtOnce: 'the number of jobs at once',
  apiBudgetPercent: 'the share of API calls',
  retentionDays: 'how long loads are kept',
  proxy: 'the proxy',
};

const WAYS: Record<ChosenWay, string> = {
  automatic: 'Whichever way fits the load',
  bulk: 'By Bulk API jobs',
  'bulk-1': 'In the order of the file, by slower jobs',
  collections: '200 at a time, answered at once',
};

/** What is set for all of Longshore. Each choice holds at once, in every window and for the command line. */
export function SettingsScreen({ back }: { readonly back: () => void }) {
  const { data: view, error, refetch } = useCall('settings.get', {}, { keep: true });
  const change = useChangeSettings();
  if (!view && !error) return <Waiting title="Settings">Reading your settings…</Waiting>;
  if (!view)
    return (
      <div className="step">
        <h2>Settings</h2>
        <FailurePanel failure={failureOf(error)} again={() => void refetch()} />
      </div>
    );
  const { settings, broken, lastSweep } = view;
  return (
    <div className="step">
      <header>
        <div>
          <h2>Settings</h2>
          <p className="lead">Changes apply at once, in every Longshore window and on the command line.</p>
        </div>
        <Button data-leave variant="subtle" onClick={back}>
          Back
        </Button>
      </header>
      {broken.length > 0 && (
        <Warning tone="warning">
          The saved setting for {broken.map((name) => NAMES[name]).join(', ')} can’t be read, so the default applies
          until you choose again.
        </Warning>
      )}
      {change.error && <FailurePanel failure={failureOf(change.error)} />}
      <section className="panel settings" aria-labelledby="settings-look">
        <h3 id="settings-look">Look</h3>
        <Choice
          label="Theme"
          value={settings.theme}
          options={{ system: 'Same as system', light: 'Light', dark: 'Dark' }}
          choose={(theme) => change.mutate({ theme })}
        />
        <Choice
          label="Numbers"
          description="For counts and grids. Values in your file and your org don’t change."
          value={settings.numbers}
          options={{
            system: 'Same as system',
            'en-US': '1,234.5',
            'de-DE': '1.234,5',
            'fr-FR': '1 234,5',
            'de-CH': '1’234.5',
            'en-IN': '1,00,000.5',
          }}
          choose={(numbers) => change.mutate({ numbers })}
        />
        <Choice
          label="Dates"
          description="For loads and reports. Dates in your data don’t change."
          value={settings.dates}
          options={{
            system: 'Same as system',
            iso: '2026-12-31 18:05:00',
            'en-US': '12/31/2026, 6:05:00 PM',
            'en-GB': '31/12/2026, 18:05:00',
            'de-DE': '31.12.2026, 18:05:00',
          }}
          choose={(dates) => change.mutate({ dates })}
        />
        <Choice
          label="Row height"
          value={settings.gridRows}
          options={{ compact: 'Compact', normal: 'Normal', roomy: 'Comfortable' }}
          choose={(gridRows) => change.mutate({ gridRows })}
        />
      </section>
      <section className="panel settings" aria-labelledby="settings-loads">
        <h3 id="settings-loads">Loads</h3>
        <Choice
          label="Result files"
          description="Spreadsheets read UTF-8 with a byte order mark correctly in any language."
          value={settings.resultFiles}
          options={{ 'as-source': 'Same encoding as the source', 'utf-8': 'UTF-8 with a byte order mark' }}
          choose={(resultFiles) => change.mutate({ resultFiles })}
        />
        <Choice
          label="Blank cells in a new mapping"
          description="Saved mappings keep their own choice."
          value={settings.blankValues}
          options={{ leave: 'Keep the record’s value', clear: 'Clear the record’s value' }}
          choose={(blankValues) => change.mutate({ blankValues })}
        />
        <Choice
          label="New mappings send rows"
          description="Saved mappings keep their own choice. The plan says which way fits, and why."
          value={settings.way}
          options={WAYS}
          choose={(way) => change.mutate({ way })}
        />
        <NumberSetting
          label="Maximum size of a job (MB)"
          description="Smaller jobs help when triggers are slow or rows are locked. Applies to new plans."
          value={settings.jobMegabytes}
          limits={[1, MOST_JOB_MEGABYTES]}
          choose={(value) => change.mutate({ jobMegabytes: value ?? settings.jobMegabytes })}
        />
        <NumberSetting
          label="Jobs of a load at the same time"
          description="More are faster where a file is larger than one job. Jobs whose rows depend on each other still take turns. Applies to new plans."
          value={settings.jobsAtOnce}
          limits={[1, MOST_JOBS_AT_ONCE]}
          choose={(value) => change.mutate({ jobsAtOnce: value ?? settings.jobsAtOnce })}
        />
        <NumberSetting
          label="API calls a load may use without asking (% of the calls left today)"
          value={settings.apiBudgetPercent}
          limits={[1, 100]}
          choose={(value) => change.mutate({ apiBudgetPercent: value ?? settings.apiBudgetPercent })}
        />
        <NumberSetting
          label="Days to keep finished loads and reports"
          description={
            'Leave it empty to keep them all. Older ones are removed when Longshore starts, and so are merges, which you can’t take back after that. Unfinished loads and merges are always kept.' +
            (lastSweep ? ` ${plural(lastSweep.loads, 'load')} removed on ${moment(lastSweep.at)}.` : '')
          }
          value={settings.retentionDays}
          limits={[1, 3650]}
          optional
          choose={(retentionDays) => change.mutate({ retentionDays })}
        />
        <KeptLoads days={settings.retentionDays} />
      </section>
      <section className="panel settings" aria-labelledby="settings-network">
        <h3 id="settings-network">Network</h3>
        <ProxyFields
          key={JSON.stringify(settings.proxy)}
          proxy={settings.proxy}
          choose={(proxy) => change.mutate({ proxy })}
        />
        <p className="lead">No telemetry. Longshore sends data only to your orgs.</p>
      </section>
      <PlacePanel view={view} />
    </div>
  );
}
