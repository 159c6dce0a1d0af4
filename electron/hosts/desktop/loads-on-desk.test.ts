import { beforeEach, expect, test } from 'vitest';
import { LoadId } from '../../../shared/domain/ids.ts';
import { LoadSnapshot, NO_OUTCOMES, type LoadState } from '../../../shared/domain/load-results.ts';
import { LoadsOnDesk } from './loads-on-desk.ts';

const desk = { progress: [] as [number, string][], awake: 0, begun: 0, told: [] as string[], away: true };
beforeEach(() => Object.assign(desk, { progress: [], awake: 0, begun: 0, told: [], away: true }));

function onDesk(): LoadsOnDesk {
  return new LoadsOnDesk({
    progress: (share, mode) => desk.progress.push([share, mode]),
    keepAwake: () => {
      desk.awake++;
      desk.begun++;
      return () => desk.awake--;
    },
    isAway: () => desk.away,
    notify: ({ title, body }) => desk.told.push(`${title}: ${body}`),
  });
}

const ids = { a: LoadId.parse('load_aaaaaaaaaaaaaaaa'), b: LoadId.parse('load_bbbbbbbbbbbbbbbb') };

function load(id: 'a' | 'b', state: LoadState, processed = 0, counts = {}): LoadSnapshot {
  return LoadSnapshot.parse({
    loadId: ids[id],
    planId: 'plan_aaaaaaaaaaaaaaaa',
    orgId: '00D000000000001AAA',
    orgName: 'Practice org',
    objectName: 'Account',
    objectLabel: 'Account',
    operation: 'upsert',
    matchField: 'ERP_Id__c',
    fileName: `${id}.csv`,
    sourceDigest: 'a'.repeat(64),
    rows: 120,
    rowsToSend: 100,
    secondStepRows: 0,
    state,
    jobs: [{ part: 1, rows: 100, jobId: null, state: 'InProgress', processed, failed: 0 }],
    startedAt: 0,
    finishedAt: null,
    elapsed: 0,
    apiCalls: 0,
    counts: { ...NO_OUTCOMES, ...counts },
    notices: [],
  });
}
const RUNNING: LoadState = { kind: 'running' };
const PAUSED: LoadState = { kind: 'paused', failure: { code: 'ORG_SESSION_EXPIRED', username: 'ada@x.example' } };
const FINISHED: LoadState = { kind: 'finished', cancelled: false };

test('the taskbar shows how far all running loads are, and nothing after the last', () => {
  const loads = onDesk();
  loads.see(load('a', RUNNING));
  loads.see(load('a', RUNNING, 50));
  loads.see(load('b', RUNNING));
  loads.see(load('a', FINISHED, 100));
  loads.see(load('b', { kind: 'cancelling' }, 10));
  loads.see(load('b', { kind: 'finished', cancelled: true }, 10));
  expect(desk.progress).toEqual([
    [0, 'indeterminate'],
    [0.5, 'normal'],
    [0.25, 'normal'],
    [0, 'indeterminate'],
    [0.1, 'normal'],
    [-1, 'normal'],
  ]);
});

test('the computer stays awake exactly while a load runs', () => {
  const loads = onDesk();
  expect(desk.awake).toBe(0);
  loads.see(load('a', RUNNING));
  loads.see(load('a', RUNNING, 20));
  loads.see(load('b', RUNNING));
  expect([desk.awake, desk.begun, loads.running]).toEqual([1, 1, 2]);
  loads.see(load('a', PAUSED));
  expect(desk.awake).toBe(1);
  loads.see(load('b', FINISHED));
  expect([desk.awake, loads.running]).toEqual([0, 0]);
  loads.see(load('a', RUNNING));
  expect([desk.awake, desk.begun]).toEqual([1, 2]);
});

test('who looks elsewhere is told of the end and of a pause, in words and once', () => {
  const loads = onDesk();
  loads.see(load('a', RUNNING));
  loads.see(load('a', PAUSED, 40));
  loads.see(load('a', PAUSED, 40));
  loads.see(load('b', RUNNING));
  loads.see(load('b', FINISHED, 100, { created: 90, updated: 1, failed: 1, unchanged: 20, skipped: 8 }));
  loads.see(load('b', FINISHED, 100));
  expect(desk.told).toEqual([
    'The load of a.csv is paused: Your session as ada@x.example has ended. No row is lost, and no row is sent twice.',
    'b.csv is loaded: 91 records changed in Account in Practice org; 9 rows to check.',
  ]);
});

test('who looks at the window is not told what it shows', () => {
  desk.away = false;
  const loads = onDesk();
  loads.see(load('a', RUNNING));
  loads.see(load('a', PAUSED, 40));
  expect(desk.told).toEqual([]);
  expect(desk.progress.at(-1)).toEqual([-1, 'normal']);
});

test('a pause stays on the taskbar until somebody looks, or the load goes on', () => {
  const loads = onDesk();
  loads.see(load('a', RUNNING));
  loads.see(load('a', PAUSED, 40));
  expect(desk.progress.at(-1)).toEqual([0.4, 'paused']);
  loads.lookedAt();
  expect(desk.progress.at(-1)).toEqual([-1, 'normal']);
  loads.see(load('a', RUNNING, 40));
  loads.see(load('a', PAUSED, 60));
  loads.see(load('a', RUNNING, 60));
  loads.see(load('a', FINISHED, 100));
  expect(desk.progress.at(-1)).toEqual([-1, 'normal']);
});

test('a load of another time that is only opened shows nothing', () => {
  const loads = onDesk();
  loads.see(load('a', PAUSED, 40));
  loads.see(load('b', FINISHED, 100));
  expect([desk.progress, desk.told]).toEqual([[], []]);
});
