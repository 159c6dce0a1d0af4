import type { PlanCounts } from './load-plan.ts';
import type { MergeCounts } from './merge.ts';

const NONE = { insert: 0, undelete: 0, unchanged: 0, duplicate: 0, leftOut: 0, blocked: 0 };

/** What a merge writes in a load's words: masters are updated, and losers deleted. */
export function writtenBy({ groups, leftOut, losers }: MergeCounts): PlanCounts {
  return { ...NONE, update: groups - leftOut, delete: losers };
}

/** What taking it back writes: masters and losers are updated, nothing is deleted. */
export function restoredBy({ merged, partly, losers }: MergeCounts): PlanCounts {
  return { ...NONE, update: merged + partly + losers, delete: 0 };
}
