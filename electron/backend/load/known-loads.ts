import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { FileLock } from '../documents/file-lock.ts';
import type { BackendPorts } from '../ports.ts';
import { Journal } from './journal.ts';
import { putAside, readLoad, stampOf } from './load-document.ts';

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
    this.#swept ??= this.#sweep();
    await this.#swept;
    const loads: LoadOnDisk[] = [];
    for (const name of await readdir(this.#root).catch(() => [])) {
      const snapshot = await this.#look(name);
      if (snapshot) loads.push({ folder: join(this.#root, name), snapshot });
    }
    return loads;
  }

  async find(loadId: LoadId): Promise<LoadOnDisk | undefined> {
    return (await this.list()).find(({ snapshot }) => snapshot.loadId === loadId);
  }

  /** Every job that a journal in the data folder knows. */
  async jobIds(): Promise<Set<string>> {
    const ids = new Set<string>();
    for (const { folder } of await this.list()) {
      // A journal that can't be read says so to whoever resumes its load.
      const stand = await Journal.look(folder).catch(() => null);
      for (const id of stand?.jobIds ?? []) ids.add(id);
    }
    return ids;
  }

  async #look(name: string): Promise<LoadSnapshot | null> {
    const folder = join(this.#root, name);
    const stamp = await stampOf(folder);
    const known = this.#read.get(name);
    let snapshot = stamp !== null && known?.stamp === stamp ? known.snapshot : null;
    if (snapshot === null) {
      const read = await readLoad(folder);
      if (read === 'none') return null;
      if (read === 'damaged') {
        await this.#tellDamaged(name);
        return null;
      }
      snapshot = read;
      if (stamp !== null) this.#read.set(name, { stamp, snapshot });
    }
    const running = snapshot.state.kind === 'running' || snapshot.state.kind === 'cancelling';
    if (!running || (await FileLock.holder(lockPath(folder)))) return snapshot;
    // Looked at again after the lock was found free: another process may have ended it in between.
    if ((await stampOf(folder)) !== stamp) return this.#look(name);
    return { ...snapshot, state: { kind: 'paused', failure: { code: 'LOAD_INTERRUPTED' } } };
  }

  async #tellDamaged(name: string): Promise<void> {
    if (this.#damaged.has(name)) return;
    this.#damaged.add(name);
    this.#ports.log.error('a load’s record cannot be read and is kept aside', new Error(name));
    await putAside(join(this.#root, name)).catch((error: unknown) =>
      this.#ports.log.error('a damaged record could not be renamed', error),
    );
  }

  /** Plans of earlier runs that were never loaded, nor will be. */
  async #sweep(): Promise<void> {
    for (const name of await readdir(this.#root).catch(() => [])) {
      const folder = join(this.#root, name);
      try {
        if ((await readLoad(folder)) !== 'none') continue;
        const { mtimeMs } = await stat(folder);
        if (this.#ports.clock.now() - mtimeMs > ABANDONED_AFTER) await rm(folder, { recursive: true, force: true });
      } catch (error) {
        this.#ports.log.error('a plan that nobody needs could not be removed', error);
      }
    }
  }
}
