import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { Operation } from '../../../shared/domain/field-mapping.ts';
import { SourceRowNumber } from '../../../shared/domain/ids.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { startBench } from '../test-support/start-bench.ts';

/** What a load is said to use up, and what the practice org counted then. */

const { org, app, orgId } = await startBench(['--records', '700', '--rows-per-second', '0', '--queue-delay', '0']);

let files = 0;

async function planOf(text: string, operation: Operation, objectName = 'Account'): Promise<LoadPlan> {
  const path = join(app.data, `forecast-${++files}.csv`);
  await writeFile(path, text);
  const { sourceId } = await app.stage(path);
  const mapping = await app.call('mapping.suggest', { orgId, sourceId, objectName, operation, useSaved: false });
  return app.call('plan.build', { orgId, sourceId, mapping });
}

const forecastOf = ({ planId, planDigest }: LoadPlan) => app.call('load.forecast', { planId, planDigest });

const created = (rows: number, name = `Forecast ${files}`) =>
  `Name\n${Array.from({ length: rows }, (_, n) => `${name} ${n}`).join('\n')}\n`;

async function left(): Promise<Record<string, number>> {
  const facts = await app.call('org.about', { orgId });
  if (facts.limits.kind !== 'read') throw new Error(facts.limits.why);
  return Object.fromEntries(Object.entries(facts.limits.value).map(([name, limit]) => [name, limit?.remaining ?? -1]));
}

async function updateOf(rows: number): Promise<string> {
  const soql = encodeURIComponent(`SELECT Id FROM Account ORDER BY Id LIMIT ${rows}`);
  const headers = { authorization: `Bearer ${org.accessToken}` };
  const answer = await fetch(`${org.url}/services/data/v66.0/query?q=${soql}`, { headers });
  const { records } = (await answer.json()) as { records: { Id: string }[] };
  return `Id,Fax\n${records.map(({ Id }, n) => `${Id},${files}-${n}`).join('\n')}\n`;
}

test.each<[string, () => Promise<string>, Operation]>([
  ['30 new records', () => Promise.resolve(created(30)), 'insert'],
  ['10,001 new records', () => Promise.resolve(created(10_001)), 'insert'],
  ['5 updates by Id', () => updateOf(5), 'update'],
  ['650 updates by Id', () => updateOf(650), 'update'],
])('%s: calls, batches and storage are as the org counts them', async (_what, text, operation) => {
  const plan = await planOf(await text(), operation);
  const forecast = await forecastOf(plan);
  const [before, asked] = [await left(), (await org.requests()).length];
  const { loadId } = await app.call('load.start', { planId: plan.planId, planDigest: plan.planDigest });
  const load = await app.finished(loadId);
  const requests = (await org.requests()).slice(asked);
  const after = await left();
  expect(load.counts.created + load.counts.updated).toBe(plan.counts.insert + plan.counts.update);
  // Looks at a job or a query beyond the first of each depend on how fast the org is.
  const looks = requests.filter(({ method, path }) => method === 'GET' && /\/jobs\/(ingest|query)\/\w+$/.test(path));
  const things = new Set(looks.map(({ path }) => path)).size;
  expect(requests.length - (looks.length - things)).toBe(forecast.apiCalls.least);
  const batches = (before['DailyBulkApiBatches'] ?? 0) - (after['DailyBulkApiBatches'] ?? 0);
  expect(forecast.batches).toEqual({ least: batches, most: batches });
  const storage = (before['DataStorageMB'] ?? 0) - (after['DataStorageMB'] ?? 0);
  // The org tells whole megabytes.
  expect(Math.abs(storage - forecast.storageMB)).toBeLessThan(1);
  expect(forecast.changeEvents).toBe(plan.counts.insert + plan.counts.update);
});

test('earlier loads tell how long it takes, and how many calls at most', async () => {
  const { seconds, apiCalls } = await forecastOf(await planOf(created(2000), 'insert'));
  expect(seconds?.least).toBeGreaterThan(0);
  expect(seconds?.most).toBeGreaterThanOrEqual(seconds?.least ?? Infinity);
  expect(apiCalls.most).toBeGreaterThanOrEqual(apiCalls.least);
});

test('a load over the storage or the batches left asks first, and loads with a yes', async () => {
  const plan = await planOf(created(600), 'insert');
  const before = await left();
  await org.admin('PATCH', '/knobs', { storageMB: 1024 - (before['DataStorageMB'] ?? 0) + 1 });
  const { planId, planDigest } = plan;
  await expect(app.call('load.start', { planId, planDigest })).rejects.toMatchObject({
    failure: { code: 'ORG_LIMIT', limit: 'DataStorageMB', remaining: 1 },
  });
  expect((await forecastOf(plan)).left.storageMB).toMatchObject({ remaining: 1 });
  const { loadId } = await app.call('load.start', { planId, planDigest, acceptApiUse: true });
  expect((await app.finished(loadId)).counts.created).toBe(600);
  await org.admin('PATCH', '/knobs', { storageMB: 1024 });
});

test('a plan that is no longer the one reviewed has no forecast', async () => {
  const plan = await planOf(created(3), 'insert');
  await app.call('plan.leaveOut', {
    planId: plan.planId,
    of: { rows: [SourceRowNumber.parse(1)] },
    field: null,
    takeBack: false,
  });
  await expect(forecastOf(plan)).rejects.toMatchObject({ failure: { code: 'PLAN_STALE', why: 'digest' } });
});
