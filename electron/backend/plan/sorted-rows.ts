import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { FieldTypeName } from '../../../shared/domain/sobject.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import type { SqlValue } from '../staging/staging-functions.ts';
import { canonical, tablesOf } from '../tables/tables.ts';
import type { WantedRows } from './plan-view.ts';
import { blocksOf, countBlocksSql, spanOf } from './row-blocks.ts';
import type { ColumnRows, SortedColumns } from './sorted-columns.ts';
import { countBefore, divide, firstStretches, withinSql, type SortedValues, type Stretch } from './sorted-stretches.ts';
import { windowOf } from './sorted-window.ts';

/** A view's order, as far as it is known. */
export interface SortedView {
  /** One after the other; they are divided where they are looked at. */
  stretches: readonly Stretch[] | null;
  /** Where its values are kept, and by what name; null where they are found out each time. */
  readonly columns: SortedColumns | null;
  readonly key: string;
}

const LIMITS = {
  /** Of this many rows a page is found by sorting them. */
  sortedAtOnce: 40_000,
  /** A page this near to the beginning is found without knowing the whole order. */
  firstRows: 1000,
  parts: { fewest: 256, most: 1024, rows: 4000, lookedAt: 32 },
};

/** How a view is sorted: by which column of the file. How many rows the view has, and their numbers where they are few. */
interface Sort {
  readonly column: number;
  readonly descending: boolean;
  readonly total: number;
  readonly numbers?: readonly number[] | null;
  /** Of the column's field, where it is known. */
  readonly type?: FieldTypeName | null;
}

interface Sorting extends SortedValues {
  readonly total: number;
  readonly limits: typeof LIMITS;
}

/** By what rows are sorted: numbers before texts, and blanks last either way; of equal ones that which comes first in the file, however a number is written. */
function orderSql(descending: boolean): string {
  const direction = descending ? 'DESC' : 'ASC';
  return `number ${direction} NULLS LAST, text ${direction} NULLS LAST, row_number`;
}

/** Reading a text that is no number as one is dear, for there is an error to make for each: dates and phone numbers are told by a look. */
const MAY_BE_NUMBER =
  "text < ':' AND NOT contains(text, ' ') AND NOT contains(text, '_') AND (text < '.' OR NOT contains(text, '-') OR contains(lower(text), 'e'))";

/** What a field's values are: of a type that is not among these some may be numbers. */
const TYPES = new Map<FieldTypeName, 'numbers' | 'texts'>([
  ...(['int', 'long', 'double', 'currency', 'percent'] as const).map((type) => [type, 'numbers'] as const),
  ...(['boolean', 'date', 'datetime', 'time', 'email', 'phone', 'url', 'id', 'reference'] as const).map(
    (type) => [type, 'texts'] as const,
  ),
]);

function numberSql(type: FieldTypeName | null): string {
  const values = type && TYPES.get(type);
  if (values === 'texts') return 'NULL::DOUBLE';
  const number = 'try_cast(text AS DOUBLE)';
  return values === 'numbers' ? number : `CASE WHEN ${MAY_BE_NUMBER} THEN ${number} END`;
}

/** The rows of a view with their values: `row_number`, `number`, and `text` of those that are no number; NULL where there is none. */
function valuesOf(plan: LoadPlan, sort: Sort, wanted: WantedRows): ColumnRows {
  const { mapped, staged } = tablesOf(plan.planId);
  const { only, values } = onlySql(plan, sort, wanted);
  // What could not be read has no values.
  const sql = `SELECT row_number, CASE WHEN number IS NULL THEN text END AS text, number FROM (
      SELECT row_number, text, ${numberSql(sort.type ?? null)} AS number
      FROM (SELECT row_number, nullif(${canonical(sort.column)}, '') AS text FROM ${mapped} WHERE ${only}))
    UNION ALL SELECT row_number, NULL, NULL FROM ${staged} WHERE problem IS NOT NULL AND ${only}`;
  return { sql, values };
}

/** Which rows of the file a view has; where it has most of them, which others there are is the shorter list. */
function onlySql(
  { rows }: LoadPlan,
  { total, numbers }: Sort,
  { table, where, condition, values }: WantedRows,
): { only: string; values: readonly SqlValue[] } {
  if (numbers)
    return { only: "row_number IN (SELECT unnest(string_split($1, ','))::INTEGER)", values: [numbers.join(',')] };
  if (where === '') return { only: 'true', values };
  const only =
    2 * total > rows
      ? `row_number NOT IN (SELECT p.row_number FROM ${table} WHERE (${condition}) IS NOT TRUE)`
      : `row_number IN (SELECT p.row_number FROM ${table} ${where})`;
  return { only, values };
}

