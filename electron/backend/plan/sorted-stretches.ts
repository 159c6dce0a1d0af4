import type { StagingSql } from '../staging/staging-client.ts';
import { textOf, type SqlRow, type SqlValue } from '../staging/staging-functions.ts';
import { quoteText } from '../tables/quote.ts';
import { guarded, unguarded } from '../validation/guarded-text.ts';
import type { BlockRows } from './row-blocks.ts';

/** An end of a stretch, and whether rows of just that value belong to it. */
interface Bound {
  readonly value: string;
  readonly inclusive: boolean;
}

/** Values that lie next to one another in a view's order: those from one to another, null where there is no end, and how many rows have them. */
export interface Stretch {
  readonly kind: 'numbers' | 'texts' | 'blanks';
  readonly rows: number;
  readonly from: Bound | null;
  readonly upTo: Bound | null;
  /** All its rows have the same text, or none. */
  readonly isOne: boolean;
  /** Not to be divided any further. */
  readonly isWhole: boolean;
  /** Of one text, once a page of it was read. */
  blocks?: readonly BlockRows[];
}

type Kind = 'numbers' | 'texts';

/** Rows that have a value, as a relation of `row_number`, `text` and `number`, the values of its placeholders, and how they are sorted. */
export interface SortedValues {
  readonly staging: Pick<StagingSql, 'query'>;
  readonly filled: string;
  readonly values: readonly SqlValue[];
  readonly descending: boolean;
  /** Into how many parts something is divided at least. */
  readonly fewestParts: number;
}

/** Into how many parts something is divided at most, how many rows fill one, and of how many rows of each it is told where they begin. */
const PARTS = { most: 1024, rows: 4000, lookedAt: 16 };
/** Letters of a text that are looked at: the longest have 131,072. */
const LETTERS = 200;

/** The first stretches of a view of so many rows, in its order. */
export async function firstStretches(sorted: SortedValues, total: number): Promise<Stretch[]> {
  const counted = await count(sorted, 'true', total);
  const filled = (['numbers', 'texts'] as const).flatMap((kind) => {
    const parts = partsOf(kind, counted, { from: null, upTo: null });
    return sorted.descending ? parts.reverse() : parts;
  });
  const blanks = total - filled.reduce((sum, { rows }) => sum + rows, 0);
  const last: Stretch = { kind: 'blanks', rows: blanks, from: null, upTo: null, isOne: true, isWhole: true };
  return blanks > 0 ? [...filled, last] : filled;
}

/** The parts of a stretch, in the view's order; itself, whole, where it has none. */
export async function divide(sorted: SortedValues, stretch: Stretch): Promise<Stretch[]> {
  if (stretch.kind === 'blanks') return [{ ...stretch, isWhole: true }];
  const counted = await count(sorted, withinSql(sorted, [stretch]), stretch.rows);
  const parts = partsOf(stretch.kind, counted, stretch);
  if (parts.length < 2) return [{ ...stretch, isWhole: true }];
  return sorted.descending ? parts.reverse() : parts;
}

/** What is true of the rows of stretches of one kind that follow one another in the view. */
export function withinSql({ descending }: Pick<SortedValues, 'descending'>, stretches: readonly Stretch[]): string {
  const [first, last] = [stretches[0], stretches.at(-1)];
  if (!first || !last) return 'false';
  const { from, upTo } = { from: (descending ? last : first).from, upTo: (descending ? first : last).upTo };
  const isNumber = first.kind === 'numbers';
  const [value, type] = isNumber ? ['number', '::DOUBLE'] : ['text', ''];
  return [
    isNumber ? 'number IS NOT NULL' : 'number IS NULL',
    ...(from ? [`${value} ${from.inclusive ? '>=' : '>'} ${quoteText(from.value)}${type}`] : []),
    ...(upTo ? [`${value} ${upTo.inclusive ? '<=' : '<'} ${quoteText(upTo.value)}${type}`] : []),
  ].join(' AND ');
}

/** A value by which rows are divided, and whether so many have it that they are counted apart. */
interface Divider {
  readonly value: string;
  readonly isFrequent: boolean;
}

/** How many rows of a kind there are: up to each divider and after the one before it, and those of it alone where it is frequent. */
interface Counts {
  readonly all: number;
  readonly parts: readonly (Divider & { readonly upTo: number; readonly alone: number; readonly isOneText: boolean })[];
}

type Counted = Readonly<Record<Kind, Counts>>;

