import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FoundTarget, MappingTarget } from '../../../shared/domain/field-mapping.ts';
import { issueText } from '../../../shared/text/issue-text.ts';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { SmallPlans, to, type SmallCase } from '../test-support/small-plan.ts';

let plans: SmallPlans;
beforeAll(async () => {
  plans = await SmallPlans.open();
});
afterAll(() => plans.close());

const READ_ONLY = { createable: false, updateable: false };
const ACCOUNT = describeOf('Account', '001', [
  field('Name', 'string', { label: 'Account Name', length: 255, nameField: true }),
  field('BillingCity', 'string', { label: 'Billing City', length: 40 }),
  field('Founded', 'date'),
  field('Employees', 'int', { digits: 9 }),
  field('Code', 'string', { length: 20, caseSensitive: true }),
  field('CreatedDate', 'datetime', READ_ONLY),
]);
const USER = describeOf('User', '005', [
  field('Username', 'string', { length: 80, idLookup: true }),
  field('Email', 'email', { length: 128 }),
  field('IsActive', 'boolean', { nillable: false }),
]);
const CONTACT = describeOf('Contact', '003', [
  field('Contact_Key__c', 'string', { ...KEY, length: 40 }),
  field('LastName', 'string', { length: 80 }),
  field('AccountId', 'reference', { referenceTo: ['Account'], relationshipName: 'Account', label: 'Account ID' }),
  field('OwnerId', 'reference', { referenceTo: ['User'], relationshipName: 'Owner', defaultedOnCreate: true }),
]);

const id = (prefix: string, n: number) => `${prefix}${String(n).padStart(12, '0')}AAA`;
const A = (n: number) => id('001', n);
const U = (n: number) => id('005', n);

const BY_NAME: FoundTarget = {
  kind: 'found',
  field: 'AccountId',
  parentObject: 'Account',
  parentField: 'Name',
  and: null,
  whenNone: 'home',
  whenSeveral: 'home',
  whenInactive: 'home',
};
const BY_EMAIL: FoundTarget = { ...BY_NAME, field: 'OwnerId', parentObject: 'User', parentField: 'Email' };

const account = (n: number, Name: string, facts: object = {}) => ({
  Id: A(n),
  Name,
  CreatedDate: '2026-01-01T00:00:00.000+0000',
  ...facts,
});
const user = (n: number, Email: string, IsActive = true) => ({ Id: U(n), Email, IsActive });

type Told = Pick<SmallCase, 'records' | 'rows' | 'targets'> & Partial<SmallCase>;

/** What is sent in the second column of an insert, or why a row is not sent. */
async function sentOf(small: Told): Promise<string[]> {
  const { rows } = await plans.plan({
    describe: CONTACT,
    parents: [ACCOUNT, USER],
    operation: 'insert',
    ...small,
  });
  return rows.map((row) => {
    if (row.kind === 'blocked') return row.issues.map(({ code }) => code).join();
    const own = small.targets[1];
    const name = own?.kind === 'found' ? own.field : '';
    if (row.kind !== 'insert') return row.kind;
    const shown = row.values.find(({ field: of }) => of === name)?.value ?? '';
    return /\w{15}AAA(?=\)?$)/.exec(shown)?.[0] ?? shown;
  });
}

const names = (target: MappingTarget, ...cells: string[]) => ({
  targets: [to('LastName'), target],
  rows: cells.map((cell, index) => [`Person ${index}`, cell]),
});

