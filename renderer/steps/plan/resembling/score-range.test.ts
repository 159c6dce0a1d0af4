import { expect, test } from 'vitest';
import { RecordId, SourceRowNumber } from '../../../../shared/domain/ids.ts';
import { countAt, roundScore, saysOther, scoreRange, withWord, wordsOn } from './score-range.ts';

const pair = (row: number) => ({ row: SourceRowNumber.parse(row), record: RecordId.parse('003000000000001AAA') });

test('the proposed score is among those to choose from, and leaves out no pair that is proposed', () => {
  for (const threshold of [4, 3.27, -1.6]) {
    const scores = scoreRange({ threshold });
    expect(scores).toContain(roundScore(threshold));
    expect(roundScore(threshold)).toBeLessThanOrEqual(threshold);
    expect(roundScore(threshold)).toBeGreaterThan(threshold - 0.5);
    expect(scores.every((score, at) => at === 0 || score - (scores[at - 1] ?? 0) === 0.5)).toBe(true);
  }
});

test('what a score finds is told once it is known', () => {
  const counts = [{ threshold: 4, pairs: 3, rows: 2 }];
  expect(countAt(counts, 4)).toEqual(counts[0]);
  expect(countAt(counts, 4.5)).toBeNull();
  expect(countAt(undefined, 4)).toBeNull();
});

test('a word said again is taken back, another one replaces it, and only pairs shown are learnt from', () => {
  const same = withWord(new Map(), pair(1), true);
  expect(wordsOn([pair(1), pair(2)], same)).toEqual([{ ...pair(1), same: true }]);
  expect(wordsOn([pair(1)], withWord(same, pair(1), false))).toEqual([{ ...pair(1), same: false }]);
  expect(wordsOn([pair(1)], withWord(same, pair(1), true))).toEqual([]);
  expect(wordsOn([pair(2)], same)).toEqual([]);
});

test('blanks and letter case are no difference', () => {
  expect(saysOther('Köln', 'köln ')).toBe(false);
  expect(saysOther('', 'Köln')).toBe(false);
  expect(saysOther('Cologne', 'Köln')).toBe(true);
});
