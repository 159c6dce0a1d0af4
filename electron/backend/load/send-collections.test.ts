import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, describe, expect, test } from 'vitest';
import type { FieldMapping, Operation, WritePolicies } from '../../../shared/domain/field-mapping.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { totalOf, type LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { startBench } from '../test-support/start-bench.ts';

/** Rows sent as sObject Collections, to the practice org: each has one outcome, which is the org's, and none is saved twice. */

const { org, app, orgId } = await startBench(['--records', '20', '--queue-delay', '0']);
beforeEach(() => org.faults([]));

const COLLECTIONS: WritePolicies = { way: 'collections' };
let files = 0;

interface Wanted {
  readonly object: string;
  readonly operation: Operation;
  readonly policies?: WritePolicies;
}

async function planOf(lines: readonly string[], { object, operation, policies = COLLECTIONS }: Wanted) {
  const path = join(app.data, `collections-${++files}.csv`);
  await writeFile(path, `${lines.join('\n')}\n`);
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName: object, operation, useSaved: false };
  const mapping: FieldMapping = { ...(await app.call('mapping.suggest', wanted)), policies };
  return app.call('plan.build', { orgId, sourceId, mapping });
}

const begin = async ({ planId, planDigest }: LoadPlan) => (await app.call('load.start', { planId, planDigest })).loadId;

async function load(lines: readonly string[], wanted: Wanted): Promise<LoadSnapshot> {
  const plan = await planOf(lines, wanted);
  return app.finished(await begin(plan));
}

async function records<T>(soql: string): Promise<T[]> {
  const headers = { authorization: `Bearer ${org.accessToken}` };
  const all: T[] = [];
  for (let path: string | undefined = `/services/data/v66.0/query?q=${encodeURIComponent(soql)}`; path;) {
    const answer = await fetch(`${org.url}${path}`, { headers });
    const page = (await answer.json()) as { records: T[]; nextRecordsUrl?: string };
    all.push(...page.records);
    path = page.nextRecordsUrl;
  }
  return all;
}

const berths = (name: string, rows: number, from = 0) =>
  Array.from({ length: rows }, (_, n) => `${name}-${from + n},Berth ${from + n},${n}`);
const HEADER = 'Berth_Code__c,Name,Depth__c';
const BERTHS = { object: 'Berth__c', operation: 'upsert' } as const;

test('insert, upsert, update and delete: outcomes row by row, no job is made, and as many calls as were forecast', async () => {
  const plan = await planOf([HEADER, ...berths('WAY', 450)], { ...BERTHS, operation: 'insert' });
  const forecast = await app.call('load.forecast', { planId: plan.planId, planDigest: plan.planDigest });
  expect(forecast).toMatchObject({ batches: { least: 0, most: 0 } });
  const before = (await org.requests()).length;
  const inserted = await app.finished(await begin(plan));
  const requests = (await org.requests()).slice(before);
  expect(inserted).toMatchObject({ counts: { created: 450 }, jobs: [{ jobId: null, processed: 450, failed: 0 }] });
  expect(requests.filter(({ path }) => path.includes('/jobs/ingest'))).toEqual([]);
  const names = await readdir(join(app.data, 'loads', plan.planId));
  expect(names.filter((name) => name.endsWith('.csv'))).toEqual([]);
  expect(requests.filter(({ path }) => path.endsWith('/composite/sobjects'))).toHaveLength(3);
  expect(requests.length).toBe(forecast.apiCalls.least);

  // A third is new, one names a berth twice, and one is refused.
  const again = [...berths('WAY', 450).map((line) => line.replace(/,\d+$/, ',777')), ...berths('WAY', 250, 450)];
  const upserted = await load([HEADER, ...again, `WAY-1000,${'x'.repeat(81)},1`], BERTHS);
  expect(upserted.counts).toMatchObject({ created: 250, updated: 450, failed: 0, skipped: 1 });
  const made = await records<{ Id: string; Berth_Code__c: string; Depth__c: number }>(
    "SELECT Id, Berth_Code__c, Depth__c FROM Berth__c WHERE Berth_Code__c LIKE 'WAY-%' ORDER BY Id",
  );
  expect(made).toHaveLength(700);
  expect(made.find(({ Berth_Code__c: code }) => code === 'WAY-7')?.Depth__c).toBe(777);

  const changed = made.map(({ Id }, n) => `${Id},${n === 3 ? '#N/A' : 'Renamed'}`);
  const updated = await load(['Id,Name', ...changed], { ...BERTHS, operation: 'update' });
  expect(totalOf(updated.counts)).toBe(700);
  expect(updated.counts.updated).toBeGreaterThanOrEqual(699);

  const deleted = await load(['Id', ...made.map(({ Id }) => Id)], { ...BERTHS, operation: 'delete' });
  expect(deleted.counts).toMatchObject({ deleted: 700, failed: 0 });
  expect(await records("SELECT Id FROM Berth__c WHERE Berth_Code__c LIKE 'WAY-%'")).toEqual([]);
});

