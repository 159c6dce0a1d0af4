import type { LoadSnapshot } from './load-results.ts';

/** How far Salesforce has come with what a load sends it. */
export interface LoadProgress {
  /** Rows that Salesforce has worked on, failed ones among them; those of a second step are counted once more. */
  readonly processed: number;
  readonly toProcess: number;
  /** From 0 to 1. */
  readonly share: number;
}

/** Of one load, or of several together. */
export function loadProgress(
  ...loads: readonly Pick<LoadSnapshot, 'jobs' | 'rowsToSend' | 'secondStepRows'>[]
): LoadProgress {
  const jobs = loads.flatMap((load) => load.jobs);
  const processed = jobs.reduce((sum, job) => sum + job.processed, 0);
  const toProcess = loads.reduce((sum, { rowsToSend, secondStepRows }) => sum + rowsToSend + secondStepRows, 0);
  return { processed, toProcess, share: toProcess === 0 ? 0 : Math.min(1, processed / toProcess) };
}

/** Failed rows of jobs at work, as those count them: reconciled, they are among the load's own counts, and without a job always. */
export function failedUntold({ jobs }: Pick<LoadSnapshot, 'jobs'>): number {
  const untold = jobs.filter(({ state, jobId }) => jobId !== null && state !== 'Reconciled');
  return untold.reduce((sum, { failed }) => sum + failed, 0);
}
