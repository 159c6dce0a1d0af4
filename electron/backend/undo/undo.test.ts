import { expect, test } from 'vitest';
import type { MappingTarget } from '../../../shared/domain/field-mapping.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { to } from '../test-support/small-plan.ts';
import { accountMapping, startUndoBench } from '../test-support/undo-bench.ts';

/** What a load changed and created is taken back; deletes have tests of their own. */

const { org, app, orgId, records, planOf, load, undoPlan } = await startUndoBench();

const PARENT: MappingTarget = {
  kind: 'lookup',
  field: 'ParentId',
  relationshipName: 'Parent',
  parentObject: 'Account',
  parentField: 'ERP_Id__c',
  polymorphic: false,
};

async function outcomesOf(loadId: LoadId): Promise<string[]> {
  const kinds = ['created', 'updated', 'deleted', 'unchanged', 'failed', 'leftOut', 'skipped'] as const;
  const { rows } = await app.call('report.page', { loadId, kinds: [...kinds], offset: 0, limit: 100 });
  return rows.map(({ kind, error }) => (error === '' ? kind : `${kind}: ${error}`));
}

const TARGETS = [to('ERP_Id__c'), to('Name'), to('Phone'), to('AnnualRevenue'), PARENT];

async function keyOfNew(): Promise<string> {
  const [found] = await records.query('SELECT Id, Name FROM Account WHERE ERP_Id__c = null LIMIT 1');
  return typeof found?.['Id'] === 'string' ? found['Id'] : records.create('Account', { Name: 'Without a key' });
}

test('a load is set back and what it created deleted: the org is as it was, cell by cell, and that is undone again', async () => {
  // A parent that no external id names.
  const parent = await keyOfNew();
  const [child] = await records.query("SELECT Id FROM Account WHERE ERP_Id__c = 'ERP-100003'");
  await records.rest('PATCH', `sobjects/Account/${String(child?.['Id'])}`, {
    ParentId: parent,
    Description: 'Two\nlines',
    AnnualRevenue: 1234.5,
  });
  const before = await records.cells();
  const plan = await planOf(accountMapping(TARGETS), [
    ['ERP-100001', 'Other name', '#N/A', '99.25', ''],
    ['ERP-100002', '', '+1', '', 'ERP-100001'],
    ['ERP-100003', 'Third', '', '#N/A', 'ERP-100002'],
    ['NEW-1', 'Made by the load', '1', '5', 'ERP-100001'],
    ['NEW-2', 'Made too', '', '', 'NEW-1'],
  ]);
  expect(plan.counts).toMatchObject({ insert: 2, update: 3 });
  const loaded = await load(plan);
  const after = await records.cells();
  const offer = await app.call('undo.offer', { loadId: loaded.loadId });
  expect(offer).toEqual({
    loadId: loaded.loadId,
    orgId,
    operation: 'upsert',
    steps: [
      { what: 'set-back', rows: 3 },
      { what: 'remove', rows: 2 },
    ],
    notUndone: [],
  });
  const setBack = await undoPlan(loaded.loadId, 'set-back');
  expect(setBack).toMatchObject({ counts: { update: 3, blocked: 0, leftOut: 0 }, mapping: { undoOf: loaded.loadId } });
  const back = await load(setBack);
  const remove = await undoPlan(loaded.loadId, 'remove');
  expect(remove.counts).toMatchObject({ delete: 2, blocked: 0, leftOut: 0 });
  await load(remove);
  expect(await records.cells()).toEqual(before);
  // An undo is a load: taken back, the org is as the load left it, but for the records that are gone.
  expect(await app.call('undo.offer', { loadId: back.loadId })).toMatchObject({
    steps: [{ what: 'set-back', rows: 3 }],
  });
  await load(await undoPlan(back.loadId, 'set-back'));
  const cellsOf = (cells: Record<string, unknown>, ids: Set<unknown>) =>
    (cells['Account'] as { Id: string }[]).filter(({ Id }) => ids.has(Id));
  const old = new Set((before['Account'] as { Id: string }[]).map(({ Id }) => Id));
  expect(cellsOf(await records.cells(), old)).toEqual(cellsOf(after, old));
});

