import { join } from 'node:path';
import { z } from 'zod';
import { FailureError } from '../../../../shared/contract/failure.ts';
import type { FetchedRecords, FetchWay } from '../../../../shared/domain/fetched-records.ts';
import { asFailure } from '../../orgs/org-answers.ts';
import { dropJob, jobStands, lastingBulkQuery, type LastingJob } from '../../query/bulk-query.ts';
import type { FetchRequest, FetchTools, RecordImporter } from '../fetch-current-records.ts';
import { recordColumns, selectedPaths, selectRecords, soqlLiteral, whereClause } from '../record-request.ts';
import { chooseWay, COLLECTION_IDS, JOB_KEYS_CHARACTERS, LEAST_LIST_BYTES, URI_BYTES } from './choose-way.ts';
import type { KeptFetch } from './kept-fetch.ts';
import { isBrokenOff, type OpenedFetch } from './kept-fetches.ts';
import { keyLists, type ListLimits } from './key-lists.ts';

/** One fetch at work. */
interface Fetching {
  readonly tools: FetchTools;
  readonly request: FetchRequest;
  /** The table of its keys (`WANTED`). */
  readonly wanted: string;
  readonly importer: RecordImporter;
  readonly signal: AbortSignal;
  readonly kept: KeptFetch | null;
}

type WithoutKept = Omit<Fetching, 'kept'>;

/** Asks the org for the records of the keys in a table (`WANTED`), the cheapest way, or goes on where that broke off. */
export async function runFetch(
  tools: FetchTools,
  request: FetchRequest,
  wanted: string,
  importer: RecordImporter,
  signal: AbortSignal,
  calls: () => number,
): Promise<FetchedRecords> {
  const at = nowOf(tools);
  const own: WithoutKept = { tools, request, wanted, importer, signal };
  const keys = await measureKeys(own);
  if (keys.count === 0) return { way: 'none', records: 0, apiCalls: 0, at, resumed: false, reused: false };
  const opened = (await tools.keep?.open([...whatIsAsked(request), keys.digest], calls)) ?? null;
  if (opened) return fetchKept({ ...own, kept: opened.kept }, keys, opened);
  const way = await fetchBy({ ...own, kept: null }, await wayOf(own, keys));
  return { way, records: importer.records, apiCalls: calls(), at, resumed: false, reused: false };
}

function nowOf({ keep, clock }: FetchTools): number {
  return keep?.now() ?? clock.now();
}

/** How rows of key lists are kept: another version may have other columns. */
const KEPT_AS = 'texts of the org';

/** All that the answer of a request hangs on but its keys. */
function whatIsAsked(request: FetchRequest): string[] {
  return [selectRecords(request), whereClause(request), request.keyField.name, request.keyField.type, KEPT_AS];
}

async function fetchKept(
  fetching: Fetching & { readonly kept: KeptFetch },
  keys: Keys,
  opened: OpenedFetch,
): Promise<FetchedRecords> {
  const { kept, tools, importer, signal } = fetching;
  const { job } = kept.document;
  const stands = job === null || (await jobStands(tools.client, job.id, signal));
  if (!stands) await kept.startOver(nowOf(tools), tools.clock.now());
  // A fetch that is there has chosen.
  if (kept.document.way === 'none') await kept.begin(await wayOf(fetching, keys));
  let { way } = kept.document;
  await importKept(kept, importer);
  try {
    if (!kept.document.complete) way = await fetchBy(fetching, way);
  } catch (error) {
    const left = kept.document.job;
    if (left && !isBrokenOff(error)) dropJob(tools.client, left.id, false);
    throw error;
  }
  if (!kept.document.complete) await kept.completed();
  const { apiCalls, at } = kept.document;
  return { way, records: importer.records, apiCalls, at, resumed: opened.resumed && stands, reused: opened.reused };
}

/** Pages of a query job that are brought in at a time. */
const PAGES_AT_ONCE = 4;

