import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { FieldTypeName } from '../../../shared/domain/sobject.ts';
import { ObjectFile, OrgFile, SchemaAddition, type FieldFile } from './schema-file.ts';

export interface PicklistValue {
  active: boolean;
  defaultValue: boolean;
  label: string;
  validFor: string | null;
  value: string;
}

/** A field as the org works with it; `describe.ts` prints it as Salesforce does. */
export interface Field {
  readonly name: string;
  readonly label: string;
  readonly type: FieldTypeName;
  /** Where a record keeps the value. */
  readonly slot: number;
  /** `stored` values lie in their slot; the others are worked out when they are read. */
  readonly kind: 'stored' | 'formula' | 'compound';
  readonly length: number;
  readonly precision: number;
  readonly scale: number;
  readonly digits: number;
  readonly nillable: boolean;
  readonly defaultedOnCreate: boolean;
  readonly defaultValue: string | number | boolean | null;
  readonly createable: boolean;
  readonly updateable: boolean;
  readonly autoNumber: string | null;
  readonly formula: string | null;
  readonly rollUp: FieldFile['rollUp'] | null;
  readonly externalId: boolean;
  readonly idLookup: boolean;
  readonly unique: boolean;
  readonly caseSensitive: boolean;
  readonly custom: boolean;
  readonly nameField: boolean;
  readonly compoundFieldName: string | null;
  readonly referenceTo: string[];
  readonly relationshipName: string | null;
  readonly childRelationshipName: string | null;
  readonly masterDetail: boolean;
  readonly reparentable: boolean;
  readonly onDelete: 'clear' | 'restrict' | 'cascade';
  readonly restrictedPicklist: boolean;
  readonly territory: 'state' | 'country' | null;
  readonly controllerName: string | null;
  readonly picklistValues: PicklistValue[];
  readonly help: string | null;
}

export interface ValidationRule {
  readonly name: string;
  readonly errorCondition: string;
  readonly field?: string | undefined;
  readonly message: string;
}

export interface SObject {
  readonly name: string;
  readonly label: string;
  readonly labelPlural: string;
  readonly keyPrefix: string;
  readonly custom: boolean;
  /** Platform events are published, never stored. */
  readonly event: boolean;
  readonly readOnly: boolean;
  readonly searchable: boolean;
  readonly mergeable: boolean;
  readonly fields: Field[];
  /** By lower-case API name. */
  readonly byName: Map<string, Field>;
  readonly validationRules: ValidationRule[];
  readonly sampleRecords: number;
  /** Person accounts and contacts and leads put their Name together from its parts. */
  readonly personName: boolean;
}

/** By lower-case API name. */
export type Schema = Map<string, SObject>;

/** The slots every record starts with, whatever its object. */
export const ID = 0;
export const IS_DELETED = 1;
export const CREATED_DATE = 2;
export const CREATED_BY = 3;
export const MODIFIED_DATE = 4;
export const MODIFIED_BY = 5;
export const MODSTAMP = 6;

const FIRST_FIELDS: FieldFile[] = [
  { name: 'Id', label: 'Record ID', type: 'id', readOnly: true, notNull: true, idLookup: true, defaulted: true },
  { name: 'IsDeleted', label: 'Deleted', type: 'boolean', readOnly: true },
];
const audit = (name: string, label: string, user: string | null): FieldFile => ({
  name,
  label,
  type: user === null ? 'datetime' : 'reference',
  readOnly: true,
  notNull: true,
  defaulted: true,
  ...(user === null ? {} : { referenceTo: ['User'], relationshipName: user }),
});
const LAST_FIELDS: FieldFile[] = [
  audit('CreatedDate', 'Created Date', null),
  audit('CreatedById', 'Created By ID', 'CreatedBy'),
  audit('LastModifiedDate', 'Last Modified Date', null),
  audit('LastModifiedById', 'Last Modified By ID', 'LastModifiedBy'),
  audit('SystemModstamp', 'System Modstamp', null),
];
const SYSTEM_SLOTS = new Map(
  ['Id', 'IsDeleted', 'CreatedDate', 'CreatedById', 'LastModifiedDate', 'LastModifiedById', 'SystemModstamp'].map(
    (name, slot) => [name, slot],
  ),
);

