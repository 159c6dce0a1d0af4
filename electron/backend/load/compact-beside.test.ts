import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { planFewAccounts } from '../test-support/few-accounts.ts';
import { startBackend, startPracticeOrg, type TestBackend } from '../test-support/start-backend.ts';

/** Finished loads are made small while others are read, planned, begun, and taken back: nobody is told of damage, and nobody waits for ever. */

const org = await startPracticeOrg(['--records', '0']);
const data = await mkdtemp(join(tmpdir(), 'longshore-beside-'));
afterAll(async () => {
  org.stop();
  await rm(data, { recursive: true, force: true, maxRetries: 5 });
});

const ROWS = 20;
const LOADS = 2;
let files = 0;

async function load(app: TestBackend, key: string, name: string): Promise<LoadSnapshot> {
  const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
  const lines = Array.from({ length: ROWS }, (_, n) => `${key}-${n},${name} ${n},+49 ${n},`);
  const path = join(data, `beside-${++files}.csv`);
  const { planId, planDigest } = await planFewAccounts(app, orgId, path, lines, { way: 'automatic' });
  return app.finished((await app.call('load.start', { planId, planDigest })).loadId);
}

/** Everything that opens a load's database. */
async function told(app: TestBackend, loadId: LoadId): Promise<unknown> {
  const { load: ended, errorGroups } = await app.call('report.get', { loadId });
  const page = await app.call('report.page', { loadId, kinds: ['created', 'updated'], offset: 0, limit: 50 });
  const { steps } = await app.call('undo.offer', { loadId });
  for (const { what } of steps) await app.call('undo.prepare', { loadId, what });
  return { counts: ended.counts, errorGroups, rows: page.rows, steps };
}

test('loads are made small while others are read, planned, begun, and taken back', { timeout: 120_000 }, async () => {
  const first = await startBackend(org, { data });
  const before = new Map<LoadId, unknown>();
  for (let n = 0; n < LOADS; n++) {
    const { loadId, planId } = await load(first, 'B', `Before ${n}`);
    before.set(loadId, await told(first, loadId));
    // As large as a load of many rows.
    const path = join(data, 'loads', planId, 'part-7.csv');
    await writeFile(path, '');
    await truncate(path, 17 * 2 ** 20);
  }
  await first.close();

  const app = await startBackend(org, { data, faster: 1000 });
  const left = async () => {
    const loads = await app.call('load.list', {});
    return loads.filter(({ loadId, keptBytes }) => before.has(loadId) && keptBytes === undefined).length;
  };
  const read = async () => {
    // One page of each is read while it may just be made small.
    do
      for (const loadId of before.keys())
        await app.call('report.page', { loadId, kinds: ['created'], offset: 0, limit: 5 });
    while ((await left()) > 0);
  };
  const begin = async () => expect((await load(app, 'S', 'Beside')).counts).toMatchObject({ created: ROWS, failed: 0 });
  await Promise.all([read(), begin()]);
  expect(await left()).toBe(0);
  for (const [loadId, was] of before) expect(await told(app, loadId)).toEqual(was);
  expect(app.log.filter((line) => line.includes('could not') || line.includes('damaged'))).toEqual([]);
  await app.close();
});
