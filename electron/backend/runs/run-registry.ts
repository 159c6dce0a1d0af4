import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import type { Input, Output } from '../../../shared/contract/procedures.ts';
import { RunId, type JobId, type OrgId, type SourceId } from '../../../shared/domain/ids.ts';
import type { Job } from '../../../shared/domain/job.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { canBeApproved, hasEnded, type Run, type RunHold } from '../../../shared/domain/run.ts';
import type { Handlers } from '../dispatch.ts';
import type { SavedJobs } from '../jobs/saved-jobs.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { PlanRegistry } from '../plan/plan-registry.ts';
import type { BackendPorts } from '../ports.ts';
import type { SourceRegistry } from '../source/source-registry.ts';
import { connectionOf } from './connection-of.ts';
import { JobRuns } from './job-runs.ts';
import { isLeftChanged } from './left-changed.ts';
import type { LiveRun } from './live-run.ts';
import { LiveRuns } from './live-runs.ts';
import { plannedState, prepareRun, type AskedOfRun, type Before, type PrepareTools } from './prepare-run.ts';
import type { SyncEngine } from '../sync/sync-engine.ts';
import { reopenHeld, type HeldRun, type ReopenTools } from './reopen-held.ts';
import { endedBy, stopped } from './settle-runs.ts';

interface RunTools extends Pick<PrepareTools, 'preferences'> {
  readonly ports: Pick<BackendPorts, 'paths' | 'clock' | 'random' | 'log'>;
  readonly jobs: Pick<SavedJobs, 'get'>;
  readonly orgs: PrepareTools['orgs'] & Pick<OrgDirectory, 'list'>;
  readonly sources: PrepareTools['sources'] & Pick<SourceRegistry, 'forget' | 'putAway'>;
  readonly plans: Pick<PlanRegistry, 'forget' | 'putAway'>;
  readonly procedures: PrepareTools['procedures'] &
    ReopenTools['procedures'] &
    Pick<Handlers, 'load.start' | 'load.list'>;
  readonly sync: PrepareTools['sync'] & Pick<SyncEngine, 'finish' | 'summary' | 'reset' | 'forget'>;
  /** Hears of each change of a run, once it is on disk. */
  readonly changed: (run: Run) => void;
}

/**
 * Runs of jobs: read → fit → check → plan → load, each step written down before the next begins. A process that ends in between leaves
 * a run of which the next one can tell what it has sent: nothing, or what its load's journal says.
 */
export class RunRegistry {
  readonly #tools: RunTools;
  readonly #live: LiveRuns;
  readonly #closing = new AbortController();

  constructor(tools: RunTools) {
    this.#tools = tools;
    const { ports, sources, plans, changed } = tools;
    const loads = (signal: AbortSignal) => tools.procedures['load.list']({}, signal);
    const ended: RunRegistry['ended'] = (...of) => this.ended(...of);
    this.#live = new LiveRuns({ ports, sources, plans, changed, loads, ended });
  }

