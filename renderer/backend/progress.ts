import type { WorkProgress } from '../../shared/contract/events.ts';

/** A stage that has run for less than this, in milliseconds, says nothing about its pace. */
const SOON = 700;

/** How far a call has come, and how fast the stage it is in goes. */
export interface Progress extends WorkProgress {
  /** When the stage was first heard of, in milliseconds of the page's clock, and how far it was then. */
  readonly since: number;
  readonly from: number;
  /** Units a second; null before that can be said. */
  readonly rate: number | null;
}

/** What is known after another report, `now` in milliseconds of the page's clock. */
export function progressAfter(before: Progress | undefined, work: WorkProgress, now: number): Progress {
  if (before?.stage !== work.stage || work.done < before.done)
    return { ...work, since: now, from: work.done, rate: null };
  const { since, from } = before;
  const elapsed = now - since;
  const rate = elapsed < SOON || work.done === from ? null : ((work.done - from) / elapsed) * 1000;
  return { ...work, since, from, rate };
}
