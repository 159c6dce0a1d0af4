import { describe, expect, test } from 'vitest';
import type { ColumnSketch } from '../domain/source-file.ts';
import { percent, sketchSentence, sketchWords } from './sketch-text.ts';

const sketch = (facts: Partial<ColumnSketch>): ColumnSketch => ({
  column: 0,
  rows: 1000,
  blank: 0,
  distinct: 4,
  distinctIsEstimate: false,
  kind: null,
  misfits: 0,
  ...facts,
});

describe('what a header says of its column', () => {
  test.each<[Partial<ColumnSketch>, string[]]>([
    [{}, ['4 values']],
    [{ distinct: 1 }, ['1 value']],
    [{ blank: 120 }, ['12% blank', '4 values']],
    [{ blank: 120, kind: 'date', misfits: 3 }, ['3 not dates', '12% blank', '4 values']],
    [{ kind: 'number', misfits: 1 }, ['1 not a number', '4 values']],
    [{ blank: 1000, distinct: 0 }, ['all blank']],
    [{ rows: 0, distinct: 0 }, ['no rows']],
    [{ distinct: 1000 }, ['all different']],
    [{ blank: 10, distinct: 990 }, ['1% blank', 'all different']],
    [{ rows: 2_000_000, distinct: 842_064, distinctIsEstimate: true }, ['about 840,000 values']],
  ])('%o: %j', (facts, words) => expect(sketchWords(sketch(facts))).toEqual(words));

  test('one row is not “all different”', () =>
    expect(sketchWords(sketch({ rows: 1, distinct: 1 }))).toEqual(['1 value']));

  test('who hears it is told as much as who sees the bar', () => {
    expect(sketchSentence(sketch({ kind: 'date' }))).toBe('dates, no blanks, 4 values.');
    expect(sketchSentence(sketch({ blank: 120, kind: 'date', misfits: 3 }))).toBe('3 not dates, 12% blank, 4 values.');
    expect(sketchSentence(sketch({ blank: 1000, distinct: 0 }))).toBe('all blank.');
  });

  test('a share never says none of what is some, nor all of what is not', () => {
    expect(percent(0, 1000)).toBe('0%');
    expect(percent(1, 1_000_000)).toBe('under 1%');
    expect(percent(999_999, 1_000_000)).toBe('over 99%');
    expect(percent(1000, 1000)).toBe('100%');
    expect(percent(0, 0)).toBe('0%');
  });
});
