import { appendFile, cp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LoadId } from '../../../shared/domain/ids.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { startBackend, startPracticeOrg, type TestBackend } from '../test-support/start-backend.ts';
import { to } from '../test-support/small-plan.ts';

/** What loads take on disk is told at once, and is what their folders take, whatever became of them. */

let org: Awaited<ReturnType<typeof startPracticeOrg>>;
let app: TestBackend;
/** Of the backend that made the loads. */
let data: string;

beforeAll(async () => {
  org = await startPracticeOrg(['--records', '0']);
  app = await startBackend(org);
  ({ data } = app);
});

afterAll(async () => {
  await app.close();
  org.stop();
});

async function load(code: string): Promise<{ loadId: LoadId; folder: string }> {
  const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
  const path = join(data, `${code}.csv`);
  await writeFile(path, `Code,Name\n${code},One\n`);
  const { sourceId } = await app.stage(path);
  const { planId, planDigest } = await app.call('plan.build', {
    orgId,
    sourceId,
    mapping: {
      objectName: 'Berth__c',
      operation: 'insert',
      matchField: null,
      columns: [newColumn(0, to('Berth_Code__c')), newColumn(1, to('Name'))],
      blankValues: 'leave',
      duplicateKeys: 'ask',
    },
  });
  const { loadId } = await app.call('load.start', { planId, planDigest });
  await app.finished(loadId);
  const folder = join(data, 'loads', planId);
  // It says that it has ended a moment before it has let go of its files.
  await expect.poll(() => readdir(folder)).not.toContain('lock');
  return { loadId, folder };
}

async function bytesIn(folder: string): Promise<number> {
  const sizes = (await readdir(folder, { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile())
    .map(async ({ parentPath, name }) => (await stat(join(parentPath, name))).size);
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0);
}

/** Holds what is told to what there is; the sizes of a data folder's loads. */
async function expectRight(backend: TestBackend): Promise<Map<LoadId, number>> {
  const root = join(backend.data, 'loads');
  const there = new Map<string, number>();
  for (const name of await readdir(root)) {
    const text = await readFile(join(root, name, 'load.json'), 'utf8').catch(() => null);
    if (text === null) continue;
    const { snapshot } = JSON.parse(text) as { snapshot: { loadId: string } };
    there.set(snapshot.loadId, await bytesIn(join(root, name)));
  }
  const told = new Map((await backend.call('history.storage', {})).map(({ loadId, bytes }) => [loadId, bytes]));
  expect(Object.fromEntries(told)).toEqual(Object.fromEntries(there));
  return told;
}

const kept = async (of = data) => {
  const text = await readFile(join(of, 'load-sizes.json'), 'utf8');
  return (JSON.parse(text) as { sizes: Record<string, { loadId: string; bytes: number }> }).sizes;
};

test('sizes are right after reports, undo files, packs, and deletes, of this process and of others', async () => {
  const first = await load('SIZE-1');
  const second = await load('SIZE-2');
  const before = await expectRight(app);
  expect(Object.values(await kept()).map(({ loadId }) => loadId)).toEqual(
    expect.arrayContaining([first.loadId, second.loadId]),
  );
  await app.call('report.save', { loadId: first.loadId, file: 'success', spreadsheetSafe: false });
  // Whatever comes now, a process that ends here leaves no size that is wrong.
  expect(Object.values(await kept()).map(({ loadId }) => loadId)).toEqual([second.loadId]);
  const saved = await expectRight(app);
  expect(saved.get(first.loadId)).toBeGreaterThan(before.get(first.loadId) ?? 0);
  await app.call('report.save', { loadId: first.loadId, file: 'error', spreadsheetSafe: false });
  await app.call('history.pack', { loadId: first.loadId, withRows: true });
  await app.call('undo.prepare', { loadId: first.loadId, what: 'remove' });
  await expectRight(app);

  const other = await startBackend(org, { data });
  await expectRight(other);
  await app.call('report.save', { loadId: second.loadId, file: 'success', spreadsheetSafe: false });
  await expectRight(other);
  await app.call('history.remove', { loadId: second.loadId });
  expect([...(await expectRight(other)).keys()]).toEqual([first.loadId]);
  await other.close();
  await app.call('history.remove', { loadId: first.loadId });
  expect((await expectRight(app)).size).toBe(0);
});

test('what is made small by itself is told with its new size', async () => {
  const { loadId, folder } = await load('SIZE-3');
  // As a load of more rows.
  await writeFile(join(folder, 'part-7.csv'), Buffer.alloc(17 * 2 ** 20));
  const before = (await expectRight(app)).get(loadId) ?? 0;
  const quick = await startBackend(org, { data, faster: 1000 });
  const keptBytes = async () => (await quick.call('load.get', { loadId })).keptBytes ?? 0;
  await expect.poll(keptBytes, { timeout: 20_000 }).toBeGreaterThan(0);
  await quick.close();
  expect((await expectRight(app)).get(loadId)).toBeLessThan(before / 4);
});

test('what something else did to a folder is known the time after; damage of what is kept is no matter', async () => {
  const { loadId, folder } = await load('SIZE-4');
  await expectRight(app);
  await mkdir(join(folder, 'kept-broken-off'));
  await appendFile(join(folder, 'kept-broken-off', 'x.parquet'), 'x'.repeat(1000));
  const other = await startBackend(org, { data });
  await other.call('history.storage', {});
  const told = async () => (await other.call('history.storage', {})).find((one) => one.loadId === loadId)?.bytes;
  const there = await bytesIn(folder);
  await expect.poll(told).toBe(there);
  await other.close();
  await writeFile(join(data, 'load-sizes.json'), '{"version":1,"sizes":{"plan_x":');
  const third = await startBackend(org, { data });
  await expectRight(third);
  await third.close();
});

test('sizes of two thousand loads are told within a tenth of a second', { timeout: 60_000 }, async () => {
  const { folder } = await load('SIZE-5');
  const many = `${data}-many`;
  await mkdir(join(many, 'loads'), { recursive: true });
  const text = await readFile(join(folder, 'load.json'), 'utf8');
  const { version, snapshot } = JSON.parse(text) as { version: number; snapshot: object };
  const sizes: Record<string, object> = {};
  for (let n = 0; n < 2000; n++) {
    const id = String(n).padStart(16, '0');
    await mkdir(join(many, 'loads', `plan_${id}`));
    sizes[`plan_${id}`] = { loadId: `load_${id}`, bytes: n };
  }
  await writeFile(join(many, 'load-sizes.json'), JSON.stringify({ version: 1, sizes }));
  // One is not known yet.
  const own = join(many, 'loads', 'plan_00000000000000zz');
  await cp(folder, own, { recursive: true });
  await writeFile(join(own, 'load.json'), JSON.stringify({ version, snapshot }));
  const other = await startBackend(org, { data: many });
  const took: number[] = [];
  for (let call = 0; call < 5; call++) {
    const begun = performance.now();
    expect(await other.call('history.storage', {})).toHaveLength(2001);
    took.push(performance.now() - begun);
  }
  await other.close();
  await rm(many, { recursive: true });
  // The least, for others are at work on the same computer.
  expect(Math.min(...took)).toBeLessThan(100);
});
