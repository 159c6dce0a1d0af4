import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
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
