import { matchColumn, sentColumns, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, cell, mappedShape, sent, tablesOf } from '../tables/tables.ts';
import { fillJoined, joinsOf, type JoinedCells } from './join-in-steps.ts';
import { secondCells, secondSql } from './read-second.ts';
import type { CheckInput } from './rule-field.ts';

/**
 * What the mapped cells of a checked source say, row by row: `row_number`, `a<n>` the text to send, `v<n>` its canonical form, `w<n>`
 * the second value of a lookup found by two (tables/). A check asks only for the few columns that it looks at; all of them are put
 * beside one another once, for the plan.
 */

/** What it takes to know where a mapping's values lie. */
export type Checked = Pick<CheckInput, 'source' | 'mapping' | 'parents'>;

/** Of one column what is selected of a row of `staged`, named `s`, and the dictionary of its values that don't stand for themselves. */
function columnSql({ source, mapping }: Checked, { column }: MappedColumn): JoinedCells {
  const clears = mapping.blankValues === 'clear' && mapping.operation !== 'insert';
  const isKey = column === matchColumn(mapping)?.column;
  const name = `d${column}`;
  const raw = `coalesce(s.${cell(column)}, '')`;
  const sentSql = (api: string) => (clears && !isKey ? `CASE WHEN ${api} = '' THEN '#N/A' ELSE ${api} END` : api);
  return {
    names: [sent(column), canonical(column)],
    selects: (isJoined) => {
      const said = (of: string) => (isJoined ? `coalesce(${name}.${of}, ${raw})` : raw);
      return [sentSql(said('api')), said('canonical')];
    },
    dictionary: { name, table: tablesOf(source.alias).value(column), on: `${name}.raw = ${raw}` },
  };
}

/** Of columns what is selected of a row of `staged`, named `s`. */
export function cellsSql(input: Checked, columns: readonly MappedColumn[]): JoinedCells[] {
  const pairs = secondCells(input.mapping, columns, input.parents);
  return [
    ...columns.map((column) => columnSql(input, column)),
    ...pairs.map((pair) => secondSql(input.source.alias, pair)),
  ];
}

/** The rows that could be read with a few of their columns, as a subquery. */
export function mappedRows(input: Checked, columns: readonly MappedColumn[]): string {
  const cells = cellsSql(input, columns);
  const { staged } = tablesOf(input.source.alias);
  const selects = cells.flatMap(({ names, selects: of }) => of(true).map((sql, at) => `${sql} AS ${names[at] ?? ''}`));
  const joins = joinsOf(cells.map(({ dictionary }) => dictionary));
  return `(SELECT s.row_number, ${selects.join(', ')} FROM ${staged} s ${joins} WHERE s.problem IS NULL)`;
}

/**
 * Makes a table of the shape `mappedShape` with every column that is sent, of all rows that could be read or of those whose numbers a
 * query gives.
 */
export async function fillMapped(staging: StagingSql, input: Checked, into: string, rows?: string): Promise<void> {
  const columns = sentColumns(input.mapping);
  const pairs = secondCells(input.mapping, columns, input.parents);
  const shape = mappedShape(
    columns.map(({ column }) => column),
    pairs.map(({ lookup }) => lookup),
  );
  const wanted = rows === undefined ? 'true' : `s.row_number IN (${rows})`;
  await fillJoined(staging, input.source.alias, { table: into, shape }, cellsSql(input, columns), wanted);
}
