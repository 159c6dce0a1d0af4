import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { systemCode } from '../documents/durable-file.ts';
import { FileLock } from '../documents/file-lock.ts';
import type { BackendPorts } from '../ports.ts';
import { Journal } from './journal.ts';
import { putAside, readLoad, stampOf } from './load-document.ts';

/** Folders that are looked at side by side: a disk answers several at a time. */
const LOOKS_AT_ONCE = 8;
/** A plan that was never loaded is kept this long: another running Longshore may be showing it. */
const ABANDONED_AFTER = 7 * 86_400_000;

export interface LoadOnDisk {
  readonly folder: string;
  readonly snapshot: LoadSnapshot;
}

export function lockPath(folder: string): string {
  return join(folder, 'lock');
}

/** The loads in the data folder, of this process and of others, as their folders say. */
export class KnownLoads {
  readonly #ports: Pick<BackendPorts, 'paths' | 'clock' | 'log'>;
  readonly #read = new Map<string, { stamp: string; snapshot: LoadSnapshot }>();
  readonly #damaged = new Set<string>();
  readonly #folderOf = new Map<LoadId, string>();
  #swept: Promise<void> | null = null;

  constructor(ports: Pick<BackendPorts, 'paths' | 'clock' | 'log'>) {
    this.#ports = ports;
  }

  get #root(): string {
    return join(this.#ports.paths.data, 'loads');
  }

  /** Names of folders whose load's record can't be read. They are kept as they are. */
  async damaged(): Promise<string[]> {
    await this.list();
    return [...this.#damaged].sort();
  }

  async list(): Promise<LoadOnDisk[]> {
    const names = await this.#names();
    const found: (LoadSnapshot | null)[] = [];
    const waiting = names.entries();
    const look = async () => {
      for (const [at, name] of waiting) found[at] = await this.#look(name);
    };
    await Promise.all(Array.from({ length: LOOKS_AT_ONCE }, look));
    this.#swept ??= this.#sweep(names.filter((_name, at) => !found[at]));
    await this.#swept;
    return names.flatMap((name, at) => {
      const snapshot = found[at];
      return snapshot ? [{ folder: join(this.#root, name), snapshot }] : [];
    });
  }

  async find(loadId: LoadId): Promise<LoadOnDisk | undefined> {
    // A load stays in its folder: of many, only that one is looked at.
    const name = this.#folderOf.get(loadId);
    const snapshot = name === undefined ? null : await this.#look(name);
    if (name !== undefined && snapshot?.loadId === loadId) return { folder: join(this.#root, name), snapshot };
    return (await this.list()).find((load) => load.snapshot.loadId === loadId);
  }

  /**
   * Every job that a journal in the data folder knows, but for those of one load; null if one that was written after a time (ms)
   * can't be read, or waits for the answer to a creation, so that a job may be its and not known to be. A creation is written down
   * before it is sent: a journal that is older made no job since.
   */
  async jobsOfOthers(loadId: LoadId, after: number): Promise<Set<string> | null> {
    const ids = new Set<string>();
    for (const name of await this.#names()) {
      const folder = join(this.#root, name);
      if (!(await Journal.isThere(folder))) continue;
      const stand = await Journal.look(folder).catch(() => null);
      if (stand?.begun?.loadId === loadId) continue;
      const unsure = stand === null || stand.parts?.some(({ lostCreates }) => lostCreates.length > 0) === true;
      if (unsure && (await Journal.lastWritten(folder)) >= after) return null;
      for (const id of stand?.jobIds ?? []) ids.add(id);
    }
    return ids;
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.#root);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw new FailureError({ code: 'DATA_DAMAGED', what: 'The folder of your loads' });
    }
  }

  async #look(name: string): Promise<LoadSnapshot | null> {
    const folder = join(this.#root, name);
    const stamp = await stampOf(folder);
    const known = this.#read.get(name);
    let snapshot = stamp !== null && known?.stamp === stamp ? known.snapshot : null;
    if (snapshot === null) {
      const read = await readLoad(folder);
      if (read === 'none') return null;
      if (read === 'damaged' || read === 'unreadable') {
        await this.#tellDamaged(name, read);
        return null;
      }
      snapshot = read;
      this.#damaged.delete(name);
      this.#folderOf.set(snapshot.loadId, name);
      if (stamp !== null) this.#read.set(name, { stamp, snapshot });
    }
    const running = snapshot.state.kind === 'running' || snapshot.state.kind === 'cancelling';
    if (!running || (await FileLock.holder(lockPath(folder)))) return snapshot;
    // Looked at again after the lock was found free: another process may have ended it in between.
    if ((await stampOf(folder)) !== stamp) return this.#look(name);
    return { ...snapshot, state: { kind: 'paused', failure: { code: 'LOAD_INTERRUPTED' } } };
  }

  /** One that is garbage is put aside, unless a process is at work on it; one that can't be read now may be read later. */
  async #tellDamaged(name: string, how: 'damaged' | 'unreadable'): Promise<void> {
    if (!this.#damaged.has(name)) this.#ports.log.error(`a load’s record is ${how}`, new Error(name));
    this.#damaged.add(name);
    const folder = join(this.#root, name);
    if (how === 'unreadable' || (await FileLock.holder(lockPath(folder)))) return;
    await putAside(folder).catch((error: unknown) =>
      this.#ports.log.error('a damaged record could not be renamed', error),
    );
  }

  /** Plans of earlier runs that were never loaded, nor will be. One whose journal has begun is a load, whatever else it lost. */
  async #sweep(names: readonly string[]): Promise<void> {
    for (const name of names) {
      const folder = join(this.#root, name);
      try {
        if ((await readLoad(folder)) !== 'none' || (await Journal.isThere(folder))) continue;
        const { mtimeMs } = await stat(folder);
        if (this.#ports.clock.now() - mtimeMs > ABANDONED_AFTER) await rm(folder, { recursive: true, force: true });
      } catch (error) {
        this.#ports.log.error('a plan that nobody needs could not be removed', error);
      }
    }
  }
}