  async list(jobId: JobId): Promise<Output<'run.list'>> {
    await this.#live.of(jobId)?.written;
    return new JobRuns(this.#tools.ports, jobId).list();
  }

  /** Throws `RUN_UNKNOWN`, `DOCUMENT_UNREADABLE`. */
  get(runId: RunId): Promise<Run> {
    return this.#live.get(runId);
  }

  /**
   * Prepares a run up to its plan. Where an earlier run was interrupted while it loaded, that one is the answer: its load is to be
   * continued first. Throws `JOB_UNKNOWN`, `JOB_RUNNING`, `JOB_ORG_MISSING`, `JOB_OTHER_ORG`, `RUN_OPEN`, and what keeps a file from being
   * read, checked, or planned.
   */
  async prepare(
    asked: Input<'run.prepare'>,
    signal: AbortSignal,
    by: Run['by'] = 'person',
  ): Promise<Output<'run.prepare'>> {
    const { jobs, orgs } = this.#tools;
    const job = await jobs.get(asked.jobId);
    if (job.paused && !asked.dry && asked.evenPaused !== true)
      throw new FailureError({ code: 'JOB_PAUSED', name: job.definition.name, at: job.paused.at });
    const paused = await this.#pausedHere(job.jobId, signal);
    if (paused) return continuing(paused, asked.dry);
    const orgId = connectionOf(job, await orgs.list(), asked.orgId);
    return this.#live.working(job, signal, async (live, before) => {
      const open = before.runs.find((run) => !hasEnded(run));
      if (!open) return this.#prepareNew(live, { job, orgId, asked: { ...asked, by }, before }, signal);
      const answer = continuing(open, asked.dry);
      live.run = open;
      return answer;
    });
  }

  async #prepareNew(
    live: LiveRun,
    {
      job,
      orgId,
      asked,
      before,
    }: { job: Job; orgId: OrgId; asked: AskedOfRun & Pick<Run, 'dry' | 'by'>; before: Before },
    signal: AbortSignal,
  ): Promise<Output<'run.prepare'>> {
    await live.runs.prune();
    const first = this.#firstRun(job, orgId, asked);
    await live.save(first);
    const preparing = {
      run: () => live.run ?? first,
      save: (change: Partial<Run>) => live.save({ ...preparing.run(), ...change }),
      owns: (sourceId: SourceId) => void live.sources.add(sourceId),
      before,
    };
    try {
      const prepared = await prepareRun(this.#tools, job.definition, asked, preparing, signal);
      // What waited for a yes is not to be loaded beside what has taken its place.
      if (!asked.dry) for (const run of before.runs) await this.#live.reject(live, run, 'later-run');
      const run = preparing.run();
      if (canBeApproved(run)) await this.#live.putAway(run);
      return { run, ...prepared };
    } catch (error) {
      await preparing.save({ state: stateAfter(error) });
      throw error;
    }
  }

  /**
   * Has a held run loaded as it was held: it is planned from now on. Where what it would load is another thing by now, a new run takes
   * its place and is held. Throws `RUN_UNKNOWN`, `RUN_NOT_HELD`, `PLAN_STALE` for a plan that it does not have, and what `prepare` does; it
   * is held as before then.
   */
  async approve(
    { runId, planDigest, acceptChangedFile }: Input<'run.approve'>,
    signal: AbortSignal,
  ): Promise<Output<'run.approve'>> {
    const job = await this.#jobOf(runId);
    return this.#live.working(job, signal, async (live, before) => {
      const run = approvable(before.runs, runId);
      if (run.plan.planDigest !== planDigest) throw new FailureError({ code: 'PLAN_STALE', why: 'digest', rows: 0 });
      const reopened = await this.#reopen(run, { job, before }, signal).catch(async (error: unknown) => {
        await this.#live.putAway(run);
        throw error;
      });
      if ('changed' in reopened) {
        const given = run.source.owned ? {} : { sourceId: run.source.sourceId };
        const part = run.sync?.part;
        const asked = {
          ...given,
          acceptChangedFile,
          part,
          dry: false,
          by: 'person' as const,
          holds: [reopened.changed],
        };
        return this.#prepareNew(live, { job, orgId: run.orgId, asked, before }, signal);
      }
      if (run.source.owned) live.sources.add(run.source.sourceId);
      const approved = { at: this.#tools.ports.clock.now(), holds: run.state.holds };
      const state = plannedState(reopened.plan);
      const sync =
        state.kind === 'ended' ? await this.#tools.sync.commitPlan(job.definition.sync, run, signal) : run.sync;
      const planned: Run = { ...run, approved, state, sync, endedAt: null };
      await live.save(planned);
      return { run: live.run ?? planned, checks: null, plan: reopened.plan, resembled: null };
    });
  }

  async #reopen(
    run: HeldRun,
    of: Parameters<typeof reopenHeld>[2],
    signal: AbortSignal,
  ): ReturnType<typeof reopenHeld> {
    if (await isLeftChanged(this.#tools.sources, of.job, run, signal))
      return { changed: { code: 'CHANGED_SINCE', what: 'file', rows: 0 } };
    return reopenHeld(this.#tools, run, of, signal);
  }

  /** Drops a held run and its plan. Throws `RUN_UNKNOWN`, `RUN_NOT_HELD`, `JOB_RUNNING`. */
  async reject(runId: RunId, signal: AbortSignal): Promise<Run> {
    const job = await this.#jobOf(runId);
    return this.#live.working(job, signal, (live, { runs }) => {
      const { run } = heldIn(runs, runId);
      return this.#live.reject(live, run, 'person');
    });
  }

  async #jobOf(runId: RunId): Promise<Job> {
    return this.#tools.jobs.get((await this.get(runId)).jobId);
  }

  /**
   * Loads what a run of this process has planned, if it is still what was reviewed. That it loads is on disk before anything is sent.
   * Throws `RUN_UNKNOWN`, and what `load.start` does: nothing was sent then, and the run has failed, or is held, again where it was approved,
   * and where its load wants a yes.
   */
  async load({ runId, planDigest, ...consent }: Input<'run.load'>, signal: AbortSignal): Promise<Output<'run.load'>> {
    const live = this.#live.find((run) => run.runId === runId);
    const planned = live?.run;
    if (!live || planned?.state.kind !== 'planned' || planned.plan === null)
      throw new FailureError({ code: 'RUN_UNKNOWN' });
    const { planId } = planned.plan;
    const { apiBudgetPercent } = (await this.#tools.jobs.get(planned.jobId)).definition;
    // Who approved it knew what it takes.
    const isBudgeted = planned.approved?.holds.some(({ code }) => code === 'OVER_BUDGET') ?? false;
    const yes = { ...consent, apiBudgetPercent, acceptApiUse: consent.acceptApiUse === true || isBudgeted };
    const { sync } = planned;
    const loading: Run = { ...planned, state: { kind: 'loading' }, sync: sync && { ...sync, phase: 'apply' } };
    await live.save(loading);
    try {
      const load = await this.#tools.procedures['load.start']({ planId, planDigest, ...yes }, signal);
      // A few rows may be loaded by now.
      if (live.run?.state.kind === 'loading' && !live.isEnding) await live.save({ ...loading, loadId: load.loadId });
      return { run: live.run ?? loading, load };
    } catch (error) {
      const asks = planned.approved === null ? asksFor(error) : null;
      const isHeld = planned.approved !== null || asks !== null;
      const held = asks ? { ...planned, state: { kind: 'held' as const, holds: [asks] } } : stopped(planned);
      await live.save(isHeld ? held : { ...loading, state: stateAfter(error) });
      if (isHeld) await this.#live.letGo(planned.jobId);
      throw error;
    }
  }

  /** A load has changed: the run that it is of may have ended. */
  loadChanged(load: LoadSnapshot): void {
    if (load.state.kind !== 'finished') return;
    const live = this.#live.find(({ plan, state }) => plan?.planId === load.planId && state.kind === 'loading');
    if (!live?.run || live.isEnding) return;
    const { run } = live;
    live
      .end((note) => this.ended(run, load, note))
      .catch(async (error: unknown) => {
        // The load's own record tells the next run.
        this.#tools.ports.log.error('the end of a run was not written down', error);
        await this.#live.abandon(run.jobId);
      });
  }

  /** What a run has come to whose load has ended: of a sync, once that has committed it. */
  async ended(run: Run, load: LoadSnapshot, note: (run: Run) => Promise<void>): Promise<Run> {
    const over = endedBy(run, load);
    if (!run.sync) return over;
    const { definition } = await this.#tools.jobs.get(run.jobId);
    const noted = (sync: Run['sync']) => note({ ...run, loadId: load.loadId, sync });
    const sync = await this.#tools.sync.finish(definition.sync, over, noted, this.#closing.signal);
    return { ...over, sync };
  }

  /**
   * What a job's sync would forget; with `preview` false it does, and its next run compares every row. Runs that wait for a yes were planned by
   * what is forgotten, and are rejected. Throws `JOB_UNKNOWN`, `JOB_RUNNING`, `RUN_OPEN`.
   */
  async reset({ jobId, preview }: Input<'job.reset'>, signal: AbortSignal): Promise<Output<'job.reset'>> {
    const { jobs, sync } = this.#tools;
    return this.#live.alone(await jobs.get(jobId), async (live) => {
      const summary = await sync.summary(jobId, signal);
      if (preview) return summary;
      await this.#live.rejectHeld(live, signal);
      await sync.reset(jobId, signal);
      return summary;
    });
  }

  /** Forgets the runs of a job that is removed; its loads stay. Throws `JOB_RUNNING`. */
  async forget(jobId: JobId): Promise<void> {
    await this.#live.forget(await this.#tools.jobs.get(jobId));
    await this.#tools.sync.forget(jobId);
  }

  /** Lets go of every job. A load that is not over stands where its journal says. */
  close(): Promise<void> {
    this.#closing.abort(new FailureError({ code: 'CANCELLED' }));
    return this.#live.close();
  }

  #firstRun({ jobId, definition }: Job, orgId: OrgId, { dry, by }: Pick<Run, 'dry' | 'by'>): Run {
    const { clock, random } = this.#tools.ports;
    return {
      runId: RunId.parse(`run_${random.token(16)}`),
      jobId,
      jobName: definition.name,
      orgId,
      objectName: definition.object,
      operation: definition.operation,
      dry,
      by,
      startedAt: clock.now(),
      endedAt: null,
      state: { kind: 'preparing', step: 'reading' },
      source: null,
      newColumns: [],
      plan: null,
      approved: null,
      resembled: null,
      loadId: null,
      counts: null,
      sync: null,
    };
  }

  /** A run of this process whose load is paused. */
  async #pausedHere(jobId: JobId, signal: AbortSignal): Promise<Run | null> {
    const run = this.#live.of(jobId)?.run;
    if (run?.state.kind !== 'loading') return null;
    const loads = await this.#tools.procedures['load.list']({}, signal);
    return loads.find(({ planId }) => planId === run.plan?.planId)?.state.kind === 'paused' ? run : null;
  }
}

