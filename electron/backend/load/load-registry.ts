import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import type { Digest, LoadId, PlanId } from '../../../shared/domain/ids.ts';
import { LoadId as LoadIdSchema } from '../../../shared/domain/ids.ts';
import {
  LoadSnapshot,
  NO_OUTCOMES,
  type JobProgress,
  type OutcomeCounts,
} from '../../../shared/domain/load-results.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { BackendPorts } from '../ports.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { writeBlockedOutcomes } from './blocked-outcomes.ts';
import { IngestJobClient } from './ingest-job-client.ts';
import { Journal, partStates, type PartState } from './journal.ts';
import { runPart, type LoadRun } from './run-load.ts';
import { writeParts } from './write-parts.ts';
import { parseJson } from '../parse-json.ts';
import { refuseDrift, stalePlan } from './refuse-drift.ts';
import { planFolder } from '../plan/plan-registry.ts';
import { StoredPlan } from '../plan/stored-plan.ts';
import { createTable, OUTCOME, tablesOf } from '../tables/tables.ts';

const Manifest = z.object({ snapshot: LoadSnapshot, stored: StoredPlan });

interface Load {
  snapshot: LoadSnapshot;
  readonly stored: StoredPlan;
  readonly folder: string;
  cancel: AbortController | null;
  savedAt: number;
}

/** Snapshots on disk are for restarts; the journal is the truth. */
const SAVE_EVERY = 1000;
const ABANDONED_AFTER = 7 * 86_400_000;

type LoadPorts = Pick<BackendPorts, 'paths' | 'clock' | 'random' | 'log'>;

/** Every load of this installation: running ones, paused ones that can go on, and finished ones with their reports. */
export class LoadRegistry {
  readonly #ports: LoadPorts;
  readonly #staging: StagingClient;
  readonly #orgs: OrgDirectory;
  readonly #changed: (load: LoadSnapshot) => void;
  readonly #loads = new Map<LoadId, Load>();
  readonly #starting = new Set<PlanId>();
  readonly #restored: Promise<void>;

  constructor(ports: LoadPorts, staging: StagingClient, orgs: OrgDirectory, changed: (load: LoadSnapshot) => void) {
    this.#ports = ports;
    this.#staging = staging;
    this.#orgs = orgs;
    this.#changed = changed;
    this.#restored = this.#restore();
  }

