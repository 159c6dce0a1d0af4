import { Button, Group, SegmentedControl, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { Ban, CheckCircle2, FlaskConical } from 'lucide-react';
import { useState } from 'react';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import { rehearsalCalls, SAMPLE_ROWS, type RehearsalReport } from '../../../shared/domain/rehearsal.ts';
import { number, plural } from '../../../shared/text/counts.ts';
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
}

interface Tried {
  readonly sample: boolean;
  readonly acceptApiUse: boolean;
}

/** Rows sent to the org and taken back, so that its rules and triggers speak before the load. */
export function RehearsalPanel({ sourceId, org, ask, ready }: Props) {
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
  });
  const most = sample ? Math.min(ready, SAMPLE_ROWS) : ready;
  const failure = rehearse.error ? failureOf(rehearse.error) : null;
  const isProduction = org.kind === 'production';
  return (
    <section className="panel" aria-labelledby="rehearsal-title">
      <h3 id="rehearsal-title">Try rows in {org.name}</h3>
      <p className="lead">
        Sends rows to the org and takes all of them back, so that you see what its validation rules, triggers, and
        duplicate rules say before you load. No record stays. What stays: API calls, numbers that auto-number fields use
        up, and events that a trigger publishes at once.
        <br />
        Up to {plural(most, 'row')} in about {plural(rehearsalCalls(most), 'API call')}, and more if rows are rejected.
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
      {rehearse.data && <Result report={rehearse.data} />}
    </section>
  );
}

function Result({ report }: { readonly report: RehearsalReport }) {
  const { tried, passed, refused, unsettled, untried, calls, refusals, moreRefusals } = report;
  const isFine = refused + unsettled === 0;
  const Icon = isFine ? CheckCircle2 : Ban;
  return (
    <>
      <div className="notice answer" data-tone={isFine ? 'create' : 'blocked'} role="status">
        <Icon size={16} aria-hidden />
        <span>
          {isFine
            ? `The org would accept all ${plural(tried, 'row')} that you tried.`
            : `Of ${plural(tried, 'row')} that you tried, the org would accept ${number(passed)} and reject ${number(refused)}.`}
          {unsettled > 0 && ` For ${plural(unsettled, 'row')}, the result is unknown.`} All were taken back.{' '}
          {plural(calls, 'API call')}.
        </span>
      </div>
      {untried > 0 && (
        <p className="lead">
          {plural(untried, 'row')} can’t be tried: {untried === 1 ? 'its parent is' : 'their parents are'} in this file
          and not in the org yet.
        </p>
      )}
      {refusals.map(({ statusCode, message, fields, rows, examples }) => (
        <div key={`${statusCode} ${message} ${fields.join()}`} className="fix">
          <div className="grow">
            <div>{message}</div>
            <div className="reason">
              {statusCode}
              {fields.length > 0 ? ` · ${fields.join(', ')}` : ''} · {plural(rows, 'row')}:{' '}
              {examples.map(number).join(', ')}
              {rows > examples.length ? ' …' : ''}
            </div>
          </div>
        </div>
      ))}
      {moreRefusals > 0 && <p className="lead">And {plural(moreRefusals, 'row')} rejected for other reasons.</p>}
    </>
  );
}
