import fc from 'fast-check';
import { cp, mkdtemp, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Digest, LoadId, OrgId, PlanId } from '../../../shared/domain/ids.ts';
import { Journal } from './journal.ts';
import type { JournalStep } from './journal-steps.ts';

const SHA = Digest.parse('0'.repeat(64));
const BEGUN = {
  step: 'BEGUN',
  loadId: LoadId.parse('load_aaaaaaaaaaaaaaaa'),
  planId: PlanId.parse('plan_aaaaaaaaaaaaaaaa'),
  planDigest: SHA,
  orgId: OrgId.parse('00D000000000001AAA'),
} as const;
const job = (n: number) => `750${String(n).padStart(15, '0')}`;
const PLANNED: JournalStep = {
  step: 'PLANNED',
  parts: [
    { part: 1, rows: 10, bytes: 100, sha256: SHA },
    { part: 2, rows: 5, bytes: 50, sha256: SHA },
  ],
};
/** A whole part, with a creation that was lost and a job that was thrown away on the way. */
const STEPS: JournalStep[] = [
  PLANNED,
  { step: 'CREATING', part: 1, at: 1000 },
  { step: 'CREATING', part: 1, at: 2000 },
  { step: 'CREATED', part: 1, jobId: job(1) },
  { step: 'DISCARDED', part: 1, jobId: job(1) },
  { step: 'CREATING', part: 1, at: 3000 },
  { step: 'CREATED', part: 1, jobId: job(2) },
  { step: 'UPLOADING', part: 1 },
  { step: 'UPLOADED', part: 1, bytes: 100, sha256: SHA },
  { step: 'CLOSING', part: 1 },
  { step: 'CLOSED', part: 1 },
  { step: 'TERMINAL', part: 1, state: 'JobComplete', processed: 10, failed: 1, message: '' },
];

let folder: string;
const path = () => join(folder, 'journal.jsonl');
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-journal-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function write(steps: readonly JournalStep[]): Promise<void> {
  await Journal.begin(folder, BEGUN);
  const { journal } = await Journal.open(folder);
  for (const step of steps) await journal.write(step);
  await journal.close();
}

const refused = (problem: string) => ({ failure: { code: 'JOURNAL_DAMAGED', problem } });

test('what was written is read again, and says where each part stands', async () => {
  await write(STEPS);
  const stand = await Journal.look(folder);
  expect(stand).toMatchObject({ begun: BEGUN, cancelling: false, finished: false });
  expect(stand.parts).toMatchObject([
    {
      part: 1,
      rows: 10,
      stand: { at: 'TERMINAL', jobId: job(2), end: { state: 'JobComplete', processed: 10, failed: 1 } },
      leftOpen: [job(1)],
      lostCreates: [{ at: 1000, until: null }],
    },
    { part: 2, rows: 5, stand: { at: 'PLANNED' }, leftOpen: [], lostCreates: [] },
  ]);
  expect([...stand.jobIds]).toEqual([job(1), job(2)]);
});

test('a cancel is read again', async () => {
  await write([PLANNED, { step: 'CANCELLING' }]);
  expect(await Journal.look(folder)).toMatchObject({ cancelling: true });
});

describe('R34: a torn last record', () => {
  test('is cut off before anything is appended, wherever it was torn', async () => {
    await write(STEPS);
    const whole = await readFile(path());
    const last = whole.subarray(0, -1).lastIndexOf(0x0a) + 1;
    for (let cut = last; cut < whole.length; cut += 7) {
      await writeFile(path(), whole.subarray(0, cut));
      const { journal, stand } = await Journal.open(folder);
      expect(stand.parts?.[0]?.stand).toMatchObject({ at: 'CLOSED' });
      await journal.write({ step: 'TERMINAL', part: 1, state: 'Failed', processed: 3, failed: 0, message: '' });
      await journal.close();
      expect((await Journal.look(folder)).parts?.[0]?.stand).toMatchObject({
        at: 'TERMINAL',
        end: { state: 'Failed' },
      });
    }
  });
});

