import type { ColumnSketch } from '../../../shared/domain/source-file.ts';

/** Columns that come into view are gathered for so long, in milliseconds: whoever scrolls past a column does not look at it. */
const PAUSE = 120;

/** Columns asked for at a time: an answer comes after half a second at a million rows, and the next is about what is in view by then. */
const AT_A_TIME = 8;

type Ask = (columns: number[], signal: AbortSignal) => Promise<ColumnSketch[]>;

/**
 * What the headers in view show of their columns: asked for once there are rows to see, some columns at a time, called off when they are
 * scrolled out of view, and kept until the rows change. What was known before a change is shown until it is counted anew.
 */
export class ColumnSketches {
  readonly #ask: Ask;
  readonly #known = new Map<number, ColumnSketch>();
  readonly #current = new Set<number>();
  readonly #failed = new Set<number>();
  /** Columns in view, each with the number of headers that show it. */
  readonly #wanted = new Map<number, number>();
  readonly #listeners = new Set<() => void>();
  #revision: string | null = null;
  #timer: ReturnType<typeof setTimeout> | null = null;
  #running: { readonly columns: readonly number[]; readonly calls: AbortController } | null = null;

  constructor(ask: Ask) {
    this.#ask = ask;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  of(column: number): ColumnSketch | 'failed' | undefined {
    return this.#failed.has(column) ? 'failed' : this.#known.get(column);
  }

  /** Whether rows are there that can be sorted and typed over. */
  readonly hasRows = (): boolean => this.#revision !== null;

  /** The rows are there, as they stand in this revision; null: they are not, and nothing is asked. */
  rowsAre(revision: string | null): void {
    if (revision === this.#revision) return;
    this.#revision = revision;
    this.#current.clear();
    this.#failed.clear();
    this.#running?.calls.abort();
    this.#running = null;
    for (const listener of this.#listeners) listener();
    this.#schedule();
  }

  /** A header of the column is in view, until what this returns is called. */
  want(column: number): () => void {
    this.#wanted.set(column, (this.#wanted.get(column) ?? 0) + 1);
    // Back in view, it is tried again.
    this.#failed.delete(column);
    this.#schedule();
    return () => {
      const left = (this.#wanted.get(column) ?? 0) - 1;
      if (left > 0) this.#wanted.set(column, left);
      else this.#wanted.delete(column);
      const { columns = [], calls } = this.#running ?? {};
      if (!calls || columns.some((one) => this.#wanted.has(one))) return;
      calls.abort();
      this.#running = null;
      this.#schedule();
    };
  }

  #schedule(): void {
    if (this.#running || this.#timer !== null || this.#revision === null) return;
    this.#timer = setTimeout(() => {
      this.#timer = null;
      void this.#next();
    }, PAUSE);
  }

  async #next(): Promise<void> {
    const columns = [...this.#wanted.keys()]
      .filter((column) => !this.#current.has(column) && !this.#failed.has(column))
      .sort((a, b) => a - b)
      .slice(0, AT_A_TIME);
    if (columns.length === 0 || this.#revision === null) return;
    const running = { columns, calls: new AbortController() };
    this.#running = running;
    const sketches = await this.#ask(columns, running.calls.signal).catch(() => null);
    // Called off, or about rows that have changed since.
    if (this.#running !== running) return;
    this.#running = null;
    if (sketches === null) for (const column of columns) this.#failed.add(column);
    for (const sketch of sketches ?? []) {
      this.#known.set(sketch.column, sketch);
      this.#current.add(sketch.column);
    }
    for (const listener of this.#listeners) listener();
    this.#schedule();
  }
}
