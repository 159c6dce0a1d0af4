import { z } from 'zod';
import { FieldTypeName } from '../../../shared/domain/sobject.ts';
import { MATCHING_METHODS } from '../records/matching/methods.ts';

/** The words of a schema file. A file says only what differs from a plain field; `schema.ts` spells out the rest. */
const PicklistFile = z.union([
  z.string(),
  z.strictObject({ value: z.string(), label: z.string().optional(), active: z.boolean().default(true) }),
]);

export const FieldFile = z.strictObject({
  name: z.string().regex(/^[A-Za-z]\w*$/),
  label: z.string(),
  type: FieldTypeName,
  length: z.number().int().optional(),
  precision: z.number().int().optional(),
  scale: z.number().int().optional(),
  digits: z.number().int().optional(),
  /** Asked for on insert: not nillable and without a default. */
  required: z.boolean().optional(),
  /** Never null in the org, but not asked for. */
  notNull: z.boolean().optional(),
  /** Filled by the org when a new record leaves it out. */
  defaulted: z.boolean().optional(),
  default: z.union([z.string(), z.number(), z.boolean()]).optional(),
  nameField: z.boolean().optional(),
  externalId: z.boolean().optional(),
  idLookup: z.boolean().optional(),
  unique: z.boolean().optional(),
  caseSensitive: z.boolean().optional(),
  readOnly: z.boolean().optional(),
  /** Writable on insert only. */
  createOnly: z.boolean().optional(),
  /** A formula in Salesforce's formula language (formula.ts says which part of it). */
  formula: z.string().optional(),
  /** The display format of an auto-number, `S-{0000000}`. */
  autoNumber: z.string().regex(/\{0+\}/).optional(),
  /** COUNT, SUM, MIN or MAX over the details whose master-detail field is `via`, `Object.Field`. */
  rollUp: z
    .strictObject({
      via: z.string().regex(/^\w+\.\w+$/),
      function: z.enum(['COUNT', 'SUM', 'MIN', 'MAX']),
      field: z.string().optional(),
      where: z.string().optional(),
    })
    .optional(),
  compound: z.string().optional(),
  referenceTo: z.array(z.string()).optional(),
  relationshipName: z.string().optional(),
  /** The name of the list on the parent's side, for sub-queries. */
  children: z.string().optional(),
  masterDetail: z.boolean().optional(),
  reparentable: z.boolean().optional(),
  /** What deleting the parent does to this record. */
  onDelete: z.enum(['clear', 'restrict', 'cascade']).optional(),
  restricted: z.boolean().optional(),
  values: z.array(PicklistFile).optional(),
  /** A state or country/territory picklist: its label or code, or FIELD_INTEGRITY_EXCEPTION. */
  territory: z.enum(['state', 'country']).optional(),
  controller: z.string().optional(),
  validFor: z.record(z.string(), z.array(z.string())).optional(),
  help: z.string().optional(),
});
export type FieldFile = z.infer<typeof FieldFile>;

export const ObjectFile = z.strictObject({
  name: z.string().regex(/^[A-Za-z]\w*$/),
  label: z.string(),
  labelPlural: z.string(),
  keyPrefix: z.string().regex(/^[0-9A-Za-z]{3}$/),
  readOnly: z.boolean().optional(),
  /** False for objects that cannot be searched or undeleted, such as users. */
  searchable: z.boolean().optional(),
  mergeable: z.boolean().optional(),
  fields: z.array(FieldFile),
  validationRules: z
    .array(
      z.strictObject({
        name: z.string(),
        /** True where the record must be refused. */
        errorCondition: z.string(),
        field: z.string().optional(),
        message: z.string(),
      }),
    )
    .optional(),
  /** How many records of a plain shape to generate for an object that the sample data knows nothing about. */
  sampleRecords: z.number().int().nonnegative().optional(),
});
export type ObjectFile = z.infer<typeof ObjectFile>;

/** `--schema more.json` and the feature files: new objects, and fields for objects there are already. */
export const SchemaAddition = z.strictObject({
  objects: z.array(ObjectFile).default([]),
  fields: z.record(z.string(), z.array(FieldFile)).default({}),
  /** Fields to give to every writable object, as multi-currency does. */
  everyObject: z.array(FieldFile).default([]),
});
export type SchemaAddition = z.infer<typeof SchemaAddition>;

