import { compileFormula, type Formula } from './formula.ts';
import { DuplicateRules } from './duplicate-rules.ts';
import { RowLocks } from './row-locks.ts';
import { makeId } from './record-ids.ts';
import { idOf, RecordStore, type RecordTable, type Stored, type StoredRecord } from './record-store.ts';
import { Profile } from '../schema/profile.ts';
import type { OrgFile } from '../schema/schema-file.ts';
import { childFields, type Field, type Schema, type SObject } from '../schema/schema.ts';
import type { RecordTypeInfo } from '../schema/describe.ts';

export const ORG_ID = makeId('00D', 1);

/** Who is asking: a user and what their profile allows. */
export interface Session {
  readonly user: StoredRecord;
  readonly userId: string;
  readonly username: string;
  readonly profile: Profile;
}

export interface RecordType extends RecordTypeInfo {
  /** Restricted picklists of which this record type has only these values, by lower-case field name. */
  readonly picklists: ReadonlyMap<string, ReadonlySet<string>>;
}

export interface CompiledRule {
  readonly message: string;
  readonly field: string | null;
  readonly errorCondition: Formula;
}

/** A roll-up summary field and where it counts from. */
export interface RollUp {
  readonly master: RecordTable;
  readonly detail: RecordTable;
  readonly field: Field;
  readonly via: Field;
  readonly function: 'COUNT' | 'SUM' | 'MIN' | 'MAX';
  readonly summed: Field | null;
  readonly where: Formula | null;
}

/** What a save must know about its object, worked out once. */
export interface ObjectRules {
  readonly required: readonly Field[];
  readonly unique: readonly Field[];
  readonly autoNumbers: readonly Field[];
  readonly template: StoredRecord;
  readonly owner: Field | null;
  readonly recordType: Field | null;
  readonly name: Field | null;
  readonly validationRules: readonly CompiledRule[];
  readonly rollUps: readonly RollUp[];
  /** Master-detail fields: saving a detail locks its masters. */
  readonly masters: readonly Field[];
  /** These and the lookups whose records can't be deleted while others name them. */
  readonly parents: readonly Field[];
  readonly children: readonly { readonly table: RecordTable; readonly field: Field }[];
}

/** A value as JSON has it: compound fields are objects. */
export type FieldValue = Stored | Record<string, Stored>;

