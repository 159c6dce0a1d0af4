import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import type { JobId } from '../../../shared/domain/ids.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { Lane } from '../test-support/load-model/lane.ts';
import { to } from '../test-support/small-plan.ts';

/** A run whose process is killed once each of its states is on disk: told or continued by the next one, and no row is there twice. */

let lane: Lane;
beforeAll(async () => {
  lane = await Lane.start();
});
afterAll(() => lane.stop());

const ROWS = 5;

/** A job that inserts rows of a name of their own, which nothing finds again: what is sent twice is there twice. */
async function saved(): Promise<{ jobId: JobId; name: string }> {
  const name = await lane.next();
  const path = lane.file(`${name}.csv`);
  await writeFile(path, `Name\n${Array.from({ length: ROWS }, (_, n) => `${name} ${n}`).join('\n')}\n`);
  const { orgId, app } = lane;
  const { sourceId } = await app.stage(path);
  const mapping = {
    objectName: 'Account',
    operation: 'insert' as const,
    matchField: null,
    columns: [newColumn(0, to('Name'))],
    blankValues: 'leave' as const,
    duplicateKeys: 'ask' as const,
    policies: { way: 'bulk' as const },
  };
  const from = { kind: 'source' as const, orgId, sourceId, mapping };
  const { job } = await app.must('job.save', { name, from, replace: false });
  return { jobId: job.jobId, name };
}

async function inOrg(name: string): Promise<number> {
  const made = await lane.org.snapshot('Account', ['Name']);
  return [...made.values()].filter((one) => String(one['Name']).startsWith(`${name} `)).length;
}

const prepared = async (jobId: JobId): Promise<Run> => (await lane.app.must('run.prepare', { jobId, dry: false })).run;
/** How its runs stand. The clock of a process goes ahead of that of the one before: their order tells nothing. */
const standsOf = async (jobId: JobId): Promise<string[]> =>
  (await lane.app.must('run.list', { jobId })).runs
    .map(({ state }) => (state.kind === 'ended' ? state.how : state.kind))
    .toSorted();

async function load({ runId, plan }: Run): Promise<void> {
  if (!plan) throw new Error('the run has no plan');
  const { load: started } = await lane.app.must('run.load', { runId, planDigest: plan.planDigest });
  await lane.app.settled(started.loadId, 10_000);
}

async function approve({ runId, plan }: Run): Promise<Run> {
  if (!plan) throw new Error('the run has no plan');
  return (await lane.app.must('run.approve', { runId, planDigest: plan.planDigest })).run;
}

/** Does what ends with the process, and starts it again. */
async function killed(work: Promise<unknown>): Promise<void> {
  await work.catch(() => undefined);
  await lane.app.ended;
  await lane.restart();
}

/** The job's next run, to its end: a load that was interrupted is continued first. */
async function runToEnd(jobId: JobId): Promise<void> {
  const run = await prepared(jobId);
  if (run.state.kind !== 'loading') return load(run);
  const loadId = run.loadId;
  if (loadId === null) throw new Error('a run that loads has no load');
  await lane.app.must('load.resume', { loadId });
  await lane.app.settled(loadId, 10_000);
}

test.each<[state: string, nth: number, runs: string[]]>([
  ['reading', 1, ['interrupted', 'loaded']],
  ['fitting', 1, ['interrupted', 'loaded']],
  ['checking', 1, ['interrupted', 'loaded']],
  ['planning', 1, ['interrupted', 'loaded']],
  ['planned', 1, ['interrupted', 'loaded']],
  ['loading', 1, ['interrupted', 'loaded']],
  ['loading', 2, ['loaded']],
])('killed at %s, for the %i. time', async (state, nth, expected) => {
  const { jobId, name } = await saved();
  await lane.app.killAtRun(state, nth);
  await killed(prepared(jobId).then(load));
  // What is to be continued first is no time to look what a run would do.
  if (expected.length === 1)
    expect(await lane.app.call('run.prepare', { jobId, dry: true })).toMatchObject({
      failure: { code: 'RUN_OPEN', name },
    });
  await runToEnd(jobId);
  expect(await standsOf(jobId)).toEqual(expected);
  expect(await inOrg(name)).toBe(ROWS);
});

test.each<[state: string, nth: number]>([
  ['planned', 1],
  ['loading', 1],
])('an approved run that is killed at %s is held again, with its plan', async (state, nth) => {
  const { jobId, name } = await saved();
  await runToEnd(jobId);
  const held = await prepared(jobId);
  expect(held.state).toMatchObject({ kind: 'held', holds: [{ code: 'LOADED_BEFORE' }] });
  await lane.app.killAtRun(state, nth);
  await killed(approve(held).then(load));
  expect(await inOrg(name)).toBe(ROWS);
  // Said as it stood; the yes is settled by whoever works on the job next.
  await load(await approve(held));
  expect(await standsOf(jobId)).toEqual(['loaded', 'loaded']);
  expect(await inOrg(name)).toBe(2 * ROWS);
});

test('of two processes that approve one run at once, one loads it', async () => {
  const { jobId, name } = await saved();
  await runToEnd(jobId);
  const held = await prepared(jobId);
  const asked = { runId: held.runId, planDigest: held.plan?.planDigest ?? held.runId } as never;
  const other = await lane.beside();
  try {
    const both = [lane.app, other].map(async (app) => {
      const answer = await app.call('run.approve', asked);
      if (!answer.ok || answer.value.run.state.kind !== 'planned') return answer.ok ? 'other' : answer.failure.code;
      const { run } = answer.value;
      const started = await app.must('run.load', {
        runId: run.runId,
        planDigest: run.plan?.planDigest ?? ('' as never),
      });
      await app.settled(started.load.loadId, 10_000);
      return 'loaded';
    });
    const came = (await Promise.all(both)).toSorted();
    expect(came.filter((one) => one === 'loaded')).toHaveLength(1);
    expect(['JOB_RUNNING', 'RUN_NOT_HELD']).toContain(came.find((one) => one !== 'loaded'));
  } finally {
    await other.close();
  }
  expect(await inOrg(name)).toBe(2 * ROWS);
});
