import { readdirSync, readFileSync } from 'node:fs';
import { z } from 'zod';
import type { FieldTypeName } from '../../shared/domain/sobject.ts';

/** The schema files say what differs from a plain field; this module spells out the whole describe. */
const FieldFile = z.strictObject({
  name: z.string(),
  label: z.string(),
  type: z.string(),
  length: z.number().optional(),
  precision: z.number().optional(),
  scale: z.number().optional(),
  digits: z.number().optional(),
  required: z.boolean().optional(),
  notNull: z.boolean().optional(),
  defaulted: z.boolean().optional(),
  default: z.string().optional(),
  nameField: z.boolean().optional(),
  externalId: z.boolean().optional(),
  idLookup: z.boolean().optional(),
  unique: z.boolean().optional(),
  caseSensitive: z.boolean().optional(),
  readOnly: z.boolean().optional(),
  formula: z.boolean().optional(),
  autoNumber: z.boolean().optional(),
  compound: z.string().optional(),
  referenceTo: z.array(z.string()).optional(),
  relationshipName: z.string().optional(),
  restricted: z.boolean().optional(),
  values: z.array(z.string()).optional(),
  controller: z.string().optional(),
  validFor: z.record(z.string(), z.array(z.string())).optional(),
});

const ObjectFile = z.strictObject({
  name: z.string(),
  label: z.string(),
  labelPlural: z.string(),
  keyPrefix: z.string().length(3),
  readOnly: z.boolean().optional(),
  fields: z.array(FieldFile),
  validationRules: z
    .array(z.strictObject({ field: z.string(), test: z.literal('negative'), message: z.string() }))
    .optional(),
});

export interface PicklistValue {
  active: boolean;
  defaultValue: boolean;
  label: string;
  validFor: string | null;
  value: string;
}

/** A field as describe answers it (REST API Developer Guide, "sObject Describe"). */
export interface Field {
  name: string;
  label: string;
  type: FieldTypeName;
  soapType: string;
  length: number;
  byteLength: number;
  precision: number;
  scale: number;
  digits: number;
  nillable: boolean;
  defaultedOnCreate: boolean;
  defaultValue: string | null;
  createable: boolean;
  updateable: boolean;
  calculated: boolean;
  autoNumber: boolean;
  externalId: boolean;
  idLookup: boolean;
  unique: boolean;
  caseSensitive: boolean;
  custom: boolean;
  nameField: boolean;
  compoundFieldName: string | null;
  referenceTo: string[];
  relationshipName: string | null;
  polymorphicForeignKey: boolean;
  restrictedPicklist: boolean;
  dependentPicklist: boolean;
  controllerName: string | null;
  picklistValues: PicklistValue[];
  encrypted: boolean;
  permissionable: boolean;
  sortable: boolean;
  filterable: boolean;
  groupable: boolean;
  deprecatedAndHidden: boolean;
}

export interface SObject {
  name: string;
  label: string;
  labelPlural: string;
  keyPrefix: string;
  custom: boolean;
  readOnly: boolean;
  fields: Field[];
  byName: Map<string, Field>;
  validationRules: { field: string; test: 'negative'; message: string }[];
}

export type Schema = Map<string, SObject>;

const SOAP_TYPES: Record<string, string> = {
  id: 'tns:ID',
  reference: 'tns:ID',
  boolean: 'xsd:boolean',
  int: 'xsd:int',
  double: 'xsd:double',
  currency: 'xsd:double',
  percent: 'xsd:double',
  date: 'xsd:date',
  datetime: 'xsd:dateTime',
  time: 'xsd:time',
  address: 'urn:address',
};

/** base64 of a bitmap whose bit n (highest first) allows the controller's n-th entry. */
function bitmap(indexes: number[], size: number): string {
  const bytes = new Uint8Array(Math.ceil(size / 8));
  for (const index of indexes) bytes[index >> 3] = (bytes[index >> 3] ?? 0) | (0x80 >> (index & 7));
  return Buffer.from(bytes).toString('base64');
}

