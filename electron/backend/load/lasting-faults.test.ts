import { mkdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { totalOf, type LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { startFaultBench, type FaultBench } from '../test-support/fault-bench.ts';

/** Faults that last, and answers that lie: each load ends or pauses with a reason, and nothing is lost, doubled or made up. */

const ROWS = 60;
let bench: FaultBench;
beforeAll(async () => {
  bench = await startFaultBench();
});
beforeEach(async () => {
  await bench.org.faults([]);
  await bench.signIn();
});
afterAll(() => bench.close());

const ingest = '/jobs\\/ingest\\/\\w+$/';
const create = '/jobs\\/ingest$/';
const down = { kind: 'status', status: 503, errorCode: 'SERVER_UNAVAILABLE', message: 'x' };
const unknown = { kind: 'status', status: 404, errorCode: 'NOT_FOUND', message: 'x' };
const isOurs = (before: ReadonlySet<string>) => (job: { id: string }) => !before.has(job.id);

async function jobsBefore(): Promise<Set<string>> {
  return new Set((await bench.jobs()).map(({ id }) => id));
}

async function openJobs(before: ReadonlySet<string>): Promise<string[]> {
  const jobs = (await bench.jobs()).filter(isOurs(before));
  return jobs.filter(({ state }) => state === 'Open').map(({ id }) => id);
}

async function requestsSince(count: number): Promise<number> {
  return (await bench.org.requests()).length - count;
}

describe('a fault that lasts: the load pauses with a reason, after few requests, and goes on when it is gone', () => {
  test.each<[string, unknown[], object]>([
    [
      'the create is answered 503',
      [{ method: 'POST', path: create, every: 1, action: down }],
      { code: 'ORG_REFUSED', status: 503 },
    ],
    [
      'the upload is answered 503',
      [{ method: 'PUT', path: 'batches', every: 1, action: down }],
      { code: 'ORG_REFUSED', status: 503 },
    ],
    [
      'the close is answered 503',
      [{ method: 'PATCH', path: ingest, every: 1, action: down }],
      { code: 'ORG_REFUSED', status: 503 },
    ],
    [
      'the close is accepted and never arrives',
      [{ method: 'PATCH', path: ingest, every: 1, action: { kind: 'pretend', status: 200 } }],
      { code: 'JOB_DOES_NOT_FOLLOW', asked: 'close' },
    ],
    [
      'polls are answered 503',
      [{ method: 'GET', path: ingest, every: 1, action: down }],
      { code: 'ORG_REFUSED', status: 503 },
    ],
    [
      'R14 polls are answered with a page of HTML',
      [{ method: 'GET', path: ingest, every: 1, action: { kind: 'html', status: 200 } }],
      { code: 'ORG_ANSWER_UNREADABLE' },
    ],
    [
      'results are answered 503',
      [{ method: 'GET', path: '/Results$/', every: 1, action: down }],
      { code: 'ORG_REFUSED', status: 503 },
    ],
    [
      'R4 the upload is reset',
      [{ method: 'PUT', path: 'batches', every: 1, action: { kind: 'reset', when: 'before' } }],
      { code: 'ORG_UNREACHABLE' },
    ],
  ])('%s', async (_name, faults, failure) => {
    const before = await jobsBefore();
    const asked = (await bench.org.requests()).length;
    const { loadId, marker } = await bench.insert(faults, ROWS);
    const paused = await bench.app.finished(loadId);
    expect(paused.state).toMatchObject({ kind: 'paused', failure });
    expect(await requestsSince(asked)).toBeLessThan(70);
    await bench.org.faults([]);
    await bench.app.call('load.resume', { loadId });
    const done = await bench.app.finished(loadId);
    expect(done.state).toEqual({ kind: 'finished', cancelled: false });
    expect(done.counts).toMatchObject({ created: ROWS, unknown: 0, unprocessed: 0 });
    expect(await bench.inOrg(marker)).toBe(ROWS);
    expect(await openJobs(before)).toEqual([]);
  });
});

describe('cancel works while a fault lasts, and nothing is created after it', () => {
  test.each<[string, unknown[]]>([
    ['the close is answered 503', [{ method: 'PATCH', path: ingest, every: 1, action: down }]],
    [
      'the close is accepted and never arrives',
      [{ method: 'PATCH', path: ingest, every: 1, action: { kind: 'pretend', status: 200 } }],
    ],
  ])('%s', async (_name, faults) => {
    const before = await jobsBefore();
    const closing = bench.app.waitFor((event) =>
      event.topic === 'load' && event.load.jobs.some(({ jobId }) => jobId !== null) ? event.load : null,
    );
    const { loadId, marker } = await bench.insert(faults, ROWS);
    await closing;
    await bench.app.call('load.cancel', { loadId });
    const paused = await bench.app.finished(loadId);
    // Whether the cancel came before the close or after it, an abort that is answered 503 for ever can’t be done.
    expect(paused.state.kind === 'paused' || totalOf(paused.counts) === ROWS).toBe(true);
    await bench.org.faults([]);
    if (paused.state.kind === 'paused') await bench.app.call('load.resume', { loadId });
    const done = await bench.app.finished(loadId);
    expect(done.state).toEqual({ kind: 'finished', cancelled: true });
    expect(done.counts).toMatchObject({ created: 0, unprocessed: ROWS });
    expect(await bench.inOrg(marker)).toBe(0);
    expect(await openJobs(before)).toEqual([]);
  });
});

describe('results that lie are not believed', () => {
  const results = '/successfulResults$/';
  const lies: [string, unknown][] = [
    ['HTML', { kind: 'html', status: 200 }],
    ['nothing', { kind: 'answer', status: 200, contentType: 'text/csv', body: '' }],
    ['a header and no rows', { kind: 'shorten-results', keep: 0 }],
    ['too few rows', { kind: 'shorten-results', keep: 7 }],
    [
      'other columns',
      {
        kind: 'answer',
        status: 200,
        contentType: 'text/csv',
        body: '"sf__Id","sf__Created",Colour\n"x","true","red"\n',
      },
    ],
    ['another job’s rows', { kind: 'other-results' }],
  ];

  test.each(lies)('once %s: downloaded again', async (_name, action) => {
    const { loadId } = await bench.insert([{ method: 'GET', path: results, action }], ROWS);
    const done = await bench.app.finished(loadId);
    expect(done.counts).toMatchObject({ created: ROWS, unknown: 0 });
    expect(done.notices).toEqual([]);
  });

  test.each(lies)('for ever %s, of an insert: unknown, said, and never stuck', async (_name, action) => {
    const { loadId, marker } = await bench.insert([{ method: 'GET', path: results, every: 1, action }], ROWS);
    const done: LoadSnapshot = await bench.app.finished(loadId);
    expect(done.state).toEqual({ kind: 'finished', cancelled: false });
    expect(done.counts).toMatchObject({ created: 0, unknown: ROWS });
    expect(done.notices).toMatchObject([{ code: 'RESULTS_NOT_BELIEVED', file: 'successfulResults' }]);
    expect(await bench.inOrg(marker)).toBe(ROWS);
  });
});

test('R24: an unprocessed file that is no CSV is kept, said and not believed', async () => {
  const { loadId, marker } = await bench.insert(
    [
      { method: 'PATCH', path: ingest, action: { kind: 'fail-job', message: 'InvalidBatch : x' } },
      {
        method: 'GET',
        path: '/unprocessedrecords$/',
        every: 1,
        action: { kind: 'answer', status: 200, contentType: 'text/csv', body: 'Name,"unclosed' },
      },
    ],
    ROWS,
  );
  const done = await bench.app.finished(loadId);
  expect(done.counts).toMatchObject({ unknown: ROWS });
  expect(done.notices).toContainEqual(
    expect.objectContaining({ code: 'RESULTS_NOT_BELIEVED', file: 'unprocessedrecords', problem: 'not-results' }),
  );
  const kept = join(bench.app.data, 'loads', done.planId, 'part-1-unprocessedrecords.csv');
  expect(await readFile(kept, 'utf8')).toBe('Name,"unclosed');
  expect(await bench.inOrg(marker)).toBe(0);
});

describe('a job that the org no longer knows (R16)', () => {
  test('its rows are unknown, never sent again', async () => {
    const { loadId, marker } = await bench.insert([{ method: 'GET', path: ingest, every: 1, action: unknown }], ROWS);
    const done = await bench.app.finished(loadId);
    expect(done.counts).toMatchObject({ unknown: ROWS });
    expect(done.notices).toMatchObject([{ code: 'JOB_GONE' }]);
    expect(await bench.inOrg(marker)).toBe(ROWS);
  });

  test('a single 404 is asked again', async () => {
    const { loadId } = await bench.insert([{ method: 'GET', path: ingest, times: 2, action: unknown }], ROWS);
    expect((await bench.app.finished(loadId)).counts).toMatchObject({ created: ROWS });
  });
});

test('R1: no orphan of a lost creation is left open', async () => {
  const before = await jobsBefore();
  const { loadId } = await bench.insert(
    [{ method: 'POST', path: create, times: 2, action: { kind: 'reset', when: 'after' } }],
    ROWS,
  );
  expect((await bench.app.finished(loadId)).counts).toMatchObject({ created: ROWS });
  const ours = (await bench.jobs()).filter(isOurs(before));
  expect(ours).toHaveLength(3);
  expect(await openJobs(before)).toEqual([]);
});

test('an orphan that the org denies once, when it is to be aborted, is not believed gone', async () => {
  const before = await jobsBefore();
  const { loadId } = await bench.insert(
    [
      { method: 'POST', path: create, times: 1, action: { kind: 'reset', when: 'after' } },
      // Jobs that are closed are not told to abort, so that the close is let through.
      { method: 'PATCH', path: ingest, nth: 2, times: 1, action: unknown },
    ],
    ROWS,
  );
  expect((await bench.app.finished(loadId)).counts).toMatchObject({ created: ROWS });
  expect(await openJobs(before)).toEqual([]);
});

describe('an orphan that may be a job of another load, whose journal can’t be read', () => {
  const damagedLoad = async (written: Date) => {
    const folder = join(bench.app.data, 'loads', 'plan_damaged');
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, 'journal.jsonl'), 'no journal\n');
    await utimes(join(folder, 'journal.jsonl'), written, written);
  };
  afterEach(() => rm(join(bench.app.data, 'loads', 'plan_damaged'), { recursive: true }));
  const lostOnce = [{ method: 'POST', path: create, action: { kind: 'reset', when: 'after' } }];

  test('is aborted if that load was last at work long before', async () => {
    await damagedLoad(new Date(Date.now() - 600_000));
    const before = await jobsBefore();
    const { loadId } = await bench.insert(lostOnce, ROWS);
    expect(await bench.app.finished(loadId)).toMatchObject({ counts: { created: ROWS }, notices: [] });
    expect(await openJobs(before)).toEqual([]);
  });

  test('is left as it is, and said, if that load was at work just now', async () => {
    await damagedLoad(new Date());
    const before = await jobsBefore();
    const { loadId } = await bench.insert(lostOnce, ROWS);
    const { counts, notices } = await bench.app.finished(loadId);
    expect(counts).toMatchObject({ created: ROWS });
    expect(notices).toEqual([{ code: 'JOBS_LEFT_OPEN', jobIds: await openJobs(before) }]);
    expect(await openJobs(before)).toHaveLength(1);
  });
});

