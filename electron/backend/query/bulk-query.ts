import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { asFailure } from '../orgs/org-answers.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { Clock } from '../ports.ts';
import { measurePage } from './measure-page.ts';

const QueryJob = z.object({
  id: z.string().regex(/^\w{15,18}$/),
  state: z.enum(['UploadComplete', 'InProgress', 'JobComplete', 'Failed', 'Aborted']),
  errorMessage: z.string().nullish(),
});
type QueryJob = z.infer<typeof QueryJob>;

/** Pauses between polls: from the first to the last, half as long again each time. */
const FIRST_POLL = 200;
const LAST_POLL = 8000;
/** A page whose rows are not as many as its header says is downloaded so often, then refused. */
const PAGE_ATTEMPTS = 3;

/** What a query job is run with: the part of a client that it uses. */
export type QueryClient = Pick<OrgClient, 'json' | 'download' | 'tidy' | 'host'>;

/**
 * Runs a Bulk API 2.0 query (`queryAll`: of deleted records too) and hands over each page of results as a CSV file, in order, deleted after use
 * (Bulk API 2.0 guide, "Get Results for a Query Job"). It is polled for as long as it takes; the job is deleted however it ends.
 * Throws failures only: `ORG_REFUSED` for SOQL that the org does not take or a job that is gone, `ORG_ANSWER_UNREADABLE` for pages
 * that are not whole.
 */
export async function bulkQuery(
  client: QueryClient,
  clock: Clock,
  soql: string,
  folder: string,
  usePage: (file: string, recordsSoFar: number) => Promise<void>,
  signal: AbortSignal,
  operation: 'query' | 'queryAll' = 'query',
): Promise<void> {
  try {
    const created = await client.json('POST', 'jobs/query', QueryJob, signal, { operation, query: soql });
    await runJob(client, clock, created, folder, usePage, signal);
  } catch (error) {
    throw asFailure(error, client.host);
  }
}

async function runJob(
  client: QueryClient,
  clock: Clock,
  { id }: QueryJob,
  folder: string,
  usePage: (file: string, recordsSoFar: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const path = `jobs/query/${id}`;
  let ended = false;
  try {
    await waitForEnd(client, clock, path, signal);
    ended = true;
    await readPages(client, clock, path, join(folder, id), usePage, signal);
  } finally {
    // Behind the back of who waits: a cancel is acknowledged at once. A job that works on must be aborted before it can be deleted.
    client.tidy(`query job ${id}`, async (time) => {
      // Refused if it has just ended, and then it can be deleted.
      if (!ended) await client.json('PATCH', path, z.unknown(), time, { state: 'Aborted' }).catch(() => undefined);
      await client.json('DELETE', path, z.unknown(), time);
    });
  }
}

async function waitForEnd(client: QueryClient, clock: Clock, path: string, signal: AbortSignal): Promise<void> {
  for (let pause = FIRST_POLL; ; pause = Math.min(pause * 1.5, LAST_POLL)) {
    const { state, errorMessage } = await client.json('GET', path, QueryJob, signal);
    if (state === 'JobComplete') return;
    if (state === 'Failed' || state === 'Aborted') {
      const message = errorMessage ?? 'the query job ended early';
      throw new FailureError({ code: 'ORG_REFUSED', status: 200, errorCode: state, message });
    }
    await clock.sleep(pause, signal);
  }
}

async function readPages(
  client: QueryClient,
  clock: Clock,
  path: string,
  name: string,
  usePage: (file: string, recordsSoFar: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  const seen = new Set<string>();
  let locator: string | null = null;
  let header: string | null = null;
  for (let page = 0, records = 0; ; page++) {
    const file = `${name}-${page}.csv`;
    const at: string = locator === null ? '' : `?locator=${encodeURIComponent(locator)}`;
    try {
      const read: PageRead = await wholePage(client, clock, `${path}/results${at}`, file, header, signal);
      records += read.records;
      locator = read.next;
      header = read.header;
      await usePage(file, records);
    } finally {
      await rm(file, { force: true });
    }
    if (locator === null) return;
    if (seen.has(locator)) throw notWhole(`${path}/results: a page that was read before comes again`);
    seen.add(locator);
  }
}

interface PageRead {
  readonly records: number;
  readonly header: string;
  /** Locator of the next page; null after the last. */
  readonly next: string | null;
}

/** A page with as many records as the answer's headers say, and with the first line of the pages before it; null for the first. */
async function wholePage(
  client: QueryClient,
  clock: Clock,
  path: string,
  file: string,
  expected: string | null,
  signal: AbortSignal,
): Promise<PageRead> {
  for (let attempt = 1; ; attempt++) {
    const { headers } = await client.download(path, file, signal);
    const said = headers['sforce-numberofrecords'] ?? '';
    const next = headers['sforce-locator'] ?? '';
    const { records, header } = await measurePage(file, signal);
    const whole = /^\d+$/.test(said) && Number(said) === records && next !== '';
    // The text `null` ends the pages (Bulk API 2.0 guide, "Get Results for a Query Job").
    if (whole && header === (expected ?? header)) return { records, header, next: next === 'null' ? null : next };
    if (attempt === PAGE_ATTEMPTS) throw notWhole(`GET ${path}: ${records} records of ${said || 'an unknown number'}`);
    await clock.sleep(FIRST_POLL * 2 ** attempt, signal);
  }
}

function notWhole(what: string): FailureError {
  return new FailureError({ code: 'ORG_ANSWER_UNREADABLE', status: 200, what });
}
