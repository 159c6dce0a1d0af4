import { FailureError } from '../../../shared/contract/failure.ts';
import type { JobId, RunId, SourceId } from '../../../shared/domain/ids.ts';
import type { Job } from '../../../shared/domain/job.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { canBeApproved, type Run } from '../../../shared/domain/run.ts';
import type { PlanRegistry } from '../plan/plan-registry.ts';
import type { BackendPorts } from '../ports.ts';
import type { SourceRegistry } from '../source/source-registry.ts';
import { JobRuns } from './job-runs.ts';
import { LiveRun } from './live-run.ts';
import type { Before } from './prepare-run.ts';
import { settleRun, stopped } from './settle-runs.ts';

interface LiveTools {
  readonly ports: Pick<BackendPorts, 'paths' | 'clock' | 'log'>;
  readonly sources: Pick<SourceRegistry, 'forget' | 'putAway'>;
  readonly plans: Pick<PlanRegistry, 'forget' | 'putAway'>;
  readonly loads: (signal: AbortSignal) => Promise<readonly LoadSnapshot[]>;
  /** Hears of each change of a run, once it is on disk. */
  readonly changed: (run: Run) => void;
  /** What a run has come to whose load has ended; `note` writes down how far that is. */
  readonly ended: (run: Run, load: LoadSnapshot, note: (run: Run) => Promise<void>) => Promise<Run>;
}

/** The jobs that this process has the right to run, and what it keeps for their runs: sources and plans. */
export class LiveRuns {
  readonly #tools: LiveTools;
  readonly #live = new Map<JobId, LiveRun>();

  constructor(tools: LiveTools) {
    this.#tools = tools;
  }

  of(jobId: JobId): LiveRun | undefined {
    return this.#live.get(jobId);
  }

  find(is: (run: Run) => boolean): LiveRun | undefined {
    return [...this.#live.values()].find(({ run }) => run !== null && is(run));
  }

  /**
   * Does something with the runs of a job, which nobody else does meanwhile; the right to run it stays with what comes of that, and ends
   * where it fails. Throws `JOB_RUNNING`.
   */
  async working<T>(job: Job, signal: AbortSignal, work: (live: LiveRun, before: Before) => Promise<T>): Promise<T> {
    const live = await this.#take(job);
    try {
      const loads = await this.#tools.loads(signal);
      const result = await work(live, { runs: await this.#settle(live, loads), loads });
      if (live.run === null) await this.letGo(job.jobId);
      return result;
    } catch (error) {
      await this.letGo(job.jobId);
      throw error;
    }
  }

  /** The right to run a job. What this process prepared of it before, and did not load, makes room. */
  async #take({ jobId, definition }: Job): Promise<LiveRun> {
    const known = this.#live.get(jobId);
    if (known?.isEnding) await known.written;
    const before = this.#live.get(jobId)?.run;
    if (before && before.state.kind !== 'loading' && before.state.kind !== 'preparing') await this.letGo(jobId);
    const { ports, changed } = this.#tools;
    const runs = new JobRuns(ports, jobId);
    const live = new LiveRun({ clock: ports.clock, changed }, runs, await runs.take(definition.name));
    this.#live.set(jobId, live);
    return live;
  }

  /** The runs of the job, those of ended processes as they have come out. */
  async #settle(live: LiveRun, loads: readonly LoadSnapshot[]): Promise<Run[]> {
    const settled: Run[] = [];
    for (const run of (await live.runs.list()).runs) {
      const now = await this.#settled(live, run, loads);
      if (now !== run) await this.#note(live, now);
      // What a process that was killed has left behind of it.
      if (now !== run && now.source?.owned === true && !canBeApproved(now))
        await this.#forgetSource(now.source.sourceId);
      settled.push(now);
    }
    return settled;
  }

  async #settled(live: LiveRun, run: Run, loads: readonly LoadSnapshot[]): Promise<Run> {
    const now = await settleRun(this.#tools.ports, run, loads);
    const load = now === run ? undefined : loads.find(({ loadId }) => loadId === now.loadId);
    if (now.state.kind !== 'ended' || now.state.how !== 'loaded' || load === undefined) return now;
    return this.#tools.ended({ ...run, loadId: load.loadId }, load, (noted) => this.#note(live, noted));
  }

  /** Leaves a run whose end could not be written down to whoever works on the job next. */
  async abandon(jobId: JobId): Promise<void> {
    const live = this.#live.get(jobId);
    this.#live.delete(jobId);
    await live?.release();
  }

  /** Writes down what has become of another run than the one that is under way. */
  async #note(live: LiveRun, run: Run): Promise<void> {
    await live.runs.save(run);
    this.#tools.changed(run);
  }

