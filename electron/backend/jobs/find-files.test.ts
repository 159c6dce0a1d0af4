import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { findFiles, matchesPattern, namesOf, sourceBelow } from './find-files.ts';

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-files-'));
  const days = { 'b-1.csv': 3, 'a-1.csv': 2, 'a-2.CSV': 1, 'a-3.csv.part': 9, '.a-4.csv': 9, '~a-5.csv': 9 };
  for (const [name, day] of Object.entries(days)) {
    await writeFile(join(folder, name), 'x');
    await utimes(join(folder, name), day, day);
  }
  await mkdir(join(folder, 'a-6.csv'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

test.each<[string, 'all' | 'newest', string[]]>([
  ['a-*.csv', 'all', ['a-1.csv', 'a-2.CSV']],
  ['a-*.csv', 'newest', ['a-1.csv']],
  ['*', 'newest', ['b-1.csv']],
  ['?-1.csv', 'all', ['a-1.csv', 'b-1.csv']],
])('%s, %s: files that are finished, by name', async (pattern, take, names) => {
  const found = await findFiles({ kind: 'folder', folder, pattern, take });
  expect(found).toEqual(names.map((name) => join(folder, name)));
});

test('no file, and no folder, are told', async () => {
  const source = { kind: 'folder', folder, pattern: 'c*', take: 'all' } as const;
  await expect(findFiles(source)).rejects.toMatchObject({
    failure: { code: 'JOB_NO_FILE', folder: basename(folder), pattern: 'c*' },
  });
  const nowhere = { ...source, folder: join(folder, 'nowhere') };
  await expect(findFiles(nowhere)).rejects.toMatchObject({
    failure: { code: 'FILE_UNREADABLE', fileName: 'nowhere', reason: 'ENOENT' },
  });
});

/** The same by trying everything. */
function matchesSlowly(name: string, pattern: string): boolean {
  const [want, ...rest] = pattern;
  if (want === undefined) return name === '';
  if (want === '*') return matchesSlowly(name, rest.join('')) || (name !== '' && matchesSlowly(name.slice(1), pattern));
  return name !== '' && (want === '?' || want === name[0]) && matchesSlowly(name.slice(1), rest.join(''));
}

test('a pattern matches as it does when everything is tried', () => {
  const part = fc.constantFrom('a', 'b', '.', '*', '?', '[', '\\');
  const texts = fc.array(part, { maxLength: 8 }).map((parts) => parts.join(''));
  fc.assert(
    fc.property(texts, texts, (name, pattern) => {
      expect(matchesPattern(name, pattern)).toBe(matchesSlowly(name, pattern));
    }),
  );
});

test('paths of a job’s file are below its folder, unless they are whole', () => {
  expect(sourceBelow({ kind: 'file', path: 'a.csv' }, '/jobs')).toEqual({ kind: 'file', path: '/jobs/a.csv' });
  expect(sourceBelow({ kind: 'files', paths: ['/b.csv', '../c.csv'] }, '/jobs')).toEqual({
    kind: 'files',
    paths: ['/b.csv', '/c.csv'],
  });
});

test('what is told of a source is how its files and its folder are called', () => {
  expect(namesOf({ kind: 'file', path: '/jobs/a.csv' })).toEqual({ kind: 'file', path: 'a.csv' });
  expect(namesOf({ kind: 'files', paths: ['/b.csv', '/c/d.csv'] })).toEqual({
    kind: 'files',
    paths: ['b.csv', 'd.csv'],
  });
  const folder = { kind: 'folder', folder: '/in/orders', pattern: '*.csv', take: 'newest' } as const;
  expect(namesOf(folder)).toEqual({ ...folder, folder: 'orders' });
});