/** Brings in what came before: in its order, but for pages of one job, in which no record is twice. */
async function importKept({ folder, document }: KeptFetch, importer: RecordImporter): Promise<void> {
  const { pages, way } = document;
  const atOnce = way === 'object' ? PAGES_AT_ONCE : 1;
  for (let at = 0; at < pages.length; at += atOnce) {
    const some = pages.slice(at, at + atOnce);
    const files = some.map(({ name }) => join(folder, name));
    const [file = ''] = files;
    if (file.endsWith('.json')) await importer.importRows(file);
    else
      await importer.importPages(
        files,
        some.reduce((sum, { records }) => sum + records, 0),
      );
  }
}

interface Keys {
  readonly count: number;
  readonly uriBytes: number;
  readonly characters: number;
  /** The same for the same keys, in whatever order. */
  readonly digest: string;
}

async function measureKeys({ tools, wanted, signal }: WithoutKept): Promise<Keys> {
  // A literal has two quotes and a comma, which a URI writes in three characters, as it does every byte beyond ASCII.
  const bytes = 'CASE WHEN strlen(spelling) = length(spelling) THEN length(spelling) ELSE 3 * strlen(spelling) END + 5';
  const [row] = await tools.staging.until(signal).query(
    `SELECT count(*) AS n, coalesce(sum(${bytes}), 0)::DOUBLE AS bytes, coalesce(sum(length(spelling) + 3), 0)::DOUBLE AS characters,
       coalesce(sum(hash(k, spelling)), 0)::VARCHAR AS digest FROM ${wanted}`,
  );
  const count = Number(row?.['n'] ?? 0);
  return {
    count,
    uriBytes: Number(row?.['bytes'] ?? 0),
    characters: Number(row?.['characters'] ?? 0),
    digest: `${count} ${String(row?.['digest'])}`,
  };
}

async function wayOf({ tools, request, signal }: WithoutKept, keys: Keys): Promise<FetchWay> {
  const { keyField } = request;
  const facts = {
    keys: keys.count,
    uriBytes: keys.uriBytes,
    characters: keys.characters,
    listBytes: uriLimits(request).size,
    unique: keyField.type === 'id' || keyField.unique || keyField.externalId,
    collections: ownPaths(request) !== null,
  };
  return (await chooseWay(facts, () => recordsInOrg(tools.client, request, signal))).way;
}

/** What is asked for, where that is fields of records that have these Ids and nothing besides. */
function ownPaths(request: FetchRequest): string[] | null {
  const paths = selectedPaths(recordColumns(request));
  const isOwn = request.keyField.type === 'id' && request.condition === null && !request.wantsDeleted;
  return isOwn && paths.every((path) => !path.includes('.')) ? paths : null;
}

const RecordCount = z.object({ sObjects: z.array(z.object({ name: z.string(), count: z.number() })) });

/**
 * How many records an object has, more or less: the resource answers at once however many there are, but to users who may view the
 * setup only ("Record Count", REST API Developer Guide); else they are counted, which an org may take too long for.
 */
export async function recordsInOrg(
  client: FetchTools['client'],
  { objectName, condition }: Pick<FetchRequest, 'objectName' | 'condition'>,
  signal: AbortSignal,
): Promise<number | null> {
  try {
    if (condition === null) {
      const path = `limits/recordCount?sObjects=${objectName}`;
      const { sObjects } = await client.json('GET', path, RecordCount, signal);
      const found = sObjects.find(({ name }) => name === objectName);
      if (found) return found.count;
    }
  } catch (error) {
    if (!isRefusal(error, client.host)) throw asFailure(error, client.host);
  }
  try {
    return await client.count(`SELECT COUNT() FROM ${objectName}${whereClause({ condition })}`, signal);
  } catch (error) {
    if (isRefusal(error, client.host)) return null;
    throw error;
  }
}

function isRefusal(error: unknown, host: string): boolean {
  const failure = asFailure(error, host);
  return failure instanceof FailureError && failure.failure.code === 'ORG_REFUSED';
}

/** Fetches one way; returns the one that answered. */
async function fetchBy(fetching: Fetching, way: FetchWay): Promise<FetchWay> {
  const { request } = fetching;
  const { keyField } = request;
  if (way === 'collections') return byCollections(fetching);
  if (way === 'key-lists') await byLists(fetching);
  if (way === 'key-jobs') await byJobs(fetching);
  if (way === 'object') {
    const hasKey = keyField.type === 'id' ? null : `${keyField.name} != null`;
    await byJob(fetching, selectRecords(request) + whereClause(request, hasKey));
  }
  return way;
}