/** base64 of a bitmap whose bit n (highest first) allows the controller's n-th entry (SOAP API guide, "validFor"). */
function bitmap(indexes: number[], size: number): string {
  const bytes = new Uint8Array(Math.ceil(size / 8));
  for (const index of indexes) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (0x80 >> (index & 7));
  return Buffer.from(bytes).toString('base64');
}

const textOf = (entry: NonNullable<FieldFile['values']>[number]): string =>
  typeof entry === 'string' ? entry : entry.value;

function picklistValues(file: FieldFile, siblings: FieldFile[]): PicklistValue[] {
  const controller = siblings.find((candidate) => candidate.name === file.controller);
  const entries =
    controller?.type === 'boolean' ? ['false', 'true'] : (controller?.values ?? []).map((entry) => textOf(entry));
  return (file.values ?? []).map((entry) => {
    const value = textOf(entry);
    return {
      active: typeof entry === 'string' || entry.active,
      defaultValue: file.default === value,
      label: typeof entry === 'string' ? value : (entry.label ?? value),
      validFor: controller
        ? bitmap(
            (file.validFor?.[value] ?? []).map((one) => entries.indexOf(one)),
            entries.length,
          )
        : null,
      value,
    };
  });
}

const LENGTHS: Partial<Record<FieldTypeName, number>> = {
  reference: 18,
  id: 18,
  picklist: 255,
  // What orgs answer of such a field (User Interface API, object info of a MultiPicklist); no document states it.
  multipicklist: 4099,
  email: 80,
  phone: 40,
  url: 255,
};

function toField(file: FieldFile, siblings: FieldFile[], slot: number): Field {
  const { type } = file;
  const compound = type === 'address' || type === 'location';
  const derived = file.formula !== undefined || file.autoNumber !== undefined || file.rollUp !== undefined || compound;
  const writable = !file.readOnly && !derived;
  return {
    name: file.name,
    label: file.label,
    type,
    slot,
    kind: file.formula !== undefined ? 'formula' : compound ? 'compound' : 'stored',
    length: file.length ?? LENGTHS[type] ?? 0,
    precision: file.precision ?? 0,
    scale: file.scale ?? 0,
    digits: file.digits ?? 0,
    // Every record has an owner ("Owner ID: owner cannot be blank", CumulusCI issue 3400 and SFDMU issue 1156 on GitHub).
    nillable: !file.required && !file.notNull && type !== 'boolean' && !file.masterDetail && file.name !== 'OwnerId',
    defaultedOnCreate:
      Boolean(file.defaulted) ||
      type === 'boolean' ||
      file.autoNumber !== undefined ||
      (file.default !== undefined && !file.required),
    defaultValue: file.default ?? (type === 'boolean' ? false : null),
    createable: writable,
    updateable: writable && !file.createOnly && !(file.masterDetail && !file.reparentable),
    autoNumber: file.autoNumber ?? null,
    formula: file.formula ?? null,
    rollUp: file.rollUp ?? null,
    externalId: Boolean(file.externalId),
    idLookup: Boolean(file.externalId) || Boolean(file.idLookup),
    unique: Boolean(file.unique),
    caseSensitive: Boolean(file.caseSensitive),
    custom: file.name.endsWith('__c') || file.name.endsWith('__s'),
    nameField: Boolean(file.nameField),
    compoundFieldName: file.compound ?? null,
    referenceTo: file.referenceTo ?? [],
    relationshipName: file.relationshipName ?? null,
    childRelationshipName: file.children ?? null,
    masterDetail: Boolean(file.masterDetail),
    reparentable: Boolean(file.reparentable),
    // A required lookup cannot be emptied, so Salesforce keeps its parent.
    onDelete: file.masterDetail ? 'cascade' : (file.onDelete ?? (file.required ? 'restrict' : 'clear')),
    restrictedPicklist: Boolean(file.restricted),
    territory: file.territory ?? null,
    controllerName: file.controller ?? null,
    picklistValues: picklistValues(file, siblings),
    help: file.help ?? null,
  };
}

