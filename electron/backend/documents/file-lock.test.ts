import { fork } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { FileLock } from './file-lock.ts';

let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-lock-'));
  path = join(folder, 'lock');
});
afterEach(() => rm(folder, { recursive: true, force: true }));

/** A process of its own that takes the lock and keeps it until it is killed. */
async function holdElsewhere(): Promise<{ pid: number; kill: () => Promise<void> }> {
  const child = fork(fileURLToPath(new URL('../test-support/hold-lock.ts', import.meta.url)), [path]);
  await new Promise((resolve) => child.once('message', resolve));
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  return { pid: child.pid ?? 0, kill: () => (child.kill('SIGKILL'), ended) };
}

test('a lock is one’s own until it is given back, within one process too', async () => {
  const first = await FileLock.take(path);
  if (!('lock' in first)) throw new Error('not taken');
  expect(await FileLock.take(path)).toMatchObject({ holder: { pid: process.pid, host: hostname() } });
  await first.lock.release();
  expect('lock' in (await FileLock.take(path))).toBe(true);
});

test('a living process keeps its lock, and says who it is', async () => {
  const other = await holdElsewhere();
  expect(await FileLock.take(path)).toMatchObject({ holder: { pid: other.pid, host: hostname() } });
  await other.kill();
});

test('what a killed process held is taken over, by one of many who ask at once', async () => {
  const other = await holdElsewhere();
  await other.kill();
  const answers = await Promise.all(Array.from({ length: 8 }, () => FileLock.take(path)));
  expect(answers.filter((answer) => 'lock' in answer)).toHaveLength(1);
});

test('a process id given out anew is not the process that held the lock', async () => {
  await writeFile(path, JSON.stringify({ pid: process.ppid, host: hostname(), started: 'long ago' }));
  expect('lock' in (await FileLock.take(path))).toBe(true);
  expect(JSON.parse(await readFile(path, 'utf8'))).toMatchObject({ pid: process.pid });
});

test('a holder on another machine, or one that can’t be read, counts as alive', async () => {
  await writeFile(path, JSON.stringify({ pid: 1, host: 'elsewhere', started: '1' }));
  expect(await FileLock.take(path)).toMatchObject({ holder: { host: 'elsewhere' } });
  await writeFile(path, '{"pid":');
  expect(await FileLock.take(path)).toMatchObject({ holder: { pid: 0 } });
});

test('who waits gets the lock when it is given back, or stops when called off', async () => {
  const first = await FileLock.take(path);
  if (!('lock' in first)) throw new Error('not taken');
  const calledOff = new AbortController();
  const impatient = FileLock.wait(path, calledOff.signal);
  calledOff.abort(new Error('no more time'));
  await expect(impatient).rejects.toThrow();
  const waiting = FileLock.wait(path, new AbortController().signal);
  await first.lock.release();
  await (await waiting).release();
});