function uriLimits(request: FetchRequest): ListLimits {
  const around = encodeURIComponent(soqlOf(request, []));
  const size = Math.max(LEAST_LIST_BYTES, URI_BYTES - around.length);
  return { size, measure: (written) => encodeURIComponent(written).length + 3 };
}

function soqlOf(request: FetchRequest, keys: readonly string[]): string {
  return selectRecords(request) + whereClause(request, `${request.keyField.name} IN (${keys.join(',')})`);
}

/** The lists that are still to be asked for, of a fetch that may have asked for some. */
async function* listsLeft({ tools, request, wanted, signal, kept }: Fetching, limits: ListLimits) {
  const done = kept?.document.listsDone ?? 0;
  const write = (key: string) => soqlLiteral(key, request.keyField);
  let list = 0;
  for await (const keys of keyLists(tools.staging.until(signal), wanted, limits, write)) {
    if (list++ >= done) yield keys;
  }
}

async function byLists(fetching: Fetching): Promise<void> {
  const { tools, request, importer, kept, signal } = fetching;
  for await (const keys of listsLeft(fetching, uriLimits(request))) {
    const rows = await importer.take(await tools.client.query(soqlOf(request, keys), signal));
    await kept?.listDone(rows);
  }
}

/** Returns the way that answered: an object that Collections do not know is asked for in lists. */
async function byCollections(fetching: Fetching): Promise<FetchWay> {
  const { importer, kept } = fetching;
  let refused = false;
  for await (const keys of listsLeft(fetching, { size: COLLECTION_IDS, measure: () => 1 })) {
    const found: Records | null = refused ? null : await retrieve(fetching, keys);
    refused ||= found === null;
    const rows = await importer.take(found ?? (await inLists(fetching, keys)));
    await kept?.listDone(rows);
  }
  return refused ? 'key-lists' : 'collections';
}

const Retrieved = z.array(z.record(z.string(), z.unknown()).nullable());
type Records = Record<string, unknown>[];

/** null where the org refuses to be asked so. */
async function retrieve({ tools: { client }, request, signal }: Fetching, keys: string[]): Promise<Records | null> {
  const path = `composite/sobjects/${request.objectName}`;
  const asked = { ids: keys.map((key) => key.slice(1, -1)), fields: ownPaths(request) };
  try {
    // null stands for an Id that no record has, or none that this user sees.
    const records = await client.json('POST', path, Retrieved, signal, asked, {}, true);
    return records.filter((record) => record !== null);
  } catch (error) {
    if (isRefusal(error, client.host)) return null;
    throw asFailure(error, client.host);
  }
}

async function inLists({ tools: { client }, request, signal }: Fetching, keys: string[]): Promise<Records> {
  const { size, measure } = uriLimits(request);
  const most = Math.max(1, Math.floor(size / Math.max(...keys.map(measure))));
  const records: Records = [];
  for (let at = 0; at < keys.length; at += most)
    records.push(...(await client.query(soqlOf(request, keys.slice(at, at + most)), signal)));
  return records;
}

async function byJobs(fetching: Fetching): Promise<void> {
  const limits = { size: JOB_KEYS_CHARACTERS, measure: (written: string) => written.length + 1 };
  for await (const keys of listsLeft(fetching, limits)) await byJob(fetching, soqlOf(fetching.request, keys));
}

async function byJob({ tools, importer, kept, signal }: Fetching, soql: string): Promise<void> {
  if (!kept) return importer.bulkQuery(soql);
  const lasting: LastingJob = {
    get job() {
      return kept.document.job;
    },
    nextFile: () => kept.pageFile('csv'),
    begun: (id) => kept.jobBegun(id),
    read: (file, page) => kept.pageDone(file, page),
  };
  const usePages = (files: readonly string[], records: number) => importer.importPages(files, records);
  await lastingBulkQuery(tools.client, tools.clock, soql, lasting, usePages, signal);
}
