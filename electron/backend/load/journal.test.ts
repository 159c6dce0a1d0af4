import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Journal, partStates, readSteps } from './journal.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-journal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('what was written is read again, and says where each part stands', async () => {
  const { journal } = await Journal.open(folder);
  await journal.write({
    step: 'PLANNED',
    parts: [
      { part: 1, rows: 10 },
      { part: 2, rows: 5 },
    ],
  });
  await journal.write({ step: 'CREATING', part: 1 });
  await journal.write({ step: 'CREATED', part: 1, jobId: '750A' });
  await journal.write({ step: 'DISCARDED', part: 1, jobId: '750A' });
  await journal.write({ step: 'CREATED', part: 1, jobId: '750B' });
  await journal.write({ step: 'TERMINAL', part: 1, state: 'JobComplete', processed: 10, failed: 1 });
  await journal.close();
  const { journal: again, steps } = await Journal.open(folder);
  expect(partStates(steps)).toEqual([
    {
      part: 1,
      rows: 10,
      step: 'TERMINAL',
      jobId: '750B',
      terminal: { state: 'JobComplete', processed: 10, failed: 1 },
    },
    { part: 2, rows: 5, step: 'PLANNED', jobId: null, terminal: null },
  ]);
  await again.close();
});

test('R34: a torn last line is no step', async () => {
  const { journal } = await Journal.open(folder);
  await journal.write({ step: 'PLANNED', parts: [{ part: 1, rows: 1 }] });
  await journal.write({ step: 'CREATED', part: 1, jobId: '750A' });
  await journal.close();
  const text = await readFile(join(folder, 'journal.jsonl'), 'utf8');
  for (let cut = 1; cut < 30; cut++) {
    expect(partStates(readSteps(text.slice(0, -1 - cut)))).toMatchObject([{ step: 'PLANNED', jobId: null }]);
  }
});

test('R31: a journal that another living process has is refused; one of a dead process is taken over', async () => {
  await writeFile(join(folder, 'lock'), String(process.ppid));
  await expect(Journal.open(folder)).rejects.toMatchObject({
    failure: { code: 'LOAD_OPEN_ELSEWHERE', pid: process.ppid },
  });
  // No process has this number: Linux and macOS stop far below it.
  await writeFile(join(folder, 'lock'), '2147483646');
  const { journal } = await Journal.open(folder);
  await journal.close();
});
