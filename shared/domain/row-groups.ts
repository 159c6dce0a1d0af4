import type { CheckReport } from './field-issue.ts';
import type { PlanCounts, PlannedKind } from './load-plan.ts';
import { totalOf, type LoadSnapshot, type OutcomeCounts, type OutcomeKind, type ReportFile } from './load-results.ts';

/**
 * What the rows of a file are counted by, in every step, in the window, on the command line and in `--json`. At each step every row
 * is in exactly one group, and a group means the same rows wherever it is named.
 *
 * - before the org is asked: `ready`, or one of the three below
 * - in a plan: `create`, `update`, `delete`, `undelete`, `unchanged`, or one of the three
 * - in a load: `created`, `updated`, `deleted`, `undeleted`, `unchanged`, `incomplete` (saved, but
 *   without a lookup that was to be given in a second step), `failed` (the org refused it), `unprocessed` (the org was never given it, or
 *   never took it up), `unknown`, `toCome` (sent, or about to be), or one of the three
 *
 * The three: `repeated` (another row stands for it), `leftOut` (by a person's choice, or a policy of the mapping's) and `notSent` (held back for a problem).
 */
export type RowGroup =
  | 'ready'
  | 'create'
  | 'update'
  | 'delete'
  | 'undelete'
  | 'created'
  | 'updated'
  | 'deleted'
  | 'undeleted'
  | 'unchanged'
  | 'incomplete'
  | 'failed'
  | 'unprocessed'
  | 'unknown'
  | 'toCome'
  | 'repeated'
  | 'leftOut'
  | 'notSent';

export type CheckedGroups = Record<'ready' | 'repeated' | 'leftOut' | 'notSent', number>;
export type PlannedGroups = Record<(typeof PLANNED_GROUP)[PlannedKind], number>;
export type LoadedGroups = Record<(typeof OUTCOME_GROUP)[OutcomeKind] | 'toCome', number>;

/** The group of a row by what is planned for it. */
export const PLANNED_GROUP = {
  insert: 'create',
  update: 'update',
  delete: 'delete',
  undelete: 'undelete',
  unchanged: 'unchanged',
  duplicate: 'repeated',
  leftOut: 'leftOut',
  blocked: 'notSent',
} as const satisfies Record<PlannedKind, RowGroup>;

/** The group of a row by what became of it. */
export const OUTCOME_GROUP = {
  created: 'created',
  updated: 'updated',
  deleted: 'deleted',
  undeleted: 'undeleted',
  unchanged: 'unchanged',
  incomplete: 'incomplete',
  failed: 'failed',
  unprocessed: 'unprocessed',
  unknown: 'unknown',
  repeated: 'repeated',
  leftOut: 'leftOut',
  skipped: 'notSent',
} as const satisfies Record<OutcomeKind, RowGroup>;

/** The outcomes whose rows each result file holds: each is in one of them. */
export const FILE_OUTCOMES = {
  success: ['created', 'updated', 'deleted', 'undeleted'],
  // Incomplete rows have their record and are to be fixed all the same: by their `sf__Id` they are not taken for new ones.
  error: ['failed', 'incomplete', 'skipped', 'unknown'],
  unprocessed: ['unprocessed'],
  // What was decided and is not wrong: nothing of these was to be sent.
  unchanged: ['unchanged', 'repeated', 'leftOut'],
} as const satisfies Record<ReportFile, readonly OutcomeKind[]>;

type CheckedRows = Pick<CheckReport, 'rowsReady' | 'rowsRepeated' | 'rowsBlocked' | 'rowsLeftOut'>;

/**
 * The rows of a file before they are loaded. The checks know the file; once there is a plan it knows the org as well, and moves rows
 * that are ready or repeated to those that are not sent.
 */
export function checkedGroups(checks: CheckedRows, plan: PlanCounts | null): CheckedGroups {
  if (plan === null) {
    const { rowsReady: ready, rowsRepeated: repeated, rowsLeftOut: leftOut } = checks;
    return { ready, repeated, leftOut, notSent: checks.rowsBlocked - leftOut };
  }
  const { create, update, delete: removed, undelete, unchanged, repeated, leftOut, notSent } = plannedGroups(plan);
  return { ready: create + update + removed + undelete + unchanged, repeated, leftOut, notSent };
}

/** Of the rows that are not sent those that only the org could tell of. */
export function foundInOrg(checks: CheckedRows, plan: PlanCounts): number {
  return checkedGroups(checks, plan).notSent - checkedGroups(checks, null).notSent;
}

export function plannedGroups(counts: PlanCounts): PlannedGroups {
  const { insert: create, duplicate: repeated, blocked: notSent, update, undelete, unchanged, leftOut } = counts;
  return { create, update, delete: counts.delete, undelete, unchanged, repeated, leftOut, notSent };
}

/** The rows of a load, at work or ended. */
export function loadedGroups({ counts, rows }: Pick<LoadSnapshot, 'counts' | 'rows'>): LoadedGroups {
  const { skipped: notSent, repeated, leftOut, ...sent } = counts;
  return { ...sent, toCome: Math.max(0, rows - totalOf(counts)), repeated, leftOut, notSent };
}

/** Groups in their order with their rows; those without any left out. */
export function groupList(groups: Partial<Record<RowGroup, number>>): { group: RowGroup; rows: number }[] {
  return (Object.entries(groups) as [RowGroup, number][]).flatMap(([group, rows]) =>
    rows > 0 ? [{ group, rows }] : [],
  );
}

/** The rows that a result file holds. */
export function rowsInFile(counts: OutcomeCounts, file: ReportFile): number {
  return FILE_OUTCOMES[file].reduce((sum, kind) => sum + counts[kind], 0);
}

/** Rows whose record was made, changed, deleted or brought back; one that is incomplete has its record too. */
export function changedRecords(counts: OutcomeCounts): number {
  return rowsInFile(counts, 'success') + counts.incomplete;
}

/** The outcomes that a plan has decided: of these rows nothing is sent, and nothing more can become. */
export function decidedOutcomes(
  plan: PlanCounts,
): Pick<OutcomeCounts, 'unchanged' | 'repeated' | 'leftOut' | 'skipped'> {
  const { unchanged, duplicate: repeated, leftOut, blocked: skipped } = plan;
  return { unchanged, repeated, leftOut, skipped };
}
