import { Button } from '@mantine/core';
import type { MergeId, OrgId } from '../../../shared/domain/ids.ts';
import { plural } from '../../../shared/text/counts.ts';
import { MERGE_STATES } from '../../../shared/text/merge-text.ts';
import { useCall } from '../../backend/backend-context.tsx';
import { moment } from '../../settings/moments.ts';

/** The merges of an org, planned and done. */
export function MergeList({ orgId, open }: { readonly orgId: OrgId; readonly open: (mergeId: MergeId) => void }) {
  const merges = useCall('merge.list', {});
  const own = merges.data?.filter((merge) => merge.orgId === orgId) ?? [];
  if (own.length === 0) return null;
  return (
    <section className="panel" aria-labelledby="merge-list">
      <h3 id="merge-list">Earlier merges</h3>
      <table className="list">
        <tbody>
          {own.map(({ mergeId, labelPlural, madeAt, state, counts }) => (
            <tr key={mergeId}>
              <th scope="row">
                {labelPlural}, {moment(madeAt)}
              </th>
              <td>{plural(counts.groups, 'group')}</td>
              <td>{MERGE_STATES[state]}</td>
              <td style={{ textAlign: 'right' }}>
                <Button
                  size="compact-sm"
                  variant="subtle"
                  aria-label={`Open ${labelPlural}, ${moment(madeAt)}`}
                  onClick={() => open(mergeId)}
                >
                  Open
                </Button>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  );
}
