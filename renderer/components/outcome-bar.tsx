import { totalOf, type OutcomeCounts } from '../../shared/domain/load-results.ts';
import { number, plural } from '../../shared/text/counts.ts';
import { OUTCOME_LOOK } from './outcome.tsx';
import { outcomeShares } from './outcome-shares.ts';

interface Props {
  readonly counts: OutcomeCounts;
  /** Rows of the whole file. */
  readonly rows: number;
}

/** The rows of a load by outcome, as one bar; said in words to those who don't see it. */
export function OutcomeBar({ counts, rows }: Props) {
  const shares = outcomeShares(counts, rows);
  const words = shares.map(({ kind, rows: of }) => `${number(of)} ${OUTCOME_LOOK[kind].word.toLowerCase()}`);
  const open = rows - totalOf(counts);
  if (open > 0) words.push(`${number(open)} to come`);
  return (
    <div className="outcome-bar" role="img" aria-label={`${plural(rows, 'row')}: ${words.join(', ')}`}>
      {shares.map(({ kind, percent }) => (
        <span
          key={kind}
          data-tone={OUTCOME_LOOK[kind].tone}
          title={`${OUTCOME_LOOK[kind].word}: ${number(counts[kind])}`}
          ref={(element) => element?.style.setProperty('width', `${percent}%`)}
        />
      ))}
    </div>
  );
}
