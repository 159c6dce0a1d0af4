import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { PlanId } from '../../../shared/domain/ids.ts';
import { fieldNamed } from '../../../shared/domain/sobject.ts';
import { asFailure } from '../orgs/org-answers.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import { RecordImporter, type FetchRequest, type FetchTools } from '../plan/fetch-current-records.ts';
import { matchRequest } from '../plan/fetch-matches.ts';
import { selectRecords } from '../plan/record-request.ts';
import { quoteText } from '../tables/quote.ts';
import { syncWorkTables } from '../tables/sync-tables.ts';
import type { SyncMapping } from './sync-basis.ts';

/**
 * Changes are looked for from so long before the last look on: "Maximum execution time for each Apex transaction: 10 minutes" (Apex Developer
 * Guide, "Execution Governors and Limits"). A record is stamped while its transaction works, and seen once that is committed.
 */
const OVERLAP = 10 * 60_000;
/**
 * "Results are returned for no more than 15 days previous to the day the call is executed (or earlier if an administrator has purged the
 * Recycle Bin)" (REST API Developer Guide, "sObject Get Deleted"). One day less: the day counts, not the hour.
 */
const DELETES_KNOWN = 14 * 86_400_000;
/** Records that are read page by page; more of them are read by a query job, whose calls don't grow with them. */
const MOST_BY_PAGES = 20_000;

const Page = z.object({
  totalSize: z.number(),
  records: z.array(z.record(z.string(), z.unknown())),
  done: z.boolean(),
  nextRecordsUrl: z.string().optional(),
});

const Deleted = z.object({
  deletedRecords: z.array(z.object({ id: z.string() })),
  earliestDateAvailable: z.string(),
  latestDateCovered: z.string(),
});

export interface RightTools extends FetchTools {
  readonly client: FetchTools['client'] & Pick<OrgClient, 'now'>;
}

/** What is asked of records that changed: all that is compared, when, and whether they were deleted. */
export function changedRequest(sync: SyncMapping, alias: string, table: string, folder: string): FetchRequest {
  const planId = PlanId.parse(alias.replace(/^sync_/, 'plan_'));
  const request = matchRequest({ ...sync, planId, folder }, table);
  if (!request) throw new Error('a sync without a key came past syncMapping');
  return { ...request, alias };
}

/**
 * Leaves in the run's own database the records that changed in the org since `watermark` (`right_record`), deleted ones among them, and the
 * Ids of those that were deleted (`right_deleted`). `to` is the time up to which nothing is missed, by the org's clock; null where deletes
 * since then can't be told any more: then every row has to be compared.
 *
 * The delete log has what is past the Recycle Bin too, but "a background process that runs every two hours purges records that have been in an
 * organization's delete log for more than two hours if the number of records is above a certain limit", and "there is a limit of 600,000 IDs"
 * (REST API Developer Guide, "sObject Get Deleted"): what lies in the bin is read beside it, by `IsDeleted`.
 */
export async function readRight(
  tools: RightTools,
  workId: string,
  sync: SyncMapping,
  { watermark, folder }: { readonly watermark: number; readonly folder: string },
  signal: AbortSignal,
): Promise<{ readonly to: number | null }> {
  const { client, staging } = tools;
  const { right_deleted: deleted } = syncWorkTables(workId);
  await staging.until(signal).run(`CREATE OR REPLACE TABLE ${deleted} (id VARCHAR NOT NULL)`);
  // Taken before anything is asked: what changes meanwhile is found by the next run.
  const now = Math.floor(client.now() / 1000) * 1000;
  const since = watermark - OVERLAP;
  await readChanged(tools, changedRequest(sync, workId, 'right_record', folder), since, sync, signal);
  if (now - since > DELETES_KNOWN) return { to: null };
  const log = await deletedSince(client, sync.describe.name, since, now, signal);
  if (log === null) return { to: null };
  await staging.append(
    workId,
    'right_deleted',
    log.ids.map((id) => [id]),
  );
  return { to: Math.min(now, log.to) };
}

async function readChanged(
  tools: RightTools,
  asked: FetchRequest,
  since: number,
  { describe }: SyncMapping,
  signal: AbortSignal,
): Promise<void> {
  const request = { ...asked, wantsDeleted: fieldNamed(describe, 'IsDeleted') !== undefined };
  const importer = new RecordImporter(tools, request, signal, () => undefined);
  await importer.begin();
  const kind = request.wantsDeleted ? 'queryAll' : 'query';
  const soql = `${selectRecords(request)} WHERE SystemModstamp >= ${new Date(since).toISOString()} ORDER BY SystemModstamp, Id`;
  for (let path: string | undefined = `${kind}?q=${encodeURIComponent(soql)}`; path !== undefined;) {
    const page: z.infer<typeof Page> = await tools.client.json('GET', path, Page, signal).catch((error: unknown) => {
      throw asFailure(error, tools.client.host);
    });
    if (page.totalSize > MOST_BY_PAGES) {
      await importer.bulkQuery(soql, kind);
      break;
    }
    await importer.take(page.records);
    path = page.done ? undefined : page.nextRecordsUrl;
  }
  // All of them, each once.
  await importer.finish('');
}

/** Null where the log does not reach so far back, or has more than it gives. */
async function deletedSince(
  client: RightTools['client'],
  objectName: string,
  since: number,
  to: number,
  signal: AbortSignal,
): Promise<{ readonly ids: string[]; readonly to: number } | null> {
  const time = (at: number) => encodeURIComponent(new Date(at).toISOString().replace('.000Z', 'Z'));
  // "The API ignores the seconds portion".
  const start = Math.floor(since / 60_000) * 60_000;
  try {
    const path = `sobjects/${objectName}/deleted/?start=${time(start)}&end=${time(to)}`;
    const answer = await client.json('GET', path, Deleted, signal);
    const [earliest, covered] = [Date.parse(answer.earliestDateAvailable), Date.parse(answer.latestDateCovered)];
    if (!(earliest <= start) || Number.isNaN(covered)) return null;
    return { ids: answer.deletedRecords.map(({ id }) => id), to: covered };
  } catch (error) {
    const failure = asFailure(error, client.host);
    // INVALID_REPLICATION_DATE and EXCEEDED_ID_LIMIT among them: whatever it is, what was deleted is not known by it.
    if (failure instanceof FailureError && failure.failure.code === 'ORG_REFUSED') return null;
    throw failure;
  }
}

/** Ids of records that were deleted, as SQL: those in the bin, and those of the log that nobody took out of the bin since. */
export function deletedIdsSql(workId: string, knowsDeleted: boolean): string {
  const { right_record: records, right_deleted: log } = syncWorkTables(workId);
  const yes = quoteText('true');
  if (!knowsDeleted) return `SELECT id FROM ${log}`;
  return `SELECT id FROM ${records} WHERE deleted = ${yes} UNION
    SELECT id FROM ${log} WHERE id NOT IN (SELECT id FROM ${records} WHERE deleted <> ${yes})`;
}
