import { ID, IS_DELETED, type Field, type Schema, type SObject } from '../schema/schema.ts';
import { asRecordId, counterOf, makeId } from './record-ids.ts';

export type Stored = string | number | boolean | null;

/**
 * A record's values by its fields' slots; slot 0 is the id. Records are replaced, never changed in place, so whoever
 * holds one (a query's cursor, a change event) keeps what it saw.
 */
export type StoredRecord = Stored[];

export function idOf(record: StoredRecord): string {
  return record[ID] as string;
}

/** The form a field's value has in its index: lower case unless the field is case-sensitive. */
export function indexKey(field: Field, value: Stored): string {
  const text = String(value);
  return field.caseSensitive || field.type === 'id' || field.type === 'reference' ? text : text.toLowerCase();
}

export interface BinnedRecord {
  readonly record: StoredRecord;
  readonly deletedAt: number;
  readonly deletedBy: string;
  /** The record whose deletion took this one along, itself if it was the one asked for. */
  readonly because: string;
  /** Everything that went with that deletion, one list for all of it. */
  readonly company: BinReference[];
}

export interface BinReference {
  readonly table: RecordTable;
  readonly id: string;
}

export type Change =
  | { readonly type: 'CREATE'; readonly table: RecordTable; readonly before: null; readonly after: StoredRecord }
  | {
      readonly type: 'UPDATE';
      readonly table: RecordTable;
      readonly before: StoredRecord;
      readonly after: StoredRecord;
    }
  | {
      readonly type: 'DELETE';
      readonly table: RecordTable;
      readonly before: StoredRecord;
      readonly after: null;
      readonly binned: BinnedRecord;
    }
  | {
      readonly type: 'UNDELETE';
      readonly table: RecordTable;
      readonly before: null;
      readonly after: StoredRecord;
      readonly binned: BinnedRecord;
    }
  | {
      readonly type: 'PURGE';
      readonly table: RecordTable;
      readonly before: StoredRecord;
      readonly after: null;
      readonly binned: BinnedRecord;
    };

/** Who wrote, and how; change events carry it. */
export interface TransactionInfo {
  readonly userId: string;
  /** As ChangeEventHeader.changeOrigin has it, `com/salesforce/api/rest/66.0`. */
  readonly origin: string;
  /** Set for a chunk of a bulk job. */
  readonly mark?: JobMark | null;
}

/** How far a bulk job has come once a transaction is kept. */
export interface JobMark {
  readonly jobId: string;
  /** Rows of its upload that are done. */
  readonly rows: number;
}

export interface Commit {
  readonly info: TransactionInfo;
  readonly at: number;
  readonly changes: readonly Change[];
}

/** Lookups that nobody follows from the parent's side get no index: every record would hang on a handful of users. */
const UNINDEXED_TARGETS = new Set(['User', 'Group', 'RecordType', 'Profile']);

type Index = Map<string, string | Set<string>>;

/** All records of one object, with an index for each field that can be matched by or followed from a parent. */
export class RecordTable {
  readonly object: SObject;
  readonly records = new Map<string, StoredRecord>();
  readonly bin = new Map<string, BinnedRecord>();
  /** Records that are past the bin, and when they were deleted, in milliseconds: the delete log has them too. */
  readonly purged = new Map<string, number>();
  /** Records that nobody is shown who asks for them (the knob `hiddenRecords`). */
  hidden: ReadonlySet<string> = new Set();
  readonly #indexes: { field: Field; index: Index }[] = [];
  readonly #bySlot = new Map<number, Index>();
  readonly #lookups = new Map<string, Field>();
  #counter = 0;

