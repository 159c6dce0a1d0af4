import { z } from 'zod';
import { MappingIssue } from './field-issue.ts';
import { Operation } from './field-mapping.ts';
import { Digest, JobId, LoadId, OrgId, PlanId, RunId, SourceId } from './ids.ts';
import { PlanCounts } from './load-plan.ts';
import { OutcomeCounts } from './load-results.ts';
import { MappingMisfit } from './mapping-file.ts';

/** Why a run is held: it has written nothing, and what it would do may be another thing than was meant. */
export const RunHold = z.discriminatedUnion('code', [
  /** The file lacks a column that the job needs. */
  z.object({ code: z.literal('COLUMN_GONE'), column: z.string() }),
  /** More columns have the name than when the job was saved: which is meant can't be told. */
  z.object({ code: z.literal('COLUMN_REPEATED'), column: z.string() }),
  /** The field has another type than when the job was saved. */
  z.object({
    code: z.literal('FIELD_RETYPED'),
    column: z.string(),
    field: z.string(),
    was: z.string(),
    now: z.string(),
  }),
  /** Something of the mapping is not in the org any more. */
  z.object({ code: z.literal('MISFIT'), misfit: MappingMisfit }),
  /** The mapping can't be loaded by. */
  z.object({ code: z.literal('MAPPING_ISSUE'), issue: MappingIssue }),
  /** An insert of rows that were loaded before would create them twice; `at` in milliseconds. */
  z.object({ code: z.literal('LOADED_BEFORE'), at: z.number(), loadId: LoadId.nullable() }),
]);
export type RunHold = z.infer<typeof RunHold>;

const Failed = z.looseObject({ code: z.string() });

export const RunState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('preparing'), step: z.enum(['reading', 'fitting', 'checking', 'planning']) }),
  /** Nothing was sent. */
  z.object({ kind: z.literal('held'), holds: z.array(RunHold).min(1) }),
  /** Reviewed or about to be; its load has not been started. */
  z.object({ kind: z.literal('planned') }),
  /** Its load is being started, runs, or is paused; written down before anything is sent. */
  z.object({ kind: z.literal('loading') }),
  z.object({
    kind: z.literal('ended'),
    /**
     * Its load has ended; there was nothing to load; the rows were those of the run that was continued before it; it was only to be
     * shown; or whether it loaded can't be told any more.
     */
    how: z.enum(['loaded', 'nothing-to-load', 'same-rows', 'shown', 'unknown']),
  }),
  /** Nothing was sent. */
  z.object({ kind: z.literal('failed'), failure: Failed }),
  /** Longshore ended before anything was sent. */
  z.object({ kind: z.literal('interrupted') }),
]);
export type RunState = z.infer<typeof RunState>;

/** One run of a job, as it stands. */
export const Run = z.object({
  runId: RunId,
  jobId: JobId,
  /** As it was called then. */
  jobName: z.string(),
  orgId: OrgId,
  objectName: z.string(),
  operation: Operation,
  /** What it would do is only shown. */
  dry: z.boolean(),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  state: RunState,
  source: z
    .object({ sourceId: SourceId, fileName: z.string(), digest: Digest.nullable(), rows: z.number() })
    .nullable(),
  /** Columns of the file that the job doesn't know: they are not loaded. */
  newColumns: z.array(z.string()),
  plan: z.object({ planId: PlanId, planDigest: Digest, counts: PlanCounts }).nullable(),
  loadId: LoadId.nullable(),
  /** Of its load, once that has ended. */
  counts: OutcomeCounts.nullable(),
});
export type Run = z.infer<typeof Run>;

/** Whether a run comes to an end by itself no more. */
export function hasEnded({ state }: Pick<Run, 'state'>): boolean {
  return state.kind === 'held' || state.kind === 'ended' || state.kind === 'failed' || state.kind === 'interrupted';
}
