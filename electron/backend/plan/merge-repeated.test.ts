import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { SmallPlans, to, type SmallCase } from '../test-support/small-plan.ts';

let plans: SmallPlans;
beforeAll(async () => {
  plans = await SmallPlans.open();
});
afterAll(() => plans.close());

const CONTACT = describeOf('Contact', '003', [
  field('ERP_Id__c', 'string', { ...KEY, length: 40 }),
  field('LastName', 'string', { length: 80, nillable: false }),
  field('Email', 'email', { length: 80 }),
  field('Phone', 'phone', { length: 40 }),
]);
const TARGETS = [to('ERP_Id__c'), to('LastName'), to('Email'), to('Phone')];

async function planned(small: Omit<SmallCase, 'describe' | 'records' | 'targets'>) {
  return plans.plan({ describe: CONTACT, records: { Contact: [] }, targets: TARGETS, ...small });
}

test('the first row of a key takes over what it has blank from those after it', async () => {
  const { rows } = await planned({
    operation: 'upsert',
    matchField: 'ERP_Id__c',
    duplicateKeys: 'merge',
    rows: [
      ['K', 'Ng', '', '#N/A'],
      ['k', 'Other', 'ng@one.example', ''],
      ['K', 'Ng', 'ng@two.example', '030'],
    ],
  });
  expect(rows.map((row) => [row.kind, row.kind === 'duplicate' ? [row.of, row.decision] : null])).toEqual([
    ['insert', null],
    ['duplicate', [1, 'merged']],
    ['duplicate', [1, 'merged']],
  ]);
  expect(rows[0]).toMatchObject({
    values: [
      { field: 'ERP_Id__c', value: 'K' },
      { field: 'LastName', value: 'Ng' },
      { field: 'Email', value: 'ng@one.example' },
      { field: 'Phone', value: '030' },
    ],
  });
});

test('what was decided of one group holds in the plan: it is merged, or its row is sent, and the others wait', async () => {
  const { rows } = await planned({
    operation: 'upsert',
    matchField: 'ERP_Id__c',
    duplicateKeys: 'ask',
    repeatChoices: [
      { rows: [1, 2], keep: 'merge' },
      { rows: [3, 4], keep: 4 },
    ],
    rows: [
      ['K', 'Ng', '', '#N/A'],
      ['k', 'Other', 'ng@one.example', '030'],
      ['L', 'Li', '', ''],
      ['L', 'Liu', '', ''],
      ['M', 'Mo', '', ''],
      ['M', 'Moe', '', ''],
    ],
  });
  expect(rows.map((row) => [row.kind, row.kind === 'duplicate' ? [row.of, row.decision] : null])).toEqual([
    ['insert', null],
    ['duplicate', [1, 'merged']],
    ['duplicate', [4, 'superseded']],
    ['insert', null],
    ['blocked', null],
    ['blocked', null],
  ]);
  expect(rows[0]).toMatchObject({
    values: [
      { field: 'ERP_Id__c', value: 'K' },
      { field: 'LastName', value: 'Ng' },
      { field: 'Email', value: 'ng@one.example' },
      { field: 'Phone', value: '030' },
    ],
  });
});

test('an insert’s rows repeat one another by the columns that are chosen; a blank is like nothing', async () => {
  const rows = [
    ['1', 'Ng', 'ng@one.example', '1'],
    ['2', 'NG', 'NG@one.example', '2'],
    ['3', 'Ng', '', '3'],
    ['4', 'Ng', '', '4'],
    ['5', 'Li', 'ng@one.example', '5'],
  ];
  const kinds = async (duplicateKeys: 'ask' | 'last', repeatedBy?: number[]) =>
    (await planned({ operation: 'insert', duplicateKeys, rows, ...(repeatedBy ? { repeatedBy } : {}) })).rows.map(
      ({ kind }) => kind,
    );
  expect(await kinds('ask')).toEqual(['insert', 'insert', 'insert', 'insert', 'insert']);
  expect(await kinds('last', [1, 2])).toEqual(['duplicate', 'insert', 'insert', 'insert', 'insert']);
  expect(await kinds('ask', [1, 2])).toEqual(['blocked', 'blocked', 'insert', 'insert', 'insert']);
  expect(await kinds('last', [2])).toEqual(['duplicate', 'duplicate', 'insert', 'insert', 'insert']);
});
