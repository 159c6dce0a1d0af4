import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { DocumentProblem } from '../../../shared/domain/job.ts';
import { parseJson } from '../parse-json.ts';
import { diskFailure, systemCode, writeDurably } from './durable-file.ts';
import { FileLock } from './file-lock.ts';

/** What one kind of documents is: where they lie, and how they are read. */
export interface DocumentKind<T> {
  /** Folder of its files, which holds nothing else. */
  readonly folder: string;
  /** Written into each file, so that one that was put into another folder is not taken for one of that kind. */
  readonly kind: string;
  /** What one is called where a person reads it, such as “a job”. */
  readonly what: string;
  readonly version: number;
  readonly schema: z.ZodType<T>;
  /** By version: what makes a document of that version one of the next. A version that is not here, and is not the present one, is damage. */
  readonly upgrades?: Readonly<Record<number, (value: unknown) => unknown>>;
}

const Envelope = z.object({ kind: z.string(), version: z.number().int().positive(), value: z.unknown() });

/** One file of a document, by its id. */
const SUFFIX = '.json';

/** A document that is there and can't be used; its file stays as it is. */
export interface UnreadableDocument {
  /** Name of its file. */
  readonly name: string;
  readonly problem: DocumentProblem;
}

type Read<T> = { readonly value: T } | { readonly problem: DocumentProblem } | null;

/**
 * Documents of one kind, a file each. Changes are made under one lock for all processes, each whole or not at all; what can't be read is
 * said, kept as it is, and never written over (`DOCUMENT_UNREADABLE`). Whoever changes a document sees it as it is on disk by then.
 */
export class DocumentStore<T> {
  readonly #kind: DocumentKind<T>;

  constructor(kind: DocumentKind<T>) {
    this.#kind = kind;
  }

  #path(id: string): string {
    return join(this.#kind.folder, `${id}${SUFFIX}`);
  }

  /** Null where there is none. Throws `DOCUMENT_UNREADABLE`. */
  async get(id: string): Promise<T | null> {
    const read = await this.#read(`${id}${SUFFIX}`);
    if (read !== null && 'problem' in read) throw this.#failure(`${id}${SUFFIX}`, read.problem);
    return read?.value ?? null;
  }

  /** Every document, in the order of their ids, and those that can't be read. */
  async list(): Promise<{ documents: T[]; unreadable: UnreadableDocument[] }> {
    const documents: T[] = [];
    const unreadable: UnreadableDocument[] = [];
    for (const name of await this.#names()) {
      const read = await this.#read(name);
      if (read === null) continue;
      if ('value' in read) documents.push(read.value);
      else unreadable.push({ name, problem: read.problem });
    }
    return { documents, unreadable };
  }

  /**
   * Puts what `change` makes of a document in its place, or of none (null). What it makes null goes. Nobody else changes any document
   * meanwhile, so `change` may look at the others. Throws `DOCUMENT_UNREADABLE`, `DISK_FULL`, `DISK_REFUSED`, and what `change` throws.
   */
  async change<U extends T | null>(
    id: string,
    signal: AbortSignal,
    change: (current: T | null) => U | Promise<U>,
  ): Promise<U> {
    const { folder, kind, version, schema, what } = this.#kind;
    await mkdir(folder, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
      throw diskFailure(error, what);
    });
    const lock = await FileLock.wait(join(folder, 'lock'), signal);
    try {
      const next = await change(await this.get(id));
      if (next === null) await rm(this.#path(id), { force: true });
      // What could not be read again must not be written.
      else await writeDurably(this.#path(id), JSON.stringify({ kind, version, value: schema.parse(next) }), what);
      return next;
    } finally {
      await lock.release();
    }
  }

  async #names(): Promise<string[]> {
    try {
      return (await readdir(this.#kind.folder)).filter((name) => name.endsWith(SUFFIX)).sort();
    } catch (error) {
      if (systemCode(error) === 'ENOENT') return [];
      throw this.#failure('', 'unreadable');
    }
  }

  async #read(name: string): Promise<Read<T>> {
    let text: string;
    try {
      text = await readFile(join(this.#kind.folder, name), 'utf8');
    } catch (error) {
      return systemCode(error) === 'ENOENT' ? null : { problem: 'unreadable' };
    }
    const envelope = Envelope.safeParse(parseJson(text)).data;
    if (envelope?.kind !== this.#kind.kind) return { problem: 'damaged' };
    if (envelope.version > this.#kind.version) return { problem: 'newer' };
    const value = this.#kind.schema.safeParse(this.#upgraded(envelope.version, envelope.value));
    return value.success ? { value: value.data } : { problem: 'damaged' };
  }

  #upgraded(from: number, value: unknown): unknown {
    const { version, upgrades = {} } = this.#kind;
    let upgraded = value;
    for (let step = from; step < version; step++) {
      const upgrade = upgrades[step];
      if (!upgrade) return undefined;
      upgraded = upgrade(upgraded);
    }
    return upgraded;
  }

  #failure(name: string, problem: DocumentProblem): FailureError {
    return new FailureError({ code: 'DOCUMENT_UNREADABLE', what: this.#kind.what, name, problem });
  }
}