/** Looks at some rows to tell by which values they are divided, and counts them all in one go. */
async function count(
  { staging, filled, values, fewestParts }: SortedValues,
  condition: string,
  rows: number,
): Promise<Counted> {
  const parts = Math.min(PARTS.most, Math.max(fewestParts, Math.ceil(rows / PARTS.rows)));
  const every = Math.max(1, Math.floor(rows / (parts * PARTS.lookedAt)));
  const found = await staging.query(
    `SELECT number, ${guarded('start')} AS start, n >= 2 * step AND is_whole AS is_frequent FROM (
       SELECT *, greatest(1, sum(n) OVER () // ${parts}) AS step, sum(n) OVER (ORDER BY number NULLS LAST, start) AS up_to FROM (
         SELECT number, left(text, ${LETTERS}) AS start, bool_and(length(text) <= ${LETTERS}) AS is_whole, count(*) AS n
         FROM ${filled} WHERE hash(row_number) % ${every} = 0 AND ${condition} GROUP BY 1, 2))
     WHERE up_to // step > (up_to - n) // step ORDER BY number NULLS LAST, start`,
    [...values],
  );
  const dividers = {
    numbers: dividersOf(found.filter((row) => row['number'] !== null).map((row) => [String(row['number']), row])),
    texts: dividersOf(found.filter((row) => row['number'] === null).map((row) => [unguarded(row['start']), row])),
  };
  const [counted] = await staging.query(
    `SELECT ${[...countsSql('numbers', dividers.numbers), ...countsSql('texts', dividers.texts)].join(', ')}
     FROM ${filled} WHERE ${condition}`,
    [...values],
  );
  return {
    numbers: countsOf('numbers', dividers.numbers, counted),
    texts: countsOf('texts', dividers.texts, counted),
  };
}

function dividersOf(found: readonly (readonly [value: string, row: SqlRow])[]): Divider[] {
  const dividers = new Map<string, Divider>();
  for (const [value, row] of found) {
    // No statement holds such a letter.
    if (value.includes('\0')) continue;
    const isFrequent = row['is_frequent'] === true || dividers.get(value)?.isFrequent === true;
    dividers.set(value, { value, isFrequent });
  }
  return [...dividers.values()];
}

function countsSql(kind: Kind, dividers: readonly Divider[]): string[] {
  const isNumbers = kind === 'numbers';
  const bin = ({ value }: Divider) => (isNumbers ? `${quoteText(value)}::DOUBLE` : quoteText(value));
  const has = (one: Divider) => (isNumbers ? `number = ${bin(one)}` : `number IS NULL AND text = ${bin(one)}`);
  const frequent = dividers.filter(({ isFrequent }) => isFrequent);
  const list = (name: string, items: readonly string[]) =>
    `concat_ws(',', ${["''", ...items].join(', ')}) AS ${kind}_${name}`;
  const values = isNumbers ? 'number' : 'CASE WHEN number IS NULL THEN text END';
  const upTo = `array_to_string(map_values(histogram(${values}, [${dividers.map(bin).join(', ')}])), ',')`;
  return [
    `count(*) FILTER (number IS ${isNumbers ? 'NOT NULL' : 'NULL'}) AS ${kind}_all`,
    ...(dividers.length === 0 ? [] : [`${upTo} AS ${kind}_up_to`]),
    list(
      'alone',
      frequent.map((one) => `count(*) FILTER (${has(one)})`),
    ),
    // One number may be written in several ways.
    list(
      'texts',
      isNumbers
        ? frequent.map((one) => `(min(text) FILTER (${has(one)}) = max(text) FILTER (${has(one)}))::INTEGER`)
        : [],
    ),
  ];
}

function countsOf(kind: Kind, dividers: readonly Divider[], counted: SqlRow | undefined): Counts {
  const numbers = (name: string, skip = 0) => textOf(counted, `${kind}_${name}`).split(',').slice(skip).map(Number);
  const [upTo, alone, texts] = [numbers('up_to'), numbers('alone', 1), numbers('texts', 1)];
  let at = -1;
  const parts = dividers.map((one, place) => {
    if (one.isFrequent) at++;
    const isOneText = one.isFrequent && (kind === 'texts' || texts[at] === 1);
    return { ...one, upTo: upTo[place] ?? 0, alone: one.isFrequent ? (alone[at] ?? 0) : 0, isOneText };
  });
  return { all: Number(counted?.[`${kind}_all`] ?? 0), parts };
}

/** What was counted as stretches, from the least value to the greatest. */
function partsOf(kind: Kind, counted: Counted, ends: Pick<Stretch, 'from' | 'upTo'>): Stretch[] {
  const { all, parts } = counted[kind];
  const part = (rows: number, from: Bound | null, upTo: Bound | null, isOne = false): Stretch => ({
    kind,
    rows,
    from,
    upTo,
    isOne,
    isWhole: isOne,
  });
  const found: Stretch[] = [];
  let from = ends.from;
  for (const { value, upTo, alone, isFrequent, isOneText } of parts) {
    found.push(part(upTo - alone, from, { value, inclusive: !isFrequent }));
    if (isFrequent) found.push(part(alone, { value, inclusive: true }, { value, inclusive: true }, isOneText));
    from = { value, inclusive: false };
  }
  found.push(part(all - parts.reduce((sum, { upTo }) => sum + upTo, 0), from, ends.upTo));
  return found.filter(({ rows }) => rows > 0);
}