/** The org as its APIs see it: records, and the rules that lie over them. */
export class OrgData {
  readonly schema: Schema;
  readonly store: RecordStore;
  readonly file: OrgFile;
  readonly duplicateRules: DuplicateRules;
  readonly locks = new RowLocks();
  readonly now: () => number;
  readonly #rules = new Map<SObject, ObjectRules>();
  readonly #recordTypes = new Map<SObject, readonly RecordType[]>();
  readonly #formulas = new Map<Field, Formula>();
  readonly #parts = new Map<Field, { readonly key: string; readonly field: Field }[]>();
  readonly #profiles: ReadonlyMap<string, Profile>;
  readonly #removed: {
    readonly object: SObject;
    readonly field: Field;
    readonly at: number;
    readonly rules: ObjectRules;
  }[] = [];
  #schemaVersion = 0;

  constructor(schema: Schema, file: OrgFile, now: () => number) {
    this.schema = schema;
    this.store = new RecordStore(schema, now);
    this.file = file;
    this.now = now;
    this.duplicateRules = new DuplicateRules(this.store, file);
    this.#profiles = new Map(file.profiles.map((profile) => [profile.name, new Profile(profile)]));
    // A schema file with a formula that does not compile is refused at the start, not when a record is read.
    for (const table of this.store.tables()) {
      for (const field of table.object.fields) if (field.formula !== null) this.#formulaOf(table, field);
      this.rules(table);
    }
  }

  session(username: string): Session | null {
    const entry = this.file.users.find((user) => user.active && user.username === username.trim().toLowerCase());
    const users = this.store.table('User');
    const field = users?.field('Username');
    const user = entry && users && field ? users.find(field, entry.username)[0] : undefined;
    const profile = this.#profiles.get(entry?.profile ?? '');
    return entry && user && profile ? { user, userId: idOf(user), username: entry.username, profile } : null;
  }

  recordTypes(object: SObject): readonly RecordType[] {
    const known = this.#recordTypes.get(object);
    if (known) return known;
    const own = this.file.recordTypes.filter((type) => type.object === object.name);
    const types: RecordType[] = own.map((type) => ({
      name: type.name,
      developerName: type.developerName,
      recordTypeId: makeId('012', this.file.recordTypes.indexOf(type) + 1),
      defaultRecordTypeMapping: type.default,
      active: type.active,
      master: false,
      picklists: new Map(Object.entries(type.picklists).map(([name, values]) => [name.toLowerCase(), new Set(values)])),
    }));
    const master: RecordType = {
      name: 'Master',
      developerName: 'Master',
      recordTypeId: '012000000000000AAA',
      defaultRecordTypeMapping: own.length === 0,
      active: true,
      master: true,
      picklists: new Map(),
    };
    const all = [...types, master];
    this.#recordTypes.set(object, all);
    return all;
  }

  /** A field's value in a record: kept, or worked out from others. */
  read(table: RecordTable, record: StoredRecord, field: Field): FieldValue {
    if (field.kind === 'stored') return record[field.slot] ?? null;
    if (field.kind === 'formula') {
      const value = this.#formulaOf(table, field)(record, { now: this.now() });
      return typeof value === 'number' && field.scale >= 0 && field.type !== 'int'
        ? Number(value.toFixed(field.scale))
        : value;
    }
    return this.#compound(table, record, field);
  }

  rules(table: RecordTable): ObjectRules {
    const known = this.#rules.get(table.object);
    if (known) return known;
    const { fields } = table.object;
    const width = Math.max(...fields.map((field) => field.slot)) + 1;
    const template: StoredRecord = Array.from({ length: width }, () => null);
    for (const field of fields) template[field.slot] = field.kind === 'stored' ? field.defaultValue : null;
    for (const field of fields)
      if (field.rollUp?.function === 'COUNT' || field.rollUp?.function === 'SUM') template[field.slot] = 0;
    const made: ObjectRules = {
      required: fields.filter((field) => !field.nillable && !field.defaultedOnCreate && field.createable),
      unique: fields.filter((field) => field.unique),
      autoNumbers: fields.filter((field) => field.autoNumber !== null),
      template,
      owner: table.field('OwnerId') ?? null,
      recordType: table.field('RecordTypeId') ?? null,
      name: fields.find((field) => field.nameField) ?? null,
      validationRules: table.object.validationRules.map((rule) => ({
        message: rule.message,
        field: rule.field ?? null,
        errorCondition: this.compile(table, rule.errorCondition),
      })),
      rollUps: this.#rollUpsFrom(table),
      masters: fields.filter((field) => field.masterDetail),
      parents: fields.filter((field) => field.masterDetail || field.onDelete === 'restrict'),
      children: childFields(this.schema, table.object).flatMap(({ object, field }) => {
        const child = this.store.table(object.name);
        return child && child.hasIndex(field) ? [{ table: child, field }] : [];
      }),
    };
    this.#rules.set(table.object, made);
    return made;
  }

  compile(table: RecordTable, source: string): Formula {
    return compileFormula(source, table, this.store, (from, record, name) => {
      const field = from.field(name);
      const value = field ? this.read(from, record, field) : null;
      return typeof value === 'object' ? null : value;
    });
  }

  /** Empties the tables for a reset; listeners are not told. */
  clear(): void {
    this.#restoreFields();
    for (const table of this.store.tables()) table.clear();
    this.duplicateRules.set(this.file);
  }

  /** Counts how often the schema changed: describes made before are out of date. */
  get schemaVersion(): number {
    return this.#schemaVersion;
  }

  /** Takes a field off its object, as an administrator does who deletes it. False if there is no such field. */
  removeField(objectName: string, fieldName: string): boolean {
    const table = this.store.table(objectName);
    const field = table?.field(fieldName);
    if (!table || !field || field.type === 'id') return false;
    const { object } = table;
    const rules = this.rules(table);
    const at = object.fields.indexOf(field);
    this.#removed.push({ object, field, at, rules });
    object.fields.splice(at, 1);
    object.byName.delete(field.name.toLowerCase());
    const kept = (fields: readonly Field[]): Field[] => fields.filter((one) => one !== field);
    this.#rules.set(object, {
      ...rules,
      required: kept(rules.required),
      unique: kept(rules.unique),
      autoNumbers: kept(rules.autoNumbers),
      masters: kept(rules.masters),
      parents: kept(rules.parents),
      owner: rules.owner === field ? null : rules.owner,
      recordType: rules.recordType === field ? null : rules.recordType,
    });
    this.#schemaVersion++;
    return true;
  }

  /** Puts every field back that `removeField` took, for a reset. */
  #restoreFields(): void {
    for (const { object, field, at, rules } of this.#removed.splice(0).reverse()) {
      object.fields.splice(at, 0, field);
      object.byName.set(field.name.toLowerCase(), field);
      this.#rules.set(object, rules);
      this.#schemaVersion++;
    }
  }

  #formulaOf(table: RecordTable, field: Field): Formula {
    let formula = this.#formulas.get(field);
    if (!formula) this.#formulas.set(field, (formula = this.compile(table, field.formula ?? 'null')));
    return formula;
  }

  #rollUpsFrom(detail: RecordTable): RollUp[] {
    const found: RollUp[] = [];
    for (const master of this.store.tables()) {
      for (const field of master.object.fields) {
        const [objectName = '', viaName = ''] = field.rollUp?.via.split('.') ?? [];
        const via = detail.field(viaName);
        if (!field.rollUp || objectName !== detail.object.name || !via) continue;
        found.push({
          master,
          detail,
          field,
          via,
          function: field.rollUp.function,
          summed: detail.field(field.rollUp.field ?? '') ?? null,
          where: field.rollUp.where === undefined ? null : this.compile(detail, field.rollUp.where),
        });
      }
    }
    return found;
  }

  /** Address and geolocation fields (REST API Developer Guide, "Compound Fields"): null when every part is. */
  #compound(table: RecordTable, record: StoredRecord, field: Field): Record<string, Stored> | null {
    let parts = this.#parts.get(field);
    if (!parts) {
      const prefix = field.name.replace(/(?:Address|__c)$/, '');
      parts = table.object.fields
        .filter((part) => part.compoundFieldName === field.name)
        .map((part) => {
          const key = part.name.slice(prefix.length).replace(/^__|__s$/g, '');
          return { key: key.charAt(0).toLowerCase() + key.slice(1), field: part };
        })
        .sort((a, b) => (a.key < b.key ? -1 : 1));
      this.#parts.set(field, parts);
    }
    if (parts.every((part) => (record[part.field.slot] ?? null) === null)) return null;
    return Object.fromEntries(parts.map((part) => [part.key, record[part.field.slot] ?? null]));
  }
}
