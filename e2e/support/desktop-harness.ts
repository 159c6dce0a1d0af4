import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import type { Browser } from '@playwright/test';
import { sendByJobs } from '../../electron/hosts/test-support/send-by-jobs.ts';
import { limitApi, setFaults, type StartOptions } from './browser-host.ts';
import { DesktopProcess } from './desktop-process.ts';
import { DesktopWindow } from './desktop-window.ts';
import { dropBytes, isThere, type LongshoreApp } from './window.ts';

/** A running desktop host, its person's answers, and what only a test of the desktop looks at. */
export interface DesktopApp extends LongshoreApp {
  readonly host: DesktopProcess;
  /** Electron's folders. */
  readonly data: string;
  readonly window: DesktopWindow;
  /** Quits as a person does, who confirms what is asked then. */
  close(options?: { keepData?: boolean }): Promise<void>;
}

interface Options extends StartOptions {
  /** Folders of an app that ran before. */
  readonly data?: string;
  /** What the command line names. */
  readonly words?: readonly string[];
}

/** Runs the real desktop `main` on the stand-in, and the real `preload` in a real Chromium. */
export async function startDesktopHarness(browser: Browser, options: Options = {}): Promise<DesktopApp> {
  const data = options.data ?? (await mkdtemp(join(tmpdir(), 'longshore-desktop-')));
  if (options.data === undefined && options.asShipped !== true) await sendByJobs(join(data, 'data'));
  const pace = String(options.rowsPerSecond ?? 0);
  const host = new DesktopProcess({
    data,
    words: options.words ?? [],
    env: { LONGSHORE_PRACTICE_ROWS_PER_SECOND: pace },
  });
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 }, reducedMotion: 'reduce' });
  const window = new DesktopWindow(host, context);
  const addresses: string[] = [];
  const wanted: ((url: string) => void)[] = [];
  let chosen: string[] = [];
  let saveTo: ((path: string) => void) | null = null;
  let leaving = false;

  host.on('open-external', ({ url }) => {
    const waiting = wanted.shift();
    if (waiting) waiting(url);
    else addresses.push(url);
  });
  host.on('ask-save', ({ id, name }) => {
    const path = join(data, basename(name));
    saveTo?.(path);
    host.post({ kind: 'dialog-answer', id, paths: saveTo === null ? [] : [path] });
  });
  host.on('ask-open', ({ id }) => host.post({ kind: 'dialog-answer', id, paths: chosen.splice(0) }));
  host.on('ask-message', ({ id, buttons, cancelId }) => {
    const yes = buttons.findIndex((_label, index) => index !== cancelId);
    host.post({ kind: 'message-answer', id, button: leaving ? yes : cancelId });
  });
  await Promise.race([
    host.until('window', ({ event }) => event === 'show'),
    host.until('error-box').then(({ title, content }) => Promise.reject(new Error(`${title} ${content}`))),
    host.ended.then((code) => Promise.reject(new Error(`the desktop host ended with ${String(code)}`))),
  ]);

  await isThere(window.page);

  let org = '';
  const signInAddress = async () => {
    const address = addresses.shift() ?? (await new Promise<string>((resolve) => wanted.push(resolve)));
    org = new URL(address).origin;
    return address;
  };
  return {
    signInAddress,
    host,
    data,
    window,
    get page() {
      return window.page;
    },
    signInPage: async () => {
      const address = await signInAddress();
      const signIn = await context.newPage();
      await signIn.goto(address);
      return signIn;
    },
    drop: async (paths) => {
      window.knowPaths(Object.fromEntries(paths.map((path) => [basename(path), path])));
      const files = paths.map(async (path) => ({ name: basename(path), bytes: await readFile(path) }));
      await dropBytes(window.page, await Promise.all(files));
    },
    choose: async (paths, opens) => {
      chosen = [...paths];
      await opens();
    },
    saveFile: async (click) => {
      const saved = new Promise<string>((resolve) => {
        saveTo = resolve;
      });
      await click();
      const path = await saved;
      await window.page.getByText(`Saved as ${basename(path)}`).waitFor();
      return readFile(path, 'utf8');
    },
    faults: (rules) => setFaults(org, rules),
    limitApi: (calls) => limitApi(org, calls),
    close: async ({ keepData = false } = {}) => {
      leaving = true;
      await host.quit();
      await context.close();
      if (!keepData) await rm(data, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
