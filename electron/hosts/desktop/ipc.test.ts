import { EventEmitter } from 'node:events';
import { expect, test, vi } from 'vitest';
import { contractSuite } from '../test-support/contract-suite.ts';
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