test('what the org refuses is told by its row in its own words, and the other rows are saved', async () => {
  const parent = 'ERP-100001';
  const rows = Array.from({ length: 205 }, (_, n) => `SHIP-${n},${parent},${n === 3 || n === 203 ? -1 : n}`);
  const { loadId, counts } = await load(['Tracking_Code__c,Account__r.ERP_Id__c,Weight__c', ...rows], {
    object: 'Shipment__c',
    operation: 'upsert',
  });
  expect(counts).toMatchObject({ created: 203, failed: 2 });
  const { errorGroups } = await app.call('report.get', { loadId });
  expect(errorGroups).toMatchObject([
    {
      statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
      fields: 'Weight__c',
      rows: 2,
      example: { row: 4, message: 'FIELD_CUSTOM_VALIDATION_EXCEPTION:Weight must not be negative.:Weight__c --' },
    },
  ]);
});

test('rows that a duplicate rule only tells of are refused by jobs, and saved where that is allowed', async () => {
  const header = 'Name,BillingPostalCode,Phone';
  const accounts = { object: 'Account', operation: 'insert' } as const;
  await load([header, '"Acme Freight, Inc.",94104,415 555 1234'], accounts);
  const lines = [header, 'ACME Freight Corp,94104-7777,'];
  await org.admin('PATCH', '/knobs', { duplicateRules: true });
  const refused = await load(lines, { ...accounts, policies: {} });
  expect(refused.counts).toMatchObject({ created: 0, failed: 1 });
  const { errorGroups } = await app.call('report.get', { loadId: refused.loadId });
  expect(errorGroups).toMatchObject([{ statusCode: 'DUPLICATES_DETECTED', rows: 1 }]);
  const allowed = await load(lines, { ...accounts, policies: { allowDuplicates: true } });
  await org.admin('PATCH', '/knobs', { duplicateRules: false });
  expect(allowed.counts).toMatchObject({ created: 1, failed: 0 });
});

const post = { method: 'PATCH', path: '/composite/sobjects' };
const busy = { kind: 'status', status: 503, errorCode: 'SERVER_UNAVAILABLE', message: 'x' };

describe('a collection that is not answered, or refused', () => {
  test.each<[what: string, fault: object, unknown: 'settled' | 'again']>([
    ['reset before it was read', { kind: 'reset', when: 'before' }, 'settled'],
    ['reset after it was saved', { kind: 'reset', when: 'after' }, 'settled'],
    ['answered 503', busy, 'settled'],
    ['answered with a page', { kind: 'html', status: 200 }, 'settled'],
    ['answered with fewer records', { kind: 'answer', status: 200, headers: {}, body: '[]' }, 'settled'],
    ['answered 429', { ...busy, status: 429, errorCode: 'REQUEST_LIMIT_EXCEEDED' }, 'again'],
  ])('%s: each row has one outcome, and the org has it once', async (what, action, then) => {
    const name = `LOST${files}`;
    const plan = await planOf([HEADER, ...berths(name, 450)], BERTHS);
    await org.faults([{ ...post, action, nth: 2 }]);
    const loadId = await begin(plan);
    const end = await app.finished(loadId);
    const { counts } = end.state.kind === 'paused' ? await resumed(loadId) : end;
    const made = await records(`SELECT Id FROM Berth__c WHERE Berth_Code__c LIKE '${name}-%'`);
    expect(totalOf(counts), what).toBe(450);
    if (then === 'again') expect(counts).toMatchObject({ created: 450, unknown: 0 });
    expect(made).toHaveLength(counts.created);
    expect(counts.created + counts.unknown).toBe(450);
  });
});

async function resumed(loadId: LoadSnapshot['loadId']): Promise<LoadSnapshot> {
  await org.faults([]);
  // Its session may have ended.
  await app.call('orgs.signIn', { target: { kind: 'practice' } });
  await app.call('load.resume', { loadId });
  return app.finished(loadId);
}

