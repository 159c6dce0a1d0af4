import { afterAll, afterEach, expect, test } from 'vitest';
import type { JobSchedule } from '../../../shared/domain/job-schedule.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { accountsFile, saveAccountsJob } from '../test-support/saved-job.ts';
import { startBackend, startPracticeOrg } from '../test-support/start-backend.ts';

/** Jobs that are due while a load of theirs is paused. */

const org = await startPracticeOrg(['--records', '5']);
let now = Date.parse('2026-06-01T12:00:00Z');
const app = await startBackend(org, { now: () => now, faster: 1000 });
afterAll(async () => {
  await app.close();
  org.stop();
});
afterEach(async () => {
  await org.admin('PATCH', '/knobs', { rowsPerSecond: 0 });
  await org.faults([]);
});
const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
const due = async () => (await app.backend.runDue(new AbortController().signal)).map(({ run }) => run);
const NIGHTLY: JobSchedule = { kind: 'nightly', at: '02:30', zone: 'UTC' };

async function nightly(name: string, rows: number) {
  now = Date.parse('2026-06-01T12:00:00Z');
  const file = accountsFile(app.data, name);
  await file.write(Array.from({ length: rows }, (_none, n) => `${name}-${n},Name ${n},${n}`));
  const { jobId } = await saveAccountsJob(app, orgId, { name, path: file.path });
  await app.call('schedule.set', { jobId, schedule: NIGHTLY });
  return jobId;
}
const underWay = () =>
  app.waitFor((event) =>
    event.topic === 'load' && event.load.state.kind === 'running' && (event.load.jobs[0]?.processed ?? 0) > 0
      ? event.load
      : null,
  );
const stateOf = async ({ loadId }: LoadSnapshot) => (await app.call('load.get', { loadId })).state;

test('a load that a person paused is not resumed by a schedule; the job is due until its load has ended', async () => {
  const jobId = await nightly('person', 1000);
  await org.admin('PATCH', '/knobs', { rowsPerSecond: 600 });
  const { run } = await app.call('run.prepare', { jobId, dry: false });
  if (!run.plan) throw new Error('no plan');
  const begun = underWay();
  const { load } = await app.call('run.load', { runId: run.runId, planDigest: run.plan.planDigest });
  await begun;
  await app.call('load.pause', { loadId: load.loadId });
  await org.admin('PATCH', '/knobs', { rowsPerSecond: 0 });
  now = Date.parse('2026-06-02T02:30:00Z');
  // More looks than a job is tried for.
  for (let look = 0; look < 4; look++) expect(await due()).toEqual([]);
  expect(await stateOf(load)).toEqual({ kind: 'paused', failure: { code: 'LOAD_PAUSED' } });
  await app.call('load.resume', { loadId: load.loadId });
  expect((await app.finished(load.loadId)).counts).toMatchObject({ created: 1000 });
  expect(await due()).toMatchObject([{ by: 'schedule', state: { kind: 'ended', how: 'nothing-to-load' } }]);
  await app.call('job.remove', { jobId });
}, 60_000);

const REFUSED = {
  method: 'POST',
  path: 'jobs/ingest',
  times: 99,
  action: {
    kind: 'status',
    status: 403,
    errorCode: 'REQUEST_LIMIT_EXCEEDED',
    message: 'TotalRequests Limit exceeded.',
  },
};
const standing = async (name: string) => (await app.call('schedule.list', {})).find((one) => one.name === name);

test('a load that pauses by itself leaves its job due, which is said; it is gone on with after a while', async () => {
  const jobId = await nightly('stalls', 10);
  await org.faults([REFUSED]);
  now = Date.parse('2026-06-02T02:30:00Z');
  expect(await due()).toEqual([]);
  const { last } = (await standing('stalls')) ?? {};
  expect(last).toBeLessThan(now);
  expect(await standing('stalls')).toMatchObject({ failure: { code: 'ORG_API_LIMIT' } });
  await org.faults([]);
  now += 4 * 60_000;
  expect(await due()).toEqual([]);
  now += 60_000;
  expect(await due()).toMatchObject([{ state: { kind: 'ended', how: 'same-rows' } }]);
  const { runs } = await app.call('run.list', { jobId });
  expect(runs.map(({ counts }) => counts?.created ?? null)).toContain(10);
  expect(await standing('stalls')).toMatchObject({ last: Date.parse('2026-06-02T02:30:00Z'), failure: null });
  await app.call('job.remove', { jobId });
}, 60_000);

test('a load that stalls each time is given up', async () => {
  const jobId = await nightly('never', 10);
  await org.faults([REFUSED]);
  now = Date.parse('2026-06-02T02:30:00Z');
  for (let time = 0; time < 4; time++, now += 15 * 60_000) expect(await due()).toEqual([]);
  expect(await standing('never')).toMatchObject({
    skipped: { why: 'given-up' },
    last: Date.parse('2026-06-02T02:30Z'),
  });
  await app.call('job.remove', { jobId }).catch(() => null);
}, 60_000);

test('what Longshore was closed in the middle of is due still', async () => {
  const jobId = await nightly('closed', 1000);
  await org.admin('PATCH', '/knobs', { rowsPerSecond: 300 });
  const other = await startBackend(org, { now: () => now, faster: 1000, data: app.data });
  await other.call('orgs.signIn', { target: { kind: 'practice' } });
  now = Date.parse('2026-06-02T02:30:00Z');
  const begun = other.waitFor((event) =>
    event.topic === 'load' && (event.load.jobs[0]?.processed ?? 0) > 0 ? event.load : null,
  );
  other.backend.startSchedules();
  await begun;
  await other.close();
  await org.admin('PATCH', '/knobs', { rowsPerSecond: 0 });
  expect((await standing('closed'))?.last).toBeLessThan(now);
  expect(await due()).toMatchObject([{ state: { kind: 'ended', how: 'same-rows' } }]);
  await app.call('job.remove', { jobId });
}, 60_000);
