import { bitsOf, shareOf, weightsOf, type Shares } from './weights.ts';

/** Pairs that are at the same levels: a level for each comparison, -1 where one of the two says nothing. */
export interface LevelPattern {
  readonly levels: readonly number[];
  readonly pairs: number;
}

interface Learning {
  readonly patterns: readonly LevelPattern[];
  readonly start: Shares;
  /** Comparisons that are learnt and that speak; those of a blocking rule's own columns are equal in all its pairs. */
  readonly used: readonly boolean[];
  /** How many pairs of the same records what is there at the start counts for. */
  readonly strength: number;
}

export interface Learnt {
  /** The share of pairs of the same records among those that were looked at. */
  readonly share: number;
  /** By comparison and level: how many pairs of the same records are at it. */
  readonly counts: readonly (readonly number[])[];
}

const ROUNDS = 50;
const SETTLED = 1e-4;

/**
 * Expectation and maximisation over patterns of levels, which is all that the parameters depend on: the shares among other pairs stay
 * as they are, those among the same records and the share of these are learnt, as Splink does within one blocking rule
 * (moj-analytical-services/splink, `estimate_parameters_using_expectation_maximisation`).
 */
export function learnShares({ patterns, start, used, strength }: Learning): Learnt {
  let [share, m] = [0.5, start.map((shares) => shares.m)];
  let counts: number[][] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const weights = m.map((one, at) => weightsOf({ m: one, u: start[at]?.u ?? [] }));
    counts = m.map((one) => one.map(() => 0));
    let [same, all] = [0, 0];
    for (const { levels, pairs } of patterns) {
      const bits = levels.reduce((sum, level, at) => sum + (used[at] ? (weights[at]?.[level] ?? 0) : 0), bitsOf(share));
      const likely = shareOf(bits) * pairs;
      same += likely;
      all += pairs;
      for (const [at, level] of levels.entries()) {
        const count = counts[at];
        if (count && level >= 0) count[level] = (count[level] ?? 0) + likely;
      }
    }
    const before = share;
    // Never quite certain: odds of nothing could not be weighed.
    share = Math.min(0.9999, Math.max(1e-9, same / Math.max(all, 1)));
    m = counts.map((count, at) => (used[at] ? blended(count, start[at]?.m ?? [], strength) : (m[at] ?? [])));
    if (Math.abs(share - before) < SETTLED * share) break;
  }
  return { share, counts };
}

/** Shares that were counted, together with those there were before, which count for `strength` pairs. */
export function blended(counts: readonly number[], before: readonly number[], strength: number): number[] {
  const all = counts.reduce((sum, count) => sum + count, strength);
  return counts.map((count, level) => Math.max(1e-6, (count + strength * (before[level] ?? 0)) / Math.max(all, 1e-9)));
}
