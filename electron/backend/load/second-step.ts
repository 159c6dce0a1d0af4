import { bulkHeader, sentColumns, type FieldMapping, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { fieldNamed } from '../../../shared/domain/sobject.ts';
import { hasTables } from '../plan/has-tables.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { quoteText } from '../tables/quote.ts';
import {
  canonical,
  createTable,
  LATER_MOVED,
  LATER_ROW,
  LEVEL,
  mappedShape,
  orgCanonical,
  OUTCOME,
  sent,
  SUBMISSION,
  TABLE_NAMES,
  tablesOf,
} from '../tables/tables.ts';
import { writeParts, type WrittenPart } from './write-parts.ts';
import { planWay } from '../../../shared/domain/confirmation.ts';

/** Outcomes of rows that have a record. */
const SAVED = "('created', 'updated')";
/** What the error of a row begins with that was not given a lookup. */
const NOT_SET = 'LOOKUP_NOT_SET';

function laterColumns({ mapping, secondStep }: LoadPlan): MappedColumn[] {
  const fields = new Set(secondStep?.fields.map(({ field }) => field));
  return sentColumns(mapping).filter(({ target }) => fields.has(bulkHeader(target)));
}

/**
 * What the second step sends: an update of the record that each row has by now, whatever the first step was, with the Ids of the
 * records that it names. By its Id no record is made twice, and none is taken for another.
 */
export function secondMapping(plan: LoadPlan): FieldMapping {
  const columns = laterColumns(plan).map((column) => asField(column, column.target.field));
  const ofId = Math.max(-1, ...plan.mapping.columns.map(({ column }) => column)) + 1;
  const id = asField({ column: ofId, reason: 'chosen', format: {}, replacements: {}, fixes: [] }, 'Id');
  return { ...plan.mapping, operation: 'update', matchField: 'Id', blankValues: 'leave', columns: [id, ...columns] };
}

function asField(column: Omit<MappedColumn, 'target'>, field: string): MappedColumn {
  return { ...column, target: { kind: 'field', field } };
}

/**
 * Rows that have a record and name one that was saved, or that needs no change, as SQL over the cell `l`, the outcome `o`, and that of
 * the row that is named, `p`.
 */
function givableSql(saved: string): string {
  return `o.kind IN ${saved} AND o.id <> '' AND (p.kind IN ${saved} OR p.kind = 'unchanged') AND p.id <> ''`;
}

/** What became of rows that others name: of those that need no change the plan knows the record, before the load has its outcome. */
function namedSql({ outcome, planned }: ReturnType<typeof tablesOf>): string {
  return `(SELECT row_number, kind, id FROM ${outcome} WHERE kind <> 'unchanged'
    UNION ALL SELECT row_number, kind, id FROM ${planned} WHERE kind = 'unchanged')`;
}

/** Rows of a finished load that its second step can be tried for once more: not those that somebody has changed since. */
export async function countRetried(staging: Pick<StagingSql, 'query'>, { plan }: StoredPlan): Promise<number> {
  if (plan.secondStep === null) return 0;
  const tables = tablesOf(plan.planId);
  const { laterCell, outcome, laterOutcome, laterMoved } = tables;
  // A load of an earlier version has no such table.
  const knowsMoved = await hasTables(staging, plan.planId, TABLE_NAMES.laterMoved);
  const isOpen = knowsMoved ? `l.row_number NOT IN (SELECT row_number FROM ${laterMoved})` : 'true';
  const [found] = await staging.query(
    `SELECT count(DISTINCT l.row_number) AS n FROM ${laterCell} l JOIN ${outcome} o ON o.row_number = l.row_number
     JOIN ${namedSql(tables)} p ON p.row_number = l.of_row LEFT JOIN ${laterOutcome} s ON s.row_number = l.row_number
     WHERE ${givableSql("('created', 'updated', 'incomplete')")} AND coalesce(s.kind, '') <> 'updated' AND ${isOpen}`,
  );
  return Number(found?.['n'] ?? 0);
}

/**
 * Makes of incomplete rows again what the first step made of them, as their error tells it, and keeps of the second step only what
 * became of rows that were given all they could be. Done twice it comes to the same.
 */
function takeBackSql({ outcome, laterOutcome }: ReturnType<typeof tablesOf>): string {
  return `UPDATE ${outcome} SET error = '', kind = CASE WHEN starts_with(error, '${NOT_SET}: Created') THEN 'created' ELSE 'updated' END
     WHERE kind = 'incomplete';
     ${createTable(laterOutcome, OUTCOME, 'keep')}; DELETE FROM ${laterOutcome} WHERE kind <> 'updated'`;
}

/**
 * Writes the parts of the second step, numbered `after` those there are, of the rows that have a record and name one that was saved;
 * `again`, only of those that were not updated by it yet, nor changed by somebody since, which `noteMoved` notes in `later_moved`. None if no row is to be given anything. Called again before they were sent
 * it comes to the same.
 */
export async function writeSecondStep(
  staging: StagingSql,
  plan: LoadPlan,
  folder: string,
  after: number,
  again: boolean,
  noteMoved: () => Promise<void>,
): Promise<WrittenPart[]> {
  if (plan.secondStep === null) return [];
  const { planId, jobBytes } = plan;
  const mapping = secondMapping(plan);
  const [id, ...columns] = sentColumns(mapping).map(({ column }) => column);
  const tables = tablesOf(planId);
  const { laterCell, outcome, laterRow, laterMapped, laterRecord, laterLevel, laterSubmission } = tables;
  const { laterOutcome, laterMoved } = tables;
  const given = (column: number) => `coalesce(max(p.id) FILTER (l.source_column = ${column}), '')`;
  const cells = columns.flatMap((column) => [
    `${given(column)} AS ${sent(column)}`,
    `${given(column)} AS ${canonical(column)}`,
  ]);
  const names = ['row_number', ...[id ?? 0, ...columns].flatMap((column) => [sent(column), canonical(column)])];
  await staging.run(
    `${createTable(laterRow, LATER_ROW)}; ${createTable(laterLevel, LEVEL)}; ${createTable(laterSubmission, SUBMISSION)}; ${createTable(laterMoved, LATER_MOVED)};
     ${again ? takeBackSql(tables) : createTable(laterOutcome, OUTCOME)}; ${createTable(laterMapped, mappedShape([id ?? 0, ...columns]))};
     INSERT INTO ${laterMapped} (${names.join(', ')})
     SELECT l.row_number, any_value(o.id), any_value(o.id), ${cells.join(', ')}
     FROM ${laterCell} l JOIN ${outcome} o ON o.row_number = l.row_number JOIN ${namedSql(tables)} p ON p.row_number = l.of_row
     WHERE ${givableSql(SAVED)} AND l.row_number NOT IN (SELECT row_number FROM ${laterOutcome}) GROUP BY l.row_number`,
  );
  if (again) await noteMoved();
  await staging.run(
    `DELETE FROM ${laterMapped} WHERE row_number IN (SELECT row_number FROM ${laterMoved});
     INSERT INTO ${laterRow} SELECT row_number, 'update', ${sent(id ?? 0)} FROM ${laterMapped};
     CREATE OR REPLACE TABLE ${laterRecord} AS
     SELECT id${columns.map((column) => `, '' AS ${orgCanonical(column)}`).join('')} FROM ${laterRow}`,
  );
  return writeParts(staging, planId, mapping, folder, jobBytes, {
    way: planWay(plan),
    step: 'second',
    after,
    decided: null,
    describe: null,
  });
}

/** Why a row was not given a lookup, as SQL over its cell `l`, the parent's outcome `p`, that of the second step `s`, and `later_moved` as `v`. */
function reasonSql(cancelled: boolean): string {
  const ended = quoteText(`the load ${cancelled ? 'was cancelled' : 'ended'} before its second step`);
  return `CASE WHEN v.row_number IS NOT NULL THEN 'somebody changed the record after the load'
    WHEN p.row_number IS NULL OR p.kind IN ('skipped', 'repeated', 'leftOut', 'unprocessed') THEN 'row ' || l.of_row || ', which it names, was not sent'
    WHEN p.kind = 'failed' THEN 'row ' || l.of_row || ', which it names, failed'
    WHEN p.kind = 'unknown' OR p.id = '' THEN 'what became of row ' || l.of_row || ', which it names, is not known'
    WHEN o.id = '' THEN 'the Id of its own record is not known'
    WHEN s.kind = 'failed' AND starts_with(s.error, 'Longshore:') THEN 'no result came of it, and the record does not show it'
    WHEN s.kind = 'failed' THEN 'Salesforce refused it: ' || s.error
    WHEN s.kind = 'unprocessed' THEN 'Salesforce did not come to it'
    WHEN s.kind = 'unknown' THEN 'no result came of it: look whether it is set'
    ELSE ${ended} END`;
}

/**
 * Makes one outcome of both steps of a row: one that has its record, but not each lookup that was to be given to it, is `incomplete`
 * and says which and why (LOOKUP_NOT_SET). Rows that never were in two steps stay as they are.
 */
export async function tellSecondStep(
  staging: StagingSql,
  { plan, describe }: StoredPlan,
  cancelled: boolean,
): Promise<void> {
  if (plan.secondStep === null) return;
  const tables = tablesOf(plan.planId);
  const { laterCell, outcome, laterOutcome, laterMoved } = tables;
  const labels = laterColumns(plan).map(
    ({ column, target }) =>
      `WHEN ${column} THEN ${quoteText(fieldNamed(describe, target.field)?.label ?? target.field)}`,
  );
  const label = `CASE l.source_column ${labels.join(' ')} ELSE '' END`;
  await staging.run(
    `${createTable(laterOutcome, OUTCOME, 'keep')}; ${createTable(laterMoved, LATER_MOVED, 'keep')};
     UPDATE ${outcome} SET kind = 'incomplete', error = t.error FROM (
       SELECT l.row_number, '${NOT_SET}: ' || CASE any_value(o.kind) WHEN 'created' THEN 'Created' ELSE 'Updated' END || '; '
         || string_agg(${label} || ' was not set, because ' || ${reasonSql(cancelled)}, '; ' ORDER BY l.source_column) AS error
       FROM ${laterCell} l JOIN ${outcome} o ON o.row_number = l.row_number
       LEFT JOIN ${namedSql(tables)} p ON p.row_number = l.of_row LEFT JOIN ${laterOutcome} s ON s.row_number = l.row_number
       LEFT JOIN ${laterMoved} v ON v.row_number = l.row_number
       WHERE o.kind IN ${SAVED} AND NOT (coalesce(s.kind, '') = 'updated' AND coalesce(p.kind, '') IN ('created', 'updated', 'incomplete', 'unchanged') AND coalesce(p.id, '') <> '')
       GROUP BY l.row_number) t
     WHERE ${outcome}.row_number = t.row_number`,
  );
}
