import { changesOf } from '../../../../shared/domain/confirmation.ts';
import type { JobGuards } from '../../../../shared/domain/job-guards.ts';
import type { PlanCounts } from '../../../../shared/domain/load-plan.ts';
import type { Run, RunHold } from '../../../../shared/domain/run.ts';

/** Runs that tell what is usual: the last so many, and no fewer than that. */
const LATEST = 10;
const FEWEST = 3;
/** So many changes are never too many: a job that mostly finds nothing to do would be held by any. */
const FEW_CHANGES = 100;

/** The runs that did all that they were to do, the latest first. */
function done(before: readonly Run[]): Run[] {
  return before
    .filter(({ dry, state }) => !dry && state.kind === 'ended' && state.how !== 'unknown' && state.how !== 'shown')
    .sort((one, other) => other.startedAt - one.startedAt);
}

/** Whether the file has far fewer rows than that of the last run that was done: it may be half a file. Pure. */
export function shrunk(rows: number, { shrunkPercent }: JobGuards, before: readonly Run[]): RunHold[] {
  const had = done(before).find(({ source }) => source !== null)?.source?.rows ?? 0;
  const isShrunk = shrunkPercent !== null && rows < had * (1 - shrunkPercent / 100);
  return isShrunk ? [{ code: 'SOURCE_SHRUNK', rows, had }] : [];
}

/** Whether a plan changes far more than the job's runs usually do. Pure. */
export function manyChanges(counts: PlanCounts, { changesTimes }: JobGuards, before: readonly Run[]): RunHold[] {
  const latest = done(before).flatMap(({ plan }) => (plan ? [changesOf(plan.counts)] : []));
  const usual = median(latest.slice(0, LATEST));
  const changes = changesOf(counts);
  if (changesTimes === null || usual === null || changes <= Math.max(FEW_CHANGES, usual * changesTimes)) return [];
  return [{ code: 'CHANGES_MANY', changes, usual }];
}

/** Null of too few to tell anything. */
function median(numbers: readonly number[]): number | null {
  if (numbers.length < FEWEST) return null;
  const sorted = numbers.toSorted((one, other) => one - other);
  const [low = 0, high = 0] = [sorted[Math.ceil(sorted.length / 2) - 1], sorted[Math.floor(sorted.length / 2)]];
  return (low + high) / 2;
}

/** Whether a plan deletes too much; `records` has the object, null where the org doesn't say. What isn't known is no reason to delete. Pure. */
export function manyDeletes(
  { delete: deletes }: Pick<PlanCounts, 'delete'>,
  { deletes: most, deletesPercent }: JobGuards,
  records: number | null,
): RunHold[] {
  if (deletes === 0) return [];
  const isShare = deletesPercent !== null && (records === null || deletes * 100 > records * deletesPercent);
  return isShare || (most !== null && deletes > most) ? [{ code: 'DELETES_MANY', deletes, records }] : [];
}
