import { CancellationToken, type UpdateCheckResult } from 'electron-updater';
import { afterEach, expect, test } from 'vitest';
import type { Clock } from '../../backend/ports.ts';
import { UpdateCycle, type Updater } from './update-cycle.ts';

const DAY = 86_400_000;

/** A clock that goes on when the test says so. */
class Hands {
  time = 0;
  readonly #waiting = new Set<{ at: number; go: () => void }>();
  readonly clock: Clock = {
    now: () => this.time,
    elapsed: () => this.time,
    timeZone: () => 'UTC',
    sleep: (milliseconds, signal) =>
      new Promise((resolve, reject) => {
        signal.throwIfAborted();
        const waiting = { at: this.time + milliseconds, go: resolve };
        this.#waiting.add(waiting);
        signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true });
      }),
  };
  async forward(milliseconds: number): Promise<void> {
    this.time += milliseconds;
    for (const waiting of this.#waiting) {
      if (waiting.at > this.time) continue;
      this.#waiting.delete(waiting);
      waiting.go();
    }
    await settled();
  }
}

/** Everything that promises had to do is done. */
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Typed by electron-updater’s own types; a download ends when the test says so, or fails by its token as the real one does. */
class FakeUpdater implements Updater {
  autoDownload = true;
  autoInstallOnAppQuit = true;
  autoRunAppAfterInstall = true;
  checks = 0;
  installs = 0;
  offered: string | null = '2.0.0';
  unreachable = false;
  readonly downloads: { token: CancellationToken; end: () => void; fail: (error: Error) => void }[] = [];
  checkForUpdates(): Promise<UpdateCheckResult | null> {
    this.checks++;
    if (this.unreachable) return Promise.reject(new Error('net::ERR_NAME_NOT_RESOLVED'));
    const updateInfo = { version: this.offered ?? '1.0.0', files: [], path: '', sha512: '', releaseDate: '' };
    return Promise.resolve({ isUpdateAvailable: this.offered !== null, updateInfo, versionInfo: updateInfo });
  }
  downloadUpdate(token = new CancellationToken()): Promise<string[]> {
    return new Promise((resolve, reject) => {
      this.downloads.push({ token, end: () => resolve(['/tmp/update']), fail: reject });
      token.once('cancel', () => reject(new Error('cancelled')));
    });
  }
  quitAndInstall(): void {
    this.installs++;
  }
}

const ends: AbortController[] = [];
afterEach(() => ends.splice(0).forEach((end) => end.abort()));

function begin(platform: NodeJS.Platform = 'linux', kept: Record<string, unknown> = {}) {
  const updater = new FakeUpdater();
  const hands = new Hands();
  const is = { load: false, consent: true };
  const asked: string[] = [];
  const errors: string[] = [];
  const cycle = new UpdateCycle({
    updater,
    newToken: () => new CancellationToken(),
    settings: {
      get: (key) => kept[key],
      set: (key, value) => void (kept[key] = value),
    },
    log: { place: '', info: () => undefined, error: (message) => void errors.push(message) },
    clock: hands.clock,
    loadRuns: () => is.load,
    ask: (version) => {
      asked.push(version);
      return Promise.resolve(is.consent);
    },
    platform,
  });
  const start = async () => {
    const end = new AbortController();
    ends.push(end);
    void cycle.run(end.signal);
    await settled();
  };
  return { updater, hands, is, asked, errors, cycle, start, kept };
}

test('nothing is fetched that nobody agreed to; “Later” is kept, over a restart too, for a week or until the next version', async () => {
  const first = begin();
  first.is.consent = false;
  await first.start();
  expect(first.updater.autoDownload).toBe(false);
  expect(first.asked).toEqual(['2.0.0']);
  expect(first.updater.downloads).toEqual([]);
  await first.hands.forward(DAY);
  expect(first.updater.checks).toBe(2);
  expect(first.asked).toEqual(['2.0.0']);

  const again = begin('linux', first.kept);
  await again.start();
  expect(again.asked).toEqual([]);
  again.updater.offered = '2.0.1';
  again.is.consent = false;
  await again.hands.forward(DAY);
  expect(again.asked).toEqual(['2.0.1']);
  for (let day = 0; day < 7; day++) await again.hands.forward(DAY);
  expect(again.asked).toEqual(['2.0.1', '2.0.1']);
});

test('with consent it is downloaded, and installed at a quit with no load', async () => {
  const { updater, cycle, is, start } = begin();
  await start();
  expect(cycle.beforeQuit()).toBe('go on');
  expect(updater.autoInstallOnAppQuit, 'nothing is there yet').toBe(false);
  updater.downloads[0]?.end();
  await settled();
  is.load = true;
  cycle.beforeQuit();
  expect(updater.autoInstallOnAppQuit, 'a load runs').toBe(false);
  is.load = false;
  cycle.beforeQuit();
  expect(updater.autoInstallOnAppQuit).toBe(true);
});

test('a load holds off looking, and a download gives way to one that starts', async () => {
  const { updater, hands, is, asked, errors, start } = begin();
  is.load = true;
  await start();
  await hands.forward(DAY);
  expect([updater.checks, asked]).toEqual([0, []]);
  is.load = false;
  await hands.forward(60_000);
  expect([updater.checks, updater.downloads.length]).toEqual([1, 1]);

  is.load = true;
  await hands.forward(1000);
  expect(updater.downloads[0]?.token.cancelled).toBe(true);
  await hands.forward(60_000);
  expect(updater.downloads).toHaveLength(1);
  is.load = false;
  await hands.forward(60_000);
  expect(updater.downloads).toHaveLength(2);
  expect(asked, 'once is enough').toEqual(['2.0.0']);
  expect(errors).toEqual([]);
});

test('a feed that can’t be reached, and a download that breaks, are for the log and for the next day', async () => {
  const { updater, hands, errors, start } = begin();
  updater.unreachable = true;
  await start();
  expect(errors).toEqual(['no update was got']);
  updater.unreachable = false;
  await hands.forward(DAY);
  updater.downloads[0]?.fail(new Error('connection reset'));
  await settled();
  expect(errors).toHaveLength(2);
  await hands.forward(DAY);
  expect(updater.downloads).toHaveLength(2);
});

test('on macOS the system takes the update over at a quit with no load, and not before', async () => {
  const { updater, cycle, is, start } = begin('darwin');
  await start();
  expect(updater.autoInstallOnAppQuit).toBe(false);
  updater.downloads[0]?.end();
  await settled();
  is.load = true;
  expect([cycle.beforeQuit(), updater.installs]).toEqual(['go on', 0]);
  is.load = false;
  expect([cycle.beforeQuit(), updater.installs]).toEqual(['wait', 1]);
  expect([cycle.beforeQuit(), updater.installs], 'the second quit is let through').toEqual(['go on', 1]);
});
