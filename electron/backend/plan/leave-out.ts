import type { ChosenRows, LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { sent, SENT_KINDS, tablesOf } from '../tables/tables.ts';
import { writeMapped } from '../validation/mapped-view.ts';
import { classifyAgain } from './classify-rows.ts';
import { orderRows } from './order-rows.ts';
import { putOffCells, takeBackCells } from './parents-in-file.ts';
import type { PlannedMapping } from './plan-input.ts';
import { columnOf, wantedRows } from './plan-view.ts';

/** What is left out of a plan, or taken back into it: rows whole, or what they change in one field. */
export interface LeaveOut {
  readonly of: ChosenRows;
  /** As the plan names it; null for the rows whole. */
  readonly field: string | null;
  readonly takeBack: boolean;
}

/** Stands for the whole row. */
export const WHOLE = -1;

/**
 * Leaves rows or changes out of a plan, or takes them back: a row that is left out is not sent and says so, a change that is left
 * out is a blank cell, which Bulk API 2.0 leaves as it is. Rows that a row stands for, and rows that name it as their parent, go
 * with it.
 */
export async function leaveOut(
  staging: StagingSql,
  plan: LoadPlan,
  input: PlannedMapping,
  { of, field, takeBack }: LeaveOut,
): Promise<void> {
  const { planned, named } = tablesOf(plan.planId);
  await takeBackCells(staging, input);
  const chosen = named('chosen');
  const { table, where, values } =
    'rows' in of
      ? { table: `${planned} p`, where: `WHERE p.row_number IN (${of.rows.join(',')})`, values: [] }
      : wantedRows(plan, of);
  await staging.run(`CREATE OR REPLACE TABLE ${chosen} (row_number INTEGER NOT NULL)`);
  await staging.query(`INSERT INTO ${chosen} SELECT p.row_number FROM ${table} ${where}`, [...values]);
  const column = field === null ? WHOLE : columnOf(plan.mapping, field)?.column;
  if (column === WHOLE) await (takeBack ? takeRows : leaveRows)(staging, plan, chosen);
  else if (column !== undefined) await (takeBack ? takeChanges : leaveChanges)(staging, plan, chosen, column);
  await staging.run(`DROP TABLE ${chosen}`);
  await settle(staging, plan, input);
}

/** Leaves rows out whole that would be sent, of those in a table. */
export async function leaveRows(
  staging: StagingSql,
  { planId }: Pick<LoadPlan, 'planId'>,
  chosen: string,
): Promise<void> {
  const { planned, leftOut } = tablesOf(planId);
  await staging.run(
    `INSERT INTO ${leftOut} SELECT row_number, ${WHOLE}, '', false, false FROM ${planned}
     WHERE kind IN (${SENT_KINDS}) AND row_number IN (FROM ${chosen})`,
  );
}

async function takeRows(staging: StagingSql, { planId }: LoadPlan, chosen: string): Promise<void> {
  await staging.run(
    `DELETE FROM ${tablesOf(planId).leftOut} WHERE source_column = ${WHOLE} AND row_number IN (FROM ${chosen})`,
  );
}

/** Leaves a change out of the rows in a table that would make it. */
export async function leaveChanges(
  staging: StagingSql,
  { planId }: Pick<LoadPlan, 'planId'>,
  chosen: string,
  column: number,
): Promise<void> {
  const { planned, mapped, leftOut } = tablesOf(planId);
  const theirs = `row_number IN (SELECT row_number FROM ${leftOut} WHERE source_column = ${column})`;
  const without = (list: string) => `${list} = list_filter(${list}, lambda place: place <> ${column})`;
  await staging.run(
    `INSERT INTO ${leftOut}
       SELECT p.row_number, ${column}, m.${sent(column)}, list_contains(p.filled, ${column}), list_contains(p.cleared, ${column})
       FROM ${planned} p JOIN ${mapped} m USING (row_number)
       WHERE p.kind = 'update' AND list_contains(p.changed, ${column}) AND p.row_number IN (FROM ${chosen})`,
  );
  await writeMapped(
    staging,
    planId,
    [sent(column)],
    `SELECT DISTINCT row_number, '' AS ${sent(column)} FROM ${leftOut} WHERE source_column = ${column}`,
  );
  await staging.run(
    `UPDATE ${planned} SET ${['changed', 'filled', 'cleared'].map(without).join(', ')} WHERE ${theirs}`,
  );
}

async function takeChanges(staging: StagingSql, { planId }: LoadPlan, chosen: string, column: number): Promise<void> {
  const { planned, leftOut } = tablesOf(planId);
  const back = `(SELECT * FROM ${leftOut} WHERE source_column = ${column} AND row_number IN (FROM ${chosen}))`;
  const again = (list: string, isOne: string) => {
    const now = `${planned}.${list}`;
    return `${list} = CASE WHEN ${isOne} THEN list_sort(list_append(${now}, ${column})) ELSE ${now} END`;
  };
  await writeMapped(staging, planId, [sent(column)], `SELECT row_number, sent AS ${sent(column)} FROM ${back}`);
  await staging.run(
    `UPDATE ${planned} SET ${again('changed', 'true')}, ${again('filled', 'b.filled')}, ${again('cleared', 'b.cleared')}
       FROM ${back} b WHERE b.row_number = ${planned}.row_number;
     DELETE FROM ${leftOut} WHERE source_column = ${column} AND row_number IN (FROM ${chosen})`,
  );
}

/** What follows of a change for other rows, and what each row does then. Rows that a row stands for go with it. */
export async function settle(
  staging: StagingSql,
  { planId, mapping }: Pick<LoadPlan, 'planId' | 'mapping'>,
  input: PlannedMapping,
): Promise<void> {
  const { planned, rowIssue, leftOut, rowDecision } = tablesOf(planId);
  const whole = `SELECT row_number FROM ${leftOut} WHERE source_column = ${WHOLE}`;
  await staging.run(
    `DELETE FROM ${rowIssue} WHERE (code = 'LEFT_OUT' AND source_column = ${WHOLE}) OR code IN ('LEFT_OUT_RESEMBLES', 'LOOKUP_PARENT_HOME', 'LOOKUP_PARENT_KEY', 'LOOKUP_CIRCLE');
     INSERT INTO ${rowIssue} SELECT row_number, ${WHOLE}, 'LEFT_OUT', '{}' FROM ${planned}
       WHERE row_number IN (${whole}) OR of_row IN (${whole});
     INSERT INTO ${rowIssue} SELECT p.row_number, ${WHOLE}, 'LEFT_OUT_RESEMBLES', json_object('record', d.id) FROM ${planned} p
       JOIN ${rowDecision} d ON d.decision = 'skip' AND (d.row_number = p.row_number OR d.row_number = p.of_row)`,
  );
  await orderRows(staging, input);
  await classifyAgain(staging, { planId, mapping });
  await putOffCells(staging, input);
}
