import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import { Digest } from '../../../shared/domain/ids.ts';
import { diskFailure, syncFolder } from '../documents/durable-file.ts';
import { parseJson } from '../parse-json.ts';
import { GroupFacts } from './group-facts.ts';

const NAME = 'groups.jsonl';
const WHAT = 'the records of the merge';
const CHUNK = 1024 * 1024;

/** Writes the facts of a plan, a group a line, and keeps none of them. */
export class FactsWriter {
  readonly #folder: string;
  readonly #file: FileHandle;
  readonly #hash = createHash('sha256');

  private constructor(folder: string, file: FileHandle) {
    this.#folder = folder;
    this.#file = file;
  }

  static async begin(folder: string): Promise<FactsWriter> {
    try {
      return new FactsWriter(folder, await open(join(folder, NAME), 'w', 0o600));
    } catch (error) {
      throw diskFailure(error, WHAT);
    }
  }

  async write(groups: readonly GroupFacts[]): Promise<void> {
    const text = groups.map((facts) => `${JSON.stringify(facts)}\n`).join('');
    this.#hash.update(text);
    try {
      await this.#file.appendFile(text);
    } catch (error) {
      throw diskFailure(error, WHAT);
    }
  }

  /** Flushed when this returns: the snapshot that a merge is taken back with. */
  async end(): Promise<Digest> {
    try {
      await this.#file.sync();
      await this.#file.close();
      await syncFolder(this.#folder);
    } catch (error) {
      throw diskFailure(error, WHAT);
    }
    return Digest.parse(this.#hash.digest('hex'));
  }

  async abandon(): Promise<void> {
    await this.#file.close();
  }
}

/** The facts of a plan that was written. Lines are found by their places, so that no more of them is held than is asked for. */
export class FactsFile {
  readonly #file: FileHandle;
  readonly #starts: readonly number[];

  private constructor(file: FileHandle, starts: readonly number[]) {
    this.#file = file;
    this.#starts = starts;
  }

  /** Reads the file once. Throws `DATA_DAMAGED` if it is not the one that was written. */
  static async open(folder: string, digest: Digest): Promise<FactsFile> {
    const damaged = new FailureError({ code: 'DATA_DAMAGED', what: 'The records of this merge' });
    let file: FileHandle;
    try {
      file = await open(join(folder, NAME), 'r');
    } catch {
      throw damaged;
    }
    const hash = createHash('sha256');
    const starts = [0];
    const buffer = Buffer.alloc(CHUNK);
    for (let at = 0; ;) {
      const { bytesRead } = await file.read(buffer, 0, CHUNK, at);
      if (bytesRead === 0) break;
      const bytes = buffer.subarray(0, bytesRead);
      hash.update(bytes);
      for (let end = bytes.indexOf(10); end >= 0; end = bytes.indexOf(10, end + 1)) starts.push(at + end + 1);
      at += bytesRead;
    }
    if (hash.digest('hex') === digest) return new FactsFile(file, starts);
    await file.close();
    throw damaged;
  }

  get groups(): number {
    return this.#starts.length - 1;
  }

  /** Groups by their numbers, from one up to another that is left out. */
  async read(from: number, to: number): Promise<GroupFacts[]> {
    const [start = 0, end = 0] = [this.#starts[from], this.#starts[Math.min(to, this.groups)]];
    if (end <= start) return [];
    const buffer = Buffer.alloc(end - start);
    await this.#file.read(buffer, 0, buffer.length, start);
    const lines = buffer.toString('utf8').split('\n').slice(0, -1);
    return lines.map((line) => GroupFacts.parse(parseJson(line)));
  }

  /** All groups, some at a time. */
  async *all(size: number): AsyncGenerator<GroupFacts[]> {
    for (let at = 0; at < this.groups; at += size) yield this.read(at, at + size);
  }

  close(): Promise<void> {
    return this.#file.close();
  }
}