describe('anything else that cannot be read is refused, and stays refused', () => {
  test.each<[string, string, (text: string) => string]>([
    ['its PLANNED record damaged', 'checksum', (text) => text.replace('"rows":10', '"rows":11')],
    ['garbage in the first line', 'checksum', (text) => `garbage\n${text}`],
    ['a record missing from between', 'checksum', (text) => text.split('\n').toSpliced(3, 1).join('\n')],
    [
      'two records changed about',
      'checksum',
      (text) =>
        text
          .split('\n')
          .toSpliced(3, 2, ...text.split('\n').slice(3, 5).reverse())
          .join('\n'),
    ],
    ['nothing in it', 'missing', () => ''],
    ['nothing but a torn line', 'missing', (text) => text.slice(0, 20)],
  ])('%s', async (_name, problem, damage) => {
    await write(STEPS);
    await writeFile(path(), damage(await readFile(path(), 'utf8')));
    await expect(Journal.open(folder)).rejects.toMatchObject(refused(problem));
    await expect(Journal.look(folder)).rejects.toMatchObject(refused(problem));
  });

  test('missing', async () => {
    await write(STEPS);
    await rm(path());
    await expect(Journal.open(folder)).rejects.toMatchObject(refused('missing'));
  });

  test('steps that cannot follow one another', async () => {
    await write([PLANNED, { step: 'CLOSING', part: 1 }]);
    await expect(Journal.open(folder)).rejects.toMatchObject(refused('order'));
  });

  test('cut off cleanly after a job was about to be closed', async () => {
    await Journal.begin(folder, BEGUN);
    const { journal } = await Journal.open(folder);
    for (const step of STEPS.slice(0, 10)) await journal.write(step);
    await journal.mark();
    await journal.write({ step: 'CLOSED', part: 1 });
    await journal.close();
    const text = await readFile(path(), 'utf8');
    const lines = text.split('\n');
    // What came after the mark may be lost: asked again, the org says what it was.
    await writeFile(path(), `${lines.slice(0, 11).join('\n')}\n`);
    expect((await Journal.look(folder)).parts?.[0]?.stand).toMatchObject({ at: 'CLOSING' });
    await writeFile(path(), `${lines.slice(0, 10).join('\n')}\n`);
    await expect(Journal.open(folder)).rejects.toMatchObject(refused('cut-off'));
  });

  test('any one byte of it changed: what is left is an honest beginning, or nothing', async () => {
    await write(STEPS);
    const whole = await readFile(path());
    const copy = await mkdtemp(join(tmpdir(), 'longshore-journal-'));
    await cp(folder, copy, { recursive: true });
    await fc.assert(
      fc.asyncProperty(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), async (at, flip) => {
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] ?? 0) ^ flip;
        await writeFile(join(copy, 'journal.jsonl'), changed);
        // Only the last newline can go unnoticed: without it the last record is a torn one.
        if (at === whole.length - 1) expect((await Journal.look(copy)).parts?.[0]?.stand.at).toBe('CLOSED');
        else await expect(Journal.look(copy)).rejects.toMatchObject({ failure: { code: 'JOURNAL_DAMAGED' } });
      }),
      { numRuns: 150 },
    );
    await rm(copy, { recursive: true });
  });
});

test('begun once: a second beginning is refused and the first one kept', async () => {
  await write(STEPS);
  await expect(Journal.begin(folder, BEGUN)).rejects.toMatchObject({
    failure: { code: 'DISK_REFUSED', reason: 'EEXIST' },
  });
  expect((await Journal.look(folder)).parts).toHaveLength(2);
});

test('a record longer than a page of disk is read whole', async () => {
  const parts = Array.from({ length: 500 }, (_, n) => ({ part: n + 1, rows: 1, bytes: 1, sha256: SHA }));
  await write([{ step: 'PLANNED', parts }]);
  expect((await Journal.look(folder)).parts).toHaveLength(500);
  await truncate(path(), 3000);
  await expect(Journal.open(folder)).resolves.toMatchObject({ stand: { parts: null } });
});
