import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { WorkProgress } from '../../../shared/contract/events.ts';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { MergeId, type Digest, type OrgId } from '../../../shared/domain/ids.ts';
import type {
  GroupChoice,
  GroupState,
  MergeGroup,
  MergeRules,
  MergeSnapshot,
  MergeSource,
  MergeUndoPlan,
} from '../../../shared/domain/merge.ts';
import { FileLock } from '../documents/file-lock.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { BackendPorts } from '../ports.ts';
import { buildMergePlan, countPlanned } from './build-merge-plan.ts';
import { FactsFile } from './facts-file.ts';
import type { FindGroups } from './merge-procedures.ts';
import { describeForMerge, type MergeDescribe } from './merge-describe.ts';
import { mergeFolder, mergeIds, readDocument, saveDocument, type MergeDocument } from './merge-document.ts';
import { MergeJournal } from './merge-journal.ts';
import { pageOfGroups } from './merge-pages.ts';
import { snapshotOf } from './merge-snapshot.ts';
import { writeMergeReport } from './merge-report.ts';
import { runMerge, type MergeRun } from './run-merge.ts';
import { planUndo, runUndo } from './run-undo.ts';

interface RegistryTools {
  readonly ports: Pick<BackendPorts, 'paths' | 'clock' | 'random' | 'log'>;
  readonly orgs: Pick<OrgDirectory, 'get' | 'client' | 'describe'>;
  readonly work: (progress: WorkProgress) => void;
  /** Told whenever records of an org may be others than they were read before. */
  readonly changed: (orgId: OrgId) => void;
}

/** A merge that this process runs. */
interface Running {
  readonly stop: AbortController;
  readonly journal: MergeJournal;
  done: Promise<void>;
}

export interface PlannedMerge {
  readonly orgId: OrgId;
  readonly objectName: string;
  readonly source: MergeSource;
  readonly rules: MergeRules;
}

/** The merges of this data folder: planned ones, those this process runs, and those that ended. */
export class MergeRegistry {
  readonly #tools: RegistryTools;
  readonly #running = new Map<MergeId, Running>();
  /** Why the last run of this process stopped. */
  readonly #failures = new Map<MergeId, Failure>();

  constructor(tools: RegistryTools) {
    this.#tools = tools;
  }

  #folder(mergeId: MergeId): string {
    return mergeFolder(this.#tools.ports.paths.data, mergeId);
  }

  /** Looks for groups and reads their records. Throws `NOT_SUPPORTED` for an object that cannot be merged. */
  async plan(
    { orgId, objectName, source, rules }: PlannedMerge,
    find: FindGroups,
    signal: AbortSignal,
  ): Promise<MergeSnapshot> {
    const { ports, orgs } = this.#tools;
    const client = await orgs.client(orgId);
    const describe: MergeDescribe = await describeForMerge(
      client,
      objectName,
      (name) => orgs.describe(orgId, name, false, signal),
      signal,
    );
    const mergeId = MergeId.parse(`merge_${ports.random.token(16)}`);
    const folder = this.#folder(mergeId);
    await mkdir(folder, { recursive: true, mode: 0o700 });
    try {
      const tell = (stage: WorkProgress['stage'], done: number, total: number | null) =>
        this.#tools.work({ sourceId: orgId, stage, done, total });
      const found = await find({ client, folder, mergeId, describe, tell }, signal);
      const now = client.now();
      const request = { mergeId, orgId, orgName: orgs.get(orgId).name, objectName, source, rules, folder, now };
      const document = await buildMergePlan(client, request, describe, found, signal, (groups) =>
        tell('reading', groups, found.groups.length),
      );
      await saveDocument(folder, { ...document, planned: await countPlanned(folder, document) });
    } catch (error) {
      await rm(folder, { recursive: true, force: true });
      throw error;
    }
    return this.get(mergeId);
  }

  async get(mergeId: MergeId): Promise<MergeSnapshot> {
    const folder = this.#folder(mergeId);
    const document = await readDocument(folder);
    const here = this.#running.get(mergeId);
    const elsewhere = here ? null : await FileLock.holder(mergeLockPath(folder));
    const stand = here?.journal.stand ?? (await MergeJournal.look(folder));
    return snapshotOf(document, stand, {
      runs: Boolean(here ?? elsewhere),
      failure: this.#failures.get(mergeId) ?? null,
    });
  }

