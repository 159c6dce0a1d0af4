import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { contractSuite } from '../test-support/contract-suite.ts';
import type { Backend } from '../../backend/create-backend.ts';
import { exposeBackend } from './ipc.ts';

/** Electron's side of the channel, as far as `ipc.ts` uses it. */
const electron = vi.hoisted(() => ({
  handlers: new Map<string, (event: unknown, ...args: unknown[]) => unknown>(),
  listeners: [] as ((payload: unknown) => void)[],
}));
const sends = new EventEmitter();

vi.mock('electron', () => ({
  app: { getAppPath: () => '/' },
  protocol: { handle: () => undefined },
  ipcMain: {
    handle: (channel: string, handler: (event: unknown, ...args: unknown[]) => unknown) =>
      electron.handlers.set(channel, handler),
    on: (channel: string, handler: (...args: unknown[]) => void) => sends.on(channel, handler),
  },
  BrowserWindow: {
    getAllWindows: () => [
      {
        webContents: {
          send: (_channel: string, payload: unknown) => electron.listeners.forEach((listener) => listener(payload)),
        },
      },
    ],
  },
}));

const from = (url: string, parent: unknown = null) => ({ senderFrame: { url, parent } });
const ours = from('longshore://app/');

function invoke(channel: string, event: unknown, ...args: unknown[]): Promise<unknown> {
  // What crosses IPC is cloned; what can't be cloned must fail here too.
  return Promise.resolve(electron.handlers.get(channel)?.(event, ...structuredClone(args)));
}

contractSuite('Electron’s IPC', (backend) => {
  exposeBackend(backend, () => ({ code: 'BUG', incidentId: 'x', log: '' }));
  return Promise.resolve({
    call: (request) => invoke('backend', ours, request),
    cancel: (callId) => void sends.emit('cancel', ours, callId),
    subscribe: (listener) => {
      electron.listeners.push(listener);
      return () => electron.listeners.splice(electron.listeners.indexOf(listener), 1);
    },
    handOver: (path) => invoke('hand-over', ours, [path]),
    close: () => Promise.resolve(),
  });
});

test.each([
  ['another origin', from('https://evil.example/')],
  ['a look-alike', from('longshore://application/')],
  ['a frame inside our page', from('longshore://app/', {})],
  ['a frame that is gone', { senderFrame: null }],
])('a message from %s is refused', async (_name, event) => {
  expect(await invoke('backend', event, { callId: 'x', procedure: 'app.info', input: {} })).toMatchObject({
    ok: false,
    failure: { code: 'BAD_REQUEST', where: 'ipc' },
  });
  expect(await invoke('hand-over', event, ['/etc/passwd'])).toMatchObject({
    ok: false,
    failure: { code: 'BAD_REQUEST', where: 'ipc' },
  });
});

test('folders and files that are not there are refused by the backend, whatever the host', async () => {
  expect(await invoke('hand-over', ours, ['/'])).toEqual({ ok: false, failure: { code: 'FILE_IS_FOLDER' } });
  expect(await invoke('hand-over', ours, ['/nowhere/x.csv'])).toEqual({
    ok: false,
    failure: { code: 'FILE_UNREADABLE', fileName: 'x.csv', reason: 'ENOENT' },
  });
  expect(await invoke('hand-over', ours, [])).toMatchObject({ ok: false });
});

test('what a page asked that is gone is called off, and the next page’s calls of the same name are not', async () => {
  const signals: AbortSignal[] = [];
  const answers: (() => void)[] = [];
  electron.handlers.clear();
  const exposed = exposeBackend(
    {
      call: (_procedure, _input, signal) => {
        signals.push(signal);
        return new Promise((resolve) => answers.push(() => resolve({ ok: true, value: null })));
      },
      subscribe: () => () => undefined,
    } as Partial<Backend> as Backend,
    () => ({ code: 'BUG', incidentId: 'x', log: '' }),
  );
  const request = { callId: 'c1', procedure: 'checks.run', input: {} };
  const first = invoke('backend', ours, request);
  exposed.abandonCalls();
  const second = invoke('backend', ours, request);
  expect(signals.map(({ aborted }) => aborted)).toEqual([true, false]);
  answers[0]?.();
  await first;
  // The end of the first call leaves the second one's place alone.
  sends.emit('cancel', ours, 'c1');
  expect(signals[1]?.aborted).toBe(true);
  answers[1]?.();
  await second;
});
