import { assertNever } from '../../../shared/domain/assert-never.ts';
import { bulkHeader, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import type { NotUndone, UndoWhat } from '../../../shared/domain/undo.ts';
import { foldKeySql } from '../match/match-sql.ts';
import { IS_DECIDED } from '../plan/decided-rows.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, orgText, parentId, tablesOf } from '../tables/tables.ts';
import { ruleField } from '../validation/rule-field.ts';
import { BINNED, THERE } from './with-deleted.ts';
import { changedColumns, changingRows, recreateCells } from './undo-columns.ts';

/** How `load/second-step.ts` begins what it says of a row that was created without one of its lookups. */
const CREATED_INCOMPLETE = "starts_with(o.error, 'LOOKUP_NOT_SET: Created')";
/** Rows that have a record which the load created or brought back, over an outcome `o`. */
const CREATED = `(o.id <> '' AND (o.kind IN ('created', 'undeleted') OR o.kind = 'incomplete' AND ${CREATED_INCOMPLETE}))`;
/** Rows that changed a record, or may have: whether they did, the record itself tells by what it holds. */
const CHANGED = `(p.kind = 'update' AND (o.kind IN ('updated', 'unknown') OR o.kind = 'incomplete' AND NOT ${CREATED_INCOMPLETE}))`;

/** How many rows each step of an undo has, and how many can't be taken back. */
export async function countUndo(
  staging: StagingSql,
  stored: StoredPlan,
  { deletes, hasBackup }: { readonly deletes: boolean; readonly hasBackup: boolean },
): Promise<{ steps: Record<UndoWhat, number>; notUndone: NotUndone[] }> {
  const { outcome, planned } = tablesOf(stored.plan.planId);
  const [counted] = await staging.query(
    `SELECT count(*) FILTER (${CREATED}) AS remove,
       count(*) FILTER (o.kind = 'unknown' AND p.kind <> 'update') AS unknown,
       count(*) FILTER (o.kind = 'updated' AND p.kind = 'insert') AS raced,
       count(*) FILTER (o.kind = 'deleted') AS deleted
     FROM ${outcome} o JOIN ${planned} p USING (row_number)`,
  );
  const setBack = selectSetBack(stored);
  const undelete = deletes ? await countRows(staging, selectUndelete(stored)) : 0;
  const recreate = deletes && hasBackup ? await countRows(staging, selectRecreate(stored)) : 0;
  const there = deletes ? await countRows(staging, `FROM ${tablesOf(stored.plan.planId).named(THERE)}`) : 0;
  const deleted = Number(counted?.['deleted'] ?? 0) - there - undelete - recreate;
  const reasons = (['unknown', 'raced'] as const).map((why) => ({ why, rows: Number(counted?.[why] ?? 0) }));
  return {
    steps: {
      'set-back': setBack === null ? 0 : await countRows(staging, setBack),
      remove: Number(counted?.['remove'] ?? 0),
      undelete,
      recreate,
    },
    notUndone: [...reasons, { why: 'deleted' as const, rows: deleted }].filter(({ rows }) => rows > 0),
  };
}

/** SQL for the rows of a step as its file has them, behind `row_number`; null where there are none. */
export function selectUndo(stored: StoredPlan, what: UndoWhat): string | null {
  switch (what) {
    case 'set-back':
      return selectSetBack(stored);
    case 'remove':
      return selectRemove(stored);
    case 'undelete':
      return selectUndelete(stored);
    case 'recreate':
      return selectRecreate(stored);
    default:
      return assertNever(what);
  }
}

async function countRows(staging: StagingSql, select: string): Promise<number> {
  const [counted] = await staging.query(`SELECT count(*) AS n FROM (${select})`);
  return Number(counted?.['n'] ?? 0);
}

/** Rows that deleted a record that lies in the Recycle Bin (`withDeleted`). */
function selectUndelete({ plan }: StoredPlan): string {
  const { outcome, planned, named } = tablesOf(plan.planId);
  return `SELECT o.row_number, p.id, o.row_number::VARCHAR AS row FROM ${outcome} o JOIN ${planned} p USING (row_number)
    SEMI JOIN ${named(BINNED)} g ON g.id = p.id WHERE o.kind = 'deleted'`;
}

/** Of rows whose deleted record can't come back (`withDeleted`) what the backup has of it. */
function selectRecreate(stored: StoredPlan): string {
  const { outcome, planned, backup, named } = tablesOf(stored.plan.planId);
  const cells = recreateCells(stored).map((name) => `, b.${name}`);
  return `SELECT o.row_number, p.id, o.row_number::VARCHAR AS row${cells.join('')}
    FROM ${outcome} o JOIN ${planned} p USING (row_number) JOIN ${backup} b ON b.id = p.id
    ANTI JOIN ${named(BINNED)} g ON g.id = p.id ANTI JOIN ${named(THERE)} t ON t.id = p.id WHERE o.kind = 'deleted'`;
}

function selectRemove({ plan }: StoredPlan): string {
  const { outcome } = tablesOf(plan.planId);
  return `SELECT o.row_number, o.id, o.row_number::VARCHAR AS row FROM ${outcome} o WHERE ${CREATED}`;
}

function selectSetBack(stored: StoredPlan): string | null {
  const { planId, secondStep } = stored.plan;
  const changed = changedColumns(stored);
  if (changed.length === 0) return null;
  const { outcome, planned, mapped, laterMapped, laterOutcome } = tablesOf(planId);
  const later =
    secondStep === null
      ? ''
      : `LEFT JOIN ${laterMapped} lm USING (row_number) LEFT JOIN ${laterOutcome} lo USING (row_number)`;
  const selects = changingRows(stored).map(({ step, columns }) => {
    const places = new Set(columns.map(({ column }) => column));
    const cells = changed.flatMap((column) =>
      places.has(column.column) ? setBackCells(column, stored) : blankCells(column),
    );
    return `SELECT row_number, p.id, row_number::VARCHAR AS row, ${cells.join(', ')}
       FROM ${outcome} o JOIN ${planned} p USING (row_number) JOIN ${mapped} m USING (row_number) ${later}
         JOIN ${tablesOf(planId, step).currentRecord} c ON c.id = p.id
       WHERE ${CHANGED} AND len(p.changed) > 0 AND ${IS_DECIDED} = ${step === 'decided'}`;
  });
  const isAny = changed.map(({ column }) => `held_${column} <> ''`).join(' OR ');
  return `SELECT * FROM (${selects.join(' UNION ALL ')}) WHERE ${isAny}`;
}

function blankCells({ column }: MappedColumn): string[] {
  return [`'' AS held_${column}`, `'' AS given_${column}`];
}

/** What a record held in a column's field, and what the load gave it; both blank where it gave nothing, also not in its second step. */
function setBackCells(column: MappedColumn, stored: StoredPlan): string[] {
  const place = column.column;
  const { planId, secondStep } = stored.plan;
  const inSecond = secondStep?.fields.some(({ field }) => field === bulkHeader(column.target)) === true;
  const isLater = inSecond
    ? `EXISTS (SELECT 1 FROM ${tablesOf(planId).laterCell} l WHERE l.row_number = p.row_number AND l.source_column = ${place})`
    : 'false';
  const isWritten = `(list_contains(p.changed, ${place}) AND (NOT ${isLater} OR ${inSecond ? "coalesce(lo.kind, '') = 'updated'" : 'true'}))`;
  const given = inSecond
    ? `CASE WHEN ${isLater} THEN lm.${canonical(place)} ELSE ${givenSql(column, stored)} END`
    : givenSql(column, stored);
  return [
    `CASE WHEN ${isWritten} THEN CASE WHEN ${heldSql(column)} = '' THEN '#N/A' ELSE ${heldSql(column)} END ELSE '' END AS held_${place}`,
    `CASE WHEN ${isWritten} THEN ${given} ELSE '' END AS given_${place}`,
  ];
}

/** What a record (`c`) held before the load: of a lookup the Id of its parent. */
function heldSql({ column, target }: MappedColumn): string {
  return `coalesce(c.${target.kind === 'lookup' && !target.polymorphic ? parentId(column) : orgText(column)}, '')`;
}

/** What the load gave it, in canonical form; of a lookup the Id of its parent. */
function givenSql(column: MappedColumn, { plan, describe, parents }: StoredPlan): string {
  const value = `m.${canonical(column.column)}`;
  if (column.target.kind !== 'lookup') return value;
  const byName = new Map(parents.map((parent) => [parent.name.toLowerCase(), parent]));
  const key = foldKeySql(value, ruleField(column, describe, byName));
  const { parent } = tablesOf(plan.planId);
  return `coalesce((SELECT min(p.id) FROM ${parent(column.column)} p WHERE p.k = ${key}), '')`;
}
