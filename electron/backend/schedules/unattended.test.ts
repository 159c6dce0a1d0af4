import { afterAll, expect, test } from 'vitest';
import type { JobSchedule } from '../../../shared/domain/job-schedule.ts';
import { runHoldText } from '../../../shared/text/job-text.ts';
import { accountsFile, loadRun, saveAccountsJob, writesOf } from '../test-support/saved-job.ts';
import { startBackend, startPracticeOrg } from '../test-support/start-backend.ts';

/** What a load into production asks of a person, where none is there. */

let now = Date.parse('2026-06-01T12:00:00Z');
const org = await startPracticeOrg(['--records', '5', '--knob', 'organizationType=Enterprise Edition']);
const app = await startBackend(org, { now: () => now, faster: 1000 });
afterAll(async () => {
  await app.close();
  org.stop();
});
// Signed in to by its address, it is what it says of itself.
const target = { kind: 'custom', loginUrl: org.url } as const;
const { orgId } = await app.call('orgs.signIn', { target, clientId: 'Longshore' });
const rows = (name: string) => Array.from({ length: 20 }, (_none, n) => `${name}-${n},Name ${n},${n}`);
const due = async () => (await app.backend.runDue(new AbortController().signal)).map(({ run }) => run);
const NIGHTLY: JobSchedule = { kind: 'nightly', at: '02:30', zone: 'UTC' };

test('a load into production is held until somebody confirms it; another org’s name is no yes', async () => {
  const file = accountsFile(app.data, 'asks');
  await file.write(rows('asks'));
  const { jobId } = await saveAccountsJob(app, orgId, { name: 'Asks', path: file.path });
  await app.call('schedule.set', { jobId, schedule: { ...NIGHTLY, confirmOrg: 'Another org' } });
  now = Date.parse('2026-06-02T02:30:00Z');
  const before = await writesOf(org);
  const [held] = await due();
  const asked = { code: 'NEEDS_CONFIRMATION' as const, org: 'Practice org', changes: 20, deletes: 0 };
  expect(held?.state).toEqual({ kind: 'held', holds: [asked] });
  expect(runHoldText(asked)).toContain('20 changes in Practice org');
  expect(await writesOf(org)).toBe(before);
  if (!held?.plan) throw new Error('no plan');
  const { runId, plan } = held;
  const { run } = await app.call('run.approve', { runId, planDigest: plan.planDigest });
  // A yes to the run is none to production: that is typed.
  await expect(loadRun(app, run)).rejects.toThrow('CONFIRMATION_NEEDED');
  const again = await app.call('run.approve', { runId, planDigest: plan.planDigest });
  const typed = { runId, planDigest: plan.planDigest, confirmation: '20' };
  expect(again.run.state).toEqual({ kind: 'planned' });
  const { load } = await app.call('run.load', typed);
  expect(await app.finished(load.loadId)).toMatchObject({ counts: { created: 20 } });
  await app.call('job.remove', { jobId });
}, 60_000);

test('a schedule that names the org loads into production', async () => {
  now = Date.parse('2026-06-03T12:00:00Z');
  const file = accountsFile(app.data, 'named');
  await file.write(rows('named'));
  const { jobId } = await saveAccountsJob(app, orgId, { name: 'Named', path: file.path });
  await app.call('schedule.set', { jobId, schedule: { ...NIGHTLY, confirmOrg: 'practice  ORG' } });
  now = Date.parse('2026-06-04T02:30:00Z');
  expect(await due()).toMatchObject([{ by: 'schedule', counts: { created: 20 } }]);
}, 60_000);