  /** Loads of earlier runs. What was running when the process ended is paused, and can be resumed. */
  async #restore(): Promise<void> {
    const root = join(this.#ports.paths.data, 'loads');
    for (const name of await readdir(root).catch(() => [])) {
      const text = await readFile(join(root, name, 'load.json'), 'utf8').catch(() => '');
      const manifest = Manifest.safeParse(parseJson(text));
      if (!manifest.success) {
        if (text === '') await this.#removeAbandoned(join(root, name));
        continue;
      }
      const { snapshot, stored } = manifest.data;
      const running = snapshot.state.kind === 'running' || snapshot.state.kind === 'cancelling';
      const state: LoadSnapshot['state'] = running
        ? { kind: 'paused', failure: { code: 'CONNECTION_LOST' } }
        : snapshot.state;
      this.#loads.set(snapshot.loadId, {
        snapshot: { ...snapshot, state },
        stored,
        folder: join(root, name),
        cancel: null,
        savedAt: 0,
      });
    }
  }

  /** A plan of an earlier run that was never loaded, nor will be. Another running Longshore's plans are younger than this. */
  async #removeAbandoned(folder: string): Promise<void> {
    const { mtimeMs } = await stat(folder);
    if (this.#ports.clock.now() - mtimeMs > ABANDONED_AFTER) await rm(folder, { recursive: true, force: true });
  }

  hasUsed(planId: PlanId): boolean {
    return this.#starting.has(planId) || [...this.#loads.values()].some((load) => load.snapshot.planId === planId);
  }

  async list(): Promise<LoadSnapshot[]> {
    await this.#restored;
    return [...this.#loads.values()].map(({ snapshot }) => snapshot).sort((a, b) => b.startedAt - a.startedAt);
  }

  async load(loadId: LoadId): Promise<Load> {
    await this.#restored;
    const load = this.#loads.get(loadId);
    if (!load) throw new FailureError({ code: 'LOAD_UNKNOWN' });
    const { plan, columns } = load.stored;
    const need = { columns: columns.length, joinedRows: plan.rows };
    await this.#staging.attach(plan.planId, join(load.folder, 'plan.duckdb'), need);
    return load;
  }

  async get(loadId: LoadId): Promise<LoadSnapshot> {
    return (await this.load(loadId)).snapshot;
  }

  /** Runs exactly what was reviewed, or throws `PLAN_STALE`. */
  async start(stored: StoredPlan, planDigest: Digest): Promise<LoadSnapshot> {
    await this.#restored;
    const { plan } = stored;
    if (plan.planDigest !== planDigest) throw stalePlan('digest');
    const rowsToSend = plan.counts.insert + plan.counts.update + plan.counts.delete;
    if (rowsToSend === 0) throw new FailureError({ code: 'PLAN_EMPTY' });
    if (this.hasUsed(plan.planId)) throw stalePlan('used');
    // Taken before anything is awaited: a second start of the same plan, from another window, finds it used.
    this.#starting.add(plan.planId);
    try {
      return await this.#startReviewed(stored, rowsToSend);
    } finally {
      this.#starting.delete(plan.planId);
    }
  }

  async #startReviewed(stored: StoredPlan, rowsToSend: number): Promise<LoadSnapshot> {
    const { plan } = stored;
    const org = this.#orgs.get(plan.orgId);
    const client = await this.#orgs.client(plan.orgId);
    await refuseDrift(
      { client, staging: this.#staging, clock: this.#ports.clock },
      stored,
      planFolder(this.#ports.paths, plan.planId),
      await this.#orgs.describe(plan.orgId, stored.describe.name, true),
      new AbortController().signal,
    );
    const snapshot: LoadSnapshot = {
      loadId: LoadIdSchema.parse(`load_${this.#ports.random.token(16)}`),
      planId: plan.planId,
      orgId: plan.orgId,
      orgName: org.name,
      objectName: plan.mapping.objectName,
      objectLabel: stored.describe.label,
      operation: plan.mapping.operation,
      matchField: plan.mapping.matchField,
      fileName: stored.fileName,
      sourceDigest: plan.sourceDigest,
      rows: plan.rows,
      rowsToSend,
      state: { kind: 'running' },
      jobs: [],
      startedAt: this.#ports.clock.now(),
      finishedAt: null,
      apiCalls: 0,
      counts: { ...NO_OUTCOMES },
    };
    const load: Load = {
      snapshot,
      stored,
      folder: planFolder(this.#ports.paths, plan.planId),
      cancel: null,
      savedAt: 0,
    };
    this.#loads.set(snapshot.loadId, load);
    await mkdir(load.folder, { recursive: true, mode: 0o700 });
    await this.#save(load);
    void this.#run(load);
    return load.snapshot;
  }

  async resume(loadId: LoadId): Promise<LoadSnapshot> {
    const load = await this.load(loadId);
    await this.#orgs.client(load.snapshot.orgId);
    // Nothing is awaited between this question and the change: of two who ask at once, one resumes.
    if (load.snapshot.state.kind !== 'paused') throw new FailureError({ code: 'LOAD_NOT_RESUMABLE' });
    this.#change(load, { state: { kind: 'running' } });
    void this.#run(load);
    return load.snapshot;
  }

  /** Acknowledged at once; what was already done is fetched and counted before the load is finished. */
  async cancel(loadId: LoadId): Promise<LoadSnapshot> {
    const load = await this.load(loadId);
    if (load.snapshot.state.kind === 'running' && load.cancel) {
      this.#change(load, { state: { kind: 'cancelling' } });
      load.cancel.abort();
    } else if (load.snapshot.state.kind === 'paused') {
      load.cancel = new AbortController();
      load.cancel.abort();
      this.#change(load, { state: { kind: 'cancelling' } });
      void this.#run(load);
    }
    return load.snapshot;
  }

  async #run(load: Load): Promise<void> {
    const cancel = load.cancel ?? new AbortController();
    load.cancel = cancel;
    const open: { journal?: Journal } = {};
    let end: Partial<LoadSnapshot>;
    try {
      end = await this.#runToEnd(load, cancel.signal, open);
    } catch (error) {
      end = { state: { kind: 'paused', failure: this.#failureOf(error) } };
    }
    await open.journal?.close();
    load.cancel = null;
    // Said last: whoever resumes a paused load finds its journal closed.
    this.#change(load, end);
    await this.#save(load);
  }

  async #runToEnd(load: Load, cancel: AbortSignal, open: { journal?: Journal }): Promise<Partial<LoadSnapshot>> {
    const { journal, steps } = await Journal.open(load.folder);
    open.journal = journal;
    const client = await this.#orgs.client(load.snapshot.orgId);
    const callsBefore = client.calls - load.snapshot.apiCalls;
    const calls = () => client.calls - callsBefore;
    const parts = partStates(steps);
    if (parts.length === 0) parts.push(...(await this.#prepare(load, journal)));
    this.#change(load, { jobs: parts.map((part) => toProgress(part)) });
    const run = this.#loadRun(load, journal, client, calls);
    for (const part of parts) await runPart(run, part, cancel);
    if (cancel.aborted) await journal.write({ step: 'CANCELLED' });
    const counts = await this.#finishOutcomes(load);
    await journal.write({ step: 'FINISHED' });
    return {
      state: { kind: 'finished', cancelled: cancel.aborted },
      finishedAt: this.#ports.clock.now(),
      apiCalls: calls(),
      counts,
    };
  }

  async #prepare(load: Load, journal: Journal): Promise<PartState[]> {
    const { planId, mapping } = load.stored.plan;
    const parts = await writeParts(this.#staging, planId, mapping, load.folder);
    await this.#staging.run(createTable(tablesOf(planId).outcome, OUTCOME));
    await journal.write({ step: 'PLANNED', parts });
    return partStates([{ step: 'PLANNED', parts }]);
  }

  #loadRun(load: Load, journal: Journal, org: OrgClient, calls: () => number): LoadRun {
    const { plan, describe, parents } = load.stored;
    const { mapping } = plan;
    return {
      client: new IngestJobClient(org),
      staging: this.#staging,
      journal,
      clock: this.#ports.clock,
      spec: {
        object: mapping.objectName,
        operation: mapping.operation,
        externalIdFieldName: mapping.operation === 'upsert' ? mapping.matchField : null,
      },
      folder: load.folder,
      reconcile: {
        planId: plan.planId,
        mapping,
        describe,
        parents: new Map(parents.map((parent) => [parent.name.toLowerCase(), parent])),
      },
      progress: (part, change) => {
        const jobs = load.snapshot.jobs.map((job) => (job.part === part ? { ...job, ...change } : job));
        this.#change(load, { jobs, apiCalls: calls() });
        if (change.state === 'Reconciled') this.#countSent(load);
      },
    };
  }

  /** Reconciled parts count while others are still on their way; the final count does not depend on it. */
  #countSent(load: Load): void {
    this.#counts(load).then(
      (counts) => {
        if (load.snapshot.state.kind !== 'finished') this.#change(load, { counts });
      },
      (error: unknown) => this.#ports.log.error('the reconciled rows could not be counted', error),
    );
  }

  async #counts(load: Load): Promise<OutcomeCounts> {
    const counts: OutcomeCounts = { ...NO_OUTCOMES };
    const rows = await this.#staging.query(
      `SELECT kind, count(*) AS n FROM ${load.stored.plan.planId}.outcome GROUP BY kind`,
    );
    for (const row of rows) counts[String(row['kind']) as keyof OutcomeCounts] += Number(row['n']);
    return counts;
  }

  /** Rows that were never sent get their outcome too, so that every source row has exactly one. */
  async #finishOutcomes(load: Load): Promise<OutcomeCounts> {
    const { planId } = load.stored.plan;
    await this.#staging.run(
      `DELETE FROM ${planId}.outcome WHERE row_number IN (SELECT row_number FROM ${planId}.planned WHERE kind IN ('unchanged', 'duplicate', 'blocked'));
       INSERT INTO ${planId}.outcome SELECT row_number, 'unchanged', id, '' FROM ${planId}.planned WHERE kind = 'unchanged';
       INSERT INTO ${planId}.outcome SELECT row_number, 'skipped', '',
         CASE decision WHEN 'identical' THEN 'Longshore: identical to row ' || of_row || ', which was sent' ELSE 'Longshore: row ' || of_row || ' with the same match value was chosen' END
         FROM ${planId}.planned WHERE kind = 'duplicate';
       INSERT INTO ${planId}.outcome SELECT s.row_number, 'unprocessed', '', '' FROM ${planId}.submission s
         ANTI JOIN ${planId}.outcome o ON o.row_number = s.row_number`,
    );
    await writeBlockedOutcomes(this.#staging, load.stored);
    return this.#counts(load);
  }

  #failureOf(error: unknown): Failure {
    if (error instanceof FailureError) return error.failure;
    const incidentId = this.#ports.random.token(8);
    this.#ports.log.error('a load stopped', error, { incidentId });
    return { code: 'BUG', incidentId, log: this.#ports.log.place };
  }

  #change(load: Load, change: Partial<LoadSnapshot>): void {
    load.snapshot = { ...load.snapshot, ...change };
    this.#changed(load.snapshot);
    const now = this.#ports.clock.now();
    if (now - load.savedAt > SAVE_EVERY || change.state !== undefined) {
      load.savedAt = now;
      this.#save(load).catch((error: unknown) => this.#ports.log.error('a load’s snapshot was not saved', error));
    }
  }

  #saving = Promise.resolve();

  /** Whole or not at all, one at a time. */
  #save(load: Load): Promise<void> {
    const text = JSON.stringify({ snapshot: load.snapshot, stored: load.stored });
    const path = join(load.folder, 'load.json');
    this.#saving = this.#saving
      .catch(() => undefined)
      .then(async () => {
        await writeFile(`${path}.part`, text, { mode: 0o600 });
        await rename(`${path}.part`, path);
      });
    return this.#saving;
  }
}

function toProgress(part: PartState): JobProgress {
  const state = part.step === 'RECONCILED' ? 'Reconciled' : part.jobId === null ? 'Planned' : 'Uploading';
  return {
    part: part.part,
    rows: part.rows,
    jobId: part.jobId,
    state,
    processed: part.terminal?.processed ?? 0,
    failed: part.terminal?.failed ?? 0,
  };
}