/** Throws `RUN_NOT_HELD`. */
function heldIn(runs: readonly Run[], runId: RunId): { readonly run: Run; readonly state: HeldRun['state'] } {
  const run = runs.find((one) => one.runId === runId);
  if (run?.state.kind !== 'held') throw new FailureError({ code: 'RUN_NOT_HELD', why: 'not-held' });
  return { run, state: run.state };
}

/** Throws `RUN_NOT_HELD`. */
function approvable(runs: readonly Run[], runId: RunId): HeldRun {
  const { run, state } = heldIn(runs, runId);
  const { plan, source } = run;
  if (run.dry) throw new FailureError({ code: 'RUN_NOT_HELD', why: 'shown' });
  if (plan === null || source === null) throw new FailureError({ code: 'RUN_NOT_HELD', why: 'no-plan' });
  return { ...run, state, plan, source };
}

/** The answer where a run was interrupted while it loaded: that one, which comes first. Throws `RUN_OPEN` where none is to be loaded. */
function continuing(open: Run, dry: boolean): Output<'run.prepare'> {
  if (dry && open.loadId !== null)
    throw new FailureError({ code: 'RUN_OPEN', name: open.jobName, loadId: open.loadId });
  return { run: open, checks: null, plan: null, resembled: null };
}

/** What a run is held for where its load wants a yes that was not given; null where that is not what stopped it. */
function asksFor(error: unknown): RunHold | null {
  if (!(error instanceof FailureError) || error.failure.code !== 'CONFIRMATION_NEEDED') return null;
  const { org, changes, deletes } = error.failure;
  return { code: 'NEEDS_CONFIRMATION', org, changes, deletes };
}

function stateAfter(error: unknown): Run['state'] {
  const failure: Failure | null = error instanceof FailureError ? error.failure : null;
  return failure ? { kind: 'failed', failure } : { kind: 'interrupted' };
}
