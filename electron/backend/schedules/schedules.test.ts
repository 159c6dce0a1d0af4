import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Job } from '../../../shared/domain/job.ts';
import type { JobSchedule } from '../../../shared/domain/job-schedule.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { recordsOf } from '../test-support/org-records.ts';
import { accountsFile, loadRun, rewriteJob, saveAccountsJob, writesOf } from '../test-support/saved-job.ts';
import { startBackend, startPracticeOrg, type TestBackend } from '../test-support/start-backend.ts';

/** Jobs that run by themselves, from their schedules to records of the practice org. The clock is set, and nobody waits for it. */

const org = await startPracticeOrg(['--records', '5']);
const records = recordsOf(org);
let now = Date.parse('2026-06-01T12:00:00Z');
const clock = { now: () => now, faster: 1000 };
const app = await startBackend(org, clock);
afterAll(async () => {
  await app.close();
  org.stop();
});
const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
const setTo = (text: string) => void (now = Date.parse(text));
const { signal } = new AbortController();

const due = async (of: TestBackend = app) =>
  (await of.backend.runDue(signal)).map(({ job, run, failure }) => ({
    name: job.definition.name,
    state: run?.state,
    run,
    failure,
  }));
const NIGHTLY: JobSchedule = { kind: 'nightly', at: '02:30', zone: 'UTC' };

/** A job of accounts that nobody runs, with its file. */
async function saved(name: string, schedule: JobSchedule, rows: readonly string[]) {
  const file = accountsFile(app.data, name);
  await file.write(rows);
  const job = await saveAccountsJob(app, orgId, { name, path: file.path });
  await app.call('schedule.set', { jobId: job.jobId, schedule });
  return { job, ...file };
}
const remove = ({ job }: { job: Job }) => app.call('job.remove', { jobId: job.jobId });
const standing = async (name: string) => (await app.call('schedule.list', {})).find((one) => one.name === name);
const loaded = { kind: 'ended', how: 'loaded' };

test('a job runs at its time, and once; who looks afterwards, in this process or another, does not run it again', async () => {
  setTo('2026-06-01T12:00:00Z');
  const one = await saved('Nightly', NIGHTLY, ['night-1,One,1']);
  expect(await standing('Nightly')).toMatchObject({ next: Date.parse('2026-06-02T02:30:00Z'), problem: null });
  expect(await due()).toEqual([]);
  setTo('2026-06-02T02:30:00Z');
  const [first, ...more] = await due();
  expect(more).toEqual([]);
  expect(first).toMatchObject({ name: 'Nightly', state: loaded, run: { by: 'schedule', counts: { created: 1 } } });
  expect(await due()).toEqual([]);
  const other = await startBackend(org, { ...clock, data: app.data });
  expect(await due(other)).toEqual([]);
  // Nobody was there for two nights: it runs once, in whichever process looks first.
  setTo('2026-06-05T09:00:00Z');
  await other.call('orgs.signIn', { target: { kind: 'practice' } });
  const both = await Promise.all([due(), due(other)]);
  expect(both.flat().map(({ state }) => state)).toEqual([{ kind: 'ended', how: 'nothing-to-load' }]);
  await other.close();
  await remove(one);
}, 60_000);

test('a job that is due while somebody runs it waits for that, and runs once then', async () => {
  setTo('2026-06-01T12:00:00Z');
  const one = await saved('Busy', NIGHTLY, ['busy-1,One,1']);
  const other = await startBackend(org, { ...clock, data: app.data });
  const { orgId: signedIn } = await other.call('orgs.signIn', { target: { kind: 'practice' } });
  const { run } = await other.call('run.prepare', { jobId: one.job.jobId, dry: false, orgId: signedIn });
  setTo('2026-06-02T02:30:00Z');
  // More looks than a job is tried for.
  for (let look = 0; look < 4; look++) expect(await due()).toEqual([]);
  await loadRun(other, run);
  await other.close();
  expect(await due()).toMatchObject([{ name: 'Busy', state: { kind: 'ended', how: 'nothing-to-load' } }]);
  await remove(one);
}, 60_000);

test('what was due while a job was paused is passed over, and said', async () => {
  setTo('2026-06-01T12:00:00Z');
  const one = await saved('Paused', NIGHTLY, ['paused-1,One,1']);
  const { jobId } = one.job;
  await app.call('job.pause', { jobId });
  setTo('2026-06-03T02:31:00Z');
  const before = await writesOf(org);
  expect(await due()).toEqual([]);
  expect(await standing('Paused')).toMatchObject({ skipped: { why: 'paused', times: 2 } });
  // Nobody looks in the third night.
  setTo('2026-06-04T09:00:00Z');
  await app.call('job.resume', { jobId });
  expect(await due()).toEqual([]);
  expect(await writesOf(org)).toBe(before);
  setTo('2026-06-05T02:30:00Z');
  expect(await due()).toMatchObject([{ name: 'Paused', state: loaded }]);
  await remove(one);
}, 60_000);

test('what is held stays held, by night as by day; a run that fails is a failed run', async () => {
  setTo('2026-06-01T12:00:00Z');
  const rows = Array.from({ length: 10 }, (_none, n) => `shrink-${n},Name ${n},${n}`);
  const one = await saved('Shrinks', NIGHTLY, rows);
  setTo('2026-06-02T02:30:00Z');
  expect(await due()).toMatchObject([{ state: loaded }]);
  await one.write(rows.slice(0, 3));
  setTo('2026-06-03T02:30:00Z');
  const before = await writesOf(org);
  expect(await due()).toMatchObject([{ state: { kind: 'held', holds: [{ code: 'SOURCE_SHRUNK' }] } }]);
  expect(await writesOf(org)).toBe(before);
  await rm(one.path);
  setTo('2026-06-04T02:30:00Z');
  const gone = { code: 'FILE_UNREADABLE', reason: 'ENOENT' };
  expect(await due()).toMatchObject([{ state: { kind: 'failed', failure: gone }, failure: gone }]);
  expect(await due()).toEqual([]);
  await remove(one);
}, 60_000);