/** What a duplicate rule does with a duplicate, in the words of the User Interface API ("Duplicate Rule"). */
const DupeAction = z.enum(['Allow', 'Block']);
const DupeOperations = z.array(z.enum(['Alert', 'Report']));

/** An org's rules about duplicates; an admin's `PUT /duplicate-rules` takes others. */
export const RulesFile = z.strictObject({
  matchingRules: z.array(
    z.strictObject({
      name: z.string(),
      label: z.string(),
      object: z.string(),
      active: z.boolean().default(true),
      /** AND, OR and brackets over the numbers of the items; every item has to match without one. */
      booleanFilter: z.string().optional(),
      items: z
        .array(
          z.strictObject({
            field: z.string(),
            method: z.enum(MATCHING_METHODS),
            /** Whether two blanks match (BlankValueBehavior `MatchBlanks`). */
            matchBlanks: z.boolean().default(false),
          }),
        )
        .min(1),
    }),
  ),
  duplicateRules: z.array(
    z.strictObject({
      name: z.string(),
      label: z.string(),
      object: z.string(),
      active: z.boolean().default(true),
      matchingRules: z.array(z.string()).min(1),
      actionOnInsert: DupeAction.default('Allow'),
      operationsOnInsert: DupeOperations.default(['Alert', 'Report']),
      actionOnUpdate: DupeAction.default('Allow'),
      operationsOnUpdate: DupeOperations.default(['Alert', 'Report']),
    }),
  ),
});
export type RulesFile = z.infer<typeof RulesFile>;

/** As results and the User Interface API name it ("Match Engine"). */
export function matchEngineOf(rule: RulesFile['matchingRules'][number]): string {
  return rule.items.every(({ method }) => method === 'Exact') ? 'ExactMatchEngine' : 'FuzzyMatchEngine';
}

/** A rule with one entry: every record goes to its queue, by the queue's developer name. */
const AssignmentRuleFile = z.strictObject({
  name: z.string(),
  object: z.enum(['Case', 'Lead']),
  active: z.boolean(),
  queue: z.string(),
});
export type AssignmentRuleFile = z.infer<typeof AssignmentRuleFile>;

export const OrgFile = z.strictObject({
  profiles: z.array(
    z.strictObject({
      name: z.string(),
      /** The user permissions that it gives, by their names in UserPermissionAccess without `Permissions`. */
      permissions: z.array(
        z.enum([
          'ApiEnabled',
          'BulkApiHardDelete',
          'CreateAuditFields',
          'CustomizeApplication',
          'ModifyAllData',
          'UpdateWithInactiveOwner',
        ]),
      ),
      /** `Object.Field` → what the profile may do with it; everything else is read and edit. */
      fieldPermissions: z.record(z.string(), z.enum(['none', 'read'])).default({}),
      objectPermissions: z.record(z.string(), z.array(z.enum(['create', 'edit', 'delete']))).default({}),
    }),
  ),
  users: z.array(
    z.strictObject({
      username: z.string(),
      firstName: z.string(),
      lastName: z.string(),
      alias: z.string(),
      profile: z.string(),
      password: z.string(),
      /** False: an administrator has not let this user use apps that are not installed. */
      appApproved: z.boolean().default(true),
      owns: z.boolean().default(false),
      active: z.boolean().default(true),
      federationId: z.string().optional(),
    }),
  ),
  /** Public groups, which own nothing. */
  groups: z.array(z.strictObject({ name: z.string(), developerName: z.string() })).default([]),
  queues: z.array(
    z.strictObject({
      name: z.string(),
      developerName: z.string(),
      /** The objects whose records it may own. */
      objects: z.array(z.string()),
    }),
  ),
  assignmentRules: z.array(AssignmentRuleFile).default([]),
  recordTypes: z.array(
    z.strictObject({
      object: z.string(),
      name: z.string(),
      developerName: z.string(),
      default: z.boolean().default(false),
      active: z.boolean().default(true),
      /** Restricted picklists of which the record type has only some values. */
      picklists: z.record(z.string(), z.array(z.string())).default({}),
    }),
  ),
  ...RulesFile.shape,
});
export type OrgFile = z.infer<typeof OrgFile>;
