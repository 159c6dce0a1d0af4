import { Button, Group, Loader } from '@mantine/core';
import { useState } from 'react';
import { number, plural } from '../../../shared/text/counts.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import type { Draft } from '../../wizard/draft.ts';
import type { ChangeColumn, Problem } from './problems.ts';
import { ValueFix } from './value-fix.tsx';

/** Values shown at a time. */
const PAGE = 25;

/** The values of a problem, each with its own fix, a page at a time. */
export function ValueList({
  problem,
  draft,
  changeColumn,
}: {
  readonly problem: Problem;
  readonly draft: Draft;
  readonly changeColumn: ChangeColumn;
}) {
  const [asked, setAsked] = useState(0);
  const [each, setEach] = useState(problem.level === 'row');
  // With what was mended a problem has fewer values, and its last page may be gone.
  const offset = Math.min(asked, Math.floor(Math.max(0, problem.groups - 1) / PAGE) * PAGE);
  const { orgId, sourceId, mapping } = draft;
  const { column, code, planId, groups: total } = problem;
  const known = problem.level === 'row' && offset + PAGE <= Math.max(PAGE, problem.first.length);
  const due = each && !known;
  const which = { column, code, offset, limit: PAGE };
  const inFile = useCall(
    'checks.groups',
    due && planId === null && orgId && sourceId && mapping ? { orgId, sourceId, mapping, ...which } : null,
  );
  const inOrg = useCall('plan.groups', due && planId !== null ? { planId, ...which } : null);
  const page = planId === null ? inFile : inOrg;
  if (page.error) return <FailurePanel failure={failureOf(page.error)} />;
  const groups = !each ? problem.first : known ? problem.first.slice(offset, offset + PAGE) : page.data?.groups;
  return (
    <>
      {groups === undefined && <Loader role="img" size="sm" aria-label="Reading the values" />}
      {groups?.map((group) => (
        <ValueFix key={group.key} group={group} planId={planId} draft={draft} changeColumn={changeColumn} />
      ))}
      {!each && total > 1 && (
        <Group>
          <Button size="compact-sm" variant="subtle" onClick={() => setEach(true)}>
            Show all {plural(total, 'value')}
          </Button>
        </Group>
      )}
      {each && total > PAGE && (
        <Group gap={8}>
          <Button size="compact-sm" variant="default" disabled={offset === 0} onClick={() => setAsked(offset - PAGE)}>
            Previous
          </Button>
          <span className="sum" role="status">
            {number(offset + 1)}–{number(Math.min(offset + PAGE, total))} of {plural(total, 'value')}
          </span>
          <Button
            size="compact-sm"
            variant="default"
            disabled={offset + PAGE >= total}
            onClick={() => setAsked(offset + PAGE)}
          >
            Next
          </Button>
        </Group>
      )}
    </>
  );
}
