import { existsSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { open, readFile, type FileHandle } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileBody } from '../http/exchange.ts';

export type ResultKind = 'successfulresults' | 'failedresults' | 'unprocessedrecords';

interface Segment {
  readonly start: number;
  readonly end: number;
}

/**
 * A result file that grows while its job runs. Rows are written in blocks; the blocks are given out in the order
 * `order` says, so that results can come back in no order without ever being in memory.
 */
export class ResultFile {
  readonly #path: string;
  readonly #segments: Segment[] = [];
  #handle: FileHandle | null = null;
  #size = 0;

  constructor(path: string) {
    this.#path = path;
  }

  async append(rows: readonly string[]): Promise<void> {
    if (rows.length === 0) return;
    this.#handle ??= await open(this.#path, 'w');
    const bytes = Buffer.from(rows.join(''));
    await this.#handle.writeFile(bytes);
    this.#segments.push({ start: this.#size, end: this.#size + bytes.length });
    this.#size += bytes.length;
  }

  async close(): Promise<void> {
    await this.#handle?.close();
    this.#handle = null;
  }

  get segments(): readonly Segment[] {
    return this.#segments;
  }

  /** After a restart. */
  restore(segments: readonly Segment[]): void {
    this.#segments.push(...segments);
    this.#size = Math.max(0, ...segments.map((segment) => segment.end));
  }

  /** The header and then the blocks, as a stream. */
  read(header: string, order: readonly number[]): Readable {
    const path = this.#path;
    const segments = order.flatMap((index) => this.#segments[index] ?? []);
    return Readable.from(
      (async function* () {
        if (header !== '') yield Buffer.from(header);
        for (const { start, end } of segments) yield* fileBody(path, start, end) as AsyncIterable<Buffer>;
      })(),
      { objectMode: false },
    );
  }

  get blocks(): number {
    return this.#segments.length;
  }
}

/** Where a job keeps its upload and its results, a folder each. A crash leaves every file as it was or as it should be. */
export class JobFiles {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
    mkdirSync(folder, { recursive: true });
  }

  /** What was uploaded, once all of it has come. */
  get upload(): string {
    return join(this.#folder, 'upload.csv');
  }

  /** What has come of an upload so far. */
  get incoming(): string {
    return join(this.#folder, 'upload.part');
  }

  get progress(): string {
    return join(this.#folder, 'progress.jsonl');
  }

  keepUpload(): void {
    renameSync(this.incoming, this.upload);
  }

  result(kind: ResultKind): ResultFile {
    return new ResultFile(join(this.#folder, `${kind}.csv`));
  }

  hasUpload(): boolean {
    return existsSync(this.upload);
  }

  save(info: unknown): void {
    const path = join(this.#folder, 'job.json');
    writeFileSync(`${path}.new`, JSON.stringify(info));
    renameSync(`${path}.new`, path);
  }

  async load(): Promise<unknown> {
    return JSON.parse(await readFile(join(this.#folder, 'job.json'), 'utf8')) as unknown;
  }

  /** Once the results are whole and the job is saved. */
  dropUpload(): void {
    rmSync(this.upload, { force: true });
    rmSync(this.progress, { force: true });
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true, force: true });
  }
}
