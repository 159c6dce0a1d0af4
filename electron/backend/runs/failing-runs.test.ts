import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { USUAL_GUARDS } from '../../../shared/domain/job-guards.ts';
import { Digest, LoadId, type JobId } from '../../../shared/domain/ids.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { accountsFile, loadRun, rewriteJob, saveAccountsJob, writesOf } from '../test-support/saved-job.ts';
import { startBench } from '../test-support/start-bench.ts';
import { hasFailed } from './guards/failed-runs.ts';

/** Jobs that keep failing, jobs whose load fails, and jobs that are paused. */

const { org, app, orgId } = await startBench(['--records', '5']);
const prepared = async (jobId: JobId, more: { evenPaused?: boolean; dry?: boolean } = {}): Promise<Run> =>
  (await app.call('run.prepare', { jobId, dry: false, ...more })).run;

test('after three failed runs the next one is held; a yes to it has the job go on', async () => {
  const file = accountsFile(app.data, 'failing');
  await file.write(['F-1,One,1']);
  const { jobId } = await saveAccountsJob(app, orgId, { name: 'Failing', path: file.path });
  await rm(file.path);
  for (let time = 0; time < 3; time++) await expect(prepared(jobId)).rejects.toThrow('FILE_UNREADABLE');
  await file.write(['F-1,One,1']);
  const before = await writesOf(org);
  const held = await prepared(jobId);
  expect(held.state).toEqual({ kind: 'held', holds: [{ code: 'FAILED_RUNS', runs: 3 }] });
  expect(await writesOf(org)).toBe(before);
  const planDigest = Digest.parse(held.plan?.planDigest);
  const { run } = await app.call('run.approve', { runId: held.runId, planDigest });
  expect(await loadRun(app, run)).toMatchObject({ counts: { created: 1 } });
  expect((await prepared(jobId)).state).toEqual({ kind: 'ended', how: 'nothing-to-load' });
}, 60_000);

test('a load of which more than a tenth fails stops by itself, and its run has failed; a job may let more pass', async () => {
  const path = join(app.data, 'berths.csv');
  const write = (name: string, rows: number, isTaken: (n: number) => boolean) => {
    const lines = Array.from({ length: rows }, (_none, n) => `${isTaken(n) ? 'taken' : name}-${n},Berth ${n}`);
    return writeFile(path, `Berth_Code__c,Name\n${lines.join('\n')}\n`);
  };
  await write('taken', 1200, () => true);
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName: 'Berth__c', operation: 'insert', useSaved: false } as const;
  const { misfits: _none, ...mapping } = await app.call('mapping.suggest', wanted);
  const from = {
    kind: 'source' as const,
    orgId,
    sourceId,
    mapping: { ...mapping, policies: { way: 'collections' as const } },
  };
  const { job } = await app.call('job.save', { name: 'Berths', from, replace: true });
  expect(await loadRun(app, await prepared(job.jobId))).toMatchObject({ counts: { created: 1200 } });
  // Every fifth code is taken: the org refuses those rows.
  await write('new', 1200, (n) => n % 5 === 0);
  const run = await loadRun(app, await prepared(job.jobId));
  const { notices } = await app.call('load.get', { loadId: LoadId.parse(run.loadId) });
  expect(notices).toMatchObject([{ code: 'STOPPED_BY_FAILURES' }]);
  expect(run.counts?.unprocessed).toBeGreaterThan(0);
  expect(hasFailed(run, USUAL_GUARDS)).toBe(true);
  await rewriteJob(app, job, (yaml) =>
    yaml.replace(/^source:\n( {2}.*\n)+/m, 'source: { kind: file, path: berths.csv }\nguards: { failedPercent: 25 }\n'),
  );
  await write('other', 1200, (n) => n % 5 === 0);
  const whole = await loadRun(app, await prepared(job.jobId));
  expect(whole.counts).toMatchObject({ created: 960, failed: 240, unprocessed: 0 });
}, 60_000);

test('a paused job runs only where somebody says so; what it would do may be looked at, and what it is stays as it was', async () => {
  const file = accountsFile(app.data, 'paused');
  await file.write(['P-1,One,1']);
  const { jobId, changedAt } = await saveAccountsJob(app, orgId, { name: 'Paused', path: file.path });
  const { paused } = await app.call('job.pause', { jobId });
  expect(paused).not.toBeNull();
  expect(await app.call('job.pause', { jobId })).toMatchObject({ paused, changedAt });
  await expect(prepared(jobId)).rejects.toThrow('JOB_PAUSED');
  expect((await prepared(jobId, { dry: true })).state).toEqual({ kind: 'ended', how: 'shown' });
  expect(await loadRun(app, await prepared(jobId, { evenPaused: true }))).toMatchObject({ counts: { created: 1 } });
  // Saved again it is paused still.
  await saveAccountsJob(app, orgId, { name: 'Paused', path: file.path });
  await expect(prepared(jobId)).rejects.toThrow('JOB_PAUSED');
  expect((await app.call('job.resume', { jobId })).paused).toBeNull();
  expect((await prepared(jobId)).state).toEqual({ kind: 'ended', how: 'nothing-to-load' });
}, 60_000);
