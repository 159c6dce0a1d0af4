import { mappedColumns, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { PlanId } from '../../../shared/domain/ids.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { cell, createTable, SEARCH_VALUE, SEARCHED_COLUMN, TABLE_NAMES, tablesOf } from '../tables/tables.ts';
import { hasTables } from './has-tables.ts';

const LIMITS = {
  /** Fewer rows are looked through as they stand. */
  manyRows: 200_000,
  /** Of so many rows it is told which columns say something else nearly each time. */
  lookedAt: 20_000,
  /** A column of no more values than this is searched by its values. */
  fewValues: 50_000,
  /** Of a wide file the texts would be as large as the file. */
  mostColumns: 40,
};

/** Between the cells of a row, which no cell has: a search that holds it is for the cells themselves. */
const BETWEEN = '\u001f';

/** What a plan's search texts are made of. */
interface Searched {
  readonly planId: PlanId;
  readonly mapping: FieldMapping;
  readonly rows: number;
}

/**
 * Makes in a large plan, for it to be searched, a list of the values of each column that has few, and one text a row of its other cells, both
 * in small letters: to look through twenty cells of a million rows takes longer than a page may. `searched_column` says which is which.
 */
export async function makeSearchText(
  staging: StagingSql,
  { planId, mapping, rows }: Searched,
  limits = LIMITS,
): Promise<void> {
  if (rows < limits.manyRows) return;
  const { staged, searchText, searchedColumn, searchValue } = tablesOf(planId);
  const all = [...new Set(mappedColumns(mapping).map(({ column }) => column))];
  if (all.length === 0 || all.length > limits.mostColumns) return;
  const { texts, values } = await divideColumns(staging, staged, all, limits);
  const listed = [...texts, ...values].map((column) => `(${column}, ${values.includes(column)})`);
  const lists = values.map(
    (column) =>
      `INSERT INTO ${searchValue} SELECT DISTINCT ${column}, ${cell(column)}, lower(${cell(column)}) FROM ${staged} WHERE ${cell(column)} <> ''`,
  );
  await staging.run(
    [
      createTable(searchedColumn, SEARCHED_COLUMN),
      createTable(searchValue, SEARCH_VALUE),
      `INSERT INTO ${searchedColumn} VALUES ${listed.join(', ')}`,
      ...lists,
      `CREATE OR REPLACE TABLE ${searchText} AS
         SELECT row_number, lower(concat_ws('${BETWEEN}', ${["''", ...texts.map(cell)].join(', ')})) AS text FROM ${staged}`,
    ].join('; '),
  );
}

/** Which columns have few values: those that say something else nearly each time are told by some of their rows. */
async function divideColumns(
  staging: StagingSql,
  staged: string,
  all: readonly number[],
  { lookedAt, fewValues }: typeof LIMITS,
): Promise<{ texts: number[]; values: number[] }> {
  const distinct = async (columns: readonly number[], from: string) => {
    if (columns.length === 0) return () => 0;
    const counts = columns.map((column) => `approx_count_distinct(${cell(column)}) AS ${cell(column)}`);
    const [counted] = await staging.query(`SELECT ${counts.join(', ')} FROM ${from}`);
    return (column: number) => Number(counted?.[cell(column)] ?? 0);
  };
  const ofSome = await distinct(all, `(SELECT * FROM ${staged} LIMIT ${lookedAt})`);
  const maybe = all.filter((column) => ofSome(column) <= Math.min(fewValues, lookedAt / 2));
  const ofAll = await distinct(maybe, staged);
  const values = maybe.filter((column) => ofAll(column) <= fewValues);
  return { texts: all.filter((column) => !values.includes(column)), values };
}

/** How a search goes through a plan's columns. Those that are in none of its lists are looked through as they stand. */
export interface SearchedColumns {
  /** In the texts of whole rows. */
  readonly texts: readonly number[];
  /** By their values; of these, the ones of which any value has what is searched for. */
  readonly values: readonly number[];
  readonly found: readonly number[];
}

export const NOT_SEARCHED: SearchedColumns = { texts: [], values: [], found: [] };

/** How a plan is searched for a text: as it stands, where it has no lists or these can't tell. */
export async function searchedColumns(
  staging: Pick<StagingSql, 'query'>,
  planId: PlanId,
  search: string,
): Promise<SearchedColumns> {
  if (search === '' || search.includes(BETWEEN)) return NOT_SEARCHED;
  if (!(await hasTables(staging, planId, TABLE_NAMES.searchText, TABLE_NAMES.searchValue))) return NOT_SEARCHED;
  const { searchedColumn, searchValue } = tablesOf(planId);
  const rows = await staging.query(
    `SELECT source_column, by_value, source_column IN (SELECT source_column FROM ${searchValue} WHERE contains(text, lower($1))) AS found
     FROM ${searchedColumn} ORDER BY source_column`,
    [search],
  );
  const columns = (which: (row: (typeof rows)[number]) => boolean) =>
    rows.filter(which).map((row) => Number(row['source_column']));
  return {
    texts: columns((row) => row['by_value'] === false),
    values: columns((row) => row['by_value'] === true),
    found: columns((row) => row['found'] === true),
  };
}
