import { expect, test } from 'vitest';
import type { AlertCondition, JobAlert } from '../../../shared/domain/alert.ts';
import type { Job } from '../../../shared/domain/job.ts';
import { NO_OUTCOMES, type OutcomeCounts } from '../../../shared/domain/load-results.ts';
import type { Run, RunState } from '../../../shared/domain/run.ts';
import { conditionsOf, lacksSuccess } from './conditions.ts';

const JOB = { definition: {}, createdAt: 0, paused: null } as unknown as Job;
const LOADED: RunState = { kind: 'ended', how: 'loaded' };
const ran = (state: RunState, counts: Partial<OutcomeCounts> | null = null, dry = false) =>
  ({ dry, state, counts: counts && { ...NO_OUTCOMES, ...counts } }) as Run;
const alert = (more: Partial<JobAlert> = {}): JobAlert => ({ channel: 'x', on: ['failed'], ...more });

test.each<[string, Run, Partial<JobAlert>, AlertCondition[] | null]>([
  ['was only shown', ran({ kind: 'failed', failure: { code: 'X' } }, null, true), {}, null],
  ['broke off', ran({ kind: 'failed', failure: { code: 'X' } }), {}, ['failed']],
  ['went well', ran(LOADED, { created: 5 }), {}, []],
  ['had nothing to do', ran({ kind: 'ended', how: 'nothing-to-load' }), {}, []],
  ['can’t be told', ran({ kind: 'ended', how: 'unknown' }), {}, ['failed']],
  ['was rejected', ran({ kind: 'rejected', why: 'person', holds: [{ code: 'FAILED_RUNS', runs: 3 }] }), {}, null],
  ['lost a row', ran(LOADED, { created: 99, failed: 1 }), {}, ['rows-failed']],
  ['lost fewer rows than matter', ran(LOADED, { created: 99, failed: 1 }), { failedRows: 2 }, []],
  ['lost as many as matter', ran(LOADED, { created: 98, failed: 2 }), { failedRows: 2 }, ['rows-failed']],
  ['lost less than a share', ran(LOADED, { created: 95, failed: 5 }), { failedPercent: 5 }, []],
  ['lost more than a share', ran(LOADED, { created: 94, failed: 6 }), { failedPercent: 5 }, ['rows-failed']],
  ['lost so much that it failed', ran(LOADED, { created: 1, failed: 9 }), {}, ['failed', 'rows-failed']],
  ['is held for a column', ran({ kind: 'held', holds: [{ code: 'COLUMN_GONE', column: 'A' }] }), {}, ['held']],
  [
    'is held for half a file',
    ran({ kind: 'held', holds: [{ code: 'SOURCE_SHRUNK', rows: 1, had: 9 }] }),
    {},
    ['held', 'deviation'],
  ],
])('of a run that %s', (_what, run, more, expected) => {
  expect(conditionsOf(JOB, alert(more), run)).toEqual(expected);
});

test('success is missed from the last one on, or from when the job was made, and not while it is paused', () => {
  const hours = (count: number) => count * 3_600_000;
  const daily = alert({ on: ['no-success'], noSuccessHours: 24 });
  expect(lacksSuccess(JOB, daily, null, hours(24))).toBe(false);
  expect(lacksSuccess(JOB, daily, null, hours(24) + 1)).toBe(true);
  expect(lacksSuccess(JOB, daily, hours(10), hours(30))).toBe(false);
  expect(lacksSuccess({ ...JOB, paused: { at: 1 } }, daily, null, hours(99))).toBe(false);
});
