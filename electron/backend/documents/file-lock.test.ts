import { fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { hostname, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { parseJson } from '../parse-json.ts';
import { FileLock } from './file-lock.ts';
import { ownIdentity } from './process-identity.ts';

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

/** Looks at a file as fast as it can, from a thread of its own, and tells every text it saw. */
const LOOKER = `
  const { readFileSync } = require('node:fs');
  const { parentPort, workerData } = require('node:worker_threads');
  const seen = new Set();
  for (let turn = 0; Atomics.load(workerData.done, 0) === 0; turn++) {
    try { seen.add(readFileSync(workerData.path, 'utf8')); } catch {}
    if (turn === 0) parentPort.postMessage('looking');
  }
  parentPort.postMessage([...seen]);
`;

test('a lock is whole from the first moment', async () => {
  const done = new Int32Array(new SharedArrayBuffer(4));
  const looker = new Worker(LOOKER, { eval: true, workerData: { path, done } });
  await once(looker, 'message');
  for (let turn = 0; turn < 500; turn++) {
    const taken = await FileLock.take(path);
    if ('lock' in taken) await taken.lock.release();
  }
  const told = once(looker, 'message');
  Atomics.store(done, 0, 1);
  const [texts] = (await told) as [string[]];
  expect(texts.map(parseJson)).toMatchObject([{ pid: process.pid }]);
  expect(await readdir(folder)).toEqual([]);
});

test('what a process left that was killed while it made a lock goes with the next takeover', async () => {
  const long = new Date(Date.now() - 60_000);
  await writeFile(path, JSON.stringify({ pid: process.ppid, host: hostname(), started: 'long ago' }));
  for (const name of ['lock.1.new', 'lock.2.new', 'other.new']) await writeFile(join(folder, name), '');
  for (const name of ['lock.1.new', 'other.new']) await utimes(join(folder, name), long, long);
  expect('lock' in (await FileLock.take(path))).toBe(true);
  expect((await readdir(folder)).sort()).toEqual(['lock', 'lock.2.new', 'other.new']);
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

test('a computer that has another name now is the same computer', async () => {
  const { machine } = await ownIdentity();
  await writeFile(path, JSON.stringify({ pid: process.ppid, host: 'at-home', machine, started: 'long ago' }));
  expect('lock' in (await FileLock.take(path))).toBe(machine !== null);
});

test('a computer of the same name is another one if its system says so', async () => {
  const other = { pid: process.ppid, host: hostname(), machine: 'another', started: 'long ago' };
  await writeFile(path, JSON.stringify(other));
  expect('lock' in (await FileLock.take(path))).toBe((await ownIdentity()).machine === null);
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
