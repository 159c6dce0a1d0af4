import { join } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { LoadStorage } from '../../../shared/domain/history.ts';
import type { Digest, LoadId, OrgId, PlanId } from '../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import type { FileLock } from '../documents/file-lock.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import { ReadOnlyOrgs } from '../orgs/read-only-orgs.ts';
import { readPlan } from '../plan/plan-document.ts';
import { planFolder } from '../plan/plan-registry.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { beginOnDisk, firstSnapshot } from './begin-load.ts';
import { findKeptFiles } from './compact-load.ts';
import { driftNow, refuseDriftNow } from './drift-now.ts';
import { KnownLoads } from './known-loads.ts';
import { LoadCompactor } from './load-compactor.ts';
import { takeLock } from './load-lock.ts';
import { LoadProcess } from './load-process.ts';
import { LoadSizes } from './load-sizes.ts';
import type { LoadPorts, OpenedLoad } from './opened-load.ts';
import { stalePlan } from './refuse-drift.ts';
import { reopenFinished } from './reopen-finished.ts';
import { ResumedLoads, type MayResume } from './resumed-loads.ts';
import { changesOf } from '../../../shared/domain/confirmation.ts';

/** Every load of this data folder: those this process runs, those another one runs, paused ones and finished ones. */
export class LoadRegistry {
  readonly #tools: { readonly ports: LoadPorts; readonly staging: StagingClient; readonly orgs: OrgDirectory };
  readonly #changed: (load: LoadSnapshot) => void;
  readonly #known: KnownLoads;
  readonly #readOnly: ReadOnlyOrgs;
  /** Loads that this process runs, and those whose last state could not be saved. */
  readonly #here = new Map<LoadId, LoadProcess>();
  readonly #used = new Set<PlanId>();
  readonly #resumed: ResumedLoads;
  readonly #compactor: LoadCompactor;
  readonly #sizes: LoadSizes;

