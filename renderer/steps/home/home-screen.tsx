import { sessionText } from '../../../shared/text/session-text.ts';
import { Button, Group } from '@mantine/core';
import { FileUp, FlaskConical, Merge } from 'lucide-react';
import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useEffect } from 'react';
import type { Failure } from '../../../shared/contract/failure.ts';
import type { LoadId, SourceId } from '../../../shared/domain/ids.ts';
import type { PlanNote } from '../../../shared/domain/load-plan.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { useBackend, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { MissingNotice, type MissingForLoad } from './missing-notice.tsx';
import { RecentLoads } from './recent-loads.tsx';
import { WaitingLoads } from './waiting-loads.tsx';
import { WaitingPlans } from './waiting-plans.tsx';
import { useRowPaste } from '../../wizard/use-row-paste.ts';
import { plural } from '../../../shared/text/counts.ts';
import { hostNoticeText } from '../../../shared/text/host-notice-text.ts';

interface Props {
  readonly failure: Failure | null;
  readonly orgs: readonly OrgSummary[];
  readonly chooseFile: () => void;
  readonly openSource: (ready: Promise<SourceId | null>) => Promise<void>;
  /** Opens a file for its own sake, also while one is asked for. */
  readonly openRecent: (sourceId: SourceId) => void;
  readonly connect: (start?: 'practice') => void;
  /** Goes to the merging of duplicates in the org that is chosen; null without one. */
  readonly merge: (() => void) | null;
  /** What the load lacks that was to be run again. */
  readonly missing: MissingForLoad | null;
  readonly dismissMissing: () => void;
  readonly runAgain: (load: LoadSnapshot) => void;
  readonly openPlan: (plan: PlanNote) => void;
  readonly openLoad: (loadId: LoadId, step: 'load' | 'report') => void;
}

/** The drop zone, what was opened and loaded before, and anything that wants resuming. */
export function HomeScreen(props: Props) {
  const { failure, orgs, chooseFile, openSource, connect, missing, openLoad } = props;
  const backend = useBackend();
  const info = useCall('app.info', {});
  const recent = useCall('source.recent', {});
  const loads = useCall('load.list', {});
  const damaged = useCall('load.damaged', {});
  // Whoever has opened a file before knows where to drop one.
  const isKnown = (recent.data?.length ?? 0) > 0 || (loads.data?.length ?? 0) > 0;
  const paused = loads.data?.filter(({ state }) => state.kind === 'paused') ?? [];
  const others = loads.data?.filter(({ state }) => state.kind !== 'paused') ?? [];
  useLoadsOfOthers(others.some(({ state }) => state.kind !== 'finished'));
  const paste = useCallback(
    (text: string) => void openSource(backend.call('source.paste', { text })),
    [backend, openSource],
  );
  useRowPaste(paste);

  return (
    <div className="home">
      {failure && <FailurePanel failure={failure} />}
      {missing && (missing.what === 'file' || !orgs.some(({ orgId }) => orgId === missing.load.orgId)) && (
        <MissingNotice
          missing={missing}
          chooseFile={chooseFile}
          connect={() => connect()}
          dismiss={props.dismissMissing}
        />
      )}
      <WaitingLoads loads={paused} damaged={damaged.data ?? []} open={(loadId) => openLoad(loadId, 'load')} />
      <div className="drop" data-small={isKnown}>
        <FileUp size={isKnown ? 24 : 44} aria-hidden />
        <strong>Drop a CSV anywhere in this window</strong>
        <p>
          You can also drop a workbook, JSON, a zipped file, or several files with the same columns, or paste rows from
          a spreadsheet.
        </p>
        <p>Nothing is sent to Salesforce until you have seen what would change.</p>
        <Button data-primary size="md" onClick={chooseFile}>
          Choose a file
        </Button>
      </div>
      <section className="panel" aria-labelledby="home-org">
        <Group justify="space-between">
          <div>
            <h2 id="home-org">{orgs.length === 0 ? 'No Salesforce account?' : plural(orgs.length, 'connected org')}</h2>
            <p className="lead">
              {orgs.length === 0
                ? 'The practice org is a local Salesforce with a few thousand records. Try everything. Nothing leaves this computer.'
                : orgs.map((org) => `${org.name} (${org.username}: ${sessionText(org)})`).join(', ')}
            </p>
            {info.data?.notices.map((notice) => (
              <p className="lead" role="status" key={notice.code}>
                {hostNoticeText(notice)}
              </p>
            ))}
            {info.data?.secretStore === 'memory' && orgs.length > 0 && (
              <p className="lead">
                No keychain is responding on this computer, so you need to sign in again after a restart.
              </p>
            )}
          </div>
          <Group gap="sm">
            {orgs.length === 0 && (
              <Button leftSection={<FlaskConical size={16} aria-hidden />} onClick={() => connect('practice')}>
                Use the practice org
              </Button>
            )}
            {props.merge && (
              <Button variant="default" leftSection={<Merge size={16} aria-hidden />} onClick={props.merge}>
                Merge duplicates in the org
              </Button>
            )}
            <Button variant="default" onClick={() => connect()}>
              {orgs.length === 0 ? 'Connect an org' : 'Manage orgs'}
            </Button>
          </Group>
        </Group>
      </section>
      <WaitingPlans orgs={orgs} open={props.openPlan} />
      {(recent.data?.length ?? 0) > 0 && (
        <section className="panel" aria-labelledby="home-recent">
          <h2 id="home-recent">Recent files</h2>
          <table className="list">
            <tbody>
              {recent.data?.map((source) => (
                <tr key={source.sourceId}>
                  <td>
                    {source.fileName}
                    {source.changedOnDisk && (
                      <div className="reason tone" data-tone="warning">
                        changed since it was read
                      </div>
                    )}
                  </td>
                  <td className="sample">
                    {source.state.kind === 'staged' ? plural(source.state.rows, 'row') : ''} ·{' '}
                    {plural(source.columns.length, 'column')}
                  </td>
                  <td style={{ textAlign: 'right' }}>
                    <Button size="compact-sm" variant="subtle" onClick={() => props.openRecent(source.sourceId)}>
                      Open {source.fileName}
                    </Button>
                  </td>
                </tr>
              ))}
            </tbody>
          </table>
        </section>
      )}
      {others.length > 0 && <RecentLoads loads={others} openLoad={openLoad} runAgain={props.runAgain} />}
    </div>
  );
}

/** Between two looks at loads that run, in milliseconds. */
const LOOK_EVERY = 3000;

/** Loads of this process tell of themselves; those that another window or the command line runs are looked at. */
function useLoadsOfOthers(runs: boolean): void {
  const cache = useQueryClient();
  useEffect(() => {
    if (!runs) return;
    const timer = setInterval(() => void cache.invalidateQueries({ queryKey: ['load.list'] }), LOOK_EVERY);
    return () => clearInterval(timer);
  }, [runs, cache]);
}
