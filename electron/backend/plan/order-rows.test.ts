import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FoundTarget, MappingTarget } from '../../../shared/domain/field-mapping.ts';
import { SourceRowNumber } from '../../../shared/domain/ids.ts';
import { issueText } from '../../../shared/text/issue-text.ts';
import { plannedLookupText } from '../../../shared/text/lookup-text.ts';
import { tablesOf } from '../tables/tables.ts';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { SmallPlans, to, type SmallCase } from '../test-support/small-plan.ts';
import { leaveOut } from './leave-out.ts';

let plans: SmallPlans;
beforeAll(async () => {
  plans = await SmallPlans.open();
});
afterAll(() => plans.close());

const ACCOUNT = describeOf('Account', '001', [
  field('Name', 'string', { label: 'Account Name', nillable: false, length: 255 }),
  field('BillingCity', 'string', { label: 'Billing City', length: 40 }),
  field('ERP_Id__c', 'string', { ...KEY, length: 40 }),
  field('ParentId', 'reference', { referenceTo: ['Account'], relationshipName: 'Parent', label: 'Parent Account' }),
  field('Owner__c', 'reference', { referenceTo: ['Account'], relationshipName: 'Owner__r', label: 'Owner' }),
  field('Held__c', 'reference', {
    referenceTo: ['Account'],
    label: 'Held',
    relationshipName: 'Held__r',
    updateable: false,
  }),
]);
const BY_NAME: FoundTarget = {
  kind: 'found',
  field: 'ParentId',
  parentObject: 'Account',
  parentField: 'Name',
  and: null,
  whenNone: 'home',
  whenSeveral: 'home',
  whenInactive: 'home',
};
const OWNER: MappingTarget = {
  kind: 'lookup',
  field: 'Owner__c',
  relationshipName: 'Owner__r',
  parentObject: 'Account',
  parentField: 'ERP_Id__c',
  polymorphic: false,
};

/** Rows of name, key and whatever the targets after these say. */
const small = (
  targets: readonly MappingTarget[],
  rows: readonly (readonly string[])[],
  more: Partial<SmallCase> = {},
) => ({
  describe: ACCOUNT,
  parents: [ACCOUNT],
  operation: 'insert' as const,
  records: { Account: [] },
  targets: [to('Name'), to('ERP_Id__c'), ...targets],
  rows,
  ...more,
});

/** By row the fields of its second step, or why it is not sent. */
async function told(given: SmallCase): Promise<string[]> {
  const { rows } = await plans.plan(given);
  return rows.map((row) => {
    if (row.kind === 'blocked') return row.issues.map(({ code }) => code).join();
    return row.kind === 'insert' || row.kind === 'update' ? row.later.join() : row.kind;
  });
}

test('a parent named by name that is a row of the file is given in a second step, and shown by its name', async () => {
  const given = small(
    [BY_NAME],
    [
      ['Below', '', 'top'],
      ['Top', '', ''],
      ['Other', '', 'Nobody'],
    ],
  );
  expect(await told(given)).toEqual(['ParentId', '', 'LOOKUP_NOT_FOUND']);
  const { plan, rows } = await plans.plan(given, async ({ plan: { planId } }) => {
    const { mapped, level } = tablesOf(planId);
    expect(await plans.staging.query(`SELECT a2 FROM ${mapped} WHERE row_number = 1`)).toEqual([{ a2: '' }]);
    expect(await plans.staging.query(`SELECT * FROM ${level}`)).toEqual([]);
  });
  expect(rows[0]).toMatchObject({ values: [{ value: 'Below' }, { field: 'ParentId', value: 'top' }] });
  expect(plan).toMatchObject({ jobs: 2, secondStep: { rows: 1, fields: [{ field: 'ParentId', rows: 1 }] } });
  expect(plan.lookups.map(plannedLookupText)).toEqual([
    'ParentId: 0 rows found their Account by Account Name; 1 row refers to a row of this file (1 API call).',
  ]);
});

test('a record that the org has comes before a row of the file', async () => {
  const Account = [{ Id: '001000000000001AAA', Name: 'Top', ERP_Id__c: 'x' }];
  const rows = [
    ['Below', '', 'Top'],
    ['Top', '', ''],
  ];
  const { plan, rows: planned } = await plans.plan(small([BY_NAME], rows, { records: { Account } }));
  expect(plan.secondStep).toBeNull();
  expect(planned[0]).toMatchObject({ values: [{}, { value: 'Top (001000000000001AAA)' }], later: [] });
});