  constructor(ports: LoadPorts, staging: StagingClient, orgs: OrgDirectory, changed: (load: LoadSnapshot) => void) {
    this.#tools = { ports, staging, orgs };
    this.#readOnly = new ReadOnlyOrgs(ports.paths);
    this.#changed = changed;
    this.#known = new KnownLoads(ports);
    const isBusy = () => [...this.#here.values()].some(({ running }) => running);
    this.#sizes = new LoadSizes(ports);
    this.#compactor = new LoadCompactor({ ports, staging, sizes: this.#sizes, isBusy });
    this.#compactor.begin();
    this.#resumed = new ResumedLoads({
      paths: ports.paths,
      get: (loadId) => this.get(loadId),
      here: (loadId) => this.#here.get(loadId),
      run: (...load) => this.#run(...load),
    });
  }

  /** Whether a load of this process has come, or is just coming, of a plan. */
  hasUsed(planId: PlanId): boolean {
    return this.#used.has(planId);
  }

  async list(): Promise<LoadSnapshot[]> {
    const loads = new Map((await this.#known.list()).map(({ snapshot }) => [snapshot.loadId, snapshot]));
    for (const [loadId, { snapshot }] of this.#here) loads.set(loadId, snapshot);
    return [...loads.values()].sort((a, b) => b.startedAt - a.startedAt);
  }

  /** What each takes on disk. */
  sizes(): Promise<LoadStorage[]> {
    return this.#sizes.all();
  }

  /** Names of folders of loads whose record can't be read. */
  damaged(): Promise<string[]> {
    return this.#known.damaged();
  }

  async get(loadId: LoadId): Promise<LoadSnapshot> {
    const here = this.#here.get(loadId);
    if (here) return here.snapshot;
    const known = await this.#known.find(loadId);
    if (!known) throw new FailureError({ code: 'LOAD_UNKNOWN' });
    return known.snapshot;
  }

  /** What a load runs or ran. Throws `LOAD_UNKNOWN` and `DATA_DAMAGED`. */
  async planOf(loadId: LoadId): Promise<StoredPlan> {
    const { planId } = await this.get(loadId);
    return this.#here.get(loadId)?.stored ?? readPlan(planFolder(this.#tools.ports.paths, planId));
  }

  /** A load with its plan and its database at hand. Throws `LOAD_UNKNOWN` and `DATA_DAMAGED`. */
  async load(loadId: LoadId): Promise<OpenedLoad> {
    const snapshot = await this.get(loadId);
    const stored = await this.planOf(loadId);
    await this.#sizes.opened(snapshot.planId);
    const folder = await this.#attach(stored);
    if (snapshot.keptBytes !== undefined) await findKeptFiles(this.#tools.staging, stored.plan.planId, folder);
    return { snapshot, stored, folder };
  }

  /** Has nobody of this process at work on a finished load, for it to be removed. */
  letGo({ planId }: Pick<LoadSnapshot, 'planId'>): Promise<void> {
    return this.#compactor.letGo(planId);
  }

  /** Makes a load's database known, and gives its folder. */
  async #attach({ plan, columns }: StoredPlan): Promise<string> {
    const folder = planFolder(this.#tools.ports.paths, plan.planId);
    const need = { columns: columns.length, joinedRows: plan.rows };
    await this.#tools.staging.attach(plan.planId, join(folder, 'plan.duckdb'), need);
    return folder;
  }

  /**
   * Runs exactly what was reviewed, or throws `PLAN_STALE`; `ORG_READ_ONLY`, and what `mayStart` throws for a yes that is missing.
   * Resolves once the load is on disk.
   */
  async start(
    stored: StoredPlan,
    planDigest: Digest,
    signal: AbortSignal,
    mayStart: (plan: StoredPlan['plan']) => Promise<void>,
  ): Promise<LoadSnapshot> {
    const { plan } = stored;
    if (plan.planDigest !== planDigest) throw stalePlan('digest');
    const rowsToSend = changesOf(plan.counts);
    if (rowsToSend === 0) throw new FailureError({ code: 'PLAN_EMPTY' });
    if (this.#used.has(plan.planId)) throw stalePlan('used');
    // Taken before anything is awaited: a second start of the same plan, from another window, finds it used.
    this.#used.add(plan.planId);
    try {
      await this.#refuseReadOnly(plan.orgId);
      await mayStart(plan);
      const folder = await this.#attach(stored);
      await refuseDriftNow(this.#tools, stored, signal);
      // Comparing many records takes minutes, in which it may have been set.
      await this.#refuseReadOnly(plan.orgId);
      const orgName = this.#tools.orgs.get(plan.orgId).name;
      const snapshot = firstSnapshot(this.#tools.ports, stored, { rowsToSend, orgName });
      return this.#run(snapshot, stored, await beginOnDisk(folder, stored, snapshot), false);
    } catch (error) {
      this.#used.delete(plan.planId);
      throw error;
    }
  }

  /** What of a plan no longer holds in the org. */
  drift(stored: StoredPlan, signal: AbortSignal): ReturnType<typeof driftNow> {
    return driftNow(this.#tools, stored, signal);
  }

  #refuseReadOnly(orgId: OrgId): Promise<void> {
    return this.#readOnly.refuse(orgId, this.#tools.orgs.get(orgId).name);
  }

  /** `ORG_READ_ONLY`, `LOAD_NOT_RESUMABLE`, `LOAD_OPEN_ELSEWHERE`, and what `mayResume` throws for a yes that is missing. */
  async resume(loadId: LoadId, mayResume: MayResume): Promise<LoadSnapshot> {
    const { orgId, orgName } = await this.get(loadId);
    await this.#readOnly.refuse(orgId, orgName);
    await this.#tools.orgs.client(orgId);
    return this.#resumed.again(loadId, mayResume);
  }

  /**
   * Tries the second step of a finished load once more, of the rows that it was not carried out for; nothing else of it is sent.
   * `ORG_READ_ONLY`, `LOAD_OPEN_ELSEWHERE`, what `mayStart` throws, and `LOAD_COMPLETE` where there is nothing to try.
   */
  async complete(loadId: LoadId, mayStart: (plan: StoredPlan['plan']) => Promise<void>): Promise<LoadSnapshot> {
    const { orgId, orgName, planId, state } = await this.get(loadId);
    if (state.kind !== 'finished') throw new FailureError({ code: 'LOAD_COMPLETE' });
    await this.#readOnly.refuse(orgId, orgName);
    await this.#tools.orgs.client(orgId);
    await this.#compactor.letGo(planId);
    const folder = planFolder(this.#tools.ports.paths, planId);
    const tools = { staging: this.#tools.staging, load: () => this.load(loadId) };
    const reopened = await reopenFinished(tools, folder, mayStart);
    return this.#run(reopened.snapshot, reopened.stored, reopened.lock, false);
  }

  /** Acknowledged at once; what was already done is fetched and counted before the load is finished. */
  async cancel(loadId: LoadId): Promise<LoadSnapshot> {
    for (;;) {
      const here = this.#here.get(loadId);
      if (here?.running) {
        if (await here.cancel()) return here.snapshot;
        // It is just coming to its end, and takes no cancel any more: what it comes to is cancelled, or has finished.
        await here.ended;
      }
      const snapshot = await this.get(loadId);
      if (snapshot.state.kind === 'finished') return snapshot;
      await this.#resumed.settled(loadId);
      try {
        if (!this.#here.get(loadId)?.running) return await this.#resumed.again(loadId, 'cancel');
      } catch (error) {
        // Somebody else asked for it in between: a cancel is for whatever it does now.
        if (!(error instanceof FailureError && error.failure.code === 'LOAD_NOT_RESUMABLE')) throw error;
      }
    }
  }

  /**
   * Leaves a load where it stands until it is resumed; what Salesforce was given before it works on. Resolves when nothing is sent any more.
   * Throws `LOAD_OPEN_ELSEWHERE` for one that another process runs; a load that is not running stays as it is.
   */
  async pause(loadId: LoadId): Promise<LoadSnapshot> {
    await this.#resumed.settled(loadId);
    const here = this.#here.get(loadId);
    if (here?.running) await here.pause();
    else if ((await this.get(loadId)).state.kind === 'running') {
      // Only who holds the lock can tell it to stop; where nobody does it has stopped.
      const lock = await takeLock(planFolder(this.#tools.ports.paths, (await this.get(loadId)).planId));
      await lock.release();
    }
    return this.get(loadId);
  }

  #run(snapshot: LoadSnapshot, stored: StoredPlan, lock: FileLock, cancelled: boolean): LoadSnapshot {
    const folder = planFolder(this.#tools.ports.paths, snapshot.planId);
    const load = new LoadProcess(
      {
        ...this.#tools,
        changed: this.#changed,
        knownJobs: (after) => this.#known.jobsOfOthers(snapshot.loadId, after),
        attach: () => this.#attach(stored),
        letGo: () => this.#tools.staging.letGo(stored.plan.planId),
      },
      { snapshot, stored, folder },
      lock,
    );
    this.#here.set(snapshot.loadId, load);
    this.#compactor.stepAside();
    void load.run(cancelled, () => {
      // On disk it can be found like any other; until then only this process knows how it ended.
      if (load.saved) this.#here.delete(snapshot.loadId);
      if (load.saved && load.snapshot.state.kind === 'finished') this.#compactor.add(snapshot.planId);
    });
    return load.snapshot;
  }

  /** Ends what this process runs, where it stands: each load can be resumed. */
  async close(): Promise<void> {
    await Promise.all([
      this.#compactor.close(),
      this.#sizes.close(),
      ...[...this.#here.values()].map((load) => load.stop()),
    ]);
  }
}
