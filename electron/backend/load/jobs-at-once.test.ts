import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { WritePolicies } from '../../../shared/domain/field-mapping.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { policyTexts } from '../../../shared/text/plan-text.ts';
import { recordsOf } from '../test-support/org-records.ts';
import { startBench } from '../test-support/start-bench.ts';
import { readJournal } from './journal.ts';
import type { JournalStep } from './journal-steps.ts';

/** Loads of several jobs, some of them worked on at the same time by the practice org. */

const { org, app, orgId } = await startBench(['--records', '30', '--queue-delay', '0']);
const records = recordsOf(org);
/** So many rows of these tests are a job. */
const JOB_ROWS = 50;

beforeEach(() => app.call('settings.change', { jobMegabytes: 0.002, jobsAtOnce: 3 }));
afterEach(async () => {
  await org.faults([]);
  await org.admin('PATCH', '/knobs', { rowsPerSecond: 0, lockParents: false, batchesAtOnce: 1, batchSize: 10_000 });
});

interface Begun {
  readonly loadId: LoadSnapshot['loadId'];
  readonly steps: () => Promise<JournalStep[]>;
  readonly texts: readonly string[];
}

async function begin(
  name: string,
  objectName: string,
  lines: readonly string[],
  policies: WritePolicies = {},
): Promise<Begun> {
  const path = join(app.data, `${name}.csv`);
  await writeFile(path, `${lines.join('\n')}\n`);
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName, operation: 'insert', useSaved: false } as const;
  const suggested = await app.call('mapping.suggest', wanted);
  const mapping = { ...suggested, policies: { ...suggested.policies, way: 'bulk' as const, ...policies } };
  const plan = await app.call('plan.build', { orgId, sourceId, mapping });
  const { loadId } = await app.call('load.start', { planId: plan.planId, planDigest: plan.planDigest });
  const journal = join(app.data, 'loads', plan.planId, 'journal.jsonl');
  const steps = async () => readJournal(await readFile(journal)).steps;
  return { loadId, steps, texts: policyTexts(plan) };
}

/** Rows of about 40 bytes. */
const berths = (name: string, rows: number) => [
  'Berth_Code__c,Name',
  ...Array.from({ length: rows }, (_none, n) => `${name}-${String(n).padStart(5, '0')},Berth ${'x'.repeat(22)}`),
];

async function inOrg(name: string): Promise<number> {
  return (await records.query(`SELECT Id FROM Berth__c WHERE Berth_Code__c LIKE '${name}-%'`)).length;
}

async function openJobs(): Promise<unknown[]> {
  const jobs = await org.admin<{ state: string }[]>('GET', '/jobs');
  return jobs.filter(({ state }) => state === 'Open' || state === 'UploadComplete' || state === 'InProgress');
}

/** The most jobs of a load that Salesforce has said to be worked on at one time. */
function mostAtOnce(loadId: LoadSnapshot['loadId']): number {
  const seen = app.events.flatMap((event) =>
    event.topic === 'load' && event.load.loadId === loadId ? event.load : [],
  );
  return Math.max(...seen.map(({ jobs }) => jobs.filter(({ state }) => state === 'InProgress').length));
}

async function begunWith(loadId: LoadSnapshot['loadId'], jobs: number): Promise<void> {
  await app.waitFor((event) =>
    event.topic === 'load' &&
    event.load.loadId === loadId &&
    event.load.jobs.filter(({ state }) => state === 'InProgress').length >= jobs
      ? event
      : null,
  );
}

test.each([
  [1, {}, 1],
  [3, {}, 3],
  [3, { jobsAtOnce: 2 }, 2],
])(
  'with %i jobs at once in the settings and %o in the mapping, %i are worked on together',
  async (n, policies, most) => {
    await app.call('settings.change', { jobsAtOnce: n });
    await org.admin('PATCH', '/knobs', { rowsPerSecond: 150 });
    const name = `AT${n}${most}`;
    const { loadId, texts } = await begin(name, 'Berth__c', berths(name, 5 * JOB_ROWS), policies);
    const load = await app.finished(loadId);
    expect(load.counts).toMatchObject({ created: 5 * JOB_ROWS, failed: 0, unknown: 0 });
    expect(load.jobs.length).toBeGreaterThan(most + 1);
    expect(mostAtOnce(loadId)).toBe(most);
    expect(texts.filter((text) => text.includes('at the same time'))).toHaveLength(most > 1 ? 1 : 0);
    expect(await inOrg(name)).toBe(5 * JOB_ROWS);
  },
);

