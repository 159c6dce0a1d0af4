import type { StagingClient } from '../staging/staging-client.ts';
import type { SqlValue } from '../staging/staging-functions.ts';
import { quoteName } from '../tables/quote.ts';

/** Columns that are kept at a time; of a million rows each takes some 60 MB, which may lie on disk. */
const MOST = 2;

interface Kept {
  readonly name: string;
  readonly made: Promise<unknown>;
  /** Pages that are read from it right now. */
  readers: number;
}

/** Values of a sorted view's rows, and which rows they are. */
export interface ColumnRows {
  /** A query, and the values of its placeholders. */
  readonly sql: string;
  readonly values: readonly SqlValue[];
}

/**
 * The columns that plans were sorted by last, each with just the rows of its view and beside no database: which rows belong to the view
 * and what their values are is then found out once, not for every page.
 */
export class SortedColumns {
  readonly #staging: Pick<StagingClient, 'query'>;
  readonly #kept = new Map<string, Kept>();
  #names = 0;

  constructor(staging: Pick<StagingClient, 'query'>) {
    this.#staging = staging;
  }

  /** Has work done with the table that has a view's values; `key` tells views apart. */
  async use<T>(key: string, rows: ColumnRows, work: (table: string) => Promise<T>): Promise<T> {
    const before = this.#kept.get(key);
    if (!before) return this.#read(key, this.#make(key, rows), work);
    try {
      return await this.#read(key, before, work);
    } catch (error) {
      // The engine may have ended since, and what lay in its memory with it.
      if (await this.#isThere(before)) throw error;
      if (this.#kept.get(key) === before) this.#kept.delete(key);
      return this.use(key, rows, work);
    }
  }

  async #read<T>(key: string, kept: Kept, work: (table: string) => Promise<T>): Promise<T> {
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    kept.readers++;
    try {
      await kept.made;
      return await work(tableOf(kept));
    } finally {
      kept.readers--;
      await this.#drop(MOST);
    }
  }

  async #isThere({ name }: Kept): Promise<boolean> {
    const found = await this.#staging.query(
      `SELECT 1 AS one FROM duckdb_tables() WHERE database_name = 'memory' AND table_name = $1`,
      [name],
    );
    return found.length > 0;
  }

  /** Forgets all but those that are read right now. */
  async clear(): Promise<void> {
    await this.#drop(0);
  }

  #make(key: string, { sql, values }: ColumnRows): Kept {
    const name = `sorted_${++this.#names}`;
    // A page that is no longer wanted must not take it from the next one: it is made to its end.
    const made = this.#staging.query(`CREATE TABLE ${tableOf({ name })} AS ${sql}`, [...values]);
    const kept: Kept = { name, made, readers: 0 };
    made.catch(() => {
      if (this.#kept.get(key) === kept) this.#kept.delete(key);
    });
    return kept;
  }

  /** Takes the oldest away until there are only so many. */
  async #drop(most: number): Promise<void> {
    for (const [key, kept] of [...this.#kept]) {
      if (this.#kept.size <= most) return;
      if (kept.readers > 0) continue;
      this.#kept.delete(key);
      await this.#staging.query(`DROP TABLE IF EXISTS ${tableOf(kept)}`, []);
    }
  }
}

/** As SQL names it. */
function tableOf({ name }: Pick<Kept, 'name'>): string {
  return `memory.main.${quoteName(name)}`;
}
