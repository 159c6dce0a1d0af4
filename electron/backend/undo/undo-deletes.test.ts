import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import Papa from 'papaparse';
import { expect, test } from 'vitest';
import { soapEnvelope } from '../orgs/soap-envelope.ts';
import { to } from '../test-support/small-plan.ts';
import { accountMapping, startUndoBench } from '../test-support/undo-bench.ts';

/** Deletes keep what goes, and are taken back from the Recycle Bin or from that. */

const { org, app, records, planOf, load, undoPlan } = await startUndoBench();

async function emptyBin(ids: readonly string[]): Promise<void> {
  const call = `<emptyRecycleBin>${ids.map((id) => `<ids>${id}</ids>`).join('')}</emptyRecycleBin>`;
  const answer = await fetch(`${org.url}/services/Soap/u/66.0`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml', soapaction: '""' },
    body: soapEnvelope(call, org.accessToken, ''),
  });
  expect(await answer.text()).toContain('<success>true</success>');
}

test('before records are deleted every field of them is kept; they are created again from that', async () => {
  const fields = 'Name, Phone, Description, AnnualRevenue, ERP_Id__c, ParentId, OwnerId, NumberOfEmployees';
  const values = { Phone: '0049 1', Description: 'a "b",\nc', AnnualRevenue: 12.5, NumberOfEmployees: 3 };
  const ids = [
    await records.create('Account', { Name: 'Goes', ...values, ERP_Id__c: 'GO-1' }),
    await records.create('Account', { Name: 'Goes', ...values }),
    await records.create('Account', { Name: 'Goes', ...values }),
  ];
  const where = `FROM Account WHERE Name = 'Goes' ORDER BY ERP_Id__c`;
  const before = await records.query(`SELECT ${fields} ${where}`);
  const plan = await planOf(
    accountMapping([to('Id')], 'delete'),
    ids.map((id) => [id]),
  );
  const loaded = await load(plan);
  await emptyBin(ids);
  expect(loaded).toMatchObject({ counts: { deleted: 3 }, backup: { records: 3, notKept: [] } });
  const backup = await readFile(join(app.data, 'loads', plan.planId, 'backup.csv'), 'utf8');
  const { data } = Papa.parse<Record<string, string>>(backup.trim(), { header: true });
  expect(data).toHaveLength(3);
  expect(data[0]).toMatchObject({ Id: ids[0], Name: 'Goes', Description: values.Description, ERP_Id__c: 'GO-1' });
  expect(await records.query(`SELECT Id ${where}`)).toEqual([]);
  expect(await app.call('undo.offer', { loadId: loaded.loadId })).toMatchObject({
    steps: [{ what: 'recreate', rows: 3 }],
    notUndone: [],
  });
  const recreate = await undoPlan(loaded.loadId, 'recreate');
  expect(recreate.counts).toMatchObject({ insert: 3, blocked: 0, duplicate: 0 });
  await load(recreate);
  expect(await records.query(`SELECT ${fields} ${where}`)).toEqual(before);
  const again = await records.query(`SELECT Id ${where}`);
  expect(again.some(({ Id }) => ids.includes(String(Id)))).toBe(false);
});

