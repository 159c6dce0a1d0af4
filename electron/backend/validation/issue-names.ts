import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { FieldIssue, IssueCode, IssueFacts, type IssueProblem } from '../../../shared/domain/field-issue.ts';
import { bulkHeader, mappedColumns, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { fieldNamed, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { columnLabel } from '../../../shared/text/counts.ts';
import type { StagedSource } from '../source/staged-sources.ts';
import { parseJson } from '../parse-json.ts';
import type { SqlRow } from '../staging/staging-functions.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { cell, tablesOf } from '../tables/tables.ts';

/** What issues are told of: the source as it was checked last, by this mapping. */
export interface CheckedSource {
  readonly source: StagedSource;
  readonly mapping: FieldMapping;
  readonly describe: SObjectDescribe;
}

type Names = Pick<IssueProblem, 'column' | 'columnName' | 'field' | 'fieldLabel'>;

/** A column by its names; below zero it is none, for problems of the whole row. */
export function namesOf({ source, mapping, describe }: CheckedSource, column: number): Names {
  if (column < 0) return { column: null, columnName: '', field: null, fieldLabel: null };
  const target = mappedColumns(mapping).find((candidate) => candidate.column === column)?.target;
  return {
    column,
    columnName: columnLabel(source.columns[column]?.name, column),
    field: target ? bulkHeader(target) : null,
    fieldLabel: target ? (fieldNamed(describe, target.field)?.label ?? null) : null,
  };
}

export function factsOf(text: unknown): IssueFacts {
  const facts = IssueFacts.safeParse(JSON.parse(typeof text === 'string' ? text : '{}'));
  return facts.success ? facts.data : {};
}

/** Value problems are grouped by value, so that one fix mends a group; remarks and whole-row problems by kind. */
export function keyOf(column: number, code: IssueCode, raw: string | null): string {
  return JSON.stringify([column, code, raw]);
}

const GroupKey = z.tuple([z.number().int(), IssueCode, z.string().nullable()]);

/** What `keyOf` made a key of. Throws `BAD_REQUEST`, naming the procedure that was given another. */
export function readKey(key: string, where: string): z.infer<typeof GroupKey> {
  const read = GroupKey.safeParse(parseJson(key));
  if (!read.success) throw new FailureError({ code: 'BAD_REQUEST', where, problem: 'unknown group' });
  return read.data;
}

/** What an issue tells of a row of `staged`, as `s`: the cell, or of one of the whole row the row as it is in the file. */
export function rawSql(column: number): string {
  return column < 0 ? "coalesce(s.original, '')" : `coalesce(s.${cell(column)}, '')`;
}

/** Rows of one group, selected as `row_number`, `line`, `raw`, `facts` and, where they are not all that of a row, `level`. */
export function issuesOf(
  checked: CheckedSource,
  column: number,
  code: IssueCode,
  rows: readonly SqlRow[],
): FieldIssue[] {
  const names = namesOf(checked, column);
  return rows.map((row) =>
    FieldIssue.parse({
      code,
      level: row['level'] ?? 'row',
      row: Number(row['row_number']),
      line: Number(row['line']),
      column: names.column,
      field: names.field,
      rawValue: String(row['raw'] ?? ''),
      facts: factsOf(row['facts']),
    }),
  );
}

/**
 * The cells of a column with the remarks on their values, as `FROM … WHERE …` with `i` the remark and `s` the row. Of rows that
 * were left out only that is told.
 */
export async function remarkedCells(staging: StagingSql, { source }: CheckedSource, column: number): Promise<string> {
  const { valueIssue, rowIssue, staged } = tablesOf(source.alias);
  const leftOut = `SELECT row_number FROM ${rowIssue} WHERE code = 'LEFT_OUT'`;
  const [any] = await staging.query(`SELECT count(*) AS n FROM (${leftOut} LIMIT 1)`);
  const others = Number(any?.['n'] ?? 0) > 0 ? `AND (i.code = 'LEFT_OUT' OR s.row_number NOT IN (${leftOut}))` : '';
  return `FROM ${valueIssue} i JOIN ${staged} s ON s.problem IS NULL AND coalesce(s.${cell(column)}, '') = i.raw
    WHERE i.source_column = ${column} ${others}`;
}
