import { FailureError } from '../../../shared/contract/failure.ts';
import { removes } from '../../../shared/domain/field-mapping.ts';
import { fieldNamed } from '../../../shared/domain/sobject.ts';
import type { OpenedLoad } from '../load/opened-load.ts';
import { NEVER } from '../never.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import { dropFetched, fetchCurrentRecords, type FetchRequest } from '../plan/fetch-current-records.ts';
import { deletedRequest, fetchDeleted } from '../plan/fetch-deleted.ts';
import type { BackendPorts } from '../ports.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { createTable, tablesOf, WANTED } from '../tables/tables.ts';

/** Tables of records that a load deleted, while they are looked for: those that are there again, and those in the Recycle Bin. */
export const THERE = 'undo_there';
export const BINNED = 'undo_binned';
const SOUGHT = 'undo_sought';

interface Tools {
  readonly ports: Pick<BackendPorts, 'clock'>;
  readonly orgs: Pick<OrgDirectory, 'client'>;
  readonly staging: StagingClient;
}

/**
 * Looks for the records that a load deleted, and does `work` while `THERE` and `BINNED` say where they are; those in neither are gone for
 * good, or out of this user's sight. Of a load that is no delete nothing is asked, and there are no such tables. `queryAll` may name records that were
 * emptied out of the bin a short while ago: bringing them back is then refused, row by row. Of a hard delete the bin holds nothing.
 */
export async function withDeleted<T>(
  { ports, orgs, staging }: Tools,
  { snapshot, stored, folder }: OpenedLoad,
  signal: AbortSignal,
  work: () => Promise<T>,
): Promise<T> {
  if (!removes(snapshot.operation)) return work();
  const { plan, describe } = stored;
  const { planId } = plan;
  const { outcome, planned, named } = tablesOf(planId);
  const keyField = fieldNamed(describe, 'Id');
  if (!keyField) throw new FailureError({ code: 'DATA_DAMAGED', what: 'The fields of this load’s object' });
  const sql = staging.until(signal);
  const binned = deletedRequest({ planId, describe, folder }, keyField, BINNED);
  const there: FetchRequest = { ...binned, table: THERE, condition: null };
  const sought = named(SOUGHT);
  const keysSql = `SELECT p.id AS k FROM ${outcome} o JOIN ${planned} p USING (row_number) WHERE o.kind = 'deleted'`;
  const tools = { client: await orgs.client(snapshot.orgId), staging, clock: ports.clock };
  try {
    // Of no keys nothing is asked.
    await fetchCurrentRecords(tools, there, keysSql, signal, () => undefined);
    await sql.run(
      `${createTable(sought, WANTED)}; INSERT INTO ${sought} SELECT k, k FROM (${keysSql}) ANTI JOIN ${named(THERE)} t USING (k)`,
    );
    const [counted] = await sql.query(`SELECT count(*) AS n FROM ${sought}`);
    const canCome =
      snapshot.operation === 'delete' &&
      fieldNamed(describe, 'IsDeleted') !== undefined &&
      describe.undeletable !== false;
    const count = canCome ? Number(counted?.['n'] ?? 0) : 0;
    if (!canCome) await sql.run(`DELETE FROM ${sought}`);
    await fetchDeleted(tools, binned, { wanted: sought, count }, signal);
    return await work();
  } finally {
    await dropFetched(tools, there);
    await dropFetched(tools, binned);
    await staging.until(NEVER).run(`DROP TABLE IF EXISTS ${sought}`);
  }
}
