import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { startBench } from '../test-support/start-bench.ts';

const { org, app, orgId } = await startBench(['--records', '3']);
const standard = await org.admin<{ matchingRules: object[]; duplicateRules: object[] }>('GET', '/duplicate-rules');
afterEach(() => org.admin('PUT', '/duplicate-rules', standard));

async function planOf(objectName: string, lines: readonly string[]) {
  const path = join(app.data, 'twins.csv');
  await writeFile(path, `${lines.join('\n')}\n`);
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName, operation: 'insert', useSaved: false } as const;
  return app.call('plan.build', { orgId, sourceId, mapping: await app.call('mapping.suggest', wanted) });
}

async function load(objectName: string, lines: readonly string[]): Promise<string[]> {
  const { planId, planDigest } = await planOf(objectName, lines);
  await app.finished((await app.call('load.start', { planId, planDigest })).loadId);
  const response = await fetch(
    `${org.url}/services/data/v66.0/query?q=${encodeURIComponent(`SELECT Id FROM ${objectName} ORDER BY Id DESC LIMIT ${lines.length - 1}`)}`,
    { headers: { authorization: `Bearer ${org.accessToken}` } },
  );
  const { records } = (await response.json()) as { records: { Id: string }[] };
  return records.map(({ Id }) => Id).reverse();
}
const soapCalls = async (): Promise<number> =>
  (await org.requests()).filter(({ path }) => path.includes('/Soap/')).length;

const ACCOUNTS = 'Name,BillingPostalCode,Phone';

test('the org is asked only for rows that seem to have a duplicate, and says the same as for every row', async () => {
  const [acme] = await load('Account', [ACCOUNTS, '"Acme Freight, Inc.",94104,415 555 1234', 'Acme Freight,10001,']);
  const fresh = Array.from({ length: 120 }, (_none, n) => `Nobody ${n} Ltd,${20_000 + n},`);
  const plan = await planOf('Account', [
    ACCOUNTS,
    ...fresh,
    'ACME Freight Corp,94104-7777,',
    'Acme Freight,,(415) 555-9999',
  ]);
  const before = await soapCalls();
  const few = await app.call('duplicateRules.check', { planId: plan.planId, ask: 'candidates' });
  expect((await soapCalls()) - before).toBe(1);
  expect(few).toMatchObject({
    rules: ['Standard_Account_Duplicate_Rule'],
    unread: [],
    rows: 122,
    asked: 2,
    unanswered: { rows: 0 },
    findings: [
      {
        rule: 'Standard_Account_Duplicate_Rule',
        effect: 'alert',
        rows: 2,
        examples: [
          { row: 121, recordId: acme, recordName: 'Acme Freight, Inc.', confidence: 95 },
          { row: 122, recordId: acme, confidence: 95 },
        ],
      },
    ],
  });
  const all = await app.call('duplicateRules.check', { planId: plan.planId, ask: 'all' });
  expect((await soapCalls()) - before).toBe(1 + 3);
  expect(all).toEqual({ ...few, asked: 122, calls: all.calls });
});

test('contacts are compared by the names of the accounts that rows lead to, by id or by external id', async () => {
  const [twin] = await load('Account', ['Name,ERP_Id__c', 'Ripley Freight GmbH,RIP-1', 'Ripley Freight,RIP-2']);
  await load('Contact', ['FirstName,LastName,Title,AccountId', `Ada,Quist,Chief Executive Officer,${twin}`]);
  for (const [column, value] of [
    ['Account.ERP_Id__c', 'RIP-2'],
    ['AccountId', twin],
  ]) {
    const { planId } = await planOf('Contact', [
      `FirstName,LastName,Title,${column}`,
      `Ada,Quist,CEO,${value}`,
      `Ada,Quist,Cook,${value}`,
    ]);
    const report = await app.call('duplicateRules.check', { planId, ask: 'candidates' });
    expect(report).toMatchObject({
      asked: 1,
      findings: [{ rows: 1, examples: [{ row: 1, recordName: 'Ada Quist' }] }],
    });
  }
});

test('a reference that is compared exactly is the record it leads to, however rows name that', async () => {
  const [parent] = await load('Account', ['Name,ERP_Id__c', 'Exact Parent,EXA-1']);
  await load('Contact', ['LastName,AccountId', `Vane,${parent}`]);
  await org.admin('PUT', '/duplicate-rules', {
    matchingRules: [
      {
        name: 'Same_Parent',
        label: 'Same parent',
        object: 'Contact',
        items: [
          { field: 'LastName', method: 'LastName' },
          { field: 'AccountId', method: 'Exact' },
        ],
      },
    ],
    duplicateRules: [{ name: 'One_Each', label: 'One each', object: 'Contact', matchingRules: ['Same_Parent'] }],
  });
  for (const [column, value] of [
    ['Account.ERP_Id__c', 'exa-1'],
    ['AccountId', parent],
  ]) {
    const { planId } = await planOf('Contact', [`LastName,${column}`, `Vain,${value}`, `Else,${value}`]);
    const report = await app.call('duplicateRules.check', { planId, ask: 'candidates' });
    expect([column, report.asked, report.findings.map(({ rows }) => rows)]).toEqual([column, 1, [1]]);
  }
});

test('what a rule does is told; where one can’t be emulated the org is asked for every row', async () => {
  await load('Account', [ACCOUNTS, 'Blocked Bay,30001,']);
  const [rule] = standard.duplicateRules;
  const put = (changes: object, matching = standard.matchingRules) =>
    org.admin('PUT', '/duplicate-rules', { matchingRules: matching, duplicateRules: [{ ...rule, ...changes }] });
  const { planId } = await planOf('Account', [ACCOUNTS, 'Blocked Bay,30001,', 'Other,,']);
  await put({ actionOnInsert: 'Block' });
  const blocked = await app.call('duplicateRules.check', { planId, ask: 'candidates' });
  expect(blocked).toMatchObject({ asked: 1, findings: [{ effect: 'block', rows: 1 }] });
  await put({ active: false });
  const off = await app.call('duplicateRules.check', { planId, ask: 'all' });
  expect(off).toMatchObject({ rules: [], asked: 0, findings: [], calls: 1 });
  await put({});
  // As an org answers a user who may not see the setup.
  const action = { kind: 'status', status: 400, errorCode: 'INVALID_TYPE', message: 'no such object' };
  await org.faults([{ path: '/query', action }]);
  const unread = await app.call('duplicateRules.check', { planId, ask: 'candidates' });
  expect(unread).toMatchObject({ unread: ['Standard_Account_Match_Rule_v1_0'], asked: 2, findings: [{ rows: 1 }] });
});

test('more calls than the settings allow are asked about first', async () => {
  const rows = Array.from({ length: 5000 }, (_none, n) => `Any ${n},30001,`);
  const { planId } = await planOf('Account', [ACCOUNTS, ...rows]);
  const { usage } = await org.admin<{ usage: { requests: number } }>('GET', '/state');
  await org.admin('PATCH', '/knobs', { apiLimit: usage.requests + 110 });
  await expect(app.call('duplicateRules.check', { planId, ask: 'all' })).rejects.toMatchObject({
    failure: { code: 'API_BUDGET', needed: 100 },
  });
  await org.admin('PATCH', '/knobs', { apiLimit: 100_000 });
});