  /** Those that can be read, the newest first. */
  async list(): Promise<MergeSnapshot[]> {
    const ids = await mergeIds(this.#tools.ports.paths.data);
    const merges = await Promise.all(
      ids.map((mergeId) =>
        this.get(mergeId).catch((error: unknown) => {
          // One that is just being planned has no document yet.
          if (!(error instanceof FailureError && error.failure.code === 'MERGE_UNKNOWN'))
            this.#tools.ports.log.error('a merge could not be read', error, { mergeId });
          return null;
        }),
      ),
    );
    return merges.filter((merge) => merge !== null).sort((one, other) => other.madeAt - one.madeAt);
  }

  /** Decides otherwise about a plan, which gets another digest. Throws `PLAN_STALE` for one that was begun. */
  async decide(
    mergeId: MergeId,
    change: { rules?: MergeRules | undefined; choice?: (GroupChoice & { group: number }) | undefined },
  ): Promise<MergeSnapshot> {
    const folder = this.#folder(mergeId);
    const document = await readDocument(folder);
    if ((await this.get(mergeId)).state !== 'planned') throw stale('used');
    const { group, ...choice } = change.choice ?? { group: null };
    const choices = group === null ? document.choices : { ...document.choices, [group]: choice as GroupChoice };
    const changed: MergeDocument = { ...document, rules: change.rules ?? document.rules, choices };
    await saveDocument(folder, { ...changed, planned: await countPlanned(folder, changed) });
    return this.get(mergeId);
  }

  async page(
    mergeId: MergeId,
    state: GroupState | null,
    offset: number,
    limit: number,
  ): Promise<{ groups: MergeGroup[]; total: number }> {
    const folder = this.#folder(mergeId);
    const stand = this.#running.get(mergeId)?.journal.stand ?? (await MergeJournal.look(folder));
    return pageOfGroups(folder, await readDocument(folder), stand, { state, offset, limit });
  }

  /** The fields that a merge decides on, by name, with their labels. */
  async fields(mergeId: MergeId): Promise<{ name: string; label: string }[]> {
    const { fields } = await readDocument(this.#folder(mergeId));
    return fields.filter(({ updateable }) => updateable).map(({ name, label }) => ({ name, label }));
  }

  /** Writes every group of a merge, and what became of it, as CSV. Throws `DISK_FULL` and `DISK_REFUSED`. */
  async writeReport(mergeId: MergeId, path: string): Promise<void> {
    const folder = this.#folder(mergeId);
    const stand = this.#running.get(mergeId)?.journal.stand ?? (await MergeJournal.look(folder));
    await writeMergeReport(folder, await readDocument(folder), stand, path);
  }

  /** Begins a plan that was reviewed. Throws `PLAN_STALE`, `PLAN_EMPTY`, and what `mayStart` throws. */
  async start(
    mergeId: MergeId,
    planDigest: Digest,
    mayStart: (merge: MergeSnapshot) => Promise<void>,
  ): Promise<MergeSnapshot> {
    const merge = await this.get(mergeId);
    if (merge.state !== 'planned') throw stale('used');
    if (merge.planDigest !== planDigest) throw stale('digest');
    if (merge.counts.losers === 0) throw new FailureError({ code: 'PLAN_EMPTY' });
    await mayStart(merge);
    return this.#run(mergeId, async (run, signal) => {
      await run.journal.write({ step: 'BEGUN', planDigest });
      await runMerge(run, signal);
    });
  }

  /** Goes on with what was interrupted, the merge or its being taken back. Throws what `mayStart` throws. */
  async resume(mergeId: MergeId, mayStart: (merge: MergeSnapshot) => Promise<void>): Promise<MergeSnapshot> {
    const merge = await this.get(mergeId);
    if (merge.state !== 'paused' && merge.state !== 'undoPaused')
      throw new FailureError({ code: 'LOAD_NOT_RESUMABLE' });
    await mayStart(merge);
    return this.#run(mergeId, merge.state === 'paused' ? runMerge : runUndo);
  }

