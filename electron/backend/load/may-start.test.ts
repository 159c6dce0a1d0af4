import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { isTypedFor, mustBeTyped } from '../../../shared/domain/confirmation.ts';
import type { FieldMapping, Operation } from '../../../shared/domain/field-mapping.ts';
import type { LoadWay } from '../../../shared/domain/load-way.ts';
import type { LoadId, OrgId } from '../../../shared/domain/ids.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { JobProgress } from '../../../shared/domain/load-results.ts';
import { startBackend, startPracticeOrg, type TestBackend } from '../test-support/start-backend.ts';
import { callsLeft } from './may-start.ts';

/** What must be said before a load starts: an org that answers as a production org does. */

let org: Awaited<ReturnType<typeof startPracticeOrg>>;
let app: TestBackend;
let orgId: OrgId;
let files = 0;

beforeAll(async () => {
  org = await startPracticeOrg(['--records', '30', '--knob', 'organizationType=Enterprise Edition']);
  app = await startBackend(org);
  const target = { kind: 'custom', loginUrl: org.url } as const;
  const signedIn = await app.call('orgs.signIn', { target, clientId: 'Longshore' });
  expect(signedIn.kind).toBe('production');
  ({ orgId } = signedIn);
});
beforeEach(async () => {
  await app.call('org.setReadOnly', { orgId, readOnly: false });
  await app.call('settings.change', { apiBudgetPercent: 50 });
  await org.admin('PATCH', '/knobs', { apiLimit: 100_000 });
});
afterAll(async () => {
  await app.close();
  org.stop();
});

async function plan(rows: readonly string[], operation: Operation = 'insert', header = 'Name'): Promise<LoadPlan> {
  const path = join(app.data, `may-start-${++files}.csv`);
  await writeFile(path, `${header}\n${rows.join('\n')}\n`);
  const { sourceId } = await app.stage(path);
  const objectName = 'Account';
  const mapping = await app.call('mapping.suggest', { orgId, sourceId, objectName, operation, useSaved: false });
  return app.call('plan.build', { orgId, sourceId, mapping });
}

function start({ planId, planDigest }: LoadPlan, consent: { confirmation?: string; acceptApiUse?: boolean } = {}) {
  return app.call('load.start', { planId, planDigest, ...consent });
}

const names = (count: number): string[] => Array.from({ length: count }, (_, n) => `Typed ${files} ${n}`);

async function jobsMade(): Promise<number> {
  return (await org.requests()).filter(({ method, path }) => method === 'POST' && path.endsWith('/jobs/ingest')).length;
}

test('a few records in production are loaded with a click', async () => {
  const { loadId } = await start(await plan(names(10)));
  expect((await app.finished(loadId)).counts.created).toBe(10);
});

test('more of them want the number or the org’s name typed, and nothing is sent before', async () => {
  const built = await plan(names(11));
  const before = await jobsMade();
  for (const confirmation of [undefined, '', 'yes', '1', '12', 'Practice'])
    await expect(start(built, confirmation === undefined ? {} : { confirmation })).rejects.toMatchObject({
      failure: { code: 'CONFIRMATION_NEEDED', org: 'Practice org', changes: 11, deletes: 0 },
    });
  expect(await jobsMade()).toBe(before);
  // The plan was not used up by the refusals.
  const { loadId } = await start(built, { confirmation: ' practice  ORG ' });
  expect((await app.finished(loadId)).counts.created).toBe(11);
});

test('trying rows in production wants the same, and uses no more of the API calls than may be used', async () => {
  const { planId, planDigest } = await plan(names(11));
  const tried = (consent: object) => app.call('rehearsal.run', { planId, planDigest, sample: true, ...consent });
  await expect(tried({})).rejects.toMatchObject({ failure: { code: 'CONFIRMATION_NEEDED', changes: 11, deletes: 0 } });
  expect((await org.requests()).filter(({ path }) => path.endsWith('/composite/sobjects'))).toEqual([]);
  await org.admin('PATCH', '/knobs', { apiLimit: 1 });
  await app.call('org.about', { orgId });
  await expect(tried({ confirmation: '11' })).rejects.toMatchObject({ failure: { code: 'API_BUDGET', needed: 3 } });
  await org.admin('PATCH', '/knobs', { apiLimit: 100_000 });
  await app.call('org.about', { orgId });
  expect(await tried({ confirmation: 'Practice org' })).toMatchObject({ tried: 11, passed: 11, calls: 3 });
});

