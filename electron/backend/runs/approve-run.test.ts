import { expect, test } from 'vitest';
import { BackendEvent } from '../../../shared/contract/events.ts';
import { Digest, PlanId, SourceRowNumber } from '../../../shared/domain/ids.ts';
import type { Job } from '../../../shared/domain/job.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { recordsOf } from '../test-support/org-records.ts';
import { accountsFile, loadRun, rewriteJob, saveAccountsJob, writesOf } from '../test-support/saved-job.ts';
import { startBackend } from '../test-support/start-backend.ts';
import { startBench } from '../test-support/start-bench.ts';

const settings = new Map<string, unknown>();
const { org, app, orgId } = await startBench(['--records', '5'], { settings });
const records = recordsOf(org);
let made = 0;

/** A job whose run is held: the field that it fills was of another type when it was saved. */
async function heldJob(name: string, rows = [`${name}-1,One,+49 1`, `${name}-2,Two,+49 2`]) {
  const file = accountsFile(app.data, name);
  await file.write(rows);
  const saved = await saveAccountsJob(app, orgId, { name, path: file.path });
  const job = await rewriteJob(app, saved, (yaml) => yaml.replace('type: phone', 'type: string'));
  const { run } = await app.call('run.prepare', { jobId: job.jobId, dry: false });
  expect(run.state).toMatchObject({ kind: 'held', holds: [{ code: 'FIELD_RETYPED' }] });
  return { job, run, file };
}

const approve = async ({ runId, plan }: Run) =>
  (await app.call('run.approve', { runId, planDigest: Digest.parse(plan?.planDigest) })).run;
const named = async (name: string) =>
  (await records.query(`SELECT Id FROM Account WHERE ERP_Id__c LIKE '${name}-%'`)).length;

test('an approved run loads what was held, and nothing was written before', async () => {
  const before = await writesOf(org);
  const { run } = await heldJob('Plain');
  const approved = await approve(run);
  expect(approved).toMatchObject({ state: { kind: 'planned' }, approved: { holds: [{ code: 'FIELD_RETYPED' }] } });
  expect(await writesOf(org)).toBe(before);
  const ended = await loadRun(app, approved);
  expect(ended).toMatchObject({ state: { kind: 'ended', how: 'loaded' }, counts: { created: 2 } });
  expect(await named('Plain')).toBe(2);
  await expect(approve(run)).rejects.toMatchObject({ failure: { code: 'RUN_NOT_HELD', why: 'not-held' } });
});

test('each state of a run is told, in its order, once it is on disk', async () => {
  const from = app.events.length;
  const { run } = await heldJob('Told');
  await loadRun(app, await approve(run));
  const told = app.events.slice(from).flatMap((event) => {
    const { topic, ...given } = BackendEvent.parse(event);
    return topic === 'run' && 'run' in given && given.run.runId === run.runId ? [given.run.state] : [];
  });
  const kinds = told.map((state) => (state.kind === 'preparing' ? state.step : state.kind));
  expect(kinds.filter((kind, at) => kind !== kinds[at - 1])).toEqual([
    'reading',
    'fitting',
    'checking',
    'planning',
    'held',
    'planned',
    'loading',
    'ended',
  ]);
});

test.each<[string, (held: { job: Job; run: Run; file: ReturnType<typeof accountsFile> }) => Promise<unknown>]>([
  ['job', ({ job }) => rewriteJob(app, job, (yaml) => yaml)],
  ['file', ({ file }) => file.write(['file-1,Other,+49 9'])],
  [
    'records',
    // Created by somebody else meanwhile: what the plan would create is there.
    ({ job }) => records.create('Account', { Name: 'Mine', ERP_Id__c: `${job.definition.name}-1` }),
  ],
  [
    'fields',
    () =>
      org.faults([
        {
          path: '/sobjects/Account/describe',
          times: 1,
          action: { kind: 'remove-field', object: 'Account', field: 'Rating' },
        },
      ]),
  ],
  ['plan', ({ run }) => app.call('plan.forget', { planId: PlanId.parse(run.plan?.planId) })],
  [
    'plan',
    async ({ run }) => {
      const planId = PlanId.parse(run.plan?.planId);
      await app.call('plan.reopen', { planId });
      await app.call('plan.leaveOut', {
        planId,
        of: { rows: [SourceRowNumber.parse(1)] },
        field: null,
        takeBack: false,
      });
    },
  ],
])('what was held is held anew where its %s changed since', async (what, change) => {
  const held = await heldJob(`${what}${++made}`);
  await change(held);
  const before = await writesOf(org);
  const again = await approve(held.run);
  expect(again.runId).not.toBe(held.run.runId);
  expect(again.state).toMatchObject({
    kind: 'held',
    holds: [{ code: 'CHANGED_SINCE', what }, { code: 'FIELD_RETYPED' }],
  });
  expect(await writesOf(org)).toBe(before);
  expect((await app.call('run.get', { runId: held.run.runId })).state).toMatchObject({
    kind: 'rejected',
    why: 'later-run',
  });
  // As it is now it may be approved, too.
  expect(await loadRun(app, await approve(again))).toMatchObject({ state: { kind: 'ended', how: 'loaded' } });
});

