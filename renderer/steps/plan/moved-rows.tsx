import type { PlanId } from '../../../shared/domain/ids.ts';
import type { MovedRow } from '../../../shared/domain/load-plan.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { useCall } from '../../backend/backend-context.tsx';
import { fieldLabel, fieldType, shownChange } from './shown-value.ts';

/** Rows that are told one by one. */
const SHOWN = 20;

/** What is other in the org than a plan says, row by row: the first of them. */
export function MovedRows({
  planId,
  describe,
}: {
  readonly planId: PlanId;
  readonly describe: SObjectDescribe | null;
}) {
  const moved = useCall('plan.moved', { planId, offset: 0, limit: SHOWN }).data;
  if (!moved || moved.total === 0) return null;
  return (
    <section className="panel" aria-labelledby="moved-title">
      <h3 id="moved-title">What changed in the org</h3>
      <table className="list">
        <thead>
          <tr>
            <th scope="col">Row</th>
            <th scope="col">Key</th>
            <th scope="col">Since the plan was made</th>
          </tr>
        </thead>
        <tbody>
          {moved.rows.map((row) => (
            <tr key={row.row}>
              <td>{number(row.row)}</td>
              <td>{row.key}</td>
              <td>{movedText(row, describe)}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {moved.total > SHOWN && <p className="lead">and {plural(moved.total - SHOWN, 'more row')}</p>}
    </section>
  );
}

function movedText({ what, changes }: MovedRow, describe: SObjectDescribe | null): string {
  if (what === 'deleted') return 'The record was deleted, or you can no longer see it.';
  if (what === 'taken') return 'Another record has this key now.';
  if (changes.length === 0) return 'The record was changed in fields that are not in this plan.';
  return changes
    .map(({ field, before, now: after }) => {
      const { was, now } = shownChange(before, after, fieldType(describe, field));
      return `${fieldLabel(describe, field)}: ${was || 'blank'} → ${now || 'blank'}`;
    })
    .join('; ');
}
