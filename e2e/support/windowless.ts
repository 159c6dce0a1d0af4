import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from '@playwright/test';
import { DesktopProcess } from './desktop-process.ts';

type Settings = Omit<ConstructorParameters<typeof DesktopProcess>[0], 'data'>;

/** A desktop host whose window is made of nothing: pages load at once, and crash when they are told to. */
export class WindowlessDesktop extends DesktopProcess {
  readonly data: string;

  private constructor(data: string, settings: Settings) {
    super({ ...settings, data });
    this.data = data;
    this.on('load', () => void this.act({ kind: 'page-loaded' }).catch(() => false));
    this.on('crash-page', () => void this.pageGone('killed'));
  }

  static async start(settings: Settings & { data?: string } = {}): Promise<WindowlessDesktop> {
    const data = settings.data ?? (await mkdtemp(join(tmpdir(), 'longshore-windowless-')));
    return new WindowlessDesktop(data, settings);
  }

  /** Settles when its window is shown. */
  async shown(): Promise<this> {
    await this.until('window', ({ event }) => event === 'show');
    return this;
  }

  pageGone(reason: string): Promise<boolean> {
    return this.act({ kind: 'page-gone', reason, exitCode: 1 }).catch(() => false);
  }

  /** What the log says so far. */
  log(): Promise<string> {
    return readFile(join(this.data, 'data', 'longshore.log'), 'utf8');
  }

  /** Ends it, if it has not ended, and clears up. */
  async clear(): Promise<void> {
    this.kill();
    await this.ended;
    await rm(this.data, { recursive: true, force: true, maxRetries: 5 });
  }
}

/** Starts desktops for a file of tests, each of which ends its own. */
export function windowlessDesktops(): typeof WindowlessDesktop.start {
  const running: WindowlessDesktop[] = [];
  test.afterEach(async () => {
    for (const host of running.splice(0)) await host.clear();
  });
  return async (settings) => {
    const host = await WindowlessDesktop.start(settings);
    running.push(host);
    return host;
  };
}

/** What is in a folder, each with when it was changed. */
export async function listed(folder: string): Promise<string[]> {
  const names = (await readdir(folder, { recursive: true })).toSorted();
  return Promise.all(names.map(async (name) => `${name} ${(await stat(join(folder, name))).mtimeMs}`));
}
