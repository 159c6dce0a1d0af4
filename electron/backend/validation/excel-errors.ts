import type { ColumnMapping } from '../../../shared/domain/field-mapping.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { hasErrorTextSql, isMarkedSql } from '../tables/cell-marks.ts';
import { quoteText } from '../tables/quote.ts';
import { cell, tablesOf } from '../tables/tables.ts';
import { namedValues } from './read-value.ts';

/** SQL that is true of a cell that shows an error of Excel's, unless a person said what its text stands for. */
export function isOpenErrorSql(column: ColumnMapping): string {
  const text = cell(column.column);
  const named = namedValues(column).map(quoteText);
  const open = named.length === 0 ? '' : `AND ${text} NOT IN (${named.join(', ')})`;
  return `(${isMarkedSql('error', column.column)} AND ${hasErrorTextSql(text)} ${open})`;
}

/** Notes in `row_issue` the errors in these columns, which is all there is to say of such a cell. One in a column that nobody maps keeps no row home. */
export async function findErrors(staging: StagingSql, alias: string, columns: readonly ColumnMapping[]): Promise<void> {
  const { staged, rowIssue } = tablesOf(alias);
  const [any] = await staging.query(
    `SELECT row_number FROM ${staged} WHERE marks IS NOT NULL AND problem IS NULL LIMIT 1`,
  );
  if (!any) return;
  for (const column of columns) {
    const open = `FROM ${staged} WHERE problem IS NULL AND ${isOpenErrorSql(column)}`;
    await staging.run(
      `DELETE FROM ${rowIssue} WHERE source_column = ${column.column} AND row_number IN (SELECT row_number ${open});
       INSERT INTO ${rowIssue} SELECT row_number, ${column.column}, 'EXCEL_ERROR', '{}' ${open}`,
    );
  }
}
