import type { Stretch } from './sorted-stretches.ts';

/** By how many standard deviations a guess may be wrong: one window in twenty begins too late or ends too early, and is looked for again. */
const DEVIATIONS = 2;

/** Where a stretch begins: at most so many rows come before it, and at least so many; they are equal where they were counted. */
interface Start {
  readonly atLeast: number;
  readonly atMost: number;
}

/**
 * The stretches that a page most likely lies in, from the place `first` up to, but without, `next`. Those of one kind are read together, but
 * one of a single value by itself. They begin where it is certain, if they were counted, or nearly so, that no row of the page lies before them.
 */
export function windowOf(
  stretches: readonly Pick<Stretch, 'kind' | 'isOne' | 'rows' | 'lookedAt' | 'before'>[],
  total: number,
  at: number,
  end: number,
): { readonly first: number; readonly next: number } {
  const starts = startsOf(stretches, total);
  const first = Math.max(
    0,
    starts.findLastIndex(({ atMost }) => atMost <= at),
  );
  const one = stretches[first];
  let next = first + 1;
  while (next < stretches.length && (starts[next]?.atLeast ?? 0) < end) {
    const stretch = stretches[next];
    if (!one || !stretch || one.isOne || stretch.isOne || stretch.kind !== one.kind) break;
    next++;
  }
  return { first, next };
}

/** Between two stretches whose starts are known, by how many of the rows that were looked at lie between them. */
function startsOf(stretches: readonly Pick<Stretch, 'rows' | 'lookedAt' | 'before'>[], total: number): Start[] {
  const starts: Start[] = [];
  let [anchor, before] = [0, 0];
  while (anchor < stretches.length) {
    const found = stretches.findIndex((stretch, place) => place > anchor && stretch.before !== null);
    const upTo = found < 0 ? stretches.length : found;
    const between = (found < 0 ? total : (stretches[found]?.before ?? total)) - before;
    starts.push(...startsBetween(stretches.slice(anchor, upTo), before, between));
    [anchor, before] = [upTo, before + between];
  }
  return starts;
}

function startsBetween(
  stretches: readonly Pick<Stretch, 'rows' | 'lookedAt'>[],
  before: number,
  between: number,
): Start[] {
  const all = stretches.reduce((sum, { rows }) => sum + rows, 0);
  const lookedAt = stretches.reduce((sum, stretch) => sum + stretch.lookedAt, 0);
  let seen = 0;
  return stretches.map(({ rows }, place) => {
    const share = all === 0 ? 0 : seen / all;
    seen += rows;
    if (place === 0) return { atLeast: before, atMost: before };
    const wrong = DEVIATIONS * between * Math.sqrt((share * (1 - share)) / Math.max(1, lookedAt));
    const guess = before + share * between;
    return { atLeast: Math.floor(guess - wrong), atMost: Math.ceil(guess + wrong) };
  });
}
