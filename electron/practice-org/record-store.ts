import { normaliseRecordId } from '../../shared/domain/ids.ts';
import type { Field, Schema, SObject } from './schema.ts';

export type Stored = string | number | boolean | null;
export type StoredRecord = Record<string, Stored> & { Id: string };

/** Salesforce's base-62 order for the counter inside an id. */
const BASE62 = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

export function makeId(prefix: string, counter: number): string {
  let rest = '';
  for (let n = counter; rest.length < 9; n = Math.floor(n / 62)) rest = BASE62.charAt(n % 62) + rest;
  const made = normaliseRecordId(`${prefix}PR0${rest}`);
  if ('problem' in made) throw new Error(`not an id prefix: ${prefix}`);
  return made.id;
}

/** The form a field's value has in its index: lower case unless the field is case-sensitive. */
function indexKey(field: Field, value: Stored): string {
  const text = String(value);
  return field.caseSensitive || field.type === 'id' ? text : text.toLowerCase();
}

/** All records of one object, with an index for each field that can be matched by. */
export class RecordTable {
  readonly object: SObject;
  readonly records = new Map<string, StoredRecord>();
  readonly deleted = new Set<string>();
  readonly #indexes = new Map<string, Map<string, Set<string>>>();
  #counter = 0;

  constructor(object: SObject) {
    this.object = object;
    for (const field of object.fields) {
      if ((field.externalId || field.idLookup || field.unique) && field.type !== 'id')
        this.#indexes.set(field.name, new Map());
    }
  }

  nextId(): string {
    return makeId(this.object.keyPrefix, ++this.#counter);
  }

  nextNumber(): number {
    return this.#counter;
  }

  hasIndex(field: Field): boolean {
    return field.type === 'id' || this.#indexes.has(field.name);
  }

  find(field: Field, value: Stored): StoredRecord[] {
    if (value === null) return [];
    if (field.type === 'id') {
      const normalised = normaliseRecordId(String(value));
      const record = 'id' in normalised ? this.records.get(normalised.id) : undefined;
      return record ? [record] : [];
    }
    const ids = this.#indexes.get(field.name)?.get(indexKey(field, value));
    return ids ? [...ids].flatMap((id) => this.records.get(id) ?? []) : [];
  }

  put(record: StoredRecord): void {
    const before = this.records.get(record.Id);
    for (const [name, index] of this.#indexes) {
      const field = this.object.byName.get(name.toLowerCase());
      if (!field) continue;
      const was = before?.[name] ?? null;
      const is = record[name] ?? null;
      if (was === is) continue;
      if (was !== null) index.get(indexKey(field, was))?.delete(record.Id);
      if (is !== null) {
        const key = indexKey(field, is);
        let ids = index.get(key);
        if (!ids) index.set(key, (ids = new Set()));
        ids.add(record.Id);
      }
    }
    this.records.set(record.Id, record);
  }

  remove(id: string): void {
    const record = this.records.get(id);
    if (!record) return;
    for (const [name, index] of this.#indexes) {
      const field = this.object.byName.get(name.toLowerCase());
      const value = record[name] ?? null;
      if (field && value !== null) index.get(indexKey(field, value))?.delete(id);
    }
    this.records.delete(id);
    this.deleted.add(id);
  }
}

export class RecordStore {
  readonly schema: Schema;
  readonly #tables = new Map<string, RecordTable>();

  constructor(schema: Schema) {
    this.schema = schema;
    for (const object of schema.values()) this.#tables.set(object.name.toLowerCase(), new RecordTable(object));
  }

  table(objectName: string): RecordTable | undefined {
    return this.#tables.get(objectName.toLowerCase());
  }

  tables(): Iterable<RecordTable> {
    return this.#tables.values();
  }

  /** Which object an id belongs to, by its key prefix. */
  tableOfId(id: string): RecordTable | undefined {
    for (const table of this.#tables.values()) if (id.startsWith(table.object.keyPrefix)) return table;
    return undefined;
  }
}
