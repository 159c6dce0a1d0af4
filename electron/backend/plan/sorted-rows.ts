import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import type { SqlRow, SqlValue } from '../staging/staging-functions.ts';
import { canonical, tablesOf } from '../tables/tables.ts';
import { guarded, unguarded } from '../validation/guarded-text.ts';
import type { WantedRows } from './plan-view.ts';

/** Values that lie next to one another in a view's order: those from one to another, and how many rows have them. */
interface Stretch {
  readonly kind: 'numbers' | 'texts' | 'blanks';
  readonly rows: number;
  readonly low: string;
  readonly high: string;
  /** Not to be divided any further. */
  readonly whole: boolean;
}

/** A view's order, as far as it is known: stretches of it, one after the other, which are divided where they are looked at. */
export interface SortedView {
  stretches: Stretch[] | null;
}

/** Parts that numbers are divided into. */
const PARTS = 512;

const LIMITS = {
  /** Of this many rows a page is found by sorting them. */
  sortedAtOnce: 40_000,
  /** A page this near to the beginning is found without knowing the whole order. */
  firstRows: 1000,
};

interface Sorting {
  readonly staging: Pick<StagingSql, 'query'>;
  readonly limits: typeof LIMITS;
  readonly wanted: WantedRows;
  readonly descending: boolean;
  /** Rows with their values: `row_number`, `text` and, of texts that are numbers, `number`. */
  readonly values: string;
  /** Those that have one. */
  readonly filled: string;
}

/** By what rows are sorted: numbers before texts, and blanks last either way; of equal ones that which comes first in the file. */
function orderSql(descending: boolean): string {
  const direction = descending ? 'DESC' : 'ASC';
  return `number ${direction} NULLS LAST, text ${direction} NULLS LAST, row_number`;
}

/** Reading a text that begins like no number as one is dear: there would be an error to make for each. */
const NUMBER = `CASE WHEN text < ':' THEN try_cast(text AS DOUBLE) END`;

function sortingOf(
  staging: Pick<StagingSql, 'query'>,
  { planId }: LoadPlan,
  column: number,
  wanted: WantedRows,
  descending: boolean,
): Omit<Sorting, 'limits'> {
  const { mapped } = tablesOf(planId);
  const only =
    wanted.where === '' ? '' : `WHERE row_number IN (SELECT p.row_number FROM ${wanted.table} ${wanted.where})`;
  const texts = `SELECT row_number, nullif(${canonical(column)}, '') AS text FROM ${mapped} ${only}`;
  // What could not be read has no values.
  const every = `SELECT p.row_number, text FROM ${wanted.table} LEFT JOIN (${texts}) t ON t.row_number = p.row_number ${wanted.where}`;
  return {
    staging,
    wanted,
    descending,
    values: `(SELECT *, ${NUMBER} AS number FROM (${every}))`,
    filled: `(SELECT *, ${NUMBER} AS number FROM (${texts}) WHERE text IS NOT NULL)`,
  };
}

/** Row numbers of a page of a view that is sorted by a column. A million rows are never sorted: only those near the page. */
export async function sortedRows(
  staging: Pick<StagingSql, 'query'>,
  plan: LoadPlan,
  { column, descending, total }: { readonly column: number; readonly descending: boolean; readonly total: number },
  wanted: WantedRows,
  view: SortedView,
  page: { readonly offset: number; readonly limit: number },
  limits = LIMITS,
): Promise<number[]> {
  const sorting = { ...sortingOf(staging, plan, column, wanted, descending), limits };
  const end = Math.min(total, page.offset + page.limit);
  if (total <= limits.sortedAtOnce) return read(sorting, sorting.values, page);
  if (page.offset + page.limit <= limits.firstRows) {
    // Rows without a value come last: nearly always there are enough that have one, and these lie in one table.
    const found = await read(sorting, sorting.filled, page);
    // The next pages begin with these: no page has to do all of it.
    view.stretches ??= await firstStretches(sorting, total);
    return found.length === end - page.offset ? found : read(sorting, sorting.values, page);
  }
  view.stretches ??= await firstStretches(sorting, total);
  const numbers: number[] = [];
  for (let at = page.offset; at < end; at = page.offset + numbers.length) {
    const { stretches, before } = await stretchesAt(sorting, view, at, end);
    const [first, last] = [stretches[0], stretches.at(-1)];
    if (!first || !last) break;
    const found = await readStretches(sorting, [first, last], { offset: at - before, limit: end - at });
    if (found.length === 0) break;
    numbers.push(...found);
  }
  return numbers;
}

async function read(
  { staging, wanted, descending }: Sorting,
  from: string,
  { offset, limit }: { readonly offset: number; readonly limit: number },
  more: readonly SqlValue[] = [],
  order = orderSql(descending),
): Promise<number[]> {
  const rows = await staging.query(`SELECT row_number FROM ${from} ORDER BY ${order} LIMIT ${limit} OFFSET ${offset}`, [
    ...wanted.values,
    ...more,
  ]);
  return rows.map((row) => Number(row['row_number']));
}

