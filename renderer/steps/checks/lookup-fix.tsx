import { Button, Group } from '@mantine/core';
import { plural } from '../../../shared/text/counts.ts';
import type { Draft } from '../../wizard/draft.ts';
import { withPolicy, type ChangeColumn, type Problem } from './problems.ts';

interface Props {
  readonly problem: Problem;
  readonly draft: Draft;
  readonly changeColumn: ChangeColumn;
}

/** What one press does about all rows whose lookup does not find a record that can be used. */
export function LookupFix({ problem, draft, changeColumn }: Props) {
  const { code, column } = problem;
  const kind = draft.mapping?.columns.find((one) => one.column === column)?.target.kind;
  if (column === null || (kind !== 'found' && kind !== 'field')) return null;
  const rows = plural(problem.rows, 'row');
  const offers = {
    LOOKUP_NOT_FOUND: { text: `Load ${rows} without it`, policy: { whenNone: 'without' } },
    LOOKUP_AMBIGUOUS: { text: `Use the oldest in ${rows}`, policy: { whenSeveral: 'oldest' } },
    LOOKUP_INACTIVE: { text: `Use them anyway in ${rows}`, policy: { whenInactive: 'use' } },
  } as const;
  if (code !== 'LOOKUP_NOT_FOUND' && code !== 'LOOKUP_AMBIGUOUS' && code !== 'LOOKUP_INACTIVE') return null;
  const { text, policy } = offers[code];
  return (
    <Group>
      <Button
        size="compact-sm"
        variant="default"
        onClick={() => changeColumn(column, (before) => withPolicy(before, policy))}
      >
        {text}
      </Button>
    </Group>
  );
}
