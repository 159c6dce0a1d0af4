import { afterAll, beforeAll, expect, test } from 'vitest';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { SmallPlans, to } from '../test-support/small-plan.ts';
import { tablesOf } from '../tables/tables.ts';
import { findUniqueRepeats } from './find-unique-repeats.ts';

const describe = describeOf('Member__c', 'a03', [
  field('Key__c', 'string', { ...KEY, length: 40 }),
  field('Badge__c', 'string', { length: 40, unique: true }),
  field('Code__c', 'string', { length: 40, unique: true, caseSensitive: true }),
  field('Seats__c', 'int', { digits: 9 }),
]);

let plans: SmallPlans;
beforeAll(async () => {
  plans = await SmallPlans.open();
});
afterAll(() => plans.close());

async function kinds(names: readonly string[], rows: readonly (readonly string[])[], more: object = {}) {
  const operation: FieldMapping['operation'] = 'insert';
  const result = await plans.plan({
    describe,
    records: {},
    operation,
    targets: names.map((name) => to(name)),
    rows,
    ...more,
  });
  return result.rows.map((row) =>
    row.kind === 'blocked'
      ? row.issues.map(({ code, facts }) => `${code} ${String(facts['of'] ?? '')}`).join()
      : row.kind,
  );
}

test('of rows with one value in a unique field the first is sent, by how the field tells values apart', async () => {
  const rows = [
    ['B-1', 'c', '1'],
    ['b-1 ', 'C', '2'],
    ['', '', '3'],
    ['', '', '4'],
    ['B-2', 'c', '5'],
  ];
  expect(await kinds(['Badge__c', 'Code__c', 'Seats__c'], rows)).toEqual([
    'insert',
    'UNIQUE_REPEATED 1',
    'insert',
    'insert',
    'UNIQUE_REPEATED 1',
  ]);
});

test('rows that are not sent anyway take no value: wrong ones, and those that another row stands for', async () => {
  const rows = [
    ['B-1', 'many'],
    ['B-1', '2'],
    ['B-1', '2'],
    ['B-1', '3'],
  ];
  expect(await kinds(['Badge__c', 'Seats__c'], rows)).toEqual([
    'NOT_A_NUMBER ',
    'insert',
    'duplicate',
    'UNIQUE_REPEATED 2',
  ]);
});

test('the field that names the record is left to its own rule; others are looked at in updates as well', async () => {
  const records = {
    Member__c: [1, 2].map((n) => ({ Id: `a030000000000${n}0AAA`, Key__c: `k${n}`, Badge__c: `old ${n}` })),
  };
  const rows = [
    ['k1', 'B-1'],
    ['k2', 'B-1'],
  ];
  const more = { operation: 'upsert', matchField: 'Key__c', records };
  expect(await kinds(['Key__c', 'Badge__c'], rows, more)).toEqual(['update', 'UNIQUE_REPEATED 1']);
});

test('however many rows are grouped at a time, the same are found', async () => {
  const rows = Array.from({ length: 40 }, (_, n) => [`B-${n % 25}`, String(n)]);
  const found = new Set<string>();
  for (const grouped of [3, 1000]) {
    await plans.plan(
      { describe, records: {}, operation: 'insert', targets: [to('Badge__c'), to('Seats__c')], rows },
      async ({ input }) => {
        const { rowIssue } = tablesOf(input.source.alias);
        await plans.staging.run(`DELETE FROM ${rowIssue}`);
        await findUniqueRepeats(plans.staging, { ...input, keyPrefixes: new Map(), timeZone: 'UTC' }, grouped);
        const told = await plans.staging.query(`SELECT row_number, facts FROM ${rowIssue} ORDER BY row_number`);
        expect(told).toHaveLength(15);
        found.add(JSON.stringify(told));
      },
    );
  }
  expect(found.size).toBe(1);
});
