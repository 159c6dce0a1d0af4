import type { ColumnProfile, ValueKind } from '../../../shared/domain/source-file.ts';
import { editedRows } from '../cleaning/clean-sql.ts';
import { trimEdgesSql } from '../match/match-sql.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import type { RowsOfSource } from './source-rows.ts';

/** Values counted one by one; of more different ones the number is estimated and the frequent ones are found first. */
const COUNTED_VALUES = 1_000_000;
const FREQUENT = 10;

/** When a value counts as one of a kind, as RE2 for the whole value without the spaces around it. */
export const KINDS: Readonly<Record<ValueKind, string>> = {
  'whole-number': String.raw`[+-]?\d{1,18}`,
  number: String.raw`[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d{1,3})?`,
  date: String.raw`\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])|\d{1,2}[./-]\d{1,2}[./-](?:\d{2}|\d{4})`,
  'date-time': String.raw`\d{4}-(?:0\d|1[0-2])-(?:[0-2]\d|3[01])[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?`,
  'yes-no': '(?i)true|false|yes|no|y|n|on|off|1|0',
  email: String.raw`[^@\s]+@[^@\s]+\.[^@\s]+`,
  'record-id': '[a-zA-Z0-9]{15}(?:[a-zA-Z0-9]{3})?',
};

/** What every row of a column says, counted in the staging store. Rows that could not be read are not among them. */
export async function profileColumn(
  staging: StagingClient,
  { table, steps, editedColumns }: RowsOfSource,
  column: number,
  signal: AbortSignal,
): Promise<ColumnProfile> {
  const values = `(SELECT row_number, line, c${column} AS v, ${trimEdgesSql(`c${column}`)} AS t FROM (${editedRows(table, steps, editedColumns, 'true')}) WHERE problem IS NULL)`;
  const kinds = Object.entries(KINDS) as [ValueKind, string][];
  const perKind = kinds.flatMap(([, pattern], index) => {
    const fits = `regexp_full_match(t, '${pattern}')`;
    return [
      `count(*) FILTER (t <> '' AND ${fits}) AS fits${index}`,
      `min(row_number) FILTER (t <> '' AND NOT ${fits}) AS not${index}`,
    ];
  });
  const [facts = {}] = await staging.query(
    `SELECT count(*) AS n, count(*) FILTER (t = '') AS blank, approx_count_distinct(v) FILTER (t <> '') AS about,
       min(v) FILTER (t <> '') AS least, max(v) FILTER (t <> '') AS most, max(length(v)) AS longest,
       arg_min(t, try_cast(t AS DOUBLE)) AS least_number, arg_max(t, try_cast(t AS DOUBLE)) AS most_number,
       arg_max(row_number, length(v)) AS longest_row, ${perKind.join(', ')} FROM ${values}`,
    [],
    signal,
  );
  const count = (name: string) => Number(facts[name] ?? 0);
  const filled = count('n') - count('blank');
  const estimate = count('about') > COUNTED_VALUES;
  const [exact] = estimate
    ? []
    : await staging.query(`SELECT count(DISTINCT v) AS several FROM ${values} WHERE t <> ''`, [], signal);
  const candidates = estimate
    ? `WHERE v IN (SELECT unnest(approx_top_k(v, ${FREQUENT * 2})) FROM ${values} WHERE t <> '')`
    : `WHERE t <> ''`;
  const frequent = await staging.query(
    `SELECT v, count(*) AS n FROM ${values} ${candidates} GROUP BY v ORDER BY n DESC, v LIMIT ${FREQUENT}`,
    [],
    signal,
  );
  const counterRows = kinds.map((_kind, index) => facts[`not${index}`] ?? null);
  const places = await placesOf(staging, values, [facts['longest_row'] ?? null, ...counterRows], signal);
  const allNumbers = filled > 0 && count(`fits${kinds.findIndex(([kind]) => kind === 'number')}`) === filled;
  const end = (text: string, number: string) => {
    const value = facts[allNumbers ? number : text];
    return value === null || value === undefined ? null : String(value);
  };
  return {
    column,
    rows: count('n'),
    blank: count('blank'),
    distinct: estimate ? count('about') : Number(exact?.['several'] ?? 0),
    distinctIsEstimate: estimate,
    min: end('least', 'least_number'),
    max: end('most', 'most_number'),
    longest: filled === 0 ? null : (places.get(Number(facts['longest_row'])) ?? null),
    longestLength: count('longest'),
    frequent: frequent.map(({ v, n }) => ({ value: String(v), rows: Number(n) })),
    kinds: kinds.map(([kind], index) => ({
      kind,
      fits: count(`fits${index}`),
      counterExample: places.get(Number(counterRows[index] ?? 0)) ?? null,
    })),
  };
}

async function placesOf(
  staging: StagingClient,
  values: string,
  rows: readonly unknown[],
  signal: AbortSignal,
): Promise<Map<number, { value: string; row: number; line: number }>> {
  const numbers = [...new Set(rows.flatMap((row) => (row === null ? [] : [Number(row)])))];
  if (numbers.length === 0) return new Map();
  const found = await staging.query(
    `SELECT row_number, line, v FROM ${values} WHERE row_number IN (${numbers.join(', ')})`,
    [],
    signal,
  );
  return new Map(
    found.map(({ row_number: row, line, v }) => [
      Number(row),
      { value: String(v).slice(0, 500), row: Number(row), line: Number(line) },
    ]),
  );
}
