import type { AppUpdater, CancellationToken } from 'electron-updater';
import { z } from 'zod';
import type { Clock, Log, SettingsStore } from '../../backend/ports.ts';

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
const WEEK = 7 * DAY;
/** How soon a download gives way to a load that starts. */
const LOOK = 1000;
const KEY = 'updateLater';
const Later = z.object({ version: z.string(), until: z.number() });

/** What is used of electron-updater. */
export type Updater = Pick<
  AppUpdater,
  | 'autoDownload'
  | 'autoInstallOnAppQuit'
  | 'autoRunAppAfterInstall'
  | 'checkForUpdates'
  | 'downloadUpdate'
  | 'quitAndInstall'
>;

export interface UpdateParts {
  readonly updater: Updater;
  readonly newToken: () => CancellationToken;
  readonly settings: Pick<SettingsStore, 'get' | 'set'>;
  readonly log: Log;
  readonly clock: Clock;
  /** Whether a load runs now. */
  readonly loadRuns: () => boolean;
  /** Asks whether the version offered may be fetched and installed; false is “Later”. */
  readonly ask: (version: string) => Promise<boolean>;
  readonly platform: NodeJS.Platform;
}

/**
 * Looks for an update at the start and once a day, fetches it only with consent and has it installed when the app quits; nothing of
 * it while a load runs. What goes wrong is for the log: whoever works is not told that a feed can't be reached.
 */
export class UpdateCycle {
  readonly #parts: UpdateParts;
  #ready = false;

  constructor(parts: UpdateParts) {
    this.#parts = parts;
    parts.updater.autoDownload = false;
    parts.updater.autoRunAppAfterInstall = false;
    // electron-updater installs in Electron’s `quit`, if this is still true by then. On macOS true would hand the update to
    // the system at once, which then installs it whatever runs.
    parts.updater.autoInstallOnAppQuit = parts.platform !== 'darwin';
  }

  /** Ends when `signal` is aborted, or once an update waits to be installed. */
  async run(signal: AbortSignal): Promise<void> {
    const { log, clock } = this.#parts;
    while (!signal.aborted && !this.#ready) {
      try {
        await this.#look(signal);
      } catch (error) {
        if (!signal.aborted) log.error('no update was got', error);
      }
      if (!signal.aborted && !this.#ready) await clock.sleep(DAY, signal).catch(() => undefined);
    }
  }

  /**
   * To be asked when the app is about to quit. On macOS the answer `wait` says that this quit must be prevented: the system takes
   * the update over first, and then the app is quit again.
   */
  beforeQuit(): 'go on' | 'wait' {
    const { updater, platform, loadRuns } = this.#parts;
    const install = this.#ready && !loadRuns();
    if (platform !== 'darwin') {
      updater.autoInstallOnAppQuit = install;
      return 'go on';
    }
    if (!install) return 'go on';
    this.#ready = false;
    updater.quitAndInstall();
    return 'wait';
  }

  async #look(signal: AbortSignal): Promise<void> {
    const { updater, clock, settings, ask, log } = this.#parts;
    await this.#idle(signal);
    const found = await updater.checkForUpdates();
    if (found?.isUpdateAvailable !== true) return;
    const { version } = found.updateInfo;
    const later = Later.safeParse(settings.get(KEY));
    if (later.success && later.data.version === version && clock.now() < later.data.until) return;
    await this.#idle(signal);
    if (!(await ask(version))) return settings.set(KEY, { version, until: clock.now() + WEEK });
    while (!this.#ready) {
      await this.#idle(signal);
      this.#ready = await this.#download(signal);
    }
    log.info('an update is installed at quit', { version });
  }

  async #idle(signal: AbortSignal): Promise<void> {
    while (this.#parts.loadRuns()) await this.#parts.clock.sleep(MINUTE, signal);
    signal.throwIfAborted();
  }

  /** False if it gave way to a load. */
  async #download(signal: AbortSignal): Promise<boolean> {
    const { updater, newToken, clock, loadRuns } = this.#parts;
    const token = newToken();
    const done = new AbortController();
    const watching = AbortSignal.any([signal, done.signal]);
    const watch = async (): Promise<void> => {
      while (!loadRuns()) await clock.sleep(LOOK, watching);
      token.cancel();
    };
    const watched = watch().catch(() => undefined);
    try {
      await updater.downloadUpdate(token);
      return true;
    } catch (error) {
      if (!token.cancelled) throw error;
      return false;
    } finally {
      done.abort();
      await watched;
    }
  }
}