test('a job runs after each run of another that went well, and after no other; jobs in a circle never run', async () => {
  setTo('2026-06-01T12:00:00Z');
  const first = await saved('First', NIGHTLY, ['first-1,One,1']);
  const second = await saved('Second', { kind: 'after', job: 'first' }, ['second-1,One,1']);
  setTo('2026-06-02T02:30:00Z');
  expect((await due()).map(({ name }) => name)).toEqual(['First', 'Second']);
  expect(await due()).toEqual([]);
  await rm(first.path);
  setTo('2026-06-03T02:30:00Z');
  expect((await due()).map(({ name }) => name)).toEqual(['First']);
  await app.call('schedule.set', { jobId: first.job.jobId, schedule: { kind: 'after', job: 'Second' } });
  expect(await standing('First')).toMatchObject({ problem: 'circle' });
  expect(await due()).toEqual([]);
  await remove(first);
  expect(await standing('Second')).toMatchObject({ problem: 'no-such-job' });
  await remove(second);
}, 60_000);

test('files that arrive are loaded once they are whole, and moved by what came of them', async () => {
  const folder = join(app.data, 'arriving');
  await mkdir(folder);
  const file = accountsFile(app.data, 'sample');
  await file.write(['arrive-0,Sample,1']);
  const made = await saveAccountsJob(app, orgId, { name: 'Arriving', path: file.path });
  const source = { kind: 'folder', folder, pattern: '*.csv', take: 'all' };
  const schedule = { kind: 'watch', move: true, settleSeconds: 1 };
  const job = await rewriteJob(app, made, (yaml) =>
    yaml.replace(
      /^source:\n( {2}.*\n)+/m,
      `source: ${JSON.stringify(source)}\nschedule: ${JSON.stringify(schedule)}\nguards: { shrunkPercent: null }\n`,
    ),
  );
  const put = (name: string, rows: readonly string[], header = 'ERP Id,Account Name,Phone') =>
    writeFile(join(folder, name), `${header}\n${rows.join('\n')}\n`);
  expect(await due()).toEqual([]);
  await put('one.csv', ['arrive-1,One,1']);
  await put('~$two.csv', ['arrive-2,Two,1']);
  expect(await due()).toMatchObject([{ state: loaded, run: { counts: { created: 1 } } }]);
  expect((await readdir(folder)).sort()).toEqual(['done', '~$two.csv']);
  expect(await readdir(join(folder, 'done'))).toEqual(['one.csv']);
  // Of a file that the job does not fit, a person decides: it stays until then.
  await put('three.csv', ['arrive-3,Three'], 'ERP Id,Account Name');
  const [held] = await due();
  expect(held).toMatchObject({ state: { kind: 'held', holds: [{ code: 'COLUMN_GONE' }] } });
  expect(await due()).toEqual([]);
  expect(await readdir(folder)).toContain('three.csv');
  await app.call('run.reject', { runId: (held?.run as Run).runId });
  await expect.poll(() => readdir(folder)).toEqual(expect.not.arrayContaining(['three.csv']));
  expect(await readdir(join(folder, 'failed'))).toEqual(['three.csv']);
  // One that can't be read has failed.
  await put('four.csv', ['"arrive-4,Four,1']);
  expect(await due()).toMatchObject([{ failure: { code: 'FILE_QUOTE_NEVER_CLOSED' } }]);
  await expect.poll(() => readdir(join(folder, 'failed'))).toHaveLength(2);
  expect(await records.query("SELECT Id FROM Account WHERE ERP_Id__c LIKE 'arrive-%'")).toHaveLength(1);
  await remove({ job });
}, 60_000);

test('what a process was killed in the middle of is due still, and given up after three times', async () => {
  setTo('2026-06-01T12:00:00Z');
  const one = await saved('Killed', NIGHTLY, ['killed-1,One,1']);
  setTo('2026-06-02T02:30:00Z');
  const path = join(app.data, 'schedules', `${one.job.jobId}.json`);
  const state = {
    kind: 'longshore-schedule-state',
    version: 1,
    value: {
      jobId: one.job.jobId,
      schedule: JSON.stringify(NIGHTLY),
      last: Date.parse('2026-06-01T12:00:00Z'),
      files: null,
      trying: { at: now, tries: 3 },
      skipped: null,
      failure: null,
    },
  };
  await writeFile(path, JSON.stringify(state));
  expect(await due()).toEqual([]);
  expect(await standing('Killed')).toMatchObject({ skipped: { why: 'given-up' } });
  state.value.trying.tries = 2;
  await writeFile(path, JSON.stringify(state));
  expect(await due()).toMatchObject([{ name: 'Killed', state: loaded }]);
  await remove(one);
}, 60_000);

test('an open app runs what is due by itself, and is told when something changes', async () => {
  setTo('2026-06-01T12:00:00Z');
  const one = await saved('Open', NIGHTLY, ['open-1,One,1']);
  app.backend.startSchedules();
  const ended = app.waitFor((event) =>
    event.topic === 'run' && event.run.jobName === 'Open' && event.run.state.kind === 'ended' ? event.run : null,
  );
  setTo('2026-06-02T02:30:00Z');
  expect(await ended).toMatchObject({ by: 'schedule', counts: { created: 1 } });
  await remove(one);
}, 60_000);
