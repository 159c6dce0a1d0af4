import { sentColumns } from '../../../shared/domain/field-mapping.ts';
import { decidedMapping } from '../plan/decided-rows.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, sent, tablesOf } from '../tables/tables.ts';
import { addMapped, writeMapped } from '../validation/mapped-view.ts';

/**
 * Has the rows of an upsert that only updates sent as updates by the Ids that the plan found, as rows that a person has decided to be
 * records are: a record that was deleted meanwhile is then not created again. REST says that by `updateOnly` for one record at a time (REST
 * API Developer Guide, "Upsert Records Using sObject Rows by External ID"); neither Bulk API nor sObject Collections can. Called again it
 * comes to the same.
 */
export async function nameRecordsById(
  staging: StagingSql,
  { plan, describe }: Pick<StoredPlan, 'plan' | 'describe'>,
): Promise<void> {
  const [id] = sentColumns(decidedMapping(plan.mapping, describe));
  if (!id) throw new Error('an update names its record first');
  const { planned, currentRecord, decidedRecord } = tablesOf(plan.planId);
  const names = [sent(id.column), canonical(id.column)];
  await addMapped(staging, plan.planId, names);
  await writeMapped(
    staging,
    plan.planId,
    names,
    `SELECT row_number, ${names.map((name) => `id AS ${name}`).join(', ')} FROM ${planned} WHERE kind = 'update'`,
  );
  await staging.run(`CREATE OR REPLACE TABLE ${decidedRecord} AS FROM ${currentRecord}`);
}
