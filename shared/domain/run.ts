import { z } from 'zod';
import { MappingIssue } from './field-issue.ts';
import { Operation } from './field-mapping.ts';
import { Digest, JobId, LoadId, OrgId, PlanId, RunId, SourceId } from './ids.ts';
import { PlanCounts } from './load-plan.ts';
import { OutcomeCounts } from './load-results.ts';
import { MappingMisfit } from './mapping-file.ts';
import { RunSync, SyncStateProblem } from './sync.ts';

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
  /** The file has no rows. */
  z.object({ code: z.literal('SOURCE_EMPTY'), fileName: z.string() }),
  /** The file has far fewer rows than that of the last run, which had `had`. */
  z.object({ code: z.literal('SOURCE_SHRUNK'), rows: z.number(), had: z.number() }),
  /** The plan changes far more than the job's runs do: `usual` is the median of the latest. */
  z.object({ code: z.literal('CHANGES_MANY'), changes: z.number(), usual: z.number() }),
  /** The plan deletes more of the object's `records` than its job may without being asked; null where the org doesn't say how many there are. */
  z.object({ code: z.literal('DELETES_MANY'), deletes: z.number(), records: z.number().nullable() }),
  /** The field takes fewer characters than when the job was saved. */
  z.object({
    code: z.literal('FIELD_SHORTENED'),
    column: z.string(),
    field: z.string(),
    was: z.number(),
    now: z.number(),
  }),
  /** The picklist took any value when the job was saved, and takes its own ones only now. */
  z.object({ code: z.literal('PICKLIST_CLOSED'), column: z.string(), field: z.string() }),
  /** New rows were to be compared with records, and nothing of the object, or of what fills it, can be. */
  z.object({ code: z.literal('NOT_COMPARABLE'), objectName: z.string() }),
  /** Its load takes `needed` API calls at least, more than `percent` of the `remaining` ones. */
  z.object({ code: z.literal('OVER_BUDGET'), needed: z.number(), remaining: z.number(), percent: z.number() }),
  /** So many runs before it have failed, one after another. */
  z.object({ code: z.literal('FAILED_RUNS'), runs: z.number() }),
  /** Begun by a schedule, and its load wants a typed yes that the schedule doesn't give. */
  z.object({ code: z.literal('NEEDS_CONFIRMATION'), org: z.string(), changes: z.number(), deletes: z.number() }),
  /** An insert of rows that were loaded before would create them twice; `at` in milliseconds. */
  z.object({ code: z.literal('LOADED_BEFORE'), at: z.number(), loadId: LoadId.nullable() }),
  /**
   * A held run was approved, and what it would load now is another thing: the job, its file, the org's fields, records of the plan
   * (`rows` of them), or its plan is not as it was then, or rows of it were loaded meanwhile.
   */
  z.object({
    code: z.literal('CHANGED_SINCE'),
    what: z.enum(['job', 'file', 'fields', 'records', 'loads', 'plan']),
    rows: z.number(),
  }),
  /** What the sync agreed on before can't be gone on from. */
  z.object({ code: z.literal('SYNC_STATE'), problem: SyncStateProblem }),
]);
export type RunHold = z.infer<typeof RunHold>;

/** Those that leave no plan of what the job was saved as: the job or its file is to be put right, and there is nothing to approve. */
const UNPLANNABLE: ReadonlySet<RunHold['code']> = new Set<RunHold['code']>([
  'COLUMN_GONE',
  'COLUMN_REPEATED',
  'MISFIT',
  'MAPPING_ISSUE',
  'SOURCE_EMPTY',
  'SYNC_STATE',
]);

export function canBePlanned(holds: readonly RunHold[]): boolean {
  return !holds.some(({ code }) => UNPLANNABLE.has(code));
}

const Failed = z.looseObject({ code: z.string() });

export const RunState = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('preparing'), step: z.enum(['reading', 'fitting', 'checking', 'planning']) }),
  /** Nothing was sent. */
  z.object({ kind: z.literal('held'), holds: z.array(RunHold).min(1) }),
  /** Held, until a person said no to it or a later run of the job took its place. Nothing was sent. */
  z.object({ kind: z.literal('rejected'), why: z.enum(['person', 'later-run']), holds: z.array(RunHold).min(1) }),
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
  /** Who began it: somebody who was there, or its job's schedule. */
  by: z.enum(['person', 'schedule']).default('person'),
  startedAt: z.number(),
  endedAt: z.number().nullable(),
  state: RunState,
  source: z
    .object({
      sourceId: SourceId,
      fileName: z.string(),
      digest: Digest.nullable(),
      rows: z.number(),
      /** Read for this run alone, and forgotten with it. */
      owned: z.boolean().default(false),
    })
    .nullable(),
  /** Columns of the file that the job doesn't know: they are not loaded. */
  newColumns: z.array(z.string()),
  plan: z.object({ planId: PlanId, planDigest: Digest, counts: PlanCounts }).nullable(),
  /** When a person approved it although it was held, and what for; in milliseconds. */
  approved: z
    .object({ at: z.number(), holds: z.array(RunHold).min(1) })
    .nullable()
    .default(null),
  /** What was decided of new rows that resemble records; `asked` rows are not sent, for somebody would have to be asked. */
  resembled: z.object({ pairs: z.number(), asked: z.number() }).nullable().default(null),
  loadId: LoadId.nullable(),
  /** Of its load, once that has ended. */
  counts: OutcomeCounts.nullable(),
  /** Of a job that is a sync. */
  sync: RunSync.nullable().default(null),
});
export type Run = z.infer<typeof Run>;

const UNDER_WAY: ReadonlySet<RunState['kind']> = new Set<RunState['kind']>(['preparing', 'planned', 'loading']);

/** Whether nothing more comes of a run by itself. */
export function hasEnded({ state }: Pick<Run, 'state'>): boolean {
  return !UNDER_WAY.has(state.kind);
}

/** Whether a run waits, with its plan, for a yes or a no. */
export function canBeApproved({ state, plan, dry }: Pick<Run, 'state' | 'plan' | 'dry'>): boolean {
  return state.kind === 'held' && plan !== null && !dry;
}

/** After a run of a sync's rows has ended: how many records there are whose rows are gone and whose time is over. */
export function goneDueAfter({ state, sync }: Pick<Run, 'state' | 'sync'>): number {
  return state.kind === 'ended' && sync?.part === 'rows' ? (sync.done?.goneDue ?? 0) : 0;
}
