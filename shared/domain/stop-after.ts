import type { StopAfter } from './field-mapping.ts';
import { failedUntold, processedIn } from './load-progress.ts';
import type { LoadSnapshot } from './load-results.ts';

/** A share says little of a few rows. */
const LEAST_ROWS = 100;

/**
 * Rows that failed so far. Those of jobs at work are what these count; of jobs that have ended, and of sObject Collections, they are those
 * with an outcome, so that a row that was locked and is sent once more counts until it is saved.
 */
export function failedSoFar({ jobs, counts }: Pick<LoadSnapshot, 'jobs' | 'counts'>): number {
  return counts.failed + failedUntold({ jobs });
}

/** Whether a load is to stop for the rows that failed: how many these are, and of how many; null while it isn't. */
export function stoppedBy(
  stopAfter: StopAfter | undefined,
  load: Pick<LoadSnapshot, 'jobs' | 'counts'>,
): { readonly failed: number; readonly processed: number } | null {
  if (!stopAfter) return null;
  // Rows of collections are counted here and there; what these say themselves is there at once.
  const ofCollections = load.jobs.filter(({ jobId, again }) => jobId === null && again !== true);
  const answered = ofCollections.reduce((sum, job) => sum + job.failed, 0);
  const failed = Math.max(failedSoFar(load), answered);
  const processed = Math.max(failed, processedIn(load.jobs));
  const isEnough =
    'failures' in stopAfter
      ? failed >= stopAfter.failures
      : processed >= LEAST_ROWS && (failed * 100) / processed >= stopAfter.percent;
  return isEnough ? { failed, processed } : null;
}
