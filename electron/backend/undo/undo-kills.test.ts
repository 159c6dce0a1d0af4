import { writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LoadWay } from '../../../shared/domain/load-way.ts';
import type { LoadId, PlanId } from '../../../shared/domain/ids.ts';
import { totalOf, type LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { ACCOUNT_PHONES } from '../test-support/account-phones.ts';
import { Lane } from '../test-support/load-model/lane.ts';

/**
 * R28 for an undo that keeps what somebody changed just before it writes: killed when its journal has come to each step, and resumed, it
 * keeps the same rows and says the same of them, sets every other one back, and leaves no job open.
 */

let lane: Lane;
beforeAll(async () => {
  lane = await Lane.start();
});
afterAll(() => lane.stop());

const ROWS = 6;
/** Places of the records that somebody else changes. */
const THEIRS = [1, 4];
const KEPT =
  /^Longshore: kept, because the record changed since the plan was made, last on \d{4}-\d\d-\d\dT[\d:]+Z by \S.*$/;

const PHONES = ['Phone', 'ERP_Id__c'];

/** Records that a load has changed, and the plan of its undo, which goes one way in jobs of about three rows. */
async function planned(way: LoadWay): Promise<{ planId: PlanId; ids: string[]; start: () => Promise<unknown> }> {
  const run = await lane.next();
  const keys = Array.from({ length: ROWS }, (_none, n) => `${run}-${n}`);
  const ids = await lane.org.create(
    'Account',
    keys.map((key) => ({ Name: run, ERP_Id__c: key, Phone: 'old' })),
  );
  await lane.app.must('settings.change', { jobMegabytes: 100 / 1024 / 1024, jobsAtOnce: 2 });
  const path = lane.file(`${run}.csv`);
  await writeFile(path, ['Key,Name,Phone', ...keys.map((key) => `${key},${run},new`), ''].join('\n'));
  const loaded = await lane.app.stage(path);
  const plan = await lane.app.must('plan.build', {
    orgId: lane.orgId,
    sourceId: loaded.sourceId,
    mapping: { ...ACCOUNT_PHONES, policies: { way: 'bulk' } },
  });
  const { loadId } = await lane.app.must('load.start', { planId: plan.planId, planDigest: plan.planDigest });
  expect((await lane.app.settled(loadId, 10_000))?.counts).toMatchObject({ updated: ROWS });
  // Stamps have whole seconds, and a condition has nothing else: what is found changed was changed in a later one.
  const ended = Date.now();
  if (way === 'collections')
    await expect.poll(() => Date.now() - ended, { timeout: 5000, interval: 50 }).toBeGreaterThan(1100);
  const { sourceId, choice, mapping } = await lane.app.must('undo.prepare', { loadId, what: 'set-back' });
  await lane.app.opened(sourceId, choice);
  const undo = await lane.app.must('plan.build', {
    orgId: lane.orgId,
    sourceId,
    mapping: { ...mapping, policies: { ...mapping.policies, way } },
  });
  expect(undo.counts).toMatchObject({ update: ROWS });
  const { planId, planDigest } = undo;
  return { planId, ids, start: () => lane.app.call('load.start', { planId, planDigest }).catch(() => null) };
}

async function found(planId: PlanId): Promise<LoadSnapshot> {
  const load = (await lane.app.must('load.list', {})).find((one) => one.planId === planId);
  if (!load) throw new Error('the undo is not known any more');
  return load;
}

/** Goes on with a load until it is killed or has ended. */
async function goOn(loadId: LoadId): Promise<void> {
  const resumed = await lane.app.call('load.resume', { loadId }).catch(() => null);
  if (resumed?.ok) await lane.app.settled(loadId, 10_000);
}

async function keptRows(loadId: LoadId): Promise<{ row: number; error: string }[]> {
  const kinds = ['leftOut' as const];
  const page = await lane.app.must('report.page', { loadId, kinds, offset: 0, limit: 100 });
  return page.rows.map(({ row, error }) => ({ row, error }));
}

async function openJobs(): Promise<unknown[]> {
  return (await lane.org.jobs()).filter(({ state }) => !['JobComplete', 'Failed', 'Aborted'].includes(state));
}

test.each<[way: LoadWay, step: string, nth: number, unsure: number]>([
  // In two jobs of which each has a record that somebody has changed.
  ['bulk', 'UPLOADED', 1, 0],
  ['bulk', 'DISCARDED', 1, 0],
  ['bulk', 'ABORTED', 2, 0],
  ['bulk', 'KEPT', 1, 0],
  ['bulk', 'CLOSING', 1, 0],
  ['bulk', 'FINISHED', 1, 0],
  ['bulk-1', 'DISCARDED', 1, 0],
  ['bulk-1', 'KEPT', 1, 0],
  // One record a request: the answer of the one under way is lost, and whether theirs came before or after it can't be told.
  ['collections', 'SENDING', 2, 1],
  ['collections', 'ANSWERED', 2, 1],
  ['collections', 'SETTLED', 1, 0],
])('an undo (%s) killed at %s, for the %i. time, keeps the same rows', async (way, step, nth, unsure) => {
  const { planId, ids, start } = await planned(way);
  // Its plan holds when it is begun; then somebody is faster.
  await lane.app.killAt(`loads/${planId}`, 'PLANNED', 1, 0);
  await start();
  await lane.restart();
  const theirs = ids.filter((_id, place) => THEIRS.includes(place));
  await lane.org.change(
    'Account',
    theirs.map((Id) => ({ Id, Phone: 'theirs' })),
  );
  const { loadId } = await found(planId);
  await lane.app.killAt(`loads/${planId}`, step, nth, 0);
  await goOn(loadId);
  // The step was there so often, or this would prove nothing.
  await expect.poll(() => lane.app.gone, { timeout: 5000, interval: 20 }).toBe(true);
  await lane.restart();
  if ((await found(planId)).state.kind !== 'finished') await goOn(loadId);
  const end = await found(planId);
  expect(end.state).toEqual({ kind: 'finished', cancelled: false });
  expect(totalOf(end.counts)).toBe(ROWS);
  expect(end.counts.unknown).toBeLessThanOrEqual(unsure);
  expect(end.counts.updated + end.counts.leftOut + end.counts.unknown).toBe(ROWS);
  const kept = await keptRows(loadId);
  for (const { error } of kept) expect(error).toMatch(KEPT);
  const org = await lane.org.snapshot('Account', PHONES);
  const phones = ids.map((id) => org.get(id)?.['Phone']);
  expect(phones).toEqual(ids.map((id) => (theirs.includes(id) ? 'theirs' : 'old')));
  if (end.counts.unknown === 0) expect(kept.map(({ row }) => row)).toEqual(THEIRS.map((place) => place + 1));
  expect(await openJobs()).toEqual([]);
});
