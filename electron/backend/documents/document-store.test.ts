import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { COUNTED, countUp } from '../test-support/count-up.ts';
import { DocumentStore } from './document-store.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-documents-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const signal = new AbortController().signal;
const counted = () => new DocumentStore({ ...COUNTED, folder });
const written = (name: string, value: unknown) => writeFile(join(folder, name), JSON.stringify(value));

test('a document is as it was put, and gone when it is taken away', async () => {
  const store = counted();
  expect(await store.get('a')).toBeNull();
  expect((await store.list()).documents).toEqual([]);
  await store.change('a', signal, () => ({ count: 1 }));
  await store.change('b', signal, (current) => current ?? { count: 7 });
  expect(await counted().list()).toEqual({ documents: [{ count: 1 }, { count: 7 }], unreadable: [] });
  await store.change('a', signal, () => null);
  expect((await readdir(folder)).sort()).toEqual(['b.json']);
});

test('two processes change one document at once, and no change is lost', async () => {
  const main = fileURLToPath(new URL('../test-support/count-up.ts', import.meta.url));
  const child = fork(main, [folder, '25']);
  const ended = once(child, 'exit');
  await countUp(folder, 25);
  expect(await ended).toEqual([0, null]);
  expect(await counted().get('shared')).toEqual({ count: 50 });
});

test.each<[string, string, 'damaged' | 'newer']>([
  ['cut off', '{"kind":"counted","version":2,"val', 'damaged'],
  ['empty', '', 'damaged'],
  ['of another kind', JSON.stringify({ kind: 'other', version: 2, value: { count: 1 } }), 'damaged'],
  ['of another shape', JSON.stringify({ kind: 'counted', version: 2, value: { count: 'one' } }), 'damaged'],
  ['of a version that nothing leads from', JSON.stringify({ kind: 'counted', version: 0, value: {} }), 'damaged'],
  ['of a later version', JSON.stringify({ kind: 'counted', version: 3, value: { count: 1 } }), 'newer'],
])('a file that is %s is said and kept, and never written over', async (_name, text, problem) => {
  await writeFile(join(folder, 'a.json'), text);
  await written('b.json', { kind: 'counted', version: 2, value: { count: 2 } });
  const store = counted();
  expect(await store.list()).toEqual({ documents: [{ count: 2 }], unreadable: [{ name: 'a.json', problem }] });
  const refused = { failure: { code: 'DOCUMENT_UNREADABLE', what: 'a count', name: 'a.json', problem } };
  await expect(store.get('a')).rejects.toMatchObject(refused);
  await expect(store.change('a', signal, () => ({ count: 1 }))).rejects.toMatchObject(refused);
  await expect(store.change('a', signal, () => null)).rejects.toMatchObject(refused);
  expect(await readFile(join(folder, 'a.json'), 'utf8')).toBe(text);
  expect((await readdir(folder)).sort()).toEqual(['a.json', 'b.json']);
});

test('a file that the disk does not give is said', async () => {
  await mkdir(join(folder, 'a.json'));
  expect((await counted().list()).unreadable).toEqual([{ name: 'a.json', problem: 'unreadable' }]);
});

test('a document of an earlier version is read as one of this, and written so with its next change', async () => {
  await written('a.json', { kind: 'counted', version: 1, value: { times: 4 } });
  const store = counted();
  expect(await store.get('a')).toEqual({ count: 4 });
  await store.change('a', signal, (current) => ({ count: (current?.count ?? 0) + 1 }));
  expect(JSON.parse(await readFile(join(folder, 'a.json'), 'utf8'))).toEqual({
    kind: 'counted',
    version: 2,
    value: { count: 5 },
  });
});

test('what could not be read again is not written', async () => {
  const strict = new DocumentStore({ ...COUNTED, folder, schema: z.object({ count: z.number().max(1) }) });
  await strict.change('a', signal, () => ({ count: 1 }));
  await expect(strict.change('a', signal, () => ({ count: 2 }))).rejects.toThrow();
  expect(await strict.get('a')).toEqual({ count: 1 });
});
