import { readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { runHoldText } from '../../../shared/text/job-text.ts';
import { rewriteJob, writesOf } from '../test-support/saved-job.ts';
import { startBench } from '../test-support/start-bench.ts';
import { syncOfAccounts } from '../test-support/sync-bench.ts';

/** A state that can't be gone on from is said, and nothing is written: neither to the org nor over it. */

const bench = await startBench(['--records', '5']);
const { app, org } = bench;

async function agreed(name: string) {
  const sync = await syncOfAccounts(bench, name, [`${name}-1,One,1`, `${name}-2,Two,2`]);
  await sync.run();
  await sync.file.write([`${name}-1,Uno,1`, `${name}-2,Two,2`]);
  return { ...sync, path: join(app.data, 'sync', sync.jobId, 'state.duckdb') };
}

async function held(sync: Awaited<ReturnType<typeof agreed>>, problem: string): Promise<void> {
  const writes = await writesOf(org);
  const run = await sync.run();
  expect(run).toMatchObject({ state: { kind: 'held', holds: [{ code: 'SYNC_STATE', problem }] }, plan: null });
  if (run.state.kind === 'held') expect(run.state.holds.map(runHoldText).join(' ')).toContain('longshore job reset');
  expect(await writesOf(org)).toBe(writes);
}

test('a state that is gone holds the run; forgotten on purpose, every row is compared', async () => {
  const sync = await agreed('lost');
  await rm(sync.path);
  await held(sync, 'missing');
  await app.call('job.reset', { jobId: sync.jobId, preview: false });
  expect(await sync.run()).toMatchObject({ counts: { updated: 1, unchanged: 1 }, sync: { whole: true, keys: 2 } });
  expect(await sync.run()).toMatchObject({ sync: { whole: false, keys: 0 } });
});

test('a state that is damaged holds the run, and is kept', async () => {
  const sync = await agreed('torn');
  await writeFile(sync.path, 'no database');
  await held(sync, 'damaged');
  expect(await app.call('job.reset', { jobId: sync.jobId, preview: true })).toMatchObject({ problem: 'damaged' });
  await held(sync, 'damaged');
});

test('a job that matches or fills otherwise than when it agreed holds its run; other rules of it do not', async () => {
  const sync = await agreed('other');
  const job = await app.call('job.get', { jobId: sync.jobId });
  const own = (yaml: string) => yaml.replace(/^ {2}path: .*$/m, '  path: other.csv');
  await rewriteJob(app, job, (yaml) => `${own(yaml)}guards: { shrunkPercent: 50 }\n`);
  expect(await sync.run()).toMatchObject({ counts: { updated: 1 } });
  await rewriteJob(app, job, (yaml) => own(yaml).replace('blankValues: leave', 'blankValues: clear'));
  await held(sync, 'mapping');
});

test('what a reset forgets is shown first; runs that are over leave nothing behind', async () => {
  const sync = await agreed('peek');
  await sync.run();
  expect(await app.call('job.reset', { jobId: sync.jobId, preview: true })).toMatchObject({
    problem: null,
    runs: 2,
    records: 2,
    waiting: 0,
    gone: 0,
  });
  await app.call('run.prepare', { jobId: sync.jobId, dry: true });
  expect(await sync.run()).toMatchObject({ sync: { whole: false, keys: 0 } });
  expect((await readdir(join(app.data, 'sync', sync.jobId))).filter((name) => !name.startsWith('state.'))).toEqual([]);
  await app.call('job.remove', { jobId: sync.jobId });
  expect(await readdir(join(app.data, 'sync'))).not.toContain(sync.jobId);
});

test('a job whose rows don’t name their records is no sync', async () => {
  const sync = await syncOfAccounts(bench, 'nokey', ['nokey-1,One,1'], 'sync: {}\nresembling: { then: skip }');
  await expect(sync.prepare()).rejects.toMatchObject({ failure: { code: 'NOT_SUPPORTED' } });
});
