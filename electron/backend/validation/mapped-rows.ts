import { matchColumn, sentColumns, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { textOf } from '../staging/staging-functions.ts';
import { quoteText } from '../tables/quote.ts';
import { canonical, cell, createTable, mappedShape, sent, tablesOf } from '../tables/tables.ts';
import { joinInSteps, joinsOf, type DictionaryJoin } from './join-in-steps.ts';
import { secondCells, secondSql } from './read-second.ts';
import type { CheckInput } from './rule-field.ts';

/**
 * What the mapped cells of a checked source say, row by row: `row_number`, `a<n>` the text to send, `v<n>` its canonical form, `w<n>`
 * the second value of a lookup found by two (tables/). A check asks only for the few columns that it looks at; all of them are put
 * beside one another once, for the plan.
 */

/** What it takes to know where a mapping's values lie. */
type Checked = Pick<CheckInput, 'source' | 'mapping' | 'parents'>;

/** Tables that have no rows. */
type EmptyTables = ReadonlySet<string>;

/**
 * Of one column what is selected of a row of `staged`, named `s`, and the dictionary of its values that don't stand for themselves; null
 * where all of them do.
 */
function columnSql(
  { source, mapping }: Checked,
  { column }: MappedColumn,
  empty: EmptyTables,
): { selects: string[]; dictionary: DictionaryJoin | null } {
  const clears = mapping.blankValues === 'clear' && mapping.operation !== 'insert';
  const isKey = column === matchColumn(mapping)?.column;
  const name = `d${column}`;
  const table = tablesOf(source.alias).value(column);
  const raw = `coalesce(s.${cell(column)}, '')`;
  const read = (what: 'api' | 'canonical') => (empty.has(table) ? raw : `coalesce(${name}.${what}, ${raw})`);
  const api = read('api');
  const whenBlank = clears && !isKey ? "'#N/A'" : "''";
  return {
    selects: [
      `CASE WHEN ${api} = '' THEN ${whenBlank} ELSE ${api} END AS ${sent(column)}`,
      `${read('canonical')} AS ${canonical(column)}`,
    ],
    dictionary: empty.has(table) ? null : { name, table, on: `${name}.raw = ${raw}` },
  };
}

function rowsSql(
  input: Checked,
  columns: readonly MappedColumn[],
  empty: EmptyTables = new Set(),
): { selects: string; joins: DictionaryJoin[] } {
  const pairs = secondCells(input.mapping, columns, input.parents);
  const parts = [
    ...columns.map((column) => columnSql(input, column, empty)),
    ...pairs.map((pair) => {
      const { select, dictionary } = secondSql(input.source.alias, pair);
      return { selects: [select], dictionary };
    }),
  ];
  return {
    selects: ['s.row_number', ...parts.flatMap(({ selects }) => selects)].join(', '),
    joins: parts.flatMap(({ dictionary }) => dictionary ?? []),
  };
}

/** The rows that could be read with a few of their columns, as a subquery. */
export function mappedRows(input: Checked, columns: readonly MappedColumn[]): string {
  const { selects, joins } = rowsSql(input, columns);
  const { staged } = tablesOf(input.source.alias);
  return `(SELECT ${selects} FROM ${staged} s ${joinsOf(joins)} WHERE s.problem IS NULL)`;
}

/**
 * Makes a table of the shape `mappedShape` with every column that is sent, of all rows that could be read or of those whose numbers a
 * query gives.
 */
export async function fillMapped(staging: StagingSql, input: Checked, into: string, rows?: string): Promise<void> {
  const columns = sentColumns(input.mapping);
  const { selects, joins } = rowsSql(input, columns, await emptyTables(staging, input.source.alias));
  const pairs = secondCells(input.mapping, columns, input.parents);
  const shape = mappedShape(
    columns.map(({ column }) => column),
    pairs.map(({ lookup }) => lookup),
  );
  const wanted = rows === undefined ? 'true' : `s.row_number IN (${rows})`;
  const { from, done } = await joinInSteps(staging, input.source.alias, joins, wanted);
  await staging.run(`${createTable(into, shape)}; INSERT INTO ${into} SELECT ${selects} ${from}`);
  await done();
}

/** Most columns have no value that is read as another one: their dictionaries need not be asked a million times. */
async function emptyTables(staging: StagingSql, alias: string): Promise<EmptyTables> {
  const { named } = tablesOf(alias);
  const found = await staging.query(
    `SELECT table_name FROM duckdb_tables() WHERE database_name = ${quoteText(alias)} AND estimated_size = 0`,
  );
  return new Set(found.map((row) => named(textOf(row, 'table_name'))));
}