test('several rows of one name: the row is not sent and says so, or gets the first of them; a pair tells them apart', async () => {
  const rows = [
    ['Below', '', 'Top', 'Ulm', ''],
    ['Top', '', '', '', 'Bonn'],
    ['Top', '', '', '', 'Ulm'],
  ];
  const city = to('BillingCity');
  const several = small([BY_NAME, { kind: 'ignored' }, city], rows);
  expect(await told(several)).toEqual(['LOOKUP_SEVERAL_ROWS', '', '']);
  const { rows: planned } = await plans.plan(several);
  const issue = planned[0]?.kind === 'blocked' ? planned[0].issues[0] : undefined;
  expect(issue && issueText(issue)).toBe(
    '2 rows of this file have Account Name “Top” (first in row 2). Identify the parent by a key, or choose to use the first row.',
  );
  const parentOf = async (target: FoundTarget) => {
    let of: unknown = null;
    await plans.plan(small([target, { kind: 'ignored' }, city], rows), async ({ plan: { planId } }) => {
      of = (await plans.staging.query(`SELECT of_row FROM ${tablesOf(planId).laterCell}`))[0]?.['of_row'];
    });
    return of;
  };
  expect(await parentOf({ ...BY_NAME, whenSeveral: 'oldest' })).toBe(2);
  expect(await parentOf({ ...BY_NAME, and: { parentField: 'BillingCity', column: 3 } })).toBe(3);
});

test('whoever names a row that is not sent is not sent, by key or by name; a loop of accounts too', async () => {
  const rows = [
    ['A', 'a', 'B', ''],
    ['B', 'b', '', 'c'],
    ['', 'c', '', ''],
    ['D', 'd', '', 'a'],
    ['E', 'e', 'F', ''],
    ['F', 'f', 'E', ''],
    ['G', 'g', '', 'e'],
    ['H', 'h', '', ''],
  ];
  expect(await told(small([BY_NAME, OWNER], rows))).toEqual([
    'LOOKUP_PARENT_HOME',
    'LOOKUP_PARENT_HOME',
    'REQUIRED_BLANK',
    'LOOKUP_PARENT_HOME',
    'LOOKUP_CIRCLE',
    'LOOKUP_CIRCLE',
    'LOOKUP_PARENT_HOME',
    '',
  ]);
});

test('a field that can’t be given later is told, and an update makes no parents', async () => {
  const rows = [
    ['Below', '', 'Top'],
    ['Top', '', ''],
  ];
  expect(await told(small([{ ...BY_NAME, field: 'Held__c' }], rows))).toEqual(['LOOKUP_ROW_REQUIRED', '']);
  const Account = [
    { Id: '001000000000001AAA', Name: 'Old', ERP_Id__c: 'k', SystemModstamp: '2026-01-01T00:00:00.000Z' },
  ];
  const update = { operation: 'update' as const, matchField: 'Id', records: { Account } };
  const targets = [to('Name'), to('Id'), BY_NAME];
  const given = { ...small([], []), ...update, targets, rows: [['New', '001000000000001AAA', 'New']] };
  expect(await told(given)).toEqual(['LOOKUP_NOT_FOUND']);
});

test('a parent that is left out takes its children along, and gives them back', async () => {
  const rows = [
    ['Below', '', 'Top'],
    ['Top', '', ''],
  ];
  await plans.plan(small([BY_NAME], rows), async ({ plan, input }) => {
    const { planned, laterCell, mapped } = tablesOf(plan.planId);
    const leave = (takeBack: boolean) =>
      leaveOut(plans.staging, plan, input, { of: { rows: [SourceRowNumber.parse(2)] }, field: null, takeBack });
    const kinds = async () =>
      (await plans.staging.query(`SELECT kind FROM ${planned} ORDER BY row_number`)).map(({ kind }) => kind);
    await leave(false);
    expect(await kinds()).toEqual(['blocked', 'leftOut']);
    await leave(true);
    expect(await kinds()).toEqual(['insert', 'insert']);
    expect(await plans.staging.query(`SELECT row_number, of_row, value FROM ${laterCell}`)).toEqual([
      { row_number: 1, of_row: 2, value: 'Top' },
    ]);
    expect(await plans.staging.query(`SELECT a2 FROM ${mapped} WHERE row_number = 1`)).toEqual([{ a2: '' }]);
  });
});
