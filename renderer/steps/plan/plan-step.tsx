import { Button, Group } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import type { Input } from '../../../shared/contract/procedures.ts';
import { changesOf } from '../../../shared/domain/confirmation.ts';
import { removes } from '../../../shared/domain/field-mapping.ts';
import { decidedUpdates, type LoadPlan } from '../../../shared/domain/load-plan.ts';
import { askForLoad } from '../../backend/ask-for-load.ts';
import { failureOf, useBackend, useWork } from '../../backend/backend-context.tsx';
import { useCommand } from '../../backend/commands.tsx';
import type { Progress } from '../../backend/progress.ts';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { Warning } from '../../components/outcome.tsx';
import { Waiting } from '../../components/waiting.tsx';
import { FetchedNote, useFetchAgain } from './fetched-note.tsx';
import { isConfirmed, LoadConfirmation } from './load-confirmation.tsx';
import { PlanDriftNotice } from './plan-drift.tsx';
import { PlanForecast } from './plan-forecast.tsx';
import { PlanReview } from './plan-review.tsx';
import { StartFailure } from './start-failure.tsx';
import { useIsReadOnly } from '../../settings/use-is-read-only.ts';
import { timeOfDay } from '../../settings/moments.ts';
import { planInput } from '../../wizard/plan-input.ts';
import type { StepProps } from '../../wizard/use-load-parts.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { OPERATION_WORD } from '../../../shared/text/load-title.ts';

/** Exactly what would change, before anything does. */
export function PlanStep({ draft, dispatch, parts, org, nonce }: StepProps) {
  const backend = useBackend();
  const cache = useQueryClient();
  const work = useWork(draft.sourceId);
  const [confirmation, setConfirmation] = useState('');
  const { plan } = parts;
  const isReadOnly = useIsReadOnly(org);
  const start = useMutation({
    mutationFn: ({ reviewed, acceptApiUse }: { reviewed: LoadPlan; acceptApiUse: boolean }) => {
      const { planId, planDigest } = reviewed;
      return askForLoad(cache, null, () =>
        backend.call('load.start', { planId, planDigest, confirmation, acceptApiUse }),
      );
    },
    onSuccess: (load) => {
      dispatch({ kind: 'load-started', loadId: load.loadId });
      // A plan is loaded once: coming back to this step means reviewing a new one.
      cache.removeQueries({ queryKey: ['plan.build'] });
      // It waits no longer.
      cache.removeQueries({ queryKey: ['plan.list'] });
    },
  });

  const { sourceId, orgId, mapping } = draft;
  const accept = useMutation({
    mutationFn: (input: Input<'plan.build'>) => backend.call('plan.build', { ...input, acceptChangedFile: true }),
    onSuccess: (built, input) => cache.setQueryData(['plan.build', input], built),
  });

  const input = sourceId && orgId && mapping ? planInput({ sourceId, orgId, mapping }) : null;
  const fetchAgain = useFetchAgain(input, plan.data);

  const changes = plan.data ? changesOf(plan.data.counts) : 0;
  const confirmed =
    plan.data !== undefined &&
    !isReadOnly &&
    isConfirmed(plan.data.counts, org, confirmation, plan.data.mapping.operation);
  const begin = (acceptApiUse: boolean) => plan.data && start.mutate({ reviewed: plan.data, acceptApiUse });
  const isShown = plan.error === null || accept.isPending;
  useCommand('start-load', confirmed && isShown && !start.isPending ? () => begin(false) : null);

  if (plan.error && !accept.isPending) {
    const failure = failureOf(accept.error ?? plan.error);
    const again = () => {
      accept.reset();
      void plan.refetch();
    };
    // A session that has ended is signed in to in place, by the panel itself, and the plan is then built anew.
    const action =
      failure.code === 'ORG_SESSION_EXPIRED'
        ? undefined
        : failure.code === 'FILE_CHANGED_WHILE_READ' && sourceId && orgId && mapping
          ? { label: 'Plan with these rows', run: () => accept.mutate(planInput({ sourceId, orgId, mapping })) }
          : { label: 'Build the plan again', run: again };
    return (
      <div className="step">
        <h2>Plan</h2>
        <FailurePanel failure={failure} action={action} />
      </div>
    );
  }
  if (!plan.data || fetchAgain.isPending) {
    const stop = () => {
      fetchAgain.stop();
      void cache.cancelQueries({ queryKey: ['plan.build'] });
      dispatch({ kind: 'go', place: { kind: 'step', step: 'checks' } });
    };
    return (
      <Waiting
        title={`Comparing with ${org?.name ?? 'the org'}`}
        action={
          <Button variant="default" onClick={stop}>
            Stop
          </Button>
        }
      >
        {progressText(work)}
      </Waiting>
    );
  }
  const { counts } = plan.data;

  return (
    <>
      <div className="step">
        <header>
          <div>
            <h2>{titleOf(plan.data, parts.describe?.labelPlural ?? plan.data.mapping.objectName)}</h2>
            <p className="lead">{comparedText(plan.data, org?.name ?? 'the org')}</p>
            {input && <FetchedNote fetched={plan.data.fetched} carried={plan.data.carried} again={fetchAgain.begin} />}
          </div>
        </header>
        {fetchAgain.failure && (
          <FailurePanel failure={fetchAgain.failure} action={{ label: 'Keep this plan', run: fetchAgain.forgive }} />
        )}
        {draft.reopened === plan.data.planId && <PlanDriftNotice planId={plan.data.planId} describe={parts.describe} />}
        {start.error && (
          <StartFailure
            failure={failureOf(start.error)}
            plan={plan.data}
            describe={parts.describe}
            again={() => {
              start.reset();
              fetchAgain.begin();
            }}
            accept={() => begin(true)}
          />
        )}
        {isReadOnly && (
          <Warning
            tone="blocked"
            action={
              <Button
                size="compact-xs"
                variant="default"
                onClick={() => dispatch({ kind: 'go', place: { kind: 'org', then: draft.place } })}
              >
                About this org
              </Button>
            }
          >
            {org?.name} is read-only in Longshore, so you can’t load there.
          </Warning>
        )}
        {parts.source?.changedOnDisk && (
          <Warning
            tone="warning"
            action={
              <Button
                size="compact-xs"
                variant="default"
                onClick={() => dispatch({ kind: 'go', place: { kind: 'step', step: 'source' } })}
              >
                See the source
              </Button>
            }
          >
            The file has changed since it was read. This load uses the rows as they were read.
          </Warning>
        )}
        {changes > 0 && <PlanForecast plan={plan.data} />}
        <PlanReview
          plan={plan.data}
          input={input}
          describe={parts.describe}
          nonce={nonce}
          openMerge={(mergeId) => dispatch({ kind: 'go', place: { kind: 'merge', mergeId, from: draft.place } })}
        />
      </div>
      <div className="actions">
        <Button variant="subtle" onClick={() => dispatch({ kind: 'go', place: { kind: 'step', step: 'checks' } })}>
          Back
        </Button>
        <Group>
          {org && changes > 0 && !isReadOnly && (
            <LoadConfirmation
              counts={counts}
              operation={plan.data.mapping.operation}
              org={org}
              value={confirmation}
              change={setConfirmation}
              enter={() => begin(false)}
            />
          )}
          <Button
            data-primary="focus"
            color={counts.delete > 0 ? 'red' : undefined}
            disabled={!confirmed}
            loading={start.isPending}
            onClick={() => begin(false)}
          >
            {counts.delete > 0
              ? `${OPERATION_WORD[plan.data.mapping.operation]} ${plural(counts.delete, 'record')}`
              : `Load ${plural(changes, 'change')}`}
          </Button>
        </Group>
      </div>
    </>
  );
}

