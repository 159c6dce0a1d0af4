import { expect, test } from 'vitest';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import { failedByReason, loadFigures } from './load-figures.ts';

const job = (processed: number, failed = 0) => ({
  part: 1,
  rows: 500,
  jobId: '750000000000001AAA',
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
    counts: { failed: 0 },
    failures: { groups: [], otherRows: 0 },
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

test('failed rows are told by reason as jobs end, and add up to the failed so far', () => {
  const reconciled = { ...job(500, 12), state: 'Reconciled' };
  const group = {
    statusCode: 'FIELD_CUSTOM_VALIDATION_EXCEPTION',
    fields: 'Weight__c',
    rows: 7,
    message: 'FIELD_CUSTOM_VALIDATION_EXCEPTION:Weight must not be negative.:Weight__c --',
  };
  const working = load({
    jobs: [reconciled, job(100, 4)],
    counts: { failed: 10 },
    failures: { groups: [group], otherRows: 3 },
  });
  expect(failedByReason(working)).toEqual([
    { reason: 'FIELD_CUSTOM_VALIDATION_EXCEPTION (Weight__c)', rows: 7, says: 'Weight must not be negative.' },
    { reason: 'Other reasons', rows: 3, says: 'The report lists them.' },
    { reason: 'Not known yet', rows: 4, says: 'Salesforce gives its reasons when a job ends.' },
  ]);
  // Of the twelve that the ended job counted two were sent again, and updated.
  expect(loadFigures(working).failed).toBe('14');
  expect(failedByReason(load({ jobs: [job(10)] })), 'nothing failed').toEqual([]);
});
