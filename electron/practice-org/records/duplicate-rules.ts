import { idOf, type RecordStore, type RecordTable, type Stored, type StoredRecord } from './record-store.ts';
import type { DuplicateResult } from './save-error.ts';
import type { OrgFile } from '../schema/schema-file.ts';
import type { Field } from '../schema/schema.ts';

type Method = 'exact' | 'company' | 'phone' | 'name';

const LEGAL_FORMS =
  /\b(?:inc|incorporated|llc|ltd|limited|gmbh|ag|co|corp|corporation|company|group|bv|sa|plc|partners)\b/g;

/** The form in which two values are the same for a matching method; null never matches. */
function normalise(method: Method, value: Stored): string | null {
  if (value === null) return null;
  const text = String(value).normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().trim();
  const made =
    method === 'exact'
      ? text
      : method === 'phone'
        ? text.replace(/\D/g, '').slice(-9)
        : method === 'company'
          ? text
              .replace(/[^\p{L}\p{N} ]/gu, '')
              .replace(LEGAL_FORMS, '')
              .replace(/\s+/g, ' ')
              .trim()
          : text.replace(/[^\p{L}\p{N} ]/gu, '').replace(/\s+/g, ' ');
  return made === '' ? null : made;
}

interface Way {
  readonly parts: { readonly method: Method; readonly field: Field }[];
  /** Normalised key → ids, made when the rule is first asked and kept by `note`. */
  readonly index: Map<string, Set<string>>;
}

interface Rule {
  readonly file: OrgFile['duplicateRules'][number];
  readonly table: RecordTable;
  readonly ways: Way[];
}

function keyOf(way: Way, record: StoredRecord): string | null {
  const parts = way.parts.map(({ method, field }) => normalise(method, record[field.slot] ?? null));
  return parts.includes(null) ? null : parts.join('\u0001');
}

/**
 * Duplicate rules with their matching rules (Salesforce Help, "Duplicate Rules"): exact and normalised comparison of a
 * few fields. Salesforce's fuzzy methods (edit distance, nicknames) are not simulated.
 */
export class DuplicateRules {
  readonly #rules: Rule[];
  #indexed = false;
  enabled = false;

  constructor(store: RecordStore, files: OrgFile['duplicateRules']) {
    this.#rules = files.flatMap((file) => {
      const table = store.table(file.object);
      if (!table) return [];
      const ways = file.keys.map((key) => ({
        parts: key.flatMap((part) => {
          const [method, name] = part.split(':') as [Method, string];
          const field = table.field(name);
          return field ? [{ method, field }] : [];
        }),
        index: new Map<string, Set<string>>(),
      }));
      return [{ file, table, ways }];
    });
    store.onCommit(({ changes }) => {
      if (!this.#indexed) return;
      for (const change of changes) {
        if (change.before) this.#forget(change.table, change.before);
        if (change.after) this.#note(change.table, change.after);
      }
    });
  }

  forget(): void {
    this.#indexed = false;
    for (const rule of this.#rules) for (const way of rule.ways) way.index.clear();
  }

  /** What the rules of the record's object say about it, one result a rule. */
  find(table: RecordTable, record: StoredRecord): DuplicateResult[] {
    this.#index();
    const results: DuplicateResult[] = [];
    for (const rule of this.#rules) {
      if (rule.table !== table) continue;
      const ids = new Set<string>();
      for (const way of rule.ways) {
        const key = keyOf(way, record);
        if (key !== null) for (const id of way.index.get(key) ?? []) if (id !== idOf(record)) ids.add(id);
      }
      const matches = [...ids].map((id) => table.records.get(id)).filter((found) => found !== undefined);
      results.push({
        allowSave: rule.file.action === 'alert',
        rule: rule.file.name,
        matchingRule: rule.file.matchingRule,
        entityType: table.object.name,
        table,
        matches,
      });
    }
    return results;
  }

  #index(): void {
    if (this.#indexed) return;
    this.#indexed = true;
    for (const { table } of this.#rules) for (const record of table.records.values()) this.#note(table, record);
  }

  #note(table: RecordTable, record: StoredRecord): void {
    for (const way of this.#waysOf(table)) {
      const key = keyOf(way, record);
      if (key === null) continue;
      const ids = way.index.get(key);
      if (ids) ids.add(idOf(record));
      else way.index.set(key, new Set([idOf(record)]));
    }
  }

  #forget(table: RecordTable, record: StoredRecord): void {
    for (const way of this.#waysOf(table)) {
      const key = keyOf(way, record);
      if (key !== null) way.index.get(key)?.delete(idOf(record));
    }
  }

  #waysOf(table: RecordTable): Way[] {
    return this.#rules.flatMap((rule) => (rule.table === table ? rule.ways : []));
  }
}
