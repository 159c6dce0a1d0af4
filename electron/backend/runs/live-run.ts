import type { SourceId } from '../../../shared/domain/ids.ts';
import { hasEnded, type Run } from '../../../shared/domain/run.ts';
import type { FileLock } from '../documents/file-lock.ts';
import type { Clock } from '../ports.ts';
import type { JobRuns } from './job-runs.ts';

interface LiveTools {
  readonly clock: Pick<Clock, 'now'>;
  /** Hears of each state of the run, once it is on disk. */
  readonly changed: (run: Run) => void;
}

/** A job that this process has the right to run, and its run. */
export class LiveRun {
  readonly #tools: LiveTools;
  /** Null once the run has ended: others may run the job then. */
  #lock: FileLock | null;
  /** Writes of the run, one after another. */
  #written: Promise<void> = Promise.resolve();
  readonly runs: JobRuns;
  /** Null before there is one. */
  run: Run | null = null;
  /** Sources that were made for it. */
  readonly sources = new Set<SourceId>();
  /** Its load has ended, and what that came to is being written down. */
  isEnding = false;

  constructor(tools: LiveTools, runs: JobRuns, lock: FileLock) {
    this.#tools = tools;
    this.runs = runs;
    this.#lock = lock;
  }

  /** Settled once all that was saved is on disk, or was refused. */
  get written(): Promise<void> {
    return this.#written;
  }

  /**
   * Resolves once the run is on disk as it is now. What comes later is never written over by what came before. With its end the job is
   * free for others.
   */
  save(next: Run): Promise<void> {
    const run = this.#stamped(next);
    this.run = run;
    return this.#afterwards(() => this.#write(run));
  }

  /**
   * Saves what a run has come to once `work` tells it, after all that was saved before: until then it loads. `note` writes down how far that is.
   */
  end(work: (note: (run: Run) => Promise<void>) => Promise<Run>): Promise<void> {
    this.isEnding = true;
    return this.#afterwards(async () => {
      const run = this.#stamped(await work((noted) => this.#write(noted)));
      this.run = run;
      await this.#write(run);
    });
  }

  #stamped(next: Run): Run {
    return hasEnded(next) ? { ...next, endedAt: next.endedAt ?? this.#tools.clock.now() } : { ...next, endedAt: null };
  }

  async #write(run: Run): Promise<void> {
    await this.runs.save(run);
    this.#tools.changed(run);
    if (hasEnded(run)) await this.release();
  }

  #afterwards(work: () => Promise<void>): Promise<void> {
    const saving = this.#written.then(work);
    this.#written = saving.catch(() => undefined);
    return saving;
  }

  async release(): Promise<void> {
    const lock = this.#lock;
    this.#lock = null;
    await lock?.release();
  }
}