test('a request that is refused for one of its rows is halved until that row is alone, and the others are saved', async () => {
  const name = `BAD${files}`;
  const plan = await planOf([HEADER, ...berths(name, 250)], BERTHS);
  const unreadable = { kind: 'status', status: 400, errorCode: 'JSON_PARSER_ERROR', message: 'x' };
  // 200, 100, 50, 25, 13, 7, 4, 2, 1.
  await org.faults([{ ...post, action: unreadable, nth: 1, times: 9 }]);
  const { loadId, counts } = await app.finished(await begin(plan));
  expect(counts).toMatchObject({ created: 249, failed: 1, unknown: 0 });
  const { errorGroups } = await app.call('report.get', { loadId });
  expect(errorGroups).toMatchObject([{ statusCode: 'JSON_PARSER_ERROR', rows: 1 }]);
});

test('a load whose every row is refused as a request pauses instead of asking for each', async () => {
  const plan = await planOf([HEADER, ...berths(`ALL${files}`, 230)], BERTHS);
  const wrong = { kind: 'status', status: 400, errorCode: 'INVALID_FIELD', message: 'No such column' };
  await org.faults([{ ...post, action: wrong, every: 1 }]);
  const before = (await org.requests()).length;
  const end = await app.finished(await begin(plan));
  expect(end.state.kind).toBe('paused');
  expect((await org.requests()).length - before).toBeLessThan(25);
  await org.faults([]);
  const { counts } = await resumed(end.loadId);
  expect(counts).toMatchObject({ created: 225, failed: 5 });
});

test('a cancel lets the collection under way end; the rows after it are unprocessed', async () => {
  const plan = await planOf([HEADER, ...berths('STOP', 900)], BERTHS);
  await org.faults([{ ...post, action: { kind: 'delay', milliseconds: 400 }, times: 10 }]);
  const loadId = await begin(plan);
  await app.waitFor((event) =>
    event.topic === 'load' && event.load.loadId === loadId && event.load.jobs[0]?.processed ? event.load : null,
  );
  await app.call('load.cancel', { loadId });
  const { state, counts, failures } = await app.finished(loadId);
  expect(state).toMatchObject({ kind: 'finished', cancelled: true });
  expect(failures.groups).toEqual([]);
  expect(totalOf(counts)).toBe(900);
  expect(counts.unprocessed).toBeGreaterThan(0);
  expect(counts.created % 200).toBe(0);
  const made = await records("SELECT Id FROM Berth__c WHERE Berth_Code__c LIKE 'STOP-%'");
  expect(made).toHaveLength(counts.created);
});

test('whatever faults come in whatever order, no row is saved twice and each has one outcome', async () => {
  const action = fc.constantFrom<object>(
    { kind: 'reset', when: 'before' },
    { kind: 'reset', when: 'after' },
    busy,
    { ...busy, status: 429 },
    { kind: 'truncate-answer' },
    { ...busy, status: 401, errorCode: 'INVALID_SESSION_ID' },
  );
  const faults = fc.array(
    fc.record({ action, nth: fc.integer({ min: 1, max: 4 }), times: fc.integer({ min: 1, max: 3 }) }),
    { maxLength: 3 },
  );
  await fc.assert(
    fc.asyncProperty(faults, fc.integer({ min: 1, max: 700 }), async (rules, rows) => {
      const name = `ANY${files}`;
      const plan = await planOf(
        [
          'Opportunity Name,Stage,Close Date,Amount',
          ...Array.from({ length: rows }, (_, n) => `${name},Prospecting,2026-05-05,${n}`),
        ],
        { object: 'Opportunity', operation: 'insert' },
      );
      await org.faults(rules.map((rule) => ({ method: 'POST', path: '/composite/sobjects', ...rule })));
      const loadId = await begin(plan);
      let end = await app.finished(loadId);
      for (let tries = 0; end.state.kind === 'paused' && tries < 5; tries++) end = await resumed(loadId);
      await org.faults([]);
      expect(end.state.kind).toBe('finished');
      expect(totalOf(end.counts)).toBe(rows);
      const made = await records<{ Amount: number }>(`SELECT Amount FROM Opportunity WHERE Name = '${name}'`);
      // An insert names no record: of rows without an answer nothing can be looked up.
      expect(new Set(made.map(({ Amount }) => Amount)).size).toBe(made.length);
      expect(made.length).toBeGreaterThanOrEqual(end.counts.created);
      expect(made.length).toBeLessThanOrEqual(end.counts.created + end.counts.unknown);
    }),
    { numRuns: 5 },
  );
}, 240_000);
