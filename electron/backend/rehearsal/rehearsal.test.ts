import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { rehearsalCalls } from '../../../shared/domain/rehearsal.ts';
import { startBench } from '../test-support/start-bench.ts';
import type { SaveItem } from '../load/collection-client.ts';
import { Rehearsal } from './rehearse-rows.ts';

const { org, app, orgId } = await startBench(['--records', '4']);
beforeEach(() => org.faults([]));

async function planOf(lines: readonly string[]) {
  const path = join(app.data, 'tried.csv');
  await writeFile(path, `${lines.join('\n')}\n`);
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName: 'Shipment__c', operation: 'upsert', useSaved: false } as const;
  const mapping = await app.call('mapping.suggest', wanted);
  return app.call('plan.build', { orgId, sourceId, mapping });
}

async function inOrg(): Promise<string> {
  const soql = 'SELECT Id, Tracking_Code__c, Weight__c, SystemModstamp FROM Shipment__c ORDER BY Id';
  const { records } = await app.call('export.query', { orgId, soql, fileName: 'all.csv' });
  return `${records} ${await readFile(app.saved.at(-1)?.path ?? '', 'utf8')}`;
}

test('rows are refused in the org’s own words, created and updated ones, and nothing of them stays', async () => {
  const header = 'Tracking_Code__c,Account__r.ERP_Id__c,Weight__c';
  const plan0 = await planOf([header, 'TRY-1,ERP-100001,1']);
  const started = await app.call('load.start', { planId: plan0.planId, planDigest: plan0.planDigest });
  await app.finished(started.loadId);
  const before = await inOrg();
  const rows = Array.from({ length: 450 }, (_, n) => `NEW-${n},ERP-100001,${n % 100 === 7 ? -1 : n}`);
  const { planId, planDigest, counts } = await planOf([header, 'TRY-1,ERP-100001,-5', ...rows]);
  expect(counts).toMatchObject({ insert: 450, update: 1, blocked: 0 });
  const report = await app.call('rehearsal.run', { planId, planDigest, sample: false });
  expect(report).toMatchObject({ tried: 451, passed: 445, refused: 6, unsettled: 0, moreRefusals: 0 });
  const words = {
    statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
    message: 'Weight must not be negative.',
    fields: ['Weight__c'],
  };
  expect(report.refusals).toEqual([
    { ...words, rows: 5, examples: [9, 109, 209, 309, 409] },
    { ...words, rows: 1, examples: [1] },
  ]);
  expect(await inOrg()).toBe(before);
  const sample = await app.call('rehearsal.run', { planId, planDigest, sample: true });
  expect(sample.tried).toBe(400);
  expect(await app.call('rehearsal.run', { planId, planDigest, sample: true })).toEqual(sample);
  expect(await inOrg()).toBe(before);
});

test('values of unique fields that another record has are found, however they are spelt', async () => {
  const path = join(app.data, 'unique.csv');
  const lines = [
    'Name,ERP_Id__c',
    'Unique A,erp-100001',
    'Unique B,fresh-1',
    'Unique C,FRESH-1',
    'Unique D,fresh-2',
    'Unique E,',
    'Unique F,ERP-100002',
  ];
  await writeFile(path, `${lines.join('\n')}\n`);
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName: 'Account', operation: 'insert', useSaved: false } as const;
  const plan = await app.call('plan.build', { orgId, sourceId, mapping: await app.call('mapping.suggest', wanted) });
  const { taken, fields, calls } = await app.call('rehearsal.unique', { planId: plan.planId });
  expect({ fields, calls }).toEqual({ fields: ['ERP Id'], calls: 1 });
  // That another row of the file has a value is known without the org, which is not asked about such rows.
  const blocked = await app.call('plan.page', {
    planId: plan.planId,
    kind: 'blocked',
    search: '',
    offset: 0,
    limit: 9,
  });
  expect(blocked.rows).toMatchObject([{ row: 3, issues: [{ code: 'UNIQUE_REPEATED', facts: { of: 2 } }] }]);
  expect(taken).toMatchObject([
    {
      field: 'ERP_Id__c',
      rows: 2,
      examples: [
        { row: 1, value: 'erp-100001', by: { kind: 'record' } },
        { row: 6, value: 'ERP-100002', by: { kind: 'record' } },
      ],
    },
  ]);
  const tried = await app.call('rehearsal.run', { planId: plan.planId, planDigest: plan.planDigest, sample: true });
  expect(tried.refusals.flatMap(({ statusCode, examples }) => examples.map((row) => [row, statusCode])).sort()).toEqual(
    [
      [1, 'DUPLICATE_VALUE'],
      [6, 'DUPLICATE_VALUE'],
    ],
  );
});

