import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { JobId } from '../../../shared/domain/ids.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import type { Run } from '../../../shared/domain/run.ts';
import type { GoneRule, SyncPart } from '../../../shared/domain/sync.ts';
import { Lane } from '../test-support/load-model/lane.ts';
import { to } from '../test-support/small-plan.ts';

/** A sync's run whose process is killed once each of its phases is on disk: the next one comes to the same, and nothing is written twice. */

let lane: Lane;
beforeAll(async () => {
  lane = await Lane.start();
});
afterAll(() => lane.stop());

interface Sync {
  readonly name: string;
  readonly jobId: JobId;
  write(rows: readonly string[]): Promise<void>;
}

async function saved(gone: GoneRule = { then: 'leave' }): Promise<Sync> {
  const name = await lane.next();
  const path = lane.file(`${name}.csv`);
  const write = (rows: readonly string[]) => writeFile(path, `Key,Name,Phone\n${rows.join('\n')}\n`);
  await write([`${name}-1,One,1`, `${name}-2,Two,2`, `${name}-3,Three,3`]);
  const { sourceId } = await lane.app.stage(path);
  const mapping = {
    objectName: 'Account',
    operation: 'upsert' as const,
    matchField: 'ERP_Id__c',
    columns: ['ERP_Id__c', 'Name', 'Phone'].map((field, column) => newColumn(column, to(field))),
    blankValues: 'leave' as const,
    duplicateKeys: 'first' as const,
    policies: { way: 'bulk' as const },
  };
  const from = { kind: 'source' as const, orgId: lane.orgId, sourceId, mapping };
  const sync = { orgChanges: 'set-back' as const, gone };
  const { job } = await lane.app.must('job.save', { name, from, sync, replace: false });
  return { name, jobId: job.jobId, write };
}

/** A run to its end; a load that was interrupted is continued first. */
async function runToEnd(jobId: JobId, part?: SyncPart): Promise<void> {
  const { run } = await lane.app.must('run.prepare', { jobId, dry: false, part });
  if (run.state.kind === 'loading' && run.loadId !== null) {
    await lane.app.must('load.resume', { loadId: run.loadId });
    await lane.app.settled(run.loadId, 10_000);
    return;
  }
  await load(run);
}

async function load({ runId, plan, state }: Run): Promise<void> {
  if (!plan) return;
  const { planDigest } = plan;
  // Deletes of a small org's records are held.
  if (state.kind === 'held') return load((await lane.app.must('run.approve', { runId, planDigest })).run);
  if (state.kind !== 'planned') return;
  const { load: started } = await lane.app.must('run.load', { runId, planDigest });
  await lane.app.settled(started.loadId, 10_000);
}

const runsOf = async (jobId: JobId): Promise<Run[]> => (await lane.app.must('run.list', { jobId })).runs;

async function killed(work: Promise<unknown>): Promise<void> {
  await work.catch(() => undefined);
  await lane.app.ended;
  await lane.restart();
}

/** Accounts of the sync's keys, as their key, name, and phone. */
async function accounts({ name }: Sync): Promise<string[]> {
  const found = await lane.org.snapshot('Account', ['ERP_Id__c', 'Name', 'Phone']);
  return [...found.values()]
    .filter((one) => String(one['ERP_Id__c']).startsWith(`${name}-`))
    .map((one) => `${String(one['ERP_Id__c'])},${String(one['Name'])},${String(one['Phone'])}`)
    .sort();
}

test.each(['read-left', 'read-right', 'reconcile', 'guard', 'apply', 'confirm', 'commit', 'committed'])(
  'killed at %s',
  async (phase) => {
    const sync = await saved();
    const { jobId, name } = sync;
    await runToEnd(jobId);
    await runsOf(jobId);
    const rows = [`${name}-1,One,1`, `${name}-2,Zwei,2`, `${name}-3,Three,3`, `${name}-4,Four,4`];
    await sync.write(rows);
    const [changed] = await lane.org.query(`SELECT Id FROM Account WHERE ERP_Id__c = '${name}-3'`);
    await lane.org.change('Account', [{ Id: changed?.['Id'], Phone: '333' }]);
    await lane.app.killAtRun(`sync ${phase}`, 1);
    await killed(runToEnd(jobId).then(() => runsOf(jobId)));
    await runToEnd(jobId);
    await runsOf(jobId);
    expect(await accounts(sync)).toEqual(rows);
    // Nothing is left to be done, and it is known.
    const { run: last } = await lane.app.must('run.prepare', { jobId, dry: false });
    expect(last).toMatchObject({
      state: { kind: 'ended', how: 'nothing-to-load' },
      plan: null,
      sync: { phase: 'committed', keys: 0, left: { same: 4 } },
    });
  },
);

/** Killed in a run that deletes, once `moment` is on disk for the nth time. */
async function killedDeleting(moment: string, nth = 1): Promise<Sync> {
  const sync = await saved({ then: 'delete', afterRuns: 0, afterDays: 0 });
  const { jobId, name } = sync;
  await runToEnd(jobId);
  await runsOf(jobId);
  await sync.write([`${name}-1,One,1`, `${name}-2,Two,2`]);
  await runToEnd(jobId);
  await runsOf(jobId);
  await lane.app.killAtRun(moment, nth);
  await killed(runToEnd(jobId, 'gone').then(() => runsOf(jobId)));
  return sync;
}

test('a run that deleted, and was killed before it was written down, is over where all that was agreed is forgotten', async () => {
  const { jobId } = await killedDeleting('sync commit');
  await lane.app.must('job.reset', { jobId, preview: false });
  await runToEnd(jobId);
  const runs = await runsOf(jobId);
  expect(runs.find(({ sync }) => sync?.part === 'gone')).toMatchObject({
    state: { kind: 'ended', how: 'loaded' },
    counts: { deleted: 1 },
    sync: { phase: 'committed' },
  });
  const { run } = await lane.app.must('run.prepare', { jobId, dry: false });
  expect(run).toMatchObject({ state: { kind: 'ended' }, sync: { phase: 'committed', keys: 0, left: { same: 2 } } });
});

test('what was interrupted while it deleted is continued before anything is forgotten', async () => {
  const { jobId, name } = await killedDeleting('loading', 2);
  const failure = { code: 'RUN_OPEN', name };
  expect(await lane.app.call('job.reset', { jobId, preview: false })).toMatchObject({ failure });
  await runToEnd(jobId);
  await runsOf(jobId);
  await lane.app.must('job.reset', { jobId, preview: false });
});
