import { totalOf, type OutcomeCounts } from '../../shared/domain/load-results.ts';
import { number, plural } from '../../shared/text/counts.ts';
import { OUTCOME_GROUP } from '../../shared/domain/row-groups.ts';
import { GROUP_WORD } from '../../shared/text/row-group-text.ts';
import { GROUP_LOOK } from './outcome.tsx';
import { outcomeShares } from './outcome-shares.ts';

interface Props {
  readonly counts: OutcomeCounts;
  /** Rows of the whole file. */
  readonly rows: number;
}

/** The rows of a load by outcome, as one bar; said in words to those who don't see it. */
export function OutcomeBar({ counts, rows }: Props) {
  const shares = outcomeShares(counts, rows);
  const words = shares.map(({ kind, rows: of }) => `${number(of)} ${GROUP_WORD[OUTCOME_GROUP[kind]].toLowerCase()}`);
  const open = rows - totalOf(counts);
  if (open > 0) words.push(`${number(open)} to come`);
  return (
    <div className="outcome-bar" role="img" aria-label={`${plural(rows, 'row')}: ${words.join(', ')}`}>
      {shares.map(({ kind, percent }) => (
        <span
          key={kind}
          data-tone={GROUP_LOOK[OUTCOME_GROUP[kind]].tone}
          title={`${GROUP_WORD[OUTCOME_GROUP[kind]]}: ${number(counts[kind])}`}
          ref={(element) => element?.style.setProperty('width', `${percent}%`)}
        />
      ))}
    </div>
  );
}
