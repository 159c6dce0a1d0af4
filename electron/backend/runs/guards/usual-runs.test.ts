import fc from 'fast-check';
import { expect, test } from 'vitest';
import { USUAL_GUARDS, type JobGuards } from '../../../../shared/domain/job-guards.ts';
import type { PlanCounts } from '../../../../shared/domain/load-plan.ts';
import type { Run, RunState } from '../../../../shared/domain/run.ts';
import { manyChanges, manyDeletes, shrunk } from './usual-runs.ts';

const NONE = { insert: 0, update: 0, delete: 0, undelete: 0, unchanged: 0, duplicate: 0, blocked: 0, leftOut: 0 };
const LOADED: RunState = { kind: 'ended', how: 'loaded' };

/** Runs of so many rows, which all changed, the latest first. */
function runs(rows: readonly number[], state: RunState = LOADED, more: Partial<Run> = {}): Run[] {
  return rows.map((n, at) => {
    const run: Pick<Run, 'dry' | 'state' | 'startedAt'> & object = {
      dry: false,
      state,
      startedAt: 1000 - at,
      source: { rows: n },
      plan: { counts: { ...NONE, update: n } },
      ...more,
    };
    return run as Run;
  });
}
const off = (guard: keyof JobGuards): JobGuards => ({ ...USUAL_GUARDS, [guard]: null });

test.each<[string, number, Run[], JobGuards, boolean]>([
  ['as many as before', 100, runs([100]), USUAL_GUARDS, false],
  ['a fifth fewer', 80, runs([100]), USUAL_GUARDS, false],
  ['more than a fifth fewer', 79, runs([100]), USUAL_GUARDS, true],
  ['far fewer than once, and not than last', 79, runs([80, 1000]), USUAL_GUARDS, false],
  [
    'far fewer than a run that failed',
    10,
    runs([100], { kind: 'failed', failure: { code: 'X' } }),
    USUAL_GUARDS,
    false,
  ],
  ['far fewer than a run that was only shown', 10, runs([100], LOADED, { dry: true }), USUAL_GUARDS, false],
  [
    'far fewer than a run that found nothing to do',
    10,
    runs([100], { kind: 'ended', how: 'nothing-to-load' }),
    USUAL_GUARDS,
    true,
  ],
  ['the first run', 1, [], USUAL_GUARDS, false],
  ['far fewer, where that is meant', 1, runs([100]), off('shrunkPercent'), false],
])('a file that has %s', (_what, rows, before, guards, held) => {
  expect(shrunk(rows, guards, before)).toEqual(
    held ? [{ code: 'SOURCE_SHRUNK', rows, had: before[0]?.source?.rows }] : [],
  );
});

test.each<[string, number, number[], JobGuards, number | null]>([
  ['five times as many as usual', 5000, [1000, 900, 1100], USUAL_GUARDS, null],
  ['more than that', 5001, [1000, 900, 1100], USUAL_GUARDS, 1000],
  ['between the two in the middle', 1501, [100, 200, 400, 500], USUAL_GUARDS, 300],
  ['as few as are never too many', 100, [0, 0, 0, 0], USUAL_GUARDS, null],
  ['many where there mostly are none', 101, [0, 0, 0, 900], USUAL_GUARDS, 0],
  ['many where two runs tell too little', 9999, [1, 1], USUAL_GUARDS, null],
  ['many, though they were more than ten runs ago', 9999, [...Array<number>(10).fill(1), 9999, 9999], USUAL_GUARDS, 1],
  ['many, where that is meant', 9999, [1, 1, 1], off('changesTimes'), null],
])('a plan that changes %s', (_what, changes, before, guards, usual) => {
  const counts: PlanCounts = { ...NONE, insert: changes };
  const expected = usual === null ? [] : [{ code: 'CHANGES_MANY', changes, usual }];
  expect(manyChanges(counts, guards, runs(before))).toEqual(expected);
});

test.each<[string, number, number | null, Partial<JobGuards>, boolean]>([
  ['nothing', 0, null, {}, false],
  ['a twentieth', 5, 100, {}, false],
  ['more than a twentieth', 6, 100, {}, true],
  ['some, of records that nobody counts', 1, null, {}, true],
  [
    'some, of records that nobody counts, where only a number is given',
    5,
    null,
    { deletesPercent: null, deletes: 5 },
    false,
  ],
  ['more than the number given', 6, 1000, { deletes: 5 }, true],
  ['all, where that is meant', 100, 100, { deletesPercent: null }, false],
])('a plan that deletes %s', (_what, deletes, records, guards, held) => {
  const expected = held ? [{ code: 'DELETES_MANY', deletes, records }] : [];
  expect(manyDeletes({ delete: deletes }, { ...USUAL_GUARDS, ...guards }, records)).toEqual(expected);
});

test('what is usual does not hang on the order in which runs are listed', () => {
  const lists = fc.array(fc.nat(5000), { minLength: 3, maxLength: 14 });
  fc.assert(
    fc.property(lists, fc.nat(50_000), fc.nat(20_000), (before, changes, seed) => {
      const listed = runs(before);
      const shuffled = listed.toSorted(
        (one, other) => ((one.startedAt * 7919 + seed) % 13) - ((other.startedAt * 7919 + seed) % 13),
      );
      const counts: PlanCounts = { ...NONE, update: changes };
      expect(manyChanges(counts, USUAL_GUARDS, shuffled)).toEqual(manyChanges(counts, USUAL_GUARDS, listed));
      expect(shrunk(changes, USUAL_GUARDS, shuffled)).toEqual(shrunk(changes, USUAL_GUARDS, listed));
    }),
  );
});
