import { FieldIssue, IssueCode, type IssueGroup, type IssueProblem } from '../../../shared/domain/field-issue.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { quoteText } from '../tables/quote.ts';
import { createTable, ISSUE_GROUP, POLICY_SQL, ROW_ISSUE, tablesOf } from '../tables/tables.ts';
import { issuesOf, namesOf, rawSql, readKey, type CheckedSource } from '../validation/issue-names.ts';
import { groupOf } from '../validation/issue-problems.ts';
import type { WhichProblem } from '../validation/problem-rows.ts';
import type { PlanInput } from './plan-input.ts';

/** Problems of one value each, which one fix mends in all its rows: which record it names. */
const BY_VALUE: readonly IssueCode[] = [
  'LOOKUP_NOT_FOUND',
  'LOOKUP_AMBIGUOUS',
  'LOOKUP_INACTIVE',
  'LOOKUP_PARENT_HOME',
  'LOOKUP_PARENT_KEY',
  'LOOKUP_CIRCLE',
  'LOOKUP_CIRCLE_IN_ORG',
  'LOOKUP_SEVERAL_ROWS',
  'LOOKUP_ROW_REQUIRED',
  'RECORD_NOT_FOUND',
  'RECORD_DELETED',
  'RECORD_NOT_IN_BIN',
  'RECORD_NOT_VISIBLE',
  'MATCH_AMBIGUOUS',
];

/** Groups that a problem brings at once, as in the checks. */
const FIRST_GROUPS = 50;

interface Page {
  readonly offset: number;
  readonly limit: number;
}

function orgIssueOf(alias: string): string {
  return tablesOf(alias).named('org_issue');
}

/**
 * Notes in `org_issue` why rows are not sent that the checks knew nothing of, and gathers them in the plan's `issue_group`: what only the
 * org could tell. What a policy leaves out is no problem. The source was checked by the plan's own mapping last. What is wrong with a row that was left out is no one's to mend.
 */
export async function noteOrgIssues(
  staging: StagingSql,
  { planId, source }: Pick<PlanInput, 'planId' | 'source'>,
): Promise<void> {
  const { rowIssue, issueGroup, staged } = tablesOf(planId);
  const orgIssue = orgIssueOf(planId);
  const leftOut = `SELECT row_number FROM ${rowIssue} WHERE code = 'LEFT_OUT'`;
  await staging.run(
    `DELETE FROM ${rowIssue} WHERE code <> 'LEFT_OUT' AND row_number IN (${leftOut});
     ${createTable(orgIssue, ROW_ISSUE)};
     INSERT INTO ${orgIssue} SELECT * FROM ${rowIssue} ANTI JOIN ${tablesOf(source.alias).rowIssue} USING (row_number, source_column, code) WHERE code NOT IN (${POLICY_SQL});
     ${createTable(issueGroup, ISSUE_GROUP)}`,
  );
  const byValue = BY_VALUE.map(quoteText).join(', ');
  for (const row of await staging.query(`SELECT DISTINCT source_column FROM ${orgIssue}`)) {
    const column = Number(row['source_column']);
    const raw = rawSql(column);
    const own = `SELECT ${raw} AS raw, o.code, o.facts, o.row_number, s.line FROM ${orgIssue} o JOIN ${staged} s USING (row_number) WHERE o.source_column = ${column}`;
    await staging.run(
      `INSERT INTO ${issueGroup} SELECT ${column}, arg_min(raw, row_number), code, 'row', arg_min(facts, row_number), count(*), min(row_number), arg_min(line, row_number)
       FROM (${own}) GROUP BY code, CASE WHEN code IN (${byValue}) THEN raw END`,
    );
  }
}

function groupsOf(checked: CheckedSource, rows: Awaited<ReturnType<StagingSql['query']>>): IssueGroup[] {
  return rows.map((row) => groupOf(checked, row, BY_VALUE.includes(IssueCode.parse(row['code']))));
}

/** What only the org could tell of a plan's rows: the problems, and the beginning of their groups, the largest first. */
export async function orgProblems(
  staging: StagingSql,
  checked: CheckedSource,
): Promise<{ problems: IssueProblem[]; groups: IssueGroup[] }> {
  const { issueGroup } = tablesOf(checked.source.alias);
  const kinds = await staging.query(
    `SELECT source_column, code, count(*) AS n_values, sum(n) AS n FROM ${issueGroup} GROUP BY ALL ORDER BY n DESC, source_column, code`,
  );
  const first = await staging.query(
    `SELECT * FROM ${issueGroup} QUALIFY row_number() OVER (PARTITION BY source_column, code ORDER BY n DESC, first_row) <= ${FIRST_GROUPS}
     ORDER BY n DESC, first_row`,
  );
  const problems = kinds.map((row): IssueProblem => ({
    code: IssueCode.parse(row['code']),
    level: 'row',
    ...namesOf(checked, Number(row['source_column'])),
    groups: Number(row['n_values']),
    rows: Number(row['n']),
  }));
  return { problems, groups: groupsOf(checked, first) };
}

/** The groups of one of them, a page at a time, the largest first. */
export async function orgGroupPage(
  staging: StagingSql,
  checked: CheckedSource,
  { column, code }: WhichProblem,
  { offset, limit }: Page,
): Promise<{ groups: IssueGroup[]; total: number }> {
  const { issueGroup } = tablesOf(checked.source.alias);
  const own = `FROM ${issueGroup} WHERE source_column = ${column ?? -1} AND code = ${quoteText(code)}`;
  const [counted] = await staging.query(`SELECT count(*) AS n ${own}`);
  const rows = await staging.query(`SELECT * ${own} ORDER BY n DESC, first_row LIMIT ${limit} OFFSET ${offset}`);
  return { groups: groupsOf(checked, rows), total: Number(counted?.['n'] ?? 0) };
}

/** The rows of one group, a page at a time. */
export async function orgGroupRows(
  staging: StagingSql,
  checked: CheckedSource,
  groupKey: string,
  { offset, limit }: Page,
): Promise<FieldIssue[]> {
  const [column, code, value] = readKey(groupKey, 'plan.groupRows');
  const { alias } = checked.source;
  const raw = rawSql(column);
  const rows = await staging.query(
    `SELECT o.row_number, s.line, ${raw} AS raw, o.facts FROM ${orgIssueOf(alias)} o JOIN ${tablesOf(alias).staged} s USING (row_number)
     WHERE o.source_column = ${column} AND o.code = ? ${value === null ? '' : `AND ${raw} = ?`} ORDER BY 1 LIMIT ${limit} OFFSET ${offset}`,
    value === null ? [code] : [code, value],
  );
  return issuesOf(checked, column, code, rows);
}
