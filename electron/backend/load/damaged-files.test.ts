import { spawnSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import type { LoadId } from '../../../shared/domain/ids.ts';
import { startBackend } from '../test-support/start-backend.ts';
import { startFaultBench, type FaultBench } from '../test-support/fault-bench.ts';

/** Files of a load that are damaged, missing or can’t be written: refused or paused with a reason, and everything else works. */

const ROWS = 40;
let bench: FaultBench;
beforeAll(async () => {
  bench = await startFaultBench();
});
beforeEach(async () => {
  await bench.org.faults([]);
  await bench.signIn();
});
afterAll(() => bench.close());

const limit = {
  kind: 'status',
  status: 403,
  errorCode: 'REQUEST_LIMIT_EXCEEDED',
  message: 'TotalRequests Limit exceeded.',
};
/** What a job was closed with is lost, and so is every question after it. */
const closeLost = [
  { method: 'PATCH', path: '/jobs\\/ingest/', action: { kind: 'reset', when: 'after' } },
  { method: 'GET', path: '/jobs\\/ingest/', every: 1, action: { kind: 'reset', when: 'before' } },
];

async function folderOf(loadId: LoadId): Promise<string> {
  const { planId } = await bench.app.call('load.get', { loadId });
  return join(bench.app.data, 'loads', planId);
}

/** A load that is paused after its commit point: sent again, its rows would be there twice. */
async function pausedAfterClose(): Promise<{ loadId: LoadId; marker: string; folder: string }> {
  const { loadId, marker } = await bench.insert(closeLost, ROWS);
  expect((await bench.app.finished(loadId)).state).toMatchObject({ kind: 'paused' });
  await bench.org.faults([]);
  return { loadId, marker, folder: await folderOf(loadId) };
}

async function resumed(loadId: LoadId): Promise<unknown> {
  await bench.app.call('load.resume', { loadId });
  return (await bench.app.finished(loadId)).state;
}

describe('a journal that cannot be trusted is refused, and nothing more is sent', () => {
  test.each<[string, (path: string) => Promise<void>, string]>([
    [
      'its PLANNED record damaged',
      async (path) => writeFile(path, (await readFile(path, 'utf8')).replace(`"rows":${ROWS}`, '"rows":41')),
      'checksum',
    ],
    [
      'garbage in its first line',
      async (path) => writeFile(path, `garbage\n${await readFile(path, 'utf8')}`),
      'checksum',
    ],
    [
      'cut off before the close',
      async (path) => writeFile(path, (await readFile(path, 'utf8')).split('\n').slice(0, 4).join('\n') + '\n'),
      'cut-off',
    ],
    ['missing', (path) => rm(path), 'missing'],
    ['unreadable', async (path) => (await rm(path), void (await mkdir(path))), 'unreadable'],
  ])('%s', async (_name, damage, problem) => {
    const { loadId, marker, folder } = await pausedAfterClose();
    await damage(join(folder, 'journal.jsonl'));
    const jobs = (await bench.jobs()).length;
    const refused = { kind: 'paused', failure: { code: 'JOURNAL_DAMAGED', problem } };
    expect(await resumed(loadId)).toMatchObject(refused);
    expect(await resumed(loadId)).toMatchObject(refused);
    await bench.app.call('load.cancel', { loadId });
    expect((await bench.app.finished(loadId)).state).toMatchObject(refused);
    expect((await bench.jobs()).length).toBe(jobs);
    expect(await bench.inOrg(marker)).toBe(ROWS);
  });

  test('another load’s', async () => {
    const one = await pausedAfterClose();
    const other = await pausedAfterClose();
    for (const name of ['journal.jsonl', 'journal.mark'])
      await writeFile(join(one.folder, name), await readFile(join(other.folder, name)));
    expect(await resumed(one.loadId)).toMatchObject({ failure: { code: 'JOURNAL_DAMAGED', problem: 'other-load' } });
    expect(await resumed(other.loadId)).toEqual({ kind: 'finished', cancelled: false });
    expect(await bench.inOrg(one.marker)).toBe(ROWS);
  });

  test('with a torn last record it goes on, and what comes next is not swallowed', async () => {
    const { loadId, marker, folder } = await pausedAfterClose();
    const path = join(folder, 'journal.jsonl');
    await writeFile(path, `${await readFile(path, 'utf8')}0123456789abcdef {"v":1,"n":9`);
    expect(await resumed(loadId)).toEqual({ kind: 'finished', cancelled: false });
    expect(await bench.inOrg(marker)).toBe(ROWS);
    const lines = (await readFile(path, 'utf8')).trimEnd().split('\n');
    expect(lines.map((line) => (JSON.parse(line.slice(33)) as { n: number }).n)).toEqual(lines.map((_, n) => n + 1));
  });
});

describe('a folder that was brought back from a copy', () => {
  test('from before the close: the org knows more than its journal, so nothing more is sent', async () => {
    const { loadId, marker } = await bench.insert(
      [
        {
          method: 'PUT',
          path: 'batches',
          every: 1,
          action: { kind: 'status', status: 403, errorCode: 'X', message: 'x' },
        },
      ],
      ROWS,
    );
    await bench.app.finished(loadId);
    await bench.org.faults([{ method: 'PUT', path: 'batches', action: { kind: 'delay', milliseconds: 400 } }]);
    const folder = await folderOf(loadId);
    const copy = join(bench.app.data, 'copy');
    await bench.app.call('load.resume', { loadId });
    const journal = () => readFile(join(folder, 'journal.jsonl'), 'utf8');
    await vi.waitFor(async () =>
      expect(await journal()).toMatch(/"CREATED"[^]*"UPLOADING"[^]*"CREATED"[^]*"UPLOADING"/),
    );
    await cp(folder, copy, { recursive: true, filter: (path) => !/(?:lock|\.part)$/.test(path) });
    expect((await bench.app.finished(loadId)).state).toMatchObject({ kind: 'finished' });
    await bench.app.killStaging();
    await rm(folder, { recursive: true });
    await rename(copy, folder);
    expect(await resumed(loadId)).toMatchObject({ failure: { code: 'JOURNAL_DAMAGED', problem: 'cut-off' } });
    expect(await bench.inOrg(marker)).toBe(ROWS);
  });

  test('its database only: outcomes that it lost are made again from the result files', async () => {
    const slow = [
      {
        method: 'GET',
        path: '/Results$/',
        every: 1,
        action: { kind: 'status', status: 503, errorCode: 'X', message: 'x' },
      },
    ];
    const { loadId, marker } = await bench.insert(slow, ROWS);
    await bench.app.finished(loadId);
    const folder = await folderOf(loadId);
    await bench.app.killStaging();
    const old = join(bench.app.data, 'old.duckdb');
    await cp(join(folder, 'plan.duckdb'), old);
    await bench.org.faults([]);
    expect(await resumed(loadId)).toMatchObject({ kind: 'finished' });
    // As if the record of the end had not been saved either.
    const path = join(folder, 'load.json');
    const document = JSON.parse(await readFile(path, 'utf8')) as { snapshot: { state: unknown } };
    document.snapshot.state = { kind: 'paused', failure: { code: 'LOAD_INTERRUPTED' } };
    await bench.app.killStaging();
    await writeFile(path, JSON.stringify(document));
    await rm(join(folder, 'plan.duckdb.wal'), { force: true });
    await cp(old, join(folder, 'plan.duckdb'));
    expect(await resumed(loadId)).toMatchObject({ kind: 'finished' });
    expect((await bench.app.call('load.get', { loadId })).counts).toMatchObject({ created: ROWS, unprocessed: 0 });
    expect(await bench.inOrg(marker)).toBe(ROWS);
  });
});

test('a record that another version wrote is said and left where it is', async () => {
  const { loadId, folder } = await pausedAfterClose();
  const path = join(folder, 'load.json');
  const text = await readFile(path, 'utf8');
  await writeFile(path, text.replace('"version":1', '"version":2'));
  expect((await bench.app.call('load.list', {})).map((load) => load.loadId)).not.toContain(loadId);
  expect(await bench.app.call('load.damaged', {})).toContain(folder.split('/').at(-1));
  await writeFile(path, text);
  expect(await resumed(loadId)).toMatchObject({ kind: 'finished' });
  expect(await bench.app.call('load.damaged', {})).not.toContain(folder.split('/').at(-1));
});

test('a part file that is not what was written from the plan is not sent', async () => {
  const { loadId, marker } = await bench.insert([{ method: 'POST', path: '/jobs\\/ingest$/', action: limit }], ROWS);
  await bench.app.finished(loadId);
  await bench.org.faults([]);
  const part = join(await folderOf(loadId), 'part-1.csv');
  await writeFile(part, (await readFile(part, 'utf8')).replace('Prospecting', 'Closed Won'));
  expect(await resumed(loadId)).toMatchObject({ kind: 'paused', failure: { code: 'DATA_DAMAGED' } });
  expect(await bench.inOrg(marker)).toBe(0);
});

test('a part file that changes once its job is made is sent in vain: what was sent is held to the plan', async () => {
  const slow = { kind: 'delay', milliseconds: 1500 };
  const { loadId, marker } = await bench.insert([{ method: 'POST', path: '/jobs\\/ingest$/', action: slow }], ROWS);
  const folder = await folderOf(loadId);
  await vi.waitFor(
    async () => expect(await readFile(join(folder, 'journal.jsonl'), 'utf8')).toContain('"step":"CREATING"'),
    { timeout: 30_000 },
  );
  const part = join(folder, 'part-1.csv');
  await writeFile(part, (await readFile(part, 'utf8')).replace('Prospecting', 'Qualifying!'));
  const { state } = await bench.app.finished(loadId);
  expect(state).toMatchObject({ kind: 'paused', failure: { code: 'DATA_DAMAGED' } });
  expect((await bench.jobs()).filter((job) => job.state === 'Open')).toEqual([]);
  expect(await bench.inOrg(marker)).toBe(0);
});

test('result files that changed after they were recorded are downloaded again', async () => {
  const { loadId, marker } = await bench.insert(
    [
      {
        method: 'GET',
        path: '/failedResults$/',
        every: 1,
        action: { kind: 'status', status: 503, errorCode: 'X', message: 'x' },
      },
    ],
    ROWS,
  );
  await bench.app.finished(loadId);
  await writeFile(join(await folderOf(loadId), 'part-1-successfulResults.csv'), '"sf__Id","sf__Created"\n');
  await bench.org.faults([]);
  expect(await resumed(loadId)).toEqual({ kind: 'finished', cancelled: false });
  expect((await bench.app.call('load.get', { loadId })).counts).toMatchObject({ created: ROWS });
  expect(await bench.inOrg(marker)).toBe(ROWS);
});

test('a load’s record that is damaged is said and kept aside, and the other loads are there', async () => {
  const bad = await pausedAfterClose();
  const good = await pausedAfterClose();
  await writeFile(join(bad.folder, 'load.json'), '{"version":1,"snap');
  const loads = await bench.app.call('load.list', {});
  expect(loads.map(({ loadId }) => loadId)).toContain(good.loadId);
  expect(loads.map(({ loadId }) => loadId)).not.toContain(bad.loadId);
  const { planId } = await bench.app.call('load.get', { loadId: good.loadId });
  expect(await bench.app.call('load.damaged', {})).toEqual([bad.folder.split('/').at(-1)]);
  expect(await readdir(bad.folder)).toContain('load.json.damaged');
  expect(planId).not.toBe(bad.folder);
  expect(await resumed(good.loadId)).toEqual({ kind: 'finished', cancelled: false });
  // A later start says it too.
  const again = await startBackend(bench.org, { data: bench.app.data });
  expect(await again.call('load.damaged', {})).toHaveLength(1);
  await again.close();
  await rm(bad.folder, { recursive: true });
});

describe('a disk that takes nothing', () => {
  test('at the start: nothing is sent, and the plan can be loaded when it takes something again', async () => {
    const csv = 'Name,Berth_Code__c\nA,DISK-1\n';
    const { planId, planDigest } = await bench.plan(csv, { object: 'Berth__c', operation: 'upsert' });
    const inTheWay = join(bench.app.data, 'loads', planId, 'load.json.part');
    await mkdir(inTheWay);
    await expect(bench.app.call('load.start', { planId, planDigest })).rejects.toMatchObject({
      failure: { code: 'DISK_REFUSED', reason: 'EISDIR' },
    });
    await rm(inTheWay, { recursive: true });
    const { loadId } = await bench.app.call('load.start', { planId, planDigest });
    expect((await bench.app.finished(loadId)).counts).toMatchObject({ created: 1 });
  });

  test('for the load’s record: it pauses with the reason before it sends more, and goes on', async () => {
    const { loadId, marker } = await bench.insert(
      [{ method: 'POST', path: '/jobs\\/ingest$/', action: { kind: 'delay', milliseconds: 400 } }],
      ROWS,
    );
    const inTheWay = join(await folderOf(loadId), 'load.json.part');
    // A save that is under way just now has its own file there for a moment.
    await vi.waitFor(() => mkdir(inTheWay));
    const paused = await bench.app.finished(loadId);
    await rm(inTheWay, { recursive: true });
    await bench.org.faults([]);
    expect(paused.state).toMatchObject({
      kind: 'paused',
      failure: { code: 'DISK_REFUSED', what: 'the load’s record' },
    });
    expect(await resumed(loadId)).toEqual({ kind: 'finished', cancelled: false });
    expect(await bench.inOrg(marker)).toBe(ROWS);
  });

  /** A file system of a few hundred KB over a load’s folder; null where a test may not make one. */
  function smallDisk(folder: string, kilobytes: number): (() => void) | null {
    if (process.platform !== 'linux' || process.getuid?.() !== 0) return null;
    const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', folder]);
    if (status !== 0) return null;
    const remove = () => void spawnSync('umount', ['-l', folder]);
    onTestFinished(remove);
    return remove;
  }

  test('R32, R33: full, for journal and results: paused, resumed when there is room', async (context) => {
    const csv = `Name,Berth_Code__c\n${Array.from({ length: 400 }, (_, n) => `Berth full,FULL-${n}`).join('\n')}\n`;
    const { planId, planDigest } = await bench.plan(csv, { object: 'Berth__c', operation: 'upsert' });
    const folder = join(bench.app.data, 'loads', planId);
    // Nothing holds the plan's files while they move onto the small disk.
    await bench.app.killStaging();
    const kept = join(bench.app.data, 'kept');
    await rename(folder, kept);
    await mkdir(folder);
    const remove = smallDisk(folder, 8192);
    await cp(kept, folder, { recursive: true });
    if (remove === null) return context.skip('no file system of a test’s own can be mounted here');
    const delay = [{ method: 'POST', path: '/jobs\\/ingest$/', action: { kind: 'delay', milliseconds: 300 } }];
    await bench.org.faults(delay);
    const { loadId } = await bench.app.call('load.start', { planId, planDigest });
    spawnSync('dd', ['if=/dev/zero', `of=${join(folder, 'fill')}`, 'bs=4k']);
    const paused = await bench.app.finished(loadId);
    expect(paused.state).toMatchObject({ kind: 'paused', failure: { code: 'DISK_FULL' } });
    await rm(join(folder, 'fill'));
    expect(await resumed(loadId)).toEqual({ kind: 'finished', cancelled: false });
    expect((await bench.app.call('load.get', { loadId })).counts).toMatchObject({ created: 400 });
    await bench.app.killStaging();
    remove();
  });
});

describe('R31: two processes on one data folder', () => {
  test('the second is told who has the load; once it has ended it is shown as ended there too', async () => {
    const other = await startBackend(bench.org, { data: bench.app.data });
    try {
      await other.call('orgs.signIn', { target: { kind: 'practice' } });
      const { loadId, marker } = await bench.insert(
        [{ method: 'PATCH', path: '/jobs\\/ingest/', action: { kind: 'delay', milliseconds: 1500 } }],
        ROWS,
      );
      expect((await other.call('load.get', { loadId })).state.kind).toBe('running');
      for (const procedure of ['load.resume', 'load.cancel'] as const)
        await expect(other.call(procedure, { loadId })).rejects.toMatchObject({
          failure: { code: 'LOAD_OPEN_ELSEWHERE' },
        });
      await bench.app.finished(loadId);
      const seen = await other.call('load.get', { loadId });
      expect(seen.state).toEqual({ kind: 'finished', cancelled: false });
      expect(seen.counts).toMatchObject({ created: ROWS });
      expect((await other.call('report.get', { loadId })).load.counts).toEqual(seen.counts);
      expect(await bench.inOrg(marker)).toBe(ROWS);
    } finally {
      await other.close();
    }
  });
});