  /** A held run that is not to be loaded any more; its plan goes. */
  async reject(live: LiveRun, held: Run, why: 'person' | 'later-run'): Promise<Run> {
    if (held.state.kind !== 'held') return held;
    const run: Run = {
      ...held,
      state: { kind: 'rejected', why, holds: held.state.holds },
      endedAt: this.#tools.ports.clock.now(),
    };
    await this.#note(live, run);
    await this.#dropPlan(held);
    return run;
  }

  /**
   * Drops all runs that wait for a yes. What was interrupted while it loaded goes first; one whose load has ended, and that is not written down
   * yet, is no hindrance: why it could not be may be the reason. Throws `RUN_OPEN`.
   */
  async rejectHeld(live: LiveRun, signal: AbortSignal): Promise<void> {
    const loads = await this.#tools.loads(signal);
    const runs: Run[] = [];
    for (const run of (await live.runs.list()).runs) {
      const now = await settleRun(this.#tools.ports, run, loads);
      if (now.state.kind === 'loading' && now.loadId !== null)
        throw new FailureError({ code: 'RUN_OPEN', name: now.jobName, loadId: now.loadId });
      runs.push(now);
    }
    for (const run of runs) await this.reject(live, run, 'person');
  }

  async #dropPlan({ plan, source }: Run): Promise<void> {
    if (plan) await this.#tools.plans.forget(plan.planId);
    if (source?.owned === true) await this.#forgetSource(source.sourceId);
  }

  /** Removes the runs of a job, with what they keep. Throws `JOB_RUNNING`. */
  forget(job: Job): Promise<void> {
    return this.alone(job, async (live) => {
      for (const run of (await live.runs.list()).runs) if (run.state.kind === 'held') await this.#dropPlan(run);
      await live.runs.removeAll();
    });
  }

  /** Does something that no run of the job may happen beside. Throws `JOB_RUNNING`. */
  async alone<T>(job: Job, work: (live: LiveRun) => Promise<T>): Promise<T> {
    const live = await this.#take(job);
    try {
      return await work(live);
    } finally {
      await this.letGo(job.jobId);
    }
  }

  /** Leaves the plan of a held run to whoever approves it, in whatever process. */
  async putAway({ plan, source }: Run): Promise<void> {
    if (plan) await this.#tools.plans.putAway(plan.planId);
    if (source?.owned === true) await this.#tools.sources.putAway(source.sourceId);
  }

  async letGo(jobId: JobId): Promise<void> {
    const live = this.#live.get(jobId);
    if (!live) return;
    this.#live.delete(jobId);
    await live.written;
    try {
      const isLeft = live.run?.state.kind === 'planned' || live.run?.state.kind === 'preparing';
      if (live.run && isLeft) await live.save(stopped(live.run));
      // What waits for a yes keeps its plan, which would go with its source.
      if (live.run && canBeApproved(live.run)) await this.putAway(live.run);
      else for (const sourceId of live.sources) await this.#forgetSource(sourceId);
    } catch (error) {
      this.#tools.ports.log.error('a run was not put away', error, { jobId });
    } finally {
      await live.release();
    }
  }

  /** Lets go of every job. */
  async close(): Promise<void> {
    for (const jobId of [...this.#live.keys()]) await this.letGo(jobId);
  }

  /** Throws `RUN_UNKNOWN`, `DOCUMENT_UNREADABLE`. */
  async get(runId: RunId): Promise<Run> {
    await this.find((run) => run.runId === runId)?.written;
    return JobRuns.find(this.#tools.ports, runId);
  }

  async #forgetSource(sourceId: SourceId): Promise<void> {
    await this.#tools.sources.forget(sourceId).catch((error: unknown) => {
      // Forgotten before, by whoever had it open.
      if (!(error instanceof FailureError && error.failure.code === 'SOURCE_UNKNOWN')) throw error;
    });
  }
}
