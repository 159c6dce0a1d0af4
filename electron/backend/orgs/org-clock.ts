import type { Clock } from '../ports.ts';

/** Dates in headers are cut to the second (RFC 9110, section 5.6.7). */
const RESOLUTION = 1000;

/**
 * The time by an org's clock: from the `Date` of its answers, and monotonic time passed since. This machine's own clock, which
 * may be a day off, counts only until the first answer.
 */
export class OrgClock {
  readonly #clock: Pick<Clock, 'now' | 'elapsed'>;
  #seen: { readonly date: number; readonly elapsed: number } | null = null;

  constructor(clock: Pick<Clock, 'now' | 'elapsed'>) {
    this.#clock = clock;
  }

  /** Milliseconds since the epoch. */
  now(): number {
    return this.#seen === null ? this.#clock.now() : this.#seen.date + this.#clock.elapsed() - this.#seen.elapsed;
  }

  /** Takes an answer's date, unless what is known already lies within the second that it names. */
  note(header: string | undefined): void {
    const date = Date.parse(header ?? '');
    if (Number.isNaN(date)) return;
    const known = this.#seen === null ? NaN : this.now();
    if (known >= date && known < date + RESOLUTION) return;
    this.#seen = { date, elapsed: this.#clock.elapsed() };
  }
}
