import type { Comparison } from './comparisons.ts';

/** Of one comparison, how often each level holds among pairs of the same records, and of others. */
export interface LevelShares {
  readonly m: readonly number[];
  readonly u: readonly number[];
}

/** What the weights of a model are made of: one entry a comparison, in its order. */
export type Shares = readonly LevelShares[];

export function defaultShares(comparisons: readonly Comparison[]): Shares {
  return comparisons.map(({ levels }) => ({ m: levels.map(({ m }) => m), u: levels.map(({ u }) => u) }));
}

/** The evidence of each level in bits, log2(m / u) (Fellegi and Sunter, "A Theory for Record Linkage", 1969). */
export function weightsOf({ m, u }: LevelShares): number[] {
  return m.map((share, level) => Math.log2(share / (u[level] ?? 1)));
}

/** The odds of a share, in bits. */
export const bitsOf = (share: number): number => Math.log2(share / (1 - share));

/** The share that odds in bits stand for. */
export const shareOf = (bits: number): number => 1 / (1 + 2 ** -bits);
