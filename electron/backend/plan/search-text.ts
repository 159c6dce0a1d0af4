import { mappedColumns, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { PlanId } from '../../../shared/domain/ids.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { cell, createTable, SEARCHED_COLUMN, TABLE_NAMES, tablesOf } from '../tables/tables.ts';
import { hasTables } from './has-tables.ts';

/** Fewer rows are looked through as they stand. */
const MANY_ROWS = 200_000;
/** Of so many rows it is told which columns say something else nearly each time. */
const LOOKED_AT = 20_000;
/** A column of no more texts than this among them is looked through as it stands: each text once. */
const FEW_TEXTS = 200;
/** Of a wide file the texts would be as large as the file. */
const MOST_COLUMNS = 40;

/** Between the cells of a row, which no cell has: a search that holds it is for the cells themselves. */
const BETWEEN = '\u001f';

/** What a plan's search texts are made of. */
interface Searched {
  readonly planId: PlanId;
  readonly mapping: FieldMapping;
  readonly rows: number;
}

/**
 * Makes in a large plan, for it to be searched, one text a row of its cells in small letters: to make these of twenty columns of a million
 * rows takes longer than a page may. `searched_column` says of which columns.
 */
export async function makeSearchText(
  staging: StagingSql,
  { planId, mapping, rows }: Searched,
  manyRows = MANY_ROWS,
  fewTexts = FEW_TEXTS,
): Promise<void> {
  if (rows < manyRows) return;
  const { staged, searchText, searchedColumn } = tablesOf(planId);
  const all = [...new Set(mappedColumns(mapping).map(({ column }) => column))];
  if (all.length === 0) return;
  const counts = all.map((column) => `approx_count_distinct(${cell(column)}) AS ${cell(column)}`);
  const [counted] = await staging.query(
    `SELECT ${counts.join(', ')} FROM (SELECT * FROM ${staged} LIMIT ${LOOKED_AT})`,
  );
  const columns = all.filter((column) => Number(counted?.[cell(column)] ?? 0) > fewTexts);
  if (columns.length === 0 || columns.length > MOST_COLUMNS) return;
  await staging.run(
    `${createTable(searchedColumn, SEARCHED_COLUMN)};
     INSERT INTO ${searchedColumn} VALUES ${columns.map((column) => `(${column})`).join(', ')};
     CREATE OR REPLACE TABLE ${searchText} AS
       SELECT row_number, lower(concat_ws('${BETWEEN}', ${columns.map(cell).join(', ')})) AS text FROM ${staged}`,
  );
}

/** The columns of which a plan has texts for a search; none where it has no such texts, or none that this can be found in. */
export async function searchedColumns(
  staging: Pick<StagingSql, 'query'>,
  planId: PlanId,
  search: string,
): Promise<number[]> {
  if (search === '' || search.includes(BETWEEN)) return [];
  if (!(await hasTables(staging, planId, TABLE_NAMES.searchText, TABLE_NAMES.searchedColumn))) return [];
  const found = await staging.query(`SELECT source_column FROM ${tablesOf(planId).searchedColumn}`);
  return found.map((row) => Number(row['source_column']));
}
