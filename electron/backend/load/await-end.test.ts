import { expect, test } from 'vitest';
import { Digest } from '../../../shared/domain/ids.ts';
import type { IngestJobInfo } from '../../../shared/domain/ingest-job.ts';
import type { LoadNotice } from '../../../shared/domain/load-results.ts';
import { NEVER } from '../never.ts';
import { awaitEnd } from './await-end.ts';
import type { IngestJobClient } from './ingest-job-client.ts';
import type { JournalStep } from './journal-steps.ts';
import { freshPart } from './part-state.ts';
import type { LoadRun } from './load-run.ts';
import { Tries } from './tries.ts';

const JOB = '750000000000001AAA';
const HOUR = 3_600_000;

/** A job that is asked after, in a time that only these tests move. */
function watched(
  answers: (asked: number, clock: { now: number }) => IngestJobInfo['state'],
  asleep: (asked: number) => number = () => 0,
) {
  const clock = { now: 0 };
  /** Of each wait, how often the job had been asked after before it. */
  const slept: number[] = [];
  const notices: LoadNotice[] = [];
  const steps: JournalStep[] = [];
  let asked = 0;
  const part = freshPart({ part: 1, rows: 5, bytes: 9, sha256: Digest.parse('0'.repeat(64)) });
  part.stand = { at: 'CLOSED', jobId: JOB };
  const run: LoadRun = {
    client: {
      info: () => {
        const state = answers(++asked, clock);
        return Promise.resolve({ id: JOB, state, numberRecordsProcessed: 0, numberRecordsFailed: 0 });
      },
    } as unknown as IngestJobClient,
    journal: { write: (step) => Promise.resolve(void steps.push(step)), mark: () => Promise.resolve() },
    clock: {
      now: () => clock.now,
      elapsed: () => clock.now,
      sleep: (milliseconds) => {
        slept.push(asked);
        clock.now += milliseconds + asleep(asked);
        return Promise.resolve();
      },
    },
    orgNow: () => clock.now,
    host: 'org',
    keepMoved: null,
    held: NEVER,
    alone: (work) => work(),
    specs: {
      first: { object: 'Account', operation: 'insert', externalIdFieldName: null, assignmentRuleId: null },
      second: { object: 'Account', operation: 'update', externalIdFieldName: null, assignmentRuleId: null },
      decided: { object: 'Account', operation: 'update', externalIdFieldName: null, assignmentRuleId: null },
    },
    folder: '',
    cancel: new AbortController().signal,
    stop: new AbortController().signal,
    progress: () => undefined,
    notice: (notice) => notices.push(notice),
    holdToDisk: () => undefined,
  };
  const tries = {
    job: new Tries(run.clock, 1),
    close: new Tries(run.clock, 1),
    abort: new Tries(run.clock, 1),
    fetch: new Tries(run.clock, 1),
  };
  return { done: () => awaitEnd(run, part, JOB, tries), slept, notices, steps, asked: () => asked };
}

test('R17: a job that is stuck for a day is asked after every twenty seconds at most, and is said to be slow', async () => {
  const job = watched((_asked, { now }) => (now > 24 * HOUR ? 'JobComplete' : 'InProgress'));
  await job.done();
  expect(job.asked()).toBeLessThan((24 * HOUR) / 19_000);
  expect(new Set(job.notices.map(({ code }) => code))).toEqual(new Set(['JOB_SLOW']));
  expect(job.steps).toMatchObject([{ step: 'TERMINAL', state: 'JobComplete' }]);
});

test('R38: after a computer slept for hours, a job is asked after within a second of its waking', async () => {
  const job = watched(
    (asked) => (asked > 20 ? 'JobComplete' : 'InProgress'),
    (asked) => (asked === 20 ? 8 * HOUR : 0),
  );
  await job.done();
  expect(job.asked()).toBe(21);
  // By then a pause is twenty seconds long: one slice of it was waited.
  expect(job.slept.filter((at) => at === 19)).toHaveLength(20);
  expect(job.slept.filter((at) => at === 20)).toHaveLength(1);
});
