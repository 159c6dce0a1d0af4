import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { USUAL_GUARDS } from '../../../shared/domain/job-guards.ts';
import type { JobId } from '../../../shared/domain/ids.ts';
import type { Job } from '../../../shared/domain/job.ts';
import type { JobSchedule } from '../../../shared/domain/job-schedule.ts';
import type { Run } from '../../../shared/domain/run.ts';
import type { ScheduledJob } from '../../../shared/domain/scheduled-job.ts';
import type { SavedJobs } from '../jobs/saved-jobs.ts';
import type { BackendPorts } from '../ports.ts';
import { hasFailed } from '../runs/guards/failed-runs.ts';
import type { RunRegistry } from '../runs/run-registry.ts';
import type { SourceRegistry } from '../source/source-registry.ts';
import { DueJobs, standingOf, type Decided, type Due } from './due-jobs.ts';
import { moveFiles } from './move-files.ts';
import { LoadStalled, runUnattended, type UnattendedTools } from './run-unattended.ts';
import { ScheduleStates } from './schedule-states.ts';
import { filesOfMark, type SeenFile } from './watched-files.ts';

/** A process that ends in the middle of a job this often is not ended by chance. */
const MOST_TRIES = 3;
/** How long a load that paused by itself is left, in milliseconds, by how often it was tried. */
const STALLED_FOR = 5 * 60_000;
/** Jobs that are at work at the same time: what is due together at night has the whole of it. */
const AT_ONCE = 2;
/** Somebody runs it, has paused it or its load, or ends Longshore: it is looked at again. */
const LEFT_DUE: ReadonlySet<string> = new Set([
  'JOB_RUNNING',
  'JOB_PAUSED',
  'CANCELLED',
  'LOAD_INTERRUPTED',
  'LOAD_PAUSED',
]);

export interface ScheduleTools extends Omit<UnattendedTools, 'runs' | 'prepared'> {
  readonly ports: Pick<BackendPorts, 'paths' | 'clock' | 'log' | 'random'>;
  readonly jobs: Pick<SavedJobs, 'list'>;
  readonly runs: Pick<RunRegistry, 'prepare' | 'get' | 'list'>;
  readonly sources: Pick<SourceRegistry, 'filesOf'>;
  /** Hears of what was due and could not begin a run, or whose load has paused by itself. */
  readonly failed: (job: Job, failure: Failure) => void;
}

/** What a job came to that was due. */
export interface Begun {
  readonly job: Job;
  readonly run: Run | null;
  readonly failure: Failure | null;
}

export interface Looked {
  /** Settles once the jobs that this look began have ended. */
  readonly begun: readonly Promise<Begun>[];
  /** When it is to be looked again at the latest, for what is known by now. */
  readonly next: number | null;
  /** Files have come, and may not be whole yet. */
  readonly isSettling: boolean;
}

/** Jobs that run by themselves. Which one is due is looked at anew each time, from what is on disk: any process may have done it meanwhile. */
export class Schedules {
  readonly #tools: ScheduleTools;
  readonly #states: ScheduleStates;
  readonly #due: DueJobs;
  readonly #working = new Map<JobId, Promise<Begun>>();
  readonly #moving = new Set<Promise<void>>();
  readonly #end = new AbortController();

  constructor(tools: ScheduleTools) {
    this.#tools = tools;
    this.#states = new ScheduleStates(tools.ports);
    this.#due = new DueJobs(tools);
  }

