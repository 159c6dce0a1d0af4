import { NativeSelect } from '@mantine/core';
import type {
  SimilarChoice,
  SimilarGroup,
  SimilarPage,
  SimilarRow,
  SimilarSummary,
} from '../../../shared/domain/similar-rows.ts';
import { number } from '../../../shared/text/counts.ts';
import { reasonsText } from '../../../shared/text/resemblance-text.ts';
import { similarRowText } from '../../../shared/text/similar-text.ts';
import { choiceOf, groupOptions, optionOf } from './similar-choices.ts';

interface Props {
  readonly group: SimilarGroup;
  /** Names of the columns whose values are shown. */
  readonly fields: readonly string[];
  readonly things: SimilarPage['things'];
  readonly summary: SimilarSummary;
  readonly busy: boolean;
  readonly choose: (choice: SimilarChoice | null) => void;
}

/** The rows of one group side by side: what happens to each, why they are taken for similar, and what can be decided. */
export function SimilarGroupTable({ group, fields, things, summary, busy, choose }: Props) {
  const { all, rows, choice, undecided, resembles } = group;
  const name = `Rows ${all.slice(0, 3).map(number).join(', ')}${all.length > 3 ? ' …' : ''}`;
  return (
    <div className="similar-group">
      <NativeSelect
        size="xs"
        label={`${name}: what is sent`}
        value={optionOf(choice)}
        disabled={busy}
        data={groupOptions(group, summary)}
        onChange={({ currentTarget: { value } }) => choose(choiceOf(value))}
      />
      {undecided && <p className="lead">Nothing in the file shows which row is the newest, so all are sent.</p>}
      {resembles !== null && (
        <p className="lead">
          You have decided on row {number(resembles)}, because it resembles a record. It stands for the other rows of
          this group.
        </p>
      )}
      <div className="side-by-side" tabIndex={0} role="group" aria-label={name}>
        <table className="list">
          <thead>
            <tr>
              <th scope="col">Row</th>
              {fields.map((field) => (
                <th key={field} scope="col">
                  {field}
                </th>
              ))}
              <th scope="col">What happens</th>
              <th scope="col">Why it is similar</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.row} data-what={row.what}>
                <th scope="row">{number(row.row)}</th>
                {row.values.map((value, place) => (
                  <td key={fields[place]}>{value}</td>
                ))}
                <td>
                  <span className="tone" data-tone={row.what === 'sent' ? 'create' : 'duplicate'}>
                    {similarRowText(row)}
                  </span>
                </td>
                <td>{bondText(row, things)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
      {all.length > rows.length && <p className="lead">and {number(all.length - rows.length)} more rows</p>}
    </div>
  );
}

function bondText({ bond }: SimilarRow, things: SimilarPage['things']): string {
  if (bond === null) return '';
  return `Like row ${number(bond.row)}, score ${bond.weight.toFixed(1)}: ${reasonsText(bond.reasons, things)}`;
}
