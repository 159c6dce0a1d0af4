import { FailureError } from '../../../shared/contract/failure.ts';
import { withPoint } from '../../../shared/domain/load-pace.ts';
import { loadProgress } from '../../../shared/domain/load-progress.ts';
import type { LoadNotice, LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { failedSoFar, stoppedBy } from '../../../shared/domain/stop-after.ts';
import type { FileLock } from '../documents/file-lock.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { Journal } from './journal.ts';
import type { JournalStand } from './journal-stand.ts';
import { LoadFile } from './load-document.ts';
import type { LoadPorts, OpenedLoad } from './opened-load.ts';
import { pausedFor } from './paused-for.ts';
import { countSoFar, runLoad } from './run-load.ts';
import { sendingOf } from './sending-of.ts';
import type { WholeRun } from './whole-run.ts';

/** Between two saves of a running load's record: it is for restarts and other windows, the journal is the truth. */
const SAVE_EVERY = 1000;

export interface LoadTools {
  readonly ports: LoadPorts;
  readonly staging: StagingClient;
  readonly orgs: OrgDirectory;
  readonly changed: (load: LoadSnapshot) => void;
  readonly knownJobs: (after: number) => Promise<ReadonlySet<string> | null>;
  readonly attach: () => Promise<unknown>;
  /** Closes the load's database, so that another process can read it. It stays known: a report may just be reading it. */
  readonly letGo: () => Promise<void>;
}

/** One load while this process runs it: its journal, its record on disk, its cancel. */
export class LoadProcess {
  readonly #tools: LoadTools;
  readonly #folder: string;
  readonly #lock: FileLock;
  readonly #file: LoadFile;
  readonly #cancel = new AbortController();
  readonly #stop = new AbortController();
  readonly #before: number;
  readonly #since: number;
  readonly stored: OpenedLoad['stored'];
  snapshot: LoadSnapshot;
  running = true;
  /** Whether its last state is on disk. */
  saved = false;
  #calls = () => this.snapshot.apiCalls;
  #journal: Journal | null = null;
  #savedAt = -Infinity;
  /** By a person. */
  #isPaused = false;
  /** What it comes to is decided: nothing may change it any more. */
  #ending = false;
  #ended: Promise<void> = Promise.resolve();

  constructor(tools: LoadTools, { snapshot, stored, folder }: OpenedLoad, lock: FileLock) {
    this.#tools = tools;
    this.#folder = folder;
    this.#lock = lock;
    this.#file = new LoadFile(folder);
    this.#before = snapshot.elapsed;
    this.#since = tools.ports.clock.elapsed();
    this.stored = stored;
    this.snapshot = snapshot;
  }

  /** Goes on from where the journal says it stands. Never rejects: what stops it is what it pauses with. */
  run(cancelled: boolean, ended: () => void): Promise<void> {
    if (cancelled) this.#cancel.abort();
    this.#change({ state: { kind: cancelled ? 'cancelling' : 'running' } });
    this.#ended = this.#run(ended);
    return this.#ended;
  }

  async #run(ended: () => void): Promise<void> {
    let end: Partial<LoadSnapshot>;
    try {
      end = await this.#toEnd();
    } catch (error) {
      end = this.#paused(error);
    }
    // From here on nothing is written down any more: a cancel that comes now is for the load as it is then on disk.
    this.#ending = true;
    try {
      await this.#journal?.close();
      this.#now(end);
      await this.#file.save(this.snapshot);
      this.saved = true;
    } catch (error) {
      // What it came to is not on disk: resumed, it comes to it again without sending anything.
      this.#now({ ...this.#paused(error), finishedAt: null });
    }
    for (const letGo of [() => this.#tools.letGo(), () => this.#lock.release()])
      await letGo().catch((error: unknown) => this.#tools.ports.log.error('a load did not let go of its files', error));
    this.running = false;
    ended();
    // Said last: whoever resumes a paused load finds its journal closed and its lock free.
    this.#tools.changed(this.snapshot);
  }

  #paused(error: unknown): Partial<LoadSnapshot> {
    const failure = this.#stop.signal.aborted
      ? { code: this.#isPaused ? ('LOAD_PAUSED' as const) : ('LOAD_INTERRUPTED' as const) }
      : pausedFor(error, this.#tools.ports);
    return { state: { kind: 'paused', failure }, apiCalls: this.#calls() };
  }

  async #toEnd(): Promise<Partial<LoadSnapshot>> {
    const { orgs, ports, attach } = this.#tools;
    const { journal, stand } = await Journal.open(this.#folder);
    this.#journal = journal;
    this.#holdToJournal(stand);
    if (stand.cancelling) this.#cancelled();
    else if (this.#cancel.signal.aborted) await journal.write({ step: 'CANCELLING' });
    await attach();
    const client = await orgs.client(this.snapshot.orgId);
    // The org's clock, and who asks: known before a job is made that may have to be found again.
    const { userId } = await client.userInfo(this.#stop.signal);
    const callsBefore = client.calls - this.snapshot.apiCalls;
    const calls = () => client.calls - callsBefore;
    this.#calls = calls;
    const counts = await runLoad(this.#wholeRun(journal, client, userId, calls), stand);
    return {
      state: { kind: 'finished', cancelled: this.#cancel.signal.aborted },
      finishedAt: ports.clock.now(),
      apiCalls: calls(),
      counts,
    };
  }

  /** The journal must be this load's, and know every job that its record knows. */
  #holdToJournal({ begun, jobIds }: JournalStand): void {
    const { loadId, planId, orgId, jobs } = this.snapshot;
    if (begun?.loadId !== loadId || begun.planId !== planId || begun.orgId !== orgId)
      throw new FailureError({ code: 'JOURNAL_DAMAGED', problem: 'other-load', line: 1 });
    if (jobs.some(({ jobId }) => jobId !== null && !jobIds.has(jobId)))
      throw new FailureError({ code: 'JOURNAL_DAMAGED', problem: 'cut-off', line: 0 });
  }

  #wholeRun(journal: Journal, client: OrgClient, userId: string, calls: () => number): WholeRun {
    const { stored } = this;
    const folder = this.#folder;
    return {
      ...sendingOf(this.#tools, { client, userId, stored, folder }),
      journal,
      cancel: this.#cancel.signal,
      stop: this.#stop.signal,
      progress: (part, change) => {
        const jobs = this.snapshot.jobs.map((job) => (job.part === part ? { ...job, ...change } : job));
        this.#change({ jobs, apiCalls: calls() });
        if (change.state === 'Reconciled') this.#countSent();
        this.#guard();
      },
      count: () => this.#countSent(),
      notice: (notice) => this.#notice(notice),
      change: (change) => this.#change(change),
      added: (jobs) => {
        const shown = new Set(this.snapshot.jobs.map(({ part }) => part));
        this.#change({ jobs: [...this.snapshot.jobs, ...jobs.filter(({ part }) => !shown.has(part))] });
      },
      holdToDisk: () => {
        if (this.#file.failure !== null) throw this.#file.failure;
      },
    };
  }

  #notice(notice: LoadNotice): void {
    const known = this.snapshot.notices.some((one) => JSON.stringify(one) === JSON.stringify(notice));
    if (!known) this.#change({ notices: [...this.snapshot.notices, notice] });
  }

  /** Reconciled parts count while others are still on their way; the final count does not depend on it. */
  #countSent(): void {
    countSoFar(this.#tools.staging, this.stored).then(
      (soFar) => {
        if (!this.running || this.snapshot.state.kind === 'finished') return;
        this.#change(soFar);
        this.#guard();
      },
      (error: unknown) => this.#tools.ports.log.error('the reconciled rows could not be counted', error),
    );
  }

  /** Resolves when it has let go of its files. */
  get ended(): Promise<void> {
    return this.#ended;
  }

  /**
   * Written down when this resolves, so that a cancel outlives a kill. False if it came too late to change what the load comes to.
   * Throws what keeps it from being written down: the load pauses with that.
   */
  async cancel(): Promise<boolean> {
    if (this.#ending) return false;
    if (this.#cancel.signal.aborted) return true;
    this.#cancelled();
    // Not open yet, the journal is told by the run that opens it.
    await this.#journal?.write({ step: 'CANCELLING' });
    return true;
  }

  #cancelled(): void {
    this.#change({ state: { kind: 'cancelling' } });
    this.#cancel.abort();
  }

  /** Leaves the load where it stands. Resolves when it has let go of its files. */
  stop(): Promise<void> {
    this.#stop.abort(new FailureError({ code: 'LOAD_INTERRUPTED' }));
    return this.#ended;
  }

  /** As `stop`, because a person wants it so: it is resumed by a person as well. */
  pause(): Promise<void> {
    if (!this.#ending) this.#isPaused = true;
    return this.stop();
  }

  /** Stops a load of which too many rows fail, as a cancel does. */
  #guard(): void {
    const { stopAfter } = this.stored.plan.mapping.policies ?? {};
    if (this.snapshot.state.kind !== 'running' || this.#cancel.signal.aborted) return;
    const stopped = stoppedBy(stopAfter, this.snapshot);
    if (stopped === null) return;
    // First what it is canceled for: a kill may come in between, and then it is canceled for nothing that can be told.
    this.#notice({ code: 'STOPPED_BY_FAILURES', ...stopped });
    this.cancel().catch((error: unknown) => this.#tools.ports.log.error('a load was not stopped', error));
  }

  #now(change: Partial<LoadSnapshot>): void {
    const elapsed = this.#before + Math.round(this.#tools.ports.clock.elapsed() - this.#since);
    const next = { ...this.snapshot, ...change, elapsed };
    const point = { elapsed, processed: loadProgress(next).processed, failed: failedSoFar(next) };
    this.snapshot = { ...next, pace: withPoint(next.pace, point, change.state?.kind === 'finished') };
  }

  #change(change: Partial<LoadSnapshot>): void {
    this.#now(change);
    this.#tools.changed(this.snapshot);
    const now = this.#tools.ports.clock.elapsed();
    if (now - this.#savedAt < SAVE_EVERY && change.state === undefined) return;
    this.#savedAt = now;
    this.#file.save(this.snapshot).catch((error: unknown) => {
      // `holdToDisk` stops the run with it.
      this.#tools.ports.log.error('a load’s record was not saved', error);
    });
  }
}
