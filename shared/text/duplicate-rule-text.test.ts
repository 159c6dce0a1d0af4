import { expect, test } from 'vitest';
import type { DuplicateRuleReport } from '../domain/duplicate-rules.ts';
import { effectText, noDuplicatesText, ruleCaveats } from './duplicate-rule-text.ts';

const REPORT: DuplicateRuleReport = {
  rules: ['Standard Lead Duplicate Rule'],
  unread: [],
  rows: 20,
  asked: 0,
  unanswered: { rows: 0, message: null },
  findings: [],
  calls: 3,
};

test.each([
  ['block', 1, 'Salesforce would block it.'],
  ['alert', 2, 'Salesforce would block them: a Bulk API load can’t confirm the alert.'],
  ['report', 2, 'Salesforce would create them and add them to its duplicate report.'],
  ['nothing', 1, 'Salesforce would create it.'],
] as const)('%s of %i rows', (effect, rows, text) => expect(effectText({ effect, rows })).toBe(text));

test('what was asked is told apart from what needed no question', () => {
  expect(noDuplicatesText(REPORT)).toBe('None of 20 new rows resembles a record.');
  expect(noDuplicatesText({ ...REPORT, asked: 1 })).toBe('The org found no duplicate of the row it was asked about.');
  expect(noDuplicatesText({ ...REPORT, asked: 5 })).toBe(
    'The org found no duplicate of the 5 rows it was asked about.',
  );
});

test('nothing that could not be known is kept quiet', () => {
  expect(ruleCaveats(REPORT)).toEqual([]);
  expect(
    ruleCaveats({ ...REPORT, rules: [], unread: ['Our rule'], unanswered: { rows: 2, message: 'No access' } }),
  ).toEqual([
    'This object has no active duplicate rule.',
    'Longshore can’t work out Our rule by itself, so the org was asked about every row.',
    'The org had no answer for 2 rows: No access',
  ]);
});
