import { z } from 'zod';
import { jobBytesOf, JobsAtOnce, MOST_JOB_MEGABYTES } from './settings.ts';
import { FetchedRecords } from './fetched-records.ts';
import { FieldIssue, PolicyCode } from './field-issue.ts';
import { FieldMapping, Operation } from './field-mapping.ts';
import { PlanApproval } from './plan-approval.ts';
import { PlannedLookup } from './planned-lookup.ts';
import { SimilarSummary } from './similar-rows.ts';
import { Digest, OrgId, PlanId, RecordId, SourceId, SourceRowNumber } from './ids.ts';

export const FieldChange = z.object({ field: z.string(), old: z.string(), new: z.string(), cleared: z.boolean() });
export type FieldChange = z.infer<typeof FieldChange>;

const NamedValue = z.object({ field: z.string(), value: z.string() });

/** A value that an undo leaves in its record, for somebody gave it since the load: when, as the org tells it, and who. */
export const KeptValue = z.object({ field: z.string(), now: z.string(), changedAt: z.string(), by: z.string() });
export type KeptValue = z.infer<typeof KeptValue>;

/** Fields that the row is given in a second step, once the rows that they name have their records. */
const Later = z.array(z.string()).default([]);

/** A person has decided on a row that resembles a record: it is that record, or it is created all the same. */
const Resembles = z.boolean().default(false);
/** It is that record, and fills only what is blank in it. */
const Merges = z.boolean().default(false);

export const PlannedRow = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('insert'),
    row: SourceRowNumber,
    key: z.string(),
    values: z.array(NamedValue),
    later: Later,
    resembles: Resembles,
  }),
  z.object({
    kind: z.literal('update'),
    row: SourceRowNumber,
    key: z.string(),
    id: RecordId,
    changes: z.array(FieldChange),
    kept: z.array(KeptValue).default([]),
    later: Later,
    resembles: Resembles,
    merges: Merges,
  }),
  z.object({
    kind: z.literal('delete'),
    row: SourceRowNumber,
    key: z.string(),
    id: RecordId,
    /** Of the record that would go, as the org has them (`shownFields`). */
    values: z.array(NamedValue),
  }),
  /** The record lies in the Recycle Bin and would come back with its Id. */
  z.object({
    kind: z.literal('undelete'),
    row: SourceRowNumber,
    key: z.string(),
    id: RecordId,
  }),
  z.object({
    kind: z.literal('unchanged'),
    row: SourceRowNumber,
    key: z.string(),
    id: RecordId,
    resembles: Resembles,
    merges: Merges,
  }),
  z.object({
    kind: z.literal('duplicate'),
    row: SourceRowNumber,
    key: z.string(),
    of: SourceRowNumber,
    decision: z.enum(['identical', 'superseded', 'merged']),
  }),
  /** By a person's choice or a policy of the mapping's, which `issues` tell. */
  z.object({
    kind: z.literal('leftOut'),
    row: SourceRowNumber,
    key: z.string(),
    issues: z.array(FieldIssue).min(1),
  }),
  z.object({
    kind: z.literal('blocked'),
    row: SourceRowNumber,
    key: z.string(),
    issues: z.array(FieldIssue).min(1),
  }),
]);
export type PlannedRow = z.infer<typeof PlannedRow>;
export type PlannedKind = PlannedRow['kind'];
export const PlannedKind = z.enum([
  'insert',
  'update',
  'delete',
  'undelete',
  'unchanged',
  'duplicate',
  'leftOut',
  'blocked',
]);

/** Which rows of a plan are wanted by what they change: those that change one field, in any way or in one. */
export const ChangeFilter = z.object({
  /** As the plan names it (`changedFields`). */
  field: z.string(),
  how: z.enum(['any', 'filled', 'changed', 'cleared']),
});
export type ChangeFilter = z.infer<typeof ChangeFilter>;

/** Rows of a plan: these, or all that a view shows. */
export const ChosenRows = z.union([
  z.object({ rows: z.array(SourceRowNumber).min(1).max(10_000) }),
  z.object({
    kind: z.lazy(() => PlannedKind).nullable(),
    search: z.string().max(200),
    change: ChangeFilter.optional(),
  }),
]);
export type ChosenRows = z.infer<typeof ChosenRows>;

/** By what a plan's rows are sorted: one of its fields as the file has it, or the row's number. */
export const PlanSort = z.object({ field: z.string().nullable(), descending: z.boolean() });
export type PlanSort = z.infer<typeof PlanSort>;

export const PlanCounts = z.object({
  insert: z.number(),
  update: z.number(),
  delete: z.number(),
  /** A plan that was made before there were any has none. */
  undelete: z.number().default(0),
  unchanged: z.number(),
  duplicate: z.number(),
  /** A plan that was made before they were told apart has them among `blocked`. */
  leftOut: z.number().default(0),
  blocked: z.number(),
});
export type PlanCounts = z.infer<typeof PlanCounts>;

/** Records that hang from those that a plan would delete, by one of their lookups. */
export const ChildCount = z.object({
  objectName: z.string(),
  labelPlural: z.string(),
  field: z.string(),
  /** What Salesforce does with them: they are deleted too, or the delete is refused while there are any. */
  then: z.enum(['deleted', 'refused']),
  records: z.number(),
  /** Rows whose record has any. */
  rows: z.number(),
});
export type ChildCount = z.infer<typeof ChildCount>;

