import { FieldIssue, type IssueCode, type IssueGroup, type MappingIssue } from '../../../shared/domain/field-issue.ts';
import { sentColumns, type FieldMapping, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import { columnLabel } from '../../../shared/text/counts.ts';
import { isBlankSql } from '../match/match-sql.ts';
import type { StagedSource } from '../source/staged-sources.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { quoteText } from '../tables/quote.ts';
import { cell, tablesOf } from '../tables/tables.ts';
import { issuesOf, rawSql, readKey, remarkedCells, type CheckedSource } from './issue-names.ts';
import type { WhichProblem } from './problem-rows.ts';
import { groupOf, REPEAT_CODE, rowKinds } from './issue-problems.ts';

const REPEAT_CODES: ReadonlySet<IssueCode> = new Set<IssueCode>(['ROW_REPEATED', 'ROW_SUPERSEDED', 'ROW_MERGED']);

/** Which part of a list. */
interface Page {
  readonly offset: number;
  readonly limit: number;
}

/** The groups of one problem by value, a page at a time, the largest first; of a problem that is not of a value the one it has. */
export async function groupPage(
  staging: StagingSql,
  checked: CheckedSource,
  problem: WhichProblem,
  { offset, limit }: Page,
): Promise<{ groups: IssueGroup[]; total: number }> {
  const { column, code } = problem;
  const { issueGroup } = tablesOf(checked.source.alias);
  if (column !== null) {
    const own = `FROM ${issueGroup} WHERE source_column = ${column} AND code = ${quoteText(code)}`;
    const [counted] = await staging.query(`SELECT count(*) AS n ${own}`);
    const total = Number(counted?.['n'] ?? 0);
    if (total > 0) {
      const rows = await staging.query(`SELECT * ${own} ORDER BY n DESC, first_row LIMIT ${limit} OFFSET ${offset}`);
      return { groups: rows.map((row) => groupOf(checked, row, true)), total };
    }
  }
  const kinds = (await rowKinds(staging, checked)).map((row) => groupOf(checked, row, false));
  const own = kinds.filter((group) => group.code === code && group.column === column);
  return { groups: own.slice(offset, offset + limit), total: own.length };
}

/** In so many rows nearly every column has a value. */
const FIRST_ROWS = 2048;

/** Mapped columns without a single value: usually a column mapped by mistake (M14). */
export async function blankColumns(
  staging: StagingSql,
  source: StagedSource,
  mapping: FieldMapping,
): Promise<MappingIssue[]> {
  const { staged } = tablesOf(source.alias);
  const blankIn = async (columns: readonly MappedColumn[], rows: string) => {
    if (columns.length === 0) return [];
    const counts = columns.map(({ column }) => `count(*) FILTER (NOT ${isBlankSql(cell(column))}) AS n${column}`);
    const [filled] = await staging.query(`SELECT ${counts.join(', ')} FROM ${rows}`);
    return columns.filter(({ column }) => Number(filled?.[`n${column}`] ?? 0) === 0);
  };
  const read = `SELECT * FROM ${staged} WHERE problem IS NULL`;
  const first = await blankIn(sentColumns(mapping), `(${read} LIMIT ${FIRST_ROWS})`);
  const blank = await blankIn(first, `(${read})`);
  return blank.map(({ column }) => ({
    code: 'COLUMN_BLANK',
    level: 'warn',
    column: columnLabel(source.columns[column]?.name, column),
  }));
}

/** The rows of one group, a page at a time. */
export async function issueRows(
  staging: StagingSql,
  checked: CheckedSource,
  groupKey: string,
  { offset, limit }: Page,
): Promise<FieldIssue[]> {
  const [column, code, value] = readKey(groupKey, 'checks.rows');
  const { valueIssue, rowIssue, rowRemark, staged, repeated } = tablesOf(checked.source.alias);
  const raw = rawSql(column);
  const [anyValue] = await staging.query(
    `SELECT count(*) AS n FROM ${valueIssue} WHERE source_column = ? AND code = ?`,
    [column, code],
  );
  const byValue = Number(anyValue?.['n'] ?? 0) > 0;
  const sql = byValue
    ? `SELECT s.row_number, s.line, ${raw} AS raw, i.facts, i.level ${await remarkedCells(staging, checked, column)}
       AND i.code = ? ${value === null ? '' : 'AND i.raw = ?'}`
    : REPEAT_CODES.has(code)
      ? `SELECT s.row_number, s.line, '' AS raw, json_object('of', r.of_row) AS facts, 'once' AS level FROM ${repeated} r JOIN ${staged} s USING (row_number)
         WHERE ${REPEAT_CODE} = ?`
      : `SELECT s.row_number, s.line, ${raw} AS raw, r.facts, r.level
         FROM (SELECT *, 'row' AS level FROM ${rowIssue} UNION ALL SELECT *, 'warn' FROM ${rowRemark}) r JOIN ${staged} s USING (row_number)
         WHERE r.source_column = ${column} AND r.code = ?`;
  const values = byValue && value !== null ? [code, value] : [code];
  const rows = await staging.query(`${sql} ORDER BY s.row_number LIMIT ${limit} OFFSET ${offset}`, values);
  return issuesOf(checked, column, code, rows);
}
