import { Cron } from 'croner';
import { cronOf, type TimedSchedule } from '../../../shared/domain/job-schedule.ts';

/** Occurrences that are counted at most: more have no other meaning. */
const COUNTED = 100;

/**
 * The moments at which a schedule is due, in milliseconds. A fixed time that a clock change leaves out comes at the first moment after the
 * gap, and one that comes twice counts once, at its first; what runs each hour, or at steps, runs in each hour that passes (croner,
 * README, "DST handling"; `fixedTimeRule`: lists of hours are fixed times, too, so that no night is left out).
 */
export class Occurrences {
  readonly #cron: Cron;

  constructor(schedule: TimedSchedule) {
    // Paused: it is only asked, and starts nothing.
    this.#cron = new Cron(cronOf(schedule), {
      timezone: schedule.zone,
      mode: '5-part',
      fixedTimeRule: 'no-wildcard',
      paused: true,
    });
  }

  /** The first after a moment; null where there is none any more, such as a 31st of February. */
  next(after: number): number | null {
    return this.#cron.nextRun(new Date(after))?.getTime() ?? null;
  }

  /** The latest at a moment or before it. */
  last(upTo: number): number | null {
    // What it is asked from is not among what it gives, so that is the next millisecond.
    return this.#cron.previousRuns(1, new Date(upTo + 1))[0]?.getTime() ?? null;
  }

  /** How many are after one moment and before another; `COUNTED` for that many or more. */
  between(after: number, before: number): number {
    const times = this.#cron.nextRuns(COUNTED, new Date(after));
    return times.filter((time) => time.getTime() < before).length;
  }
}