/** A row of a plan whose record is no longer as the plan says. */
export const MovedRow = z.object({
  row: SourceRowNumber,
  key: z.string(),
  /** Blank where the plan knew no record. */
  id: z.string(),
  /** `taken`: another record has the key now. */
  what: z.enum(['changed', 'deleted', 'taken']),
  /** Of a changed record; none where what changed is not in the plan. */
  changes: z.array(z.object({ field: z.string(), before: z.string(), now: z.string() })),
});
export type MovedRow = z.infer<typeof MovedRow>;

/** Of what a person had chosen: what holds in the plan that was made anew, and what fits nothing in it any more. */
const Carried = z.object({ kept: z.number(), lost: z.number() });

/** What became of the choices in a plan when its records were fetched again. */
export const CarriedChoices = z.object({
  /** Rows that were left out whole, and single changes. */
  rows: Carried,
  changes: Carried,
  /** Groups of similar rows that were decided by themselves. */
  groups: Carried,
  /** Rows that resemble records. */
  decisions: Carried,
  /** Whether records that rows resemble were looked for again: a decision then holds only if its record says the same as before. */
  lookedAgain: z.boolean().default(false),
});
export type CarriedChoices = z.infer<typeof CarriedChoices>;

/** What was reviewed. `load.start` runs exactly this or fails with `PLAN_STALE`. */
export const LoadPlan = z.object({
  planId: PlanId,
  /** Digest over everything below it and over every planned row. */
  planDigest: Digest,
  orgId: OrgId,
  sourceId: SourceId,
  sourceDigest: Digest,
  mappingDigest: Digest,
  describeDigest: Digest,
  mapping: FieldMapping,
  /** Milliseconds since the epoch, by the org's clock if it said one. */
  currentRecordsFetchedAt: z.number(),
  /** How the records that rows name were fetched; null where rows name none, and in plans of before it was kept. */
  fetched: FetchedRecords.nullable().default(null),
  rows: z.number(),
  counts: PlanCounts,
  /** A plan that was made before there were any has none. */
  lookups: z.array(PlannedLookup).default([]),
  /** Records in which each field would change, and of them those where it is blank now, or would be then. */
  changedFields: z.array(
    z.object({ field: z.string(), rows: z.number(), filled: z.number().default(0), cleared: z.number() }),
  ),
  /** Fields that records keep although rows give another value, for the mapping's policies say so; most first. */
  keptFields: z.array(z.object({ field: z.string(), rows: z.number() })).default([]),
  /** Fields of records that would be deleted, as their rows' `values` have them. */
  shownFields: z.array(z.string()).default([]),
  /** What was left out of the plan by a person: rows, and changes of single fields. Rows are among `counts.leftOut`. */
  leftOut: z
    .object({
      rows: z.number(),
      fields: z.array(z.object({ field: z.string(), rows: z.number() })),
      /** Rows that the mapping's policies leave out. */
      policies: z.array(z.object({ code: PolicyCode, rows: z.number() })).default([]),
    })
    .default({ rows: 0, fields: [], policies: [] }),
  /**
   * What comes of what a person has decided of rows that resemble records: they update these, fill what is blank in them (`merge`), or
   * would change nothing in them (`unchanged`), are not sent, or are created all the same. Each is among its kind in `counts`.
   */
  decided: z
    .object({
      update: z.number(),
      merge: z.number().default(0),
      unchanged: z.number().default(0),
      skip: z.number(),
      create: z.number(),
    })
    .default({ update: 0, merge: 0, unchanged: 0, skip: 0, create: 0 }),
  /** Choices of the plan that this one took the place of; null where there was none. It is not part of the digest. */
  carried: CarriedChoices.nullable().default(null),
  /** Rows that would make new records and resemble one another; null where they were not compared. */
  similar: SimilarSummary.nullable().default(null),
  /**
   * Rows that are sent in two steps: first without the lookups named, then with them, for the rows that these name are in the file too
   * and lead back to them. null where there are none; `jobs` counts the jobs of both steps.
   */
  secondStep: z
    .object({ rows: z.number(), fields: z.array(z.object({ field: z.string(), rows: z.number() })) })
    .nullable()
    .default(null),
  /** The most that one job is sent, in bytes, and the ingest jobs that the load will make so. */
  jobBytes: z.number().default(jobBytesOf(MOST_JOB_MEGABYTES)),
  jobs: z.number(),
  /** How many of these jobs are worked on at the same time, at most. */
  jobsAtOnce: JobsAtOnce.default(1),
  /** Batches of the Bulk API that these jobs take. A plan that was made before they were counted has none. */
  batches: z.object({ least: z.number(), most: z.number() }).default({ least: 0, most: 0 }),
});
export type LoadPlan = z.infer<typeof LoadPlan>;

/** A plan that waits for its load, in short. */
export const PlanNote = LoadPlan.pick({
  planId: true,
  planDigest: true,
  orgId: true,
  sourceId: true,
  rows: true,
  counts: true,
}).extend({
  fileName: z.string(),
  objectName: z.string(),
  objectLabel: z.string(),
  operation: Operation,
  /** When its records were fetched. */
  at: z.number(),
  approval: PlanApproval.optional(),
});
export type PlanNote = z.infer<typeof PlanNote>;

/** What has moved on since a plan was made. */
export const PlanDrift = z.object({
  /** The file was changed, or read and cleaned in another way, since; `gone` where it is not open any more. */
  file: z.enum(['same', 'changed', 'gone']),
  /** Fields of the object are others. */
  fields: z.boolean(),
  /** Rows whose record is no longer as the plan says (`plan.moved`). */
  rows: z.number(),
});
export type PlanDrift = z.infer<typeof PlanDrift>;

/** Rows of a plan that a person has decided to be records, and that change these: they are sent in jobs of their own. */
export function decidedUpdates({ decided }: Pick<LoadPlan, 'decided'>): number {
  return decided.update + decided.merge;
}
