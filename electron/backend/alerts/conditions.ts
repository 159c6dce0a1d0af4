import type { AlertCondition, JobAlert } from '../../../shared/domain/alert.ts';
import { USUAL_GUARDS } from '../../../shared/domain/job-guards.ts';
import type { Job } from '../../../shared/domain/job.ts';
import type { OutcomeCounts } from '../../../shared/domain/load-results.ts';
import type { Run, RunHold } from '../../../shared/domain/run.ts';
import { hasFailed } from '../runs/guards/failed-runs.ts';

/** What holds a run because it is far from what is usual. */
const DEVIATIONS: ReadonlySet<RunHold['code']> = new Set<RunHold['code']>([
  'SOURCE_EMPTY',
  'SOURCE_SHRUNK',
  'CHANGES_MANY',
  'DELETES_MANY',
]);

/** What is to be told of a run that has come to something; null of one that tells nothing. Pure. */
export function conditionsOf(job: Job, alert: JobAlert, run: Run): AlertCondition[] | null {
  const { state, counts, dry } = run;
  if (dry) return null;
  switch (state.kind) {
    case 'failed':
      return ['failed'];
    case 'held': {
      const deviates = state.holds.some(({ code }) => DEVIATIONS.has(code));
      return deviates ? ['held', 'deviation'] : ['held'];
    }
    case 'ended': {
      if (state.how === 'shown' || state.how === 'same-rows') return null;
      if (state.how === 'unknown') return ['failed'];
      const found: AlertCondition[] = [];
      if (hasFailed(run, { ...USUAL_GUARDS, ...job.definition.guards })) found.push('failed');
      if (counts !== null && areTooMany(counts, alert)) found.push('rows-failed');
      return found;
    }
    default:
      return null;
  }
}

function areTooMany(counts: OutcomeCounts, { failedRows, failedPercent }: JobAlert): boolean {
  const { failed, created, updated, deleted, undeleted, incomplete } = counts;
  if (failed === 0) return false;
  if (failedRows === undefined && failedPercent === undefined) return true;
  const share = (failed * 100) / (failed + created + updated + deleted + undeleted + incomplete);
  return (failedRows !== undefined && failed >= failedRows) || (failedPercent !== undefined && share > failedPercent);
}

/** Whether no run has gone well for so long; one that never did counts from when the job was made. Pure. */
export function lacksSuccess(
  { createdAt, paused }: Job,
  { noSuccessHours }: JobAlert,
  last: number | null,
  now: number,
): boolean {
  return !paused && noSuccessHours !== undefined && now - (last ?? createdAt) > noSuccessHours * 3_600_000;
}
