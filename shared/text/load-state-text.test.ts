import { expect, test } from 'vitest';
import { LoadSnapshot, NO_OUTCOMES, type LoadState } from '../domain/load-results.ts';
import { loadEndText } from './desk-text.ts';
import { loadStateText } from './load-state-text.ts';

const FINISHED: LoadState = { kind: 'finished', cancelled: false };

function load(state: LoadState, counts = {}, more: Partial<LoadSnapshot> = {}): LoadSnapshot {
  return LoadSnapshot.parse({
    loadId: 'load_aaaaaaaaaaaaaaaa',
    planId: 'plan_aaaaaaaaaaaaaaaa',
    orgId: '00D000000000001AAA',
    orgName: 'Practice org',
    objectName: 'Account',
    objectLabel: 'Account',
    operation: 'upsert',
    matchField: 'ERP_Id__c',
    fileName: 'a.csv',
    sourceDigest: 'a'.repeat(64),
    rows: 1200,
    rowsToSend: 1000,
    state,
    jobs: [
      { part: 1, rows: 600, jobId: null, state: 'JobComplete', processed: 600, failed: 2 },
      { part: 2, rows: 400, jobId: null, state: 'InProgress', processed: 150, failed: 0 },
    ],
    startedAt: 0,
    finishedAt: null,
    elapsed: 0,
    apiCalls: 0,
    counts: { ...NO_OUTCOMES, ...counts },
    notices: [],
    ...more,
  });
}

test('a load at work says how far Salesforce is', () => {
  const counts = { skipped: 50, repeated: 10, created: 598, failed: 2 };
  expect(loadStateText(load({ kind: 'running' }, counts))).toMatchObject({ word: 'Running', detail: '750 of 1,000' });
  expect(loadStateText(load({ kind: 'cancelling' }, counts))).toMatchObject({ word: 'Stopping' });
  const failure = { code: 'ORG_SESSION_EXPIRED', username: '' };
  expect(loadStateText(load({ kind: 'paused', failure }, counts))).toMatchObject({
    word: 'Paused',
    rows: '598 created, 2 failed, 10 repeated, 50 not sent',
  });
});

test('a load that ended says how, and how many rows Salesforce was not given', () => {
  expect(loadStateText(load(FINISHED, { created: 1200 }))).toEqual({
    word: 'Finished',
    detail: '',
    rows: '1,200 created',
    tone: 'create',
  });
  expect(loadStateText(load(FINISHED, { unchanged: 1166, skipped: 34 }))).toMatchObject({
    word: 'Finished',
    detail: '34 not sent',
    rows: '1,166 unchanged',
  });
  expect(loadStateText(load(FINISHED, { created: 1199, failed: 1 })).word).toBe('Finished with failures');
  const cut = { created: 600, unprocessed: 566, skipped: 34 };
  expect(loadStateText(load({ kind: 'finished', cancelled: true }, cut))).toMatchObject({
    word: 'Canceled',
    detail: '566 unprocessed, 34 not sent',
    rows: '600 created',
  });
  const notices: LoadSnapshot['notices'] = [
    { code: 'JOB_ENDED_EARLY', jobId: '750000000000001AAA', state: 'Aborted', message: '' },
  ];
  expect(loadStateText(load(FINISHED, cut, { notices })).word).toBe('Stopped early');
  // Canceled, and its second step tried again, which came to its end.
  expect(loadStateText(load(FINISHED, cut)).word).toBe('Stopped early');
});

test('the title of a notification is how the load ended', () => {
  const titles = [load(FINISHED), load({ kind: 'finished', cancelled: true }), load(FINISHED, { unprocessed: 1 })].map(
    (one) => loadEndText(one).title,
  );
  expect(titles).toEqual(['a.csv is loaded', 'The load of a.csv was canceled', 'The load of a.csv stopped early']);
});

test('a notification counts the rows of the error file: none that is repeated, left out or unchanged', () => {
  const counts = { created: 100, repeated: 40, leftOut: 30, unchanged: 20, skipped: 5, failed: 2, unknown: 1 };
  expect(loadEndText(load(FINISHED, counts)).body).toBe(
    '100 records changed in Account in Practice org; 8 rows to check.',
  );
  expect(loadEndText(load(FINISHED, { created: 100, repeated: 1100 })).body).toBe(
    '100 records changed in Account in Practice org.',
  );
});
