import type { SimilarKeep, SimilarRow, SimilarSummary } from '../domain/similar-rows.ts';
import { number, plural } from './counts.ts';

/** What becomes of rows that resemble one another, behind "Of similar rows". */
export const KEEP_TEXT: Readonly<Record<SimilarKeep, string>> = {
  all: 'send all',
  first: 'send the first',
  last: 'send the last',
  newest: 'send the newest, by a column',
  merge: 'fill the first from the others',
};

/** What a plan says of its similar rows, in a sentence or two. */
export function similarText({ groups, rows, replaced }: SimilarSummary): string {
  if (groups === 0) return 'No rows resemble one another.';
  const found = `${plural(rows, 'row')} resemble one another, in ${plural(groups, 'group')}.`;
  return replaced === 0
    ? `${found} All of them are sent.`
    : `${found} Other rows stand for ${number(replaced)} of them.`;
}

/** What was not compared with one another, for a value that very many rows share; none where everything was. */
export function uncomparedText({ capped }: SimilarSummary): string | null {
  const pairs = capped.reduce((sum, one) => sum + one.pairs - one.lookedAt, 0);
  return pairs === 0 ? null : `${plural(pairs, 'pair')} of rows that share very common values were not compared.`;
}

/** What happens to a row of a group. */
export function similarRowText({ what }: Pick<SimilarRow, 'what'>): string {
  switch (what) {
    case 'sent':
      return 'Sent';
    case 'replaced':
      return 'Another row is used instead';
    case 'merged':
      return 'Fills the first row';
    case 'notSent':
      return 'Not sent';
  }
}
