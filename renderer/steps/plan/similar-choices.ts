import type {
  SimilarChoice,
  SimilarGroup,
  SimilarKeep,
  SimilarPage,
  SimilarSummary,
} from '../../../shared/domain/similar-rows.ts';
import { SimilarKeep as Keeps } from '../../../shared/domain/similar-rows.ts';
import { SourceRowNumber } from '../../../shared/domain/ids.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { KEEP_TEXT } from '../../../shared/text/similar-text.ts';

interface Option {
  readonly value: string;
  readonly label: string;
}

/** Stands for a group that is decided as all others are. */
const AS_ALL = '';

/** What can be decided of one group; the newest only where it is said by which column. */
export function groupOptions({ all, rows }: SimilarGroup, { newestBy, keep }: SimilarSummary): Option[] {
  const rules = Keeps.options.filter((rule) => rule !== 'newest' || newestBy !== null);
  return [
    { value: AS_ALL, label: `like all groups: ${KEEP_TEXT[keep]}` },
    ...rules.map((rule) => ({ value: rule, label: KEEP_TEXT[rule] })),
    ...rows
      .filter(({ row }) => all.includes(row))
      .map(({ row }) => ({ value: String(row), label: `send only row ${number(row)}` })),
  ];
}

/** A decision as its option's value. */
export function optionOf(choice: SimilarChoice | null): string {
  return choice === null ? AS_ALL : String(choice);
}

/** The decision that an option stands for. */
export function choiceOf(value: string): SimilarChoice | null {
  if (value === AS_ALL) return null;
  return /^\d+$/.test(value) ? SourceRowNumber.parse(Number(value)) : (value as SimilarKeep);
}

/** The place of a threshold among those that are counted: the nearest. */
export function placeOfThreshold(counts: SimilarPage['counts'], threshold: number): number {
  const distances = counts.map((count) => Math.abs(count.threshold - threshold));
  return Math.max(0, distances.indexOf(Math.min(...distances)));
}

/** What a threshold would find, in words. */
export function countText({ threshold, pairs, rows }: SimilarPage['counts'][number]): string {
  const from = `From a score of ${threshold.toFixed(1)}`;
  return pairs === 0
    ? `${from}, no rows are similar`
    : `${from}, ${plural(rows, 'row')} in ${plural(pairs, 'pair')} are similar`;
}
