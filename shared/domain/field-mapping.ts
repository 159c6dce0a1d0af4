import { z } from 'zod';
import { ColumnFix } from './column-fix.ts';
import { ApiName, LoadId } from './ids.ts';
import { ChosenWay } from './load-way.ts';
import { RepeatChoices } from './repeated-rows.ts';
import { JobsAtOnce } from './settings.ts';
import { SimilarBy } from './similar-rows.ts';

export const Operation = z.enum(['insert', 'update', 'upsert', 'delete', 'hardDelete', 'undelete']);
export type Operation = z.infer<typeof Operation>;

/** Operations whose rows name records and say nothing of them: they go, or come back from the Recycle Bin. */
export function onlyNames(operation: Operation): boolean {
  return removes(operation) || operation === 'undelete';
}

/** Operations whose rows delete records, into the Recycle Bin or past it. */
export function removes(operation: Operation): boolean {
  return operation === 'delete' || operation === 'hardDelete';
}

/** How the text of one column is to be read, where text alone is ambiguous. Absent means: find out from the values. */
export const ValueFormat = z.object({
  dateOrder: z.enum(['ymd', 'dmy', 'mdy']).optional(),
  decimal: z.enum(['point', 'comma']).optional(),
  /** IANA name used for times that carry no zone. */
  timeZone: z.string().optional(),
});
export type ValueFormat = z.infer<typeof ValueFormat>;

/** What becomes of a row whose lookup does not name exactly one record that can be used. */
const LookupPolicies = {
  /** No record: the row stays `home`, or is loaded `without` a value in this field. */
  whenNone: z.enum(['home', 'without']).default('home'),
  /** Several records: the row stays `home`, or gets the one that was made first. */
  whenSeveral: z.enum(['home', 'oldest']).default('home'),
  /** Only users who are not active: the row stays `home`, or gets the user all the same. */
  whenInactive: z.enum(['home', 'use']).default('home'),
};

/** What becomes of a row whose Id of another record names none that can be used. */
const IdPolicies = z.object({
  /** As in `LookupPolicies`; `unasked`: Ids are sent as they stand, and nothing is looked up. */
  whenNone: z.enum(['home', 'without', 'unasked']),
  whenInactive: z.enum(['home', 'use']),
});
export type IdPolicies = z.infer<typeof IdPolicies>;

export const MappingTarget = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('ignored') }),
  /** `ids` is of fields that hold Ids of other records; without it they are looked up, and rows that find none are not sent. */
  z.object({ kind: z.literal('field'), field: ApiName, ids: IdPolicies.optional() }),
  /** A lookup filled by the parent's external id: header form `Account.ERP_Id__c`, polymorphic `Account:What.ERP_Id__c`. */
  z.object({
    kind: z.literal('lookup'),
    field: ApiName,
    relationshipName: ApiName,
    parentObject: ApiName,
    parentField: ApiName,
    polymorphic: z.boolean(),
  }),
  /**
   * A lookup filled by the Id of the record that one of the parent's fields, or two of them, find before the plan is made: "lookup
   * by Account Name". Any field of the parent that the org can filter by will do (`canFindBy`).
   */
  z.object({
    kind: z.literal('found'),
    field: ApiName,
    parentObject: ApiName,
    parentField: ApiName,
    /** A second field that must agree too, and the column of the file that gives its value. */
    and: z.object({ parentField: ApiName, column: z.number().int().nonnegative() }).nullable().default(null),
    ...LookupPolicies,
  }),
]);
export type MappingTarget = z.infer<typeof MappingTarget>;
export type FoundTarget = Extract<MappingTarget, { kind: 'found' }>;

/**
 * How the parents of a lookup are looked for before a plan is made; null where nothing names them by a field. Those that Salesforce
 * finds by an external id itself, while it saves the row, are found by that field too.
 */
export function foundTarget(target: MappingTarget): FoundTarget | null {
  if (target.kind === 'found') return target;
  if (target.kind !== 'lookup') return null;
  const { field, parentObject, parentField } = target;
  const policies = { whenNone: 'home', whenSeveral: 'home', whenInactive: 'use' } as const;
  return { kind: 'found', field, parentObject, parentField, and: null, ...policies };
}

/** The policies of a field that holds Ids of other records. */
export function idPoliciesOf({ ids }: Extract<MappingTarget, { kind: 'field' }>): IdPolicies {
  return ids ?? { whenNone: 'home', whenInactive: 'home' };
}

export const MappingReason = z.enum([
  'saved',
  'file',
  'name',
  'label',
  'synonym',
  'relationship',
  'content',
  'chosen',
  'result-column',
  'read-only',
  'repeated-header',
  'no-match',
]);
export type MappingReason = z.infer<typeof MappingReason>;

