import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from '@playwright/test';
import { sendByJobs } from '../../electron/hosts/test-support/send-by-jobs.ts';
import { dropBytes, isThere, type LongshoreApp } from './window.ts';

const MAIN = fileURLToPath(new URL('../../electron/hosts/browser/main.ts', import.meta.url));

/** Addresses that a host prints instead of opening them, in order. */
export class PrintedAddresses {
  readonly #seen: string[] = [];
  readonly #waiting: ((address: string) => void)[] = [];

  constructor(child: ChildProcess) {
    if (!child.stdout) throw new Error('the host must be started with a pipe for its output');
    createInterface({ input: child.stdout }).on('line', (line) => {
      const address = /^Open this address: (\S+)$/.exec(line)?.[1];
      if (address === undefined) return;
      const waiting = this.#waiting.shift();
      if (waiting) waiting(address);
      else this.#seen.push(address);
    });
  }

  next(): Promise<string> {
    const seen = this.#seen.shift();
    return seen === undefined ? new Promise((resolve) => this.#waiting.push(resolve)) : Promise.resolve(seen);
  }
}

/** How a host is started for a journey. */
export interface StartOptions {
  readonly rowsPerSecond?: number;
  /** With the settings that a person finds; otherwise new mappings send rows by jobs. */
  readonly asShipped?: boolean;
}

/** The browser host, which can be ended as a crash ends it and started again where it was. */
export interface BrowserApp extends LongshoreApp {
  kill(): Promise<void>;
  /** Starts it again on the same port and folder; the address it prints. */
  startAgain(): Promise<string>;
}

export async function startBrowserHost(
  browser: Browser,
  options: StartOptions & { env?: Record<string, string> } = {},
): Promise<BrowserApp> {
  const data = await mkdtemp(join(tmpdir(), 'longshore-e2e-'));
  if (options.asShipped !== true) await sendByJobs(data);
  const pace = String(options.rowsPerSecond ?? 0);
  const start = (port: string) => {
    const words = ['--no-open', '--data', data, '--port', port, '--practice-rows-per-second', pace];
    const env = { ...process.env, ...options.env };
    const child = spawn(process.execPath, [MAIN, ...words], { stdio: ['ignore', 'pipe', 'inherit'], env });
    return { child, addresses: new PrintedAddresses(child) };
  };
  let host = start('0');
  const context = await browser.newContext({
    viewport: { width: 1360, height: 860 },
    acceptDownloads: true,
    reducedMotion: 'reduce',
  });
  const page = await context.newPage();
  await page.goto(await host.addresses.next());
  await isThere(page);
  const { port } = new URL(page.url());
  let org = '';
  let chosen: string[] = [];
  // Listened for from the beginning: a listener that comes with the key press may come too late for it.
  page.on('filechooser', (chooser) => void chooser.setFiles(chosen));
  const signInAddress = async () => {
    const address = await host.addresses.next();
    org = new URL(address).origin;
    return address;
  };
  return {
    page,
    signInAddress,
    kill: () => ended(host.child, 'SIGKILL'),
    startAgain: () => {
      host = start(port);
      return host.addresses.next();
    },
    signInPage: async () => {
      const address = await signInAddress();
      const signIn = await context.newPage();
      await signIn.goto(address);
      return signIn;
    },
    drop: async (paths) =>
      dropBytes(
        page,
        await Promise.all(paths.map(async (path) => ({ name: basename(path), bytes: await readFile(path) }))),
      ),
    choose: async (paths, opens) => {
      chosen = paths;
      await opens();
    },
    saveFile: async (click) => {
      const [download] = await Promise.all([page.waitForEvent('download'), click()]);
      return readFile(await download.path(), 'utf8');
    },
    faults: (rules) => setFaults(org, rules),
    limitApi: (calls) => limitApi(org, calls),
    close: async () => {
      await context.close();
      await ended(host.child, 'SIGTERM');
      await rm(data, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}

function ended(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  return new Promise((resolve) => {
    // One that was killed before tells nothing more.
    if (child.exitCode !== null || child.signalCode !== null) return resolve();
    child.once('exit', () => resolve());
    child.kill(signal);
  });
}

export function setFaults(org: string, rules: unknown[]): Promise<void> {
  return administer(org, '/faults', 'PUT', rules);
}

export function limitApi(org: string, apiLimit: number): Promise<void> {
  return administer(org, '/knobs', 'PATCH', { apiLimit });
}

async function administer(org: string, path: string, method: string, body: unknown): Promise<void> {
  // The org's front page is on its admin port, which is where the fault plan is.
  const admin = (await fetch(org, { redirect: 'manual' })).headers.get('location') ?? '';
  const response = await fetch(new URL(path, admin), { method, body: JSON.stringify(body) });
  if (!response.ok) throw new Error(await response.text());
}

export type { Page };
