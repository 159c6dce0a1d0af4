import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JobId } from '../../../shared/domain/ids.ts';
import { JobRuns } from './job-runs.ts';

let data: string;
beforeEach(async () => {
  data = await mkdtemp(join(tmpdir(), 'longshore-job-runs-'));
});
afterEach(() => rm(data, { recursive: true, force: true }));

const JOB = JobId.parse('job_0000000000000000');

test('one process runs a job at a time; what a killed one held is free', async () => {
  const runs = new JobRuns({ paths: { data } }, JOB);
  await (await runs.take('Nightly')).release();
  const holder = fileURLToPath(new URL('../test-support/hold-lock.ts', import.meta.url));
  const other = fork(holder, [join(data, 'runs', JOB, 'running')]);
  await once(other, 'message');
  await expect(runs.take('Nightly')).rejects.toMatchObject({
    failure: { code: 'JOB_RUNNING', name: 'Nightly', pid: other.pid },
  });
  const ended = once(other, 'exit');
  other.kill('SIGKILL');
  await ended;
  const lock = await runs.take('Nightly');
  // Another one of the same process has to wait as well.
  await expect(runs.take('Nightly')).rejects.toMatchObject({ failure: { code: 'JOB_RUNNING', pid: process.pid } });
  await lock.release();
});
