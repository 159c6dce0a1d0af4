import { expect, test } from 'vitest';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import { loadFigures } from './load-figures.ts';

const job = (processed: number, failed = 0) => ({
  part: 1,
  rows: 500,
  jobId: null,
  state: 'InProgress',
  processed,
  failed,
});
const load = (change: object) =>
  ({
    state: { kind: 'running' },
    rowsToSend: 1000,
    secondStepRows: 200,
    objectLabel: 'Account',
    elapsed: 10_000,
    jobs: [job(300, 2), job(100, 1)],
    ...change,
  }) as unknown as LoadSnapshot;

test('a load at work says how far it is, how fast, and between what the time left lies', () => {
  expect(loadFigures(load({}))).toEqual({
    title: 'Loading: 1,000 changes to Account',
    processed: '400 of 1,200',
    failed: '3',
    rate: '40 rows/s',
    timeLeft: '16 s–40 s',
    toGo: 800,
  });
  expect(loadFigures(load({ elapsed: 100_000 })).timeLeft).toBe('3 min–7 min');
});

test('a load that has not begun, or stands still, has no rate or time to tell', () => {
  expect(loadFigures(load({ jobs: [] }))).toMatchObject({
    processed: '0 of 1,200',
    rate: '–',
    timeLeft: '–',
    toGo: 1200,
  });
  expect(loadFigures(load({ state: { kind: 'paused' } }))).toMatchObject({ rate: '40 rows/s', timeLeft: '–' });
  expect(loadFigures(load({ jobs: [job(1300)] })).toGo).toBe(0);
});
