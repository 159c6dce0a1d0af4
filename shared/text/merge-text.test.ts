import { describe, expect, it } from 'vitest';
import type { MergeCounts } from '../domain/merge.ts';
import { mergePlanText, mergeStandText } from './merge-text.ts';

const COUNTS: MergeCounts = {
  groups: 1_041,
  records: 2_100,
  losers: 1_059,
  changes: 12,
  children: 1,
  leftOut: 1,
  waiting: 1_040,
  merged: 0,
  partly: 0,
  failed: 0,
  moved: 0,
};

describe('what is told of a merge', () => {
  it('is what there is to merge, before it begins', () => {
    expect(mergePlanText(COUNTS)).toBe(
      '1,040 groups to merge, 1,059 records deleted, 12 values changed, 1 related record moved, 1 left out',
    );
  });

  it.each<[string, Partial<MergeCounts>, string]>([
    ['while it runs', { merged: 1_000, waiting: 40 }, '40 still to merge, 1 left out'],
    [
      'once every group is merged',
      { merged: 1_040, waiting: 0 },
      '1,059 records deleted, 12 values changed, 1 related record moved, 1 left out',
    ],
    [
      'where some were not',
      { merged: 1_036, waiting: 0, partly: 1, failed: 2, moved: 1 },
      '1 group partly merged, 2 refused, 1 changed since the plan, 1 left out',
    ],
  ])('is no plan any more %s', (_when, counts, text) => {
    expect(mergeStandText({ counts: { ...COUNTS, ...counts }, undo: null })).toBe(text);
  });

  it.each([
    [{ reversed: 1_040, partly: 0, kept: 0 }, 'every group is as it was before the merge'],
    [{ reversed: 1_000, partly: 0, kept: 0 }, '40 still to take back'],
    [{ reversed: 1_037, partly: 1, kept: 2 }, '1 group partly taken back, 2 groups kept'],
  ])('is what was taken back, and what was not: %o', (undo, text) => {
    expect(mergeStandText({ counts: { ...COUNTS, merged: 1_040, waiting: 0 }, undo })).toBe(text);
  });
});
