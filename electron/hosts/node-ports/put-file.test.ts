import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { failureText } from '../../../shared/text/failure-text.ts';
import { putFile, whyNotSaved } from './put-file.ts';

let folder: string;
let from: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-put-file-'));
  from = join(folder, 'error.csv');
  await writeFile(from, 'Name\nA\n');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

async function refusal(work: Promise<void>): Promise<Failure> {
  const error: unknown = await work.then(
    () => null,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FailureError)) throw new Error('nothing was refused', { cause: error });
  return error.failure;
}

test('a file replaces what was there, and leaves nothing beside it', async () => {
  const path = join(folder, 'kept', 'mine.csv');
  await putFile(from, { path, place: 'kept/mine.csv', makeFolder: true });
  await putFile(from, { path, place: 'kept/mine.csv', makeFolder: true });
  expect(await readFile(path, 'utf8')).toBe('Name\nA\n');
  expect(await readdir(join(folder, 'kept'))).toEqual(['mine.csv']);
});

test('a folder that is gone is told by what the person knows the file by', async () => {
  const failure = await refusal(
    putFile(from, { path: join(folder, 'gone', 'mine.csv'), place: 'mine.csv', makeFolder: false }),
  );
  expect(failure).toEqual({ code: 'FILE_NOT_SAVED', place: 'mine.csv', why: 'folder-gone', reason: 'ENOENT' });
  expect(failureText(failure)).toEqual({
    title: '“mine.csv” can’t be saved: its folder no longer exists.',
    saved: 'Nothing was written there, and nothing in Longshore is lost.',
    next: 'Save it somewhere else.',
  });
});

test('a place that is a folder, or below a file, is told too, and keeps no part of the file', async () => {
  const path = join(folder, 'mine.csv');
  await mkdir(path);
  const failure = await refusal(putFile(from, { path, place: path, makeFolder: false }));
  expect(failure).toMatchObject({ why: 'other', reason: 'EISDIR' });
  expect(failureText(failure).title).toBe(`“${path}” can’t be saved there (it is a folder).`);
  const file = join(folder, 'a-file');
  await writeFile(file, '');
  const below = await refusal(putFile(from, { path: join(file, 'x.csv'), place: 'x.csv', makeFolder: true }));
  expect(below).toMatchObject({ code: 'FILE_NOT_SAVED', reason: 'EEXIST' });
  expect((await readdir(folder)).sort()).toEqual(['a-file', 'error.csv', 'mine.csv']);
});

test('a full disk is told with the way out', async () => {
  const failure = await refusal(putFile(from, { path: '/dev/full', place: 'mine.csv', makeFolder: false }));
  expect(failure).toMatchObject({ why: 'disk-full', reason: 'ENOSPC' });
  expect(failureText(failure).next).toBe('Free some space and try again, or save it somewhere else.');
});

test('our own file that can’t be read is no fault of the place', async () => {
  const gone = join(folder, 'nothing.csv');
  const copied = putFile(gone, { path: join(folder, 'x.csv'), place: 'x.csv', makeFolder: false });
  await expect(copied).rejects.toMatchObject({ code: 'ENOENT', path: gone });
});

test.each([
  ['EBUSY', 'rename', 'win32', 'in-use'],
  ['EPERM', 'rename', 'win32', 'in-use'],
  ['EPERM', 'open', 'win32', 'not-allowed'],
  ['EPERM', 'rename', 'linux', 'not-allowed'],
  ['EACCES', 'open', 'darwin', 'not-allowed'],
  ['EROFS', 'open', 'linux', 'not-allowed'],
  ['ENOENT', 'open', 'linux', 'folder-gone'],
  ['EDQUOT', 'write', 'linux', 'disk-full'],
  ['EIO', 'write', 'linux', 'other'],
] as const)('%s of %s on %s means %s', (code, syscall, platform, why) => {
  expect(whyNotSaved(Object.assign(new Error(code), { code, syscall }), platform)).toBe(why);
});
