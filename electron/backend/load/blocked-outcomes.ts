import type { StoredPlan } from '../plan/stored-plan.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { blockingIssues, reasonsText } from '../validation/row-reasons.ts';
import { BLOCKED_TEXT, createTable, TABLE_NAMES, tablesOf } from '../tables/tables.ts';

/** Rows turned into sentences at a time. */
const PAGE = 2000;

/** Rows that are not sent, or left out, get their reasons as sentences, so that the error file and the report say them. */
export async function writeBlockedOutcomes(staging: StagingClient, { plan, columns }: StoredPlan): Promise<void> {
  const { planId, mapping } = plan;
  const { planned, blockedText, outcome } = tablesOf(planId);
  for (let last = 0; ;) {
    const page = await staging.query(
      `SELECT row_number, kind FROM ${planned} WHERE kind IN ('blocked', 'leftOut') AND row_number > ? ORDER BY row_number LIMIT ${PAGE}`,
      [last],
    );
    if (page.length === 0) return;
    const first = last + 1;
    last = Number(page.at(-1)?.['row_number']);
    const issues = await blockingIssues(staging, planId, mapping, `row_number BETWEEN ${first} AND ${last}`);
    const rows = page.map(({ row_number, kind }) => [
      String(row_number),
      kind === 'leftOut' ? 'leftOut' : 'skipped',
      '',
      reasonsText(issues.get(Number(row_number)) ?? [], columns),
    ]);
    await staging.run(createTable(blockedText, BLOCKED_TEXT));
    await staging.append(planId, TABLE_NAMES.blockedText, rows);
    await staging.run(`INSERT INTO ${outcome} SELECT row_number::INTEGER, kind, id, error FROM ${blockedText}`);
  }
}