describe('by one field', () => {
  const Account = [account(1, 'Acme'), account(2, "O'Neil & Söhne"), account(3, '100 % "Pure"')];

  test('each row is sent the Id of the record its value names, in whatever case and with spaces around it', async () => {
    const cells = ['Acme', 'ACME ', "o'neil & söhne", '100 % "pure"', '', 'Nobody'];
    expect(await sentOf({ records: { Account }, ...names(BY_NAME, ...cells) })).toEqual([
      A(1),
      A(1),
      A(2),
      A(3),
      '',
      'LOOKUP_NOT_FOUND',
    ]);
  });

  test('a value is one literal of SOQL, whatever is in it', async () => {
    const { soql } = await plans.plan({
      describe: CONTACT,
      parents: [ACCOUNT],
      operation: 'insert',
      records: { Account: [] },
      ...names(BY_NAME, "x') OR Name != '", 'back\\slash'),
    });
    expect(soql).toHaveLength(1);
    expect(soql[0]).toMatch(/^SELECT Id, Name FROM Account WHERE Name IN \('(?:[^'\\]|\\.)*','(?:[^'\\]|\\.)*'\)$/);
  });

  test('what is no value of the field is told, and is not asked for', async () => {
    const target = { ...BY_NAME, parentField: 'Employees' };
    const { soql, rows } = await plans.plan({
      describe: CONTACT,
      parents: [ACCOUNT],
      operation: 'insert',
      records: { Account: [account(1, 'Acme', { Employees: 12 })] },
      ...names(target, '1) OR (Employees > 0', '12.0'),
    });
    expect(soql).toEqual(['SELECT Id, Employees FROM Account WHERE Employees IN (12)']);
    expect(rows[0]).toMatchObject({ kind: 'blocked', issues: [{ code: 'NOT_A_NUMBER' }] });
    expect(rows[1]).toMatchObject({ kind: 'insert' });
  });

  test('keys that Salesforce tells apart by their case are told apart', async () => {
    const coded = [account(1, 'A', { Code: 'x1' }), account(2, 'B', { Code: 'X1' })];
    const target = { ...BY_NAME, parentField: 'Code' };
    expect(await sentOf({ records: { Account: coded }, ...names(target, 'X1', 'x1') })).toEqual([A(2), A(1)]);
  });

  test('an Id that is not in the org keeps its row home', async () => {
    const target = { ...BY_NAME, parentField: 'Id' };
    expect(await sentOf({ records: { Account }, ...names(target, A(1).slice(0, 15), A(9)) })).toEqual([
      A(1),
      'LOOKUP_NOT_FOUND',
    ]);
  });

  test('a blank cell is as blank cells are, and finds nothing', async () => {
    const small = {
      records: {
        Account,
        Contact: [{ Id: id('003', 1), AccountId: A(1), SystemModstamp: '2026-01-01T00:00:00.000Z' }],
      },
      operation: 'update' as const,
      matchField: 'Id',
      targets: [to('Id'), BY_NAME],
      rows: [[id('003', 1), '']],
    };
    expect(await sentOf({ ...small, blankValues: 'leave' })).toEqual(['unchanged']);
    expect(await sentOf({ ...small, blankValues: 'clear' })).toEqual(['update']);
  });
});

