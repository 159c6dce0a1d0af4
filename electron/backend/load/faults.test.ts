import { ALL_ROWS } from '../../../shared/domain/source-file.ts';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { OrgId } from '../../../shared/domain/ids.ts';
import { totalOf, type LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { startFaultBench, type FaultBench } from '../test-support/fault-bench.ts';
import { startBackend, startPracticeOrg, type TestBackend } from '../test-support/start-backend.ts';

/** Faults of QUALITY.md, injected by the practice org. After each: every row has one outcome and none is written twice. */

const ROWS = 500;
let bench: FaultBench;
let org: FaultBench['org'];
let app: TestBackend;
let orgId: OrgId;

beforeAll(async () => {
  bench = await startFaultBench();
  ({ org, app, orgId } = bench);
});
beforeEach(async () => {
  await org.faults([]);
  await bench.signIn();
});
afterAll(() => bench.close());

const start = (faults: unknown[]) => bench.insert(faults, ROWS);
const inOrg = (marker: string) => bench.inOrg(marker);

const ingest = '/jobs\\/ingest/';
const results = '/successfulResults/';

describe('a load goes on through passing faults, and writes each row once', () => {
  test.each<[string, unknown[]]>([
    [
      'R1 the create is reset after it was accepted',
      [{ method: 'POST', path: ingest, action: { kind: 'reset', when: 'after' } }],
    ],
    [
      'R2 the create is answered 503',
      [
        {
          method: 'POST',
          path: ingest,
          action: { kind: 'status', status: 503, errorCode: 'SERVER_UNAVAILABLE', message: 'x' },
        },
      ],
    ],
    [
      'R5 the upload is answered 503',
      [
        {
          method: 'PUT',
          path: 'batches',
          action: { kind: 'status', status: 503, errorCode: 'SERVER_UNAVAILABLE', message: 'x' },
        },
      ],
    ],
    ['R6 the upload is reset', [{ method: 'PUT', path: 'batches', action: { kind: 'reset', when: 'before' } }]],
    [
      'R6 the upload is reset after it arrived',
      [{ method: 'PUT', path: 'batches', action: { kind: 'reset', when: 'after' } }],
    ],
    ['R7 the session expires at the upload', [{ method: 'PUT', path: 'batches', action: { kind: 'expire-session' } }]],
    [
      'R9 the upload is refused as a second content',
      [
        {
          method: 'PUT',
          path: 'batches',
          action: { kind: 'status', status: 400, errorCode: 'BULK_API_ERROR', message: 'Found multiple contents' },
        },
      ],
    ],
    [
      'R10 the close is answered 503 and the job is still open',
      [
        {
          method: 'PATCH',
          path: ingest,
          action: { kind: 'status', status: 503, errorCode: 'SERVER_UNAVAILABLE', message: 'x' },
        },
      ],
    ],
    [
      'R11 the close is lost but was taken',
      [{ method: 'PATCH', path: ingest, action: { kind: 'reset', when: 'after' } }],
    ],
    [
      'R13 a poll is reset three times',
      [{ method: 'GET', path: ingest, times: 3, action: { kind: 'reset', when: 'before' } }],
    ],
    [
      'R14 polls are answered with a page of HTML',
      [{ method: 'GET', path: ingest, times: 2, action: { kind: 'html', status: 200 } }],
    ],
    [
      'R20 a result file is cut short',
      [{ method: 'GET', path: results, times: 2, action: { kind: 'truncate-answer' } }],
    ],
  ])('%s', async (_name, faults) => {
    const { loadId, marker } = await start(faults);
    const done = await app.finished(loadId);
    expect(done.state).toEqual({ kind: 'finished', cancelled: false });
    expect(done.counts).toMatchObject({ created: ROWS, failed: 0, unknown: 0, unprocessed: 0 });
    expect(await inOrg(marker)).toBe(ROWS);
  });
});

describe('a load pauses where a person is needed, and resumes', () => {
  test('R3 the daily limit is reached: nothing was sent', async () => {
    const { loadId, marker } = await start([
      {
        method: 'POST',
        path: ingest,
        times: 99,
        action: {
          kind: 'status',
          status: 403,
          errorCode: 'REQUEST_LIMIT_EXCEEDED',
          message: 'TotalRequests Limit exceeded.',
        },
      },
    ]);
    const paused = await app.finished(loadId);
    expect(paused.state).toMatchObject({ kind: 'paused', failure: { code: 'ORG_API_LIMIT' } });
    expect(await inOrg(marker)).toBe(0);
    await app.call('load.resume', { loadId });
    expect((await app.finished(loadId)).counts.created).toBe(ROWS);
    expect(await inOrg(marker)).toBe(ROWS);
  });

  test('R12 the close is lost and so is every question after it: the state is unknown until the org can be asked', async () => {
    const { loadId, marker } = await start([
      { method: 'PATCH', path: ingest, action: { kind: 'reset', when: 'after' } },
      { method: 'GET', path: ingest, times: 99, action: { kind: 'reset', when: 'before' } },
    ]);
    expect((await app.finished(loadId)).state).toMatchObject({
      kind: 'paused',
      failure: { code: 'LOAD_STATE_UNKNOWN' },
    });
    await org.faults([]);
    await app.call('load.resume', { loadId });
    expect((await app.finished(loadId)).counts.created).toBe(ROWS);
    expect(await inOrg(marker)).toBe(ROWS);
  });

  test('R15 the session ends for good in the middle: sign in again, then resume', async () => {
    const { loadId, marker } = await start([{ method: 'GET', path: ingest, action: { kind: 'revoke-everything' } }]);
    expect((await app.finished(loadId)).state).toMatchObject({
      kind: 'paused',
      failure: { code: 'ORG_SESSION_EXPIRED' },
    });
    expect((await app.call('orgs.list', {}))[0]?.session).toBe('expired');
    await expect(app.call('load.resume', { loadId })).rejects.toMatchObject({
      failure: { code: 'ORG_SESSION_EXPIRED' },
    });
    await app.call('orgs.signIn', { target: { kind: 'practice' } });
    await app.call('load.resume', { loadId });
    expect((await app.finished(loadId)).counts.created).toBe(ROWS);
    expect(await inOrg(marker)).toBe(ROWS);
  });
});

describe('asked twice at once, done once', () => {
  test('a plan that is started twice is loaded once', async () => {
    const marker = 'Twice';
    const path = join(app.data, 'twice.csv');
    await writeFile(
      path,
      `Opportunity Name,Stage,Close Date\n${`${marker},Prospecting,2026-05-05\n`.repeat(3)}`
        .replace(/(Prospecting,2026-05-0)5\n/, '$16\n')
        .replace(/(Prospecting,2026-05-0)5\n/, '$17\n'),
    );
    const { sourceId } = await app.stage(path);
    const mapping = await app.call('mapping.suggest', {
      orgId,
      sourceId,
      objectName: 'Opportunity',
      operation: 'insert',
      useSaved: false,
    });
    const { planId, planDigest } = await app.call('plan.build', { orgId, sourceId, mapping });
    const [first, second] = await Promise.allSettled([
      app.call('load.start', { planId, planDigest }),
      app.call('load.start', { planId, planDigest }),
    ]);
    expect(second).toMatchObject({ status: 'rejected', reason: { failure: { code: 'PLAN_STALE', why: 'used' } } });
    if (first.status === 'fulfilled') await app.finished(first.value.loadId);
    expect(await inOrg(marker)).toBe(3);
  });

  test('a load that is resumed twice goes on once', async () => {
    const { loadId, marker } = await start([
      {
        method: 'POST',
        path: ingest,
        times: 99,
        action: { kind: 'status', status: 403, errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'x' },
      },
    ]);
    await app.finished(loadId);
    await org.faults([]);
    const answers = await Promise.allSettled([
      app.call('load.resume', { loadId }),
      app.call('load.resume', { loadId }),
    ]);
    // Whichever came first.
    expect(answers.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    expect(answers.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { failure: { code: 'LOAD_NOT_RESUMABLE' } },
    });
    expect((await app.finished(loadId)).counts.created).toBe(ROWS);
    expect(await inOrg(marker)).toBe(ROWS);
  });
});

test('a staging process that dies is started again, with every source and plan as it was', async () => {
  const path = join(app.data, 'survivor.csv');
  await writeFile(path, 'Name,Berth_Code__c\nA,SURVIVE-1\n');
  const { sourceId } = await app.stage(path);
  const mapping = await app.call('mapping.suggest', {
    orgId,
    sourceId,
    objectName: 'Berth__c',
    operation: 'upsert',
    useSaved: false,
  });
  const { planId, planDigest } = await app.call('plan.build', { orgId, sourceId, mapping });
  await app.killStaging();
  const { page } = await app.call('source.page', { sourceId, view: ALL_ROWS, offset: 0, limit: 5 });
  expect(page).toMatchObject([{ cells: ['A', 'SURVIVE-1'] }]);
  expect((await app.call('plan.page', { planId, kind: null, search: '', offset: 0, limit: 5 })).total).toBe(1);
  const { loadId } = await app.call('load.start', { planId, planDigest });
  expect((await app.finished(loadId)).counts.created).toBe(1);
});

test('another user of the same org sees the fields as that user may edit them', async () => {
  const revenue = async (as: typeof orgId) =>
    (await app.call('orgs.describe', { orgId: as, objectName: 'Account' })).fields.find(
      ({ name }) => name === 'AnnualRevenue',
    )?.updateable;
  app.signInAs('standard@practice.example');
  const { orgId: other } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
  expect([await revenue(orgId), await revenue(other)]).toEqual([true, false]);
  app.signInAs('admin@practice.example');
});

describe('what ends badly is counted truly', () => {
  test('R18 the job fails as a whole: its rows are unprocessed', async () => {
    const { loadId, marker } = await start([
      {
        method: 'PATCH',
        path: ingest,
        action: { kind: 'fail-job', message: 'InvalidBatch : Field name not found : Foo__c' },
      },
    ]);
    const done = await app.finished(loadId);
    expect(done.counts).toMatchObject({ unprocessed: ROWS, created: 0 });
    expect(await inOrg(marker)).toBe(0);
  });

  test('R8 the org stored fewer bytes than were sent: the missing rows are unknown, never a success', async () => {
    const { loadId, marker } = await start([
      { method: 'PUT', path: 'batches', action: { kind: 'lose-bytes', keep: 5000 } },
    ]);
    const done = await app.finished(loadId);
    expect(totalOf(done.counts)).toBe(ROWS);
    expect(done.counts.created).toBeLessThan(ROWS);
    expect(done.counts.unknown).toBe(ROWS - done.counts.created - done.counts.failed);
    expect(await inOrg(marker)).toBeGreaterThanOrEqual(done.counts.created);
  });

  test('R42 a cancel is acknowledged at once, and the counts are what the org did', async () => {
    const slow = await startPracticeOrg(['--records', '10', '--rows-per-second', '800']);
    const other = await startBackend(slow);
    try {
      const signedIn = await other.call('orgs.signIn', { target: { kind: 'practice' } });
      const path = join(other.data, 'cancel.csv');
      await writeFile(
        path,
        `Name,Berth_Code__c\n${Array.from({ length: 4000 }, (_, n) => `Berth,CANCEL-${n}`).join('\n')}\n`,
      );
      const { sourceId } = await other.stage(path);
      const mapping = await other.call('mapping.suggest', {
        orgId: signedIn.orgId,
        sourceId,
        objectName: 'Berth__c',
        operation: 'upsert',
        useSaved: false,
      });
      const plan = await other.call('plan.build', { orgId: signedIn.orgId, sourceId, mapping });
      const processing = other.waitFor((event) =>
        event.topic === 'load' && event.load.jobs.some(({ processed }) => processed > 0) ? event.load : null,
      );
      const { loadId } = await other.call('load.start', { planId: plan.planId, planDigest: plan.planDigest });
      await processing;
      const asked = performance.now();
      const acknowledged: LoadSnapshot = await other.call('load.cancel', { loadId });
      expect(performance.now() - asked).toBeLessThan(200);
      expect(acknowledged.state.kind).toBe('cancelling');
      const done = await other.finished(loadId);
      expect(done.state).toEqual({ kind: 'finished', cancelled: true });
      expect(done.counts.created).toBeGreaterThan(0);
      expect(done.counts.unprocessed).toBeGreaterThan(0);
      expect(totalOf(done.counts)).toBe(4000);
      const exported = await other.call('export.query', {
        orgId: signedIn.orgId,
        soql: "SELECT Id FROM Berth__c WHERE Name = 'Berth'",
        fileName: 'x.csv',
      });
      expect(exported.records).toBe(done.counts.created);
    } finally {
      await other.close();
      slow.stop();
    }
  });
});

test('a sign-in that is denied, and one at a wrong address, are said', async () => {
  const denied = await startBackend(org, { answer: 'deny' });
  await expect(denied.call('orgs.signIn', { target: { kind: 'practice' } })).rejects.toMatchObject({
    failure: { code: 'SIGN_IN_REFUSED', error: 'access_denied' },
  });
  await expect(
    denied.call('orgs.signIn', { target: { kind: 'custom', loginUrl: 'http://evil.example' } }),
  ).rejects.toMatchObject({ failure: { code: 'LOGIN_URL_INVALID' } });
  await expect(denied.call('orgs.signIn', { target: { kind: 'production' } })).rejects.toMatchObject({
    failure: { code: 'SIGN_IN_NEEDS_CLIENT_ID' },
  });
  await denied.close();
});