function toSObject(file: ObjectFile): SObject {
  const given = file.readOnly ? file.fields.map((field) => ({ ...field, readOnly: true })) : file.fields;
  const names = new Set(given.map((field) => field.name));
  const all = [...FIRST_FIELDS, ...given, ...LAST_FIELDS.filter((field) => !names.has(field.name))];
  let next = SYSTEM_SLOTS.size;
  const fields = all.map((field) => toField(field, all, SYSTEM_SLOTS.get(field.name) ?? next++));
  return {
    name: file.name,
    label: file.label,
    labelPlural: file.labelPlural,
    keyPrefix: file.keyPrefix,
    custom: /__[ce]$/.test(file.name),
    event: file.name.endsWith('__e'),
    readOnly: Boolean(file.readOnly),
    searchable: file.searchable ?? !file.readOnly,
    mergeable: Boolean(file.mergeable),
    fields,
    byName: new Map(fields.map((field) => [field.name.toLowerCase(), field])),
    validationRules: file.validationRules ?? [],
    sampleRecords: file.sampleRecords ?? 0,
    personName: given.some((field) => field.name === 'Name' && field.readOnly) && names.has('LastName'),
  };
}

function readJson<T>(schema: z.ZodType<T>, path: string | URL): T {
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw new Error(`${String(path)} is not JSON: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw new Error(`${String(path)}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

const folder = (name: string): URL => new URL(name, import.meta.url);

export interface SchemaOptions {
  /** Schema additions given by `--schema`. */
  readonly additions: readonly string[];
  readonly personAccounts: boolean;
  readonly multiCurrency: boolean;
  readonly stateCountryPicklists: boolean;
}

/** Reads the schema files and what is added to them. Throws with the file's name where one is malformed. */
export function loadSchema(options: SchemaOptions): Schema {
  const objects = readdirSync(folder('./objects/'))
    .sort()
    .map((file) => readJson(ObjectFile, folder(`./objects/${file}`)));
  const additions = [
    ...(options.personAccounts ? [folder('./features/person-accounts.json')] : []),
    ...(options.multiCurrency ? [folder('./features/multi-currency.json')] : []),
    ...(options.stateCountryPicklists ? [folder('./features/state-country-picklists.json')] : []),
    ...options.additions,
  ].map((path) => readJson(SchemaAddition, path));
  for (const addition of additions) {
    for (const object of addition.objects) {
      const at = objects.findIndex((known) => known.name === object.name);
      if (at < 0) objects.push(object);
      else objects[at] = object;
    }
    for (const object of objects) {
      const fields = [...(addition.fields[object.name] ?? []), ...(object.readOnly ? [] : addition.everyObject)];
      const replaced = new Set(fields.map((field) => field.name));
      object.fields = [...object.fields.filter((field) => !replaced.has(field.name)), ...fields];
    }
  }
  checkObjects(objects);
  return new Map(objects.map((object) => [object.name.toLowerCase(), toSObject(object)]));
}

/** What no file can see of itself: prefixes that two objects share, and lookups to objects that are not there. */
function checkObjects(objects: readonly ObjectFile[]): void {
  const byPrefix = new Map<string, string>();
  const names = new Set(objects.map((object) => object.name));
  for (const { name, keyPrefix, fields } of objects) {
    const other = byPrefix.get(keyPrefix);
    if (other !== undefined) throw new Error(`${name} and ${other} have the same keyPrefix ${keyPrefix}`);
    byPrefix.set(keyPrefix, name);
    for (const field of fields) {
      const missing = (field.referenceTo ?? []).find((target) => !names.has(target));
      if (missing !== undefined) throw new Error(`${name}.${field.name} refers to ${missing}, which is no object of the schema`);
      if (field.type === 'reference' && (field.referenceTo ?? []).length === 0)
        throw new Error(`${name}.${field.name} is a reference without referenceTo`);
    }
  }
}

export function loadOrgFile(): OrgFile {
  return readJson(OrgFile, folder('./org.json'));
}

/** The fields of any object that point at `parent`, with the object they are on. */
export function childFields(schema: Schema, parent: SObject): { object: SObject; field: Field }[] {
  const found: { object: SObject; field: Field }[] = [];
  for (const object of schema.values()) {
    for (const field of object.fields) if (field.referenceTo.includes(parent.name)) found.push({ object, field });
  }
  return found;
}

/** The name of a field's list on the parent: as the file says, or `Things__r` for custom objects. */
export function childRelationshipName(object: SObject, field: Field): string | null {
  if (field.childRelationshipName !== null) return field.childRelationshipName;
  if (!field.custom) return null;
  return `${object.labelPlural.replaceAll(/\W+/g, '_')}__r`;
}
