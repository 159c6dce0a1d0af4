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
