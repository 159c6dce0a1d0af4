import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { RedirectFiles } from './open-page.ts';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'longshore-open-'))));
afterEach(() => rm(folder, { recursive: true, force: true }));

const URL_WITH_TICKET = 'http://127.0.0.1:4711/#ticket=AbC-_9';

test('a browser is given a file that only this user can read, and never the ticket', async () => {
  const asked: string[] = [];
  const redirects = new RedirectFiles(folder, (target) => Promise.resolve(asked.push(target)));
  await redirects.open(URL_WITH_TICKET);
  const [path = ''] = asked;
  expect(path).not.toContain('AbC-_9');
  expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(dirname(path))).mode & 0o777).toBe(0o700);
  expect(await readFile(path, 'utf8')).toContain(`content="0;url=${URL_WITH_TICKET}"`);
  // Another process that knows the address, as the host that handed it out does, removes the file.
  await new RedirectFiles(folder, () => Promise.resolve()).remove(URL_WITH_TICKET);
  expect(await readdir(dirname(path))).toEqual([]);
});

test('a browser that can’t be asked is no error, and what is left is swept', async () => {
  const redirects = new RedirectFiles(folder, () => Promise.reject(new Error('no browser')));
  await redirects.open(URL_WITH_TICKET);
  await redirects.sweep();
  expect(await readdir(folder)).toEqual([]);
});
