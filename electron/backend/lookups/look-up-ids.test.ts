import { afterAll, beforeAll, expect, test } from 'vitest';
import type { IdPolicies, MappingTarget } from '../../../shared/domain/field-mapping.ts';
import { issueText } from '../../../shared/text/issue-text.ts';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { SmallPlans, to, type SmallCase, type SmallResult } from '../test-support/small-plan.ts';

let plans: SmallPlans;
beforeAll(async () => {
  plans = await SmallPlans.open();
});
afterAll(() => plans.close());

const USER = describeOf('User', '005', [field('IsActive', 'boolean', { nillable: false })]);
const ACCOUNT = describeOf('Account', '001', [field('Name', 'string', { length: 255 })]);
const RECORD_TYPE = describeOf('RecordType', '012', [field('Name', 'string')]);
const HIDDEN = { ...describeOf('Hidden', 'a09', []), queryable: false };
const CONTACT = describeOf('Contact', '003', [
  field('Contact_Key__c', 'string', { ...KEY, length: 40 }),
  field('LastName', 'string', { length: 80 }),
  field('AccountId', 'reference', { referenceTo: ['Account'], relationshipName: 'Account' }),
  field('OwnerId', 'reference', { referenceTo: ['Account', 'User'], relationshipName: 'Owner' }),
  field('RecordTypeId', 'reference', { referenceTo: ['RecordType'], relationshipName: 'RecordType' }),
  field('Hidden__c', 'reference', { referenceTo: ['Hidden'], relationshipName: 'Hidden__r' }),
]);
const PARENTS = [ACCOUNT, USER, RECORD_TYPE, HIDDEN];

const id = (prefix: string, n: number) => `${prefix}${String(n).padStart(12, '0')}AAA`;
const A = (n: number) => id('001', n);
const U = (n: number) => id('005', n);
const STAMP = '2026-01-01T00:00:00.000Z';

const Account = [1, 2].map((n) => ({ Id: A(n), Name: `A${n}` }));
const User = [
  { Id: U(1), IsActive: true },
  { Id: U(2), IsActive: false },
];

type Told = Pick<SmallCase, 'rows' | 'targets'> & Partial<SmallCase>;

/** With the keys of each query in order: the engine gives them in any. */
async function planOf(small: Told): Promise<SmallResult> {
  const made = await plans.plan({
    describe: CONTACT,
    parents: PARENTS,
    records: { Account, User },
    operation: 'insert',
    ...small,
  });
  const inOrder = (list: string) => `IN (${list.split(',').sort().join(',')})`;
  return { ...made, soql: made.soql.map((one) => one.replace(/IN \(([^)]*)\)/, (_, list: string) => inOrder(list))) };
}

/** What becomes of each row, or why it is not sent. */
async function kinds(small: Told): Promise<string[]> {
  const { rows } = await planOf(small);
  return rows.map((row) => (row.kind === 'blocked' ? row.issues.map(({ code }) => code).join() : row.kind));
}

const ids = (name: string, policies: Partial<IdPolicies>): MappingTarget => ({
  kind: 'field',
  field: name,
  ids: { whenNone: 'home', whenInactive: 'home', ...policies },
});
const named = (target: MappingTarget, ...cells: string[]) => ({
  targets: [to('LastName'), target],
  rows: cells.map((cell, index) => [`P${index}`, cell]),
});

test('an Id that is not in the org keeps its row home; each Id is asked for once, whatever its form', async () => {
  const { rows, soql, plan } = await planOf(named(to('AccountId'), A(1), A(1).slice(0, 15), A(9), ''));
  expect(rows.map(({ kind }) => kind)).toEqual(['insert', 'insert', 'blocked', 'insert']);
  const [issue] = rows[2]?.kind === 'blocked' ? rows[2].issues : [];
  expect(issue && issueText(issue)).toBe(`No Account has the ID “${A(9)}”. It was deleted, or you can’t see it.`);
  expect(soql).toEqual([`SELECT Id FROM Account WHERE Id IN ('${A(1)}','${A(9)}')`]);
  const facts = { column: 1, field: 'AccountId', parent: 'Account', parentField: 'Id', oldest: 0, inactive: 0 };
  expect(plan.lookups).toEqual([{ ...facts, found: 2, without: 0, apiCalls: 1 }]);
});

test('policies: without the Id, or not looked up at all', async () => {
  const without = await planOf(named(ids('AccountId', { whenNone: 'without' }), A(1), A(9)));
  expect(without.rows.map((row) => (row.kind === 'insert' ? row.values.map(({ value }) => value) : []))).toEqual([
    ['P0', A(1)],
    ['P1'],
  ]);
  expect(without.plan.lookups).toMatchObject([{ found: 1, without: 1 }]);
  const unasked = await planOf(named(ids('AccountId', { whenNone: 'unasked' }), A(1), A(9)));
  expect(unasked).toMatchObject({ soql: [], plan: { lookups: [], counts: { insert: 2 } } });
});

