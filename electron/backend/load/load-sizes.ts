import { readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LoadStorage } from '../../../shared/domain/history.ts';
import type { PlanId } from '../../../shared/domain/ids.ts';
import { systemCode, writeDurably } from '../documents/durable-file.ts';
import { FileLock } from '../documents/file-lock.ts';
import { folderBytes } from '../documents/folder-bytes.ts';
import { parseJson } from '../parse-json.ts';
import type { BackendPorts } from '../ports.ts';
import { readLoad } from './load-document.ts';

const FILE = 'load-sizes.json';
const VERSION = 1;
const Document = z.object({ version: z.literal(VERSION), sizes: z.record(z.string(), LoadStorage) });
/** Other processes hold the lock for milliseconds. */
const LOCK_AT_MOST = 5000;

type Sizes = ReadonlyMap<string, LoadStorage>;

/**
 * What each load takes on disk. Looking through thousands of folders takes seconds, so the sizes of loads that have ended are kept, by the
 * names of their folders, in a file that all processes of the data folder share. Whoever changes such a folder has its size forgotten before:
 * a crash leaves none that is wrong. A size that is not kept is measured when it is asked for. Those that are kept are looked at once more,
 * once in a process, after they were told: what another program did to a folder is known from then on.
 */
export class LoadSizes {
  readonly #ports: Pick<BackendPorts, 'paths' | 'log'>;
  /** Loads that this process has at hand, for reports and the like: files come to them at any time. */
  readonly #open = new Set<string>();
  /** Those that are being changed. */
  readonly #changing = new Set<string>();
  readonly #closed = new AbortController();
  #known: { readonly stamp: string; readonly sizes: Sizes } | null = null;
  #check: Promise<void> | null = null;

  constructor(ports: Pick<BackendPorts, 'paths' | 'log'>) {
    this.#ports = ports;
  }

  get #path(): string {
    return join(this.#ports.paths.data, FILE);
  }

  get #root(): string {
    return join(this.#ports.paths.data, 'loads');
  }

  /** In bytes, of every load that there is. */
  async all(): Promise<LoadStorage[]> {
    const kept = await this.#read();
    const names = await this.#names();
    const sizes: LoadStorage[] = [];
    const measured = new Map<string, LoadStorage>();
    for (const name of names) {
      const known = this.#isFree(name) ? kept.get(name) : undefined;
      const found = known ? { size: known, ended: true } : await this.#measure(name);
      if (!found) continue;
      sizes.push(found.size);
      if (!known && found.ended) measured.set(name, found.size);
    }
    const there = new Set(names);
    const gone = [...kept.keys()].filter((name) => !there.has(name));
    if (measured.size > 0 || gone.length > 0) await this.#change(gone, measured);
    this.#check ??= this.#checkKept();
    return sizes;
  }

  /** A load is opened for reading it, and for files that are written beside it: from now on it is measured whenever it is asked for. */
  async opened(planId: PlanId): Promise<void> {
    if (this.#open.has(planId)) return;
    this.#open.add(planId);
    if ((await this.#read()).has(planId)) await this.#change([planId]);
  }

  /** Changes a load's folder, whose size is kept anew after that. */
  async changing(planId: PlanId, work: () => Promise<void>): Promise<void> {
    this.#changing.add(planId);
    try {
      if ((await this.#read()).has(planId)) await this.#change([planId]);
      await work();
    } finally {
      this.#changing.delete(planId);
    }
    const measured = await this.#measure(planId);
    if (measured?.ended) await this.#change([], new Map([[planId, measured.size]]));
  }

  /** Resolves when nothing is looked at any more. What was at hand until now is measured by whoever asks next. */
  async close(): Promise<void> {
    this.#closed.abort();
    await this.#check;
    const kept = await this.#read();
    const open = [...this.#open].filter((name) => kept.has(name));
    if (open.length > 0) await this.#change(open);
  }

  #isFree(name: string): boolean {
    return !this.#open.has(name) && !this.#changing.has(name);
  }

  async #measure(name: string): Promise<{ size: LoadStorage; ended: boolean } | null> {
    const folder = join(this.#root, name);
    const load = await readLoad(folder);
    if (typeof load === 'string') return null;
    return { size: { loadId: load.loadId, bytes: await folderBytes(folder) }, ended: load.state.kind === 'finished' };
  }

  /** Looks at each folder whose size is kept, and keeps what it takes by now. Never rejects. */
  async #checkKept(): Promise<void> {
    try {
      const other = new Map<string, LoadStorage>();
      for (const [name, { loadId, bytes: before }] of await this.#read()) {
        if (this.#closed.signal.aborted) return;
        const bytes = await folderBytes(join(this.#root, name));
        if (bytes !== before && bytes > 0) other.set(name, { loadId, bytes });
      }
      if (other.size > 0) await this.#change([], other);
    } catch (error) {
      this.#ports.log.error('the sizes of loads could not be looked at', error);
    }
  }

  async #names(): Promise<string[]> {
    try {
      return await readdir(this.#root);
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw error;
    }
  }

  /** What is kept; nothing where that is no such file. */
  async #read(): Promise<Sizes> {
    const facts = await stat(this.#path, { bigint: true }).catch(() => null);
    if (facts === null) return new Map();
    const stamp = `${facts.ino} ${facts.mtimeNs} ${facts.size}`;
    if (this.#known?.stamp !== stamp) {
      const text = await readFile(this.#path, 'utf8').catch(() => '');
      const { data } = Document.safeParse(parseJson(text));
      this.#known = { stamp, sizes: new Map(Object.entries(data?.sizes ?? {})) };
    }
    return this.#known.sizes;
  }

  /** Takes sizes out of what is kept, and adds others, but for loads that are at hand or just being changed. Never rejects. */
  async #change(gone: readonly string[], measured: Sizes = new Map()): Promise<void> {
    try {
      const lock = await FileLock.wait(`${this.#path}.lock`, AbortSignal.timeout(LOCK_AT_MOST));
      try {
        const sizes = new Map(await this.#read());
        for (const name of gone) sizes.delete(name);
        for (const [name, size] of measured) if (this.#isFree(name)) sizes.set(name, size);
        const document = { version: VERSION, sizes: Object.fromEntries(sizes) };
        await writeDurably(this.#path, JSON.stringify(document), 'the sizes of your loads');
      } finally {
        await lock.release();
      }
    } catch (error) {
      this.#ports.log.error('the sizes of loads could not be kept', error);
    }
  }
}
