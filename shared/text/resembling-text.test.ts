import { expect, test } from 'vitest';
import { RecordId, SourceRowNumber } from '../domain/ids.ts';
import { cautionTexts, lookingText, outcomeTexts, scoreText } from './resembling-text.ts';

const NONE = { rows: 0, several: 0, taken: 0, gone: 0, changed: 0 };

test('what a decision came to says which rows are still asked about, and why', () => {
  expect(outcomeTexts({ ...NONE, rows: 1 }, 'update')).toEqual(['1 row decided.']);
  expect(outcomeTexts({ rows: 1200, several: 1, taken: 2, gone: 1, changed: 3 }, 'update')).toEqual([
    '1,200 rows decided.',
    '1 row resembles several records: choose one for it.',
    '2 rows resemble records that another row already updates: choose which row updates it.',
    'The record of 1 row is no longer there.',
    'The records of 3 rows were changed since the date that the mapping leaves alone.',
  ]);
  expect(outcomeTexts({ ...NONE, rows: 2 }, null)).toEqual(['2 rows taken back.']);
});

test('a pair says what else is to be known of it', () => {
  const pair = {
    row: SourceRowNumber.parse(4),
    record: RecordId.parse('00Q000000000001AAA'),
    weight: 6,
    reasons: [],
    rules: [],
    fields: [],
    decision: null,
  };
  expect(cautionTexts({ ...pair, records: 1, rows: 1, elsewhere: false, takenBy: null })).toEqual([]);
  expect(cautionTexts({ ...pair, records: 2, rows: 3, elsewhere: true, takenBy: SourceRowNumber.parse(9) })).toEqual([
    'Row 4 resembles 2 records.',
    '3 rows resemble this record.',
    'Row 4 already belongs to another record.',
    'Row 9 already belongs to this record.',
  ]);
});

test('each stage has its own words, and scores a real minus', () => {
  expect(lookingText({ stage: 'fetching', done: 1500 })).toBe('Fetched 1,500 records…');
  expect(lookingText({ stage: 'learning', done: 0.7 })).toBe('Learning how common values are, 70%…');
  expect(scoreText(-1.25)).toBe('−1.3');
});
