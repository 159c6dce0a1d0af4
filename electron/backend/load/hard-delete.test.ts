import { beforeEach, expect, test } from 'vitest';
import type { Consent } from './may-start.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { HARD_DELETE, policyTexts } from '../../../shared/text/plan-text.ts';
import { cellPlans } from '../test-support/cell-plans.ts';
import { recordsOf } from '../test-support/org-records.ts';
import { startBench } from '../test-support/start-bench.ts';

/** Records that go for good: past the practice org's Recycle Bin, by jobs alone, and with a backup before. */

const { org, app, orgId: adminOrg } = await startBench(['--records', '5', '--queue-delay', '0']);
app.signInAs('integration@practice.example');
/** Of the user who has the permission “Bulk API Hard Delete”. */
const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
const records = recordsOf(org);
beforeEach(async () => {
  await org.faults([]);
  await org.admin('PATCH', '/knobs', { lockRowEvery: 0 });
});

const planOf = cellPlans(app, orgId);

async function begin({ planId, planDigest, counts }: LoadPlan, consent: Consent = {}): Promise<LoadId> {
  const confirmation = counts.delete > 0 ? `hard delete ${counts.delete}` : undefined;
  const given = confirmation === undefined ? {} : { confirmation };
  return (await app.call('load.start', { planId, planDigest, ...given, ...consent })).loadId;
}

async function accounts(name: string, rows: number): Promise<string[]> {
  const names = Array.from({ length: rows }, (_, n) => `${name} ${n}`);
  await app.finished(await begin(await planOf('insert', names)));
  return there(name);
}

const there = async (name: string) =>
  (await records.query(`SELECT Id FROM Account WHERE Name LIKE '${name} %'`)).map(({ Id }) => String(Id)).sort();
const anywhere = async (name: string) => records.query(`SELECT Id FROM Account WHERE Name LIKE '${name} %' ALL ROWS`);

test('records go past the Recycle Bin by a job, are backed up before, and only come back created again', async () => {
  const ids = await accounts('Gone', 3);
  const plan = await planOf('hardDelete', ids);
  expect(plan.counts).toMatchObject({ delete: 3 });
  expect(policyTexts(plan)[0]).toBe(HARD_DELETE);
  const before = (await org.requests()).length;
  const load = await app.finished(await begin(plan));
  expect(load).toMatchObject({ counts: { deleted: 3 }, backup: { records: 3 }, operation: 'hardDelete' });
  const asked = (await org.requests()).slice(before);
  expect(asked.filter(({ path }) => path.includes('/composite/sobjects'))).toEqual([]);
  expect(await anywhere('Gone')).toEqual([]);
  // A second plan finds nothing to delete, and an undelete nothing to bring back.
  expect((await planOf('hardDelete', ids)).counts).toMatchObject({ delete: 0, blocked: 3 });
  expect((await planOf('undelete', ids)).counts).toMatchObject({ undelete: 0, blocked: 3 });
  const { loadId } = load;
  const offer = await app.call('undo.offer', { loadId });
  expect(offer).toMatchObject({ operation: 'hardDelete', steps: [{ what: 'recreate', rows: 3 }], notUndone: [] });
  const { sourceId, choice, mapping } = await app.call('undo.prepare', { loadId, what: 'recreate' });
  await app.opened(sourceId, choice);
  const again = await app.finished(await begin(await app.call('plan.build', { orgId, sourceId, mapping })));
  expect(again.counts).toMatchObject({ created: 3, failed: 0 });
  const now = await there('Gone');
  expect(now).toHaveLength(3);
  expect(now.filter((id) => ids.includes(id))).toEqual([]);
});

test('it wants its own words typed, in any org, and nothing is sent before', async () => {
  const ids = await accounts('Asked', 2);
  const plan = await planOf('hardDelete', ids);
  const before = (await org.requests()).length;
  for (const confirmation of ['', '2', 'Practice org', 'hard delete 3'])
    await expect(begin(plan, { confirmation })).rejects.toMatchObject({
      failure: { code: 'CONFIRMATION_NEEDED', deletes: 2, wanted: 'hard delete 2' },
    });
  expect((await org.requests()).slice(before).filter(({ path }) => path.includes('/jobs/ingest'))).toEqual([]);
  expect((await app.finished(await begin(plan))).counts.deleted).toBe(2);
});

test('without the permission it is refused before anything is sent; taken away later, the org refuses the job', async () => {
  const ids = await accounts('Kept', 2);
  await expect(begin(await planOf('hardDelete', ids, adminOrg))).rejects.toMatchObject({
    failure: { code: 'HARD_DELETE_NOT_ALLOWED', org: 'Practice org' },
  });
  // An org that doesn't tell of permissions refuses the job by itself.
  const planned = await planOf('hardDelete', ids, adminOrg);
  await org.faults([
    {
      path: 'query',
      nth: 1,
      action: { kind: 'status', status: 400, errorCode: 'INVALID_TYPE', message: 'No' },
    },
  ]);
  const load = await app.finished(await begin(planned));
  expect(load.state).toMatchObject({
    kind: 'paused',
    failure: { code: 'ORG_REFUSED', errorCode: 'FEATURENOTENABLED' },
  });
  expect(await there('Kept')).toHaveLength(2);
});

test('what can’t hold for it is refused with the mapping', async () => {
  for (const policies of [{ allOrNone: true }, { way: 'collections' }] as const)
    await expect(planOf('hardDelete', ['001000000000001AAA'], orgId, policies)).rejects.toMatchObject({
      failure: { code: 'MAPPING_BLOCKED' },
    });
  for (const policies of [{ allOrNone: true }, { way: 'bulk' }] as const)
    await expect(planOf('undelete', ['001000000000001AAA'], orgId, policies)).rejects.toMatchObject({
      failure: { code: 'MAPPING_BLOCKED' },
    });
});

test('rows that were locked are sent again by jobs, and none ends up in the Recycle Bin', async () => {
  const ids = await accounts('Locked', 12);
  const plan = await planOf('hardDelete', ids);
  await org.admin('PATCH', '/knobs', { lockRowEvery: 4 });
  const before = (await org.requests()).length;
  const load = await app.finished(await begin(plan));
  expect(load.counts).toMatchObject({ deleted: 12, failed: 0 });
  expect(load.jobs.length).toBeGreaterThan(1);
  const asked = (await org.requests()).slice(before);
  expect(asked.filter(({ path }) => path.includes('/composite/sobjects'))).toEqual([]);
  expect(await anywhere('Locked')).toEqual([]);
});

test.each([
  [
    'lost results',
    [{ path: 'successfulResults', every: 1, action: { kind: 'status', status: 400, errorCode: 'X', message: 'no' } }],
  ],
  [
    'a close without an answer',
    [{ method: 'PATCH', path: 'jobs/ingest', nth: 1, action: { kind: 'reset', when: 'after' } }],
  ],
  [
    'an upload that breaks off',
    [{ method: 'PUT', path: 'batches', nth: 1, action: { kind: 'reset', when: 'before' } }],
  ],
])('with %s every row has its outcome, and the records are gone', async (name, faults) => {
  const label = `Fault ${name}`;
  const ids = await accounts(label, 4);
  const plan = await planOf('hardDelete', ids);
  await org.faults(faults);
  const load = await app.finished(await begin(plan));
  await org.faults([]);
  expect(load).toMatchObject({ state: { kind: 'finished' }, counts: { deleted: 4 }, backup: { records: 4 } });
  expect(await anywhere(label)).toEqual([]);
});
