import { fork } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Browser, BrowserContext, Page } from '@playwright/test';
import { setFaults } from './browser-host.ts';
import type { ToHost, ToWindow } from './electron-stand-in/wire.ts';
import { dropBytes, type LongshoreApp } from './window.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const REGISTER = new URL('./electron-stand-in/register.ts', import.meta.url).href;
/** The built app: this checkout, or a packed one laid out elsewhere (`scripts/pack.ts`). */
const APP = process.env['LONGSHORE_PACKED_APP'] ?? ROOT;
/** Chromium does not know the desktop's scheme; the same files come from this origin, which never leaves the test. */
const ORIGIN = 'http://app.longshore.test';
const SCHEME = 'longshore://app';

/** Runs the real desktop `main` against the stand-in, and the real `preload` in a real Chromium. */
export async function startDesktopHarness(
  browser: Browser,
  options: { rowsPerSecond?: number } = {},
): Promise<LongshoreApp> {
  const data = await mkdtemp(join(tmpdir(), 'longshore-desktop-'));
  const host = fork(join(APP, 'dist/desktop/main.js'), [], {
    cwd: APP,
    execArgv: ['--import', REGISTER],
    env: {
      ...process.env,
      LONGSHORE_STAND_IN_DATA: data,
      LONGSHORE_PRACTICE_ROWS_PER_SECOND: String(options.rowsPerSecond ?? 0),
    },
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const post = (message: ToHost) => host.connected && host.send(message);
  const pending = new Map<number, (message: ToWindow) => void>();
  const external: string[] = [];
  const wanted: ((url: string) => void)[] = [];
  let saveTo: ((path: string) => void) | null = null;
  let asked = 0;
  const request = (make: (id: number) => ToHost): Promise<ToWindow> => {
    const id = ++asked;
    return new Promise((resolve) => {
      pending.set(id, resolve);
      post(make(id));
    });
  };

  const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, reducedMotion: 'reduce' });
  const opened = new Promise<Page>((resolve, reject) => {
    host.once('exit', (code) => reject(new Error(`the desktop host ended with ${String(code)}`)));
    host.on('message', (message: ToWindow) => {
      switch (message.kind) {
        case 'load':
          openWindow(context, message, request, post).then(resolve, reject);
          break;
        case 'emit':
          void opened
            .then((page) =>
              page.evaluate(({ channel, args }) => window.__standIn.emit(channel, args), {
                channel: message.channel,
                args: message.args,
              }),
            )
            .catch(() => undefined);
          break;
        case 'open-external': {
          const waiting = wanted.shift();
          if (waiting) waiting(message.url);
          else external.push(message.url);
          break;
        }
        case 'ask-save': {
          const path = join(data, basename(message.name));
          saveTo?.(path);
          post({ kind: 'dialog-answer', id: message.id, path });
          break;
        }
        case 'ask-open':
          post({ kind: 'dialog-answer', id: message.id, path: null });
          break;
        case 'error-box':
          reject(new Error(`${message.title} ${message.content}`));
          break;
        default:
          pending.get(message.id)?.(message);
          pending.delete(message.id);
      }
    });
  });
  const page = await opened;
  let org = '';
  return {
    page,
    signInPage: async () => {
      const address = external.shift() ?? (await new Promise<string>((resolve) => wanted.push(resolve)));
      org = new URL(address).origin;
      const signIn = await context.newPage();
      await signIn.goto(address);
      return signIn;
    },
    drop: async (paths) => {
      // The page's File has no path; Electron knows it by the file, the stand-in by its name.
      await page.evaluate(
        (known) => window.__standIn.paths(known),
        Object.fromEntries(paths.map((path) => [basename(path), path])),
      );
      await dropBytes(
        page,
        await Promise.all(paths.map(async (path) => ({ name: basename(path), bytes: await readFile(path) }))),
      );
    },
    saveFile: async (click) => {
      const saved = new Promise<string>((resolve) => {
        saveTo = resolve;
      });
      await click();
      const path = await saved;
      await page.getByText(`Saved as ${basename(path)}`).waitFor();
      return readFile(path, 'utf8');
    },
    faults: (rules) => setFaults(org, rules),
    close: async () => {
      await context.close();
      host.disconnect();
      await new Promise((resolve) => host.once('exit', resolve));
      await rm(data, { recursive: true, force: true });
    },
  };
}

declare global {
  interface Window {
    __standIn: { emit(channel: string, args: unknown[]): void; paths(known: Record<string, string>): void };
  }
}

async function openWindow(
  context: BrowserContext,
  load: Extract<ToWindow, { kind: 'load' }>,
  request: (make: (id: number) => ToHost) => Promise<ToWindow>,
  post: (message: ToHost) => void,
): Promise<Page> {
  const page = await context.newPage();
  const frameUrl = () => page.url().replace(ORIGIN, SCHEME);
  await page.exposeFunction('__standInInvoke', async (channel: string, args: unknown[]) => {
    const answer = await request((id) => ({ kind: 'invoke', id, channel, args, frameUrl: frameUrl() }));
    return answer.kind === 'answer' ? answer.value : null;
  });
  await page.exposeFunction('__standInSend', (channel: string, args: unknown[]) =>
    post({ kind: 'send', channel, args, frameUrl: frameUrl() }),
  );
  await page.route(`${ORIGIN}/**`, async (route) => {
    const url = route.request().url().replace(ORIGIN, SCHEME);
    const answer = await request((id) => ({ kind: 'protocol', id, url }));
    if (answer.kind !== 'protocol-answer') return route.abort();
    await route.fulfill({ status: answer.status, headers: answer.headers, body: Buffer.from(answer.base64, 'base64') });
  });
  const preload = await readFile(load.preload, 'utf8');
  await page.addInitScript({ content: isolatedWorld(preload) });
  await page.goto(load.url.replace(SCHEME, ORIGIN));
  return page;
}

/** The preload with an `electron` of its own, as a sandboxed preload has it; only what it exposes reaches the page. */
function isolatedWorld(preload: string): string {
  return `(() => {
    const listeners = new Map();
    let known = {};
    const invoke = window.__standInInvoke, send = window.__standInSend;
    window.__standIn = {
      emit: (channel, args) => (listeners.get(channel) ?? []).forEach((listener) => listener({}, ...args)),
      paths: (paths) => { known = paths; },
    };
    const electron = {
      contextBridge: { exposeInMainWorld: (name, api) => Object.defineProperty(window, name, { value: Object.freeze(api), configurable: false, writable: false }) },
      ipcRenderer: {
        invoke: (channel, ...args) => invoke(channel, structuredClone(args)),
        send: (channel, ...args) => void send(channel, structuredClone(args)),
        on: (channel, listener) => listeners.set(channel, [...(listeners.get(channel) ?? []), listener]),
        removeListener: (channel, listener) => listeners.set(channel, (listeners.get(channel) ?? []).filter((one) => one !== listener)),
      },
      webUtils: { getPathForFile: (file) => known[file.name] ?? '' },
    };
    const require = (name) => { if (name === 'electron') return electron; throw new Error('a sandboxed preload cannot require ' + name); };
    ((require, module, exports) => { ${preload} })(require, { exports: {} }, {});
  })();`;
}