test('an open job of another program is never aborted, whatever was lost', async () => {
  const { url, accessToken } = bench.org;
  const theirs = await fetch(`${url}/services/data/v60.0/jobs/ingest`, {
    method: 'POST',
    headers: { authorization: `Bearer ${accessToken}`, 'content-type': 'application/json', connection: 'close' },
    body: JSON.stringify({
      object: 'Opportunity',
      operation: 'insert',
      columnDelimiter: 'SEMICOLON',
      lineEnding: 'CRLF',
    }),
  });
  const { id } = (await theirs.json()) as { id: string };
  const { loadId } = await bench.insert([{ method: 'POST', path: create, action: down }], ROWS);
  expect((await bench.app.finished(loadId)).counts).toMatchObject({ created: ROWS });
  expect((await bench.jobs()).find((job) => job.id === id)).toMatchObject({ state: 'Open' });
});

test('a close that is seen late is no fault', async () => {
  await bench.org.admin('PATCH', '/knobs', { commitLatency: 120 });
  const { loadId, marker } = await bench.insert([], ROWS);
  expect((await bench.app.finished(loadId)).counts).toMatchObject({ created: ROWS });
  await bench.org.admin('PATCH', '/knobs', { commitLatency: 0 });
  expect(await bench.inOrg(marker)).toBe(ROWS);
});