test('what somebody changed since stays, cell by cell, and the rows say who changed it', async () => {
  const keys = ['ERP-100004', 'ERP-100005', 'ERP-100006'];
  const list = keys.map((key) => `'${key}'`).join(',');
  const ids = new Map<string, string>();
  for (const one of await records.query(`SELECT Id, ERP_Id__c FROM Account WHERE ERP_Id__c IN (${list})`))
    ids.set(String(one['ERP_Id__c']), String(one['Id']));
  const edit = (key: string, values: object) => records.rest('PATCH', `sobjects/Account/${ids.get(key) ?? ''}`, values);
  await edit('ERP-100006', { Phone: 'was' });
  const targets = [to('ERP_Id__c'), to('Name'), to('Phone')];
  const plan = await planOf(accountMapping(targets), [
    ['ERP-100004', 'Four', '+4'],
    ['ERP-100005', '', '+5'],
    ['ERP-100006', '', '+6'],
    ['NEW-3', 'Made', ''],
    ['NEW-4', 'Left', ''],
  ]);
  const cells = `SELECT ERP_Id__c, Name, Phone FROM Account WHERE ERP_Id__c IN (${list}) ORDER BY ERP_Id__c`;
  const before = await records.query(cells);
  const loaded = await load(plan);
  const [made] = await records.query("SELECT Id FROM Account WHERE ERP_Id__c = 'NEW-3'");
  await edit('ERP-100004', { Phone: 'theirs' });
  await edit('ERP-100005', { Phone: null });
  await edit('ERP-100006', { Phone: 'was' });
  // A record that was changed within the second in which the load ended is told apart by the clock, a second later.
  await expect
    .poll(async () => {
      await records.rest('PATCH', `sobjects/Account/${String(made?.['Id'])}`, { Description: 'theirs' });
      return (await undoPlan(loaded.loadId, 'remove')).counts;
    })
    .toMatchObject({ delete: 1, leftOut: 1 });
  const setBack = await undoPlan(loaded.loadId, 'set-back');
  expect(setBack).toMatchObject({
    counts: { update: 1, leftOut: 1, unchanged: 1, blocked: 0 },
    keptFields: [{ field: 'Phone', rows: 2 }],
    leftOut: { policies: [{ code: 'CHANGED_SINCE_LOAD', rows: 1 }] },
  });
  const { rows } = await app.call('plan.page', { planId: setBack.planId, kind: null, search: '', offset: 0, limit: 9 });
  const user = { by: expect.stringMatching(/\w/) as string, changedAt: expect.stringMatching(/^\d{4}-/) as string };
  expect(rows).toMatchObject([
    {
      kind: 'update',
      changes: [{ field: 'Name', new: before[0]?.['Name'] }],
      kept: [{ field: 'Phone', now: 'theirs', ...user }],
    },
    { kind: 'leftOut', issues: [{ code: 'CHANGED_SINCE_LOAD', facts: { fields: 'Account Phone', ...user } }] },
    { kind: 'unchanged' },
  ]);
  const done = await load(setBack);
  expect(done).toMatchObject({ undoOf: loaded.loadId, counts: { updated: 1, leftOut: 1, unchanged: 1 } });
  expect(await outcomesOf(done.loadId)).toEqual([
    'updated: Longshore: set back in part, because Account Phone changed since the load',
    expect.stringMatching(
      /^leftOut: CHANGED_SINCE_LOAD: .*“001\w{15}”: Account Phone changed since the load\..* by Ada Admin/,
    ) as string,
    'unchanged',
  ]);
  const [four, five, six] = before;
  expect(await records.query(cells)).toEqual([{ ...four, Phone: 'theirs' }, { ...five, Phone: null }, six]);
});

test('a load that has not ended, and one with nothing to take back, are told so', async () => {
  const plan = await planOf(accountMapping([to('Name'), to('Phone')], 'insert'), [['Made', '1']]);
  await org.faults([{ path: '/jobs/ingest', nth: 1, action: { kind: 'delay', milliseconds: 500 } }]);
  const { loadId } = await app.call('load.start', { planId: plan.planId, planDigest: plan.planDigest });
  await expect(app.call('undo.offer', { loadId })).rejects.toMatchObject({ failure: { code: 'LOAD_NOT_FINISHED' } });
  const loaded = await app.finished(loadId);
  await expect(app.call('undo.prepare', { loadId: loaded.loadId, what: 'set-back' })).rejects.toMatchObject({
    failure: { code: 'UNDO_EMPTY' },
  });
  for (const what of ['undelete', 'recreate'] as const)
    await expect(app.call('undo.prepare', { loadId: loaded.loadId, what })).rejects.toMatchObject({
      failure: { code: 'UNDO_EMPTY' },
    });
  const remove = await load(await undoPlan(loaded.loadId, 'remove'));
  await expect(app.call('undo.prepare', { loadId: remove.loadId, what: 'remove' })).rejects.toMatchObject({
    failure: { code: 'UNDO_EMPTY' },
  });
});

test('rows that a person decided to be records are set back too, also those of an insert', async () => {
  const id = await records.create('Account', { Name: 'Harbor Crane Works', Phone: '+49 40 55555', Site: 'North' });
  const before = await records.query(`SELECT Name, Phone, Site, Fax FROM Account WHERE Id = '${id}'`);
  const decide = async (plan: LoadPlan, decision: 'update' | 'merge') => {
    const { threshold } = await app.call('resembling.find', { planId: plan.planId });
    const view = { threshold, rule: null, which: 'all' } as const;
    const { pairs } = await app.call('resembling.pairs', { planId: plan.planId, view, offset: 0, limit: 9 });
    const pair = pairs.find(({ record }) => record === id);
    if (!pair) throw new Error(JSON.stringify(pairs));
    const of = { row: pair.row, record: pair.record };
    return (await app.call('resembling.decide', { planId: plan.planId, of, decision })).plan;
  };
  const targets = [to('Name'), to('Phone'), to('Site'), to('Fax')];
  const row = ['Harbor Crane Works', '+49 40 55555', 'South', '77'];
  for (const [decision, cells] of [
    ['update', ['Site', 'Fax']],
    ['merge', ['Fax']],
  ] as const) {
    const loaded = await load(await decide(await planOf(accountMapping(targets, 'insert'), [row]), decision));
    expect(loaded.counts).toMatchObject({ updated: 1, created: 0 });
    const offer = await app.call('undo.offer', { loadId: loaded.loadId });
    expect(offer).toMatchObject({ steps: [{ what: 'set-back', rows: 1 }] });
    const setBack = await undoPlan(loaded.loadId, 'set-back');
    expect(setBack.changedFields.map(({ field }) => field).sort()).toEqual([...cells].sort());
    await load(setBack);
    expect(await records.query(`SELECT Name, Phone, Site, Fax FROM Account WHERE Id = '${id}'`)).toEqual(before);
  }
});
