import { closeSync, createReadStream, existsSync, openSync, truncateSync, writeSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { RowResult } from './process-rows.ts';

/** The results of a chunk in the order of its rows: id, whether it was created, error. */
const Line = z.array(z.tuple([z.string().nullable(), z.boolean(), z.string().nullable()]));

/**
 * What became of a job's rows, a line a chunk, until its result files are whole. A line is written before its chunk is
 * kept, so it may say more than the records do, never less: `rows`, which is kept with the records, says how much counts.
 */
export class JobProgress {
  readonly #path: string;
  #file = -1;

  constructor(path: string) {
    this.#path = path;
  }

  append(results: readonly RowResult[]): void {
    if (this.#file < 0) this.#file = openSync(this.#path, 'a');
    let line = '';
    for (const { id, created, error } of results) {
      // Most rows succeed, and the org's own ids have nothing to escape; those of failed rows are as they were uploaded.
      const one = error === null ? `["${id ?? ''}",${String(created)},null]` : JSON.stringify([id, created, error]);
      line += line === '' ? one : `,${one}`;
    }
    writeSync(this.#file, `[${line}]\n`);
  }

  close(): void {
    if (this.#file >= 0) closeSync(this.#file);
    this.#file = -1;
  }

  /** After a crash: forgets what was never kept. How many of `rows` failed, or null if some of their results are missing. */
  async resume(rows: number): Promise<{ failed: number } | null> {
    let [counted, failed, bytes] = [0, 0, 0];
    for await (const { results, size } of this.#lines()) {
      if (counted >= rows) break;
      counted += results.length;
      bytes += size;
      for (const { error } of results) if (error !== null) failed++;
    }
    if (counted !== rows) return null;
    if (existsSync(this.#path)) truncateSync(this.#path, bytes);
    return { failed };
  }

  /** Every result that is there, in the order of the upload. */
  async *results(): AsyncGenerator<RowResult> {
    for await (const { results } of this.#lines()) yield* results;
  }

  async *#lines(): AsyncGenerator<{ results: RowResult[]; size: number }> {
    const source = createReadStream(this.#path);
    try {
      for await (const text of createInterface({ input: source, crlfDelay: Infinity })) {
        const line = Line.safeParse(parsed(text));
        // Cut off by a crash: it was not kept.
        if (!line.success) return;
        const results = line.data.map(([id, created, error]) => ({ id, created, error }));
        yield { results, size: Buffer.byteLength(text) + 1 };
      }
    } catch (error) {
      // A job that had not begun has no such file.
      if ((error as { code?: unknown }).code !== 'ENOENT') throw error;
    } finally {
      source.destroy();
    }
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