describe('policies', () => {
  const Account = [
    account(5, 'Twice', { CreatedDate: '2026-03-01T00:00:00.000+0000' }),
    account(7, 'Twice', { CreatedDate: '2025-03-01T00:00:00.000+0000' }),
    account(1, 'Once'),
  ];
  const User = [user(1, 'a@x.org'), user(2, 'a@x.org', false), user(3, 'gone@x.org', false)];

  test.each<[string, FoundTarget, string[]]>([
    ['none found: home', BY_NAME, ['LOOKUP_NOT_FOUND', 'LOOKUP_AMBIGUOUS', A(1)]],
    ['none found: without', { ...BY_NAME, whenNone: 'without' }, ['', 'LOOKUP_AMBIGUOUS', A(1)]],
    ['several: the oldest', { ...BY_NAME, whenSeveral: 'oldest' }, ['LOOKUP_NOT_FOUND', A(7), A(1)]],
  ])('%s', async (_name, target, sent) => {
    expect(await sentOf({ records: { Account }, ...names(target, 'None', 'Twice', 'Once') })).toEqual(sent);
  });

  test.each<[string, FoundTarget, string[]]>([
    ['inactive: home', BY_EMAIL, [U(1), 'LOOKUP_INACTIVE']],
    ['inactive: used', { ...BY_EMAIL, whenInactive: 'use' }, [U(1), U(3)]],
  ])('%s; of an active user and an inactive one the active is meant', async (_name, target, sent) => {
    expect(await sentOf({ records: { User }, ...names(target, 'A@x.org', 'gone@x.org') })).toEqual(sent);
  });

  test('several inactive users are several once inactive ones are used', async () => {
    const records = { User: [user(3, 'gone@x.org', false), user(4, 'gone@x.org', false)] };
    expect(await sentOf({ records, ...names(BY_EMAIL, 'gone@x.org') })).toEqual(['LOOKUP_INACTIVE']);
    const used = { ...BY_EMAIL, whenInactive: 'use' as const };
    expect(await sentOf({ records, ...names(used, 'gone@x.org') })).toEqual(['LOOKUP_AMBIGUOUS']);
    expect(await sentOf({ records, ...names({ ...used, whenSeveral: 'oldest' }, 'gone@x.org') })).toEqual([U(3)]);
  });

  test('what was done is counted in the plan, with the calls it took', async () => {
    const { plan } = await plans.plan({
      describe: CONTACT,
      parents: [ACCOUNT],
      operation: 'insert',
      records: { Account },
      ...names({ ...BY_NAME, whenNone: 'without', whenSeveral: 'oldest' }, 'Once', 'once', 'Twice', 'Nobody', ''),
    });
    expect(plan.lookups).toEqual([
      {
        column: 1,
        field: 'AccountId',
        parent: 'Account',
        parentField: 'Account Name',
        found: 2,
        without: 1,
        oldest: 1,
        inactive: 0,
        apiCalls: 1,
      },
    ]);
  });

  test('a record cannot be made without a lookup that it must have', async () => {
    const child = describeOf('Child', 'a01', [
      field('Name', 'string'),
      field('AccountId', 'reference', { referenceTo: ['Account'], relationshipName: 'Account', nillable: false }),
    ]);
    const target = { ...BY_NAME, whenNone: 'without' as const };
    const small = { ...names(target, 'None', 'Once'), targets: [to('Name'), target] };
    expect(await sentOf({ describe: child, records: { Account }, ...small })).toEqual(['REQUIRED_BLANK', A(1)]);
  });
});

describe('by two fields', () => {
  const pair: FoundTarget = { ...BY_NAME, and: { parentField: 'BillingCity', column: 2 } };
  const Account = [
    account(1, 'Acme', { BillingCity: 'Berlin' }),
    account(2, 'Acme', { BillingCity: 'Paris' }),
    account(3, 'Acme'),
  ];
  const rows = [
    ['P', 'Acme', 'berlin'],
    ['P', 'acme', ' Paris'],
    ['P', 'Acme', ''],
    ['P', 'Acme', 'Rome'],
    ['P', '', 'Rome'],
  ];

  test('both must agree; a blank second value means a record without one', async () => {
    const targets: MappingTarget[] = [to('LastName'), pair, { kind: 'ignored' }];
    expect(await sentOf({ records: { Account }, targets, rows })).toEqual([A(1), A(2), A(3), 'LOOKUP_NOT_FOUND', '']);
  });

  test('the problem names both', async () => {
    const targets: MappingTarget[] = [to('LastName'), pair, { kind: 'ignored' }];
    const planned = await plans.plan({
      describe: CONTACT,
      parents: [ACCOUNT],
      operation: 'insert',
      records: { Account },
      targets,
      rows,
    });
    const blocked = planned.rows[3];
    const issue = blocked?.kind === 'blocked' ? blocked.issues[0] : undefined;
    expect(issue && issueText(issue)).toBe(
      'No Account with Account Name “Acme” and Billing City “Rome”. Load the parent first, or correct the value.',
    );
  });

  test('the second value is read by its own field’s rules', async () => {
    const dated: FoundTarget = { ...BY_NAME, and: { parentField: 'Founded', column: 2 } };
    const targets: MappingTarget[] = [to('LastName'), dated, { kind: 'ignored' }];
    const records = { Account: [account(1, 'Acme', { Founded: '1999-12-31' })] };
    const cells = [
      ['P', 'Acme', '31/12/1999'],
      ['P', 'Acme', 'long ago'],
    ];
    expect(await sentOf({ records, targets, rows: cells })).toEqual([A(1), 'LOOKUP_NOT_FOUND']);
  });

  test('rows of one key that differ only in the second value are not the same row', async () => {
    const targets: MappingTarget[] = [to('Contact_Key__c'), pair, { kind: 'ignored' }];
    const small = {
      records: { Account, Contact: [] },
      operation: 'upsert' as const,
      matchField: 'Contact_Key__c',
      targets,
    };
    const twice = (city: string) => [
      ['K', 'Acme', 'Berlin'],
      ['K', 'ACME', city],
    ];
    expect(await sentOf({ ...small, rows: twice('BERLIN') })).toEqual([A(1), 'duplicate']);
    expect(await sentOf({ ...small, rows: twice('Paris') })).toEqual(['MATCH_VALUE_REPEATED', 'MATCH_VALUE_REPEATED']);
  });
});

