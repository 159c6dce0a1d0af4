import { expect, test } from 'vitest';
import { waysOf } from './boolean-filter.ts';
import { matchScore, THRESHOLDS, type MatchingMethod } from './methods.ts';
import { soundOf } from './texts.ts';

// Scores that Salesforce Help gives as examples ("Matching Methods Used in Matching Rules", "Matching Algorithms Used with Matching Methods").
test.each<[MatchingMethod, string, string, number]>([
  ['Exact', 'salesforce.com', 'Salesforce', 0],
  ['Exact', ' Oslo', 'oSLO', 100],
  ['FirstName', 'Jonathan', 'J', 100],
  ['FirstName', 'Johnny', 'Johny', 100],
  ['FirstName', 'Bob', 'Robert', 100],
  ['FirstName', 'Joseph', 'Josef', 100],
  ['FirstName', 'José', 'Jose', 100],
  ['CompanyName', 'Advanced Micro Devices', 'AMD', 100],
  ['CompanyName', 'Acme, Inc.', 'ACME Corp', 100],
  ['Phone', '1-415-555-1234', '1-415-555-5678', 90],
  ['Phone', '(415) 555-1234', '+1 415 555 1234', 100],
  ['Phone', '1-415-555-1234', '1-212-555-1234', 50],
  ['Phone', '5551234', '555 12 34', 100],
  ['City', 'San Fransisco', 'San Francisco', 92],
  ['Street', '123 Market Street, Suite 100', '123 Market Drive, Suite 300', 70],
  ['Street', '123 Market St', '123 Market Street', 100],
  ['Zip', '94104-1001', '94104-1002', 90],
  ['Zip', 'WT15 7TB', 'WT15 7TB', 0],
  ['Title', 'Vice President of Sales', 'President of Sales', 75],
  ['Title', 'Chief Executive Officer', 'CEO', 100],
])('%s: %s and %s have %d', (method, one, other, score) => {
  expect(matchScore(method, one, other)).toBe(score);
  expect(matchScore(method, other, one)).toBe(score);
});

test('names that are only slips of the finger away match, those of other people do not', () => {
  expect(matchScore('LastName', 'Sanderson', 'Sandersom')).toBeGreaterThanOrEqual(THRESHOLDS.LastName);
  expect(matchScore('LastName', 'Sanderson', 'Sanderspn')).toBeGreaterThanOrEqual(THRESHOLDS.LastName);
  expect(matchScore('LastName', 'Miller', 'Milner')).toBeLessThan(THRESHOLDS.LastName);
  expect(matchScore('FirstName', 'Bill', 'Bob')).toBeLessThan(THRESHOLDS.FirstName);
});

test('letters that are not Latin are compared exactly only', () => {
  expect(matchScore('City', 'Москва', 'МОСКВА')).toBe(100);
  expect(matchScore('City', 'Москва', 'Москв')).toBe(0);
});

test('the sounds of the Help’s match keys', () => {
  expect([soundOf('doe'), soundOf('benioff')]).toEqual(['T', 'PNF']);
  expect(soundOf('catherine')).toBe(soundOf('kathryn'));
});

test('a filter becomes the ways in which its items match together, or is refused', () => {
  expect(waysOf('1 and 2 AND (3 OR 4)', 4)).toEqual([
    [1, 2, 3],
    [1, 2, 4],
  ]);
  expect(waysOf(undefined, 2)).toEqual([[1, 2]]);
  for (const wrong of ['1 AND 3', '(1 OR 2', '1 2', '']) expect(() => waysOf(wrong, 2)).toThrow();
});