test('one delete wants it, too', async () => {
  const { loadId } = await start(await plan(names(1)));
  await app.finished(loadId);
  const { rows } = await app.call('report.page', { loadId, kinds: ['created'], offset: 0, limit: 1 });
  const built = await plan([rows[0]?.id ?? ''], 'delete', 'Id');
  await expect(start(built)).rejects.toMatchObject({ failure: { code: 'CONFIRMATION_NEEDED', deletes: 1 } });
  const removed = await start(built, { confirmation: '1' });
  expect((await app.finished(removed.loadId)).counts.deleted).toBe(1);
});

test('a read-only org takes no load, whatever is typed, and sends nothing', async () => {
  const built = await plan(names(11));
  const before = await jobsMade();
  await app.call('org.setReadOnly', { orgId, readOnly: true });
  await expect(start(built, { confirmation: '11', acceptApiUse: true })).rejects.toMatchObject({
    failure: { code: 'ORG_READ_ONLY', org: 'Practice org' },
  });
  expect(await jobsMade()).toBe(before);
});

test('a read-only org takes no resumed load either; a cancel is taken', async () => {
  // The load pauses on the limit before its job is made.
  const built = await plan(names(11));
  await org.faults([
    {
      method: 'POST',
      path: 'jobs/ingest',
      every: 1,
      action: { kind: 'status', status: 403, errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'Too many' },
    },
  ]);
  const { loadId } = await start(built, { confirmation: '11' });
  expect((await app.finished(loadId)).state).toMatchObject({ kind: 'paused' });
  await org.faults([]);
  await app.call('org.setReadOnly', { orgId, readOnly: true });
  await expect(app.call('load.resume', { loadId })).rejects.toMatchObject({ failure: { code: 'ORG_READ_ONLY' } });
  expect((await app.call('load.get', { loadId })).state.kind).toBe('paused');
  const ended = app.waitFor((event) =>
    event.topic === 'load' && event.load.loadId === loadId && event.load.state.kind === 'finished' ? event.load : null,
  );
  await app.call('load.cancel', { loadId });
  expect(await ended).toMatchObject({ state: { cancelled: true }, counts: { created: 0, unprocessed: 11 } });
});

test('a load that takes more of the API calls left than the settings allow asks first, and goes on with a yes', async () => {
  const built = await plan(names(2));
  const used = (await org.requests()).length;
  await org.admin('PATCH', '/knobs', { apiLimit: used + 100 });
  await app.call('org.about', { orgId });
  await app.call('settings.change', { apiBudgetPercent: 5 });
  await expect(start(built)).rejects.toMatchObject({ failure: { code: 'API_BUDGET', needed: 10, percent: 5 } });
  const { loadId } = await start(built, { acceptApiUse: true });
  expect((await app.finished(loadId)).counts.created).toBe(2);
});

/** A load that the org's limit stopped before its job was made, and of which nobody knows how it stands by now. */
async function pausedLoad(): Promise<LoadId> {
  const refusal = { status: 403, errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'Too many' };
  await org.faults([{ method: 'POST', path: 'jobs/ingest', every: 1, action: { kind: 'status', ...refusal } }]);
  const { loadId } = await start(await plan(names(3)));
  expect((await app.finished(loadId)).state).toMatchObject({ kind: 'paused', failure: { code: 'ORG_API_LIMIT' } });
  await org.faults([]);
  return loadId;
}

test('a paused load asks for the same yes before it goes on, and sends nothing without it', async () => {
  const loadId = await pausedLoad();
  await org.admin('PATCH', '/knobs', { apiLimit: (await org.requests()).length + 100 });
  await app.call('settings.change', { apiBudgetPercent: 5 });
  const before = await jobsMade();
  await expect(app.call('load.resume', { loadId })).rejects.toMatchObject({
    failure: { code: 'API_BUDGET', needed: 7, percent: 5, resuming: true },
  });
  expect((await app.call('load.get', { loadId })).state.kind).toBe('paused');
  expect(await jobsMade()).toBe(before);
  await app.call('load.resume', { loadId, acceptApiUse: true });
  expect((await app.finished(loadId)).counts.created).toBe(3);
});

