import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { leaveRows, settle } from '../plan/leave-out.ts';
import type { PlannedMapping } from '../plan/plan-input.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { syncWorkTables } from '../tables/sync-tables.ts';
import { tablesOf } from '../tables/tables.ts';

interface Deleting {
  readonly plan: LoadPlan;
  readonly workId: string;
}

/**
 * Rows that would delete a record which was changed in the org since it was agreed, in whatever field: nobody who changed it knows that its row is
 * gone.
 */
function movedSql({ plan, workId }: Deleting): string {
  const { planned, currentRecord } = tablesOf(plan.planId);
  return `SELECT p.row_number FROM ${planned} p JOIN ${currentRecord} c ON c.id = p.id JOIN ${syncWorkTables(workId).gone} g ON g.id = p.id
    WHERE p.kind = 'delete' AND c.stamp <> g.stamp`;
}

export async function countMoved(staging: StagingSql, deleting: Deleting): Promise<number> {
  const [counts] = await staging.query(`SELECT count(*) AS n FROM (${movedSql(deleting)})`);
  return Number(counts?.['n'] ?? 0);
}

/** Leaves those out of the plan. */
export async function leaveMoved(staging: StagingSql, deleting: Deleting, input: PlannedMapping): Promise<void> {
  const { plan } = deleting;
  const chosen = tablesOf(plan.planId).named('sync_chosen');
  await staging.run(`CREATE OR REPLACE TABLE ${chosen} AS ${movedSql(deleting)}`);
  await leaveRows(staging, plan, chosen);
  await staging.run(`DROP TABLE ${chosen}`);
  await settle(staging, plan, input);
}