test('rows that were inserted meanwhile are not inserted twice', async () => {
  const file = accountsFile(app.data, 'Twice');
  // Nothing keeps the org from having it twice.
  await file.write([',Twice,+49 1']);
  const job = await saveAccountsJob(app, orgId, { name: 'Twice', path: file.path, operation: 'insert' });
  const { jobId } = await rewriteJob(app, job, (yaml) => yaml.replace('type: phone', 'type: string'));
  const { run } = await app.call('run.prepare', { jobId, dry: false });
  const { sourceId } = await app.stage(file.path);
  const { misfits: _none, ...mapping } = await app.call('mapping.suggest', {
    orgId,
    sourceId,
    objectName: 'Account',
    operation: 'insert',
    useSaved: true,
  });
  const { planId, planDigest } = await app.call('plan.build', { orgId, sourceId, mapping });
  await app.finished((await app.call('load.start', { planId, planDigest })).loadId);
  const again = await approve(run);
  expect(again.state).toMatchObject({
    holds: [{ what: 'loads' }, { code: 'FIELD_RETYPED' }, { code: 'LOADED_BEFORE' }],
  });
  expect(await records.query("SELECT Id FROM Account WHERE Name = 'Twice'")).toHaveLength(1);
  // A yes is a yes.
  await loadRun(app, await approve(again));
  expect(await records.query("SELECT Id FROM Account WHERE Name = 'Twice'")).toHaveLength(2);
});

test('what is rejected, or overtaken by a later run, is not loaded any more; one without a plan can’t be approved', async () => {
  const { job, run, file } = await heldJob('Gone');
  const later = (await app.call('run.prepare', { jobId: job.jobId, dry: false })).run;
  expect((await app.call('run.get', { runId: run.runId })).state).toMatchObject({ kind: 'rejected', why: 'later-run' });
  await expect(approve(run)).rejects.toMatchObject({ failure: { code: 'RUN_NOT_HELD' } });
  expect((await app.call('run.reject', { runId: later.runId })).state).toMatchObject({
    kind: 'rejected',
    why: 'person',
  });
  await expect(app.call('run.reject', { runId: later.runId })).rejects.toMatchObject({
    failure: { code: 'RUN_NOT_HELD' },
  });
  const waiting = (await app.call('plan.list', {})).map(({ planId }) => planId);
  for (const { plan } of [run, later]) expect(waiting).not.toContain(plan?.planId);
  await file.write(['Gone-1,One,+49 1']);
  const unfit = await rewriteJob(app, job, (yaml) => yaml.replace('column: Phone', 'column: Telephone'));
  const held = (await app.call('run.prepare', { jobId: unfit.jobId, dry: false })).run;
  expect(held).toMatchObject({ state: { holds: [{ code: 'COLUMN_GONE' }, { code: 'FIELD_RETYPED' }] }, plan: null });
  await expect(
    app.call('run.approve', { runId: held.runId, planDigest: Digest.parse('0'.repeat(64)) }),
  ).rejects.toMatchObject({
    failure: { code: 'RUN_NOT_HELD', why: 'no-plan' },
  });
  expect(await named('Gone')).toBe(0);
});

test('an approved run that may not load yet is held as before; another process can approve it', async () => {
  const { run } = await heldJob('Later');
  await app.call('org.setReadOnly', { orgId, readOnly: true });
  const approved = await approve(run);
  await expect(loadRun(app, approved)).rejects.toMatchObject({ failure: { code: 'ORG_READ_ONLY' } });
  await app.call('org.setReadOnly', { orgId, readOnly: false });
  expect(await app.call('run.get', { runId: run.runId })).toMatchObject({ state: { kind: 'held' }, approved: null });
  const other = await startBackend(org, { data: app.data, settings });
  try {
    await other.call('orgs.signIn', { target: { kind: 'practice' } });
    const { run: there } = await other.call('run.approve', {
      runId: run.runId,
      planDigest: Digest.parse(approved.plan?.planDigest),
    });
    expect(there.state.kind).toBe('planned');
    // While it is to be loaded there, it is nobody else's.
    await expect(approve(run)).rejects.toMatchObject({ failure: { code: 'JOB_RUNNING' } });
    expect(await loadRun(other, there)).toMatchObject({ state: { how: 'loaded' }, counts: { created: 2 } });
  } finally {
    await other.close();
  }
  expect(await named('Later')).toBe(2);
});
