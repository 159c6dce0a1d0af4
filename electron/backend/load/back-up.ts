import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { LoadBackup } from '../../../shared/domain/load-results.ts';
import { fieldNamed, type FieldDescribe, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { diskFailure } from '../documents/durable-file.ts';
import { fetchCurrentRecords, type FetchTools } from '../plan/fetch-current-records.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { TABLE_NAMES, tablesOf } from '../tables/tables.ts';
import { NOTHING_COMPARED } from '../plan/record-request.ts';

/** The records that a load deleted, as they were before. */
export const BACKUP_NAME = 'backup.csv';

/**
 * What no query of records gives: compound fields, whose parts are fields themselves ("Bulk API can't access or query compound address
 * or compound geolocation fields", Bulk API Developer Guide, "Use Bulk Query"), and files.
 */
const NOT_KEPT: ReadonlySet<FieldDescribe['type']> = new Set(['address', 'location', 'base64', 'complexvalue']);

/** The fields that a backup keeps, in the org's order, the Id first. */
export function backedUpFields({ fields }: Pick<SObjectDescribe, 'fields'>): FieldDescribe[] {
  const kept = fields.filter(({ type }) => !NOT_KEPT.has(type));
  return [...kept.filter(({ type }) => type === 'id'), ...kept.filter(({ type }) => type !== 'id')];
}

/** Columns of `backup` behind `id` and `k`, one a field. */
export function backupColumn(place: number): string {
  return `b${place}`;
}

interface BackupTools {
  readonly fetch: FetchTools;
  readonly staging: StagingClient;
}

/**
 * Fetches every field of the records that a load is about to delete, and keeps them: as a file in its folder that loads back, and in its
 * database. Throws what keeps that from being done: nothing has been sent then. Done again it comes to the same.
 */
export async function backUp(
  { fetch, staging }: BackupTools,
  { plan, describe }: Pick<StoredPlan, 'plan' | 'describe'>,
  folder: string,
  signal: AbortSignal,
): Promise<LoadBackup> {
  const { planned, backup } = tablesOf(plan.planId);
  const fields = backedUpFields(describe);
  const keyField = fieldNamed(describe, 'Id');
  if (!keyField) throw new FailureError({ code: 'DATA_DAMAGED', what: 'The fields of this load’s object' });
  await fetchCurrentRecords(
    fetch,
    {
      alias: plan.planId,
      table: TABLE_NAMES.backup,
      folder,
      objectName: describe.name,
      keyField,
      ...NOTHING_COMPARED,
      beside: fields.map(({ name }, place) => ({ name: backupColumn(place), path: name })),
    },
    `SELECT id AS k FROM ${planned} WHERE kind = 'delete'`,
    signal,
    () => undefined,
  );
  const path = join(folder, BACKUP_NAME);
  const columns = fields.map((_, place) => `b.${backupColumn(place)}`);
  const { rows } = await staging.exportRows(
    {
      sql: `SELECT NULL, ${columns.join(', ')} FROM ${planned} p JOIN ${backup} b ON b.id = p.id
        WHERE p.kind = 'delete' AND p.row_number > {after} AND p.row_number <= {upTo} ORDER BY p.row_number`,
      lastRow: plan.rows,
      lead: 0,
      header: fields.map(({ name }) => name),
      path: `${path}.new`,
      delimiter: ',',
      writing: { encoding: 'utf-8', mark: false },
      spreadsheetSafe: false,
    },
    signal,
  );
  await rename(`${path}.new`, path).catch((error: unknown) => {
    throw diskFailure(error, 'the backup of the records to delete');
  });
  const left = describe.fields.filter(({ type }) => type === 'base64').map(({ label }) => label);
  return { records: rows, fields: fields.length, notKept: left };
}
