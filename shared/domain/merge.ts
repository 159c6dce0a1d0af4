import { z } from 'zod';
import { Failure } from '../contract/failure.ts';
import { ApiName, Digest, MergeId, OrgId, PlanId, SourceId } from './ids.ts';

/** Objects that a model is there for, so that their duplicates can be looked for. */
export const RESEMBLING_OBJECTS = ['Account', 'Contact', 'Lead'] as const;

/** "Up to three records can be merged in a single request, including the master record" (SOAP API guide, "merge()"). */
export const LOSERS_A_ROUND = 2;

/** A value as the REST API gives it. */
export const MergeCell = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type MergeCell = z.infer<typeof MergeCell>;

/** Which record of a group stays: the one created first or last, with the most fields filled, or with the most children. */
export const MasterRule = z.enum(['oldest', 'newest', 'fullest', 'mostChildren']);
export type MasterRule = z.infer<typeof MasterRule>;

/** Which value stays: the master's, the master's or else the first that is not blank, or the one of the record changed last. */
export const ValueRule = z.enum(['master', 'fill', 'newest']);
export type ValueRule = z.infer<typeof ValueRule>;

/** `fields` has the rules of single fields; all others go by `values`. */
export const MergeRules = z.object({
  master: MasterRule,
  values: ValueRule,
  fields: z.record(ApiName, ValueRule),
});
export type MergeRules = z.infer<typeof MergeRules>;

export const DEFAULT_MERGE_RULES: MergeRules = { master: 'oldest', values: 'fill', fields: {} };

/** What a person chose for one group by hand: the master, whose value a field has, or that the group is left as it is. */
export const GroupChoice = z.object({
  master: z.string().nullable(),
  /** The id of the record that a field's value is taken from. */
  fields: z.record(ApiName, z.string()),
  leftOut: z.boolean(),
});
export type GroupChoice = z.infer<typeof GroupChoice>;

/**
 * Where the groups come from: records that resemble each other, those that one row of a plan resembles, from a score on, or a file that
 * names records and their groups by columns.
 */
export const MergeSource = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('resembling') }),
  z.object({ kind: z.literal('plan'), planId: PlanId, threshold: z.number().min(-200).max(200) }),
  z.object({
    kind: z.literal('file'),
    sourceId: SourceId,
    idColumn: z.number().int().nonnegative(),
    groupColumn: z.number().int().nonnegative(),
  }),
]);
export type MergeSource = z.infer<typeof MergeSource>;

export const MergeMember = z.object({
  id: z.string(),
  name: z.string(),
  createdAt: z.string(),
  modifiedAt: z.string(),
  /** Settable fields that are not blank. */
  filled: z.number(),
  children: z.number(),
});
export type MergeMember = z.infer<typeof MergeMember>;

/** A field in which the records of a group differ. */
export const MergeField = z.object({
  field: ApiName,
  label: z.string(),
  old: MergeCell,
  new: MergeCell,
  /** Whose value stays. */
  from: z.string(),
  byHand: z.boolean(),
  options: z.array(z.object({ id: z.string(), value: MergeCell })),
});
export type MergeField = z.infer<typeof MergeField>;

/** Children of a group's losers by one lookup. `givenBack` is false where the org does not let a lookup be changed back. */
export const MergeChildren = z.object({
  objectName: ApiName,
  labelPlural: z.string(),
  field: ApiName,
  records: z.number(),
  givenBack: z.boolean(),
});
export type MergeChildren = z.infer<typeof MergeChildren>;

/** `moved`: a record was changed or deleted since the plan, so nothing was sent. `partly`: some of its rounds were merged. */
export const GroupState = z.enum(['leftOut', 'waiting', 'merged', 'partly', 'failed', 'moved']);
export type GroupState = z.infer<typeof GroupState>;

/** What could not be taken back, and why; `field` and `child` count single values. */
export const KeptReason = z.object({
  what: z.enum(['loser', 'master', 'field', 'child']),
  why: z.enum(['gone', 'changedSince', 'notWritable', 'unseen', 'refused']),
  count: z.number(),
  /** What the org said; '' where it was not asked. */
  message: z.string(),
});
export type KeptReason = z.infer<typeof KeptReason>;

export const GroupUndo = z.object({
  state: z.enum(['reversed', 'partly', 'kept']),
  kept: z.array(KeptReason),
});
export type GroupUndo = z.infer<typeof GroupUndo>;

export const MergeGroup = z.object({
  group: z.number(),
  masterId: z.string(),
  members: z.array(MergeMember),
  fields: z.array(MergeField),
  children: z.array(MergeChildren),
  /** Requests of at most three records that it takes. */
  rounds: z.number(),
  /** Why a group cannot be merged as it is: one of its records is above another. */
  blocked: z.literal('hierarchy').nullable(),
  choice: GroupChoice,
  state: GroupState,
  /** What the org, or the check before, said where it was not merged as a whole. */
  message: z.string(),
  undo: GroupUndo.nullable(),
});
export type MergeGroup = z.infer<typeof MergeGroup>;

export const MergeCounts = z.object({
  groups: z.number(),
  records: z.number(),
  /** Records that would be deleted, of groups that are not left out. */
  losers: z.number(),
  /** Values of masters that change. */
  changes: z.number(),
  children: z.number(),
  leftOut: z.number(),
  waiting: z.number(),
  merged: z.number(),
  partly: z.number(),
  failed: z.number(),
  moved: z.number(),
});
export type MergeCounts = z.infer<typeof MergeCounts>;

/** What of a source came to nothing: texts that are no ids, ids named again, records that are not there, and records alone in a group. */
export const MergeSkipped = z.object({
  badIds: z.number(),
  repeated: z.number(),
  gone: z.number(),
  alone: z.number(),
});
export type MergeSkipped = z.infer<typeof MergeSkipped>;

export const MergeStateKind = z.enum(['planned', 'merging', 'paused', 'merged', 'undoing', 'undoPaused', 'undone']);
export type MergeStateKind = z.infer<typeof MergeStateKind>;

export const MergeSnapshot = z.object({
  mergeId: MergeId,
  orgId: OrgId,
  orgName: z.string(),
  objectName: ApiName,
  labelPlural: z.string(),
  source: MergeSource,
  madeAt: z.number(),
  rules: MergeRules,
  planDigest: Digest,
  /** Objects whose records hang from those of this object and can't be read: they move, and nobody sees which. */
  unseen: z.array(z.string()),
  skipped: MergeSkipped,
  state: MergeStateKind,
  /** Why it is paused. */
  failure: Failure.nullable(),
  counts: MergeCounts,
  undo: z.object({ reversed: z.number(), partly: z.number(), kept: z.number() }).nullable(),
});
export type MergeSnapshot = z.infer<typeof MergeSnapshot>;

/** What taking a merge back would do, as the org is now. */
export const MergeUndoPlan = z.object({
  undoDigest: Digest,
  groups: z.number(),
  /** Records to bring back from the recycle bin, values of masters to set back, and lookups of children to set back. */
  losers: z.number(),
  values: z.number(),
  children: z.number(),
  kept: z.array(KeptReason),
});
export type MergeUndoPlan = z.infer<typeof MergeUndoPlan>;
