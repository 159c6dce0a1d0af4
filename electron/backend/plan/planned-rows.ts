import type { FieldIssue } from '../../../shared/domain/field-issue.ts';
import {
  bulkHeader,
  expectedColumns,
  mappedColumns,
  matchColumn,
  sentColumns,
  type MappedColumn,
} from '../../../shared/domain/field-mapping.ts';
import { PlannedRow, type LoadPlan } from '../../../shared/domain/load-plan.ts';
import { textOf, type SqlRow } from '../staging/staging-functions.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { quoteText } from '../tables/quote.ts';
import { cell, CHANGED_BY, orgText, sent, storedName, TABLE_NAMES, tablesOf } from '../tables/tables.ts';
import { blockingIssues } from '../validation/row-reasons.ts';
import { DECIDED } from './decided-rows.ts';
import { FIRST_SHOWN } from './shown-fields.ts';

/** Rows of a plan by their numbers, in the order of these, with what would change or why they are not sent. */
export async function plannedRows(
  staging: Pick<StagingSql, 'query'>,
  plan: LoadPlan,
  numbers: readonly number[],
): Promise<PlannedRow[]> {
  if (numbers.length === 0) return [];
  const { planId, mapping, shownFields } = plan;
  const tables = tablesOf(planId);
  const inPage = amongSql(numbers);
  const page = await rowsOfPage(staging, plan, inPage);
  const places = new Map(numbers.map((number, place) => [number, place]));
  const placeOf = (row: SqlRow) => places.get(Number(row['row_number'])) ?? 0;
  page.sort((one, other) => placeOf(one) - placeOf(other));
  const isDecided = (row: SqlRow) => row['decision'] === DECIDED;
  // An insert asks for no records, and has no table of them.
  const isShown = (row: SqlRow) => !isDecided(row) && (row['kind'] === 'update' || row['kind'] === 'delete');
  const recordsOf = async (table: string, rows: readonly SqlRow[]) => {
    if (rows.length === 0) return new Map<string, SqlRow>();
    const ids = rows.map((row) => quoteText(textOf(row, 'id')));
    // Of what stays as it is no old value is shown.
    const old = new Set([...rows.flatMap(changedIn), ...shownFields.map((_field, index) => FIRST_SHOWN + index)]);
    const columns = ['id', 'stamp', CHANGED_BY, ...[...old].map(orgText)];
    const found = await staging.query(
      `SELECT COLUMNS('^(${columns.join('|')})$') FROM ${table} WHERE id IN (${ids.join(',')})`,
    );
    return new Map(found.map((record) => [textOf(record, 'id'), record]));
  };
  const isSent = ({ kind }: SqlRow) => kind === 'insert' || kind === 'update';
  // What does not hang on one another is asked at the same time: rows that lie anywhere are fetched by one thread each.
  const [records, decided, cells, mapped, later, kept, issues] = await Promise.all([
    recordsOf(tables.named(storedName(TABLE_NAMES.currentRecord)), page.filter(isShown)),
    recordsOf(tables.decidedRecord, page.filter(isDecided)),
    cellsOfPage(staging, plan, inPage),
    sentOfPage(staging, plan, page.filter(isSent)),
    staging.query(
      `SELECT row_number, source_column, value FROM ${tables.laterCell} WHERE ${inPage} ORDER BY source_column`,
    ),
    expectedColumns(mapping).length > 0
      ? staging.query(`SELECT row_number, source_column, now FROM ${tables.keptCell} WHERE ${inPage}`)
      : [],
    blockingIssues(staging, planId, mapping, inPage),
  ]);
  return page.map((planned) => {
    const number = Number(planned['row_number']);
    const row = { ...planned, ...cells.get(number) };
    const second = later.filter((one) => Number(one['row_number']) === number);
    const whole = withLater(mapped.get(number), second);
    const keeps = kept.filter((one) => Number(one['row_number']) === number);
    const laterColumns = new Set(second.map((one) => Number(one['source_column'])));
    const id = textOf(row, 'id');
    const current = isDecided(row) ? decided.get(id) : isShown(row) ? records.get(id) : undefined;
    return toPlannedRow(row, plan, { mapped: whole, current, later: laterColumns, keeps }, issues);
  });
}

