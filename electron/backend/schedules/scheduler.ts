import type { BackendPorts } from '../ports.ts';
import type { SavedJobs } from '../jobs/saved-jobs.ts';
import { FolderWatch } from './folder-watch.ts';
import type { Begun, Schedules } from './schedules.ts';

/** Between two looks at most, in milliseconds: a clock that was set, or another process that changed a job, is noticed within. */
const LOOK_EVERY = 60_000;
/** A look by the system's timer waits for files to settle no longer; the next one looks again. */
const SETTLES_WITHIN = 120_000;

interface SchedulerTools {
  readonly ports: Pick<BackendPorts, 'clock' | 'log'>;
  readonly jobs: Pick<SavedJobs, 'list'>;
  readonly schedules: Schedules;
  /** What has not happened for too long is told. */
  readonly alerts: { look(): Promise<void> };
}

/** Looks at the schedules when there is something to see: while an app is open, or once, for the system's timer. */
export class Scheduler {
  readonly #tools: SchedulerTools;
  readonly #watch: FolderWatch;
  readonly #end = new AbortController();
  /** Wakes the look that sleeps. */
  #sleeper = new AbortController();
  #looking: Promise<void> | null = null;

  constructor(tools: SchedulerTools) {
    this.#tools = tools;
    this.#watch = new FolderWatch(tools.ports.log, () => this.wake());
  }

  /** From now on, jobs run by themselves in this process. */
  start(): void {
    this.#looking ??= this.#keepLooking();
  }

  /** Something may be due by now. */
  wake(): void {
    this.#sleeper.abort();
  }

  async #keepLooking(): Promise<void> {
    const { clock, log } = this.#tools.ports;
    while (!this.#end.signal.aborted) {
      // What comes from here on wakes the sleep after this look.
      this.#sleeper = new AbortController();
      let next: number | null = null;
      try {
        await this.#watch.keepTo((await this.#tools.jobs.list()).jobs);
        const looked = await this.#tools.schedules.look();
        ({ next } = looked);
        void this.#tools.alerts.look();
        // One that is left is looked at again with the next look, and not at once.
        for (const begun of looked.begun) begun.then(() => this.wake(), this.#left);
      } catch (error) {
        log.error('the schedules were not looked at', error);
      }
      const pause = Math.min(LOOK_EVERY, Math.max(0, (next ?? Infinity) - clock.now()));
      const signal = AbortSignal.any([this.#sleeper.signal, this.#end.signal]);
      // Called off when it is woken.
      await clock.sleep(pause, signal).catch(() => undefined);
    }
  }

  readonly #left = (error: unknown) => this.#tools.ports.log.error('a job that is due was left', error);

  /** Runs what is due, also what becomes due by that, to its end. */
  async runDue(signal: AbortSignal): Promise<Begun[]> {
    const { clock } = this.#tools.ports;
    const all: Begun[] = [];
    const since = clock.elapsed();
    for (;;) {
      signal.throwIfAborted();
      const { begun, next, isSettling } = await this.#tools.schedules.look();
      let isBegun = false;
      for (const ended of await Promise.allSettled(begun)) {
        if (ended.status === 'rejected') this.#left(ended.reason);
        else {
          all.push(ended.value);
          isBegun = true;
        }
      }
      // What is left is for the next look of the timer: somebody runs it.
      if (isBegun) continue;
      const pause = next === null ? Infinity : Math.max(0, next - clock.now());
      // Files settle while we wait; the next time of a day is for the timer's next look.
      if (!isSettling || pause > SETTLES_WITHIN - (clock.elapsed() - since)) break;
      await clock.sleep(pause, signal);
    }
    await this.#tools.alerts.look();
    return all;
  }

  async close(): Promise<void> {
    this.#end.abort();
    // Before anything else: loads are let go at the same time, and what pauses by that has not come to an end.
    const letGo = this.#tools.schedules.close();
    await this.#watch.close();
    await this.#looking;
    await letGo;
    // What a look that was under way has still begun.
    await this.#tools.schedules.close();
  }
}
