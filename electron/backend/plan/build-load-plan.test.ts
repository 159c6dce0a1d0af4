import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { MappingTarget } from '../../../shared/domain/field-mapping.ts';
import { tablesOf } from '../tables/tables.ts';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { SmallPlans, to, type SmallCase } from '../test-support/small-plan.ts';

let plans: SmallPlans;
beforeAll(async () => {
  plans = await SmallPlans.open();
});
afterAll(() => plans.close());

const ID = (n: number) => `001${String(n).padStart(12, '0')}AAA`;
const STAMP = '2026-11-25T10:00:00.000+0000';

const ACCOUNT = describeOf('Account', '001', [
  field('Name', 'string', { nillable: false, length: 255 }),
  field('ERP_Id__c', 'string', { ...KEY, length: 40 }),
  field('Case_Key__c', 'string', { ...KEY, caseSensitive: true, length: 40 }),
  field('Employees', 'int', { digits: 9 }),
  field('Active', 'boolean', { nillable: false }),
  field('ParentId', 'reference', { referenceTo: ['Account'], relationshipName: 'Parent' }),
]);
const TASK = describeOf('Task', '00T', [
  field('Activity_Key__c', 'string', { ...KEY, length: 40 }),
  field('Subject', 'string', { length: 255 }),
  field('WhatId', 'reference', { referenceTo: ['Account', 'Case'], relationshipName: 'What' }),
]);
const PARENT: MappingTarget = {
  kind: 'lookup',
  field: 'ParentId',
  relationshipName: 'Parent',
  parentObject: 'Account',
  parentField: 'ERP_Id__c',
  polymorphic: false,
};
const WHAT: MappingTarget = { ...PARENT, field: 'WhatId', relationshipName: 'What', polymorphic: true };

const account = (n: number, key: string, facts: object = {}) => ({
  Id: ID(n),
  ERP_Id__c: key,
  Name: `Account ${n}`,
  SystemModstamp: STAMP,
  ...facts,
});

const upsert = (small: Pick<SmallCase, 'records' | 'targets' | 'rows'> & Partial<SmallCase>): SmallCase => ({
  describe: ACCOUNT,
  parents: [ACCOUNT],
  operation: 'upsert',
  matchField: 'ERP_Id__c',
  ...small,
});

async function kinds(small: SmallCase): Promise<string[]> {
  const { rows } = await plans.plan(small);
  return rows.map((row) => (row.kind === 'blocked' ? row.issues.map(({ code }) => code).join() : row.kind));
}

test('an insert, which asks for no records, has pages of rows to review', async () => {
  const { rows } = await plans.plan(
    upsert({ operation: 'insert', matchField: null, records: {}, targets: [to('Name')], rows: [['A'], ['B']] }),
  );
  expect(rows.map(({ row, kind }) => [row, kind])).toEqual([
    [1, 'insert'],
    [2, 'insert'],
  ]);
});