/** Numbers, texts and blanks as a stretch each. */
async function firstStretches(sorting: Sorting, total: number): Promise<Stretch[]> {
  const found = await sorting.staging.query(
    `SELECT number IS NOT NULL AS is_number, count(*) AS n, min(number) AS low, max(number) AS high,
       ${guarded('min(text)')} AS low_text, ${guarded('max(text)')} AS high_text FROM ${sorting.filled} GROUP BY 1 ORDER BY 1 DESC`,
    [...sorting.wanted.values],
  );
  const stretches = found.map((row) => stretchOf(row['is_number'] === true ? 'numbers' : 'texts', row));
  const filled = stretches.reduce((sum, { rows }) => sum + rows, 0);
  const blanks: Stretch = { kind: 'blanks', rows: total - filled, low: '', high: '', whole: true };
  return [...stretches, blanks];
}

function stretchOf(kind: 'numbers' | 'texts', row: SqlRow): Stretch {
  const [low, high] =
    kind === 'numbers'
      ? [String(row['low']), String(row['high'])]
      : [unguarded(row['low_text']), unguarded(row['high_text'])];
  return { kind, rows: Number(row['n']), low, high, whole: low === high };
}

/** The stretches of one kind from a place of the order on, as far as a page needs them, divided where they are long; and how many rows lie before them. */
async function stretchesAt(
  sorting: Sorting,
  view: SortedView,
  at: number,
  end: number,
): Promise<{ stretches: Stretch[]; before: number }> {
  for (;;) {
    const all = view.stretches ?? [];
    const stretches: Stretch[] = [];
    let [seen, before, long] = [0, 0, -1];
    for (const [place, stretch] of all.entries()) {
      const isIn = seen < end && seen + stretch.rows > at && (stretches[0]?.kind ?? stretch.kind) === stretch.kind;
      if (isIn && stretches.length === 0) before = seen;
      if (isIn) stretches.push(stretch);
      if (isIn && long < 0 && !stretch.whole && stretch.rows > sorting.limits.sortedAtOnce) long = place;
      seen += stretch.rows;
    }
    const divided = all[long];
    if (!divided) return { stretches, before };
    view.stretches = [...all.slice(0, long), ...(await divide(sorting, divided)), ...all.slice(long + 1)];
  }
}

/** What tells which part of a stretch a value lies in: parts follow one another as their values do. */
function partSql({ kind, low, high }: Stretch): string {
  if (kind === 'numbers') return `floor((number - ${low}::DOUBLE) / (${high}::DOUBLE - ${low}::DOUBLE) * ${PARTS})`;
  const [one, other] = [[...low], [...high]];
  const common = one.findIndex((letter, at) => letter !== other[at]);
  return `left(text, ${(common < 0 ? one.length : common) + 2})`;
}

async function divide(sorting: Sorting, stretch: Stretch): Promise<Stretch[]> {
  const { condition, bounds } = within(sorting, stretch.kind, [stretch, stretch]);
  const isNumber = stretch.kind === 'numbers';
  const ends = isNumber
    ? 'min(number) AS low, max(number) AS high'
    : `${guarded('min(text)')} AS low_text, ${guarded('max(text)')} AS high_text`;
  const found = await sorting.staging.query(
    `SELECT ${partSql(stretch)} AS part, count(*) AS n, ${ends} FROM ${sorting.filled} WHERE ${condition} GROUP BY 1
     ORDER BY 1 ${sorting.descending ? 'DESC' : 'ASC'}`,
    [...sorting.wanted.values, ...bounds],
  );
  if (found.length < 2) return [{ ...stretch, whole: true }];
  return found.map((row) => stretchOf(isNumber ? 'numbers' : 'texts', row));
}

/** Which values lie between the ends of two stretches. */
function within(
  { wanted, descending }: Sorting,
  kind: Stretch['kind'],
  [first, last]: readonly [Stretch, Stretch],
): { condition: string; bounds: string[] } {
  const [low, high] = descending ? [last.low, first.high] : [first.low, last.high];
  if (kind === 'numbers') return { condition: `number BETWEEN ${low}::DOUBLE AND ${high}::DOUBLE`, bounds: [] };
  const place = wanted.values.length;
  return { condition: `number IS NULL AND text BETWEEN $${place + 1} AND $${place + 2}`, bounds: [low, high] };
}

async function readStretches(
  sorting: Sorting,
  ends: readonly [Stretch, Stretch],
  page: { readonly offset: number; readonly limit: number },
): Promise<number[]> {
  const [first, last] = ends;
  if (first.kind === 'blanks')
    return read(sorting, `(SELECT * FROM ${sorting.values} WHERE text IS NULL)`, page, [], 'row_number');
  const { condition, bounds } = within(sorting, first.kind, ends);
  // Texts of one number may differ.
  const isOne = first === last && first.whole && first.kind === 'texts';
  const order = isOne ? 'row_number' : orderSql(sorting.descending);
  return read(sorting, `(SELECT * FROM ${sorting.filled} WHERE ${condition})`, page, bounds, order);
}
