import type { DuckDBConnection } from '@duckdb/node-api';
import type { ColumnMapping } from '../../../shared/domain/field-mapping.ts';
import { chunks } from '../staging/result-chunks.ts';
import { isMarkedSql } from '../tables/cell-marks.ts';
import { cell } from '../tables/tables.ts';
import { isOpenErrorSql } from './excel-errors.ts';
import { guarded, unguarded } from './guarded-text.ts';

/** Whether the file holds a value as a number in all of the cells with its text, in some, or in none. */
export type HeldAs = 'number' | 'text' | 'both';

/** Every distinct value of a column that is not blank and no error, of those for which `where` is true. */
export async function* distinctValues(
  connection: DuckDBConnection,
  alias: string,
  column: ColumnMapping,
  where: string,
): AsyncGenerator<{ raw: string; heldAs: HeldAs }> {
  const text = cell(column.column);
  const from = `FROM ${alias}.staged WHERE problem IS NULL AND ${text} <> '' AND ${where}`;
  const marked = await connection.runAndReadAll(
    `SELECT row_number FROM ${alias}.staged WHERE marks IS NOT NULL AND problem IS NULL LIMIT 1`,
  );
  if (marked.currentRowCount === 0) {
    for await (const rows of chunks(connection, `SELECT DISTINCT ${guarded(text)} ${from}`))
      for (const [stored] of rows) yield { raw: unguarded(stored), heldAs: 'text' };
    return;
  }
  const isNumber = isMarkedSql('number', column.column);
  const sql = `SELECT ${guarded(text)}, bool_and(${isNumber}), bool_or(${isNumber}) ${from} AND NOT ${isOpenErrorSql(column)} GROUP BY ${text}`;
  for await (const rows of chunks(connection, sql))
    for (const [stored, all, some] of rows)
      yield { raw: unguarded(stored), heldAs: all === true ? 'number' : some === true ? 'both' : 'text' };
}
