import type { SqlValue } from '../staging/staging-functions.ts';

/**
 * DuckDB's driver takes a U+FEFF for a byte-order mark and drops it where a text begins with one: so no text that is read
 * begins with its own first character.
 */
export function guarded(sql: string): string {
  return `'.' || ${sql}`;
}

/** The text that was guarded, as it is stored. */
export function unguarded(value: SqlValue | undefined): string {
  return String(value).slice(1);
}
