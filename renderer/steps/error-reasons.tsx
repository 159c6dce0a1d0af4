import type { ErrorReason, LoadReport } from '../../shared/domain/load-results.ts';
import { number, plural } from '../../shared/text/counts.ts';
import { reasonText } from '../../shared/text/error-reason-text.ts';
import { refusalText } from '../../shared/text/refusal-text.ts';

interface Props {
  readonly groups: LoadReport['errorGroups'];
  /** Rows in the error file. */
  readonly rows: number;
  /** The reason whose rows are shown. */
  readonly chosen: ErrorReason | null;
  readonly choose: (reason: ErrorReason | null) => void;
}

/** Why rows are in the error file, each with how many and an example. */
export function ErrorReasons({ groups, rows, chosen, choose }: Props) {
  const most = Math.max(...groups.map((group) => group.rows));
  return (
    <section className="panel" aria-labelledby="errors-title">
      <h3 id="errors-title">{plural(rows, 'row')} in the error file, by reason</h3>
      <table className="list">
        <thead>
          <tr>
            <th>Reason</th>
            <th>Rows</th>
            <th>
              <span className="skip">Share</span>
            </th>
            <th>For example</th>
          </tr>
        </thead>
        <tbody>
          {groups.map((group) => (
            <tr key={`${group.statusCode} ${group.fields}`}>
              <td>
                <button
                  type="button"
                  className="as-link"
                  aria-pressed={isReason(group, chosen)}
                  onClick={() => choose(isReason(group, chosen) ? null : group)}
                >
                  {reasonText(group)}
                </button>
              </td>
              <td>{number(group.rows)}</td>
              <td className="share">
                <span
                  className="share-bar"
                  ref={(element) => element?.style.setProperty('width', `${(group.rows / most) * 100}%`)}
                />
              </td>
              <td className="reason whole">{refusalText(group.example.message)}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}

function isReason(group: ErrorReason, chosen: ErrorReason | null): boolean {
  return chosen?.statusCode === group.statusCode && chosen.fields === group.fields;
}
