import { z } from 'zod';
import { ApiName, Digest } from './ids.ts';

/** What a sync waits for before anything becomes of a record whose row is gone: both, whichever is over later. */
const Grace = {
  /** So many runs must have missed the row before the one that acts. */
  afterRuns: z.number().int().min(0).max(1000).default(1),
  /** So many days must have gone by since it was missed first. */
  afterDays: z.number().min(0).max(3650).default(0),
};

/** What becomes of records whose rows are not in the file any more. Only records that the sync agreed on are meant. */
export const GoneRule = z.discriminatedUnion('then', [
  z.object({ then: z.literal('leave') }),
  /** A field is given one value, as it would stand in a file: a status, a checkbox, a date. */
  z.object({ then: z.literal('set'), field: ApiName, value: z.string().max(255), ...Grace }),
  /** Into the Recycle Bin; a record that was changed in the org since it was agreed stays. */
  z.object({ then: z.literal('delete'), ...Grace }),
]);
export type GoneRule = z.infer<typeof GoneRule>;

/** A job that is kept in sync one way: its file is the left side, the org the right one, and what the file says holds. */
export const SyncRules = z.object({
  /**
   * What becomes of a mapped field that was changed in the org, and of a record that was deleted there: the file's value is set back, and
   * the record created again, or the org's own stays until the row changes.
   */
  orgChanges: z.enum(['set-back', 'keep']).default('set-back'),
  gone: GoneRule.default({ then: 'leave' }),
});
export type SyncRules = z.infer<typeof SyncRules>;

/** The phases of a sync's run, each written down before it begins. */
export const SyncPhase = z.enum([
  'read-left',
  'read-right',
  'reconcile',
  'guard',
  'apply',
  'confirm',
  'commit',
  'committed',
]);
export type SyncPhase = z.infer<typeof SyncPhase>;

/** Formats that columns were read by when the whole file was: a few rows alone don't tell them. */
export const SyncFormat = z.object({
  column: z.number().int().nonnegative(),
  dateOrder: z.enum(['ymd', 'dmy', 'mdy']).optional(),
  decimal: z.enum(['point', 'comma']).optional(),
});
export type SyncFormat = z.infer<typeof SyncFormat>;

/** What a run of a sync has found. Of the file's keys: added + changed + same; gone are those of the state that it lacks. */
export const SyncLeft = z.object({
  /** Of the file as it was read; null of one that was given for this run alone. */
  digest: Digest.nullable(),
  rows: z.number(),
  keys: z.number(),
  /** Rows that can't be read, or have no key: they are not sent, and while there are any no record counts as gone. */
  unusable: z.number(),
  added: z.number(),
  changed: z.number(),
  same: z.number(),
  gone: z.number(),
});
export type SyncLeft = z.infer<typeof SyncLeft>;

export const SyncRight = z.object({
  /** Records that say something else in a mapped field than was agreed, and those that were deleted; of records that the sync knows. */
  changed: z.number(),
  deleted: z.number(),
  /** Changes are known up to here, by the org's clock; milliseconds. */
  to: z.number(),
});
export type SyncRight = z.infer<typeof SyncRight>;

/** Whether a run is of the rows of the file, or of the records whose rows are gone. */
export const SyncPart = z.enum(['rows', 'gone']);
export type SyncPart = z.infer<typeof SyncPart>;

export const RunSync = z.object({
  part: SyncPart,
  phase: SyncPhase,
  /** Every row is compared with the org: there is no state yet, or what was deleted in the org since can't be told. */
  whole: z.boolean(),
  left: SyncLeft.nullable(),
  right: SyncRight.nullable(),
  /** Keys that the run works on, and of those the ones that are tried again. */
  keys: z.number(),
  retried: z.number(),
  /** Cells that the org's value stays in: it was agreed so, the job keeps it, or it was set aside. */
  kept: z.number(),
  /** Where rows and agreed values are, until they are committed. */
  workId: z.string().regex(/^sync_[a-z0-9]{16}$/),
  formats: z.array(SyncFormat),
  /** Of the job as it was then (`sync/sync-basis.ts`). */
  basis: Digest,
  /** What the commit has come to; null before. */
  done: z
    .object({
      agreed: z.number(),
      /** Cells that the org gave another value than was written: agreed as they are. */
      rewritten: z.number(),
      /** Cells that were changed in the org and have the file's value again. */
      setBack: z.number(),
      /** Rows that wait to be tried again, of this run and of those before. */
      waiting: z.number(),
      /** Cells that were set back in three runs: they are left alone until their row says something else. */
      setAside: z.array(z.object({ field: z.string(), records: z.number() })),
      /** Records whose grace is over: a run of the part `gone` is due. */
      goneDue: z.number(),
    })
    .nullable(),
});
export type RunSync = z.infer<typeof RunSync>;

/** Why the state of a sync can't be gone on from. */
export const SyncStateProblem = z.enum(['missing', 'damaged', 'newer', 'job', 'org', 'mapping']);
export type SyncStateProblem = z.infer<typeof SyncStateProblem>;

/** What a job's sync has agreed on so far; `problem` where that can't be read. */
export const SyncStateSummary = z.object({
  runs: z.number(),
  /** Changes in the org are known up to here; milliseconds. */
  watermark: z.number().nullable(),
  records: z.number(),
  waiting: z.number(),
  gone: z.number(),
  /** Records of which a cell is left alone, for it was set back in three runs. */
  setAside: z.number(),
  problem: SyncStateProblem.nullable(),
});
export type SyncStateSummary = z.infer<typeof SyncStateSummary>;
