import { expect, test } from 'vitest';
import { USUAL_GUARDS, type JobGuards } from '../../../../shared/domain/job-guards.ts';
import { NO_OUTCOMES, type OutcomeCounts } from '../../../../shared/domain/load-results.ts';
import type { FieldMapping } from '../../../../shared/domain/field-mapping.ts';
import type { Run, RunState } from '../../../../shared/domain/run.ts';
import { failedInARow, hasFailed, stoppingAtFailures } from './failed-runs.ts';

const LOADED: RunState = { kind: 'ended', how: 'loaded' };
const FAILED: RunState = { kind: 'failed', failure: { code: 'FILE_UNREADABLE' } };
const run = (state: RunState, counts: Partial<OutcomeCounts> | null = null): Pick<Run, 'state' | 'counts'> => ({
  state,
  counts: counts && { ...NO_OUTCOMES, ...counts },
});

test.each<[string, Pick<Run, 'state' | 'counts'>, Partial<JobGuards>, boolean]>([
  ['broke off before its load', run(FAILED), {}, true],
  ['loaded all', run(LOADED, { updated: 90 }), {}, false],
  ['loaded all but a tenth', run(LOADED, { updated: 90, failed: 10 }), {}, false],
  ['loaded all but more than a tenth', run(LOADED, { created: 45, updated: 44, failed: 11 }), {}, true],
  ['lost more, where that may be', run(LOADED, { updated: 60, failed: 40 }), { failedPercent: 50 }, false],
  ['lost nearly all, where nobody minds', run(LOADED, { updated: 1, failed: 99 }), { failedPercent: null }, false],
  ['lost all, where nobody minds', run(LOADED, { failed: 1 }), { failedPercent: null }, true],
  ['was canceled by a person', run(LOADED, { updated: 1, unprocessed: 99 }), {}, false],
  ['had nothing to do', run({ kind: 'ended', how: 'nothing-to-load' }), {}, false],
  ['is held', run({ kind: 'held', holds: [{ code: 'FAILED_RUNS', runs: 3 }] }), {}, false],
])('a run that %s', (_what, ended, guards, failed) => {
  expect(hasFailed(ended, { ...USUAL_GUARDS, ...guards })).toBe(failed);
});

/** Runs by one letter each, the latest last: failed, well, held, interrupted, can't be told; capital: only shown. */
function runs(letters: string): Run[] {
  const states: Record<string, RunState> = {
    f: FAILED,
    w: LOADED,
    h: { kind: 'held', holds: [{ code: 'FAILED_RUNS', runs: 3 }] },
    i: { kind: 'interrupted' },
    u: { kind: 'ended', how: 'unknown' },
  };
  return [...letters].map((letter, startedAt) => {
    const dry = letter !== letter.toLowerCase();
    const more: Pick<Run, 'dry' | 'startedAt' | 'counts' | 'state'> = {
      dry,
      startedAt,
      counts: letter === 'w' ? { ...NO_OUTCOMES, updated: 1 } : null,
      state: states[letter.toLowerCase()] ?? LOADED,
    };
    return more as Run;
  });
}

test.each<[string, number | null, number | null]>([
  ['', 3, null],
  ['ff', 3, null],
  ['fff', 3, 3],
  ['wfff', 3, 3],
  ['ffwff', 3, null],
  ['fffh', 3, 3],
  ['fifuf', 3, 3],
  ['ffF', 3, null],
  ['fffhw', 3, null],
  ['ffff', null, null],
  ['f', 1, 1],
])('after the runs “%s”, with %s failed ones being too many', (letters, failedRuns, held) => {
  const expected = held === null ? [] : [{ code: 'FAILED_RUNS', runs: held }];
  const before = runs(letters);
  expect(failedInARow({ ...USUAL_GUARDS, failedRuns }, before)).toEqual(expected);
  expect(failedInARow({ ...USUAL_GUARDS, failedRuns }, before.toReversed())).toEqual(expected);
});

test('a load stops at the guard’s share of failures, unless its job has another limit or none', () => {
  const mapping = { policies: { fillBlanksOnly: true } } as FieldMapping;
  expect(stoppingAtFailures(mapping, undefined).policies).toEqual({ fillBlanksOnly: true, stopAfter: { percent: 10 } });
  expect(stoppingAtFailures(mapping, { failedPercent: 3 }).policies?.stopAfter).toEqual({ percent: 3 });
  expect(stoppingAtFailures(mapping, { failedPercent: null })).toBe(mapping);
  const own = { policies: { stopAfter: { failures: 7 } } } as FieldMapping;
  expect(stoppingAtFailures(own, { failedPercent: 3 })).toBe(own);
});
