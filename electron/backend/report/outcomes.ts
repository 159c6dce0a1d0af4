import { SourceRowNumber } from '../../../shared/domain/ids.ts';
import { OutcomeKind, type ErrorGroup, type OutcomeRow } from '../../../shared/domain/load-results.ts';
import { issueSentence } from '../../../shared/text/issue-text.ts';
import type { StoredPlan } from '../load/stored-plan.ts';
import { blockingIssues } from '../plan/plan-pages.ts';
import type { StagingClient } from '../staging/staging-client.ts';

/** Rows turned into sentences at a time. */
const PAGE = 2000;

/** Rows held back get their reasons as sentences, so that the error file says what to fix. */
export async function writeBlockedOutcomes(staging: StagingClient, { plan, columns }: StoredPlan): Promise<void> {
  const { planId, mapping } = plan;
  for (let last = 0; ;) {
    const page = await staging.query(
      `SELECT row_number FROM ${planId}.planned WHERE kind = 'blocked' AND row_number > ? ORDER BY row_number LIMIT ${PAGE}`,
      [last],
    );
    if (page.length === 0) return;
    const first = last + 1;
    last = Number(page.at(-1)?.['row_number']);
    const issues = await blockingIssues(staging, planId, mapping, `row_number BETWEEN ${first} AND ${last}`);
    const rows = page.map(({ row_number }) => {
      const texts = (issues.get(Number(row_number)) ?? []).map(
        (issue) => `${issue.code}: ${issueSentence(issue, issue.column === null ? '' : (columns[issue.column] ?? ''))}`,
      );
      return [String(row_number), 'skipped', '', texts.join(' | ')];
    });
    await staging.run(
      `CREATE OR REPLACE TABLE ${planId}.blocked_text (row_number VARCHAR, kind VARCHAR, id VARCHAR, error VARCHAR)`,
    );
    await staging.append(planId, 'blocked_text', rows);
    await staging.run(
      `INSERT INTO ${planId}.outcome SELECT row_number::INTEGER, kind, id, error FROM ${planId}.blocked_text`,
    );
  }
}

/** Failures and held-back rows grouped by their code: what one fix would mend. */
export async function errorGroups(staging: StagingClient, { plan }: StoredPlan): Promise<ErrorGroup[]> {
  const { planId } = plan;
  const rows = await staging.query(
    `WITH coded AS (SELECT row_number, error, split_part(error, ':', 1) AS code,
       CASE WHEN kind = 'failed' THEN regexp_extract(error, ':([^:]*) --$', 1) ELSE '' END AS fields
       FROM ${planId}.outcome WHERE kind IN ('failed', 'unknown') OR (kind = 'skipped' AND error NOT LIKE 'Longshore:%'))
     SELECT code, fields, count(*) AS n, min(row_number) AS first_row, arg_min(error, row_number) AS message FROM coded GROUP BY code, fields ORDER BY n DESC LIMIT 200`,
  );
  return rows.map((row) => ({
    statusCode: String(row['code']),
    fields: String(row['fields'] ?? ''),
    rows: Number(row['n']),
    example: { row: SourceRowNumber.parse(Number(row['first_row'])), message: String(row['message']) },
  }));
}

/** A page of rows by outcome, in file order, with their original cells. */
export async function outcomePage(
  staging: StagingClient,
  { plan, columns }: StoredPlan,
  kinds: readonly OutcomeKind[],
  offset: number,
  limit: number,
): Promise<{ rows: OutcomeRow[]; total: number; columns: string[] }> {
  const { planId } = plan;
  const list = kinds.map((kind) => `'${OutcomeKind.parse(kind)}'`).join(', ') || "''";
  const from = `FROM ${planId}.outcome o JOIN ${planId}.staged s USING (row_number) WHERE o.kind IN (${list})`;
  const [counted] = await staging.query(`SELECT count(*) AS n ${from}`);
  const rows = await staging.query(
    `SELECT o.*, s.line, s.* EXCLUDE (row_number, line) ${from} ORDER BY o.row_number LIMIT ${limit} OFFSET ${offset}`,
  );
  return {
    total: Number(counted?.['n'] ?? 0),
    columns,
    rows: rows.map((row) => ({
      row: SourceRowNumber.parse(Number(row['row_number'])),
      line: Number(row['line']),
      kind: OutcomeKind.parse(row['kind']),
      id: String(row['id'] ?? ''),
      error: String(row['error'] ?? ''),
      cells: columns.map((_, index) => (row[`c${index}`] === null ? '' : String(row[`c${index}`]))),
    })),
  };
}
