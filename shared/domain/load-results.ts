import { z } from 'zod';
import { Operation } from './field-mapping.ts';
import { IngestJobState } from './ingest-job.ts';
import { Digest, LoadId, OrgId, PlanId, SourceRowNumber } from './ids.ts';
import { PacePoint } from './load-pace.ts';
import { Sending } from './load-way.ts';
import { PlanApproval } from './plan-approval.ts';

/**
 * Rows by what became of them. Each source row is in exactly one:
 * rows in = created + updated + deleted + undeleted + unchanged + incomplete + failed + unprocessed + unknown + repeated + leftOut + skipped.
 * `skipped` are those that are not sent for a problem. A load of before `repeated` and `leftOut` were told apart has none of them.
 */
export const OutcomeCounts = z.object({
  created: z.number(),
  updated: z.number(),
  deleted: z.number(),
  /** Brought back from the Recycle Bin. A load of before there were any has none. */
  undeleted: z.number().default(0),
  unchanged: z.number(),
  /** Created or updated, but not given a lookup that was to be given in a second step. A load that ended before there was one has none. */
  incomplete: z.number().default(0),
  failed: z.number(),
  unprocessed: z.number(),
  unknown: z.number(),
  repeated: z.number().default(0),
  leftOut: z.number().default(0),
  skipped: z.number(),
});
export type OutcomeCounts = z.infer<typeof OutcomeCounts>;
export const OutcomeKind = OutcomeCounts.keyof();
export type OutcomeKind = z.infer<typeof OutcomeKind>;

export const NO_OUTCOMES: OutcomeCounts = {
  created: 0,
  updated: 0,
  deleted: 0,
  undeleted: 0,
  unchanged: 0,
  incomplete: 0,
  failed: 0,
  unprocessed: 0,
  unknown: 0,
  repeated: 0,
  leftOut: 0,
  skipped: 0,
};

export function totalOf(counts: Record<string, number>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

export const JobProgress = z.object({
  part: z.number(),
  rows: z.number(),
  jobId: z.string().nullable(),
  /** `Gone`: the org no longer knows the job. */
  state: z.union([IngestJobState, z.enum(['Planned', 'Uploading', 'Checking', 'Reconciled', 'Gone'])]),
  processed: z.number(),
  failed: z.number(),
  /** Its rows were sent before, as those of another one, and failed then: they are counted there. */
  again: z.boolean().optional(),
});
export type JobProgress = z.infer<typeof JobProgress>;

export const LoadState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('running') }),
  z.object({ kind: z.literal('cancelling') }),
  /** Stopped half-way by a fault that can be mended; nothing is lost and it can go on. */
  z.object({ kind: z.literal('paused'), failure: z.looseObject({ code: z.string() }) }),
  z.object({ kind: z.literal('finished'), cancelled: z.boolean() }),
]);
export type LoadState = z.infer<typeof LoadState>;

/** What a person should know of a load beside its numbers. */
export const LoadNotice = z.discriminatedUnion('code', [
  /** The org no longer knows a job whose rows it may have worked on. */
  z.object({ code: z.literal('JOB_GONE'), jobId: z.string() }),
  /** A job that has not come further for half an hour: it is asked after every twenty seconds, and can be cancelled. */
  z.object({ code: z.literal('JOB_SLOW'), jobId: z.string() }),
  /** A job ended before it was through, in Setup or by Salesforce; the parts after it were not sent. */
  z.object({ code: z.literal('JOB_ENDED_EARLY'), jobId: z.string(), state: z.string(), message: z.string() }),
  /** So many of the rows that were worked on had failed that the load stopped by itself, as was chosen. */
  z.object({ code: z.literal('STOPPED_BY_FAILURES'), failed: z.number(), processed: z.number() }),
  /** A result file was not what it should be, however often it was asked for. The last one is kept with the load. */
  z.object({
    code: z.literal('RESULTS_NOT_BELIEVED'),
    jobId: z.string(),
    file: z.string(),
    problem: z.enum(['missing', 'not-results', 'count', 'other-rows']),
  }),
  /** A job told of fewer rows than were sent, or of rows that were not: what arrived is not what was sent. */
  z.object({
    code: z.literal('RESULTS_INCOMPLETE'),
    jobId: z.string(),
    sent: z.number(),
    told: z.number(),
    others: z.number(),
  }),
  /** Rows without a result, of a job or of collections, were looked up in the org: so many were settled by what is there, so many are still unknown. */
  z.object({
    code: z.literal('ROWS_LOOKED_UP'),
    jobId: z.string().nullable(),
    settled: z.number(),
    unknown: z.number(),
  }),
  /** Open jobs that may have come of a creation whose answer was lost, or may be another program's: left as they are. */
  z.object({ code: z.literal('JOBS_LEFT_OPEN'), jobIds: z.array(z.string()) }),
]);
export type LoadNotice = z.infer<typeof LoadNotice>;

