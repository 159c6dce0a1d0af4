import type { StagingSql } from '../staging/staging-client.ts';
import { tablesOf } from '../tables/tables.ts';
import type { PlanInput } from './plan-input.ts';

/**
 * Of an undelete: rows whose record was found in the Recycle Bin (RECORD_DELETED) have it as theirs; those of which it is neither there
 * nor in the bin say so (RECORD_NOT_IN_BIN).
 */
export async function takeFromBin(staging: StagingSql, { planId, mapping }: PlanInput): Promise<void> {
  if (mapping.operation !== 'undelete') return;
  const { rowIssue, rowMatch } = tablesOf(planId);
  await staging.run(
    `INSERT INTO ${rowMatch} SELECT row_number, json_extract_string(facts, '$.record') FROM ${rowIssue} WHERE code = 'RECORD_DELETED';
     DELETE FROM ${rowIssue} WHERE code = 'RECORD_DELETED';
     UPDATE ${rowIssue} SET code = 'RECORD_NOT_IN_BIN' WHERE code = 'RECORD_NOT_FOUND'`,
  );
}
