import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { FailureError } from '../../../../shared/contract/failure.ts';
import type { Input } from '../../../../shared/contract/procedures.ts';
import type { FieldMapping } from '../../../../shared/domain/field-mapping.ts';
import { newColumn } from '../../../../shared/domain/made-columns.ts';
import { fetchedText } from '../../../../shared/text/fetched-text.ts';
import { BackendProcess } from '../../test-support/load-model/backend-process.ts';
import { SOURCES } from '../../test-support/load-model/process-files.ts';
import { to } from '../../test-support/small-plan.ts';
import { startBench } from '../../test-support/start-bench.ts';

const IN_ORG = 14_000;
const ROWS = 13_500;
const RESULTS = /\/jobs\/query\/\w+\/results$/;

const { org, app, orgId } = await startBench(['--records', String(IN_ORG), '--knob', 'bulkQueryPage=3000']);
const other = await mkdtemp(join(tmpdir(), 'longshore-fetches-'));
afterAll(() => rm(other, { recursive: true, force: true, maxRetries: 5 }));
beforeEach(() => org.faults([]));

const mapping: FieldMapping = {
  objectName: 'Account',
  operation: 'upsert',
  matchField: 'ERP_Id__c',
  columns: [to('ERP_Id__c'), to('Phone')].map((target, column) => newColumn(column, target)),
  blankValues: 'leave',
  duplicateKeys: 'ask',
};

let files = 0;
async function fileOf(rows: number, phone = ''): Promise<string> {
  const path = join(app.data, `fetched-${++files}.csv`);
  const lines = Array.from({ length: rows }, (_all, n) => `ERP-${100_001 + n},${phone}`);
  await writeFile(path, `Key,Phone\n${lines.join('\n')}\n`);
  return path;
}

/** What the org was asked for records since a request of its log. */
async function askedSince(before: number): Promise<string[]> {
  const asked = (await org.requests()).slice(before).map(({ method, path }) => `${method} ${path}`);
  return asked.filter((one) => /\/(query|jobs|limits\/recordCount|composite)/.test(one));
}

async function built(input: Input<'plan.build'>) {
  const before = (await org.requests()).length;
  const plan = await app.call('plan.build', input);
  // The job is removed behind the back of who waits.
  const { apiCalls, reused, resumed } = plan.fetched ?? { apiCalls: 0, reused: false, resumed: false };
  const calls = reused || resumed ? 0 : apiCalls;
  await expect.poll(async () => (await askedSince(before)).length).toBeGreaterThanOrEqual(calls);
  return { plan, asked: await askedSince(before) };
}

async function kept(data = app.data): Promise<string[]> {
  const names = await readdir(join(data, 'fetches'), { withFileTypes: true }).catch(() => []);
  return names.filter((entry) => entry.isDirectory()).map(({ name }) => name);
}

async function documentOf(data: string): Promise<{ pages: unknown[]; job: { id: string } | null }> {
  const [name = ''] = await kept(data);
  const text = await readFile(join(data, 'fetches', name, 'fetch.json'), 'utf8').catch(() => '{"pages":[],"job":null}');
  return JSON.parse(text) as { pages: unknown[]; job: { id: string } | null };
}

