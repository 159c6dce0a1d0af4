import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { forkOrg, type ForkedOrg } from '../test-support/forked-org.ts';
import { startOrg, type TestOrg } from '../test-support/start-org.ts';

let data: string;
const forks: ForkedOrg[] = [];
const fork = async (...args: string[]): Promise<ForkedOrg> => {
  const forked = await forkOrg(data, args);
  forks.push(forked);
  return forked;
};
beforeEach(() => {
  data = mkdtempSync(join(tmpdir(), 'practice-org-restart-'));
});
afterEach(async () => {
  await Promise.all(forks.splice(0).map((forked) => forked.kill()));
  rmSync(data, { recursive: true, force: true });
});

const ROWS = 3000;
/** Every tenth row has no name and fails. */
const CSV = `AccountNumber,Name\n${Array.from({ length: ROWS }, (_all, n) => `R-${n},${n % 10 === 9 ? '' : `Resumed ${n}`}`).join('\n')}\n`;

async function close(org: TestOrg, csv = CSV): Promise<string> {
  const { id } = (await org.send('POST', '/jobs/ingest', { object: 'Account', operation: 'insert' })).body as {
    id: string;
  };
  await org.ask(`/jobs/ingest/${id}/batches`, { method: 'PUT', body: csv });
  await org.send('PATCH', `/jobs/ingest/${id}`, { state: 'UploadComplete' });
  return id;
}

const processed = async (org: TestOrg, id: string): Promise<number> =>
  ((await org.ask(`/jobs/ingest/${id}`)).body as { numberRecordsProcessed: number }).numberRecordsProcessed;

const cells = (csv: string): string[] =>
  csv
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => /"(R-\d+)","[^"]*"$/.exec(line)?.[1] ?? line);

/** Every row once: in a result file, and in the org if it succeeded. */
async function expectWhole(org: TestOrg, id: string): Promise<void> {
  const job = await org.outcome(id);
  expect(job).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: ROWS, numberRecordsFailed: ROWS / 10 });
  const all = Array.from({ length: ROWS }, (_row, n) => `R-${n}`);
  const expected = (failing: boolean): string[] => all.filter((_row, n) => (n % 10 === 9) === failing).toSorted();
  expect(cells(job.successful).toSorted()).toEqual(expected(false));
  expect(cells(job.failed).toSorted()).toEqual(expected(true));
  expect(cells(job.unprocessed)).toEqual([]);
  const counts = await org.query("SELECT COUNT(Id) n FROM Account WHERE AccountNumber LIKE 'R-%'");
  expect(counts).toMatchObject([{ n: ROWS * 0.9 }]);
  const ids = new Map(
    job.successful
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => [/"(R-\d+)"/.exec(line)?.[1] ?? '', line.slice(1, 19)]),
  );
  const records = await org.query("SELECT Id, AccountNumber FROM Account WHERE AccountNumber LIKE 'R-1%' LIMIT 1000");
  for (const record of records) expect(ids.get(String(record['AccountNumber']))).toBe(record['Id']);
}

test(
  'a job that is killed in the middle, and again while it is resumed, saves every row once',
  { timeout: 60_000 },
  async () => {
    const slow = ['--records', '1', '--rows-per-second', '2000'];
    const first = await fork(...slow);
    const id = await close(first.org);
    await expect.poll(() => processed(first.org, id), { interval: 5 }).toBeGreaterThan(400);
    await first.kill();
    const second = await fork(...slow);
    const reached = await processed(second.org, id);
    expect(reached).toBeGreaterThan(0);
    await expect.poll(() => processed(second.org, id), { interval: 5 }).toBeGreaterThan(reached);
    await second.kill();
    const third = await startOrg({ data });
    await expectWhole(third, id);
    await third.running.close();
    const fourth = await startOrg({ data });
    await expectWhole(fourth, id);
    await fourth.running.close();
  },
);

test('a job goes on after the org was stopped in good order; what was open is open', async () => {
  const org = await startOrg({ data, records: 1, knobs: { rowsPerSecond: 4000 } });
  const open = (await org.send('POST', '/jobs/ingest', { object: 'Account', operation: 'insert' })).body as {
    id: string;
  };
  const id = await close(org);
  await expect.poll(() => processed(org, id), { interval: 5 }).toBeGreaterThan(0);
  await org.running.close();
  const again = await startOrg({ data });
  await expectWhole(again, id);
  expect((await again.ask(`/jobs/ingest/${open.id}`)).body).toMatchObject({ state: 'Open' });
  expect((await again.ask(`/jobs/ingest/${open.id}/batches`, { method: 'PUT', body: CSV })).status).toBe(201);
  await again.running.close();
});

