import type { FieldIssue } from '../../../shared/domain/field-issue.ts';
import {
  bulkHeader,
  mappedColumns,
  matchColumn,
  sentColumns,
  type FieldMapping,
  type MappedColumn,
} from '../../../shared/domain/field-mapping.ts';
import {
  PlannedRow,
  type ChangeFilter,
  type LoadPlan,
  type PlannedKind,
  type PlanSort,
} from '../../../shared/domain/load-plan.ts';
import { textOf, type SqlRow } from '../staging/staging-functions.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, cell, orgText, sent, tablesOf } from '../tables/tables.ts';
import { blockingIssues } from '../validation/row-reasons.ts';
import { FIRST_SHOWN } from './shown-fields.ts';

/** Which rows of a plan are wanted, and in what order. */
export interface PlanView {
  readonly kind: PlannedKind | null;
  /** A text that any mapped cell of the row contains. */
  readonly search: string;
  readonly change?: ChangeFilter | undefined;
  readonly sort?: PlanSort | undefined;
}

/** Rows of `planned`, as `p`, that are wanted, and the values of the condition's placeholders. */
export function wantedRows(
  { planId, mapping }: LoadPlan,
  { kind, search, change }: PlanView,
): { from: string; values: string[] } {
  const tables = tablesOf(planId);
  const where: string[] = [];
  const values: string[] = [];
  if (kind !== null) {
    where.push('p.kind = ?');
    values.push(kind);
  }
  if (change) {
    const n = columnOf(mapping, change.field)?.column ?? -1;
    const list = change.how === 'any' || change.how === 'changed' ? 'changed' : change.how;
    where.push(`p.kind = 'update' AND list_contains(p.${list}, ${n})`);
    if (change.how === 'changed')
      where.push(`NOT list_contains(p.filled, ${n}) AND NOT list_contains(p.cleared, ${n})`);
  }
  if (search !== '') {
    const cells = mappedColumns(mapping).map(({ column }) => `s.${cell(column)}`);
    const holds = `contains(lower(concat_ws(chr(31), ${cells.join(', ')})), lower(?))`;
    where.push(`p.row_number IN (SELECT row_number FROM ${tables.staged} s WHERE ${holds})`);
    values.push(search);
  }
  return { from: `FROM ${tables.planned} p ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}`, values };
}

export function columnOf(mapping: FieldMapping, field: string): MappedColumn | undefined {
  return sentColumns(mapping).find(({ target }) => bulkHeader(target) === field);
}

/** What the wanted rows are joined with to be sorted, and by what: numbers before texts, and blanks last either way. */
function orderOf({ planId, mapping }: LoadPlan, sort: PlanSort | undefined): { join: string; order: string } {
  const direction = sort?.descending === true ? 'DESC' : 'ASC';
  const column = sort && sort.field !== null ? columnOf(mapping, sort.field) : undefined;
  if (!column) return { join: '', order: `row_number ${direction}` };
  const value = `SELECT row_number, nullif(${canonical(column.column)}, '') AS text FROM ${tablesOf(planId).mapped}`;
  return {
    join: `LEFT JOIN (${value}) USING (row_number)`,
    order: `try_cast(text AS DOUBLE) ${direction} NULLS LAST, text ${direction} NULLS LAST, row_number`,
  };
}

