import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { SmallPlans, to } from '../test-support/small-plan.ts';
import { planPage } from './plan-pages.ts';

let plans: SmallPlans;
beforeAll(async () => {
  plans = await SmallPlans.open();
});
afterAll(() => plans.close());

test('numbers are sorted as numbers and before texts, blanks come last, and equals stay in file order', async () => {
  const describe = describeOf('Account', '001', [
    field('ERP_Id__c', 'string', { ...KEY, length: 40 }),
    field('Code__c', 'string', { length: 40 }),
  ]);
  const codes = ['10', '9', '', 'b', 'a', '9', '-1.5'];
  const small = {
    describe,
    records: { Account: [] },
    operation: 'upsert' as const,
    matchField: 'ERP_Id__c',
    targets: [to('ERP_Id__c'), to('Code__c')],
    rows: codes.map((code, at) => [`K-${at}`, code]),
  };
  await plans.plan(small, async ({ plan }) => {
    const sorted = async (descending: boolean, offset = 0) => {
      const view = { kind: null, search: '', sort: { field: 'Code__c', descending } };
      const { rows, total } = await planPage(plans.staging, plan, view, offset, 4);
      expect(total).toBe(7);
      return rows.map(({ row }) => row);
    };
    expect([...(await sorted(false)), ...(await sorted(false, 4))]).toEqual([7, 2, 6, 1, 5, 4, 3]);
    expect([...(await sorted(true)), ...(await sorted(true, 4))]).toEqual([1, 2, 6, 7, 4, 5, 3]);
  });
});
