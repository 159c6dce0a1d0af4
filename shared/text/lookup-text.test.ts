import { expect, test } from 'vitest';
import { coverageText, plannedLookupText } from './lookup-text.ts';

const account = { parent: 'Account', parentField: 'Account Name' };
const nowhereElse = { inFile: 0, unasked: 0 };

test.each([
  [
    {
      ...account,
      ...nowhereElse,
      values: 415,
      found: 412,
      several: 1,
      inactive: 0,
      none: 2,
      misses: ['Acme', 'B  C'],
      apiCalls: 4,
    },
    '412 of 415 values find their Account by Account Name; 2 find none and 1 finds several (4 API calls). Not found: “Acme”, “B C”.',
  ],
  [
    { ...account, ...nowhereElse, values: 1, found: 1, several: 0, inactive: 0, none: 0, misses: [], apiCalls: 1 },
    'The only value finds its Account by Account Name (1 API call).',
  ],
  [
    {
      ...nowhereElse,
      parent: 'User',
      parentField: 'Email',
      secondField: 'Alias',
      values: 9,
      found: 0,
      several: 1,
      inactive: 2,
      none: 6,
      misses: ['a', 'b', 'c', 'd', 'e'],
      apiCalls: 1,
    },
    '0 of 9 values find their User by Email and Alias; 6 find none, 1 finds several and 2 find an inactive one (1 API call). Not found: “a”, “b”, “c”, “d”, “e”, …',
  ],
  [
    { ...account, ...nowhereElse, values: 0, found: 0, several: 0, inactive: 0, none: 0, misses: [], apiCalls: 0 },
    'Every value of this column is blank.',
  ],
  [
    {
      ...account,
      values: 415,
      found: 400,
      inFile: 12,
      several: 0,
      inactive: 0,
      none: 3,
      unasked: 0,
      misses: ['a', 'b', 'c'],
      apiCalls: 1,
    },
    '412 of 415 values find their Account by Account Name: 400 in the org, 12 in this file; 3 find none (1 API call). Not found: “a”, “b”, “c”.',
  ],
  [
    {
      ...account,
      values: 1,
      found: 0,
      inFile: 1,
      several: 0,
      inactive: 0,
      none: 0,
      unasked: 0,
      misses: [],
      apiCalls: 1,
    },
    'The only value finds its Account by Account Name: 1 in this file (1 API call).',
  ],
  [
    {
      parent: 'User or queue of Cases',
      parentField: 'Id',
      values: 4,
      found: 1,
      inFile: 0,
      several: 0,
      inactive: 1,
      none: 0,
      unasked: 2,
      misses: [],
      apiCalls: 2,
    },
    '1 of 4 values find their User or queue of Cases by Id; 1 finds an inactive one and 2 can’t be looked up (2 API calls).',
  ],
])('coverage %#', (coverage, text) => {
  expect(coverageText(coverage)).toBe(text);
});

test('of a plan: what rows were given', () => {
  const lookup = {
    ...account,
    column: 1,
    field: 'AccountId',
    found: 1,
    without: 1,
    oldest: 2,
    inactive: 0,
    apiCalls: 1,
  };
  expect(plannedLookupText(lookup)).toBe(
    'AccountId: 1 row found its Account by Account Name; 2 rows got the oldest of several matches and 1 row found none and leaves the field blank (1 API call).',
  );
});