test('a record cannot be made without an Id that it must have', async () => {
  const child = describeOf('Child', 'a01', [
    field('Name', 'string'),
    field('AccountId', 'reference', { referenceTo: ['Account'], relationshipName: 'Account', nillable: false }),
  ]);
  const target = ids('AccountId', { whenNone: 'without' });
  const small = { ...named(target, A(9), A(1)), targets: [to('Name'), target] };
  expect(await kinds({ describe: child, ...small })).toEqual(['REQUIRED_BLANK', 'insert']);
});

test('Ids of several objects are each looked for among their own; owners must be active unless they are used', async () => {
  const cells = [U(1), U(2), U(3), A(2), A(3)];
  const { rows, soql } = await planOf(named(to('OwnerId'), ...cells));
  expect(rows.map((row) => (row.kind === 'blocked' ? row.issues[0]?.code : row.kind))).toEqual([
    'insert',
    'LOOKUP_INACTIVE',
    'LOOKUP_NOT_FOUND',
    'insert',
    'LOOKUP_NOT_FOUND',
  ]);
  expect(soql).toEqual([
    `SELECT Id FROM Account WHERE Id IN ('${A(2)}','${A(3)}')`,
    `SELECT Id, IsActive FROM User WHERE Id IN ('${U(1)}','${U(2)}','${U(3)}')`,
  ]);
  const used = await planOf(named(ids('OwnerId', { whenInactive: 'use' }), U(2)));
  expect(used.plan).toMatchObject({ counts: { insert: 1 }, lookups: [{ parent: 'User', found: 0, inactive: 1 }] });
});

test('what the record has already changes nothing, and is not asked about', async () => {
  const contact = (n: number) => ({ Id: id('003', n), AccountId: A(9), OwnerId: U(2), SystemModstamp: STAMP });
  const small = {
    records: { Account, User, Contact: [contact(1), contact(2)] },
    operation: 'update' as const,
    matchField: 'Id',
    targets: [to('Id'), to('AccountId'), to('OwnerId')],
  };
  const rows = [
    [contact(1).Id, A(9), U(2)],
    [contact(2).Id, A(8), U(1)],
  ];
  const { soql, ...planned } = await planOf({ ...small, rows });
  expect(planned.rows).toMatchObject([{ kind: 'unchanged' }, { kind: 'blocked', issues: [{ column: 1 }] }]);
  expect(soql.slice(1)).toEqual([
    `SELECT Id FROM Account WHERE Id IN ('${A(8)}')`,
    `SELECT Id, IsActive FROM User WHERE Id IN ('${U(1)}')`,
  ]);
});

test('an Id that the record’s own value is kept before is not sent, and not asked about', async () => {
  const contact = { Id: id('003', 1), AccountId: A(1), SystemModstamp: STAMP };
  const { soql, rows } = await planOf({
    records: { Account, User, Contact: [contact] },
    operation: 'update',
    matchField: 'Id',
    policies: { fillBlanksOnly: true },
    targets: [to('Id'), to('AccountId')],
    rows: [[contact.Id, A(9)]],
  });
  expect(rows).toMatchObject([{ kind: 'unchanged' }]);
  expect(soql).toHaveLength(1);
});

test('a row that is not sent for one Id is told of its others as well', async () => {
  const targets = [to('LastName'), to('AccountId'), to('OwnerId')];
  expect(await kinds({ targets, rows: [['P', A(9), U(9)]] })).toEqual(['LOOKUP_NOT_FOUND,LOOKUP_NOT_FOUND']);
});

test('the master record type and Ids of objects that can’t be queried are left to Salesforce', async () => {
  const records = { RecordType: [{ Id: id('012', 5) }] };
  const master = named(to('RecordTypeId'), '012000000000000AAA', id('012', 5), id('012', 6));
  const { soql, rows } = await planOf({ ...master, records });
  expect(rows.map(({ kind }) => kind)).toEqual(['insert', 'insert', 'blocked']);
  expect(soql).toEqual([
    `SELECT Id FROM RecordType WHERE Id IN ('${id('012', 5)}','${id('012', 6)}') AND SobjectType = 'Contact'`,
  ]);
  expect(await planOf(named(to('Hidden__c'), id('a09', 1)))).toMatchObject({
    soql: [],
    plan: { counts: { insert: 1 } },
  });
});
