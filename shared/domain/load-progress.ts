import type { JobProgress, LoadSnapshot } from './load-results.ts';

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
  const processed = loads.reduce((sum, { jobs }) => sum + processedIn(jobs), 0);
  const toProcess = loads.reduce((sum, { rowsToSend, secondStepRows }) => sum + rowsToSend + secondStepRows, 0);
  return { processed, toProcess, share: toProcess === 0 ? 0 : Math.min(1, processed / toProcess) };
}

/** Rows that Salesforce has worked on in jobs; those that are sent again after they failed are not counted again. */
export function processedIn(jobs: readonly JobProgress[]): number {
  return jobs.reduce((sum, { again, processed }) => (again === true ? sum : sum + processed), 0);
}

/**
 * Failed rows of jobs at work, as those count them: reconciled, they are among the load's own counts, and without a job always. So are rows
 * that are sent again, until they are saved.
 */
export function failedUntold({ jobs }: Pick<LoadSnapshot, 'jobs'>): number {
  const untold = jobs.filter(({ state, jobId, again }) => jobId !== null && state !== 'Reconciled' && again !== true);
  return untold.reduce((sum, { failed }) => sum + failed, 0);
}
