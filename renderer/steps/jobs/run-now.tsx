import { Button, Group } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { canBeApproved, goneDueAfter, type Run } from '../../../shared/domain/run.ts';
import { plural } from '../../../shared/text/counts.ts';
import { runHoldText, runStateText } from '../../../shared/text/job-text.ts';
import { plannedSumText } from '../../../shared/text/row-group-text.ts';
import { failureOf, useBackend, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import type { JobProps } from './job-line.tsx';

/**
 * Runs a job by hand: looks at its file and at the org, and loads what is planned; or only shows what it would do. What wants a yes before
 * it is loaded is held, and shown as such.
 */
export function RunNow({ job, org, openLoad }: Pick<JobProps, 'job' | 'org' | 'openLoad'>) {
  const backend = useBackend();
  const cache = useQueryClient();
  const { jobId } = job;
  const latest = useCall('run.list', { jobId }).data?.runs[0];
  const settled = () =>
    Promise.all(['run.list', 'plan.list'].map((name) => cache.invalidateQueries({ queryKey: [name] })));
  const run = useMutation({
    mutationFn: async ({ dry, part }: { dry: boolean; part?: 'gone' }) => {
      const asked = { jobId, dry, part, orgId: org?.orgId, evenPaused: true };
      const prepared = (await backend.call('run.prepare', asked)).run;
      const { state, plan, runId } = prepared;
      if (dry || state.kind !== 'planned' || plan === null) return prepared;
      const { load } = await backend.call('run.load', { runId, planDigest: plan.planDigest });
      openLoad(load.loadId, 'load');
      return prepared;
    },
    onSettled: settled,
  });
  const resume = useMutation({
    mutationFn: async ({ loadId }: Run) => {
      if (loadId === null) return;
      await backend.call('load.resume', { loadId });
      openLoad(loadId, 'load');
    },
    onSettled: settled,
  });
  // Of a sync: what comes after its rows.
  const goneDue = latest ? goneDueAfter(latest) : 0;
  const error = run.error ?? resume.error;
  const failure = error ? failureOf(error) : null;
  const interrupted = run.data?.state.kind === 'loading' && run.data.loadId !== null ? run.data : null;
  return (
    <>
      <Group gap="xs" mt="sm">
        <Button
          size="compact-sm"
          disabled={org === null || run.isPending}
          loading={run.isPending && !run.variables.dry && !run.variables.part}
          onClick={() => run.mutate({ dry: false })}
        >
          Run now
        </Button>
        <Button
          size="compact-sm"
          variant="default"
          disabled={org === null || run.isPending}
          loading={run.isPending && run.variables.dry}
          onClick={() => run.mutate({ dry: true })}
        >
          Show what it would do
        </Button>
        {goneDue > 0 && (
          <Button
            size="compact-sm"
            variant="default"
            disabled={org === null || run.isPending}
            loading={run.isPending && run.variables.part === 'gone'}
            onClick={() => run.mutate({ dry: false, part: 'gone' })}
          >
            Run for {plural(goneDue, 'record')} whose rows are gone
          </Button>
        )}
        {run.isPending && latest && (
          <span className="reason" role="status">
            {runStateText(latest)}
          </span>
        )}
      </Group>
      {run.data && !run.isPending && !interrupted && !canBeApproved(run.data) && <Prepared run={run.data} />}
      {interrupted && (
        <div className="notice" data-tone="warning" role="status">
          <span>The last run was interrupted while it loaded. It is continued first; then run the job again.</span>
          <Button
            size="compact-sm"
            variant="default"
            loading={resume.isPending}
            onClick={() => resume.mutate(interrupted)}
          >
            Continue it
          </Button>
        </div>
      )}
      {failure && failure.code !== 'CONFIRMATION_NEEDED' && <FailurePanel failure={failure} />}
    </>
  );
}

/** What a run has come to before its load. */
function Prepared({ run }: { readonly run: Run }) {
  const { state, plan, newColumns } = run;
  const holds = state.kind === 'held' ? state.holds : [];
  return (
    <div className="reason whole" role="status">
      <p>
        {runStateText(run)}
        {plan && `: ${plannedSumText(plan.counts)}`}
      </p>
      {holds.map((hold) => (
        <p key={runHoldText(hold)}>{runHoldText(hold)}</p>
      ))}
      {newColumns.length > 0 && (
        <p>The job doesn’t know these columns, so they are not loaded: {newColumns.join(', ')}</p>
      )}
    </div>
  );
}
