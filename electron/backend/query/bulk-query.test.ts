import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OrgClient } from '../orgs/org-client.ts';
import { startPracticeOrg } from '../test-support/start-backend.ts';
import {
  failureOf,
  keptOrg,
  notingClock,
  openOrgs,
  ORG_ID,
  stoppedClock,
  tokensOf,
} from '../test-support/test-orgs.ts';
import { PageMeter } from './page-meter.ts';
import { exportQuery } from './export-query.ts';

const NEVER = new AbortController().signal;
const SOQL = 'SELECT Id, Name FROM Account';
const JOB = /\/jobs\/query\/[^/]+$/;

let org: Awaited<ReturnType<typeof startPracticeOrg>>;
let folder: string;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  org = await startPracticeOrg(['--records', '40', '--knob', 'bulkQueryPage=7']);
});
beforeEach(async () => {
  await org.faults([]);
  folder = await mkdtemp(join(tmpdir(), 'longshore-query-'));
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => org.stop());

async function clientOf(): Promise<OrgClient> {
  const { orgs } = openOrgs(folder, keptOrg(org.url, await tokensOf(org.url)));
  closing.push(() => orgs.close());
  return orgs.client(ORG_ID);
}

/** What was asked of query jobs since a moment, as method and status. */
async function askedSince(count: number, method: string): Promise<number[]> {
  const since = (await org.requests()).slice(count);
  return since.filter((request) => request.method === method && JOB.test(request.path)).map(({ status }) => status);
}

describe('a query job', () => {
  test('gives every page, and is deleted', async () => {
    const client = await clientOf();
    const before = (await org.requests()).length;
    const count = await client.count('SELECT COUNT() FROM Account', NEVER);
    const { path, records } = await exportQuery(client, notingClock(), SOQL, folder, NEVER);
    expect(records).toBe(count);
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines).toHaveLength(count + 1);
    expect(new Set(lines).size).toBe(count + 1);
    await client.settled();
    expect(await askedSince(before, 'DELETE')).toEqual([204]);
    expect((await readdir(folder)).filter((name) => name !== 'orgs')).toEqual(['export.csv']);
  });

  test('is polled for as long as it takes, ever more slowly', async () => {
    const client = await clientOf();
    const clock = notingClock();
    const body = JSON.stringify({ id: '750000000000001AAA', state: 'InProgress' });
    const action = { kind: 'answer', status: 200, contentType: 'application/json', body };
    await org.faults([{ method: 'GET', path: '/\\/jobs\\/query\\/\\w+$/', times: 60, action }]);
    await exportQuery(client, clock, SOQL, folder, NEVER);
    expect(clock.pauses).toHaveLength(60);
    expect(clock.pauses.slice(0, 3)).toEqual([200, 300, 450]);
    expect(Math.max(...clock.pauses)).toBe(8000);
  });

  test('pages that are a few rows short are asked for again', async () => {
    const client = await clientOf();
    const { records } = await exportQuery(client, notingClock(), SOQL, folder, NEVER);
    for (const action of [
      { kind: 'shorten-results', keep: 3 },
      { kind: 'html', status: 200 },
      { kind: 'truncate-answer' },
    ]) {
      await org.faults([{ path: '/results', nth: 2, times: 2, action }]);
      const { path, records: again } = await exportQuery(client, notingClock(), SOQL, folder, NEVER);
      expect(again).toBe(records);
      expect(measured([await readFile(path)]).records).toBe(records);
    }
  });
});

