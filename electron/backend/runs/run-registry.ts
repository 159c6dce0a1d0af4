import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import type { Input, Output } from '../../../shared/contract/procedures.ts';
import { RunId, type JobId, type OrgId, type SourceId } from '../../../shared/domain/ids.ts';
import type { Job } from '../../../shared/domain/job.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { hasEnded, type Run } from '../../../shared/domain/run.ts';
import type { Handlers } from '../dispatch.ts';
import type { FileLock } from '../documents/file-lock.ts';
import type { SavedJobs } from '../jobs/saved-jobs.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { BackendPorts } from '../ports.ts';
import type { SourceRegistry } from '../source/source-registry.ts';
import { JobRuns } from './job-runs.ts';
import { connectionOf } from './connection-of.ts';
import { prepareRun, type PrepareTools } from './prepare-run.ts';
import { endedBy, settleRun } from './settle-runs.ts';

interface RunTools extends PrepareTools {
  readonly ports: Pick<BackendPorts, 'paths' | 'clock' | 'random' | 'log'>;
  readonly jobs: Pick<SavedJobs, 'get'>;
  readonly orgs: PrepareTools['orgs'] & Pick<OrgDirectory, 'list'>;
  readonly sources: PrepareTools['sources'] & Pick<SourceRegistry, 'forget'>;
  readonly procedures: PrepareTools['procedures'] & Pick<Handlers, 'load.start' | 'load.list'>;
}

/** A job that this process has the right to run, and its run. */
interface Live {
  readonly runs: JobRuns;
  /** Null once the run has ended: others may run the job then. */
  lock: FileLock | null;
  /** Null before there is one. */
  run: Run | null;
  /** Writes of the run, one after another. */
  written: Promise<void>;
  /** Sources that were made for it. */
  readonly sources: Set<SourceId>;
}

/**
 * Runs of jobs: read → fit → check → plan → load, each step written down before the next begins. A process that ends in between leaves
 * a run of which the next one can tell what it has sent: nothing, or what its load's journal says.
 */
export class RunRegistry {
  readonly #tools: RunTools;
  readonly #live = new Map<JobId, Live>();

  constructor(tools: RunTools) {
    this.#tools = tools;
  }

