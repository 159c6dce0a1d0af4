import { USUAL_GUARDS } from '../../../shared/domain/job-guards.ts';
import type { Job } from '../../../shared/domain/job.ts';
import type { JobSchedule } from '../../../shared/domain/job-schedule.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { hasFailed } from '../runs/guards/failed-runs.ts';

/** The job that another one runs after, by its name in whatever case. */
export function jobBefore(
  jobs: readonly Job[],
  { job: name }: Extract<JobSchedule, { kind: 'after' }>,
): Job | undefined {
  return jobs.find(({ definition }) => definition.name.toLowerCase() === name.toLowerCase());
}

/** Whether jobs that run after one another lead from a job back to itself, or to others that do: none of them is ever begun so. Pure. */
export function isInCircle(jobs: readonly Job[], job: Job): boolean {
  const passed = new Set<string>();
  for (let one: Job | undefined = job; one;) {
    if (passed.has(one.jobId)) return true;
    passed.add(one.jobId);
    const { schedule }: Job['definition'] = one.definition;
    one = schedule?.kind === 'after' ? jobBefore(jobs, schedule) : undefined;
  }
  return false;
}

/** When a job's latest run ended that went well; null where none did. What was only planned, or held, is none. Pure. */
export function lastWell({ definition }: Job, runs: readonly Run[]): number | null {
  const guards = { ...USUAL_GUARDS, ...definition.guards };
  const ends = runs.flatMap((run) => {
    const { state, endedAt, dry } = run;
    const isDone = state.kind === 'ended' && state.how !== 'unknown' && state.how !== 'shown';
    return !dry && isDone && endedAt !== null && !hasFailed(run, guards) ? [endedAt] : [];
  });
  return ends.length === 0 ? null : Math.max(...ends);
}
