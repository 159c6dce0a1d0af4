import { join } from 'node:path';
import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { asFailure, RefusedByOrg } from '../orgs/org-answers.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { Clock } from '../ports.ts';
import { PageMeter } from './page-meter.ts';

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
  const name = join(folder, id);
  let ended = false;
  let records = 0;
  const files: string[] = [];
  const pages: PageUse = {
    file: (page) => {
      files[page % 2] = `${name}-${page}.csv`;
      return `${name}-${page}.csv`;
    },
    atOnce: 1,
    // What comes first is used up while the next page is on its way.
    use: async (some) => {
      for (const { file, page } of some) {
        try {
          await usePage(file, (records += page.records));
        } finally {
          await rm(file, { force: true });
        }
      }
    },
  };
  try {
    await waitForEnd(client, clock, path, signal);
    ended = true;
    await readPages(client, clock, path, { locator: null, header: null }, pages, signal);
  } finally {
    // A page that was not whole, and one that was not used.
    for (const file of files) await rm(file, { force: true });
    // Behind the back of who waits: a cancel is acknowledged at once.
    dropJob(client, id, ended);
  }
}

/** Deletes a query job; one that works on must be aborted before. */
export function dropJob(client: QueryClient, id: string, ended: boolean): void {
  const path = `jobs/query/${id}`;
  client.tidy(`query job ${id}`, async (time) => {
    // Refused if it has just ended, and then it can be deleted.
    if (!ended) await client.json('PATCH', path, z.unknown(), time, { state: 'Aborted' }).catch(() => undefined);
    await client.json('DELETE', path, z.unknown(), time);
  });
}

/** A query job that outlives whoever runs it: what is told of it is noted before anything more is asked. */
export interface LastingJob {
  /** As it was noted; null where there is none yet. */
  readonly job: { readonly id: string; readonly locator: string | null; readonly header: string | null } | null;
  /** Where the next page goes. It stays there. */
  nextFile(): string;
  begun(id: string): Promise<void>;
  read(file: string, page: PageRead): Promise<void>;
}

/** Whether a query job can be gone on with: it is there, and has not failed. */
export async function jobStands(client: QueryClient, id: string, signal: AbortSignal): Promise<boolean> {
  try {
    const { state } = await client.json('GET', `jobs/query/${id}`, QueryJob, signal);
    return state !== 'Failed' && state !== 'Aborted';
  } catch (error) {
    if (error instanceof RefusedByOrg && error.status < 500) return false;
    throw asFailure(error, client.host);
  }
}

/** Pages that are kept anyway, and that are used together where several are there: a database takes four for the price of three. */
const LASTING_AT_ONCE = 4;

/**
 * Runs a query job as `bulkQuery` does, or goes on with one from where it was; its pages are kept. It is deleted once all of them
 * were read, and left as it is when something goes wrong.
 */
export async function lastingBulkQuery(
  client: QueryClient,
  clock: Clock,
  soql: string,
  lasting: LastingJob,
  usePages: (files: readonly string[], records: number) => Promise<void>,
  signal: AbortSignal,
): Promise<void> {
  try {
    if (lasting.job === null) {
      const { id } = await client.json('POST', 'jobs/query', QueryJob, signal, { operation: 'query', query: soql });
      await lasting.begun(id);
    }
    const { id, ...from } = lasting.job ?? notBegun();
    const path = `jobs/query/${id}`;
    if (from.locator === null) await waitForEnd(client, clock, path, signal);
    const pages: PageUse = {
      file: () => lasting.nextFile(),
      read: (file, page) => lasting.read(file, page),
      atOnce: LASTING_AT_ONCE,
      use: (some) =>
        usePages(
          some.map(({ file }) => file),
          some.reduce((sum, { page }) => sum + page.records, 0),
        ),
    };
    await readPages(client, clock, path, from, pages, signal);
    dropJob(client, id, true);
  } catch (error) {
    throw asFailure(error, client.host);
  }
}

function notBegun(): never {
  throw new Error('a query job was begun and is not noted');
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

interface PageFile {
  readonly file: string;
  readonly page: PageRead;
}

interface PageUse {
  file(page: number): string;
  /** Before anything more is asked. */
  read?(file: string, page: PageRead): Promise<void>;
  /** How many are used together at most; as many more may wait, and the next page is downloaded meanwhile. */
  readonly atOnce: number;
  /** In order, each time after those before. */
  use(some: readonly PageFile[]): Promise<void>;
}

async function readPages(
  client: QueryClient,
  clock: Clock,
  path: string,
  from: { readonly locator: string | null; readonly header: string | null },
  pages: PageUse,
  signal: AbortSignal,
): Promise<void> {
  const seen = new Set<string>();
  let { locator, header } = from;
  const waiting: PageFile[] = [];
  let inUse: Promise<void> = Promise.resolve();
  try {
    for (let page = 0; ; page++) {
      const file = pages.file(page);
      const at: string = locator === null ? '' : `?locator=${encodeURIComponent(locator)}`;
      const read: PageRead = await wholePage(client, clock, `${path}/results${at}`, file, header, signal);
      await pages.read?.(file, read);
      ({ next: locator, header } = read);
      const before = inUse;
      waiting.push({ file, page: read });
      inUse = before.then(async () => {
        const some = waiting.splice(0, pages.atOnce);
        if (some.length > 0) await pages.use(some);
      });
      // Whoever waits for the last hears of it.
      inUse.catch(() => undefined);
      if (waiting.length >= 2 * pages.atOnce - 1) await before;
      if (locator === null) break;
      if (seen.has(locator)) throw notWhole(`${path}/results: a page that was read before comes again`);
      seen.add(locator);
    }
  } finally {
    // Nothing is at work on a page when this is over.
    await inUse;
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
    const meter = new PageMeter();
    const { headers } = await client.download(path, file, signal, meter);
    const said = headers['sforce-numberofrecords'] ?? '';
    const next = headers['sforce-locator'] ?? '';
    const { records, header } = meter;
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
