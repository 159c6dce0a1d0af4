import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { SyncRules } from '../../../shared/domain/sync.ts';
import { leaveChanges, leaveRows, settle } from '../plan/leave-out.ts';
import { takeBackCells } from '../plan/parents-in-file.ts';
import type { PlannedMapping } from '../plan/plan-input.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { syncStateTables } from '../tables/sync-tables.ts';
import { tablesOf } from '../tables/tables.ts';
import { leftCellSql, orgCellSql } from './cell-digests.ts';
import { rowKeySql, type SyncMapping } from './sync-basis.ts';

/** A cell that was set back in so many runs is set aside: somebody, or something, in the org means it. */
export const FLIPS = 3;

interface Keeping {
  readonly plan: LoadPlan;
  readonly input: PlannedMapping;
  readonly sync: SyncMapping;
  readonly alias: string;
  readonly rules: SyncRules;
}

/**
 * Cells that a plan would change and that stay as they are, as SQL of row numbers and columns: the row says what it said when it was agreed,
 * and the org has what was agreed (it made something else of the value then), or the job keeps what was changed there, or the cell was set
 * aside.
 */
function keptSql({ plan, sync, alias, rules }: Keeping): string {
  const { planned, mapped, staged, currentRecord } = tablesOf(plan.planId);
  const { record } = syncStateTables(alias);
  const cells = sync.compared.map((column, index) => {
    const at = index + 1;
    const stays =
      rules.orgChanges === 'keep'
        ? 'true'
        : `(r.org_cells[${at}] = ${orgCellSql(column, sync, 'c')} OR r.flips[${at}] >= ${FLIPS})`;
    return `SELECT p.row_number, ${column.column} AS n FROM ${planned} p JOIN ${mapped} m USING (row_number) JOIN ${staged} s USING (row_number)
      JOIN ${record} r ON r.k = ${rowKeySql(sync, 's')} JOIN ${currentRecord} c ON c.id = p.id
      WHERE p.kind = 'update' AND r.id = p.id AND list_contains(p.changed, ${column.column})
        AND r.left_cells[${at}] = ${leftCellSql(column, sync, 'm')} AND ${stays}`;
  });
  return cells.length === 0 ? 'SELECT 0 AS row_number, 0 AS n WHERE false' : cells.join(' UNION ALL ');
}

/** Rows whose records were deleted in the org, and whose job keeps that: they say what they said when it was agreed. */
function notAgainSql({ plan, sync, alias, rules }: Keeping): string {
  const { planned, mapped, staged } = tablesOf(plan.planId);
  const { record } = syncStateTables(alias);
  if (rules.orgChanges !== 'keep') return 'SELECT 0 AS row_number WHERE false';
  const same = sync.compared.map((column, index) => `r.left_cells[${index + 1}] = ${leftCellSql(column, sync, 'm')}`);
  return `SELECT p.row_number FROM ${planned} p JOIN ${mapped} m USING (row_number) JOIN ${staged} s USING (row_number)
    JOIN ${record} r ON r.k = ${rowKeySql(sync, 's')}
    WHERE p.kind = 'insert' AND r.id <> '' AND len(r.left_cells) > 0 AND r.gone_run IS NULL ${same.map((one) => `AND ${one}`).join(' ')}`;
}

/** How many cells, and rows, stay as they are in the org. */
export async function countKept(staging: StagingSql, keeping: Keeping): Promise<number> {
  const [counts] = await staging.query(
    `SELECT (SELECT count(*) FROM (${keptSql(keeping)})) + (SELECT count(*) FROM (${notAgainSql(keeping)})) AS n`,
  );
  return Number(counts?.['n'] ?? 0);
}

/** Leaves those out of the plan. */
export async function leaveKept(staging: StagingSql, keeping: Keeping): Promise<void> {
  const { plan, input } = keeping;
  const { named } = tablesOf(plan.planId);
  const [cells, chosen] = [named('sync_kept'), named('sync_chosen')];
  await takeBackCells(staging, input);
  await staging.run(`CREATE OR REPLACE TABLE ${cells} AS ${keptSql(keeping)}`);
  for (const { n } of await staging.query(`SELECT DISTINCT n FROM ${cells} ORDER BY n`)) {
    await staging.run(`CREATE OR REPLACE TABLE ${chosen} AS SELECT row_number FROM ${cells} WHERE n = ${Number(n)}`);
    await leaveChanges(staging, plan, chosen, Number(n));
  }
  await staging.run(`CREATE OR REPLACE TABLE ${chosen} AS ${notAgainSql(keeping)}`);
  await leaveRows(staging, plan, chosen);
  await staging.run(`DROP TABLE ${chosen}; DROP TABLE ${cells}`);
  await settle(staging, plan, input);
}