describe('a query job that goes wrong ends cleanly', () => {
  const csv = { kind: 'answer', status: 200, contentType: 'text/csv' };
  test.each<[string, unknown[], { code: string; errorCode?: string }]>([
    [
      'a page that stays short',
      [{ path: '/results', every: 1, action: { kind: 'shorten-results', keep: 3 } }],
      { code: 'ORG_ANSWER_UNREADABLE' },
    ],
    [
      'a page that does not say how many rows it has',
      [
        {
          path: '/results',
          every: 1,
          action: { ...csv, body: '"Id","Name"\n', headers: { 'Sforce-Locator': 'null' } },
        },
      ],
      { code: 'ORG_ANSWER_UNREADABLE' },
    ],
    [
      'a page that does not say what comes after it',
      [{ path: '/results', every: 1, action: { ...csv, body: '"Id"\n', headers: { 'Sforce-NumberOfRecords': '0' } } }],
      { code: 'ORG_ANSWER_UNREADABLE' },
    ],
    [
      'a later page of something else',
      [
        {
          path: '/results',
          nth: 2,
          times: 99,
          action: {
            ...csv,
            body: '"Id","Phone"\n"1","2"\n',
            headers: { 'Sforce-NumberOfRecords': '1', 'Sforce-Locator': 'null' },
          },
        },
      ],
      { code: 'ORG_ANSWER_UNREADABLE' },
    ],
    [
      'pages that come again and again',
      [
        {
          path: '/results',
          every: 1,
          action: { ...csv, body: '"Id"\n"1"\n', headers: { 'Sforce-NumberOfRecords': '1', 'Sforce-Locator': 'MQ' } },
        },
      ],
      { code: 'ORG_ANSWER_UNREADABLE' },
    ],
    [
      'results that stay a page of HTML',
      [{ path: '/results', every: 1, action: { kind: 'html', status: 200 } }],
      { code: 'ORG_ANSWER_UNREADABLE' },
    ],
    [
      'results that are gone',
      [{ path: '/results', action: { kind: 'purge-job' } }],
      { code: 'ORG_REFUSED', errorCode: 'NOT_FOUND' },
    ],
    [
      'a job that is gone',
      [{ method: 'GET', path: '/\\/jobs\\/query\\/\\w+$/', action: { kind: 'purge-job' } }],
      { code: 'ORG_REFUSED' },
    ],
    [
      'polls that stay a page of HTML',
      [{ method: 'GET', path: '/jobs/query', every: 1, action: { kind: 'html', status: 200 } }],
      { code: 'ORG_ANSWER_UNREADABLE' },
    ],
    [
      'a create that is a page of HTML',
      [{ method: 'POST', path: '/jobs/query', action: { kind: 'html', status: 200 } }],
      { code: 'ORG_ANSWER_UNREADABLE' },
    ],
    [
      'a create that is lost',
      [{ method: 'POST', path: '/jobs/query', action: { kind: 'reset', when: 'after' } }],
      { code: 'ORG_UNREACHABLE' },
    ],
    [
      'a session that ends',
      [{ path: '/results', action: { kind: 'revoke-everything' } }],
      { code: 'ORG_SESSION_EXPIRED' },
    ],
    [
      'a job that fails',
      [
        {
          method: 'GET',
          path: '/\\/jobs\\/query\\/\\w+$/',
          action: {
            kind: 'answer',
            status: 200,
            contentType: 'application/json',
            body: '{"id":"750000000000001AAA","state":"Failed","errorMessage":"timed out"}',
          },
        },
      ],
      { code: 'ORG_REFUSED', errorCode: 'Failed' },
    ],
  ])('%s', async (_name, faults, failure) => {
    const client = await clientOf();
    await org.faults(faults);
    expect(await failureOf(exportQuery(client, notingClock(), SOQL, folder, NEVER))).toMatchObject(failure);
    await client.settled();
    expect((await readdir(folder)).filter((name) => name.startsWith('750'))).toEqual([]);
  });

  test('SOQL that the org does not take', async () => {
    const failure = await failureOf(exportQuery(await clientOf(), notingClock(), 'SELECT FROM', folder, NEVER));
    expect(failure).toMatchObject({ code: 'ORG_REFUSED', status: 400, errorCode: 'MALFORMED_QUERY' });
  });

  test('a cancel is acknowledged at once, and the job is aborted and deleted behind it', async () => {
    const client = await clientOf();
    const clock = stoppedClock();
    const cancel = new AbortController();
    const body = JSON.stringify({ id: '750000000000001AAA', state: 'InProgress' });
    const action = { kind: 'answer', status: 200, contentType: 'application/json', body };
    await org.faults([
      { method: 'GET', path: '/jobs/query', every: 1, action },
      { method: 'PATCH', path: '/jobs/query', every: 1, action: { kind: 'delay', milliseconds: 400 } },
    ]);
    const before = (await org.requests()).length;
    const called = failureOf(exportQuery(client, clock, SOQL, folder, cancel.signal));
    await clock.paused;
    const asked = performance.now();
    cancel.abort();
    expect(await called).toEqual({ code: 'CANCELLED' });
    expect(performance.now() - asked).toBeLessThan(200);
    await client.settled();
    expect(await askedSince(before, 'PATCH')).toHaveLength(1);
    expect(await askedSince(before, 'DELETE')).toEqual([204]);
  });
});

test.each<[string, string, number]>([
  ['nothing', '', 0],
  ['a header', '"Id"\n', 0],
  ['a header without its end', '"Id"', 0],
  ['two records', '"Id"\n"1"\n"2"\n', 2],
  ['no last line feed', '"Id"\n"1"\n"2"', 2],
  ['line feeds and quotes within cells', '"Id"\n"a\nb ""c""\r\n"\n"2"\n', 2],
  ['blank cells alone', '"Id"\n""\n""\n', 2],
])('records are counted, wherever a page is cut as it comes: %s', (_name, text, records) => {
  const bytes = Buffer.from(text);
  for (let at = 0; at <= bytes.length; at++)
    expect(measured([bytes.subarray(0, at), bytes.subarray(at)])).toEqual({ records, header: text.split('\n')[0] });
});

function measured(chunks: readonly Buffer[]): { records: number; header: string } {
  const meter = new PageMeter();
  // What came of a page that was torn is not counted.
  meter.chunk(Buffer.from('"Other"\n"torn'));
  meter.begin();
  for (const chunk of chunks) meter.chunk(chunk);
  return { records: meter.records, header: meter.header };
}
