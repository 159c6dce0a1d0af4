import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JobId } from '../../../shared/domain/ids.ts';
import type { Job } from '../../../shared/domain/job.ts';
import { ScheduleStates } from './schedule-states.ts';

const jobId = JobId.parse('job_0123456789abcdef');
const due = { at: 200, mark: null };
let data: string;
let states: ScheduleStates;

beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'longshore-schedules-'));
  states = new ScheduleStates({ paths: { data } });
});
afterEach(() => rm(data, { recursive: true, force: true }));

/** A job as far as its schedule's state is of it. */
const nightly = (at: string) =>
  ({ jobId, changedAt: 100, definition: { schedule: { kind: 'nightly', at, zone: 'UTC' } } }) as unknown as Job;

test('what a run has done is done', async () => {
  await states.change(nightly('02:30'), { trying: { at: 200, tries: 1 } });
  await states.done(jobId, due, null);
  expect(await states.of(nightly('02:30'))).toMatchObject({ last: 200, trying: null });
});

test('a run that ends after its job got another schedule leaves that as it is', async () => {
  await states.change(nightly('02:30'), { trying: { at: 200, tries: 1 } });
  await states.change(nightly('04:00'), { last: 300, trying: null });
  await states.done(jobId, due, null);
  expect(await states.of(nightly('04:00'))).toMatchObject({ last: 300 });
});

test('a run that ends after its job has no schedule any more leaves nothing behind', async () => {
  await states.change(nightly('02:30'), { trying: { at: 200, tries: 1 } });
  await states.forget(jobId);
  await states.done(jobId, due, null);
  expect((await readdir(join(data, 'schedules'))).filter((name) => name.endsWith('.json'))).toEqual([]);
});