/** What an error group's rows have in common. */
export const ErrorReason = z.object({ statusCode: z.string(), fields: z.string() });
export type ErrorReason = z.infer<typeof ErrorReason>;

/** Reasons that a load at work keeps apart: a trigger's texts can be as many as the rows. */
export const MOST_FAILURE_GROUPS = 8;

/** Failed rows with one reason; `message` is what Salesforce says of the first of them, its beginning if it is long. */
export const FailureGroup = ErrorReason.extend({ rows: z.number(), message: z.string() });
export type FailureGroup = z.infer<typeof FailureGroup>;

/**
 * The rows among `counts.failed` by their reason, the most frequent first; `otherRows` are those of all further reasons. Salesforce names
 * reasons once a job has ended (Bulk API 2.0, Get Job Failed Record Results), so the failed rows of jobs at work are not among them.
 */
export const FailuresSoFar = z.object({
  groups: z.array(FailureGroup).max(MOST_FAILURE_GROUPS),
  otherRows: z.number(),
});
export type FailuresSoFar = z.infer<typeof FailuresSoFar>;

export const NO_FAILURES: FailuresSoFar = { groups: [], otherRows: 0 };

/** What is kept of records that a load deletes, as they were before: how many, and how many fields of each. */
export const LoadBackup = z.object({
  records: z.number(),
  fields: z.number(),
  /** Labels of the fields that can't be kept: files. */
  notKept: z.array(z.string()),
});
export type LoadBackup = z.infer<typeof LoadBackup>;

export const LoadSnapshot = z.object({
  loadId: LoadId,
  planId: PlanId,
  orgId: OrgId,
  orgName: z.string(),
  objectName: z.string(),
  objectLabel: z.string(),
  operation: Operation,
  matchField: z.string().nullable(),
  /** A load of before labels were kept has none. */
  matchLabel: z.string().optional(),
  fileName: z.string(),
  sourceDigest: Digest,
  rows: z.number(),
  rowsToSend: z.number(),
  /** The way that they go, and why. A load of before it was kept has none. */
  sending: Sending.optional(),
  /** Rows of these that are sent once more, in a second step, at most. */
  secondStepRows: z.number().default(0),
  state: LoadState,
  jobs: z.array(JobProgress),
  startedAt: z.number(),
  finishedAt: z.number().nullable(),
  /** Milliseconds that it ran, pauses left out. */
  elapsed: z.number(),
  apiCalls: z.number(),
  /**
   * From reconciled rows and, for what is not sent, from the plan; never from job counters. The outcomes of all rows once the load has
   * finished; until then those that are known.
   */
  counts: OutcomeCounts,
  /** A load of before reasons were counted while it runs has none. */
  failures: FailuresSoFar.default(NO_FAILURES),
  notices: z.array(LoadNotice),
  /** How it came along. A load of before it was kept has none. */
  pace: z.array(PacePoint).readonly().default([]),
  /** Who approved the plan that it runs, if somebody did. */
  approval: PlanApproval.optional(),
  /** Of a delete; a load of before backups were made has none. */
  backup: LoadBackup.optional(),
  /** The load that it takes back. */
  undoOf: LoadId.optional(),
  /** Bytes that it takes since it was made small; one that was not has none. */
  keptBytes: z.number().optional(),
});
export type LoadSnapshot = z.infer<typeof LoadSnapshot>;

export const ErrorGroup = ErrorReason.extend({
  rows: z.number(),
  example: z.object({ row: SourceRowNumber, message: z.string() }),
});
export type ErrorGroup = z.infer<typeof ErrorGroup>;

export const OutcomeRow = z.object({
  row: SourceRowNumber,
  line: z.number(),
  kind: OutcomeKind,
  id: z.string(),
  error: z.string(),
  cells: z.array(z.string()),
});
export type OutcomeRow = z.infer<typeof OutcomeRow>;

export const LoadReport = z.object({
  load: LoadSnapshot,
  errorGroups: z.array(ErrorGroup),
  /** Incomplete rows that the second step can be tried for once more. */
  retriable: z.number(),
});
export type LoadReport = z.infer<typeof LoadReport>;

export const ReportFile = z.enum(['success', 'error', 'unprocessed', 'unchanged']);
export type ReportFile = z.infer<typeof ReportFile>;
