import { FailureError } from '../../../shared/contract/failure.ts';
import type { Job } from '../../../shared/domain/job.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { Run, RunHold } from '../../../shared/domain/run.ts';
import type { Handlers } from '../dispatch.ts';
import type { SourceRegistry } from '../source/source-registry.ts';
import type { Before } from './prepare-run.ts';
import { loadedBefore } from './settle-runs.ts';

export interface ReopenTools {
  readonly sources: Pick<SourceRegistry, 'open' | 'whenRead'>;
  readonly procedures: Pick<Handlers, 'plan.reopen' | 'load.drift'>;
}

/** A run that waits, with its plan, for a yes or a no. */
export interface HeldRun extends Run {
  readonly state: Extract<Run['state'], { kind: 'held' }>;
  readonly plan: NonNullable<Run['plan']>;
  readonly source: NonNullable<Run['source']>;
}

type Changed = Extract<RunHold, { code: 'CHANGED_SINCE' }>;

/**
 * The plan of a held run, at hand again just as it was held; or what of it holds no longer. Writes nothing to the org. Throws what keeps
 * its file from being read.
 */
export async function reopenHeld(
  tools: ReopenTools,
  run: HeldRun,
  { job, before }: { readonly job: Job; readonly before: Before },
  signal: AbortSignal,
): Promise<{ readonly plan: LoadPlan } | { readonly changed: Changed }> {
  const changed = (what: Changed['what'], rows = 0) => ({ changed: { code: 'CHANGED_SINCE' as const, what, rows } });
  if (job.changedAt > run.startedAt) return changed('job');
  const { digest } = run.source;
  const loaded = digest === null ? null : loadedBefore(run, digest, before);
  if (loaded && loaded.at > run.startedAt) return changed('loads');
  // Read again where the file is not as it was: the same rows, written once more, are no change.
  const digestNow = await digestOfFile(tools, run, signal);
  if (digestNow === null) return changed('plan');
  if (digestNow !== digest) return changed('file');
  const plan = await planOf(tools, run, signal);
  if (plan?.planDigest !== run.plan.planDigest) return changed('plan');
  const drift = await tools.procedures['load.drift']({ planId: plan.planId }, signal);
  if (drift.file !== 'same') return changed('file');
  if (drift.fields) return changed('fields');
  return drift.rows > 0 ? changed('records', drift.rows) : { plan };
}

/** The digest of a run's rows as its file has them by now; null where its source was forgotten meanwhile, and its plan with it. */
async function digestOfFile(
  { sources }: ReopenTools,
  { source }: HeldRun,
  signal: AbortSignal,
): Promise<string | null> {
  try {
    await sources.open(source.sourceId, null, signal);
    const { state } = await sources.whenRead(source.sourceId, signal);
    return state.kind === 'staged' ? state.digest : null;
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === 'SOURCE_UNKNOWN' && source.owned) return null;
    throw error;
  }
}

/** Null where it is gone, or another process has it open. */
async function planOf({ procedures }: ReopenTools, { plan }: HeldRun, signal: AbortSignal): Promise<LoadPlan | null> {
  try {
    return (await procedures['plan.reopen']({ planId: plan.planId }, signal)).plan;
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === 'PLAN_UNKNOWN') return null;
    throw error;
  }
}
