import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { LoadSnapshot, NO_FAILURES, NO_OUTCOMES } from '../../../shared/domain/load-results.ts';
import { Run, type RunState } from '../../../shared/domain/run.ts';
import { loadedBefore, settleRun } from './settle-runs.ts';

let data: string;
beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'longshore-runs-'));
});
afterAll(() => rm(data, { recursive: true, force: true }));

const DIGEST = 'a'.repeat(64);
const NOW = 5000;
const planOf = (name: string) => `plan_${name.padEnd(16, '0')}`;

function runOf(state: RunState, name: string, more: object = {}): Run {
  const counts = { insert: 1, update: 0, delete: 0, undelete: 0, unchanged: 0, duplicate: 0, blocked: 0, leftOut: 0 };
  return Run.parse({
    runId: `run_${name.padEnd(16, '0')}`,
    jobId: 'job_0000000000000000',
    jobName: 'A job',
    orgId: '00D000000000001EAA',
    objectName: 'Account',
    operation: 'insert',
    dry: false,
    startedAt: 1000,
    endedAt: null,
    state,
    source: { sourceId: 'src_0000000000000000', fileName: 'a.csv', digest: DIGEST, rows: 1 },
    newColumns: [],
    plan: { planId: planOf(name), planDigest: DIGEST, counts },
    loadId: null,
    counts: null,
    ...more,
  });
}

function loadOf(name: string, state: LoadSnapshot['state'], more: object = {}): LoadSnapshot {
  return LoadSnapshot.parse({
    loadId: 'load_0000000000000000',
    planId: planOf(name),
    orgId: '00D000000000001EAA',
    orgName: 'Org',
    objectName: 'Account',
    objectLabel: 'Account',
    operation: 'insert',
    matchField: null,
    fileName: 'a.csv',
    sourceDigest: DIGEST,
    rows: 1,
    rowsToSend: 1,
    secondStepRows: 0,
    state,
    jobs: [],
    startedAt: 2000,
    finishedAt: 3000,
    elapsed: 1,
    apiCalls: 1,
    counts: { ...NO_OUTCOMES, created: 1 },
    failures: NO_FAILURES,
    notices: [],
    pace: [],
    ...more,
  });
}

const FINISHED = { kind: 'finished', cancelled: false } as const;
const PAUSED = { kind: 'paused', failure: { code: 'LOAD_INTERRUPTED' } } as const;
const READING: RunState = { kind: 'preparing', step: 'reading' };
const HOLDS = [{ code: 'COLUMN_REPEATED' as const, column: 'Name' }];
const APPROVED = { approved: { at: 1500, holds: HOLDS } };
const HELD_AGAIN = { state: { kind: 'held', holds: HOLDS }, approved: null, endedAt: NOW };
const LOADING: RunState = { kind: 'loading' };

test.each<[string, Run, LoadSnapshot[], string[] | null, object]>([
  ['while it read', runOf(READING, 'a'), [], null, { state: { kind: 'interrupted' }, endedAt: NOW }],
  ['with its plan', runOf({ kind: 'planned' }, 'b'), [], ['plan.json'], { state: { kind: 'interrupted' } }],
  ['approved, before it loaded', runOf({ kind: 'planned' }, 'm', APPROVED), [], ['plan.json'], HELD_AGAIN],
  ['approved, before its load was on disk', runOf(LOADING, 'n', APPROVED), [], ['plan.json'], HELD_AGAIN],
  ['before its load was on disk', runOf(LOADING, 'c'), [], ['plan.json'], { state: { kind: 'interrupted' } }],
  [
    'while it loaded',
    runOf(LOADING, 'd'),
    [loadOf('d', PAUSED)],
    ['load.json'],
    { state: LOADING, loadId: 'load_0000000000000000', endedAt: null },
  ],
  [
    'once its load had ended',
    runOf(LOADING, 'e'),
    [loadOf('e', FINISHED)],
    ['load.json'],
    { state: { kind: 'ended', how: 'loaded' }, counts: { created: 1 }, endedAt: 3000 },
  ],
  // Nothing tells that nothing was sent: that must not be said.
  ['and its load’s record is damaged', runOf(LOADING, 'f'), [], ['load.json.damaged'], { state: { how: 'unknown' } }],
  ['and its load has a journal only', runOf(LOADING, 'g'), [], ['journal.jsonl'], { state: { how: 'unknown' } }],
  ['and its plan’s folder is gone', runOf(LOADING, 'h'), [], null, { state: { how: 'unknown' } }],
  [
    'and its load was removed',
    runOf(LOADING, 'i', { loadId: 'load_0000000000000000' }),
    [],
    ['plan.json'],
    { state: { how: 'unknown' } },
  ],
])('a run that was interrupted %s', async (_when, run, loads, files, expected) => {
  if (files && run.plan) {
    const folder = join(data, 'loads', run.plan.planId);
    await mkdir(folder, { recursive: true });
    for (const name of files) await writeFile(join(folder, name), '');
  }
  const clock = { now: () => NOW, elapsed: () => 0, timeZone: () => 'UTC', sleep: () => Promise.resolve() };
  expect(await settleRun({ paths: { data }, clock }, run, loads)).toMatchObject(expected);
});

test('a run that has ended stays as it is', async () => {
  const run = runOf({ kind: 'held', holds: [{ code: 'COLUMN_GONE', column: 'Name' }] }, 'j');
  const clock = { now: () => NOW, elapsed: () => 0, timeZone: () => 'UTC', sleep: () => Promise.resolve() };
  expect(await settleRun({ paths: { data }, clock }, run, [])).toBe(run);
});

const UNKNOWN: RunState = { kind: 'ended', how: 'unknown' };

test.each<[string, object, Run[], LoadSnapshot[], boolean]>([
  ['nothing of it', {}, [], [], false],
  ['a load of the same rows', {}, [], [loadOf('k', FINISHED)], true],
  ['one that is not over', {}, [], [loadOf('k', PAUSED, { counts: NO_OUTCOMES })], true],
  ['one that created nothing', {}, [], [loadOf('k', FINISHED, { counts: NO_OUTCOMES })], false],
  [
    'one of rows whose outcome is unknown',
    {},
    [],
    [loadOf('k', FINISHED, { counts: { ...NO_OUTCOMES, unknown: 1 } })],
    true,
  ],
  ['one into another object', {}, [], [loadOf('k', FINISHED, { objectName: 'Contact' })], false],
  ['one of other rows', {}, [], [loadOf('k', FINISHED, { sourceDigest: 'b'.repeat(64) })], false],
  ['one into another org', {}, [], [loadOf('k', FINISHED, { orgId: '00D000000000002EAA' })], false],
  [
    'one by another user of the org',
    {},
    [],
    [loadOf('k', FINISHED, { orgId: '00D000000000001EAA-005000000000001AAA' })],
    true,
  ],
  ['a run whose load was removed', {}, [runOf(UNKNOWN, 'k')], [], true],
  ['a run that was held', {}, [runOf({ kind: 'interrupted' }, 'k')], [], false],
  ['the same, of an upsert', { operation: 'upsert' }, [runOf(UNKNOWN, 'k')], [loadOf('k', FINISHED)], false],
])('whether rows were inserted before, by %s', (_what, more, runs, loads, expected) => {
  expect(loadedBefore(runOf(READING, 'z', more), DIGEST, { runs, loads }) !== null).toBe(expected);
});
