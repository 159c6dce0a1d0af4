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
    const kept = this.#kept.get(key) ?? this.#make(key, rows);
    this.#kept.delete(key);
    this.#kept.set(key, kept);
    kept.readers++;
    try {
      await kept.made;
      return await work(kept.name);
    } finally {
      kept.readers--;
      await this.#drop(MOST);
    }
  }

  /** Forgets all but those that are read right now. */
  async clear(): Promise<void> {
    await this.#drop(0);
  }

  #make(key: string, { sql, values }: ColumnRows): Kept {
    const name = `memory.main.${quoteName(`sorted_${++this.#names}`)}`;
    // A page that is no longer wanted must not take it from the next one: it is made to its end.
    const made = this.#staging.query(`CREATE TABLE ${name} AS ${sql}`, [...values]);
    const kept: Kept = { name, made, readers: 0 };
    made.catch(() => {
      if (this.#kept.get(key) === kept) this.#kept.delete(key);
    });
    return kept;
  }

  /** Takes the oldest away until there are only so many. */
  async #drop(most: number): Promise<void> {
    for (const [key, { name, readers }] of [...this.#kept]) {
      if (this.#kept.size <= most) return;
      if (readers > 0) continue;
      this.#kept.delete(key);
      await this.#staging.query(`DROP TABLE IF EXISTS ${name}`, []);
    }
  }
}