/** The rows of `planned`. */
async function rowsOfPage(staging: Pick<StagingSql, 'query'>, { planId }: LoadPlan, inPage: string): Promise<SqlRow[]> {
  const { planned, rowDecision } = tablesOf(planId);
  return staging.query(
    `SELECT row_number, kind, id, of_row, decision, array_to_string(changed, ',') AS changed_list,
       row_number IN (SELECT row_number FROM ${rowDecision} WHERE decision <> 'skip') AS resembles,
       row_number IN (SELECT row_number FROM ${rowDecision} WHERE decision = 'merge') AS merges
     FROM ${planned} WHERE ${inPage}`,
  );
}

/** The columns that a row changes. */
function changedIn(row: SqlRow): number[] {
  return textOf(row, 'changed_list').split(',').filter(Boolean).map(Number);
}

/** Those of the file's own cells that are shown beside what is sent. */
async function cellsOfPage(
  staging: Pick<StagingSql, 'query'>,
  { planId, mapping }: LoadPlan,
  inPage: string,
): Promise<ReadonlyMap<number, SqlRow>> {
  const columns = mappedColumns(mapping);
  const keyColumn = matchColumn(mapping) ?? columns[0];
  const cells = columns.filter((column) => column === keyColumn || column.target.kind === 'found');
  const names = ['row_number', ...new Set(cells.map(({ column }) => cell(column)))];
  return byNumber(await staging.query(`SELECT ${names.join(', ')} FROM ${tablesOf(planId).staged} WHERE ${inPage}`));
}

/** What those rows send whose values are shown. */
async function sentOfPage(
  staging: Pick<StagingSql, 'query'>,
  { planId, mapping }: LoadPlan,
  shown: readonly SqlRow[],
): Promise<ReadonlyMap<number, SqlRow>> {
  if (shown.length === 0) return new Map();
  const inPage = amongSql(shown.map((row) => Number(row['row_number'])));
  const names = ['row_number', ...new Set(sentColumns(mapping).map(({ column }) => sent(column)))];
  return byNumber(await staging.query(`SELECT ${names.join(', ')} FROM ${tablesOf(planId).mapped} WHERE ${inPage}`));
}

function byNumber(rows: readonly SqlRow[]): ReadonlyMap<number, SqlRow> {
  return new Map(rows.map((row) => [Number(row['row_number']), row]));
}

/** Few rows, and few records, are found by the tables' indexes (validation/mapped-view.ts), and only their own cells are read. */
function amongSql(numbers: readonly number[]): string {
  return `row_number IN (${numbers.join(',')})`;
}

/** What is sent of a row in both steps. */
function withLater(mapped: SqlRow | undefined, later: readonly SqlRow[]): SqlRow | undefined {
  if (!mapped) return undefined;
  const whole: SqlRow = { ...mapped };
  for (const one of later) whole[sent(Number(one['source_column']))] = textOf(one, 'value');
  return whole;
}

/** What belongs to a planned row: what it sends, the record that it is for, the columns it sends in a second step, and what it keeps. */
interface Beside {
  readonly mapped: SqlRow | undefined;
  readonly current: SqlRow | undefined;
  readonly later: ReadonlySet<number>;
  readonly keeps: readonly SqlRow[];
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
  { mapped, current, later, keeps }: Beside,
  issues: Map<number, FieldIssue[]>,
): PlannedRow {
  const number = Number(row['row_number']);
  const keyColumn = matchColumn(mapping) ?? mappedColumns(mapping)[0];
  const key = keyColumn ? textOf(row, cell(keyColumn.column)) : '';
  const kind = textOf(row, 'kind');
  const changed = changedIn(row);
  const columns = mappedColumns(mapping);
  return PlannedRow.parse({
    kind,
    row: number,
    key,
    id: textOf(row, 'id'),
    of: Number(row['of_row'] ?? 0),
    decision: textOf(row, 'decision'),
    issues: issues.get(number) ?? [],
    resembles: row['resembles'],
    merges: row['merges'],
    later: columns.filter(({ column }) => later.has(column)).map(({ target }) => bulkHeader(target)),
    values: (kind === 'delete'
      ? shownFields.map((field, index) => ({ field, value: textOf(current, orgText(FIRST_SHOWN + index)) }))
      : columns.map((column) => ({ field: bulkHeader(column.target), value: shownValue(column, row, mapped) }))
    ).filter(({ value }) => value !== ''),
    kept: keeps.flatMap((one) => {
      const column = columns.find((candidate) => candidate.column === Number(one['source_column']));
      const when = { changedAt: textOf(current, 'stamp'), by: textOf(current, CHANGED_BY) };
      return column ? [{ field: bulkHeader(column.target), now: textOf(one, 'now'), ...when }] : [];
    }),
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
