import { access, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { FileLock } from '../documents/file-lock.ts';
import { startBackend, startPracticeOrg, type TestBackend } from '../test-support/start-backend.ts';
import { lockPath } from './known-loads.ts';
import { sweepFinished } from './sweep-finished.ts';

const DAY = 86_400_000;
let data: string;
let org: Awaited<ReturnType<typeof startPracticeOrg>>;
const settings = new Map<string, unknown>();

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'longshore-sweep-'));
  org = await startPracticeOrg(['--records', '5']);
});
beforeEach(() => rm(join(data, 'loads'), { recursive: true, force: true }));
afterAll(async () => {
  org.stop();
  await rm(data, { recursive: true, force: true, maxRetries: 5 });
});

/** A folder as a load leaves it; `ago` is days. */
async function loadOf(n: number, ago: number, state: object = { kind: 'finished', cancelled: false }): Promise<string> {
  const id = String(n).padStart(16, '0');
  const folder = join(data, 'loads', `plan_${id}`);
  await mkdir(folder, { recursive: true });
  const at = Date.now() - ago * DAY;
  const snapshot = {
    loadId: `load_${id}`,
    planId: `plan_${id}`,
    orgId: '00D000000000001EAA',
    orgName: 'Org',
    objectName: 'Account',
    objectLabel: 'Account',
    operation: 'insert',
    matchField: null,
    fileName: 'a.csv',
    sourceDigest: '0'.repeat(64),
    rows: 1,
    rowsToSend: 1,
    state,
    jobs: [],
    startedAt: at,
    finishedAt: 'cancelled' in state ? at : null,
    elapsed: 1,
    apiCalls: 1,
    counts: { created: 1, updated: 0, deleted: 0, unchanged: 0, failed: 0, skipped: 0, unprocessed: 0, unknown: 0 },
    notices: [],
  };
  await writeFile(join(folder, 'load.json'), JSON.stringify({ version: 1, snapshot }));
  await writeFile(join(folder, 'plan.duckdb'), 'rows');
  return folder;
}

async function there(folder: string): Promise<boolean> {
  return access(folder).then(
    () => true,
    () => false,
  );
}

const ports = () => ({
  paths: { data },
  clock: { now: () => Date.now(), elapsed: () => 0, timeZone: () => 'UTC', sleep: () => Promise.resolve() },
  log: { place: '', info: () => undefined, error: () => undefined },
});

test('finished loads past their time go with all that is theirs; younger ones stay', async () => {
  const [old, young] = [await loadOf(1, 31), await loadOf(2, 29)];
  expect(await sweepFinished(ports(), 30)).toBe(1);
  expect([await there(old), await there(young)]).toEqual([false, true]);
  expect(await readdir(data)).not.toContain('removed-loads');
});

test('an unfinished load is never removed, nor a damaged one, nor one that somebody has open', async () => {
  const paused = await loadOf(3, 900, { kind: 'paused', failure: { code: 'LOAD_INTERRUPTED' } });
  const interrupted = await loadOf(4, 900, { kind: 'running' });
  const damaged = await loadOf(5, 900);
  await writeFile(join(damaged, 'load.json'), 'no record');
  const open = await loadOf(6, 900);
  const taken = await FileLock.take(lockPath(open));
  expect(await sweepFinished(ports(), 1)).toBe(0);
  for (const folder of [paused, interrupted, damaged, open]) expect(await there(folder), folder).toBe(true);
  if ('lock' in taken) await taken.lock.release();
});

test('what a removal that was cut off left behind is cleared away, and no load any more', async () => {
  await mkdir(join(data, 'removed-loads', 'plan_left'), { recursive: true });
  expect(await sweepFinished(ports(), 30)).toBe(0);
  expect(await readdir(data)).not.toContain('removed-loads');
});

test('a backend sweeps when it starts, by the settings, and says what it removed', async () => {
  const [old, young] = [await loadOf(7, 31), await loadOf(8, 1)];
  const open = async (): Promise<TestBackend> => startBackend(org, { data, settings });
  const first = await open();
  expect(await first.call('load.list', {})).toHaveLength(2);
  expect(await first.call('settings.change', { retentionDays: 30 })).toMatchObject({ lastSweep: null });
  // At once is not what retention is: it applies when Longshore starts.
  expect(await first.call('load.list', {})).toHaveLength(2);
  await first.close();
  const second = await open();
  expect((await second.call('load.list', {})).map(({ planId }) => planId)).toEqual(['plan_0000000000000008']);
  expect((await second.call('settings.get', {})).lastSweep).toMatchObject({ loads: 1 });
  await second.close();
  expect([await there(old), await there(young)]).toEqual([false, true]);
});
