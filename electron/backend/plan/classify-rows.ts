import { removes, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { PlanId } from '../../../shared/domain/ids.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { createTable, giveKey, LEFT_OUT_SQL, PLANNED, POLICY_SQL, tablesOf } from '../tables/tables.ts';
import { compareRows } from './compare-rows.ts';
import type { PlannedMapping } from './plan-input.ts';

/** Rows that are kept from being sent, as `b`: by a person's choice or a policy of the mapping's, or for a problem. */
function keptSql(rowIssue: string): string {
  return `(SELECT row_number, bool_or(code IN (${LEFT_OUT_SQL})) OR bool_and(code IN (${POLICY_SQL})) AS left_out FROM ${rowIssue} GROUP BY row_number)`;
}

interface Planned {
  readonly planId: PlanId;
  readonly mapping: FieldMapping;
}

/** What a row of `planned`, as `p`, would do unless it is kept from it (`keptSql`). */
function kindSql({ planId, mapping: { operation } }: Planned): string {
  // Records that lie in the Recycle Bin are none of the current ones.
  const isThere = `p.id IN (SELECT id FROM ${tablesOf(planId).currentRecord})`;
  const whenMatched = removes(operation)
    ? "'delete'"
    : operation === 'undelete'
      ? `CASE WHEN ${isThere} THEN 'unchanged' ELSE 'undelete' END`
      : "CASE WHEN len(p.changed) = 0 THEN 'unchanged' ELSE 'update' END";
  return `CASE WHEN b.left_out THEN 'leftOut' WHEN b.row_number IS NOT NULL THEN 'blocked' WHEN p.of_row IS NOT NULL THEN 'duplicate' WHEN p.id IS NULL THEN 'insert' ELSE ${whenMatched} END`;
}

/** Says in `planned` of every row of the source, once, what a load would do to it. */
export async function classifyRows(staging: StagingSql, input: PlannedMapping): Promise<void> {
  const { planned, staged, rowIssue, repeated, rowMatch, rowChange } = tablesOf(input.planId);
  await compareRows(staging, input);
  await staging.run(
    `${createTable(planned, { ...PLANNED, key: null })};
     INSERT INTO ${planned}
     SELECT p.row_number, ${kindSql(input)}, p.id, p.of_row, p.decision, p.changed, p.filled, p.cleared
     FROM (SELECT s.row_number, x.id, r.of_row, r.decision, coalesce(h.changed, []) AS changed, coalesce(h.filled, []) AS filled,
         coalesce(h.cleared, []) AS cleared
       FROM ${staged} s LEFT JOIN ${rowMatch} x USING (row_number) LEFT JOIN ${rowChange} h USING (row_number)
       LEFT JOIN ${repeated} r USING (row_number)) p
     LEFT JOIN ${keptSql(rowIssue)} b USING (row_number) ORDER BY p.row_number;
     ${giveKey(planned, PLANNED)};
     DROP TABLE ${rowMatch}; DROP TABLE ${rowChange}`,
  );
}

/** Says it again of the rows that do something else since `row_issue` or their changes are others. */
export async function classifyAgain(staging: StagingSql, { planId, mapping }: Planned): Promise<void> {
  const { planned, rowIssue } = tablesOf(planId);
  const kind = kindSql({ planId, mapping });
  await staging.run(
    `UPDATE ${planned} SET kind = k.kind FROM (SELECT p.row_number, ${kind} AS kind FROM ${planned} p
       LEFT JOIN ${keptSql(rowIssue)} b USING (row_number)) k
     WHERE k.row_number = ${planned}.row_number AND k.kind <> ${planned}.kind`,
  );
}