/** Where in a journal steps of a part are. */
function placeOf(steps: readonly JournalStep[], step: JournalStep['step'], part: number): number {
  return steps.findIndex((one) => one.step === step && 'part' in one && one.part === part);
}

function turnsIn(steps: readonly JournalStep[]): Map<number, number[]> {
  const turns = new Map<number, number[]>();
  const parts = steps.flatMap((step) => (step.step === 'PLANNED' ? step.parts : []));
  for (const { part, turn = 0 } of parts) turns.set(turn, [...(turns.get(turn) ?? []), part]);
  return turns;
}

test('rows that name rows of the file as their parents wait until the jobs with these are reconciled', async () => {
  const row = (n: number, parent: string) => `LEV-${String(n).padStart(4, '0')},Account ${'y'.repeat(20)},${parent}`;
  const roots = Array.from({ length: 100 }, (_none, n) => row(n, ''));
  const children = Array.from({ length: 100 }, (_none, n) => row(100 + n, `LEV-${String(n).padStart(4, '0')}`));
  const lines = ['ERP_Id__c,Name,Parent.ERP_Id__c', ...children, ...roots];
  const { loadId, steps } = await begin('levels', 'Account', lines);
  expect((await app.finished(loadId)).counts).toMatchObject({ created: 200, failed: 0 });
  const turns = turnsIn(await steps());
  expect([...turns.keys()]).toEqual([1, 2]);
  const [first = [], second = []] = [...turns.values()];
  expect(Math.min(first.length, second.length)).toBeGreaterThan(1);
  const told = await steps();
  const reconciled = Math.max(...first.map((part) => placeOf(told, 'RECONCILED', part)));
  expect(Math.min(...second.map((part) => placeOf(told, 'CREATING', part)))).toBeGreaterThan(reconciled);
  // Within a turn one is begun while another is under way.
  expect(placeOf(told, 'CREATING', first[1] ?? 0)).toBeLessThan(placeOf(told, 'RECONCILED', first[0] ?? 0));
});

test('jobs with rows of one parent take turns, and of those at work together none is in another’s way', async () => {
  const found = await records.query('SELECT ERP_Id__c FROM Account WHERE ERP_Id__c != null ORDER BY ERP_Id__c LIMIT 9');
  const keys = found.map(({ ERP_Id__c: key }) => String(key));
  // The first parent has the rows of three jobs; the others have less than one each.
  const parentOf = (n: number) => keys[n < 150 ? 0 : 1 + (n % 8)];
  const lines = Array.from({ length: 390 }, (_none, n) => `ONE-${String(n).padStart(4, '0')},Case,${parentOf(n)}`);
  await org.admin('PATCH', '/knobs', { lockParents: true, batchesAtOnce: 4, batchSize: 400, rowsPerSecond: 400 });
  const { loadId, steps } = await begin('family', 'Case', ['Ticket_Key__c,Subject,Account.ERP_Id__c', ...lines]);
  const load = await app.finished(loadId);
  expect(load.counts).toMatchObject({ created: 390, failed: 0, unknown: 0 });
  const told = await steps();
  const turns = [...turnsIn(told).values()];
  expect(turns.length).toBeGreaterThan(2);
  expect(Math.max(...turns.map((parts) => parts.length))).toBeGreaterThan(1);
  // No parent was locked by a job beside.
  expect(told.flatMap((step) => (step.step === 'LOCKED' ? step.parts : []))).toEqual([]);
});

test('a job that fails holds those beside it back that are not closed, and others come to their end', async () => {
  await org.admin('PATCH', '/knobs', { rowsPerSecond: 200 });
  await org.faults([
    {
      method: 'PATCH',
      path: '/jobs\\/ingest\\/[^/]+$/',
      nth: 2,
      action: { kind: 'fail-job', message: 'InvalidBatch : Field name not found : Foo__c' },
    },
  ]);
  const rows = 8 * JOB_ROWS;
  const { loadId } = await begin('HELD', 'Berth__c', berths('HELD', rows));
  const load = await app.finished(loadId);
  expect(load.state).toEqual({ kind: 'finished', cancelled: false });
  expect(load.notices).toMatchObject([{ code: 'JOB_ENDED_EARLY' }]);
  const { created, unprocessed, failed, unknown } = load.counts;
  expect({ failed, unknown }).toEqual({ failed: 0, unknown: 0 });
  expect(created + unprocessed).toBe(rows);
  expect(created).toBeGreaterThan(0);
  expect(unprocessed).toBeGreaterThan(3 * JOB_ROWS);
  expect(await inOrg('HELD')).toBe(created);
  expect(await openJobs()).toEqual([]);
});