describe('records are fetched the cheapest way, which the plan says', () => {
  test('few keys in lists', async () => {
    const { sourceId } = await app.stage(await fileOf(1000, '1'));
    const { plan, asked } = await built({ orgId, sourceId, mapping });
    expect(plan.fetched).toMatchObject({ way: 'key-lists', records: 1000, resumed: false, reused: false });
    expect(asked).toHaveLength(plan.fetched?.apiCalls ?? -1);
    expect(new Set(asked.map((one) => one.replace(/v[\d.]+/, 'v')))).toEqual(new Set(['GET /services/data/v/query']));
  });

  test('Ids through Collections, those of no record among them', async () => {
    const answer = await fetch(`${org.url}/services/data/v66.0/query?q=SELECT+Id+FROM+Account+LIMIT+1990`, {
      headers: { authorization: `Bearer ${org.accessToken}` },
    });
    const { records } = (await answer.json()) as { records: { Id: string }[] };
    const ids = [...records.map(({ Id }) => Id), '001000000000000AAA'];
    const path = join(app.data, 'ids.csv');
    await writeFile(path, `Id,Phone\n${ids.map((id) => `${id},1`).join('\n')}\n`);
    const { sourceId } = await app.stage(path);
    const byId: FieldMapping = {
      ...mapping,
      operation: 'update',
      matchField: 'Id',
      columns: mapping.columns.map((one) => (one.column === 0 ? { ...one, target: to('Id') } : one)),
    };
    const { plan, asked } = await built({ orgId, sourceId, mapping: byId });
    expect(plan.fetched).toMatchObject({ way: 'collections', records: 1990, apiCalls: 1 });
    // Of the one that no record has, it is asked whether it was deleted.
    expect(asked).toEqual([
      expect.stringMatching(/^POST .*\/composite\/sobjects\/Account$/),
      expect.stringMatching(/^GET .*\/queryAll$/),
    ]);
    expect(plan.counts).toMatchObject({ update: 1990, blocked: 1 });
    // An object that Collections do not know is asked for in lists.
    const status = { kind: 'status', status: 400, errorCode: 'INVALID_TYPE', message: 'not supported' };
    await org.faults([{ path: '/composite/sobjects', every: 1, action: status }]);
    const refused = await built({ orgId, sourceId, mapping: byId, recordsFrom: 'anew' });
    expect(refused.plan.fetched).toMatchObject({ way: 'key-lists', records: 1990 });
    expect(refused.plan.counts).toEqual(plan.counts);
  });

  test('a whole object by a query job, used again where that is asked for, until its records change', async () => {
    const { sourceId } = await app.stage(await fileOf(ROWS));
    const first = await built({ orgId, sourceId, mapping, recordsFrom: 'planned' });
    const { fetched } = first.plan;
    expect(fetched).toMatchObject({ way: 'object', reused: false });
    expect(fetched?.records).toBeGreaterThanOrEqual(ROWS);
    expect(first.asked).toHaveLength(fetched?.apiCalls ?? -1);
    expect(first.asked.filter((one) => RESULTS.test(one))).toHaveLength(Math.ceil((fetched?.records ?? 0) / 3000));

    const again = await built({ orgId, sourceId, mapping, recordsFrom: 'planned' });
    expect(again.asked).toEqual([]);
    expect(again.plan.fetched).toEqual({ ...fetched, reused: true });
    expect(again.plan.currentRecordsFetchedAt).toBe(fetched?.at);
    expect(again.plan.counts).toEqual(first.plan.counts);
    expect(fetchedText(again.plan.fetched, '14:02', (fetched?.at ?? 0) + 150_000)).toMatch(
      /^Fetched 1\d,\d{3} records by Bulk query of the object, \d+ API calls, at 14:02\. Reused from 2 minutes ago\.$/,
    );

    // Unless it is asked for, and of other fields, nothing is used again.
    expect((await built({ orgId, sourceId, mapping })).asked.length).toBeGreaterThan(5);
    const fewer = { ...mapping, columns: mapping.columns.slice(0, 1) };
    const others = await built({ orgId, sourceId, mapping: fewer, recordsFrom: 'planned' });
    expect(others.plan.fetched?.reused).toBe(false);

    // A load changes records: the next plan sees them as they are.
    const changing = await app.stage(await fileOf(ROWS, '+49 40 1'));
    const before = await built({ orgId, sourceId: changing.sourceId, mapping, recordsFrom: 'planned' });
    expect(before.plan.counts.update).toBe(ROWS);
    const { planId, planDigest } = before.plan;
    const { loadId } = await app.call('load.start', { planId, planDigest });
    await app.finished(loadId);
    const after = await built({ orgId, sourceId: changing.sourceId, mapping, recordsFrom: 'planned' });
    expect(after.plan.fetched?.reused).toBe(false);
    expect(after.plan.counts).toMatchObject({ unchanged: ROWS, update: 0 });
  }, 60_000);
});