/** A page of the plan. */
export async function planPage(
  staging: Pick<StagingSql, 'query'>,
  plan: LoadPlan,
  view: PlanView,
  offset: number,
  limit: number,
): Promise<{ rows: PlannedRow[]; total: number }> {
  const { planId, mapping } = plan;
  const tables = tablesOf(planId);
  // Which rows, before what is in them: whole rows of millions are never put beside one another.
  const { from, values } = wantedRows(plan, view);
  const { join, order } = orderOf(plan, view.sort);
  const [counted] = await staging.query(`SELECT count(*) AS n ${from}`, values);
  const found = await staging.query(
    `SELECT row_number FROM (SELECT p.row_number ${from}) ${join} ORDER BY ${order} LIMIT ${limit} OFFSET ${offset}`,
    values,
  );
  const numbers = found.map((row) => Number(row['row_number']));
  if (numbers.length === 0) return { rows: [], total: Number(counted?.['n'] ?? 0) };
  const inPage = `row_number IN (${numbers.join(',')})`;
  const page = await staging.query(
    `SELECT p.row_number, p.kind, p.id, p.of_row, p.decision, array_to_string(p.changed, ',') AS changed_list, s.* EXCLUDE (row_number)
     FROM ${tables.planned} p JOIN ${tables.staged} s USING (row_number) WHERE p.${inPage} AND s.${inPage}`,
  );
  const places = new Map(numbers.map((number, place) => [number, place]));
  const placeOf = (row: SqlRow) => places.get(Number(row['row_number'])) ?? 0;
  page.sort((one, other) => placeOf(one) - placeOf(other));
  const byRow = (rows: SqlRow[]) => new Map(rows.map((row) => [Number(row['row_number']), row]));
  const mapped = byRow(await staging.query(`SELECT * FROM ${tables.mapped} WHERE ${inPage}`));
  // An insert asks for no records, and has no table of them.
  const records = page.some((row) => row['kind'] === 'update' || row['kind'] === 'delete')
    ? await staging.query(
        `SELECT p.row_number, c.* FROM ${tables.planned} p JOIN ${tables.currentRecord} c ON c.id = p.id WHERE p.${inPage} AND p.kind IN ('update', 'delete')`,
      )
    : [];
  const current = byRow(records);
  const issues = await blockingIssues(staging, planId, mapping, inPage);
  const rows = page.map((row) =>
    toPlannedRow(row, plan, mapped.get(Number(row['row_number'])), current.get(Number(row['row_number'])), issues),
  );
  return { rows, total: Number(counted?.['n'] ?? 0) };
}

/** What a cell is sent as; an Id that was found, behind the text in the file that it was found by. */
function shownValue({ column, target }: MappedColumn, row: SqlRow, mapped: SqlRow | undefined): string {
  const api = textOf(mapped, sent(column));
  if (target.kind !== 'found' || api === '' || api === '#N/A') return api;
  const written = textOf(row, cell(column)).trim();
  return written === '' || api.startsWith(written.slice(0, 15)) ? api : `${written} (${api})`;
}

function toPlannedRow(
  row: SqlRow,
  { mapping, shownFields }: LoadPlan,
  mapped: SqlRow | undefined,
  current: SqlRow | undefined,
  issues: Map<number, FieldIssue[]>,
): PlannedRow {
  const number = Number(row['row_number']);
  const keyColumn = matchColumn(mapping) ?? mappedColumns(mapping)[0];
  const key = keyColumn ? textOf(row, cell(keyColumn.column)) : '';
  const kind = textOf(row, 'kind');
  const changed = textOf(row, 'changed_list').split(',').filter(Boolean).map(Number);
  const columns = mappedColumns(mapping);
  return PlannedRow.parse({
    kind,
    row: number,
    key,
    id: textOf(row, 'id'),
    of: Number(row['of_row'] ?? 0),
    decision: textOf(row, 'decision'),
    issues: issues.get(number) ?? [],
    values: (kind === 'delete'
      ? shownFields.map((field, index) => ({ field, value: textOf(current, orgText(FIRST_SHOWN + index)) }))
      : columns.map((column) => ({ field: bulkHeader(column.target), value: shownValue(column, row, mapped) }))
    ).filter(({ value }) => value !== ''),
    changes: columns
      .filter(({ column }) => changed.includes(column))
      .map((column) => {
        const cleared = textOf(mapped, sent(column.column)) === '#N/A';
        return {
          field: bulkHeader(column.target),
          old: textOf(current, orgText(column.column)),
          new: cleared ? '' : shownValue(column, row, mapped),
          cleared,
        };
      }),
  });
}
