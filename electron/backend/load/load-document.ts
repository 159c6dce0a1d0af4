import { access, readFile, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { systemCode, writeDurably } from '../documents/durable-file.ts';
import { parseJson } from '../parse-json.ts';
import { readPlan } from '../plan/plan-document.ts';

/** How a load stands, written again and again. */
const LOAD_NAME = 'load.json';
/** What cannot be read is kept under this name, for whoever can make something of it. */
const DAMAGED_NAME = 'load.json.damaged';
const VERSION = 1;

const LoadDocument = z.object({ version: z.literal(VERSION), snapshot: LoadSnapshot });
const OtherVersion = z.object({ version: z.number() });
const CountsToldApart = z.object({ snapshot: z.object({ counts: z.object({ repeated: z.number() }) }) });

/**
 * A load as it lies in its folder; `none` if none was begun there, `damaged` if it is no record or was put aside as one,
 * `unreadable` if the disk does not give it or another version of Longshore wrote it.
 */
export async function readLoad(folder: string): Promise<LoadSnapshot | 'none' | 'damaged' | 'unreadable'> {
  let text: string;
  try {
    text = await readFile(join(folder, LOAD_NAME), 'utf8');
  } catch (error) {
    if (systemCode(error) !== 'ENOENT') return 'unreadable';
    const aside = await access(join(folder, DAMAGED_NAME)).then(
      () => true,
      () => false,
    );
    return aside ? 'damaged' : 'none';
  }
  const json = parseJson(text);
  const document = LoadDocument.safeParse(json);
  if (document.success) return toldApart(folder, json, document.data.snapshot);
  const other = OtherVersion.safeParse(json);
  return other.success && other.data.version !== VERSION ? 'unreadable' : 'damaged';
}

/**
 * A load of before repeated rows had an outcome of their own counts them among those that are not sent; its plan knows how many they
 * are. Without its plan it stays as it was told.
 */
async function toldApart(folder: string, json: unknown, snapshot: LoadSnapshot): Promise<LoadSnapshot> {
  if (CountsToldApart.safeParse(json).success || snapshot.counts.skipped === 0) return snapshot;
  const stored = await readPlan(folder).catch(() => null);
  const { skipped } = snapshot.counts;
  const repeated = Math.min(skipped, stored?.plan.counts.duplicate ?? 0);
  return { ...snapshot, counts: { ...snapshot.counts, repeated, skipped: skipped - repeated } };
}

/** Changes whenever a load's document does; null while there is none. */
export async function stampOf(folder: string): Promise<string | null> {
  try {
    const { mtimeMs, size, ino } = await stat(join(folder, LOAD_NAME));
    return `${mtimeMs} ${size} ${ino}`;
  } catch {
    // Unreadable is found out by reading.
    return null;
  }
}

/** Puts a damaged document aside, so that it is not read again and never lost. */
export async function putAside(folder: string): Promise<void> {
  try {
    await rename(join(folder, LOAD_NAME), join(folder, DAMAGED_NAME));
  } catch (error) {
    // Put aside before.
    if (systemCode(error) !== 'ENOENT') throw error;
  }
}

/**
 * Keeps one load's document on disk: for lists and reports, and for a restart; what was sent is the journal's to say. One write
 * at a time, always of the newest state.
 */
export class LoadFile {
  readonly #path: string;
  #next: LoadSnapshot | null = null;
  #writing: Promise<void> | null = null;
  /** Why the last write failed. */
  failure: Error | null = null;

  constructor(folder: string) {
    this.#path = join(folder, LOAD_NAME);
  }

  /** Resolves when this state, or a newer one, is on disk. Rejects with `DISK_FULL` or `DISK_REFUSED`. */
  save(snapshot: LoadSnapshot): Promise<void> {
    this.#next = snapshot;
    this.#writing ??= this.#writeAll().finally(() => {
      this.#writing = null;
    });
    return this.#writing;
  }

  async #writeAll(): Promise<void> {
    while (this.#next !== null) {
      const snapshot = this.#next;
      this.#next = null;
      try {
        await writeDurably(this.#path, JSON.stringify({ version: VERSION, snapshot }), 'the load’s record');
        this.failure = null;
      } catch (error) {
        this.failure = error instanceof Error ? error : new Error(String(error));
        throw error;
      }
    }
  }
}