test('picklist values that a record type does not have are told, and the org refuses those rows', async () => {
  const path = join(app.data, 'types.csv');
  const soql = "SELECT Id FROM RecordType WHERE SobjectType = 'Shipment__c' AND DeveloperName = 'Outbound'";
  await app.call('export.query', { orgId, soql, fileName: 'types.csv' });
  const outbound = (await readFile(app.saved.at(-1)?.path ?? '', 'utf8')).split('\n')[1]?.replaceAll('"', '') ?? '';
  const lines = [
    'Tracking_Code__c,Account__r.ERP_Id__c,RecordTypeId,Carrier__c,Service__c',
    `RT-1,ERP-100001,${outbound},Air,`,
    `RT-2,ERP-100001,${outbound},Sea,Container`,
    'RT-3,ERP-100001,,Air,Charter',
    `RT-4,ERP-100001,${outbound},Air,`,
  ];
  await writeFile(path, `${lines.join('\n')}\n`);
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName: 'Shipment__c', operation: 'upsert', useSaved: false } as const;
  const mapping = await app.call('mapping.suggest', wanted);
  const { planId, planDigest, counts } = await app.call('plan.build', { orgId, sourceId, mapping });
  expect(counts).toMatchObject({ insert: 4 });
  expect(await app.call('rehearsal.picklists', { planId })).toEqual({
    conflicts: [
      {
        field: 'Carrier__c',
        fieldLabel: 'Carrier',
        recordType: 'Outbound',
        value: 'Air',
        controlling: null,
        rows: 2,
        firstRow: 1,
      },
    ],
    recordTypes: 2,
    calls: 3,
  });
  const tried = await app.call('rehearsal.run', { planId, planDigest, sample: true });
  expect(tried.refusals).toMatchObject([
    { statusCode: 'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST', rows: 2, examples: [1, 4] },
  ]);
});

test('rows whose parent is a row of the same file are not tried by themselves, which is said', async () => {
  const path = join(app.data, 'parents.csv');
  await writeFile(path, 'ERP_Id__c,Name,Parent.ERP_Id__c\nPAR-2,Below,PAR-1\nPAR-1,Above,\nPAR-3,Other,ERP-100001\n');
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName: 'Account', operation: 'upsert', useSaved: false } as const;
  const mapping = await app.call('mapping.suggest', wanted);
  const { planId, planDigest, counts } = await app.call('plan.build', { orgId, sourceId, mapping });
  expect(counts).toMatchObject({ insert: 3, blocked: 0 });
  const report = await app.call('rehearsal.run', { planId, planDigest, sample: true });
  expect(report).toMatchObject({ tried: 2, passed: 2, refused: 0, untried: 1 });
});

test('a row of a circle is tried as its first step sends it, without the lookup that leads back to it', async () => {
  const path = join(app.data, 'circle.csv');
  await writeFile(path, 'Berth_Code__c,Name,Neighbour__r.Berth_Code__c\nCIR-1,Quay,CIR-2\nCIR-2,Pier,CIR-1\n');
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName: 'Berth__c', operation: 'upsert', useSaved: false } as const;
  const mapping = await app.call('mapping.suggest', wanted);
  const { planId, planDigest, secondStep } = await app.call('plan.build', { orgId, sourceId, mapping });
  expect(secondStep?.rows).toBe(1);
  const report = await app.call('rehearsal.run', { planId, planDigest, sample: true });
  expect(report).toMatchObject({ tried: 1, passed: 1, refused: 0, untried: 1 });
});