  constructor(object: SObject) {
    this.object = object;
    for (const field of object.fields) {
      const relationship = field.relationshipName?.toLowerCase();
      if (relationship !== undefined && !this.#lookups.has(relationship)) this.#lookups.set(relationship, field);
      const followed = field.type === 'reference' && !field.referenceTo.every((name) => UNINDEXED_TARGETS.has(name));
      if (field.kind === 'stored' && field.type !== 'id' && (field.idLookup || field.unique || followed)) {
        const index: Index = new Map();
        this.#indexes.push({ field, index });
        this.#bySlot.set(field.slot, index);
      }
    }
  }

  nextId(): string {
    return makeId(this.object.keyPrefix, ++this.#counter);
  }

  /** The number of the latest record, which auto-numbers count with. */
  get counter(): number {
    return this.#counter;
  }

  /** After a restart: never hands out an id that was used. */
  noteUsed(id: string): void {
    this.#counter = Math.max(this.#counter, counterOf(id));
  }

  hasIndex(field: Field): boolean {
    return field.type === 'id' || this.#bySlot.has(field.slot);
  }

  field(name: string): Field | undefined {
    return this.object.byName.get(name.toLowerCase());
  }

  /** The lookup with this relationship name, `Account` or `Parent__r`. */
  lookup(relationship: string): Field | undefined {
    const field = this.#lookups.get(relationship.toLowerCase());
    return field && this.object.byName.has(field.name.toLowerCase()) ? field : undefined;
  }

  /** Records whose indexed field has this value; an id may have 15 characters. */
  find(field: Field, value: Stored): StoredRecord[] {
    if (value === null) return [];
    if (field.type === 'id') {
      const record = this.records.get(asRecordId(String(value)) ?? '');
      return record ? [record] : [];
    }
    const key = field.type === 'reference' ? (asRecordId(String(value)) ?? '') : indexKey(field, value);
    const ids = this.#bySlot.get(field.slot)?.get(key);
    if (ids === undefined) return [];
    if (typeof ids === 'string') return [this.records.get(ids) as StoredRecord];
    return Array.from(ids, (id) => this.records.get(id) as StoredRecord);
  }

  clear(): void {
    this.records.clear();
    this.bin.clear();
    this.purged.clear();
    for (const { index } of this.#indexes) index.clear();
    this.#counter = 0;
  }

  /** Only the store calls this: it keeps the books of a transaction. */
  set(record: StoredRecord): void {
    const id = idOf(record);
    const before = this.records.get(id);
    for (const { field, index } of this.#indexes) {
      const was = before === undefined ? null : (before[field.slot] ?? null);
      const is = record[field.slot] ?? null;
      if (was === is) continue;
      if (was !== null) unlink(index, indexKey(field, was), id);
      if (is !== null) link(index, indexKey(field, is), id);
    }
    this.records.set(id, record);
  }

  unset(id: string): void {
    const record = this.records.get(id);
    if (!record) return;
    for (const { field, index } of this.#indexes) {
      const value = record[field.slot] ?? null;
      if (value !== null) unlink(index, indexKey(field, value), id);
    }
    this.records.delete(id);
  }
}

function link(index: Index, key: string, id: string): void {
  const ids = index.get(key);
  if (ids === undefined) index.set(key, id);
  else if (typeof ids === 'string') index.set(key, new Set([ids, id]));
  else ids.add(id);
}

function unlink(index: Index, key: string, id: string): void {
  const ids = index.get(key);
  if (ids === id) index.delete(key);
  else if (ids instanceof Set) {
    ids.delete(id);
    if (ids.size === 0) index.delete(key);
  }
}

/** A record's own values by field, those it has. */
export function filledValues(object: SObject, record: StoredRecord): Record<string, Stored> {
  const filled = object.fields.filter((field) => field.kind === 'stored' && (record[field.slot] ?? null) !== null);
  return Object.fromEntries(filled.map((field) => [field.name, record[field.slot] ?? null]));
}

/** The org's records. Every write belongs to a transaction, which is kept or undone as a whole. */
export class RecordStore {
  readonly schema: Schema;
  readonly #tables = new Map<string, RecordTable>();
  readonly #byPrefix = new Map<string, RecordTable>();
  readonly #listeners: ((commit: Commit) => void)[] = [];
  #depth = 0;
  #changes: Change[] = [];
  readonly #now: () => number;

  constructor(schema: Schema, now: () => number) {
    this.schema = schema;
    this.#now = now;
    for (const object of schema.values()) {
      const table = new RecordTable(object);
      this.#tables.set(object.name.toLowerCase(), table);
      this.#byPrefix.set(object.keyPrefix, table);
    }
  }

  table(objectName: string): RecordTable | undefined {
    return this.#tables.get(objectName.toLowerCase());
  }

  tables(): Iterable<RecordTable> {
    return this.#tables.values();
  }

  /** Which object an id belongs to, by its key prefix. */
  tableOfId(id: string): RecordTable | undefined {
    return this.#byPrefix.get(id.slice(0, 3));
  }

  /** A live record by its id, whatever its object. */
  record(id: string): StoredRecord | undefined {
    return this.tableOfId(id)?.records.get(id);
  }

  onCommit(listener: (commit: Commit) => void): void {
    this.#listeners.push(listener);
  }

  /**
   * Runs writes that belong together; inside another transaction it is a savepoint of it. `work` undoes its own writes
   * by throwing. Listeners hear of the changes once the outermost transaction is over.
   */
  transaction<T>(info: TransactionInfo, work: () => T): T {
    const mark = this.#changes.length;
    let marked = false;
    this.#depth++;
    try {
      const result = work();
      marked = Boolean(info.mark);
      return result;
    } catch (error) {
      this.#undo(mark);
      throw error;
    } finally {
      this.#depth--;
      if (this.#depth === 0 && (this.#changes.length > 0 || marked)) {
        const commit: Commit = { info, at: this.#now(), changes: this.#changes };
        this.#changes = [];
        for (const listener of this.#listeners) listener(commit);
      }
    }
  }

  /** What `work` would return, with nothing of what it wrote: nobody hears of it, and only ids are used up. */
  rehearse<T>(work: () => T): T {
    const mark = this.#changes.length;
    this.#depth++;
    try {
      return work();
    } finally {
      this.#undo(mark);
      this.#depth--;
    }
  }

  put(table: RecordTable, record: StoredRecord): void {
    const before = table.records.get(idOf(record)) ?? null;
    table.set(record);
    this.#note(
      before === null
        ? { type: 'CREATE', table, before, after: record }
        : { type: 'UPDATE', table, before, after: record },
    );
  }

  /** A platform event: listeners hear of it, and it is not kept. */
  publish(table: RecordTable, record: StoredRecord): void {
    this.#note({ type: 'CREATE', table, before: null, after: record });
  }

  /** Moves a record to the recycle bin. */
  remove(table: RecordTable, record: StoredRecord, binned: Omit<BinnedRecord, 'record'>): void {
    const id = idOf(record);
    const after = record.slice();
    after[IS_DELETED] = true;
    const entry: BinnedRecord = { record: after, ...binned };
    table.unset(id);
    table.bin.set(id, entry);
    entry.company.push({ table, id });
    this.#note({ type: 'DELETE', table, before: record, after: null, binned: entry });
  }

  /** Takes a record out of the recycle bin. */
  restore(table: RecordTable, binned: BinnedRecord, after: StoredRecord): void {
    after[IS_DELETED] = false;
    table.bin.delete(idOf(after));
    table.set(after);
    this.#note({ type: 'UNDELETE', table, before: null, after, binned });
  }

  /** Removes a record from the recycle bin for good. */
  purge(table: RecordTable, id: string): void {
    const binned = table.bin.get(id);
    if (!binned) return;
    table.bin.delete(id);
    table.purged.set(id, binned.deletedAt);
    this.#note({ type: 'PURGE', table, before: binned.record, after: null, binned });
  }

  #note(change: Change): void {
    if (this.#depth > 0) this.#changes.push(change);
  }

  #undo(mark: number): void {
    for (const change of this.#changes.splice(mark).reverse()) {
      const { table } = change;
      switch (change.type) {
        case 'CREATE':
          table.unset(idOf(change.after));
          break;
        case 'UPDATE':
          table.set(change.before);
          break;
        case 'DELETE':
          table.bin.delete(idOf(change.before));
          table.set(change.before);
          break;
        case 'UNDELETE':
          table.unset(idOf(change.after));
          table.bin.set(idOf(change.after), change.binned);
          break;
        case 'PURGE':
          table.purged.delete(idOf(change.before));
          table.bin.set(idOf(change.before), change.binned);
      }
    }
  }
}
