import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { SmallPlans, to } from '../test-support/small-plan.ts';
import { planPage } from './plan-pages.ts';
import { makeSearchText, NOT_SEARCHED, searchedColumns } from './search-text.ts';

let plans: SmallPlans;
beforeAll(async () => {
  plans = await SmallPlans.open();
});
afterAll(() => plans.close());

test('a search finds the same rows by lists of values and texts of whole rows as by their cells', async () => {
  const describe = describeOf('Account', '001', [
    field('ERP_Id__c', 'string', { ...KEY, length: 40 }),
    field('Name', 'string', { length: 40 }),
    field('Type', 'string', { length: 40 }),
  ]);
  const small = {
    describe,
    records: { Account: [] },
    operation: 'upsert' as const,
    matchField: 'ERP_Id__c',
    targets: [to('ERP_Id__c'), to('Name'), to('Type')],
    rows: [
      ['K-1', 'Müller AG', 'Bank'],
      ['K-2', 'MÜLLER GmbH', 'Bank'],
      ['K-3', '', 'Werft'],
      ['K-4', 'x\u001fy', 'Bank'],
      ['K-5', "O'Brien %_", 'Bank'],
    ],
  };
  await plans.plan(small, async ({ plan, input }) => {
    const found = async (search: string): Promise<number[]> =>
      (await planPage(plans.staging, plan, { kind: null, search }, 0, 10)).rows.map(({ row }) => row);
    const searches = [
      'müller',
      'bank',
      'MÜLLER',
      'werft',
      'k-',
      "o'b",
      '%_',
      'x\u001fy',
      '1\u001fm',
      'k-1m',
      'nothing',
    ];
    const byCells = [];
    for (const search of searches) byCells.push(await found(search));
    expect(byCells).toEqual([[1, 2], [1, 2, 4, 5], [1, 2], [3], [1, 2, 3, 4, 5], [5], [5], [4], [], [], []]);
    expect(await searchedColumns(plans.staging, plan.planId, 'müller')).toEqual(NOT_SEARCHED);

    const limits = { manyRows: 1, lookedAt: 20, mostColumns: 40 };
    const textsOf: [number, number[]][] = [
      [3, [0, 1]],
      [0, [0, 1, 2]],
      [10, []],
    ];
    for (const [fewValues, texts] of textsOf) {
      await makeSearchText(plans.staging, { ...input, rows: input.source.rows }, { ...limits, fewValues });
      const values = [0, 1, 2].filter((column) => !texts.includes(column));
      const bank = { texts, values, found: values.includes(2) ? [2] : [] };
      expect(await searchedColumns(plans.staging, plan.planId, 'BANK')).toEqual(bank);
      const byLists = [];
      for (const search of searches) byLists.push(await found(search));
      expect(byLists).toEqual(byCells);
    }
  });
});