export const ColumnMapping = z.object({
  column: z.number().int().nonnegative(),
  target: MappingTarget,
  reason: MappingReason,
  format: ValueFormat,
  /** Fixes applied to whole values of this column before they are checked: raw text → text to use. */
  replacements: z.record(z.string(), z.string()),
  /** Other things done to its values. A mapping that was saved before there were any has none. */
  fixes: z.array(ColumnFix).max(10_000).default([]),
  /** A value that a record has in this field stays; only where it has none is one sent. */
  neverOverwrite: z.boolean().optional(),
  /**
   * Place of the column that says, in canonical form, what a record must still hold in this field to be given this value: where it
   * holds something else by now, it keeps that. Made by Longshore, which takes back what a load did so.
   */
  expected: z.number().int().nonnegative().optional(),
});
export type ColumnMapping = z.infer<typeof ColumnMapping>;

/** An assignment rule of the org, active or not (Object Reference, "AssignmentRule"). */
export const AssignmentRule = z.object({
  id: z.string().regex(/^01Q[A-Za-z0-9]{12}([A-Za-z0-9]{3})?$/),
  name: z.string(),
});
export type AssignmentRule = z.infer<typeof AssignmentRule>;

/** Objects that have assignment rules. */
export function hasAssignmentRules({ objectName, operation }: Pick<FieldMapping, 'objectName' | 'operation'>): boolean {
  return /^(?:case|lead)$/i.test(objectName) && !onlyNames(operation);
}

/** Upserts that never create a record, not even one that was deleted since the plan was made. */
export function isUpdateOnly({ operation, policies }: Pick<FieldMapping, 'operation' | 'policies'>): boolean {
  return operation === 'upsert' && policies?.upsert === 'update-only';
}

/** When a load stops by itself: once so many rows have failed, or so many of a hundred of those that were worked on. */
export const StopAfter = z.union([
  z.object({ failures: z.number().int().min(1) }),
  z.object({ percent: z.number().min(1).max(100) }),
]);
export type StopAfter = z.infer<typeof StopAfter>;

/** What of the org a load leaves alone, although the file says otherwise, and how it writes. What is absent doesn't hold. */
export const WritePolicies = z.object({
  /** Upserts: only rows that match a record are sent, or only rows that match none. */
  upsert: z.enum(['update-only', 'create-only']).optional(),
  /** Every field as with `neverOverwrite`. */
  fillBlanksOnly: z.boolean().optional(),
  /** Records that were changed in the org at this time or after it stay as they are; milliseconds since the epoch. */
  unlessChangedSince: z.number().optional(),
  /** How the rows go to the org (`sendingOf`); absent: by Bulk API 2.0 jobs, whatever new mappings are given (`AppSettings.way`). */
  way: ChosenWay.optional(),
  /** Rows are saved although a duplicate rule would only tell of them (`allowSave`); one that blocks them still does. */
  allowDuplicates: z.boolean().optional(),
  /** Rows of one request are saved together or not at all. */
  allOrNone: z.boolean().optional(),
  /** Cases and leads: the org's assignment rule that gives them their owner; absent: none does. */
  assignmentRule: AssignmentRule.optional(),
  stopAfter: StopAfter.optional(),
  /** How many jobs are worked on at the same time; absent: as the settings have it. */
  jobsAtOnce: JobsAtOnce.optional(),
});
export type WritePolicies = z.infer<typeof WritePolicies>;

export const FieldMapping = z.object({
  objectName: ApiName,
  operation: Operation,
  /** The field records are matched by: `Id` for update, delete and undelete, an external id for upsert, null for insert. */
  matchField: ApiName.nullable(),
  columns: z.array(ColumnMapping),
  /** Bulk API 2.0 ignores a blank cell and clears on `#N/A`; this says which of the two a blank cell means. */
  blankValues: z.enum(['leave', 'clear']),
  /**
   * Which row to send when rows repeat one another but differ: none of them until it is answered (`ask`), the `first`, the `last`, the
   * `newest` by the column `newestBy`, or the first with its blanks filled from those after it (`merge`).
   */
  duplicateKeys: z.enum(['ask', 'first', 'last', 'newest', 'merge']),
  /** The same of single groups, where a person decided otherwise. */
  repeatChoices: RepeatChoices.optional(),
  /** Place of the column that says when a row was written, mapped or not. */
  newestBy: z.number().int().nonnegative().optional(),
  /** Inserts: places of mapped columns by whose values rows repeat one another; absent: only rows that are equal in every cell do. */
  repeatedBy: z.array(z.number().int().nonnegative()).min(1).max(10).optional(),
  /** Inserts and upserts: how rows that would make new records are compared with one another; absent: they aren't. */
  similar: SimilarBy.optional(),
  policies: WritePolicies.optional(),
  /** Deletes: fields of the records that a person wants to see before they go, beside those that are shown anyway. */
  shownFields: z.array(ApiName).max(20).optional(),
  /** The load that this one takes back. */
  undoOf: LoadId.optional(),
});
export type FieldMapping = z.infer<typeof FieldMapping>;