  /** Begins what is due, and does not wait for it. */
  async look(): Promise<Looked> {
    const { jobs } = await this.#tools.jobs.list();
    const begun: Promise<Begun>[] = [];
    let next: number | null = null;
    let isSettling = false;
    for (const job of jobs) {
      const { schedule } = job.definition;
      if (!schedule || this.#end.signal.aborted || this.#working.has(job.jobId)) continue;
      // The one that ends has the next look come at once.
      if (this.#working.size >= AT_ONCE) break;
      const looked = await this.#lookAt(job, schedule, jobs).catch((error: unknown) => this.#lookFailed(job, error));
      if (looked === null) continue;
      if ('working' in looked) begun.push(looked.working);
      else if (looked.next !== null) next = Math.min(looked.next, next ?? looked.next);
      if ('settles' in looked) isSettling = true;
    }
    return { begun, next, isSettling };
  }

  /** When it is to be looked at next, or the work that was begun; null where another process is at it. */
  async #lookAt(
    job: Job,
    schedule: JobSchedule,
    jobs: readonly Job[],
  ): Promise<Extract<Decided, { next: unknown }> | { readonly working: Promise<Begun> } | null> {
    const { clock } = this.#tools.ports;
    const lock = await this.#states.take(job.jobId);
    if (!lock) return null;
    let isBegun = false;
    try {
      const state = await this.#states.of(job);
      const decided = await this.#due.decide(job, schedule, { jobs, state });
      if ('next' in decided) return decided;
      if ('skip' in decided) {
        await this.#states.change(job, { last: decided.skip.at, skipped: decided.skip, trying: null });
        return { next: clock.now() };
      }
      const { due } = decided;
      const until = state.trying?.at === due.at ? (state.trying.until ?? 0) : 0;
      // One that is further away was written by a clock that was wrong.
      if (until > clock.now() && until <= clock.now() + MOST_TRIES * STALLED_FOR) return { next: until };
      const tries = (state.trying?.at === due.at ? state.trying.tries : 0) + 1;
      if (tries > MOST_TRIES) {
        const skipped = { at: due.at, times: 1, why: 'given-up' as const };
        await this.#states.change(job, { last: due.at, skipped, trying: null, files: due.mark ?? state.files });
        return { next: clock.now() };
      }
      await this.#states.change(job, { trying: { at: due.at, tries } });
      isBegun = true;
      const working = this.#work(job, due).finally(async () => {
        this.#working.delete(job.jobId);
        await lock.release();
      });
      this.#working.set(job.jobId, working);
      // Whoever waits for it hears of it; nobody has to.
      working.catch(() => undefined);
      return { working };
    } finally {
      if (!isBegun) await lock.release();
    }
  }

  /** Runs a job that is due, to the end of its load. Rejects where that was called off, or could not be written down: it is due still. */
  async #work(job: Job, due: Due): Promise<Begun> {
    const since = this.#tools.ports.clock.now();
    const read: string[] = [];
    const prepared = ({ source }: Run) => {
      if (source) read.push(...this.#tools.sources.filesOf(source.sourceId).paths);
    };
    let begun: Begun;
    try {
      const run = await runUnattended({ ...this.#tools, prepared }, job, this.#end.signal);
      begun = { job, run, failure: null };
    } catch (error) {
      const failure = this.#failureOf(job, error);
      if (failure === null || error instanceof LoadStalled) {
        await this.#leave(job, failure);
        throw error;
      }
      begun = { job, run: await this.#runSince(job, since), failure };
    }
    const { run, failure } = begun;
    // What broke off before it had read them was to read those that had come.
    const files = read.length === 0 ? due.seen : due.seen.filter(({ path }) => read.includes(path));
    if (isMoving(job)) await this.#move(job, files, begun);
    // A run that failed says so itself.
    const untold = run?.state.kind === 'failed' ? null : failure;
    await this.#states.done(job.jobId, due, untold);
    if (untold) this.#tools.failed(job, untold);
    return begun;
  }

  /** What is not done is due still; where its load has paused by itself, that is told, and it is gone on with after a while. */
  async #leave(job: Job, failure: Failure | null): Promise<void> {
    const now = this.#tools.ports.clock.now();
    await this.#states.note(job.jobId, ({ trying }) =>
      failure === null
        ? { trying: null }
        : { trying: trying && { ...trying, until: now + trying.tries * STALLED_FOR }, failure },
    );
    if (failure !== null) this.#tools.failed(job, failure);
  }

  /** The run that failed, where it had begun. */
  async #runSince({ jobId }: Job, since: number): Promise<Run | null> {
    const { runs } = await this.#tools.runs.list(jobId);
    return runs.find(({ by, dry, startedAt }) => by === 'schedule' && !dry && startedAt >= since) ?? null;
  }

  /** What kept a job from running, as far as it counts: null for what leaves it due. */
  #failureOf({ jobId }: Job, error: unknown): Failure | null {
    const { log, random } = this.#tools.ports;
    if (this.#end.signal.aborted) return null;
    if (error instanceof FailureError) return LEFT_DUE.has(error.failure.code) ? null : error.failure;
    const incidentId = random.token(8);
    log.error('a job did not run by itself', error, { jobId, incidentId });
    return { code: 'BUG', incidentId, log: log.place };
  }

  async #move(job: Job, files: readonly SeenFile[], { run, failure }: Begun): Promise<void> {
    const into = moveInto(job, run, failure);
    if (into === null) return;
    await moveFiles(files, into, this.#tools.ports.clock.now()).catch((error: unknown) => {
      // What was loaded is loaded; the files are known, and not read again.
      this.#tools.ports.log.error('files that were read were not moved', error, { jobId: job.jobId });
    });
  }

  #lookFailed(job: Job, error: unknown): null {
    this.#tools.ports.log.error('a schedule was not looked at', error, { jobId: job.jobId });
    if (error instanceof FailureError) this.#tools.failed(job, error.failure);
    return null;
  }

  /** A run of this process has changed: where it was held and has been decided, the files that it was begun for are moved. */
  runChanged(run: Run): void {
    const isApproved = run.approved !== null && run.state.kind === 'ended';
    if (!isApproved && !(run.state.kind === 'rejected' && run.state.why === 'person')) return;
    const moving = this.#moveDecided(run).catch((error: unknown) =>
      this.#tools.ports.log.error('the files of a run were not moved', error, { runId: run.runId }),
    );
    this.#moving.add(moving);
    void moving.finally(() => this.#moving.delete(moving));
  }

  async #moveDecided(run: Run): Promise<void> {
    const job = (await this.#tools.jobs.list()).jobs.find(({ jobId }) => jobId === run.jobId);
    if (!job || !isMoving(job)) return;
    const { files } = await this.#states.of(job);
    // What was written since is another file, and is left.
    if (files !== null) await this.#move(job, filesOfMark(files), { job, run, failure: null });
  }

  /** What is due by now is passed over: its job was paused, or has another schedule. */
  async passOver(job: Job): Promise<void> {
    if (job.definition.schedule) await this.#states.change(job, { last: this.#tools.ports.clock.now(), trying: null });
    else await this.#states.forget(job.jobId);
  }

  /** Of a job that is removed. */
  forget(jobId: JobId): Promise<void> {
    return this.#states.forget(jobId);
  }

  /** Jobs with a schedule, by name, as they stand. */
  async list(): Promise<ScheduledJob[]> {
    const { jobs } = await this.#tools.jobs.list();
    const now = this.#tools.ports.clock.now();
    const listed = jobs.map(async (job): Promise<ScheduledJob[]> => {
      const { jobId, definition, paused } = job;
      const { schedule, name } = definition;
      if (!schedule) return [];
      const { last, skipped, failure } = await this.#states.of(job);
      const stands = standingOf(job, schedule, { jobs, last, now });
      return [{ jobId, name, schedule, paused: paused?.at ?? null, last, skipped, failure, ...stands }];
    });
    return (await Promise.all(listed)).flat();
  }

  /** Lets the jobs go that it began: what they have not done is due still. */
  async close(): Promise<void> {
    this.#end.abort(new FailureError({ code: 'CANCELLED' }));
    await Promise.allSettled([...this.#working.values(), ...this.#moving]);
  }
}

function isMoving({ definition: { schedule } }: Job): boolean {
  return schedule?.kind === 'watch' && schedule.move === true;
}

/** Where the files of a run go; null while nobody can tell, for it is held, or its load is not over. */
function moveInto({ definition }: Job, run: Run | null, failure: Failure | null): 'done' | 'failed' | null {
  if (failure !== null || run === null) return 'failed';
  const { state } = run;
  if (state.kind === 'failed' || state.kind === 'rejected') return 'failed';
  if (state.kind !== 'ended') return null;
  const isFailed = state.how === 'unknown' || hasFailed(run, { ...USUAL_GUARDS, ...definition.guards });
  return isFailed ? 'failed' : 'done';
}
