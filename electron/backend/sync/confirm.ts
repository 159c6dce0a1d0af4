import { fieldNamed } from '../../../shared/domain/sobject.ts';
import type { PlanId } from '../../../shared/domain/ids.ts';
import { dropFetched, fetchCurrentRecords, type FetchRequest, type FetchTools } from '../plan/fetch-current-records.ts';
import { matchRequest } from '../plan/fetch-matches.ts';
import { tablesOf } from '../tables/tables.ts';
import type { SyncMapping } from './sync-basis.ts';

/** Records as the org has them after a load, in the load's own database while the sync commits. */
const CONFIRMED = 'sync_confirmed';

export interface ConfirmTools extends FetchTools {
  readonly planId: PlanId;
  readonly folder: string;
  readonly sync: SyncMapping;
}

export function confirmedTable(planId: PlanId): string {
  return tablesOf(planId).named(CONFIRMED);
}

function requestOf({ planId, folder, sync }: ConfirmTools): FetchRequest {
  const request = matchRequest({ ...sync, planId, folder }, CONFIRMED);
  const id = fieldNamed(sync.describe, 'Id');
  if (!request || !id) throw new Error('a sync without a key came past syncMapping');
  return { ...request, keyField: id, lenient: false };
}

/**
 * Reads what was just written back: what the org made of a value is what is agreed, and not what was sent. Records that are not there any more
 * are not in the table.
 */
export async function confirm(tools: ConfirmTools, signal: AbortSignal): Promise<void> {
  const { outcome } = tablesOf(tools.planId);
  const written = `SELECT id AS k FROM ${outcome} WHERE kind IN ('created', 'updated', 'incomplete') AND id <> ''`;
  await fetchCurrentRecords(tools, requestOf(tools), written, signal, () => undefined);
}

/** Takes the records away again. */
export function dropConfirmed(tools: ConfirmTools): Promise<void> {
  return dropFetched(tools, requestOf(tools));
}
