import { IssueCode, IssueLevel, type CheckReport, type IssueGroup } from '../../../shared/domain/field-issue.ts';
import { SourceRowNumber } from '../../../shared/domain/ids.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { textOf, type SqlRow } from '../staging/staging-functions.ts';
import { cell, tablesOf } from '../tables/tables.ts';
import { factsOf, keyOf, namesOf, type CheckedSource } from './issue-names.ts';

/** Groups that a problem brings at once; a column of free text can have as many kinds of wrong as it has rows. */
const FIRST_GROUPS = 50;

/** What is said of a row of `repeated`; together they are all that count as repeated. */
export const REPEAT_CODE =
  "CASE decision WHEN 'identical' THEN 'ROW_REPEATED' WHEN 'merged' THEN 'ROW_MERGED' ELSE 'ROW_SUPERSEDED' END";

type Found = Pick<CheckReport, 'problems' | 'groups'>;

const RANK: Record<IssueLevel, number> = { block: 0, row: 1, warn: 2, once: 3, fix: 4 };

export function groupOf(checked: CheckedSource, row: SqlRow, byValue: boolean): IssueGroup {
  const column = Number(row['source_column']);
  const code = IssueCode.parse(row['code']);
  const rawValue = String(row['raw'] ?? '');
  return {
    key: keyOf(column, code, byValue ? rawValue : null),
    code,
    level: IssueLevel.parse(row['level']),
    ...namesOf(checked, column),
    rawValue,
    oneValue: byValue,
    facts: factsOf(row['facts']),
    rows: Number(row['n']),
    firstRow: SourceRowNumber.parse(Number(row['first_row'])),
    firstLine: Number(row['first_line']),
  };
}

/** The problems of a checked source whose remarks are grouped, with the beginning of their groups: the worst first, then the largest. */
export async function findProblems(staging: StagingSql, checked: CheckedSource): Promise<Found> {
  const found: Found = { problems: [], groups: [] };
  const add = (row: SqlRow, values: number, group: IssueGroup | null) => {
    const { code, level, column, columnName, field, fieldLabel, rows } = group ?? groupOf(checked, row, false);
    found.problems.push({ code, level, column, columnName, field, fieldLabel, groups: values, rows });
    if (group) found.groups.push(group);
  };
  const { issueGroup } = tablesOf(checked.source.alias);
  const kinds = await staging.query(
    `SELECT source_column, code, level, arg_min(raw, first_row) AS raw, arg_min(facts, first_row) AS facts, count(*) AS n_values,
       sum(n) AS n, min(first_row) AS first_row, arg_min(first_line, first_row) AS first_line FROM ${issueGroup} GROUP BY source_column, code, level`,
  );
  for (const row of kinds)
    add(row, Number(row['n_values']), row['level'] === 'row' ? null : groupOf(checked, row, false));
  const first = await staging.query(
    `SELECT * FROM ${issueGroup} WHERE level = 'row'
     QUALIFY row_number() OVER (PARTITION BY source_column, code ORDER BY n DESC, first_row) <= ${FIRST_GROUPS}`,
  );
  for (const row of first) found.groups.push(groupOf(checked, row, true));
  for (const row of await rowKinds(staging, checked)) add(row, 1, groupOf(checked, row, false));
  // As many rows of two problems: in the file's order, for a check says the same each time.
  found.problems.sort(
    (a, b) =>
      RANK[a.level] - RANK[b.level] ||
      b.rows - a.rows ||
      (a.column ?? -1) - (b.column ?? -1) ||
      a.code.localeCompare(b.code),
  );
  found.groups.sort((a, b) => b.rows - a.rows || a.firstRow - b.firstRow);
  return found;
}

/** Problems that are not of one value: of the row, of values that must be there, of several values together. */
export async function rowKinds(staging: StagingSql, { source }: CheckedSource): Promise<SqlRow[]> {
  const { valueIssue, rowIssue, rowRemark, staged, repeated } = tablesOf(source.alias);
  const values = `SELECT DISTINCT source_column, code FROM ${valueIssue} WHERE level = 'row'`;
  // Counted without what they say: of each kind that is wanted of its first row only.
  const kinds = await staging.query(
    `SELECT r.source_column, r.code, r.level, count(*) AS n, min(r.row_number) AS first_row
     FROM (SELECT row_number, source_column, code, 'row' AS level FROM ${rowIssue} UNION ALL
       SELECT row_number, source_column, code, 'warn' FROM ${rowRemark}) r
     ANTI JOIN (${values}) v ON v.source_column = r.source_column AND v.code = r.code GROUP BY r.source_column, r.code, r.level`,
  );
  const found: SqlRow[] = [];
  for (const row of kinds) {
    const [column, number] = [Number(row['source_column']), Number(row['first_row'])];
    const [issue] = await staging.query(
      `SELECT facts FROM ${row['level'] === 'warn' ? rowRemark : rowIssue} WHERE row_number = ${number} AND source_column = ${column} AND code = ? LIMIT 1`,
      [textOf(row, 'code')],
    );
    const [first] = await staging.query(`SELECT * FROM ${staged} WHERE row_number = ${number}`);
    const raw = textOf(first, column < 0 ? 'original' : cell(column));
    found.push({ ...row, facts: textOf(issue, 'facts'), first_line: first?.['line'] ?? 0, raw });
  }
  const repeats = await staging.query(
    `SELECT decision, ${REPEAT_CODE} AS code, count(*) AS n, min(row_number) AS first_row FROM ${repeated} GROUP BY decision`,
  );
  for (const row of repeats) {
    const number = Number(row['first_row']);
    const [first] = await staging.query(
      `SELECT s.line, r.of_row FROM (SELECT * FROM ${staged} WHERE row_number = ${number}) s
       JOIN (SELECT * FROM ${repeated} WHERE row_number = ${number}) r USING (row_number)`,
    );
    const facts = JSON.stringify({ of: first?.['of_row'] });
    found.push({ ...row, source_column: -1, level: 'once', raw: '', facts, first_line: first?.['line'] ?? 0 });
  }
  return found;
}

/** How the rows of a checked source divide: each is ready, repeated or blocked. */
export async function countRows(
  staging: StagingSql,
  { source }: CheckedSource,
): Promise<Pick<CheckReport, 'rows' | 'rowsReady' | 'rowsRepeated' | 'rowsBlocked' | 'rowsLeftOut'>> {
  const { rowIssue, repeated } = tablesOf(source.alias);
  const [count] = await staging.query(
    `SELECT count(DISTINCT row_number) AS blocked, count(DISTINCT row_number) FILTER (code = 'LEFT_OUT') AS left_out,
       (SELECT count(*) FROM ${repeated}) AS repeated FROM ${rowIssue}`,
  );
  const [rowsBlocked, rowsLeftOut, rowsRepeated] = ['blocked', 'left_out', 'repeated'].map((name) =>
    Number(count?.[name] ?? 0),
  ) as [number, number, number];
  const { rows } = source;
  return { rows, rowsReady: rows - rowsBlocked - rowsRepeated, rowsRepeated, rowsBlocked, rowsLeftOut };
}
