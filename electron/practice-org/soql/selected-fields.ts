import { soqlError } from './soql-error.ts';

/**
 * The fields a SELECT has named so far: none may be named twice (SOQL Reference, "FIELDS()": `SELECT Id, FIELDS(ALL)` is
 * INVALID_FIELD, "duplicate field selected: Id"), whatever its case and by whichever alias. The error points at the
 * second one, as a real org did for SFDMU (its issue 340).
 */
export class SelectedFields {
  readonly #soql: string;
  readonly #seen = new Set<string>();

  constructor(soql: string) {
    this.#soql = soql;
  }

  /** `path` as describe spells it, `Account.Name`; `written` as the query does, null if it came out of FIELDS(). */
  add(path: string, written: string | null): void {
    if (!this.#seen.has(path)) {
      this.#seen.add(path);
      return;
    }
    const name = path.slice(path.lastIndexOf('.') + 1);
    const offset = written === null ? null : secondOf(this.#soql, written);
    throw soqlError(
      'INVALID_FIELD',
      `duplicate field selected: ${name}`,
      offset === null ? undefined : { soql: this.#soql, offset },
    );
  }
}

/** Where a path stands the second time, outside quoted texts, or the only time. */
function secondOf(soql: string, path: string): number | null {
  const wanted = path.toLowerCase();
  const places = Array.from(soql.matchAll(/'(?:[^'\\]|\\.)*'|[\w.]+/g)).filter(
    (match) => match[0].toLowerCase() === wanted,
  );
  return (places[1] ?? places[0])?.index ?? null;
}