function titleOf({ counts, mapping }: LoadPlan, labelPlural: string): string {
  const changes = changesOf(counts);
  if (changes === 0) return 'Nothing would change';
  if (counts.undelete > 0) return `Bring ${plural(changes, 'record')} of ${labelPlural} back from the Recycle Bin`;
  return counts.delete > 0
    ? `${OPERATION_WORD[mapping.operation]} ${plural(changes, 'record')} from ${labelPlural}`
    : `${plural(changes, 'change')} to ${labelPlural}`;
}

/** An insert that looks nothing up compares nothing. */
function comparedText(plan: LoadPlan, orgName: string): string {
  const { mapping, fetched, currentRecordsFetchedAt } = plan;
  const decided = decidedUpdates(plan) + plan.decided.unchanged;
  if (mapping.operation === 'insert')
    return decided === 0
      ? `Every row would be a new record in ${orgName}. Nothing is written yet.`
      : `Every row would be a new record in ${orgName}, but for ${plural(decided, 'row')} that you have decided to be a record there. Nothing is written yet.`;
  // Where records were fetched, the line below says when that ended: two times a few seconds apart would only raise questions.
  const isToldBelow = fetched !== null && fetched.way !== 'none';
  const at = isToldBelow ? '' : ` at ${timeOfDay(currentRecordsFetchedAt)}`;
  const compared = `Compared with ${orgName}${at}. Nothing is written yet.`;
  return removes(mapping.operation) ? compared : `${compared} Unchanged rows are not sent.`;
}

function progressText(work: Progress | undefined): string {
  const pace = work?.rate ? `, ${number(Math.round(work.rate))}/s` : '';
  if (work?.stage === 'fetching')
    return work.done ? `Fetched ${number(work.done)} current records${pace}…` : 'Fetching the current records…';
  if (work?.stage === 'comparing') return 'Comparing every row…';
  if (work?.stage === 'checking' && work.total)
    return `Checking column ${number(Math.min(work.done + 1, work.total))} of ${number(work.total)}…`;
  return 'Checking every value…';
}
