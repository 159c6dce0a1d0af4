import fc from 'fast-check';
import { afterAll, beforeAll, test } from 'vitest';
import type { Fault } from '../test-support/load-model/faults.ts';
import { Lane } from '../test-support/load-model/lane.ts';
import { runSequence } from '../test-support/load-model/run-sequence.ts';
import { sequencesOf, type Disturbance, type Sequence } from '../test-support/load-model/sequence.ts';

/** R28: a process that is killed when its journal has come to each step, and the same totals once the load is resumed. */

let lane: Lane;
beforeAll(async () => {
  lane = await Lane.start();
});
afterAll(() => lane.stop());

/** Rows that no lookup finds again: what is sent twice is there twice. */
const insert = fc
  .sample(sequencesOf('calm'), { numRuns: 300, seed: 28 })
  .find(({ operation, rows }) => operation === 'insert' && rows.length > 8 && rows.length < 40);

const lostAnswer: Fault = {
  method: 'POST',
  path: '/jobs\\/ingest$/',
  nth: 1,
  times: 1,
  action: { kind: 'reset', when: 'after' },
};
const lostUpload: Fault = {
  method: 'PUT',
  path: 'batches',
  nth: 1,
  times: 1,
  action: { kind: 'reset', when: 'after' },
};
const lostBatch: Fault = {
  method: 'POST',
  path: '/async.*\\/batch$/',
  nth: 1,
  times: 1,
  action: { kind: 'reset', when: 'before' },
};
const cancelled: Disturbance = { kind: 'cancel', when: { step: 'UPLOADED', nth: 1, jitter: 0 }, then: 'resume' };

test.each<[string, Partial<Sequence>]>([
  ['BEGUN', {}],
  ['PLANNED', {}],
  ['CREATING', {}],
  ['LOST', { faults: [lostAnswer] }],
  ['CREATED', {}],
  ['UPLOADING', {}],
  ['DISCARDED', { faults: [lostUpload] }],
  ['ABORTED', { faults: [lostUpload] }],
  ['UPLOADED', {}],
  ['CLOSING', {}],
  ['CLOSED', {}],
  ['TERMINAL', {}],
  ['RESULTS', {}],
  ['RECONCILED', {}],
  ['AGAIN', {}],
  // Few rows that are locked go as a collection: its steps are those of a load that otherwise makes jobs.
  ['LOCKED', { knobs: { lockRowEvery: 3 } }],
  ['ANSWERED', { knobs: { lockRowEvery: 3 } }],
  ['SETTLED', { knobs: { lockRowEvery: 3 } }],
  ['ORPHANS', { faults: [lostAnswer] }],
  ['CANCELLING', { disturbances: [cancelled], knobs: { rowsPerSecond: 100 } }],
  ['FINISHED', {}],
])('R28: killed at %s', killedAt);

test.each<[string, Partial<Sequence>]>([
  ['CREATING', {}],
  ['CREATED', {}],
  // The commit point: whether the rows have arrived is asked, and they are sent once more only if they haven't and can't any more.
  ['UPLOADING', {}],
  ['DISCARDED', { faults: [lostBatch] }],
  ['UPLOADED', {}],
  ['CLOSING', {}],
  ['TERMINAL', {}],
  ['RESULTS', {}],
])('R28: killed at %s of a job in the order of the file', (step, besides) =>
  killedAt(step, { ...besides, way: 'bulk-1' }),
);

/** A few rows are a job, and three jobs are at work at once. */
const several: Partial<Sequence> = { jobMegabytes: 300 / 1024 / 1024, jobsAtOnce: 3 };

test.each<[string, number, Partial<Sequence>]>([
  ['CREATING', 2, {}],
  ['CREATED', 3, {}],
  ['UPLOADING', 2, {}],
  ['CLOSING', 2, {}],
  ['CLOSED', 3, {}],
  ['RESULTS', 2, {}],
  ['RECONCILED', 1, {}],
  ['LOCKED', 2, { knobs: { lockRowEvery: 3 } }],
])('R28: killed at %s, for the %i. time, with several jobs at work', (step, nth, besides) =>
  killedAt(step, { ...several, ...besides }, nth),
);

async function killedAt(step: string, besides: Partial<Sequence>, nth = 1): Promise<void> {
  if (!insert) throw new Error('there is no insert among the samples');
  const kill: Disturbance = { kind: 'kill', when: { step, nth, jitter: 0 }, damage: null, where: 0, resume: 'one' };
  await runSequence(lane, { ...insert, ...besides, disturbances: [...(besides.disturbances ?? []), kill] });
}