test('a job that was closed and not begun is begun', async () => {
  const org = await startOrg({ data, records: 1, knobs: { queueDelay: 60_000 } });
  const id = await close(org);
  await org.running.close();
  const again = await startOrg({ data });
  await expectWhole(again, id);
  await again.running.close();
});

test('a step that a crash cut off is not taken, and its rows are saved anew', async () => {
  const org = await startOrg({ data, records: 1, knobs: { rowsPerSecond: 4000 } });
  const id = await close(org);
  await expect.poll(() => processed(org, id), { interval: 5 }).toBeGreaterThan(0);
  await org.running.close();
  const log = join(data, 'records.jsonl');
  const text = readFileSync(log, 'utf8');
  const last = text.lastIndexOf('["together"');
  // All of the last chunk's records, but not what says that it is whole; the progress says more than the records do.
  writeFileSync(log, text.slice(0, text.lastIndexOf('["job"')));
  const again = await startOrg({ data, knobs: { queueDelay: 60_000 } });
  expect(readFileSync(log, 'utf8').length).toBe(last);
  await again.running.close();
  appendFileSync(join(data, 'jobs', id, 'progress.jsonl'), '[["001');
  const third = await startOrg({ data });
  await expectWhole(third, id);
  await third.running.close();
});

test('results that were lost with the computer fail the job: nothing is invented, nothing saved twice', async () => {
  const org = await startOrg({ data, records: 1, knobs: { rowsPerSecond: 4000 } });
  const id = await close(org);
  await expect.poll(() => processed(org, id), { interval: 5 }).toBeGreaterThan(0);
  const done = await processed(org, id);
  await org.running.close();
  writeFileSync(join(data, 'jobs', id, 'progress.jsonl'), '');
  const again = await startOrg({ data });
  const job = await again.outcome(id);
  expect(job).toMatchObject({
    state: 'Failed',
    errorMessage: 'InternalServerError : The results of the job were lost when the practice org stopped',
  });
  expect(job.numberRecordsProcessed).toBeGreaterThanOrEqual(done);
  expect(cells(job.successful)).toEqual([]);
  expect(cells(job.unprocessed)).toHaveLength(ROWS - job.numberRecordsProcessed);
  await again.running.close();
});

test('an abort that was answered is kept, and an upload that was cut off is none', { timeout: 60_000 }, async () => {
  const first = await fork('--records', '1', '--rows-per-second', '4000');
  const id = await close(first.org);
  const untouched = (await first.org.send('POST', '/jobs/ingest', { object: 'Account', operation: 'insert' })).body as {
    id: string;
  };
  const cut = (await first.org.send('POST', '/jobs/ingest', { object: 'Account', operation: 'insert' })).body as {
    id: string;
  };
  await first.org.admin('PUT', '/faults', [
    { path: cut.id, method: 'PUT', action: { kind: 'slow-upload', bytesPerSecond: 10 } },
  ]);
  const upload = first.org.ask(`/jobs/ingest/${cut.id}/batches`, { method: 'PUT', body: CSV }).catch(() => null);
  await expect.poll(() => processed(first.org, id), { interval: 5 }).toBeGreaterThan(0);
  await first.org.send('PATCH', `/jobs/ingest/${id}`, { state: 'Aborted' });
  await first.org.send('PATCH', `/jobs/ingest/${untouched.id}`, { state: 'Aborted' });
  const before = await processed(first.org, id);
  await first.kill();
  await upload;
  const again = await startOrg({ data });
  const job = await again.outcome(id);
  expect(job).toMatchObject({ state: 'Aborted', numberRecordsProcessed: before });
  expect(cells(job.successful).length + cells(job.failed).length).toBe(before);
  expect(cells(job.unprocessed)).toHaveLength(ROWS - before);
  expect((await again.ask(`/jobs/ingest/${untouched.id}`)).body).toMatchObject({ state: 'Aborted' });
  expect((await again.ask(`/jobs/ingest/${cut.id}`)).body).toMatchObject({ state: 'Open' });
  expect((await again.ask(`/jobs/ingest/${cut.id}/batches`, { method: 'PUT', body: CSV })).status).toBe(201);
  await again.running.close();
});
