import { expect, test } from 'vitest';
import { SimilarGroup, SimilarSummary } from '../../../shared/domain/similar-rows.ts';
import { choiceOf, countText, groupOptions, optionOf, placeOfThreshold } from './similar-choices.ts';

const GROUP = SimilarGroup.parse({
  all: [3, 1200],
  rows: [3, 1200].map((row) => ({ row, values: [], what: 'sent', bond: null })),
  choice: null,
  undecided: false,
});
const summary = (newestBy: number | null) =>
  SimilarSummary.parse({
    threshold: 4.2,
    keep: 'first',
    newestBy,
    groups: 1,
    rows: 2,
    replaced: 1,
    chosen: 0,
    capped: [],
  });

test('of a group every rule can be chosen, or one of its rows; the newest only where a column says it', () => {
  const labels = groupOptions(GROUP, summary(null)).map(({ label }) => label);
  expect(labels).toEqual([
    'like all groups: send the first',
    'send all',
    'send the first',
    'send the last',
    'fill the first from the others',
    'send only row 3',
    'send only row 1,200',
  ]);
  expect(groupOptions(GROUP, summary(2)).map(({ value }) => value)).toContain('newest');
});

test('every option is the decision that it shows', () => {
  for (const { value } of groupOptions(GROUP, summary(2))) expect(optionOf(choiceOf(value))).toBe(value);
  expect(choiceOf('1200')).toBe(1200);
  expect(choiceOf('')).toBeNull();
});

test('a threshold is told by what it would find', () => {
  const counts = [
    { threshold: -2, pairs: 30, rows: 20 },
    { threshold: 4.2, pairs: 1, rows: 2 },
    { threshold: 9, pairs: 0, rows: 0 },
  ];
  expect(placeOfThreshold(counts, 4.2)).toBe(1);
  expect(placeOfThreshold(counts, 100)).toBe(2);
  expect(placeOfThreshold([], 1)).toBe(0);
  expect(counts.map(countText)).toEqual([
    'From a score of -2.0, 20 rows in 30 pairs are similar',
    'From a score of 4.2, 2 rows in 1 pair are similar',
    'From a score of 9.0, no rows are similar',
  ]);
});
