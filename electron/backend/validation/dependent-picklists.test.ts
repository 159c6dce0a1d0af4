import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeOf, field } from '../test-support/small-org.ts';
import { SmallPlans, to } from '../test-support/small-plan.ts';

let plans: SmallPlans;
beforeAll(async () => {
  plans = await SmallPlans.open();
});
afterAll(() => plans.close());

const entry = (value: string, validFor?: string) => ({ value, active: true, ...(validFor ? { validFor } : {}) });
/** A controlling field of two values, and one of which each value belongs to one of them (SOAP API guide, "validFor"). */
const depending = (more: object) => [
  field('Country', 'picklist', { length: 80, picklistValues: [entry('DE'), entry('FR')] }),
  field('State', 'picklist', {
    length: 80,
    dependentPicklist: true,
    controllerName: 'Country',
    picklistValues: [entry('BY', 'g'), entry('IDF', 'Q')],
    ...more,
  }),
];

const kindsIn = async (more: object, type: 'picklist' | 'multipicklist', states: readonly string[]) => {
  const [country, state] = depending({ ...more, type });
  if (!country || !state) throw new Error('no fields');
  const { rows } = await plans.plan({
    describe: describeOf('Place__c', 'a02', [country, state]),
    records: {},
    operation: 'insert',
    targets: [to('Country'), to('State')],
    rows: states.map((one) => ['FR', one]),
  });
  return rows.map((row) => (row.kind === 'blocked' ? row.issues.map(({ code }) => code).join(' ') : row.kind));
};

test('a state that is not of its country is not sent; any other value that pages would not offer is', async () => {
  const states = ['IDF', 'BY', ''];
  const address = { compoundFieldName: 'Address' };
  expect(await kindsIn(address, 'picklist', states)).toEqual(['insert', 'PICKLIST_NOT_ALLOWED_HERE', 'insert']);
  expect(await kindsIn({}, 'picklist', states)).toEqual(['insert', 'insert', 'insert']);
});

test('of several selected values each is judged by itself', async () => {
  const states = ['IDF', 'BY;IDF'];
  const address = { compoundFieldName: 'Address' };
  expect(await kindsIn(address, 'multipicklist', states)).toEqual(['insert', 'PICKLIST_NOT_ALLOWED_HERE']);
});
