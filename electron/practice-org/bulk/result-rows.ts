import { seededRandom } from '../sample/random.ts';
import type { ResultFile } from './job-files.ts';

/** Gathers result rows, shuffles them block by block and hands the blocks out in no order. */
export class ResultRows {
  readonly #file: ResultFile;
  readonly #shuffle: boolean;
  readonly #random: () => number;
  #rows: string[] = [];
  order: number[] = [];

  constructor(file: ResultFile, shuffle: boolean, seed: number) {
    this.#file = file;
    this.#shuffle = shuffle;
    this.#random = seededRandom(seed);
  }

  push(row: string): void {
    this.#rows.push(row);
  }

  async flush(atLeast: number): Promise<void> {
    if (this.#rows.length < Math.max(1, atLeast)) return;
    const rows = this.#rows;
    this.#rows = [];
    // Row order of results is not guaranteed (Bulk API 2.0 guide): the practice org makes sure that nobody relies on it.
    if (this.#shuffle) shuffle(rows, this.#random);
    await this.#file.append(rows);
    this.order.push(this.order.length);
  }

  async end(): Promise<void> {
    await this.flush(1);
    await this.#file.close();
    if (this.#shuffle) shuffle(this.order, this.#random);
  }
}

function shuffle(list: unknown[], random: () => number): void {
  for (let i = list.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [list[i], list[j]] = [list[j], list[i]];
  }
}
