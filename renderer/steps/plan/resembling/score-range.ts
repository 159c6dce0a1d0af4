import type { ResemblingReport, ResemblingRow, ThresholdCount } from '../../../../shared/domain/resembling.ts';

/** Scores that can be chosen on either side of the one that is proposed. */
const [BELOW, ABOVE] = [8, 24];

/** The scores to choose from, half a bit apart, the proposed one among them. */
export function scoreRange({ threshold }: Pick<ResemblingReport, 'threshold'>): number[] {
  const start = roundScore(threshold);
  return Array.from({ length: (BELOW + ABOVE) * 2 + 1 }, (_none, step) => start - BELOW + step / 2);
}

/** A score to half a bit, never above the one given: no pair that is proposed is left out. */
export function roundScore(threshold: number): number {
  return Math.floor(threshold * 2) / 2;
}

/** What a score finds; null while it isn't known. */
export function countAt(counts: readonly ThresholdCount[] | undefined, score: number): ThresholdCount | null {
  return counts?.find(({ threshold }) => threshold === score) ?? null;
}

/** The words of a person on pairs, by pair. */
export type PairWords = ReadonlyMap<string, boolean>;

export const pairKey = ({ row, record }: Pick<ResemblingRow, 'row' | 'record'>): string => `${row} ${record}`;

/** With a word more; the same word again takes it back. */
export function withWord(words: PairWords, pair: Pick<ResemblingRow, 'row' | 'record'>, same: boolean): PairWords {
  const next = new Map(words);
  if (words.get(pairKey(pair)) === same) next.delete(pairKey(pair));
  else next.set(pairKey(pair), same);
  return next;
}

/** The words on the pairs shown, as they are learnt from. */
export function wordsOn<P extends Pick<ResemblingRow, 'row' | 'record'>>(
  pairs: readonly P[],
  words: PairWords,
): { row: P['row']; record: P['record']; same: boolean }[] {
  return pairs.flatMap(({ row, record }) => {
    const same = words.get(pairKey({ row, record }));
    return same === undefined ? [] : [{ row, record, same }];
  });
}

/** Whether two texts of a pair say the same to a reader; blanks say nothing. */
export function saysOther(row: string, record: string): boolean {
  const plain = (text: string) => text.trim().toLowerCase();
  return plain(row) !== '' && plain(record) !== '' && plain(row) !== plain(record);
}
