import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { writeDurably } from '../../backend/documents/durable-file.ts';
import { FileLock } from '../../backend/documents/file-lock.ts';
import { keepAside } from '../../backend/documents/keep-aside.ts';
import type { Log, SettingsStore } from '../../backend/ports.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { HostNotices } from './host-notices.ts';

/** Changes that come within this time are written together: an org's API usage changes with every answer. */
const GATHER = 200;
/** Another process holds the lock for milliseconds; one that holds it this long is stopped, and must not stop others. */
const LOCK_AT_MOST = 5000;

const Values = z.record(z.string(), z.unknown());
type Values = z.infer<typeof Values>;
type Change = (values: Values) => Values;

interface SettingsTools {
  /** The JSON file. */
  readonly path: string;
  /** Puts all values in the file's place, whole or not at all. */
  readonly write: (values: Values) => void | Promise<void>;
  readonly log: Log;
  readonly notices: HostNotices;
}

/**
 * Settings in memory, and a little later on disk. Each write reads the file anew under its lock and makes the changes
 * there, so that what another process added meanwhile stays. A file that holds no settings is kept aside; one that can't
 * be read or written is told of once, is left as it is, and keeps no one from working.
 */
export class SettingsFile implements SettingsStore {
  readonly #tools: SettingsTools;
  #values: Values = {};
  /** Made in memory and not yet on disk. */
  #pending: Change[] = [];
  #timer: NodeJS.Timeout | null = null;
  /** Reads and writes of the file, one after another. */
  #writing = Promise.resolve();
  /** Of the file that `#values` were last read from. */
  #stamp = '';

  private constructor(tools: SettingsTools) {
    this.#tools = tools;
  }

  static async open(tools: SettingsTools): Promise<SettingsFile> {
    const settings = new SettingsFile(tools);
    try {
      settings.#values = (await settings.#read()) ?? (await settings.#locked(() => settings.#recover()));
    } catch (error) {
      tools.log.error('the settings can’t be read', error);
      tools.notices.say({ code: 'SETTINGS_UNREADABLE', reason: reasonOf(error) });
    }
    return settings;
  }

  /** Whether something could not be put on disk yet. */
  get hasUnsaved(): boolean {
    return this.#pending.length > 0;
  }

  isAt(path: string): boolean {
    return path === this.#tools.path;
  }

  get(key: string): unknown {
    return this.#values[key];
  }

  set(key: string, value: unknown): void {
    this.update(key, () => value);
  }

  update(key: string, change: (current: unknown) => unknown): void {
    const made: Change = (values) => ({ ...values, [key]: change(values[key]) });
    this.#values = made(this.#values);
    this.#pending.push(made);
    this.#timer ??= setTimeout(() => void this.flush(), GATHER).unref();
  }

  /** A file that can't be read now, or is no settings, is dealt with when it is written next. */
  refresh(): Promise<void> {
    // One after another: what is read while it is being written would be older than what is in memory.
    this.#writing = this.#writing.then(() => this.#readAgain());
    return this.#writing;
  }

  async #readAgain(): Promise<void> {
    try {
      const stamp = await this.#stampNow();
      if (stamp === this.#stamp) return;
      const values = await this.#read();
      if (values === null) return;
      this.#stamp = stamp;
      this.#values = this.#pending.reduce((merged, change) => change(merged), values);
    } catch (error) {
      this.#tools.log.error('the settings can’t be read again', error);
    }
  }

  /** Every write puts another file in the place of the last: its number and time tell whether it is still the one that was read. */
  async #stampNow(): Promise<string> {
    const facts = await stat(this.#tools.path, { bigint: true }).catch(() => null);
    return facts === null ? 'none' : `${facts.ino} ${facts.mtimeNs} ${facts.size}`;
  }

  /** Settles when what was changed so far is on disk, or could not be put there. Never rejects. */
  flush(): Promise<void> {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = null;
    this.#writing = this.#writing.then(() => this.#write());
    return this.#writing;
  }

  async #write(): Promise<void> {
    const changes = this.#pending;
    if (changes.length === 0) return;
    this.#pending = [];
    try {
      await this.#locked(async () => {
        const written = changes.reduce((values, change) => change(values), await this.#recover());
        await this.#tools.write(written);
        // What was changed while this was written comes on top of it.
        this.#values = this.#pending.reduce((values, change) => change(values), written);
      });
      this.#tools.notices.withdraw('SETTINGS_NOT_SAVED');
    } catch (error) {
      // Tried again with the next change, and at the end.
      this.#pending = [...changes, ...this.#pending];
      const known = this.#tools.notices.all().some(({ code }) => code === 'SETTINGS_NOT_SAVED');
      if (!known) this.#tools.log.error('settings were not saved', error);
      this.#tools.notices.say({ code: 'SETTINGS_NOT_SAVED', reason: reasonOf(error) });
    }
  }

  async #locked<T>(work: () => Promise<T>): Promise<T> {
    const lock = await FileLock.wait(`${this.#tools.path}.lock`, AbortSignal.timeout(LOCK_AT_MOST));
    try {
      return await work();
    } finally {
      await lock.release();
    }
  }

  /** What is on disk; null if that is no settings. */
  async #read(): Promise<Values | null> {
    let text: string;
    try {
      text = await readFile(this.#tools.path, 'utf8');
    } catch (error) {
      if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return {};
      throw error;
    }
    try {
      return Values.parse(JSON.parse(text));
    } catch (error) {
      this.#tools.log.error('the settings are damaged', error);
      return null;
    }
  }

  /** What is on disk. Under the lock only: what is no settings is kept aside, and another process may be about to. */
  async #recover(): Promise<Values> {
    const values = await this.#read();
    if (values !== null) return values;
    const keptAs = await keepAside(this.#tools.path);
    this.#tools.log.info('damaged settings were kept aside', { keptAs });
    this.#tools.notices.say({ code: 'SETTINGS_DAMAGED', keptAs });
    return {};
  }
}

/** The system's code of what went wrong, or what kind of error it was. */
function reasonOf(error: unknown): string {
  if (error instanceof FailureError) {
    const { failure } = error;
    return failure.code === 'DISK_REFUSED' ? failure.reason : failure.code === 'DISK_FULL' ? 'ENOSPC' : failure.code;
  }
  if (!(error instanceof Error)) return String(error);
  if (error.name === 'AbortError') return 'ELOCKED';
  return 'code' in error ? String(error.code) : error.name;
}

/**
 * Settings in the data folder, written as our other documents are. Not by conf, on which electron-store is built: what it
 * writes with (atomically, when-exit) raises every signal that the process gets once more, and a Ctrl+C would count twice.
 */
export function openSettings(folder: string, tools: Pick<SettingsTools, 'log' | 'notices'>): Promise<SettingsFile> {
  const path = join(folder, 'settings.json');
  return SettingsFile.open({
    ...tools,
    path,
    write: (values) => writeDurably(path, JSON.stringify(values), 'settings'),
  });
}
