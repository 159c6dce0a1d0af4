import { join } from 'node:path';
import type { IssueCode, ProblemRow } from '../../../shared/domain/field-issue.ts';
import { SourceRowNumber } from '../../../shared/domain/ids.ts';
import type { Writing } from '../../../shared/domain/source-file.ts';
import { writeRows } from '../staging/write-rows.ts';
import { textOf } from '../staging/staging-functions.ts';
import type { StagingClient, StagingSql } from '../staging/staging-client.ts';
import { quoteText } from '../tables/quote.ts';
import {
  BLOCKED_TEXT,
  cell,
  createTable,
  LEFT_OUT_SQL,
  PROBLEM_TEXT,
  TABLE_NAMES,
  tablesOf,
} from '../tables/tables.ts';
import type { CheckedSource } from './issue-names.ts';
import { blockingIssues, reasonsText } from './row-reasons.ts';

/** One problem of one column, or of whole rows. */
export interface WhichProblem {
  readonly column: number | null;
  readonly code: IssueCode;
}

/** Rows that were left out are a choice, and no problem, whatever else is said of them. */
function areProblems(rowIssue: string): string {
  return `WHERE row_number NOT IN (SELECT row_number FROM ${rowIssue} WHERE code IN (${LEFT_OUT_SQL}))`;
}

/**
 * Rows that are not sent, or those with one problem, in file order, a page at a time. `editedIn` is the database that knows which cells
 * were typed over: the source's own, also for the rows of a plan.
 */
export async function problemPage(
  staging: StagingSql,
  { source, mapping }: CheckedSource,
  problem: WhichProblem | null,
  { offset, limit }: { readonly offset: number; readonly limit: number },
  editedIn = source.alias,
): Promise<{ rows: ProblemRow[]; total: number }> {
  const { rowIssue, staged } = tablesOf(source.alias);
  const { named } = tablesOf(editedIn);
  const only = problem
    ? `WHERE source_column = ${problem.column ?? -1} AND code = ${quoteText(problem.code)}`
    : areProblems(rowIssue);
  const numbers = `SELECT DISTINCT row_number FROM ${rowIssue} ${only}`;
  const [counted] = await staging.query(`SELECT count(*) AS n FROM (${numbers})`);
  const total = Number(counted?.['n'] ?? 0);
  const page = await staging.query(`${numbers} ORDER BY row_number LIMIT ${limit} OFFSET ${offset}`);
  if (page.length === 0) return { rows: [], total };
  const inPage = `row_number IN (${page.map((row) => Number(row['row_number'])).join(', ')})`;
  const issues = await blockingIssues(staging, source.alias, mapping, inPage);
  const rows = await staging.query(`SELECT * FROM ${staged} WHERE ${inPage} ORDER BY row_number`);
  const edited = await staging.query(`SELECT row_number, source_column FROM ${named('edited')} WHERE ${inPage}`);
  return {
    total,
    rows: rows.map((row) => ({
      row: SourceRowNumber.parse(Number(row['row_number'])),
      line: Number(row['line']),
      cells: source.columns.map(({ index }) => textOf(row, cell(index))),
      edited: edited.flatMap((one) => (one['row_number'] === row['row_number'] ? [Number(one['source_column'])] : [])),
      issues: issues.get(Number(row['row_number'])) ?? [],
    })),
  };
}

/** Rows turned into sentences at a time. */
const PAGE = 2000;

/** Writes the rows that are not sent, each with its reasons: the error file of a load that sends nothing. */
export async function writeProblemRows(
  staging: StagingClient,
  { source, mapping }: CheckedSource,
  folder: string,
  writing: Writing,
  signal: AbortSignal,
): Promise<{ path: string; rows: number }> {
  const { alias, delimiter } = source;
  const { rowIssue, problemText, blockedText, staged } = tablesOf(alias);
  const columns = source.columns.map(({ name }) => name);
  const path = join(folder, 'problems.csv');
  const own = staging.until(signal);
  await own.run(createTable(problemText, PROBLEM_TEXT));
  for (let last = 0; ;) {
    const page = await own.query(
      `SELECT DISTINCT row_number FROM ${rowIssue} ${areProblems(rowIssue)} AND row_number > ? ORDER BY row_number LIMIT ${PAGE}`,
      [last],
    );
    if (page.length === 0) break;
    const first = last + 1;
    last = Number(page.at(-1)?.['row_number']);
    const issues = await blockingIssues(own, alias, mapping, `row_number BETWEEN ${first} AND ${last}`);
    const rows = page.map(({ row_number }) => [
      String(row_number),
      '',
      '',
      reasonsText(issues.get(Number(row_number)) ?? [], columns),
    ]);
    await own.run(createTable(blockedText, BLOCKED_TEXT));
    await staging.append(alias, TABLE_NAMES.blockedText, rows);
    await own.run(`INSERT INTO ${problemText} SELECT row_number::INTEGER, error FROM ${blockedText}`);
  }
  const file = { told: problemText, staged, where: 'true', lead: ['sf__Id', 'sf__Error'], select: ["''", 'o.error'] };
  const { rows } = await writeRows(
    staging,
    { ...file, columns, path, delimiter, writing, spreadsheetSafe: false },
    signal,
  );
  await own.run(`DROP TABLE ${problemText}; DROP TABLE IF EXISTS ${blockedText}`);
  return { path, rows };
}