test('a cancel aborts every job that is at work, and what each had done is told', async () => {
  await org.admin('PATCH', '/knobs', { rowsPerSecond: 40 });
  const rows = 6 * JOB_ROWS;
  const { loadId } = await begin('CAN', 'Berth__c', berths('CAN', rows));
  await begunWith(loadId, 3);
  await app.call('load.cancel', { loadId });
  await org.admin('PATCH', '/knobs', { rowsPerSecond: 0 });
  const load = await app.finished(loadId);
  expect(load.state).toEqual({ kind: 'finished', cancelled: true });
  const { created, unprocessed } = load.counts;
  expect(created + unprocessed).toBe(rows);
  expect(await inOrg('CAN')).toBe(created);
  expect(await openJobs()).toEqual([]);
});

test('so many failures stop every job that is at work', async () => {
  await app.finished((await begin('taken', 'Berth__c', berths('DUP', 6 * JOB_ROWS))).loadId);
  await org.admin('PATCH', '/knobs', { rowsPerSecond: 100 });
  const lines = berths('DUP', 6 * JOB_ROWS);
  const { loadId } = await begin('guard', 'Berth__c', lines, { stopAfter: { failures: 60 } });
  const load = await app.finished(loadId);
  expect(load.state).toEqual({ kind: 'finished', cancelled: true });
  expect(load.notices).toMatchObject([{ code: 'STOPPED_BY_FAILURES' }]);
  expect(load.counts.failed + load.counts.unprocessed).toBe(6 * JOB_ROWS);
  expect(load.counts.unprocessed).toBeGreaterThan(0);
  expect(await openJobs()).toEqual([]);
});

test.each([
  [
    'no calls being left for one job',
    'ORG_API_LIMIT',
    { method: 'POST', path: '/jobs\\/ingest$/', nth: 4 },
    { kind: 'status', status: 403, errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'not now' },
  ],
  [
    'results that can’t be fetched',
    'ORG_REFUSED',
    { method: 'GET', path: '/successfulResults$/', nth: 2, times: 20 },
    { kind: 'status', status: 503, errorCode: 'SERVER_UNAVAILABLE', message: 'not now' },
  ],
])(
  '%s: the load pauses with the jobs beside it, and resumed each row is saved once',
  async (what, code, rule, action) => {
    await org.admin('PATCH', '/knobs', { rowsPerSecond: 200 });
    await org.faults([{ ...rule, action }]);
    const name = `PAU${what.length}`;
    const { loadId } = await begin(name, 'Berth__c', berths(name, 6 * JOB_ROWS));
    const paused = await app.finished(loadId);
    expect(paused.state).toMatchObject({ kind: 'paused', failure: { code } });
    // Where they stand is where they stay: what was paused asks for nothing more.
    const asked = (await org.requests()).length;
    await org.admin('PATCH', '/knobs', { rowsPerSecond: 0 });
    expect((await org.requests()).length).toBe(asked);
    await org.faults([]);
    await app.call('load.resume', { loadId });
    expect((await app.finished(loadId)).counts).toMatchObject({ created: 6 * JOB_ROWS, failed: 0, unknown: 0 });
    expect(await inOrg(name)).toBe(6 * JOB_ROWS);
    expect(await openJobs()).toEqual([]);
  },
);

test('a person pauses a load of several jobs at work, and goes on', async () => {
  await org.admin('PATCH', '/knobs', { rowsPerSecond: 60 });
  const { loadId } = await begin('PER', 'Berth__c', berths('PER', 6 * JOB_ROWS));
  await begunWith(loadId, 3);
  expect((await app.call('load.pause', { loadId })).state).toMatchObject({ failure: { code: 'LOAD_PAUSED' } });
  await org.admin('PATCH', '/knobs', { rowsPerSecond: 0 });
  await app.call('load.resume', { loadId });
  expect((await app.finished(loadId)).counts).toMatchObject({ created: 6 * JOB_ROWS, failed: 0, unknown: 0 });
  expect(await inOrg('PER')).toBe(6 * JOB_ROWS);
});