test('R19: a job that somebody aborts in Setup is not sent again, and its rows are told apart', async () => {
  const { loadId, marker } = await bench.insert(
    [
      {
        method: 'PATCH',
        path: ingest,
        action: { kind: 'fail-job', message: 'InvalidBatch : Field name not found : Foo__c' },
      },
    ],
    ROWS,
  );
  const done = await bench.app.finished(loadId);
  expect(done.counts).toMatchObject({ unprocessed: ROWS });
  expect(done.notices).toMatchObject([
    { code: 'JOB_ENDED_EARLY', state: 'Failed', message: 'InvalidBatch : Field name not found : Foo__c' },
  ]);
  expect(await bench.inOrg(marker)).toBe(0);
});

describe('rows without a result are looked up by their key, and settled by what is there', () => {
  const results = '/successfulResults$/';
  const nothing = { kind: 'answer', status: 200, contentType: 'text/csv', body: '' };
  const berths = (letter: string, from: number, to: number, extra = '') =>
    Array.from({ length: to - from }, (_, n) => `${letter}${n + from}${extra},SETTLE-${letter}${n + from}`);
  const csv = (rows: string[]) => `Name,Berth_Code__c\n${rows.join('\n')}\n`;
  const upsert = { object: 'Berth__c', operation: 'upsert' } as const;
  const ended = async (rows: string[], faults: unknown[]) =>
    bench.app.finished(await bench.load(csv(rows), upsert, faults));

  test('an upsert whose results lie for ever: created and updated', async () => {
    await ended(berths('A', 0, 10), []);
    const done = await ended(
      [...berths('A', 0, 10, ' new'), ...berths('A', 10, 25)],
      [{ method: 'GET', path: results, every: 1, action: nothing }],
    );
    expect(done.counts).toMatchObject({ created: 15, updated: 10, unknown: 0 });
    expect(done.notices).toContainEqual(expect.objectContaining({ code: 'ROWS_LOOKED_UP', settled: 25, unknown: 0 }));
  });

  test('an upload that never arrived: nothing was changed, and that is what is said', async () => {
    await ended(berths('B', 0, 10), []);
    const done = await ended(
      [...berths('B', 0, 10, ' new'), ...berths('B', 10, 20)],
      [{ method: 'PUT', path: 'batches', every: 1, action: { kind: 'pretend', status: 201 } }],
    );
    expect(done.counts).toMatchObject({ created: 0, updated: 0, unprocessed: 20, unknown: 0 });
    await bench.org.faults([]);
    expect((await ended([...berths('B', 0, 10, ' new'), ...berths('B', 10, 20)], [])).counts).toMatchObject({
      created: 10,
      updated: 10,
    });
  });

  test('a job that is gone: what shows is settled, what does not is unknown', async () => {
    const done = await ended(berths('C', 0, 10), [{ method: 'GET', path: ingest, every: 1, action: unknown }]);
    expect(done.counts).toMatchObject({ created: 10, unknown: 0 });
    await bench.org.faults([]);
    const never = await ended(berths('D', 0, 10), [
      { method: 'PUT', path: 'batches', every: 1, action: { kind: 'pretend', status: 201 } },
      { method: 'GET', path: ingest, every: 1, action: unknown },
    ]);
    expect(never.counts).toMatchObject({ created: 0, unknown: 10 });
  });

  test('R27: a row that lost the race to be created is sent once more, and becomes an update', async () => {
    const raced = (n: number) =>
      `"","DUPLICATE_VALUE:duplicate value found: Berth_Code__c duplicates value on record with id: a00PR000000000${n}:--","F${n}","SETTLE-F${n}"`;
    const before = await jobsBefore();
    const once = [
      { method: 'PUT', path: 'batches', action: { kind: 'pretend', status: 201 } },
      {
        method: 'GET',
        path: '/failedResults$/',
        action: {
          kind: 'answer',
          status: 200,
          contentType: 'text/csv',
          body: `"sf__Id","sf__Error",Name,Berth_Code__c\n${[0, 1, 2].map(raced).join('\n')}\n`,
        },
      },
    ];
    const done = await ended(berths('F', 0, 3), once);
    expect(done.counts).toMatchObject({ created: 3, failed: 0 });
    expect(done.jobs.map(({ rows }) => rows)).toEqual([3, 3]);
    expect((await bench.jobs()).filter(isOurs(before))).toHaveLength(2);
  });

  test('a delete by Id', async () => {
    await ended(berths('E', 0, 6), []);
    await bench.org.faults([]);
    const soql = "SELECT Id FROM Berth__c WHERE Berth_Code__c LIKE 'SETTLE-E%'";
    await bench.app.call('export.query', { orgId: bench.orgId, soql, fileName: 'ids.csv' });
    const ids = await readFile(bench.app.saved.at(-1)?.path ?? '', 'utf8');
    const loadId = await bench.load(ids, { object: 'Berth__c', operation: 'delete' }, [
      { method: 'GET', path: results, every: 1, action: nothing },
    ]);
    expect((await bench.app.finished(loadId)).counts).toMatchObject({ deleted: 6, unknown: 0 });
  });
});
