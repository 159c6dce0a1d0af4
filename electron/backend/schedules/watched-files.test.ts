import { appendFile, mkdir, mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { JobId } from '../../../shared/domain/ids.ts';
import type { JobSource } from '../../../shared/domain/job.ts';
import { moveFiles } from './move-files.ts';
import { seenAs, WatchedFiles, type SeenFile, type Watched } from './watched-files.ts';

const JOB = JobId.parse('job_0123456789abcdef');
let folder: string;
let time: number;
let watched: WatchedFiles;
let source: JobSource;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-watched-'));
  time = 0;
  watched = new WatchedFiles(() => time);
  source = { kind: 'folder', folder, pattern: '*.csv*', take: 'all' };
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const look = (taken: string | null = null): Promise<Watched> =>
  watched.look(JOB, { source }, { kind: 'watch', settleSeconds: 10 }, taken);
const put = (name: string, text = 'a') => writeFile(join(folder, name), text);

test('files are due once they have stayed the same for so long, and not again', async () => {
  expect(await look()).toEqual({ kind: 'nothing' });
  await put('a.csv');
  expect(await look()).toEqual({ kind: 'settling', after: 10_000 });
  time = 9_999;
  expect(await look()).toEqual({ kind: 'settling', after: 1 });
  time = 10_000;
  const due = await look();
  expect(due).toMatchObject({ kind: 'due', files: [{ path: join(folder, 'a.csv'), size: 1 }] });
  const mark = due.kind === 'due' ? due.mark : '';
  time = 99_999;
  expect(await look(mark)).toEqual({ kind: 'nothing' });
  await put('a.csv', 'another');
  expect(await look(mark)).toMatchObject({ kind: 'settling' });
});

test('that a file which was taken has gone is nothing to load; another that comes is', async () => {
  await put('a.csv');
  await put('b.csv');
  await look();
  time = 10_000;
  const due = await look();
  const mark = due.kind === 'due' ? due.mark : '';
  await rm(join(folder, 'a.csv'));
  expect(await look(mark)).toEqual({ kind: 'nothing' });
  await put('c.csv');
  expect(await look(mark)).toMatchObject({ kind: 'settling' });
});

test('a file that grows, or another that comes, begins the time again; so does one whose size alone is the same', async () => {
  await put('a.csv');
  await look();
  time = 9_000;
  await appendFile(join(folder, 'a.csv'), 'more');
  expect(await look()).toEqual({ kind: 'settling', after: 10_000 });
  time = 18_000;
  await put('b.csv');
  expect(await look()).toEqual({ kind: 'settling', after: 10_000 });
  time = 27_000;
  await utimes(join(folder, 'a.csv'), new Date(), new Date('2030-01-01'));
  expect(await look()).toEqual({ kind: 'settling', after: 10_000 });
  time = 37_000;
  expect(await look()).toMatchObject({ kind: 'due' });
});

test.each(['~$a.csv', '.a.csv', 'a.csv.tmp', 'a.csv.part', 'a.csv.crdownload', 'a.csv.filepart'])(
  'a name that others write under, such as %s, is no file yet',
  async (name) => {
    await put(name);
    expect(await look()).toEqual({ kind: 'nothing' });
  },
);

test('a job of several files waits for all of them; a folder that is not there is said', async () => {
  source = { kind: 'files', paths: [join(folder, 'a.csv'), join(folder, 'b.csv')] };
  await put('a.csv');
  expect(await look()).toEqual({ kind: 'nothing' });
  await put('b.csv');
  expect(await look()).toMatchObject({ kind: 'settling' });
  source = { kind: 'folder', folder: join(folder, 'gone'), pattern: '*', take: 'all' };
  await expect(look()).rejects.toMatchObject({
    failure: { code: 'FILE_UNREADABLE', fileName: 'gone', reason: 'ENOENT' },
  });
});

test('what was read is moved, over nothing; what was written since stays', async () => {
  const moment = Date.parse('2026-06-01T02:30:00Z');
  const seen = async (name: string) => (await seenAs(join(folder, name))) as SeenFile;
  await put('a.csv');
  await put('b.csv');
  const files = [await seen('a.csv'), await seen('b.csv')];
  await appendFile(join(folder, 'b.csv'), 'more');
  await mkdir(join(folder, 'done'));
  await put('done/a.csv', 'earlier');
  await moveFiles(files, 'done', moment);
  expect((await readdir(folder)).sort()).toEqual(['b.csv', 'done']);
  expect((await readdir(join(folder, 'done'))).sort()).toEqual(['a 2026-06-01T02-30-00-000Z.csv', 'a.csv']);
  await put('a.csv', 'third');
  await moveFiles([await seen('a.csv')], 'done', moment);
  expect(await readdir(join(folder, 'done'))).toContain('a 2026-06-01T02-30-00-000Z (2).csv');
  await moveFiles([await seen('b.csv')], 'failed', moment);
  expect(await readdir(join(folder, 'failed'))).toEqual(['b.csv']);
});

test('a file that can’t be moved keeps no other from it', async () => {
  const other = join(folder, 'other');
  await mkdir(other);
  await put('other/a.csv');
  // Its place is taken by a file: no folder can be made there.
  await put('other/done');
  await put('b.csv');
  const files = [await seenAs(join(other, 'a.csv')), await seenAs(join(folder, 'b.csv'))] as SeenFile[];
  await expect(moveFiles(files, 'done', 0)).rejects.toThrow();
  expect(await readdir(join(folder, 'done'))).toEqual(['b.csv']);
});