export type MappedColumn = ColumnMapping & { target: Exclude<MappingTarget, { kind: 'ignored' }> };

export function mappedColumns(mapping: Pick<FieldMapping, 'columns'>): MappedColumn[] {
  return mapping.columns.filter((column): column is MappedColumn => column.target.kind !== 'ignored');
}

/** The column header that Bulk API 2.0 expects for a target (Bulk API 2.0 guide, "Relationship Fields in a Header Row"). */
export function bulkHeader(target: MappedColumn['target']): string {
  if (target.kind !== 'lookup') return target.field;
  const prefix = target.polymorphic ? `${target.parentObject}:` : '';
  return `${prefix}${target.relationshipName}.${target.parentField}`;
}

/** Fields that hold the match value of a row; for a lookup column this never applies. */
export function matchColumn(mapping: FieldMapping): MappedColumn | undefined {
  const wanted = mapping.matchField?.toLowerCase();
  return mappedColumns(mapping).find(
    (column) => column.target.kind === 'field' && column.target.field.toLowerCase() === wanted,
  );
}

/** The columns by which rows of a file repeat one another; none where only rows that are equal in every cell do. */
export function repeatColumns(mapping: FieldMapping): MappedColumn[] {
  const key = matchColumn(mapping);
  if (key) return [key];
  const by = mapping.operation === 'insert' ? (mapping.repeatedBy ?? []) : [];
  return mappedColumns(mapping).filter(({ column }) => by.includes(column));
}

/** By which columns rows that would make new records are compared with one another; null where they aren't. */
export function similarBy(
  mapping: FieldMapping,
): { by: SimilarBy; alike: MappedColumn[]; equal: MappedColumn[] } | null {
  const { similar: by, operation } = mapping;
  if (!by || (operation !== 'insert' && operation !== 'upsert')) return null;
  const columns = mappedColumns(mapping);
  const alike = columns.filter(({ column }) => by.columns.includes(column));
  const equal = columns.filter(({ column }) => by.equal.includes(column));
  // Without one of the columns others would be taken for the same than was meant.
  return alike.length === by.columns.length && equal.length === by.equal.length ? { by, alike, equal } : null;
}

/** The columns that are read and sent, in order: only the one that names the record where nothing else is said of it. */
export function sentColumns(mapping: FieldMapping): MappedColumn[] {
  const key = matchColumn(mapping);
  return onlyNames(mapping.operation) ? (key ? [key] : []) : mappedColumns(mapping);
}

/** The columns whose values are given only to records that hold what is expected. */
export function expectedColumns(mapping: FieldMapping): (MappedColumn & { readonly expected: number })[] {
  return mappedColumns(mapping).filter(
    (column): column is MappedColumn & { expected: number } => column.expected !== undefined,
  );
}

/**
 * Whether only sObject Collections can say what of a save was chosen. Saving what a duplicate rule would only tell of takes a header that
 * Bulk API 2.0 does not have (Bulk API 2.0 Developer Guide, "Headers"; REST API Developer Guide, "Duplicate Rule Header"), and its jobs
 * save each row by itself (there is no `allOrNone`; REST API Developer Guide, "sObject Collections"). Records come back from the Recycle Bin
 * by calls of the same size only, of SOAP (`undelete()`): no job does that (Bulk API 2.0 Developer Guide, "Create a Job", `operation`).
 */
export function needsCollections({ operation, policies }: Pick<FieldMapping, 'operation' | 'policies'>): boolean {
  if (needsJobs(operation)) return false;
  return operation === 'undelete' || policies?.allowDuplicates === true || policies?.allOrNone === true;
}

/**
 * Whether only Bulk API jobs can do an operation. A hard delete has no call of its own elsewhere ("Hard Delete operation is possible only
 * when Bulk or Bulk v2 API is selected", forcedotcom/dataloader #1220): sent as a collection its records would go to the Recycle Bin.
 */
export function needsJobs(operation: Operation): boolean {
  return operation === 'hardDelete';
}

/** Whether records are looked at once more just before they are written: an undo touches nothing that somebody has changed. */
export function checksAgain({ undoOf, operation }: Pick<FieldMapping, 'undoOf' | 'operation'>): boolean {
  return undoOf !== undefined && (operation === 'update' || operation === 'delete');
}

/**
 * Rows that an undo writes one record at a time, each on the condition that nobody changed it (REST API Developer Guide, "Conditional Request
 * Headers": "DELETE requests aren’t supported"): a call each.
 */
export const CONDITIONAL_ROWS = 50;

/** Whether so many rows go on that condition. */
export function isConditional(mapping: Pick<FieldMapping, 'undoOf' | 'operation'>, rows: number): boolean {
  return checksAgain(mapping) && mapping.operation === 'update' && rows <= CONDITIONAL_ROWS;
}