  /** Stops after the call that is under way. */
  async stop(mergeId: MergeId): Promise<MergeSnapshot> {
    const running = this.#running.get(mergeId);
    running?.stop.abort();
    await running?.done;
    return this.get(mergeId);
  }

  /** What taking a merge back would do, as the org is now. */
  async planUndo(mergeId: MergeId, signal: AbortSignal): Promise<MergeUndoPlan> {
    const { state } = await this.get(mergeId);
    if (!['merged', 'paused', 'undone', 'undoPaused'].includes(state)) throw new FailureError({ code: 'PLAN_EMPTY' });
    const run = await this.#open(mergeId, { stand: await MergeJournal.look(this.#folder(mergeId)) });
    try {
      return await planUndo(run, signal);
    } finally {
      await run.facts.close();
    }
  }

  /** Takes a merge back as it was planned. Throws `PLAN_STALE` if the org has moved on since, and what `mayStart` throws. */
  async undo(
    mergeId: MergeId,
    undoDigest: Digest,
    mayStart: (merge: MergeSnapshot) => Promise<void>,
    signal: AbortSignal,
  ): Promise<MergeSnapshot> {
    const plan = await this.planUndo(mergeId, signal);
    if (plan.undoDigest !== undoDigest) throw stale('drift');
    if (plan.groups === 0) throw new FailureError({ code: 'PLAN_EMPTY' });
    await mayStart(await this.get(mergeId));
    return this.#run(mergeId, async (run, stop) => {
      await run.journal.write({ step: 'UNDO_BEGUN', undoDigest });
      await runUndo(run, stop);
    });
  }

  async #open<J extends Pick<MergeJournal, 'stand'>>(
    mergeId: MergeId,
    journal: J,
  ): Promise<Omit<MergeRun, 'journal'> & { journal: J }> {
    const { ports, orgs } = this.#tools;
    const folder = this.#folder(mergeId);
    const document = await readDocument(folder);
    const client = await orgs.client(document.orgId);
    const facts = await FactsFile.open(folder, document.factsDigest);
    return { client, clock: ports.clock, folder, document, journal, facts };
  }

  /** Runs something of a merge in the background, under its lock. Throws `DATA_OPEN_ELSEWHERE`. */
  async #run(mergeId: MergeId, work: (run: MergeRun, signal: AbortSignal) => Promise<void>): Promise<MergeSnapshot> {
    const taken = await FileLock.take(mergeLockPath(this.#folder(mergeId)));
    if ('holder' in taken)
      throw new FailureError({ code: 'DATA_OPEN_ELSEWHERE', what: 'The merge', pid: taken.holder.pid });
    const { lock } = taken;
    try {
      const journal = await MergeJournal.open(this.#folder(mergeId));
      const run = await this.#open(mergeId, journal);
      const stop = new AbortController();
      const running: Running = { stop, journal, done: Promise.resolve() };
      this.#running.set(mergeId, running);
      this.#failures.delete(mergeId);
      running.done = work(run, stop.signal)
        .catch((error: unknown) => this.#note(mergeId, error))
        .finally(async () => {
          this.#running.delete(mergeId);
          this.#tools.changed(run.document.orgId);
          await Promise.allSettled([journal.close(), run.facts.close(), lock.release()]);
        });
    } catch (error) {
      await lock.release();
      throw error;
    }
    return this.get(mergeId);
  }

  #note(mergeId: MergeId, error: unknown): void {
    if (error instanceof FailureError) {
      if (error.failure.code !== 'CANCELLED') this.#failures.set(mergeId, error.failure);
      return;
    }
    const { log, random } = this.#tools.ports;
    const incidentId = random.token(8);
    log.error('a merge stopped', error, { mergeId, incidentId });
    this.#failures.set(mergeId, { code: 'BUG', incidentId, log: log.place });
  }

  /** Stops what runs; each stands where its journal says. */
  async close(): Promise<void> {
    for (const { stop } of this.#running.values()) stop.abort();
    await Promise.all([...this.#running.values()].map(({ done }) => done));
  }
}

function stale(why: Extract<Failure, { code: 'PLAN_STALE' }>['why']): FailureError {
  return new FailureError({ code: 'PLAN_STALE', why, rows: 0 });
}

/** Held by the process that is at work on the merge. */
export function mergeLockPath(folder: string): string {
  return join(folder, 'merge.lock');
}
