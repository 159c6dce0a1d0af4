import { Button, Group } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { Hand } from 'lucide-react';
import { useState } from 'react';
import { changesOf } from '../../../shared/domain/confirmation.ts';
import type { Failure } from '../../../shared/contract/failure.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { runHoldText } from '../../../shared/text/job-text.ts';
import { plannedSumText } from '../../../shared/text/row-group-text.ts';
import { failureOf, useBackend, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import { moment } from '../../settings/moments.ts';
import { isConfirmed, LoadConfirmation } from '../plan/load-confirmation.tsx';
import type { JobProps } from './job-line.tsx';

interface Props extends Pick<JobProps, 'job' | 'openLoad' | 'openPlan'> {
  readonly run: Run;
  readonly org: OrgSummary | null;
  /** Why what was asked last could not be done. */
  readonly failure: Failure | null;
  readonly failed: (failure: Failure | null) => void;
}

/** A run that waits for a yes or a no: why, what it would do, and the ways on. Nothing of it was sent. */
export function HeldRun({ run, org, failure, failed, job, openLoad, openPlan }: Props) {
  const backend = useBackend();
  const cache = useQueryClient();
  const [confirmation, setConfirmation] = useState('');
  const notes = useCall('plan.list', {});
  const { state, plan, runId } = run;
  const again = () =>
    Promise.all(
      ['run.list', 'job.list', 'schedule.list', 'plan.list'].map((name) =>
        cache.invalidateQueries({ queryKey: [name] }),
      ),
    );
  const heard = { onMutate: () => failed(null), onError: (error: Error) => failed(failureOf(error)), onSettled: again };
  const approve = useMutation({
    mutationFn: async (acceptApiUse: boolean) => {
      if (!plan) return null;
      const approved = await backend.call('run.approve', { runId, planDigest: plan.planDigest });
      // Where something has changed since, another run is held in its place.
      if (approved.run.state.kind !== 'planned' || !approved.run.plan) return null;
      const { planDigest } = approved.run.plan;
      return backend.call('run.load', { runId: approved.run.runId, planDigest, confirmation, acceptApiUse });
    },
    onSuccess: (started) => started && openLoad(started.load.loadId, 'load'),
    ...heard,
  });
  const reject = useMutation({ mutationFn: () => backend.call('run.reject', { runId }), ...heard });
  const pause = useMutation({ mutationFn: () => backend.call('job.pause', { jobId: job.jobId }), ...heard });
  if (state.kind !== 'held' || !plan) return null;
  const note = notes.data?.find(({ planId }) => planId === plan.planId);
  // A yes to a run that changes nothing only says that it was right.
  const isReady = changesOf(plan.counts) === 0 || isConfirmed(plan.counts, org, confirmation, run.operation);
  return (
    <section className="notice held-run" data-tone="warning" aria-label={`Held run of ${moment(run.startedAt)}`}>
      <Hand size={16} aria-hidden />
      <div className="grow">
        <strong>A run is held. Nothing was sent.</strong>
        <ul>
          {state.holds.map((hold) => (
            <li key={runHoldText(hold)}>{runHoldText(hold)}</li>
          ))}
        </ul>
        <p>
          {moment(run.startedAt)}: {plannedSumText(plan.counts)}
        </p>
        {org && (
          <LoadConfirmation
            counts={plan.counts}
            operation={run.operation}
            org={org}
            value={confirmation}
            change={setConfirmation}
            enter={() => approve.mutate(false)}
          />
        )}
        <Group gap="xs" mt="xs">
          <Button
            size="compact-sm"
            loading={approve.isPending}
            disabled={!isReady}
            onClick={() => approve.mutate(false)}
          >
            {changesOf(plan.counts) === 0 ? 'Approve' : 'Approve and load'}
          </Button>
          <Button size="compact-sm" variant="default" loading={reject.isPending} onClick={() => reject.mutate()}>
            Reject
          </Button>
          {!job.paused && (
            <Button size="compact-sm" variant="default" loading={pause.isPending} onClick={() => pause.mutate()}>
              Pause the job
            </Button>
          )}
          {note && (
            <Button size="compact-sm" variant="subtle" onClick={() => void openPlan(note)}>
              See every change
            </Button>
          )}
        </Group>
        {failure && (
          <FailurePanel
            failure={failure}
            action={
              failure.code === 'API_BUDGET' ? { label: 'Load anyway', run: () => approve.mutate(true) } : undefined
            }
          />
        )}
      </div>
    </section>
  );
}
