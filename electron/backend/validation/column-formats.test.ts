import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MappingTarget, FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { SmallPlans, to } from '../test-support/small-plan.ts';
import { textOf } from '../staging/staging-functions.ts';
import { sent, tablesOf } from '../tables/tables.ts';
import { ValueChecker } from './check-values.ts';

const describe = describeOf('Deal__c', 'a01', [
  field('Key__c', 'string', { ...KEY, length: 40 }),
  field('Amount__c', 'currency', { precision: 18, scale: 2 }),
  field('Closed__c', 'date'),
  field('Seats__c', 'int', { digits: 9 }),
  field('Owner_Name__c', 'string', { length: 80, nillable: false }),
  field('Done__c', 'boolean', { nillable: false }),
  field('Status__c', 'string', { length: 80, nillable: false, defaultedOnCreate: true }),
  field('Account__c', 'reference', { referenceTo: ['Account'], relationshipName: 'Account__r' }),
]);
const account = describeOf('Account', '001', []);

let plans: SmallPlans;
beforeAll(async () => {
  plans = await SmallPlans.open();
});
afterAll(() => plans.close());

async function plan(
  targets: readonly MappingTarget[],
  rows: readonly (readonly string[])[],
  operation: FieldMapping['operation'] = 'insert',
  records: Record<string, readonly Record<string, unknown>[]> = {},
): Promise<{ told: string[]; question: unknown }> {
  let question: unknown = null;
  const result = await plans.plan(
    {
      describe,
      parents: [account],
      records,
      operation,
      matchField: operation === 'insert' ? null : 'Key__c',
      targets,
      rows,
    },
    async ({ input }) => {
      const keyPrefixes = new Map([['account', '001']]);
      const formats = await new ValueChecker(plans.staging).check(
        { ...input, keyPrefixes, timeZone: 'UTC' },
        new AbortController().signal,
        () => undefined,
      );
      question = [...formats.values()].find((format) => format.question !== null)?.question ?? null;
    },
  );
  const told = result.rows.map((row) =>
    row.kind === 'blocked' ? row.issues.map(({ code }) => code).join(' ') : row.kind,
  );
  return { told, question };
}

const inserted = (texts: readonly string[], name: string) =>
  plan(
    [to('Owner_Name__c'), to(name)],
    texts.map((text, index) => [`n${index}`, text]),
  );

test('rows are not sent whose numbers mean two things while the column does not say which, with the evidence', async () => {
  expect(await inserted(['1,250', '3,125', '17'], 'Amount__c')).toEqual({
    told: ['DECIMAL_AMBIGUOUS', 'DECIMAL_AMBIGUOUS', 'insert'],
    question: { proof: {}, open: { text: '1,250', readings: { point: '1250', comma: '1.25' } } },
  });
});

test('proof both ways is a question, and only what can be read both ways waits for the answer', async () => {
  expect(await inserted(['1,250', '12.5', '12,5', '0,125', '0.101'], 'Amount__c')).toEqual({
    told: ['DECIMAL_AMBIGUOUS', 'insert', 'insert', 'insert', 'insert'],
    question: {
      proof: { point: '12.5', comma: '12,5' },
      open: { text: '1,250', readings: { point: '1250', comma: '1.25' } },
    },
  });
});

test('one proof anywhere in the file decides, however many values are open', async () => {
  const open = Array.from({ length: 400 }, (_, index) => `1,${String(index + 100)}`);
  const { told, question } = await inserted([...open, '0,125'], 'Amount__c');
  expect(question).toBeNull();
  expect(new Set(told)).toEqual(new Set(['insert']));
});

test('dates are judged by every value, and a year of two digits may come first', async () => {
  expect(await inserted(['24-01-05', '2024-01-05'], 'Closed__c')).toEqual({
    told: ['DATE_ORDER_AMBIGUOUS', 'insert'],
    question: {
      proof: {},
      open: { text: '24-01-05', readings: { dmy: '2005-01-24', ymd: '2024-01-05' } },
    },
  });
  expect((await inserted(['03/04/2025', '13/04/2025 00:00'], 'Closed__c')).told).toEqual(['insert', 'insert']);
});

/** What of a column would be sent, by row. */
async function sentOf(texts: readonly string[], name: string): Promise<string[]> {
  const found: string[] = [];
  await plans.plan(
    {
      describe,
      records: {},
      operation: 'insert',
      matchField: null,
      targets: [to('Owner_Name__c'), to(name)],
      rows: texts.map((text, index) => [`n${index}`, text]),
    },
    async ({ input }) => {
      const { mapped, rowIssue } = tablesOf(input.planId);
      const rows = await plans.staging.query(
        `SELECT ${sent(1)} AS value FROM ${mapped} ANTI JOIN ${rowIssue} USING (row_number) ORDER BY row_number`,
      );
      found.push(...rows.map((row) => textOf(row, 'value')));
    },
  );
  return found;
}

test('dates that are the same in every order are that date, and a day of the week tells the order of its own', async () => {
  const texts = ['05/05/24', '2024-01-05', 'Tue 05/03/24', 'Mi 06/03/24'];
  expect(await sentOf(texts, 'Closed__c')).toEqual(['2024-05-05', '2024-01-05', '2024-03-05', '2024-03-06']);
  expect((await inserted(texts, 'Closed__c')).question).toBeNull();
});

test('a whole number with three zeros after its mark is asked about, unless others show what the mark is', async () => {
  expect(await inserted(['3.000', '12'], 'Seats__c')).toEqual({
    told: ['DECIMAL_AMBIGUOUS', 'insert'],
    question: { proof: {}, open: { text: '3.000', readings: { point: '3', comma: '3000' } } },
  });
  expect(await sentOf(['3.000', '12.0'], 'Seats__c')).toEqual(['3', '12']);
  expect(await sentOf(['3.000', '1.250'], 'Seats__c')).toEqual(['3000', '1250']);
});

test('an id of an object that the lookup does not take is not sent', async () => {
  const rows = [
    ['n0', '001A0000006Vm9r'],
    ['n1', '003A0000006Vm9r'],
  ];
  const there = { Account: [{ Id: '001A0000006Vm9rIAC' }] };
  const { told } = await plan([to('Owner_Name__c'), to('Account__c')], rows, 'insert', there);
  expect(told).toEqual(['insert', 'ID_OF_OTHER_OBJECT']);
});

test('clearing what is required is told; clearing a checkbox that is not checked changes nothing', async () => {
  const { told } = await plan(
    [to('Key__c'), to('Owner_Name__c'), to('Done__c'), to('Status__c')],
    [
      ['k1', '#N/A', 'no', 'New'],
      ['k2', 'Jane', '#N/A', 'New'],
      ['k3', 'Jane', 'no', '#N/A'],
    ],
    'upsert',
    {
      Deal__c: ['k1', 'k2', 'k3'].map((key, index) => ({
        Id: `a010000000000${index + 1}0AAA`,
        Key__c: key,
        Owner_Name__c: 'Jane',
        Done__c: false,
        Status__c: 'New',
      })),
    },
  );
  expect(told).toEqual(['REQUIRED_CLEARED', 'unchanged', 'REQUIRED_CLEARED']);
});
