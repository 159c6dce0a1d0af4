import { OutcomeKind, type OutcomeCounts } from '../../shared/domain/load-results.ts';

/** A piece of a bar of rows by outcome. */
export interface OutcomeShare {
  readonly kind: OutcomeKind;
  readonly rows: number;
  /** Of the whole bar, in per cent. */
  readonly percent: number;
}

/** What is too little to be seen is drawn as if it were this much: a single failure among a million rows must show. */
const LEAST_PERCENT = 1;

/** Rows by outcome as pieces of a bar of `total` rows, in the order of the outcomes; what is not known yet is left empty. */
export function outcomeShares(counts: OutcomeCounts, total: number): OutcomeShare[] {
  const kinds = OutcomeKind.options.filter((kind) => counts[kind] > 0);
  const raw = kinds.map((kind) => Math.max(LEAST_PERCENT, (counts[kind] / Math.max(1, total)) * 100));
  const sum = raw.reduce((all, one) => all + one, 0);
  const scale = sum > 100 ? 100 / sum : 1;
  return kinds.map((kind, index) => ({ kind, rows: counts[kind], percent: (raw[index] ?? 0) * scale }));
}
