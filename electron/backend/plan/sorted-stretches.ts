import type { StagingSql } from '../staging/staging-client.ts';
import type { SqlRow, SqlValue } from '../staging/staging-functions.ts';
import { quoteText } from '../tables/quote.ts';
import { guarded, unguarded } from '../validation/guarded-text.ts';
import type { BlockRows } from './row-blocks.ts';

/** An end of a stretch, and whether rows of just that value belong to it. */
interface Bound {
  readonly value: string;
  readonly inclusive: boolean;
}

type Kind = 'numbers' | 'texts' | 'blanks';

/** Values that lie next to one another in a view's order: those from one to another, null where there is no end. It may have no rows. */
export interface Stretch {
  readonly kind: Kind;
  readonly from: Bound | null;
  readonly upTo: Bound | null;
  /** All its rows have the same value, or none. */
  readonly isOne: boolean;
  /** Not to be divided any further. */
  readonly isWhole: boolean;
  /** About how many rows it has, and how many of them were looked at to say so. */
  readonly rows: number;
  readonly lookedAt: number;
  /** How many of the view's rows come before it; null until they were counted. */
  before: number | null;
  /** Of one value, once a page of it was read. */
  blocks?: readonly BlockRows[];
}

/**
 * A view's rows as a relation of `row_number`, `number` and, of those that are no number, `text`, with the values of its placeholders; and how
 * they are sorted.
 */
export interface SortedValues {
  readonly staging: Pick<StagingSql, 'query'>;
  readonly relation: string;
  readonly values: readonly SqlValue[];
  readonly descending: boolean;
  readonly parts: Parts;
}

/** Into how many parts something is divided, how many rows fill one, and of how many rows of each it is told where they begin. */
export interface Parts {
  readonly fewest: number;
  readonly most: number;
  readonly rows: number;
  readonly lookedAt: number;
}

/** Letters of a text that are looked at: the longest have 131,072. */
const LETTERS = 200;

/** The stretches of a view of so many rows, in its order. */
export async function firstStretches(sorted: SortedValues, total: number): Promise<Stretch[]> {
  const { dividers, scale, lookedAt } = await lookAt(sorted, 'true', total);
  const parts = (['numbers', 'texts'] as const).flatMap((kind) => {
    const found = partsOf(dividers, kind, lookedAt[kind], { from: null, upTo: null }, scale);
    return sorted.descending ? found.reverse() : found;
  });
  const ends = { from: null, upTo: null, before: null };
  const sizes = { rows: lookedAt.blanks * scale, lookedAt: lookedAt.blanks };
  return beginning([...parts, { kind: 'blanks', isOne: true, isWhole: true, ...ends, ...sizes }], 0);
}

/** The parts of a stretch, in the view's order; itself, whole, where it has none. */
export async function divide(sorted: SortedValues, stretch: Stretch): Promise<Stretch[]> {
  const { kind, rows, before } = stretch;
  const { dividers, scale, lookedAt } = await lookAt(sorted, withinSql(sorted, [stretch]), rows);
  const parts = partsOf(dividers, kind, lookedAt[kind], stretch, scale);
  if (parts.length < 2) return [{ ...stretch, isWhole: true }];
  return beginning(sorted.descending ? parts.reverse() : parts, before);
}

function beginning([first, ...others]: readonly Stretch[], before: number | null): Stretch[] {
  return first ? [{ ...first, before }, ...others] : [];
}

/** What is true of the rows of stretches of one kind that follow one another in the view. */
export function withinSql({ descending }: Pick<SortedValues, 'descending'>, stretches: readonly Stretch[]): string {
  const [first, last] = [stretches[0], stretches.at(-1)];
  if (!first || !last) return 'false';
  const { from } = descending ? last : first;
  const { upTo } = descending ? first : last;
  return [
    kindSql(first.kind),
    ...(from ? [`${valueSql(first.kind)} ${from.inclusive ? '>=' : '>'} ${boundSql(first.kind, from)}`] : []),
    ...(upTo ? [`${valueSql(first.kind)} ${upTo.inclusive ? '<=' : '<'} ${boundSql(first.kind, upTo)}`] : []),
  ].join(' AND ');
}

/** How many of the view's rows come before a stretch. */
export async function countBefore(sorted: SortedValues, stretch: Stretch): Promise<number> {
  const { kind, from, upTo } = stretch;
  const bound = sorted.descending ? upTo : from;
  const beyond = sorted.descending ? '>' : '<';
  const before = [
    ...(kind === 'numbers' ? [] : ['number IS NOT NULL']),
    ...(kind === 'blanks' ? ['text IS NOT NULL'] : []),
    ...(bound ? [`${valueSql(kind)} ${beyond}${bound.inclusive ? '' : '='} ${boundSql(kind, bound)}`] : []),
  ];
  if (before.length === 0) return 0;
  const [counted] = await sorted.staging.query(
    `SELECT count(*) AS n FROM ${sorted.relation} WHERE ${before.join(' OR ')}`,
    [...sorted.values],
  );
  return Number(counted?.['n'] ?? 0);
}