function toField(file: z.infer<typeof FieldFile>, objectFields: z.infer<typeof FieldFile>[]): Field {
  const type = file.type as FieldTypeName;
  const writable = !file.readOnly && !file.formula && !file.autoNumber;
  const controller = objectFields.find((candidate) => candidate.name === file.controller);
  const length =
    file.length ??
    (type === 'reference' || type === 'id' ? 18 : type === 'picklist' ? 255 : type === 'multipicklist' ? 4099 : 0);
  return {
    name: file.name,
    label: file.label,
    type,
    soapType: SOAP_TYPES[type] ?? 'xsd:string',
    length,
    byteLength: length * 3,
    precision: file.precision ?? 0,
    scale: file.scale ?? 0,
    digits: file.digits ?? 0,
    nillable: !file.required && !file.notNull && type !== 'boolean',
    defaultedOnCreate: Boolean(file.defaulted) || type === 'boolean' || Boolean(file.autoNumber),
    defaultValue: file.default ?? null,
    createable: writable,
    updateable: writable,
    calculated: Boolean(file.formula),
    autoNumber: Boolean(file.autoNumber),
    externalId: Boolean(file.externalId),
    idLookup: Boolean(file.externalId) || Boolean(file.idLookup),
    unique: Boolean(file.unique),
    caseSensitive: Boolean(file.caseSensitive),
    custom: file.name.endsWith('__c'),
    nameField: Boolean(file.nameField),
    compoundFieldName: file.compound ?? null,
    referenceTo: file.referenceTo ?? [],
    relationshipName: file.relationshipName ?? null,
    polymorphicForeignKey: (file.referenceTo?.length ?? 0) > 1,
    restrictedPicklist: Boolean(file.restricted),
    dependentPicklist: file.controller !== undefined,
    controllerName: file.controller ?? null,
    picklistValues: (file.values ?? []).map((text) => {
      const allowed = file.validFor?.[text] ?? [];
      const entries = controller?.values ?? [];
      return {
        active: true,
        defaultValue: file.default === text,
        label: text,
        validFor: controller
          ? bitmap(
              allowed.map((one) => entries.indexOf(one)),
              entries.length,
            )
          : null,
        value: text,
      };
    }),
    encrypted: false,
    permissionable: !file.required,
    sortable: type !== 'textarea' && type !== 'address',
    filterable: type !== 'address' && !(type === 'textarea' && length > 255),
    groupable: type !== 'textarea' && type !== 'address',
    deprecatedAndHidden: false,
  };
}

/** Fields every object has. */
const SYSTEM_FIELDS: z.infer<typeof FieldFile>[] = [
  { name: 'Id', label: 'Record ID', type: 'id', readOnly: true, notNull: true, idLookup: true, defaulted: true },
  { name: 'IsDeleted', label: 'Deleted', type: 'boolean', readOnly: true },
];
const AUDIT_FIELDS: z.infer<typeof FieldFile>[] = [
  { name: 'CreatedDate', label: 'Created Date', type: 'datetime', readOnly: true, notNull: true, defaulted: true },
  {
    name: 'CreatedById',
    label: 'Created By ID',
    type: 'reference',
    referenceTo: ['User'],
    relationshipName: 'CreatedBy',
    readOnly: true,
    notNull: true,
    defaulted: true,
  },
  {
    name: 'LastModifiedDate',
    label: 'Last Modified Date',
    type: 'datetime',
    readOnly: true,
    notNull: true,
    defaulted: true,
  },
  {
    name: 'LastModifiedById',
    label: 'Last Modified By ID',
    type: 'reference',
    referenceTo: ['User'],
    relationshipName: 'LastModifiedBy',
    readOnly: true,
    notNull: true,
    defaulted: true,
  },
  {
    name: 'SystemModstamp',
    label: 'System Modstamp',
    type: 'datetime',
    readOnly: true,
    notNull: true,
    defaulted: true,
  },
];

function toSObject(text: string): SObject {
  const file = ObjectFile.parse(JSON.parse(text));
  const all = [...SYSTEM_FIELDS, ...file.fields, ...AUDIT_FIELDS];
  const fields = all.map((field) => toField(file.readOnly ? { ...field, readOnly: true } : field, all));
  return {
    name: file.name,
    label: file.label,
    labelPlural: file.labelPlural,
    keyPrefix: file.keyPrefix,
    custom: file.name.endsWith('__c'),
    readOnly: Boolean(file.readOnly),
    fields,
    byName: new Map(fields.map((field) => [field.name.toLowerCase(), field])),
    validationRules: file.validationRules ?? [],
  };
}

export function loadSchema(): Schema {
  const folder = new URL('./schema/', import.meta.url);
  const objects = readdirSync(folder)
    .sort()
    .map((file) => toSObject(readFileSync(new URL(file, folder), 'utf8')));
  return new Map(objects.map((object) => [object.name.toLowerCase(), object]));
}

/** Fields a profile may see and edit. The standard user can read revenue but not change it. */
export type Profile = 'admin' | 'standard';
const READ_ONLY_FOR_STANDARD = new Set(['Account.AnnualRevenue', 'Account.Credit_Limit__c']);

export function isWritable(object: SObject, field: Field, profile: Profile, operation: 'create' | 'update'): boolean {
  if (profile === 'standard' && READ_ONLY_FOR_STANDARD.has(`${object.name}.${field.name}`)) return false;
  return operation === 'create' ? field.createable : field.updateable;
}

export function objectSummary(object: SObject): Record<string, unknown> {
  const writable = !object.readOnly;
  return {
    name: object.name,
    label: object.label,
    labelPlural: object.labelPlural,
    keyPrefix: object.keyPrefix,
    custom: object.custom,
    customSetting: false,
    createable: writable,
    updateable: writable,
    deletable: writable,
    undeletable: writable,
    queryable: true,
    retrieveable: true,
    searchable: true,
    replicateable: true,
    layoutable: true,
    mergeable: false,
    triggerable: true,
    activateable: false,
    deprecatedAndHidden: false,
  };
}

export function describe(object: SObject, profile: Profile): Record<string, unknown> {
  return {
    ...objectSummary(object),
    childRelationships: [],
    recordTypeInfos: [],
    fields: object.fields.map((field) => ({
      ...field,
      createable: isWritable(object, field, profile, 'create'),
      updateable: isWritable(object, field, profile, 'update'),
    })),
  };
}