describe('what the org is asked', () => {
  test.each<[string, Partial<SmallCase>]>([
    ['update by Id', { operation: 'update', matchField: 'Id', targets: [to('Id'), to('Name')] }],
    ['delete by Id', { operation: 'delete', matchField: 'Id', targets: [to('Id'), to('Name')] }],
    ['upsert by Id', { operation: 'upsert', matchField: 'Id', targets: [to('Id'), to('Name')] }],
    [
      'a column on the time stamp',
      { operation: 'update', matchField: 'Id', targets: [to('Id'), to('SystemModstamp')] },
    ],
    ['the same field twice', { targets: [to('ERP_Id__c'), to('Name'), to('Name')] }],
    ['the key once more', { targets: [to('ERP_Id__c'), to('ERP_Id__c'), to('Name')] }],
    ['the Id besides the key', { targets: [to('ERP_Id__c'), to('Id')] }],
    ['a lookup by Id', { targets: [to('ERP_Id__c'), { ...PARENT, parentField: 'Id' }] }],
  ])('%s selects no field twice', async (_name, small) => {
    const { soql } = await plans.plan(
      upsert({ records: { Account: [account(1, 'A')] }, targets: [], rows: [[ID(1), '', '']], ...small }),
    );
    expect(soql.length).toBeGreaterThan(0);
    for (const one of soql) {
      const paths = (/^SELECT (.+) FROM/.exec(one)?.[1] ?? '').toLowerCase().split(', ');
      expect(new Set(paths).size, one).toBe(paths.length);
    }
  });

  test('two spellings of one key are asked for once', async () => {
    const { soql } = await plans.plan(
      upsert({ records: { Account: [] }, targets: [to('ERP_Id__c')], rows: [['erp-1'], ['ERP-1'], ['Erp-2']] }),
    );
    expect(soql[0]?.match(/'[^']*'/g)?.length).toBe(2);
  });

  test('a lookup that may lead to several objects is read by its id', async () => {
    const { soql } = await plans.plan({
      describe: TASK,
      parents: [ACCOUNT],
      operation: 'upsert',
      matchField: 'Activity_Key__c',
      records: { Account: [account(1, 'A')], Task: [] },
      targets: [to('Activity_Key__c'), WHAT],
      rows: [['T-1', 'a']],
    });
    expect(soql.map((one) => one.split(' WHERE ')[0])).toEqual([
      'SELECT Id, ERP_Id__c FROM Account',
      'SELECT Id, Activity_Key__c, SystemModstamp, WhatId FROM Task',
    ]);
  });
});

describe('keys in two spellings', () => {
  const targets = [to('ERP_Id__c'), to('Name')];

  test('in the file: one record, one row to send', async () => {
    const small = upsert({
      records: { Account: [account(1, 'ERP-1')] },
      targets,
      rows: [
        ['erp-1', 'New'],
        ['ERP-1', 'New'],
      ],
    });
    expect(await kinds(small)).toEqual(['update', 'duplicate']);
  });

  test('in the file and in the org: the record is found, and is one row however often it came', async () => {
    const found = account(1, 'ERP-1');
    await plans.plan(
      upsert({ records: { Account: [found, found] }, targets, rows: [['erp-1', 'Account 1']] }),
      async ({ rows, plan }) => {
        expect(rows[0]).toMatchObject({ kind: 'unchanged', id: ID(1) });
        const { currentRecord } = tablesOf(plan.planId);
        expect(await plans.staging.query(`SELECT id, k FROM ${currentRecord}`)).toEqual([{ id: ID(1), k: 'erp-1' }]);
      },
    );
  });

  test('two records whose keys fold together are ambiguous, unless the field tells case apart', async () => {
    const records = {
      Account: [account(1, 'ERP-1', { Case_Key__c: 'ERP-1' }), account(2, 'erp-1', { Case_Key__c: 'erp-1' })],
    };
    expect(await kinds(upsert({ records, targets, rows: [['ERP-1', 'New']] }))).toEqual(['MATCH_AMBIGUOUS']);
    const { rows } = await plans.plan(
      upsert({
        records,
        matchField: 'Case_Key__c',
        targets: [to('Case_Key__c'), to('Name')],
        rows: [['erp-1', 'New']],
      }),
    );
    expect(rows[0]).toMatchObject({ kind: 'update', id: ID(2) });
  });

  test('a parent’s key that differs only in case is no change, nor is an id of 15 characters', async () => {
    const child = account(2, 'B', { Parent: { ERP_Id__c: 'ERP-1' }, ParentId: ID(1) });
    const records = { Account: [account(1, 'ERP-1'), child, account(3, 'C')] };
    const rows = (cell: string) => [['B', cell]];
    expect(await kinds(upsert({ records, targets: [to('ERP_Id__c'), PARENT], rows: rows('erp-1') }))).toEqual([
      'unchanged',
    ]);
    expect(await kinds(upsert({ records, targets: [to('ERP_Id__c'), PARENT], rows: rows('c') }))).toEqual(['update']);
    const byId = to('ParentId');
    expect(await kinds(upsert({ records, targets: [to('ERP_Id__c'), byId], rows: rows(ID(1).slice(0, 15)) }))).toEqual([
      'unchanged',
    ]);
    expect(await kinds(upsert({ records, targets: [to('ERP_Id__c'), byId], rows: rows(ID(3).slice(0, 15)) }))).toEqual([
      'update',
    ]);
    expect(await kinds(upsert({ records, targets: [to('ERP_Id__c'), byId], rows: rows(ID(2).slice(0, 15)) }))).toEqual([
      'LOOKUP_CIRCLE_IN_ORG',
    ]);
  });
});

test('a polymorphic lookup is compared by the id of the parent that its key names', async () => {
  const task = {
    Id: '00T000000000001EAA',
    Activity_Key__c: 'T-1',
    Subject: 'Call',
    WhatId: ID(1),
    SystemModstamp: STAMP,
  };
  const small = (cell: string): SmallCase => ({
    describe: TASK,
    parents: [ACCOUNT],
    operation: 'update',
    matchField: 'Id',
    records: { Account: [account(1, 'ERP-1'), account(2, 'ERP-2')], Task: [task] },
    targets: [to('Id'), WHAT],
    rows: [[task.Id, cell]],
  });
  expect(await kinds(small('erp-1'))).toEqual(['unchanged']);
  expect(await kinds(small('ERP-2'))).toEqual(['update']);
  expect(await kinds(small(''))).toEqual(['unchanged']);
  expect(await kinds(small('#N/A'))).toEqual(['update']);
  expect(await kinds(small('ERP-3'))).toEqual(['LOOKUP_NOT_FOUND']);
});

test('the diff shows the org’s own text, though canonical forms are compared', async () => {
  const records = { Account: [account(1, 'A', { Employees: '1000.0', Active: true })] };
  const targets = [to('ERP_Id__c'), to('Employees'), to('Active')];
  const { rows } = await plans.plan(upsert({ records, targets, rows: [['A', '1000', 'no']] }));
  expect(rows[0]).toMatchObject({ changes: [{ field: 'Active', old: 'true', new: 'false' }] });
  const { rows: other } = await plans.plan(upsert({ records, targets, rows: [['A', '1,001', 'yes']] }));
  expect(other[0]).toMatchObject({ changes: [{ field: 'Employees', old: '1000.0', new: '1001' }] });
});

test('a checkbox that is cleared is compared as unchecked', async () => {
  const targets = [to('ERP_Id__c'), to('Active')];
  for (const [active, kind] of [
    [false, 'unchanged'],
    [true, 'update'],
  ] as const)
    expect(
      await kinds(
        upsert({ records: { Account: [account(1, 'A', { Active: active })] }, targets, rows: [['A', '#N/A']] }),
      ),
    ).toEqual([kind]);
});

test('names of the org are text to the engine, whatever is in them', async () => {
  const statements: string[] = [];
  const watched = await SmallPlans.open((sql) => statements.push(sql));
  const name = fc.string({
    unit: fc.constantFrom("'", '"', ';', '-', '\\n', '\\\\', ',', '(', ')', 'x', ' '),
    maxLength: 12,
  });
  await fc.assert(
    fc.asyncProperty(fc.array(name, { minLength: 6, maxLength: 6 }), async (odd) => {
      const [key = '', text = '', lookup = '', parent = '', parentKey = '', label = ''] = odd.map(
        (one, n) => `zqx${n}${one}`,
      );
      const region = describeOf(parent, '001', [field(parentKey, 'string', KEY)]);
      const object = describeOf('Object', '001', [
        field(key, 'string', { ...KEY, label }),
        field(text, 'string', { nillable: false, label }),
        field(lookup, 'reference', { referenceTo: [parent, 'Other'], relationshipName: lookup }),
      ]);
      const target = { kind: 'lookup', field: lookup, relationshipName: lookup, parentObject: parent } as const;
      const { rows } = await watched.plan({
        describe: object,
        parents: [region],
        operation: 'upsert',
        matchField: key,
        records: {},
        targets: [to(key), to(text), { ...target, parentField: parentKey, polymorphic: true }],
        rows: [
          ['A', 'x', ''],
          ['B', 'x', 'nowhere'],
          ['C', '', ''],
        ],
      });
      expect(rows.map(({ kind }) => kind)).toEqual(['insert', 'blocked', 'blocked']);
      for (const sql of statements.splice(0))
        expect(sql.replace(/'(?:[^']|'')*'|"(?:[^"]|"")*"/g, '')).not.toContain('zqx');
    }),
    { numRuns: 15 },
  );
  await watched.close();
});
