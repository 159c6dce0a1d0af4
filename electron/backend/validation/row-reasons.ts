import { FieldIssue } from '../../../shared/domain/field-issue.ts';
import { bulkHeader, mappedColumns, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { issueSentence } from '../../../shared/text/issue-text.ts';
import { textOf } from '../staging/staging-functions.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { cell, tablesOf } from '../tables/tables.ts';
import { factsOf } from './issue-names.ts';

/** Why rows of a plan, or of a checked source, are not sent, by row. */
export async function blockingIssues(
  staging: Pick<StagingSql, 'query'>,
  alias: string,
  mapping: FieldMapping,
  where: string,
): Promise<Map<number, FieldIssue[]>> {
  const tables = tablesOf(alias);
  // Mostly there are none, and rows need not be looked up for that.
  const [any] = await staging.query(`SELECT 1 AS one FROM ${tables.rowIssue} WHERE ${where} LIMIT 1`);
  if (!any) return new Map();
  const found = await staging.query(
    `SELECT i.*, s.line, s.original, s.* EXCLUDE (row_number, line, original) FROM ${tables.rowIssue} i JOIN ${tables.staged} s USING (row_number) WHERE i.${where} ORDER BY row_number`,
  );
  const issues = new Map<number, FieldIssue[]>();
  for (const row of found) {
    const number = Number(row['row_number']);
    const column = Number(row['source_column']);
    const target = mappedColumns(mapping).find((candidate) => candidate.column === column)?.target;
    const issue = FieldIssue.parse({
      code: row['code'],
      level: 'row',
      row: number,
      line: Number(row['line']),
      column: column < 0 ? null : column,
      field: target ? bulkHeader(target) : null,
      rawValue: column < 0 ? textOf(row, 'original') : textOf(row, cell(column)),
      facts: factsOf(row['facts']),
    });
    issues.set(number, [...(issues.get(number) ?? []), issue]);
  }
  return issues;
}

/** A row's reasons as they stand in a file: each by its code and its sentence. `columns` are the file's own, by name. */
export function reasonsText(issues: readonly FieldIssue[], columns: readonly string[]): string {
  const texts = issues.map(
    (issue) => `${issue.code}: ${issueSentence(issue, issue.column === null ? '' : (columns[issue.column] ?? ''))}`,
  );
  return texts.join(' | ');
}
