import { z } from 'zod';

/** The parts of Salesforce's describe that a loader must honour (REST API Developer Guide, "sObject Describe"). */
export const FieldTypeName = z.enum([
  'id',
  'string',
  'boolean',
  'int',
  'double',
  'currency',
  'percent',
  'date',
  'datetime',
  'time',
  'email',
  'phone',
  'url',
  'textarea',
  'picklist',
  'multipicklist',
  'combobox',
  'reference',
  'base64',
  'address',
  'location',
  'encryptedstring',
  'anyType',
  'long',
  'complexvalue',
]);
export type FieldTypeName = z.infer<typeof FieldTypeName>;

export const PicklistEntry = z.object({
  value: z.string(),
  label: z.string().nullable().default(null),
  active: z.boolean(),
  defaultValue: z.boolean().default(false),
  validFor: z.string().nullish(),
});
export type PicklistEntry = z.infer<typeof PicklistEntry>;

export const FieldDescribe = z.object({
  name: z.string(),
  label: z.string(),
  /** What the org's admins say of the field beside it. */
  inlineHelpText: z.string().nullish(),
  type: FieldTypeName.catch('anyType'),
  length: z.number().default(0),
  precision: z.number().default(0),
  scale: z.number().default(0),
  digits: z.number().default(0),
  nillable: z.boolean(),
  defaultedOnCreate: z.boolean().default(false),
  createable: z.boolean(),
  updateable: z.boolean(),
  calculated: z.boolean().default(false),
  autoNumber: z.boolean().default(false),
  externalId: z.boolean().default(false),
  idLookup: z.boolean().default(false),
  /** Whether a WHERE clause may name it. */
  filterable: z.boolean().default(true),
  unique: z.boolean().default(false),
  caseSensitive: z.boolean().default(false),
  custom: z.boolean().default(false),
  nameField: z.boolean().default(false),
  compoundFieldName: z.string().nullish(),
  referenceTo: z.array(z.string()).default([]),
  relationshipName: z.string().nullish(),
  restrictedPicklist: z.boolean().default(false),
  dependentPicklist: z.boolean().default(false),
  controllerName: z.string().nullish(),
  picklistValues: z.array(PicklistEntry).default([]),
});
export type FieldDescribe = z.infer<typeof FieldDescribe>;

export const SObjectDescribe = z.object({
  name: z.string(),
  label: z.string(),
  labelPlural: z.string(),
  keyPrefix: z.string().nullish(),
  custom: z.boolean(),
  createable: z.boolean(),
  updateable: z.boolean(),
  deletable: z.boolean(),
  /** Whether its records can come back from the Recycle Bin; absent in what was kept before it was asked. */
  undeletable: z.boolean().optional(),
  queryable: z.boolean(),
  fields: z.array(FieldDescribe),
});
export type SObjectDescribe = z.infer<typeof SObjectDescribe>;

export const SObjectSummary = SObjectDescribe.omit({ fields: true });
export type SObjectSummary = z.infer<typeof SObjectSummary>;

/** Required on insert, as Salesforce's own import tools decide it. */
export function isRequiredOnCreate(field: FieldDescribe): boolean {
  return field.createable && !field.nillable && !field.defaultedOnCreate && field.type !== 'boolean';
}

/** Fields a record can be matched by: its id, external ids and the standard fields Salesforce marks `idLookup`. */
export function isMatchField(field: FieldDescribe): boolean {
  return field.externalId || field.idLookup || field.type === 'id';
}

/** Types of which a value can stand in an `IN (…)` list of SOQL and is one text in the file. */
const FINDING_TYPES: ReadonlySet<FieldTypeName> = new Set([
  'id',
  'string',
  'email',
  'phone',
  'url',
  'textarea',
  'picklist',
  'combobox',
  'reference',
  'int',
  'long',
  'double',
  'currency',
  'percent',
  'date',
]);

/**
 * Fields that records can be found by: those of which SOQL can filter single values. "It can be any field except a long text area
 * field, encrypted data field, or base64-encoded field" (SOQL and SOSL Reference, "fieldExpression Syntax"); text areas of up to 255
 * characters are not long ones (Object Reference, "Field Types").
 */
export function canFindBy(field: FieldDescribe): boolean {
  return field.filterable && FINDING_TYPES.has(field.type) && !(field.type === 'textarea' && field.length > 255);
}

export function fieldNamed(describe: SObjectDescribe, name: string): FieldDescribe | undefined {
  const wanted = name.toLowerCase();
  return describe.fields.find((field) => field.name.toLowerCase() === wanted);
}