test('deleted records come back from the Recycle Bin with their Ids; only those that are gone from it are created again', async () => {
  const values = { Phone: '0049 2', Description: 'a "b",\nc', AnnualRevenue: 7.25 };
  const ids: string[] = [];
  for (const name of ['In the bin', 'With a contact', 'Gone', 'Back already'])
    ids.push(await records.create('Account', { Name: name, ...values }));
  const [inBin = '', withContact = '', gone = '', back = ''] = ids;
  await records.create('Contact', { LastName: 'Below', AccountId: withContact });
  const before = await records.cells();
  const loaded = await load(
    await planOf(
      accountMapping([to('Id')], 'delete'),
      ids.map((id) => [id]),
    ),
  );
  expect(loaded.counts).toMatchObject({ deleted: 4 });
  expect(await app.call('undo.offer', { loadId: loaded.loadId })).toMatchObject({
    operation: 'delete',
    steps: [{ what: 'undelete', rows: 4 }],
    notUndone: [],
  });
  // Somebody else brings one back, and empties the bin of another.
  const one = await planOf(accountMapping([to('Id')], 'undelete'), [[back], [inBin.replace(/.{6}$/, 'ZZZZZZ')]]);
  expect(one.counts).toMatchObject({ undelete: 1, blocked: 1, unchanged: 0 });
  expect((await load(one)).counts).toMatchObject({ undeleted: 1, skipped: 1 });
  const stale = await undoPlan(loaded.loadId, 'undelete');
  expect(stale.counts).toMatchObject({ undelete: 3, blocked: 0 });
  await emptyBin([gone]);
  const offer = await app.call('undo.offer', { loadId: loaded.loadId });
  expect(offer).toMatchObject({
    steps: [
      { what: 'undelete', rows: 2 },
      { what: 'recreate', rows: 1 },
    ],
    notUndone: [],
  });
  const undelete = await undoPlan(loaded.loadId, 'undelete');
  expect(undelete).toMatchObject({ counts: { undelete: 2, blocked: 0 }, mapping: { undoOf: loaded.loadId } });
  const undeleted = await load(undelete);
  expect(undeleted).toMatchObject({ counts: { undeleted: 2, failed: 0 }, undoOf: loaded.loadId });
  const recreate = await undoPlan(loaded.loadId, 'recreate');
  expect(recreate.counts).toMatchObject({ insert: 1, blocked: 0 });
  const [made] = await load(recreate).then(() => records.query("SELECT Id FROM Account WHERE Name = 'Gone'"));
  expect(made?.['Id']).not.toBe(gone);
  // The contact that went with its account is there as well. All but the Id of the one is as it was.
  const withoutGone = (cells: Record<string, unknown>) => ({
    ...cells,
    Account: (cells['Account'] as { Name: string }[]).filter(({ Name }) => Name !== 'Gone'),
  });
  expect(withoutGone(await records.cells())).toEqual(withoutGone(before));
  // What is back is not offered again.
  expect(await app.call('undo.offer', { loadId: loaded.loadId })).toMatchObject({
    steps: [{ what: 'recreate', rows: 1 }],
    notUndone: [],
  });
  // Bringing back is undone by deleting again.
  expect(await app.call('undo.offer', { loadId: undeleted.loadId })).toMatchObject({
    operation: 'undelete',
    steps: [{ what: 'remove', rows: 2 }],
  });
  await load(await undoPlan(undeleted.loadId, 'remove'));
  expect(await records.query(`SELECT Id FROM Account WHERE Id IN ('${inBin}', '${withContact}')`)).toEqual([]);
});

test('nothing is deleted while the backup can’t be made', async () => {
  const id = await records.create('Account', { Name: 'Stays' });
  const plan = await planOf(accountMapping([to('Id')], 'delete'), [[id]]);
  const refusal = { kind: 'status', status: 500, errorCode: 'UNKNOWN_EXCEPTION', message: 'no' } as const;
  // The first query looks whether the record has changed; those after it fetch the backup.
  await org.faults([{ path: '/query', nth: 2, times: 1000, action: refusal }]);
  const paused = await load(plan);
  expect(paused.state).toMatchObject({ kind: 'paused' });
  expect(await records.query("SELECT Id FROM Account WHERE Name = 'Stays'").catch(() => null)).toBeNull();
  await org.faults([]);
  expect(await records.query("SELECT Id FROM Account WHERE Name = 'Stays'")).toHaveLength(1);
  await app.call('load.resume', { loadId: paused.loadId });
  expect(await app.finished(paused.loadId)).toMatchObject({ counts: { deleted: 1 }, backup: { records: 1 } });
});