test('a plan shows what a record was found by, beside its Id', async () => {
  const contact = { Id: id('003', 1), AccountId: A(2), SystemModstamp: '2026-01-01T00:00:00.000Z' };
  const plan = (target: FoundTarget, cell: string) =>
    plans.plan({
      describe: CONTACT,
      parents: [ACCOUNT],
      operation: 'update',
      matchField: 'Id',
      records: { Account: [account(1, 'Acme')], Contact: [contact] },
      targets: [to('Id'), target],
      rows: [[contact.Id, cell]],
    });
  const changes = (shown: string) => ({ changes: [{ field: 'AccountId', old: A(2), new: shown, cleared: false }] });
  expect((await plan(BY_NAME, ' ACME')).rows[0]).toMatchObject(changes(`ACME (${A(1)})`));
  const byId = { ...BY_NAME, parentField: 'Id' };
  expect((await plan(byId, A(1).slice(0, 15))).rows[0]).toMatchObject(changes(A(1)));
});

test('the org’s value is compared as the Id that was found', async () => {
  const contact = { Id: id('003', 1), AccountId: A(1), SystemModstamp: '2026-01-01T00:00:00.000Z' };
  const small = (cell: string): Told => ({
    records: { Account: [account(1, 'Acme'), account(2, 'Other')], Contact: [contact] },
    operation: 'update',
    matchField: 'Id',
    targets: [to('Id'), BY_NAME],
    rows: [[contact.Id, cell]],
  });
  expect(await sentOf(small('ACME'))).toEqual(['unchanged']);
  expect(await sentOf(small('Other'))).toEqual(['update']);
  expect(await sentOf(small('#N/A'))).toEqual(['update']);
});

test('whatever names there are, each row gets the one record with its name, or is not sent', async () => {
  const name = fc.string({
    unit: fc.constantFrom("'", '"', '\\', '%', '_', 'a', 'A', 'ß', 'É', 'é', ' ', '#'),
    maxLength: 6,
  });
  const folded = (text: string) => text.trim().toLowerCase();
  await fc.assert(
    fc.asyncProperty(
      fc.array(name, { maxLength: 12 }),
      fc.array(name, { minLength: 1, maxLength: 12 }),
      async (org, cells) => {
        const named = org.filter((text) => text.trim() !== '');
        const records = { Account: named.map((text, n) => account(n + 1, text.trim())) };
        const sent = await sentOf({ records, ...names(BY_NAME, ...cells) });
        const expected = cells.map((cell) => {
          if (folded(cell) === '') return '';
          const matches = named.flatMap((text, n) => (folded(text) === folded(cell) ? [A(n + 1)] : []));
          return matches.length === 1 ? matches[0] : matches.length === 0 ? 'LOOKUP_NOT_FOUND' : 'LOOKUP_AMBIGUOUS';
        });
        // Rows that are the same in every column are sent once.
        expect(sent.map((one, n) => (one === 'duplicate' ? expected[n] : one))).toEqual(expected);
      },
    ),
    { numRuns: 15 },
  );
});
