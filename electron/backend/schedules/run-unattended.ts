import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { Job } from '../../../shared/domain/job.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { goneDueAfter, type Run } from '../../../shared/domain/run.ts';
import type { Handlers } from '../dispatch.ts';
import type { RunRegistry } from '../runs/run-registry.ts';

export interface UnattendedTools {
  readonly runs: Pick<RunRegistry, 'prepare' | 'get' | 'list'>;
  readonly procedures: Pick<Handlers, 'run.load' | 'load.get' | 'load.resume'>;
  /** Settles once a load has finished or paused. */
  readonly whenLoadStops: (loadId: LoadId, signal: AbortSignal) => Promise<LoadSnapshot>;
  /** Hears of a run once it is prepared, while what it read is still known. */
  readonly prepared: (run: Run) => void;
}

/** A load has paused by itself: what it is of is not done. */
export class LoadStalled extends FailureError {}

/**
 * Runs a job with nobody there: the same steps as by hand, and nothing is said yes to but what its schedule says. What is held stays held.
 * A run that was interrupted while it loaded is continued first, unless a person paused it: then that person resumes it. After the rows of
 * a sync come the records whose rows are gone. Gives back the run of the rows. Throws `LOAD_PAUSED`, `LoadStalled`, and what
 * `RunRegistry.prepare` and `load.resume` do.
 */
export async function runUnattended(tools: UnattendedTools, job: Job, signal: AbortSignal): Promise<Run> {
  const { runs, procedures, whenLoadStops, prepared } = tools;
  const { jobId, definition } = job;
  const { apiBudgetPercent } = definition;
  const asked = { jobId, dry: false };
  let { run } = await runs.prepare(asked, signal, 'schedule');
  if (run.state.kind === 'loading') {
    if (run.loadId === null) return run;
    const { runId, loadId } = run;
    if (isPausedByPerson(await procedures['load.get']({ loadId }, signal)))
      throw new FailureError({ code: 'LOAD_PAUSED' });
    await procedures['load.resume']({ loadId, apiBudgetPercent }, signal);
    const load = await whenLoadStops(loadId, signal);
    if (isPausedByPerson(load)) throw new FailureError({ code: 'LOAD_PAUSED' });
    notStalled(load);
    ({ run } = await runs.prepare({ ...asked, after: runId }, signal, 'schedule'));
  }
  prepared(run);
  const last = await loadPlanned(tools, job, run, signal);
  if (goneDueAfter(last) > 0) {
    const { run: gone } = await runs.prepare({ ...asked, part: 'gone' }, signal, 'schedule');
    await loadPlanned(tools, job, gone, signal);
  }
  return last;
}

/** Loads what a run has planned. Gives back the run as it is once all that came of it is written down. */
async function loadPlanned(
  { runs, procedures, whenLoadStops }: UnattendedTools,
  { jobId, definition }: Job,
  run: Run,
  signal: AbortSignal,
): Promise<Run> {
  if (run.state.kind !== 'planned' || run.plan === null) return run;
  const { runId, plan } = run;
  const confirmation = definition.schedule?.confirmOrg;
  try {
    const { load } = await procedures['run.load']({ runId, planDigest: plan.planDigest, confirmation }, signal);
    const ended = await whenLoadStops(load.loadId, signal);
    // Whoever pauses it goes on with it: it is theirs from then on.
    if (!isPausedByPerson(ended)) notStalled(ended);
  } catch (error) {
    // Held for whoever is there, as its run says by now.
    if (!(error instanceof FailureError && error.failure.code === 'CONFIRMATION_NEEDED')) throw error;
  }
  const listed = (await runs.list(jobId)).runs.find((one) => one.runId === runId);
  return listed ?? runs.get(runId);
}

function isPausedByPerson({ state }: LoadSnapshot): boolean {
  return state.kind === 'paused' && state.failure.code === 'LOAD_PAUSED';
}

/** Throws `LoadStalled`. */
function notStalled({ state }: LoadSnapshot): void {
  if (state.kind === 'paused') throw new LoadStalled(state.failure as Failure);
}
