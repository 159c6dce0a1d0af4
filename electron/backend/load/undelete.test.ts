import { beforeEach, expect, test } from 'vitest';
import type { Operation } from '../../../shared/domain/field-mapping.ts';
import { totalOf } from '../../../shared/domain/load-results.ts';
import { cellPlans } from '../test-support/cell-plans.ts';
import { recordsOf } from '../test-support/org-records.ts';
import { startBench } from '../test-support/start-bench.ts';

/** Records that come back from the practice org's Recycle Bin: each row has one outcome, whatever becomes of the calls. */

const { org, app, orgId } = await startBench(['--records', '5', '--queue-delay', '0']);
const records = recordsOf(org);
beforeEach(() => org.faults([]));

const planOf = cellPlans(app, orgId);

async function begin(operation: Operation, cells: readonly string[]) {
  const { planId, planDigest } = await planOf(operation, cells);
  return (await app.call('load.start', { planId, planDigest })).loadId;
}

async function deletedAccounts(name: string, rows: number): Promise<string[]> {
  await app.finished(
    await begin(
      'insert',
      Array.from({ length: rows }, (_, n) => `${name} ${n}`),
    ),
  );
  const ids = (await records.query(`SELECT Id FROM Account WHERE Name LIKE '${name} %'`)).map(({ Id }) => String(Id));
  await app.finished(await begin('delete', ids));
  return ids;
}

const there = async (name: string) =>
  (await records.query(`SELECT Id FROM Account WHERE Name LIKE '${name} %'`)).map(({ Id }) => String(Id)).sort();

test('a plan tells records in the Recycle Bin from those that are not deleted and those that are nowhere', async () => {
  const [one = '', other = ''] = await deletedAccounts('Plan', 2);
  const kept = await records.create('Account', { Name: 'Kept' });
  const nowhere = kept.replace(/.{9}$/, '9zzAAAAAA').slice(0, 15);
  const plan = await planOf('undelete', [one, kept, nowhere, other.slice(0, 15)]);
  expect(plan.counts).toMatchObject({ undelete: 2, unchanged: 1, blocked: 1 });
  const { rows } = await app.call('plan.page', { planId: plan.planId, kind: null, search: '', offset: 0, limit: 9 });
  expect(rows).toMatchObject([
    { kind: 'undelete', id: one },
    { kind: 'unchanged', id: kept },
    { kind: 'blocked', issues: [{ code: 'RECORD_NOT_IN_BIN' }] },
    { kind: 'undelete', id: other },
  ]);
  // Left out and taken back, a row is what it was.
  const of = { rows: rows.slice(0, 1).map(({ row }) => row) };
  const { planId } = plan;
  const without = await app.call('plan.leaveOut', { planId, of, field: null, takeBack: false });
  expect(without.counts).toMatchObject({ undelete: 1, leftOut: 1, unchanged: 1 });
  const again = await app.call('plan.leaveOut', { planId, of, field: null, takeBack: true });
  expect(again.counts).toEqual(plan.counts);
  const { loadId } = await app.call('load.start', { planId, planDigest: again.planDigest });
  const load = await app.finished(loadId);
  expect(load.counts).toMatchObject({ undeleted: 2, unchanged: 1, skipped: 1 });
  expect(await there('Plan')).toEqual([one, other].sort());
});

const soap = { method: 'POST', path: '/services/Soap' };

test.each<[what: string, fault: object, then: 'known' | 'again' | 'open']>([
  ['reset after it was done', { kind: 'reset', when: 'after' }, 'known'],
  ['reset before it was read', { kind: 'reset', when: 'before' }, 'open'],
  ['answered with a page', { kind: 'html', status: 200 }, 'open'],
  ['answered with nothing', { kind: 'answer', status: 200, headers: {}, body: '' }, 'open'],
  ['answered 429', { kind: 'status', status: 429, errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'x' }, 'again'],
])('a call that is %s: each row has one outcome, which is the org’s', async (what, action, then) => {
  const name = `Fault ${what}`;
  const ids = await deletedAccounts(name, 250);
  await org.faults([{ ...soap, action, nth: 1 }]);
  const loadId = await begin('undelete', ids);
  let end = await app.finished(loadId);
  if (end.state.kind === 'paused') {
    await org.faults([]);
    await app.call('load.resume', { loadId });
    end = await app.finished(loadId);
  }
  const { counts } = end;
  expect(totalOf(counts), what).toBe(250);
  const back = await there(name);
  expect(back).toHaveLength(counts.undeleted);
  expect(counts.undeleted + counts.unknown).toBe(250);
  if (then === 'open') expect(counts.unknown).toBe(200);
  else expect(back).toEqual([...ids].sort());
});

test('what the org refuses row by row fails with its words', async () => {
  const [other = '', back = ''] = await deletedAccounts('Refused', 2);
  const plan = await planOf('undelete', [other, back]);
  // Somebody brings one of them back before it is loaded.
  await app.finished(await begin('undelete', [back]));
  const { loadId } = await app.call('load.start', { planId: plan.planId, planDigest: plan.planDigest });
  const load = await app.finished(loadId);
  expect(load.counts).toMatchObject({ undeleted: 1, failed: 1 });
  const { errorGroups } = await app.call('report.get', { loadId });
  expect(errorGroups).toMatchObject([
    {
      statusCode: 'UNDELETE_FAILED',
      example: { message: expect.stringContaining('not in the recycle bin') as string },
    },
  ]);
});

test('an undo of more deletes than one page of records or one request holds brings all of them back', async () => {
  const rows = 2100;
  const names = Array.from({ length: rows }, (_, n) => `Many ${n}`);
  await app.finished(await begin('insert', names));
  const soql = "SELECT Id FROM Account WHERE Name LIKE 'Many %'";
  const inOrg = async () => (await app.call('export.query', { orgId, soql, fileName: 'x.csv' })).records;
  const made = await records.query(`${soql} ORDER BY Id`);
  // A page has 2,000.
  const more = await records.query(`${soql} ORDER BY Id LIMIT 2000 OFFSET 2000`);
  const ids = [...made, ...more].map(({ Id }) => String(Id));
  expect(ids).toHaveLength(rows);
  const { loadId, counts } = await app.finished(await begin('delete', ids));
  expect(counts.deleted).toBe(rows);
  expect(await inOrg()).toBe(0);
  const offer = await app.call('undo.offer', { loadId });
  expect(offer).toMatchObject({ steps: [{ what: 'undelete', rows }], notUndone: [] });
  const { sourceId, choice, mapping } = await app.call('undo.prepare', { loadId, what: 'undelete' });
  await app.opened(sourceId, choice);
  const plan = await app.call('plan.build', { orgId, sourceId, mapping });
  const undone = await app.call('load.start', { planId: plan.planId, planDigest: plan.planDigest });
  expect((await app.finished(undone.loadId)).counts).toMatchObject({ undeleted: rows, failed: 0, unknown: 0 });
  expect(await inOrg()).toBe(rows);
});