  async list(jobId: JobId): Promise<Output<'run.list'>> {
    await this.#live.get(jobId)?.written;
    return new JobRuns(this.#tools.ports, jobId).list();
  }

  /**
   * Prepares a run up to its plan. Where an earlier run was interrupted while it loaded, that one is the answer: its load is to be
   * continued first. Throws `JOB_UNKNOWN`, `JOB_RUNNING`, `JOB_ORG_MISSING`, `JOB_OTHER_ORG`, `RUN_OPEN`, and what keeps a file from being
   * read, checked, or planned.
   */
  async prepare(asked: Input<'run.prepare'>, signal: AbortSignal): Promise<Output<'run.prepare'>> {
    const { procedures, jobs } = this.#tools;
    const job = await jobs.get(asked.jobId);
    const paused = await this.#pausedHere(job.jobId, signal);
    if (paused) return { run: paused, checks: null, plan: null };
    const orgId = connectionOf(job, await this.#tools.orgs.list(), asked.orgId);
    const live = await this.#take(job);
    try {
      const loads = await procedures['load.list']({}, signal);
      const runs = await this.#settle(live, loads);
      const open = runs.find((run) => !hasEnded(run));
      if (open) {
        if (asked.dry && open.loadId !== null)
          throw new FailureError({ code: 'RUN_OPEN', name: job.definition.name, loadId: open.loadId });
        live.run = open;
        return { run: open, checks: null, plan: null };
      }
      await live.runs.prune();
      const first = this.#firstRun(job, orgId, asked.dry);
      await this.#save(live, first);
      return await this.#prepared(live, first, job, asked, { runs, loads }, signal);
    } catch (error) {
      await this.#letGo(job.jobId);
      throw error;
    }
  }

  async #prepared(
    live: Live,
    first: Run,
    { definition }: Job,
    asked: Input<'run.prepare'>,
    before: { readonly runs: readonly Run[]; readonly loads: readonly LoadSnapshot[] },
    signal: AbortSignal,
  ): Promise<Output<'run.prepare'>> {
    const preparing = {
      run: () => live.run ?? first,
      save: (change: Partial<Run>) => this.#save(live, { ...preparing.run(), ...change }),
      owns: (sourceId: SourceId) => void live.sources.add(sourceId),
      before,
    };
    try {
      const prepared = await prepareRun(this.#tools, definition, asked, preparing, signal);
      return { run: preparing.run(), ...prepared };
    } catch (error) {
      await preparing.save({ state: stateAfter(error) });
      throw error;
    }
  }

  /**
   * Loads what a run of this process has planned, if it is still what was reviewed. That it loads is on disk before anything is sent.
   * Throws `RUN_UNKNOWN`, and what `load.start` does: nothing was sent then, and the run has failed.
   */
  async load({ runId, planDigest, ...consent }: Input<'run.load'>, signal: AbortSignal): Promise<Output<'run.load'>> {
    const live = [...this.#live.values()].find(({ run }) => run?.runId === runId);
    const planned = live?.run;
    if (!live || planned?.state.kind !== 'planned' || planned.plan === null)
      throw new FailureError({ code: 'RUN_UNKNOWN' });
    const { planId } = planned.plan;
    const loading: Run = { ...planned, state: { kind: 'loading' } };
    await this.#save(live, loading);
    try {
      const load = await this.#tools.procedures['load.start']({ planId, planDigest, ...consent }, signal);
      // A few rows may be loaded by now.
      if (live.run === loading) await this.#save(live, { ...loading, loadId: load.loadId });
      return { run: live.run ?? loading, load };
    } catch (error) {
      await this.#save(live, { ...loading, state: stateAfter(error) });
      throw error;
    }
  }

  /** A load has changed: the run that it is of may have ended. */
  loadChanged(load: LoadSnapshot): void {
    if (load.state.kind !== 'finished') return;
    for (const live of this.#live.values()) {
      if (live.run?.plan?.planId !== load.planId || live.run.state.kind !== 'loading') continue;
      this.#save(live, endedBy(live.run, load)).catch((error: unknown) =>
        // The load's own record tells the next run.
        this.#tools.ports.log.error('the end of a run was not written down', error),
      );
    }
  }

  /** Forgets the runs of a job that is removed; its loads stay. Throws `JOB_RUNNING`. */
  async forget(jobId: JobId): Promise<void> {
    const live = await this.#take(await this.#tools.jobs.get(jobId));
    try {
      await live.runs.removeAll();
    } finally {
      await this.#letGo(jobId);
    }
  }

  /** Lets go of every job. A load that is not over stands where its journal says. */
  async close(): Promise<void> {
    for (const jobId of [...this.#live.keys()]) await this.#letGo(jobId);
  }

  /** The right to run a job. What this process prepared of it before, and did not load, makes room. Throws `JOB_RUNNING`. */
  async #take({ jobId, definition }: Job): Promise<Live> {
    const before = this.#live.get(jobId)?.run;
    if (before && before.state.kind !== 'loading' && before.state.kind !== 'preparing') await this.#letGo(jobId);
    const runs = new JobRuns(this.#tools.ports, jobId);
    const lock = await runs.take(definition.name);
    const live: Live = { runs, lock, run: null, written: Promise.resolve(), sources: new Set() };
    this.#live.set(jobId, live);
    return live;
  }

  /** The runs of the job, those of ended processes as they have come out. */
  async #settle(live: Live, loads: readonly LoadSnapshot[]): Promise<Run[]> {
    const settled: Run[] = [];
    for (const run of (await live.runs.list()).runs) {
      const now = await settleRun(this.#tools.ports, run, loads);
      if (now !== run) await live.runs.save(now);
      // What a process that was killed has left behind of it.
      if (now !== run && now.source) await this.#forgetSource(now.source.sourceId);
      settled.push(now);
    }
    return settled;
  }

  #firstRun({ jobId, definition }: Job, orgId: OrgId, dry: boolean): Run {
    const { clock, random } = this.#tools.ports;
    return {
      runId: RunId.parse(`run_${random.token(16)}`),
      jobId,
      jobName: definition.name,
      orgId,
      objectName: definition.object,
      operation: definition.operation,
      dry,
      startedAt: clock.now(),
      endedAt: null,
      state: { kind: 'preparing', step: 'reading' },
      source: null,
      newColumns: [],
      plan: null,
      loadId: null,
      counts: null,
    };
  }

  /** Writes are one after another: what comes later is never written over by what came before. With its end the job is free. */
  #save(live: Live, next: Run): Promise<void> {
    const isOver = hasEnded(next);
    const run = isOver ? { ...next, endedAt: next.endedAt ?? this.#tools.ports.clock.now() } : next;
    live.run = run;
    const saving = live.written.then(async () => {
      await live.runs.save(run);
      if (isOver) await this.#release(live);
    });
    live.written = saving.catch(() => undefined);
    return saving;
  }

  async #release(live: Live): Promise<void> {
    const { lock } = live;
    live.lock = null;
    await lock?.release();
  }

  /** A run of this process whose load is paused. */
  async #pausedHere(jobId: JobId, signal: AbortSignal): Promise<Run | null> {
    const run = this.#live.get(jobId)?.run;
    if (run?.state.kind !== 'loading') return null;
    const loads = await this.#tools.procedures['load.list']({}, signal);
    return loads.find(({ planId }) => planId === run.plan?.planId)?.state.kind === 'paused' ? run : null;
  }

  async #letGo(jobId: JobId): Promise<void> {
    const live = this.#live.get(jobId);
    if (!live) return;
    this.#live.delete(jobId);
    await live.written;
    try {
      const { run } = live;
      if (run?.state.kind === 'planned' || run?.state.kind === 'preparing')
        await live.runs.save({ ...run, state: { kind: 'interrupted' }, endedAt: this.#tools.ports.clock.now() });
      for (const sourceId of live.sources) await this.#forgetSource(sourceId);
    } catch (error) {
      this.#tools.ports.log.error('a run was not put away', error, { jobId });
    } finally {
      await this.#release(live);
    }
  }

  async #forgetSource(sourceId: SourceId): Promise<void> {
    await this.#tools.sources.forget(sourceId).catch((error: unknown) => {
      // Forgotten before, by whoever had it open.
      if (!(error instanceof FailureError && error.failure.code === 'SOURCE_UNKNOWN')) throw error;
    });
  }
}

function stateAfter(error: unknown): Run['state'] {
  const failure: Failure | null = error instanceof FailureError ? error.failure : null;
  return failure ? { kind: 'failed', failure } : { kind: 'interrupted' };
}