describe('a fetch that breaks off is continued', () => {
  const broken = { path: '/results', nth: 4, every: undefined, times: 1000, action: { kind: 'reset', when: 'before' } };

  test('after the connection broke: no page is read twice, by the same job', async () => {
    const { sourceId } = await app.stage(await fileOf(ROWS, '2'));
    await org.faults([broken]);
    const before = (await org.requests()).length;
    const building = app.call('plan.build', { orgId, sourceId, mapping, recordsFrom: 'anew' });
    await expect(building).rejects.toMatchObject({ failure: { code: 'ORG_UNREACHABLE' } });
    await org.faults([]);
    const plan = await app.call('plan.build', { orgId, sourceId, mapping });
    expect(plan.fetched).toMatchObject({ way: 'object', resumed: true, reused: false });
    expect(plan.counts.update).toBe(ROWS);
    const read = (await org.requests()).slice(before).filter(({ path }) => RESULTS.test(path));
    expect(new Set(read.map(({ path }) => path)).size).toBe(1);
    expect(read.filter(({ status }) => status === 200)).toHaveLength(Math.ceil((plan.fetched?.records ?? 0) / 3000));
  });

  test('a job that is gone by then is made again', async () => {
    const { sourceId } = await app.stage(await fileOf(ROWS, '3'));
    await org.faults([broken]);
    const building = app.call('plan.build', { orgId, sourceId, mapping, recordsFrom: 'anew' });
    await expect(building).rejects.toMatchObject({ failure: { code: 'ORG_UNREACHABLE' } });
    await org.faults([{ method: 'GET', path: '/\\/jobs\\/query\\/\\w+$/', action: { kind: 'purge-job' } }]);
    const plan = await app.call('plan.build', { orgId, sourceId, mapping });
    expect(plan.fetched).toMatchObject({ way: 'object', resumed: false });
    expect(plan.counts.update).toBe(ROWS);
  });

  test('lists of keys that were answered are not asked for again', async () => {
    const { sourceId } = await app.stage(await fileOf(3000, '4'));
    await org.faults([{ path: '/query', nth: 3, times: 1000, action: { kind: 'reset', when: 'before' } }]);
    const building = app.call('plan.build', { orgId, sourceId, mapping, recordsFrom: 'anew' });
    await expect(building).rejects.toMatchObject({ failure: { code: 'ORG_UNREACHABLE' } });
    await org.faults([]);
    const { plan, asked } = await built({ orgId, sourceId, mapping });
    expect(plan.fetched).toMatchObject({ way: 'key-lists', records: 3000, resumed: true });
    expect(asked).toHaveLength((plan.fetched?.apiCalls ?? 0) - 2);
    expect(plan.counts.update).toBe(3000);
  });

  test('when the staging engine ends in its midst', async () => {
    const { sourceId } = await app.stage(await fileOf(ROWS, '5'));
    await org.faults([{ path: '/results', nth: 4, action: { kind: 'delay', milliseconds: 5000 } }]);
    const before = (await org.requests()).length;
    const building = app.call('plan.build', { orgId, sourceId, mapping, recordsFrom: 'anew' });
    const codeOf = building.then(
      () => null,
      (error: unknown) => (error instanceof FailureError ? error.failure.code : error),
    );
    const pages = async () => (await org.requests()).slice(before).filter(({ path }) => RESULTS.test(path)).length;
    await expect.poll(pages, { timeout: 10_000 }).toBeGreaterThan(2);
    await app.killStaging();
    // Between two pages the engine has nothing to do: the fetch goes on with a new one.
    const code = await codeOf;
    expect([null, 'STAGING_STOPPED']).toContain(code);
    const plan = await app.call('plan.build', { orgId, sourceId, mapping });
    expect(plan.fetched).toMatchObject({ resumed: code !== null });
    expect(plan.counts.update).toBe(ROWS);
  });

  test('by another process, after the first was killed', async () => {
    const file = await fileOf(ROWS, '6');
    const start = async () => {
      const process = new BackendProcess(SOURCES);
      await process.open(other);
      const target = { kind: 'custom' as const, loginUrl: org.url };
      const { orgId: signedIn } = await process.must('orgs.signIn', { target, clientId: 'Longshore' });
      const { sourceId } = await process.stage(file);
      return { process, input: { orgId: signedIn, sourceId, mapping } };
    };
    const first = await start();
    await org.faults([{ path: '/results', nth: 4, action: { kind: 'delay', milliseconds: 60_000 } }]);
    const lost = first.process.call('plan.build', first.input, 60_000).catch((error: unknown) => error);
    await expect.poll(async () => (await documentOf(other)).pages.length, { timeout: 20_000 }).toBe(3);
    await first.process.kill();
    await lost;
    await org.faults([]);
    const { job } = await documentOf(other);
    const second = await start();
    const before = (await org.requests()).length;
    const plan = await second.process.must('plan.build', second.input);
    expect(plan.fetched).toMatchObject({ way: 'object', resumed: true });
    expect(plan.counts.update).toBe(ROWS);
    const read = (await org.requests()).slice(before).filter(({ path }) => RESULTS.test(path));
    expect(read.every(({ path }) => path.includes(job?.id ?? 'none'))).toBe(true);
    expect(read).toHaveLength(Math.ceil((plan.fetched?.records ?? 0) / 3000) - 3);
    // Its end takes away what only it could use.
    await second.process.close();
    expect(await kept(other)).toEqual([]);
  }, 60_000);
});

test('a fetch that is called off is not kept, and its job is removed', async () => {
  const { sourceId } = await app.stage(await fileOf(ROWS, '7'));
  const before = new Set(await kept());
  await org.faults([{ path: '/results', nth: 2, action: { kind: 'delay', milliseconds: 5000 } }]);
  const asked = (await org.requests()).length;
  const controller = new AbortController();
  const input = { orgId, sourceId, mapping, recordsFrom: 'anew' };
  const building = app.backend.call('plan.build', input, controller.signal);
  await expect.poll(async () => (await org.requests()).slice(asked).some(({ path }) => RESULTS.test(path))).toBe(true);
  controller.abort();
  expect(await building).toMatchObject({ ok: false, failure: { code: 'CANCELLED' } });
  const left = (await kept()).filter((name) => !before.has(name));
  expect(left).toEqual([]);
  const removed = async () => (await org.requests()).slice(asked).some(({ method }) => method === 'DELETE');
  await expect.poll(removed).toBe(true);
});

test('of an org that is signed out of nothing is kept, also of what broke off', async () => {
  const { sourceId } = await app.stage(await fileOf(ROWS, '8'));
  const { sourceId: planned } = await app.stage(await fileOf(100, '8'));
  await app.call('plan.build', { orgId, sourceId: planned, mapping });
  await org.faults([{ path: '/results', nth: 2, times: 1000, action: { kind: 'reset', when: 'before' } }]);
  const building = app.call('plan.build', { orgId, sourceId, mapping, recordsFrom: 'anew' });
  await expect(building).rejects.toMatchObject({ failure: { code: 'ORG_UNREACHABLE' } });
  expect((await kept()).length).toBeGreaterThanOrEqual(2);
  await app.call('orgs.signOut', { orgId });
  expect(await kept()).toEqual([]);
});
