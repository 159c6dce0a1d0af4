import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { LoadStorage } from '../../../shared/domain/history.ts';
import { LoadId, type Digest, type OrgId, type PlanId } from '../../../shared/domain/ids.ts';
import { NO_FAILURES, NO_OUTCOMES, type LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { decidedOutcomes } from '../../../shared/domain/row-groups.ts';
import { fieldNamed } from '../../../shared/domain/sobject.ts';
import { FileLock } from '../documents/file-lock.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import { ReadOnlyOrgs } from '../orgs/read-only-orgs.ts';
import { readPlan, savePlan } from '../plan/plan-document.ts';
import { planFolder } from '../plan/plan-registry.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { BackendPorts } from '../ports.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { findKeptFiles } from './compact-load.ts';
import { Journal } from './journal.ts';
import { KnownLoads, lockPath } from './known-loads.ts';
import { LoadCompactor } from './load-compactor.ts';
import { LoadFile } from './load-document.ts';
import { LoadProcess } from './load-process.ts';
import { LoadSizes } from './load-sizes.ts';
import { driftOf, refuseDrift, stalePlan } from './refuse-drift.ts';
import { countRetried } from './second-step.ts';
import { changesOf, planSending } from '../../../shared/domain/confirmation.ts';

export type LoadPorts = Pick<BackendPorts, 'paths' | 'clock' | 'random' | 'log'>;

/** What a load is read with: how it stands, what it runs, and where its files are. */
export interface OpenedLoad {
  readonly snapshot: LoadSnapshot;
  readonly stored: StoredPlan;
  readonly folder: string;
}

/** What is asked before a load goes on that is there to be gone on with. */
type MayResume = (load: LoadSnapshot, plan: StoredPlan['plan']) => Promise<void>;

/** Every load of this data folder: those this process runs, those another one runs, paused ones and finished ones. */
export class LoadRegistry {
  readonly #ports: LoadPorts;
  readonly #staging: StagingClient;
  readonly #orgs: OrgDirectory;
  readonly #changed: (load: LoadSnapshot) => void;
  readonly #known: KnownLoads;
  readonly #readOnly: ReadOnlyOrgs;
  /** Loads that this process runs, and those whose last state could not be saved. */
  readonly #here = new Map<LoadId, LoadProcess>();
  readonly #used = new Set<PlanId>();
  /** Loads that are being taken up again. */
  readonly #taking = new Map<LoadId, Promise<void>>();
  readonly #compactor: LoadCompactor;
  readonly #sizes: LoadSizes;

  constructor(ports: LoadPorts, staging: StagingClient, orgs: OrgDirectory, changed: (load: LoadSnapshot) => void) {
    this.#ports = ports;
    this.#readOnly = new ReadOnlyOrgs(ports.paths);
    this.#staging = staging;
    this.#orgs = orgs;
    this.#changed = changed;
    this.#known = new KnownLoads(ports);
    const isBusy = () => [...this.#here.values()].some(({ running }) => running);
    this.#sizes = new LoadSizes(ports);
    this.#compactor = new LoadCompactor({ ports, staging, sizes: this.#sizes, isBusy });
    this.#compactor.begin();
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
    return this.#here.get(loadId)?.stored ?? readPlan(planFolder(this.#ports.paths, planId));
  }

  /** A load with its plan and its database at hand. Throws `LOAD_UNKNOWN` and `DATA_DAMAGED`. */
  async load(loadId: LoadId): Promise<OpenedLoad> {
    const snapshot = await this.get(loadId);
    const folder = planFolder(this.#ports.paths, snapshot.planId);
    const stored = await this.planOf(loadId);
    await this.#sizes.opened(snapshot.planId);
    await this.#attach(stored, folder);
    if (snapshot.keptBytes !== undefined) await findKeptFiles(this.#staging, stored.plan.planId, folder);
    return { snapshot, stored, folder };
  }

  /** Has nobody of this process at work on a finished load, for it to be removed. */
  letGo({ planId }: Pick<LoadSnapshot, 'planId'>): Promise<void> {
    return this.#compactor.letGo(planId);
  }

  async #attach({ plan, columns }: StoredPlan, folder: string): Promise<void> {
    const need = { columns: columns.length, joinedRows: plan.rows };
    await this.#staging.attach(plan.planId, join(folder, 'plan.duckdb'), need);
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
      return await this.#startReviewed(stored, rowsToSend, signal);
    } catch (error) {
      this.#used.delete(plan.planId);
      throw error;
    }
  }

  /** What of a plan no longer holds in the org. */
  async drift(stored: StoredPlan, signal: AbortSignal): ReturnType<typeof driftOf> {
    const { orgId, planId } = stored.plan;
    const client = await this.#orgs.client(orgId);
    const now = await this.#orgs.describe(orgId, stored.describe.name, true, signal);
    const folder = planFolder(this.#ports.paths, planId);
    return driftOf({ client, staging: this.#staging, clock: this.#ports.clock }, stored, folder, now, signal);
  }

  async #startReviewed(stored: StoredPlan, rowsToSend: number, signal: AbortSignal): Promise<LoadSnapshot> {
    const { plan } = stored;
    const { orgId } = plan;
    const client = await this.#orgs.client(orgId);
    const now = await this.#orgs.describe(orgId, stored.describe.name, true, signal);
    const folder = planFolder(this.#ports.paths, plan.planId);
    await this.#attach(stored, folder);
    await refuseDrift({ client, staging: this.#staging, clock: this.#ports.clock }, stored, folder, now, signal);
    // Comparing many records takes minutes, in which it may have been set.
    await this.#refuseReadOnly(orgId);
    const snapshot = this.#firstSnapshot(stored, rowsToSend);
    const { loadId } = snapshot;
    await mkdir(folder, { recursive: true, mode: 0o700 });
    const lock = await takeLock(folder);
    try {
      await savePlan(folder, stored);
      // The journal before the record: a record whose journal is missing is one that lost it.
      await Journal.begin(folder, { step: 'BEGUN', loadId, planId: plan.planId, planDigest: plan.planDigest, orgId });
      await new LoadFile(folder).save(snapshot);
    } catch (error) {
      // Nothing was sent: the plan can be loaded once the disk takes it. What can't be taken away now is in the way then, and says so.
      const begun = ['load.json', 'journal.jsonl'].map((name) => rm(join(folder, name), { force: true }));
      await Promise.allSettled([...begun, lock.release()]);
      throw error;
    }
    return this.#run(snapshot, stored, lock, false);
  }

  #firstSnapshot({ plan, describe, fileName, approval }: StoredPlan, rowsToSend: number): LoadSnapshot {
    const { matchField } = plan.mapping;
    const matchLabel = matchField === null ? undefined : fieldNamed(describe, matchField)?.label;
    return {
      loadId: LoadId.parse(`load_${this.#ports.random.token(16)}`),
      planId: plan.planId,
      orgId: plan.orgId,
      orgName: this.#orgs.get(plan.orgId).name,
      objectName: plan.mapping.objectName,
      objectLabel: describe.label,
      operation: plan.mapping.operation,
      matchField,
      ...(matchLabel === undefined ? {} : { matchLabel }),
      fileName,
      sourceDigest: plan.sourceDigest,
      rows: plan.rows,
      rowsToSend,
      sending: planSending(plan),
      secondStepRows: plan.secondStep?.rows ?? 0,
      state: { kind: 'running' },
      jobs: [],
      startedAt: this.#ports.clock.now(),
      finishedAt: null,
      elapsed: 0,
      apiCalls: 0,
      counts: { ...NO_OUTCOMES, ...decidedOutcomes(plan.counts) },
      failures: NO_FAILURES,
      notices: [],
      pace: [],
      ...(approval?.planDigest === plan.planDigest ? { approval } : {}),
      ...(plan.mapping.undoOf ? { undoOf: plan.mapping.undoOf } : {}),
    };
  }

  #refuseReadOnly(orgId: OrgId): Promise<void> {
    return this.#readOnly.refuse(orgId, this.#orgs.get(orgId).name);
  }

  /** `ORG_READ_ONLY`, `LOAD_NOT_RESUMABLE`, `LOAD_OPEN_ELSEWHERE`, and what `mayResume` throws for a yes that is missing. */
  async resume(loadId: LoadId, mayResume: MayResume): Promise<LoadSnapshot> {
    const { orgId, orgName } = await this.get(loadId);
    await this.#readOnly.refuse(orgId, orgName);
    await this.#orgs.client(orgId);
    return this.#again(loadId, mayResume);
  }

  /**
   * Tries the second step of a finished load once more, of the rows that it was not carried out for; nothing else of it is sent.
   * `ORG_READ_ONLY`, `LOAD_OPEN_ELSEWHERE`, what `mayStart` throws, and `LOAD_COMPLETE` where there is nothing to try.
   */
  async complete(loadId: LoadId, mayStart: (plan: StoredPlan['plan']) => Promise<void>): Promise<LoadSnapshot> {
    const { orgId, orgName, planId, state } = await this.get(loadId);
    if (state.kind !== 'finished') throw new FailureError({ code: 'LOAD_COMPLETE' });
    await this.#readOnly.refuse(orgId, orgName);
    await this.#orgs.client(orgId);
    const folder = planFolder(this.#ports.paths, planId);
    await this.#compactor.letGo(planId);
    const lock = await takeLock(folder);
    try {
      const snapshot = await this.get(loadId);
      const { stored } = await this.load(loadId);
      const rows = snapshot.state.kind === 'finished' ? await countRetried(this.#staging, stored) : 0;
      if (rows === 0) throw new FailureError({ code: 'LOAD_COMPLETE' });
      await mayStart(stored.plan);
      const running: LoadSnapshot = { ...snapshot, state: { kind: 'running' }, finishedAt: null };
      // The journal first: a record that says it runs is gone on with as the journal says.
      await Journal.reopen(folder);
      await new LoadFile(folder).save(running);
      return this.#run(running, stored, lock, false);
    } catch (error) {
      await Promise.allSettled([lock.release()]);
      throw error;
    }
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
      await this.#taking.get(loadId);
      try {
        if (!this.#here.get(loadId)?.running) return await this.#again(loadId, 'cancel');
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
    await this.#taking.get(loadId);
    const here = this.#here.get(loadId);
    if (here?.running) await here.pause();
    else if ((await this.get(loadId)).state.kind === 'running') {
      // Only who holds the lock can tell it to stop; where nobody does it has stopped.
      const lock = await takeLock(planFolder(this.#ports.paths, (await this.get(loadId)).planId));
      await lock.release();
    }
    return this.get(loadId);
  }

  /** Goes on with a paused load, under its lock and from what is then on disk. */
  async #again(loadId: LoadId, how: MayResume | 'cancel'): Promise<LoadSnapshot> {
    const { planId, state } = await this.get(loadId);
    // A finished one has no lock but that of the work that makes it small.
    if (state.kind === 'finished') throw new FailureError({ code: 'LOAD_NOT_RESUMABLE' });
    const folder = planFolder(this.#ports.paths, planId);
    const here = this.#here.get(loadId);
    // It says that it is paused a moment before it has let go of its files.
    if (here?.running && here.snapshot.state.kind === 'paused') await here.ended;
    // Asked twice at once: the first one goes on.
    if (this.#taking.has(loadId) || this.#here.get(loadId)?.running)
      throw new FailureError({ code: 'LOAD_NOT_RESUMABLE' });
    const taken = this.#takeUp(loadId, folder, how);
    this.#taking.set(
      loadId,
      taken.then(
        () => undefined,
        () => undefined,
      ),
    );
    try {
      return await taken;
    } finally {
      this.#taking.delete(loadId);
    }
  }

  async #takeUp(loadId: LoadId, folder: string, how: MayResume | 'cancel'): Promise<LoadSnapshot> {
    const lock = await takeLock(folder);
    try {
      const snapshot = await this.get(loadId);
      // Nobody else has it: one that says that it runs was interrupted.
      if (snapshot.state.kind === 'finished') throw new FailureError({ code: 'LOAD_NOT_RESUMABLE' });
      const stored = await readPlan(folder);
      if (how !== 'cancel') await how(snapshot, stored.plan);
      return this.#run({ ...snapshot, state: { kind: 'running' } }, stored, lock, how === 'cancel');
    } catch (error) {
      await Promise.allSettled([lock.release()]);
      throw error;
    }
  }

  #run(snapshot: LoadSnapshot, stored: StoredPlan, lock: FileLock, cancelled: boolean): LoadSnapshot {
    const folder = planFolder(this.#ports.paths, snapshot.planId);
    const load = new LoadProcess(
      {
        ports: this.#ports,
        staging: this.#staging,
        orgs: this.#orgs,
        changed: this.#changed,
        knownJobs: (after) => this.#known.jobsOfOthers(snapshot.loadId, after),
        attach: () => this.#attach(stored, folder),
        letGo: () => this.#staging.letGo(stored.plan.planId),
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

/** Throws `LOAD_OPEN_ELSEWHERE`. */
async function takeLock(folder: string): Promise<FileLock> {
  const taken = await FileLock.take(lockPath(folder));
  if ('lock' in taken) return taken.lock;
  const { pid, host } = taken.holder;
  throw new FailureError({ code: 'LOAD_OPEN_ELSEWHERE', pid, host });
}
