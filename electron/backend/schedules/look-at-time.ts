import type { TimedSchedule } from '../../../shared/domain/job-schedule.ts';
import { endOfBlackOut } from './black-outs.ts';
import { Occurrences } from './occurrences.ts';

/** What is begun later than this after its time was missed, in milliseconds: whoever looks does so every few minutes. */
export const MISSED_AFTER = 15 * 60_000;

/** How a schedule stands. `at` is the occurrence, by which no other process begins it again. */
export type Look =
  | { readonly kind: 'due'; readonly at: number; readonly missed: number }
  | { readonly kind: 'skip'; readonly at: number; readonly missed: number }
  /** `next` null: it never comes. */
  | { readonly kind: 'wait'; readonly next: number | null };

/**
 * Whether a schedule of times is due, when all up to `last` is done. Of several occurrences that have passed, the latest stands for them
 * all. Pure.
 */
export function lookAtTime(schedule: TimedSchedule, last: number, now: number): Look {
  const occurrences = new Occurrences(schedule);
  const { zone, blackOuts, missed = 'once' } = schedule;
  const at = occurrences.last(now);
  const begins = (moment: number | null) => (moment === null ? null : endOfBlackOut(blackOuts, zone, moment));
  if (at === null || at <= last) return { kind: 'wait', next: begins(occurrences.next(now)) };
  const free = begins(now);
  if (missed === 'skip' && now - at > MISSED_AFTER)
    return { kind: 'skip', at, missed: occurrences.between(last, at) + 1 };
  if (free !== now) return { kind: 'wait', next: free };
  return { kind: 'due', at, missed: occurrences.between(last, at) };
}
