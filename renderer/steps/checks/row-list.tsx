import { Button } from '@mantine/core';
import { useState } from 'react';
import type { IssueGroup } from '../../../shared/domain/field-issue.ts';
import type { PlanId } from '../../../shared/domain/ids.ts';
import { number } from '../../../shared/text/counts.ts';
import { useBackend } from '../../backend/backend-context.tsx';
import type { Draft } from '../../wizard/draft.ts';

/** The rows of a group, on demand. */
export function RowList({
  group,
  planId,
  draft,
}: {
  readonly group: IssueGroup;
  readonly planId: PlanId | null;
  readonly draft: Draft;
}) {
  const backend = useBackend();
  const [rows, setRows] = useState<string | null>(null);
  const { orgId, sourceId, mapping } = draft;
  if (group.rows < 2 || !orgId || !sourceId || !mapping) return null;
  const show = async () => {
    const which = { groupKey: group.key, offset: 0, limit: 50 };
    const found =
      planId === null
        ? await backend.call('checks.rows', { orgId, sourceId, mapping, ...which })
        : await backend.call('plan.groupRows', { planId, ...which });
    setRows(found.map(({ row, line }) => `${number(row)} (line ${number(line)})`).join(', '));
  };
  if (rows !== null)
    return (
      <div className="reason">
        Rows {rows}
        {group.rows > 50 ? ' …' : ''}
      </div>
    );
  return (
    <Button size="compact-xs" variant="subtle" onClick={() => void show()}>
      Show the rows
    </Button>
  );
}
