import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { request, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { json } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Backend } from '../../backend/create-backend.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { SourceId } from '../../../shared/domain/ids.ts';
import { Downloads } from './downloads.ts';
import { serve, type LoopbackHost } from './serve.ts';

/** Milliseconds: short, so that a test can outlast it. */
const IDLE = 400;

let folder: string;
let host: LoopbackHost;
/** What the backend was told of each file: the path, and what became of it. */
let handed: { path: string; became: Promise<string> }[];
let running: { input: unknown; signal: AbortSignal; answer: (value: unknown) => void }[];

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-uploads-'));
  handed = [];
  running = [];
  const backend: Backend = {
    call: (_procedure, input, signal) =>
      new Promise((resolve) => {
        running.push({ input, signal, answer: (value) => resolve({ ok: true, value }) });
        signal.addEventListener('abort', () => resolve({ ok: false, failure: { code: 'CANCELLED' } }));
      }),
    subscribe: () => () => undefined,
    handOver: ([path = ''], copy) => {
      const became = (copy?.arriving?.complete ?? Promise.resolve()).then(
        () => 'whole',
        (error: unknown) => JSON.stringify(error instanceof FailureError ? error.failure : String(error)),
      );
      handed.push({ path, became });
      return Promise.resolve(SourceId.parse('src_aaaaaaaaaaaaaaaa'));
    },
    addFile: () => Promise.reject(new Error('unused')),
    signInWith: () => Promise.reject(new Error('unused')),
    importJob: () => Promise.reject(new Error('unused')),
    listJobs: () => Promise.reject(new Error('unused')),
    saveChannel: () => Promise.reject(new Error('not asked for')),
    startSchedules: () => undefined,
    runDue: () => Promise.resolve([]),
    close: () => Promise.resolve(),
  };
  host = await serve({
    backend,
    downloads: new Downloads(),
    port: 0,
    renderer: folder,
    uploads: join(folder, 'uploads'),
    handoverSecret: 'c2VjcmV0',
    idle: IDLE,
    unexpected: () => ({ code: 'BUG', incidentId: 'x', log: '' }),
  });
});
afterEach(async () => {
  await host.close();
  await rm(folder, { recursive: true, force: true });
});

async function openWindow(): Promise<Record<string, string>> {
  const ticket = new URLSearchParams(new URL(host.newLink()).hash.slice(1)).get('ticket');
  const response = await fetch(`${host.url}/api/session`, { method: 'POST', body: JSON.stringify({ ticket }) });
  const { bearer } = (await response.json()) as { bearer: string };
  return { authorization: `Bearer ${bearer}` };
}

async function sendHead(headers: Record<string, string>, size: number): Promise<string> {
  const response = await fetch(`${host.url}/api/source?name=a.csv&size=${size}`, {
    method: 'POST',
    headers,
    body: 'Na',
  });
  return ((await response.json()) as { value: { upload: string } }).value.upload;
}

/** The body of an upload, to be written piece by piece; without a length in its head unless one is given. */
function body(headers: Record<string, string>, upload: string) {
  const sent = request(`${host.url}/api/source?upload=${upload}`, { method: 'PUT', headers });
  // Cut off is what some of these are meant to be; what the host says of them is looked at instead.
  sent.on('error', () => undefined);
  return sent;
}

const notWhole = (arrived: number): string =>
  JSON.stringify({ code: 'UPLOAD_NOT_WHOLE', fileName: 'a.csv', stated: 10, arrived });

describe('a dropped file is of the size that was stated', () => {
  test('and is then there, whole', async () => {
    const headers = await openWindow();
    const upload = await sendHead(headers, 10);
    await fetch(`${host.url}/api/source?upload=${upload}`, { method: 'PUT', headers, body: 'Name\nAcme\n' });
    expect(await handed[0]?.became).toBe('whole');
    expect(await readFile(handed[0]?.path ?? '', 'utf8')).toBe('Name\nAcme\n');
  });

  test.each([
    ['fewer bytes, said by its length', 'Name\n', { 'content-length': '5' }, 5],
    ['more bytes, said by its length', 'Name\nAcme\nX', { 'content-length': '11' }, 11],
    ['fewer bytes, in pieces', 'Name\n', {}, 5],
    ['more bytes, in pieces', 'Name\nAcme\nX', {}, 11],
  ])('%s: nothing of it is kept', async (_name, text, length, arrived) => {
    const headers = await openWindow();
    const upload = await sendHead(headers, 10);
    body({ ...headers, ...length }, upload).end(text);
    expect(await handed[0]?.became).toBe(notWhole(arrived));
    await expect.poll(() => readdir(join(folder, 'uploads'))).toEqual([upload]);
  });

  test('a window can’t send what another announced', async () => {
    const upload = await sendHead(await openWindow(), 10);
    const headers = await openWindow();
    const answer = await fetch(`${host.url}/api/source?upload=${upload}`, { method: 'PUT', headers, body: 'x' });
    expect(await answer.json()).toEqual({ ok: false, failure: { code: 'SOURCE_UNKNOWN' } });
  });
});