function kindSql(kind: Kind): string {
  if (kind === 'numbers') return 'number IS NOT NULL';
  return kind === 'texts' ? 'text IS NOT NULL' : 'number IS NULL AND text IS NULL';
}

function valueSql(kind: Kind): string {
  return kind === 'numbers' ? 'number' : 'text';
}

function boundSql(kind: Kind, { value }: Bound): string {
  return `${quoteText(value)}${kind === 'numbers' ? '::DOUBLE' : ''}`;
}

/** A value by which rows are divided, how many of those looked at come up to it, and how many have it where these are many. */
interface Divider {
  readonly kind: Kind;
  readonly value: string;
  readonly upTo: number;
  readonly alone: number;
}

interface LookedAt {
  readonly dividers: readonly Divider[];
  /** Of how many rows one was looked at, and how many of each kind were. */
  readonly scale: number;
  readonly lookedAt: Readonly<Record<Kind, number>>;
}

/** Looks at some of about so many rows, to tell by which values they are divided. */
async function lookAt(
  { staging, relation, values, parts: { fewest, most, rows: full, lookedAt } }: SortedValues,
  condition: string,
  rows: number,
): Promise<LookedAt> {
  const parts = Math.min(most, Math.max(fewest, Math.ceil(rows / full)));
  const scale = Math.max(1, Math.floor(rows / (parts * lookedAt)));
  const found = await staging.query(
    `SELECT kind, number, ${guarded('start')} AS start, up_to, CASE WHEN n >= 2 * step AND is_whole THEN n ELSE 0 END AS alone,
       kind = 'blanks' OR up_to // step > (up_to - n) // step AS divides, rows
     FROM (
       SELECT *, greatest(1, sum(n) OVER () // ${parts}) AS step,
         sum(n) OVER (PARTITION BY kind ORDER BY number, start) AS up_to, sum(n) OVER (PARTITION BY kind) AS rows
       FROM (
         SELECT CASE WHEN number IS NOT NULL THEN 'numbers' WHEN text IS NOT NULL THEN 'texts' ELSE 'blanks' END AS kind, number,
           left(text, ${LETTERS}) AS start, bool_and(text IS NULL OR length(text) <= ${LETTERS}) AS is_whole, count(*) AS n
         FROM ${relation} WHERE hash(row_number) % ${scale} = 0 AND ${condition} GROUP BY ALL))
     WHERE divides OR up_to = rows ORDER BY kind, number, start`,
    [...values],
  );
  const of = (kind: Kind) => found.filter((row) => row['kind'] === kind);
  const lookedAtOf = (kind: Kind) => Number(of(kind)[0]?.['rows'] ?? 0);
  return {
    dividers: [...dividersOf('numbers', of('numbers')), ...dividersOf('texts', of('texts'))],
    scale,
    lookedAt: { numbers: lookedAtOf('numbers'), texts: lookedAtOf('texts'), blanks: lookedAtOf('blanks') },
  };
}

function dividersOf(kind: Kind, found: readonly SqlRow[]): Divider[] {
  const dividers = found
    .filter((row) => row['divides'] === true)
    .map((row) => {
      const value = kind === 'numbers' ? String(row['number']) : unguarded(row['start']);
      return { kind, value, upTo: Number(row['up_to']), alone: Number(row['alone']) };
    });
  // No statement holds such a letter.
  return dividers.filter(({ value }) => !value.includes('\0'));
}

/** What was looked at of a kind as stretches, from the least value to the greatest. */
function partsOf(
  all: readonly Divider[],
  kind: Kind,
  lookedAt: number,
  ends: Pick<Stretch, 'from' | 'upTo'>,
  scale: number,
): Stretch[] {
  const part = (looked: number, from: Bound | null, upTo: Bound | null, isOne = false): Stretch => ({
    ...{ kind, from, upTo, isOne, isWhole: isOne },
    ...{ rows: looked * scale, lookedAt: looked, before: null },
  });
  const parts: Stretch[] = [];
  let [from, seen] = [ends.from, 0];
  // A longer text begins with what the stretch begins after.
  const inside = all.filter((divider) => divider.kind === kind && divider.value !== ends.from?.value);
  for (const { value, upTo, alone } of inside) {
    parts.push(part(upTo - alone - seen, from, { value, inclusive: alone === 0 }));
    if (alone > 0) parts.push(part(alone, { value, inclusive: true }, { value, inclusive: true }, true));
    [from, seen] = [{ value, inclusive: false }, upTo];
  }
  // A stretch that ends with a value has nothing after it.
  const isOver = ends.upTo?.inclusive === true && from?.value === ends.upTo.value && from !== ends.from;
  return isOver ? parts : [...parts, part(lookedAt - seen, from, ends.upTo)];
}