interface Page {
  readonly offset: number;
  readonly limit: number;
}

/** Row numbers of a page of a view that is sorted by a column. A million rows are never sorted: only those near the page. */
export async function sortedRows(
  staging: Pick<StagingSql, 'query'>,
  plan: LoadPlan,
  sort: Sort,
  wanted: WantedRows,
  view: SortedView,
  page: Page,
  limits = LIMITS,
): Promise<number[]> {
  if (sort.total === 0) return [];
  const { sql, values } = valuesOf(plan, sort, wanted);
  const read = (relation: string, placeholders: readonly SqlValue[]) => {
    const { total, descending } = sort;
    const { parts } = limits;
    return readPage({ staging, limits, total, descending, parts, values: placeholders, relation }, view, page);
  };
  const direct = () => read(`(${sql})`, values);
  if (sort.total <= limits.sortedAtOnce || !view.columns) return direct();
  return view.columns.use(view.key, { sql, values }, (table) => read(table, []));
}

async function readPage(sorting: Sorting, view: SortedView, page: Page): Promise<number[]> {
  const { total, limits, relation } = sorting;
  if (total <= limits.sortedAtOnce) return read(sorting, relation, page);
  const end = Math.min(total, page.offset + page.limit);
  if (page.offset + page.limit <= limits.firstRows) {
    // Rows without a value come last: there are nearly always enough that have one.
    const filled = `(SELECT * FROM ${relation} WHERE number IS NOT NULL OR text IS NOT NULL)`;
    const found = await read(sorting, filled, page);
    if (found.length === end - page.offset) return found;
  }
  view.stretches ??= await firstStretches(sorting, total);
  const numbers: number[] = [];
  for (let at = page.offset; at < end; at = page.offset + numbers.length) {
    const found = await readWindow(sorting, view, at, end);
    if (found.length === 0) break;
    numbers.push(...found);
  }
  return numbers;
}

async function read(
  { staging, values, descending }: Sorting,
  from: string,
  { offset, limit }: Page,
  order = orderSql(descending),
): Promise<number[]> {
  const rows = await staging.query(`SELECT row_number FROM ${from} ORDER BY ${order} LIMIT ${limit} OFFSET ${offset}`, [
    ...values,
  ]);
  return rows.map((row) => Number(row['row_number']));
}

/**
 * Rows from a place of the order on, as many as one look at its stretches finds; none where the view has no more. Where a stretch begins is
 * known by what some rows say, until it is counted: a guess that was wrong is followed by a better one.
 */
async function readWindow(sorting: Sorting, view: SortedView, at: number, end: number): Promise<number[]> {
  for (;;) {
    const stretches: readonly Stretch[] = view.stretches ?? [];
    const { first, next } = windowOf(stretches, sorting.total, at, end);
    const window = stretches.slice(first, next);
    const [start] = window;
    if (!start) return [];
    const long = window.find(({ rows, isWhole }) => !isWhole && rows > sorting.limits.sortedAtOnce);
    if (long) {
      const parts = await divide(sorting, long);
      view.stretches = stretches.flatMap((stretch) => (stretch === long ? parts : [stretch]));
      continue;
    }
    start.before ??= await countBefore(sorting, start);
    if (start.before > at) continue;
    const found = await readStretches(sorting, window, { offset: at - start.before, limit: end - at });
    const following = stretches[next];
    if (found.length === end - at || !following) return found;
    // It was read to its end.
    if (found.length > 0) following.before ??= at + found.length;
    else following.before ??= await countBefore(sorting, following);
    if (found.length > 0) return found;
  }
}

async function readStretches(sorting: Sorting, stretches: readonly Stretch[], page: Page): Promise<number[]> {
  const [first] = stretches;
  if (!first) return [];
  const rows = `(SELECT * FROM ${sorting.relation} WHERE ${withinSql(sorting, stretches)})`;
  if (!first.isOne) return read(sorting, rows, page);
  // Of one value rows are sorted by their numbers.
  first.blocks ??= blocksOf(await sorting.staging.query(countBlocksSql(rows), [...sorting.values]));
  const span = spanOf(first.blocks, page);
  if (!span) return [];
  const near = `(SELECT * FROM ${rows} WHERE row_number BETWEEN ${span.first} AND ${span.last})`;
  return read(sorting, near, { offset: page.offset - span.before, limit: page.limit }, 'row_number');
}
