import type { Clock } from '../ports.ts';

/** Between two tries of one thing: from the first to the last, twice as long each time. */
const FIRST_PAUSE = 250;
const LAST_PAUSE = 20_000;

/** Tries of one thing: a pause between any two, and an end. */
export class Tries {
  readonly #clock: Pick<Clock, 'sleep'>;
  readonly #limit: number;
  #failed = 0;

  constructor(clock: Pick<Clock, 'sleep'>, limit: number) {
    this.#clock = clock;
    this.#limit = limit;
  }

  /**
   * After a try that failed: waits before the next, `atLeast` milliseconds where the org asked for that, or throws what it failed
   * with if it was the last.
   */
  async again(failure: unknown, signal: AbortSignal, atLeast = 0): Promise<void> {
    if (++this.#failed >= this.#limit) throw failure;
    const pause = Math.max(FIRST_PAUSE * 2 ** (this.#failed - 1), atLeast);
    await this.#clock.sleep(Math.min(pause, LAST_PAUSE), signal);
  }
}
