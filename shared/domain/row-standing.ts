import type { CheckReport } from './field-issue.ts';
import type { LoadPlan } from './load-plan.ts';

/** How the rows of a file stand before they are loaded. The four add up to its rows. */
export interface RowStanding {
  /** Would be compared with the org and, if anything is to change, sent. */
  readonly ready: number;
  /** Another row stands for these. */
  readonly repeated: number;
  readonly leftOut: number;
  /** Stay home until something is mended: here, in the file or in the org. */
  readonly toFix: number;
  /** Those of `toFix` that only the org can tell of; null while it was not asked. */
  readonly byOrg: number | null;
}

/**
 * The one count of rows that rail, checks and plan show. The checks know the file; once there is a plan, it knows the org as well
 * and holds back the same rows, and perhaps more.
 */
export function rowStanding(
  checks: Pick<CheckReport, 'rowsReady' | 'rowsRepeated' | 'rowsBlocked' | 'rowsLeftOut'>,
  plan: Pick<LoadPlan, 'counts' | 'leftOut'> | null,
): RowStanding {
  const { rowsReady, rowsRepeated, rowsBlocked, rowsLeftOut } = checks;
  if (plan === null) {
    return {
      ready: rowsReady,
      repeated: rowsRepeated,
      leftOut: rowsLeftOut,
      toFix: rowsBlocked - rowsLeftOut,
      byOrg: null,
    };
  }
  const { insert, update, delete: removed, unchanged, duplicate, blocked } = plan.counts;
  const toFix = blocked - rowsLeftOut - plan.leftOut.rows;
  return {
    ready: insert + update + removed + unchanged,
    repeated: duplicate,
    leftOut: rowsLeftOut + plan.leftOut.rows,
    toFix,
    byOrg: toFix - (rowsBlocked - rowsLeftOut),
  };
}
