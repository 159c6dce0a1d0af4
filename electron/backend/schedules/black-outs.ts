import { DateTime } from 'luxon';
import type { BlackOut, Weekday } from '../../../shared/domain/job-schedule.ts';

const DAYS: readonly Weekday[] = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun'];
/** Windows that follow one another are followed so far; what is longer covers every week. */
const MOST_DAYS = 8;

/**
 * The moment at which something may be begun: `at` itself, or the end of the black-out windows that it lies in. Null where they leave no
 * time at all. Windows are told by the clock of their zone, so one is an hour longer or shorter in the night of a clock change. Pure.
 */
export function endOfBlackOut(blackOuts: readonly BlackOut[] | undefined, zone: string, at: number): number | null {
  const limit = at + MOST_DAYS * 86_400_000;
  let free = at;
  while (free < limit) {
    const end = Math.max(...(blackOuts ?? []).map((window) => endOf(window, zone, free)), free);
    if (end === free) return free;
    free = end;
  }
  return null;
}

/** When a window ends that a moment lies in; the moment itself where it lies in none. */
function endOf({ from, to, on }: BlackOut, zone: string, at: number): number {
  const now = DateTime.fromMillis(at, { zone });
  // It may have begun the day before.
  for (const day of [now, now.minus({ days: 1 })]) {
    if (on && !on.includes(DAYS[day.weekday - 1] ?? 'mon')) continue;
    const begin = atTime(day, from);
    const end = atTime(to > from ? day : day.plus({ days: 1 }), to);
    if (begin <= at && at < end) return end;
  }
  return at;
}

function atTime(day: DateTime, time: string): number {
  const [hour = 0, minute = 0] = time.split(':').map(Number);
  return day.set({ hour, minute, second: 0, millisecond: 0 }).toMillis();
}