test('a paused load is held to the calls that are left now, not to those that were left when it paused', async () => {
  const loadId = await pausedLoad();
  await org.admin('PATCH', '/knobs', { apiLimit: 1 });
  await app.call('org.about', { orgId }).catch(() => undefined);
  expect((await app.call('orgs.list', {}))[0]?.apiUsage?.max).toBe(1);
  await expect(app.call('load.resume', { loadId })).rejects.toMatchObject({
    failure: { code: 'API_BUDGET', remaining: 0 },
  });
  await org.admin('PATCH', '/knobs', { apiLimit: 100_000 });
  await app.call('load.resume', { loadId });
  expect((await app.finished(loadId)).counts.created).toBe(3);
});

const job = (state: JobProgress['state']): JobProgress => ({
  ...{ part: 1, rows: 5, jobId: null, state },
  ...{ processed: 0, failed: 0 },
});

test.each([
  ['no job is known yet', [], 2 + 3 * 7],
  ['nothing was sent', [job('Planned'), job('Planned')], 14],
  ['one is through, one at work, one to come', [job('Reconciled'), job('InProgress'), job('Planned')], 4 + 7],
  ['only the results are missing', [job('JobComplete')], 4],
  ['all is told', [job('Reconciled'), job('Gone')], 0],
])('calls that a paused load takes at least: %s', (_name, jobs, calls) => {
  expect(callsLeft(jobs, planBy('bulk'))).toBe(calls);
});

test('collections that a paused load takes: 200 rows each, of those that are still to come', () => {
  const part = (rows: number, processed: number) => ({ ...job('InProgress'), rows, processed });
  expect(callsLeft([], planBy('collections'))).toBe(2 + 7);
  expect(callsLeft([{ ...job('Reconciled'), rows: 900 }, part(1000, 399), part(5, 0)], planBy('collections'))).toBe(
    4 + 1,
  );
});

const planBy = (way: LoadWay) => {
  const mapping: FieldMapping = {
    objectName: 'Account',
    operation: 'insert',
    matchField: null,
    columns: [],
    blankValues: 'leave',
    duplicateKeys: 'ask',
    policies: { way },
  };
  return { jobs: 3, mapping, counts: COUNTS };
};

const COUNTS = { insert: 1316, update: 0, delete: 0, undelete: 0, unchanged: 5, duplicate: 0, leftOut: 0, blocked: 0 };

test.each(['1316', '1,316', '1.316', '1 316', '1’316', ' acme  corp '])(
  '“%s” confirms 1,316 changes to Acme Corp',
  (text) => {
    expect(isTypedFor(text, COUNTS, 'Acme Corp')).toBe(true);
  },
);

test.each(['', ' ', '131', '13160', 'acme', 'yes', '-1316'])('“%s” does not', (text) => {
  expect(isTypedFor(text, COUNTS, 'Acme Corp')).toBe(false);
  expect(isTypedFor(text, COUNTS, '')).toBe(false);
});

test.each(['hard delete 1316', 'Hard  Delete 1,316'])('“%s” confirms 1,316 deletes for good', (text) => {
  expect(isTypedFor(text, { ...COUNTS, insert: 0, delete: 1316 }, 'Acme Corp', 'hardDelete')).toBe(true);
});

test.each(['1316', 'Acme Corp', 'delete 1316', 'hard delete 1317', ''])('“%s” does not', (text) => {
  expect(isTypedFor(text, { ...COUNTS, insert: 0, delete: 1316 }, 'Acme Corp', 'hardDelete')).toBe(false);
});

test('only production asks, but for deletes that no Recycle Bin takes back', () => {
  for (const kind of ['practice', 'sandbox', 'developer', 'production'] as const) {
    expect(mustBeTyped(kind, { ...COUNTS, delete: 1 }, 'hardDelete')).toBe(true);
    expect(mustBeTyped(kind, { ...COUNTS, insert: 0 }, 'hardDelete')).toBe(false);
  }

  for (const kind of ['practice', 'sandbox', 'developer'] as const)
    expect(mustBeTyped(kind, { ...COUNTS, delete: 5 })).toBe(false);
  expect(mustBeTyped('production', COUNTS)).toBe(true);
});