describe('an upload may take as long as it takes', () => {
  test('one that drips outlasts the time after which a silent one ends', async () => {
    const headers = await openWindow();
    const upload = await sendHead(headers, 10);
    const sent = body(headers, upload);
    const began = performance.now();
    for (const letter of 'Name\nAcme\n') {
      sent.write(letter);
      await new Promise((resolve) => setTimeout(resolve, IDLE / 4));
    }
    expect(performance.now() - began).toBeGreaterThan(2 * IDLE);
    sent.end();
    expect(await handed[0]?.became).toBe('whole');
  });

  // A pipe that nobody reads from yet is a disk that does not take what it is given.
  test.skipIf(process.platform === 'win32').each([
    ['all of it has come', 10],
    ['more is waiting to be read', 8 * 1024 * 1024],
  ])('a disk that is slow for longer than that ends none: %s', async (_name, size) => {
    const headers = await openWindow();
    const upload = await sendHead(headers, size);
    const disk = join(folder, 'uploads', `${upload}.whole`);
    await promisify(execFile)('mkfifo', [disk]);
    const sent = body(headers, upload);
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>;
    sent.end(Buffer.alloc(size, 'a'));
    const tooLate = sleep(2.5 * IDLE);
    const ended = await Promise.race([answered.then(() => 'answered', String), tooLate.then(() => 'under way')]);
    expect(ended).toBe('under way');
    let arrived = 0;
    for await (const chunk of createReadStream(disk) as AsyncIterable<Buffer>) arrived += chunk.length;
    expect(arrived).toBe(size);
    const [answer] = await answered;
    expect(await json(answer)).toEqual({ ok: true, value: null });
    expect(await handed[0]?.became).toBe('whole');
  });

  test('one that falls silent has ended, and is said to have', async () => {
    const headers = await openWindow();
    const upload = await sendHead(headers, 10);
    body(headers, upload).write('Name');
    expect(await handed[0]?.became).toBe('{"code":"CONNECTION_LOST"}');
  });

  test('one whose window was closed before it began has ended too', async () => {
    const headers = await openWindow();
    const leave = new AbortController();
    await fetch(`${host.url}/api/events`, { headers, signal: leave.signal });
    await sendHead(headers, 10);
    leave.abort();
    expect(await handed[0]?.became).toBe('{"code":"CONNECTION_LOST"}');
  });

  test('a call is not ended by the time in which nothing is sent', async () => {
    const headers = await openWindow();
    const call = fetch(`${host.url}/api/call`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ callId: 'a', procedure: 'x', input: {} }),
    });
    await new Promise((resolve) => setTimeout(resolve, 2 * IDLE));
    running[0]?.answer('late');
    expect(await (await call).json()).toEqual({ ok: true, value: 'late' });
  });
});

test('calls are of their window: another can neither cancel one nor take its name', async () => {
  const [mine, theirs] = [await openWindow(), await openWindow()];
  const post = async (headers: Record<string, string>, path: string, given: object): Promise<unknown> =>
    (await fetch(host.url + path, { method: 'POST', headers, body: JSON.stringify(given) })).json();
  const call = { callId: 'c1', procedure: 'x' };
  const first = post(mine, '/api/call', { ...call, input: 'mine' });
  await expect.poll(() => running.length).toBe(1);
  await post(theirs, '/api/cancel', { callId: 'c1' });
  expect(running[0]?.signal.aborted).toBe(false);
  const second = post(theirs, '/api/call', { ...call, input: 'theirs' });
  await expect.poll(() => running.length).toBe(2);
  expect(await post(mine, '/api/call', { ...call, input: 'again' })).toMatchObject({
    failure: { code: 'BAD_REQUEST', problem: 'a call of that id is under way' },
  });
  await post(theirs, '/api/cancel', { callId: 'c1' });
  expect(await second).toMatchObject({ failure: { code: 'CANCELLED' } });
  running[0]?.answer('mine');
  expect(await first).toEqual({ ok: true, value: 'mine' });
});
