import { FailureError } from '../../../shared/contract/failure.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { Job } from '../../../shared/domain/job.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import type { Run } from '../../../shared/domain/run.ts';
import type { Handlers } from '../dispatch.ts';
import type { RunRegistry } from '../runs/run-registry.ts';

export interface UnattendedTools {
  readonly runs: Pick<RunRegistry, 'prepare' | 'get'>;
  readonly procedures: Pick<Handlers, 'run.load' | 'load.resume'>;
  /** Settles once a load has finished or paused. */
  readonly whenLoadStops: (loadId: LoadId, signal: AbortSignal) => Promise<LoadSnapshot>;
  /** Hears of a run once it is prepared, while what it read is still known. */
  readonly prepared: (run: Run) => void;
}

/**
 * Runs a job with nobody there: the same steps as by hand, and nothing is said yes to but what its schedule says. What is held stays held.
 * A run that was interrupted while it loaded is continued first. Throws what `RunRegistry.prepare` and `load.resume` do.
 */
export async function runUnattended(
  { runs, procedures, whenLoadStops, prepared }: UnattendedTools,
  { jobId, definition }: Job,
  signal: AbortSignal,
): Promise<Run> {
  const { schedule, apiBudgetPercent } = definition;
  const asked = { jobId, dry: false };
  let { run } = await runs.prepare(asked, signal, 'schedule');
  if (run.state.kind === 'loading') {
    if (run.loadId === null) return run;
    const { runId, loadId } = run;
    await procedures['load.resume']({ loadId, apiBudgetPercent }, signal);
    const load = await whenLoadStops(loadId, signal);
    if (load.state.kind !== 'finished') return runs.get(runId);
    ({ run } = await runs.prepare({ ...asked, after: runId }, signal, 'schedule'));
  }
  prepared(run);
  if (run.state.kind !== 'planned' || run.plan === null) return run;
  const { runId, plan } = run;
  const confirmation = schedule?.confirmOrg;
  try {
    const { load } = await procedures['run.load']({ runId, planDigest: plan.planDigest, confirmation }, signal);
    await whenLoadStops(load.loadId, signal);
  } catch (error) {
    // Held for whoever is there, as its run says by now.
    if (!(error instanceof FailureError && error.failure.code === 'CONFIRMATION_NEEDED')) throw error;
  }
  return runs.get(runId);
}
