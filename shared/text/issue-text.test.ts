import { expect, test } from 'vitest';
import type { MappingIssue } from '../domain/field-issue.ts';
import { issueText } from './issue-text.ts';
import { mappingIssueText } from './mapping-issue-text.ts';

type Question = Extract<MappingIssue, { code: 'FORMAT_UNDECIDED' }>;
const question = (more: Partial<Question>): string =>
  mappingIssueText({
    code: 'FORMAT_UNDECIDED',
    level: 'warn',
    column: 2,
    columnName: 'Amount',
    format: 'decimal',
    proof: {},
    open: { text: '1,250', readings: { point: '1250', comma: '1.25' } },
    ...more,
  });

test('a column that does not say how it is written is asked about with a value and what it could mean', () => {
  expect(question({})).toBe(
    '“1,250” in Amount could be 1250 (a decimal point) or 1.25 (a decimal comma), and no other value shows which is right. Choose the number format of this column. Until then, rows with such values are not sent.',
  );
});

test('a column that proves two formats is asked about with both proofs', () => {
  expect(question({ proof: { point: '12.5', comma: '0,125' } })).toContain(
    'and other values point both ways: “12.5” fits only a decimal point, “0,125” fits only a decimal comma.',
  );
});

test('a date that can be read in several ways names each date once', () => {
  const facts = { dmy: '2005-01-24', ymd: '2024-01-05' };
  expect(issueText({ code: 'DATE_ORDER_AMBIGUOUS', rawValue: '24-01-05', facts, field: null })).toBe(
    '“24-01-05” could be 2005-01-24 or 2024-01-05. Choose which comes first in this column: day, month, or year.',
  );
});