async function rest<T>(method: string, path: string, body?: object): Promise<T> {
  const answer = await fetch(`${org.url}/services/data/v66.0/${path}`, {
    method,
    headers: { authorization: `Bearer ${org.accessToken}`, 'content-type': 'application/json' },
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return (await answer.json()) as T;
}

/** Accounts of which some have a case, which keeps them from being deleted. */
async function accountsToDelete(count: number, isKept: (n: number) => boolean): Promise<string[]> {
  const accounts = Array.from({ length: count }, (_, n) => ({ attributes: { type: 'Account' }, Name: `Leaving ${n}` }));
  const ids: string[] = [];
  for (let from = 0; from < count; from += 200) {
    const records = accounts.slice(from, from + 200);
    ids.push(...(await rest<{ id: string }[]>('POST', 'composite/sobjects', { records })).map(({ id }) => id));
  }
  for (const [n, AccountId] of ids.entries()) if (isKept(n)) await rest('POST', 'sobjects/Case', { AccountId });
  return ids;
}

async function planOfDeletes(ids: readonly string[]) {
  const path = join(app.data, 'leaving.csv');
  await writeFile(path, `Id\n${ids.join('\n')}\n`);
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName: 'Account', operation: 'delete', useSaved: false } as const;
  return app.call('plan.build', { orgId, sourceId, mapping: await app.call('mapping.suggest', wanted) });
}

const leaving = async () =>
  (await rest<{ totalSize: number }>('GET', "query?q=SELECT+Id+FROM+Account+WHERE+Name+LIKE+'Leaving%25'")).totalSize;

test('deletes are tried as well: those the org refuses are told in its words, and every record is still there', async () => {
  const ids = await accountsToDelete(403, (n) => n % 150 === 40);
  const plan = await planOfDeletes(ids);
  expect(plan.counts).toMatchObject({ delete: 403, blocked: 0 });
  const asked = { planId: plan.planId, planDigest: plan.planDigest };
  const before = (await org.requests()).length;
  const report = await app.call('rehearsal.run', { ...asked, sample: false });
  // One to see that it takes things back, one record alone, then 199 at a time, and once more where some were refused.
  expect(report).toMatchObject({ tried: 403, passed: 400, refused: 3, unsettled: 0, untried: 0, calls: 7 });
  expect(
    report.refusals.flatMap(({ statusCode, examples }) => examples.map((row) => [row, statusCode])).sort(),
  ).toEqual([
    [191, 'DELETE_FAILED'],
    [341, 'DELETE_FAILED'],
    [41, 'DELETE_FAILED'],
  ]);
  expect(await leaving()).toBe(403);
  expect((await app.call('rehearsal.run', { ...asked, sample: true })).tried).toBe(400);
  expect(await leaving()).toBe(403);
  const sent = (await org.requests()).slice(before).filter(({ method }) => method === 'DELETE');
  expect(sent.length).toBeGreaterThan(report.calls);
  expect(sent.every(({ path }) => path.endsWith('/composite/sobjects'))).toBe(true);
});

test('assignment rules are not applied, as a load does not apply them either', async () => {
  const { planId, planDigest } = await planOf([
    'Tracking_Code__c,Account__r.ERP_Id__c,Weight__c',
    'RULE-1,ERP-100001,1',
    'TRY-1,ERP-100001,77',
  ]);
  const before = (await org.requests()).length;
  await app.call('rehearsal.run', { planId, planDigest, sample: true });
  const sent = (await org.requests()).slice(before).filter(({ path }) => path.endsWith('/composite/sobjects'));
  expect(sent.map(({ method, headers }) => [method, headers['sforce-auto-assign']])).toEqual([
    ['POST', 'FALSE'],
    ['POST', 'FALSE'],
    ['PATCH', 'FALSE'],
    ['PATCH', 'FALSE'],
  ]);
});

test('a read-only org is not asked to try anything', async () => {
  const { planId, planDigest } = await planOf(['Tracking_Code__c,Account__r.ERP_Id__c', 'RO-1,ERP-100001']);
  await app.call('org.setReadOnly', { orgId, readOnly: true });
  const tried = app.call('rehearsal.run', { planId, planDigest, sample: true });
  await expect(tried).rejects.toMatchObject({ failure: { code: 'ORG_READ_ONLY' } });
  await app.call('org.setReadOnly', { orgId, readOnly: false });
});

const refused = (statusCode: string): SaveItem => ({
  success: false,
  errors: [{ statusCode, message: statusCode, fields: [] }],
});
const rows = (count: number) => Array.from({ length: count }, (_, n) => ({ row: n + 1, record: { n } }));

test('an org that keeps what it is to take back is stopped at the first answer, which says what it kept', async () => {
  const sent: number[] = [];
  const keeping = new Rehearsal((records) => {
    sent.push(records.length);
    const kept: SaveItem[] = records
      .slice(0, -1)
      .map((_, n) => ({ id: `a0100000000000${n}AAA`, success: true, errors: [] }));
    return Promise.resolve([...kept, refused('MALFORMED_ID')]);
  }, {});
  await keeping.begin();
  await expect(keeping.try(rows(2))).rejects.toMatchObject({
    failure: { code: 'REHEARSAL_WROTE', records: ['a01000000000000AAA', 'a01000000000001AAA'] },
  });
  expect(sent).toEqual([1, 3]);
});

test('a delete is not tried where the record that must fail keeps the org from working on the others', async () => {
  const ids = await accountsToDelete(2, () => false);
  const plan = await planOfDeletes(ids);
  const asked = { planId: plan.planId, planDigest: plan.planDigest, sample: true };
  const answer = (...codes: string[]) =>
    JSON.stringify(
      codes.map((statusCode) => ({ success: false, errors: [{ statusCode, message: statusCode, fields: [] }] })),
    );
  const body = answer('ALL_OR_NONE_OPERATION_ROLLED_BACK', 'INVALID_CROSS_REFERENCE_KEY');
  await org.faults([
    { method: 'DELETE', path: '/composite\\/sobjects/', times: 1, action: { kind: 'answer', status: 200, body } },
  ]);
  const before = (await org.requests()).length;
  await expect(app.call('rehearsal.run', asked)).rejects.toMatchObject({ failure: { code: 'REHEARSAL_UNSAFE' } });
  const sent = (await org.requests()).slice(before).filter(({ method }) => method === 'DELETE');
  expect(sent.length).toBe(1);
  await org.faults([]);
  expect(await app.call('rehearsal.run', asked)).toMatchObject({ tried: 2, passed: 2 });
});

test('where the record that must fail does not, no row is sent', async () => {
  const lenient = new Rehearsal(() => Promise.resolve([{ id: '003000000000001AAA', success: true, errors: [] }]), {});
  await expect(lenient.begin()).rejects.toMatchObject({ failure: { code: 'REHEARSAL_WROTE' } });
  const silent = new Rehearsal(
    (records) => Promise.resolve(records.map(() => refused('ALL_OR_NONE_OPERATION_ROLLED_BACK'))),
    {},
  );
  await expect(silent.begin()).rejects.toMatchObject({ failure: { code: 'REHEARSAL_UNSAFE' } });
});

test('what is refused only once others are out of the way is found as well', async () => {
  // A validation rule refuses row 1 before the trigger runs that would refuse row 2.
  const staged = new Rehearsal((records) => {
    const numbers = records.slice(0, -1).map((record) => (record as { n: number }).n);
    const bad = numbers.includes(0) ? 0 : numbers.includes(1) ? 1 : null;
    const items = numbers.map((n) => refused(n === bad ? `WRONG_${n}` : 'ALL_OR_NONE_OPERATION_ROLLED_BACK'));
    return Promise.resolve([...items, refused(bad === null ? 'MALFORMED_ID' : 'ALL_OR_NONE_OPERATION_ROLLED_BACK')]);
  }, {});
  await staged.begin();
  await staged.try(rows(3));
  expect(staged.report()).toMatchObject({
    tried: 3,
    passed: 1,
    refused: 2,
    calls: 4,
    refusals: [
      { statusCode: 'WRONG_0', examples: [1] },
      { statusCode: 'WRONG_1', examples: [2] },
    ],
  });
});

test('the calls that are told beforehand are those of rows without a fault', () => {
  expect([0, 1, 2, 200, 201].map(rehearsalCalls)).toEqual([0, 2, 3, 3, 4]);
});
