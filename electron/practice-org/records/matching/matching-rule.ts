import type { RulesFile } from '../../schema/schema-file.ts';
import type { Field } from '../../schema/schema.ts';
import { idOf, type RecordStore, type RecordTable, type StoredRecord } from '../record-store.ts';
import { waysOf } from './boolean-filter.ts';
import { matchKeysOf, type KeyPart } from './match-keys.ts';
import { matchScore, THRESHOLDS, type MatchingMethod } from './methods.ts';

interface Item {
  readonly field: Field;
  readonly method: MatchingMethod;
  readonly matchBlanks: boolean;
}

export interface Match {
  readonly record: StoredRecord;
  /** 0 to 100. */
  readonly confidence: number;
}

/** The values that a rule compares, in the order of its items; blanks are empty. */
type Values = readonly string[];

const IGNORED = 'ignored';

/** One matching rule over the records of its object, which it finds by match keys. */
export class MatchingRule {
  readonly file: RulesFile['matchingRules'][number];
  readonly #store: RecordStore;
  readonly #table: RecordTable;
  readonly #items: Item[];
  readonly #ways: number[][];
  readonly #keys: KeyPart[][];
  readonly #standardPerson: boolean;
  /** Objects whose names it compares, as a contact's account. */
  readonly #followed: RecordTable[];
  #index: Map<string, Set<string>> | null = null;

  /** Throws for a field that the object doesn't have and for a filter that is none. */
  constructor(store: RecordStore, table: RecordTable, file: RulesFile['matchingRules'][number]) {
    this.file = file;
    this.#store = store;
    this.#table = table;
    this.#items = file.items.map(({ field: name, method, matchBlanks }) => {
      const field = table.field(name);
      if (field?.kind !== 'stored') throw new Error(`${file.object} has no field ${name} to match by`);
      return { field, method, matchBlanks };
    });
    this.#ways = waysOf(file.booleanFilter, file.items.length);
    this.#standardPerson = /^Standard_(?:Contact|Lead)_Match_Rule/.test(file.name);
    this.#keys = matchKeysOf(file.items, this.#ways, this.#standardPerson);
    this.#followed = this.#items.flatMap(({ field, method }) =>
      method === 'CompanyName' ? field.referenceTo.flatMap((name) => store.table(name) ?? []) : [],
    );
  }

  /** Keeps the index as the records change; a followed record's new name makes it anew. */
  note(table: RecordTable, before: StoredRecord | null, after: StoredRecord | null): void {
    if (this.#followed.includes(table) && before && this.#nameOf(before) !== (after ? this.#nameOf(after) : null))
      this.#index = null;
    if (!this.#index || table !== this.#table) return;
    if (before) for (const key of this.#keysOf(this.#valuesOf(before))) this.#index.get(key)?.delete(idOf(before));
    if (after) this.#enter(this.#index, after);
  }

  /** The records that match one, which need not be kept yet; never itself. */
  find(record: StoredRecord): Match[] {
    const index = this.#indexed();
    const values = this.#valuesOf(record);
    const swapped = this.#swapped(values);
    const ids = new Set<string>();
    for (const key of [...this.#keysOf(values), ...(swapped ? this.#keysOf(swapped) : [])])
      for (const id of index.get(key) ?? []) if (id !== record[0]) ids.add(id);
    return [...ids].flatMap((id) => {
      const found = this.#table.records.get(id);
      if (!found) return [];
      const others = this.#valuesOf(found);
      const confidence = Math.max(this.#score(values, others), swapped ? this.#score(swapped, others) : 0);
      return confidence > 0 ? [{ record: found, confidence }] : [];
    });
  }

  /** The best of the ways in which all items match: the mean of their scores. 0 where none does. */
  #score(one: Values, other: Values): number {
    return Math.max(0, ...this.#ways.map((way) => this.#wayScore(way, one, other)));
  }

  #wayScore(way: readonly number[], one: Values, other: Values): number {
    const withEmail = way.some((number) => this.#items[number - 1]?.field.name === 'Email');
    const scores: number[] = [];
    for (const number of way) {
      const item = this.#items[number - 1];
      if (!item) return 0;
      const score = this.#itemScore(item, one[number - 1] ?? '', other[number - 1] ?? '', withEmail);
      if (score === IGNORED) continue;
      if (score < THRESHOLDS[item.method]) return 0;
      scores.push(score);
    }
    return scores.length === 0 ? 0 : Math.round(scores.reduce((sum, score) => sum + score, 0) / scores.length);
  }

  /**
   * The standard rules for people ignore a blank first or last name "when Email is included in field grouping" (Salesforce
   * Help, "Standard Contact Matching Rule and Standard Lead Matching Rule", Blank Fields); elsewhere a blank matches a blank
   * at most (Object Reference, "MatchingRuleItem", BlankValueBehavior).
   */
  #itemScore(item: Item, one: string, other: string, withEmail: boolean): number | typeof IGNORED {
    if (one !== '' && other !== '') return matchScore(item.method, one, other);
    if (this.#standardPerson && withEmail && (item.method === 'FirstName' || item.method === 'LastName'))
      return IGNORED;
    return item.matchBlanks && one === other ? 100 : 0;
  }

  /** The first and the last name in each other's place, "to account for possible data entry mistakes" (as above). */
  #swapped(values: Values): string[] | null {
    if (!this.#standardPerson) return null;
    const first = this.#items.findIndex(({ method }) => method === 'FirstName');
    const last = this.#items.findIndex(({ method }) => method === 'LastName');
    const [firstName = '', lastName = ''] = [values[first], values[last]];
    return firstName === '' || lastName === '' ? null : values.with(first, lastName).with(last, firstName);
  }

  #valuesOf(record: StoredRecord): string[] {
    return this.#items.map(({ field, method }) => {
      const value = record[field.slot] ?? null;
      if (value === null) return '';
      if (method !== 'CompanyName' || field.type !== 'reference') return String(value).trim();
      const parent = this.#store.record(String(value));
      return parent ? this.#nameOf(parent) : '';
    });
  }

  #nameOf(record: StoredRecord): string {
    const { object } = this.#store.tableOfId(idOf(record)) ?? this.#table;
    const slot = object.fields.find((field) => field.nameField)?.slot;
    return slot === undefined ? '' : String(record[slot] ?? '').trim();
  }

  #keysOf(values: Values): string[] {
    return this.#keys.flatMap((parts, number) => {
      const made = parts.map(({ item, normalise }) => {
        const value = values[item] ?? '';
        return value === '' && this.#items[item]?.matchBlanks ? '\u0000' : normalise(value);
      });
      return made.includes('') ? [] : [[number, ...made].join('\u0001')];
    });
  }

  #indexed(): Map<string, Set<string>> {
    if (this.#index) return this.#index;
    const index = new Map<string, Set<string>>();
    for (const record of this.#table.records.values()) this.#enter(index, record);
    this.#index = index;
    return index;
  }

  #enter(index: Map<string, Set<string>>, record: StoredRecord): void {
    for (const key of this.#keysOf(this.#valuesOf(record))) {
      const ids = index.get(key);
      if (ids) ids.add(idOf(record));
      else index.set(key, new Set([idOf(record)]));
    }
  }
}
