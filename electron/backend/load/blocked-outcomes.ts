import { issueSentence } from '../../../shared/text/issue-text.ts';
import { blockingIssues } from '../plan/plan-pages.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { BLOCKED_TEXT, createTable, TABLE_NAMES, tablesOf } from '../tables/tables.ts';

/** Rows turned into sentences at a time. */
const PAGE = 2000;

/** Rows held back get their reasons as sentences, so that the error file says what to fix. */
export async function writeBlockedOutcomes(staging: StagingClient, { plan, columns }: StoredPlan): Promise<void> {
  const { planId, mapping } = plan;
  const { planned, blockedText, outcome } = tablesOf(planId);
  for (let last = 0; ;) {
    const page = await staging.query(
      `SELECT row_number FROM ${planned} WHERE kind = 'blocked' AND row_number > ? ORDER BY row_number LIMIT ${PAGE}`,
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
    await staging.run(createTable(blockedText, BLOCKED_TEXT));
    await staging.append(planId, TABLE_NAMES.blockedText, rows);
    await staging.run(`INSERT INTO ${outcome} SELECT row_number::INTEGER, kind, id, error FROM ${blockedText}`);
  }
}
