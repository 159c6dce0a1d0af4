/**
 * What the catalog's functions (`duckdb_tables()` and the like) look through is every database that is open, and to each of them they hold
 * on until their statement has ended. A `DETACH` meanwhile is answered, but “only finished when all transactions that refer to a given database
 * are closed” (duckdb/duckdb, pull request 19193): until then the file is open and its log is there, it can't be opened again (“Unique file
 * handle conflict”), and a file that takes its place would be written to at last. So nothing is closed while such a statement is at work.
 */
export const LOOKS_THROUGH_ALL = /\b(?:duckdb_\w+\(|pragma_\w+\(|information_schema\b)/i;

/** Keeps looks at all databases and the closing of one apart: any number of looks at a time, or closings. Whoever closes goes first. */
export class CatalogGate {
  #looks = 0;
  #closings = 0;
  #change = Promise.withResolvers<void>();

  /** Work that must not meet the closing of a database, and waits for nothing else. */
  async look<T>(work: () => Promise<T>): Promise<T> {
    while (this.#closings > 0) await this.#change.promise;
    this.#looks++;
    try {
      return await work();
    } finally {
      this.#looks--;
      this.#tellChange();
    }
  }

  /** Closes a database once nobody looks at it. */
  async close(work: () => Promise<void>): Promise<void> {
    this.#closings++;
    try {
      while (this.#looks > 0) await this.#change.promise;
      await work();
    } finally {
      this.#closings--;
      this.#tellChange();
    }
  }

  #tellChange(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }
}
