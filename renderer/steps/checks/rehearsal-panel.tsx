import { Button, Group, SegmentedControl, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Ban, CheckCircle2, FlaskConical } from 'lucide-react';
import { useState } from 'react';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { SAMPLE_ROWS, type RehearsalReport } from '../../../shared/domain/rehearsal.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import {
  refusalPlaceText,
  rehearsalCaveatText,
  rehearsalCostText,
  rehearsalResultText,
  untriedText,
} from '../../../shared/text/rehearsal-text.ts';
import { failureOf, useBackend } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { useIsReadOnly } from '../../settings/use-is-read-only.ts';
import { Progress } from './org-progress.tsx';
import type { AskOrg } from './use-ask-org.ts';

interface Props {
  readonly sourceId: SourceId | null;
  readonly org: OrgSummary;
  readonly ask: AskOrg;
  readonly ready: number;
  /** Whether the rows say which records to delete. */
  readonly removes: boolean;
  readonly answered: (report: RehearsalReport) => void;
}

interface Tried {
  readonly sample: boolean;
  readonly acceptApiUse: boolean;
}

/** Rows sent to the org and taken back, so that its rules and triggers speak before the load. */
export function RehearsalPanel({ sourceId, org, ask, ready, removes, answered }: Props) {
  const backend = useBackend();
  const { inOrg, stop } = ask;
  const isReadOnly = useIsReadOnly(org);
  const [sample, setSample] = useState(true);
  const [confirmation, setConfirmation] = useState('');
  const rehearse = useMutation({
    mutationFn: (tried: Tried) =>
      inOrg(({ planId, planDigest }, signal) =>
        backend.call('rehearsal.run', { planId, planDigest, confirmation, ...tried }, { signal }),
      ),
    onSuccess: (report) => report && answered(report),
  });
  const failure = rehearse.error ? failureOf(rehearse.error) : null;
  const isProduction = org.kind === 'production';
  return (
    <section className="panel" aria-labelledby="rehearsal-title">
      <h3 id="rehearsal-title">Try rows in {org.name}</h3>
      <p className="lead">
        {rehearsalCaveatText(removes)}
        <br />
        {rehearsalCostText(ready, sample)}
      </p>
      <Group mt="sm" gap="sm" align="flex-end">
        <SegmentedControl
          size="sm"
          aria-label="Which rows to try"
          disabled={rehearse.isPending}
          value={sample ? 'sample' : 'all'}
          data={[
            { value: 'sample', label: `Up to ${number(SAMPLE_ROWS)} rows` },
            { value: 'all', label: 'All rows' },
          ]}
          onChange={(value) => setSample(value === 'sample')}
        />
        {isProduction && (
          <TextInput
            label={`Type “${org.name}” to try rows in production`}
            autoComplete="off"
            spellCheck={false}
            value={confirmation}
            onChange={(event) => setConfirmation(event.currentTarget.value)}
          />
        )}
        {rehearse.isPending ? (
          <Button variant="default" onClick={stop}>
            Stop
          </Button>
        ) : (
          <Button
            variant="default"
            leftSection={<FlaskConical size={16} aria-hidden />}
            disabled={isReadOnly || (isProduction && confirmation.trim() === '')}
            onClick={() => rehearse.mutate({ sample, acceptApiUse: false })}
          >
            {sample ? 'Try a sample' : 'Try all rows'}
          </Button>
        )}
      </Group>
      {isReadOnly && <p className="lead">This org is read-only in Longshore, so rows can’t be tried there.</p>}
      {rehearse.isPending && <Progress sourceId={sourceId} />}
      {failure && failure.code !== 'CANCELLED' && (
        <FailurePanel
          failure={failure}
          action={
            failure.code === 'API_BUDGET'
              ? { label: 'Try them anyway', run: () => rehearse.mutate({ sample, acceptApiUse: true }) }
              : undefined
          }
        />
      )}
      {rehearse.data && <Result report={rehearse.data} removes={removes} />}
    </section>
  );
}

function Result({ report, removes }: { readonly report: RehearsalReport; readonly removes: boolean }) {
  const { refused, unsettled, untried, refusals, moreRefusals } = report;
  const isFine = refused + unsettled === 0;
  const Icon = isFine ? CheckCircle2 : Ban;
  return (
    <>
      <div className="notice answer" data-tone={isFine ? 'create' : 'blocked'} role="status">
        <Icon size={16} aria-hidden />
        <span>{rehearsalResultText(report, removes)}</span>
      </div>
      {untried > 0 && <p className="lead">{untriedText(untried)}</p>}
      {refusals.map((refusal) => (
        <div key={`${refusal.statusCode} ${refusal.message} ${refusal.fields.join()}`} className="fix">
          <div className="grow">
            <div>{refusal.message}</div>
            <div className="reason">{refusalPlaceText(refusal)}</div>
          </div>
        </div>
      ))}
      {moreRefusals > 0 && <p className="lead">And {plural(moreRefusals, 'row')} rejected for other reasons.</p>}
    </>
  );
}
