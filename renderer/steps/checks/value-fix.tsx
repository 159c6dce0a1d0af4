import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { IssueCode, IssueGroup } from '../../../shared/domain/field-issue.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { groupText } from '../../../shared/text/issue-text.ts';
import type { Draft } from '../../wizard/draft.ts';
import type { ChangeColumn } from './problems.ts';
import { RowList } from './row-list.tsx';

/** Problems that one other text in the same place would mend. */
const REPLACEABLE = new Set<IssueCode>([
  'NOT_A_NUMBER',
  'NUMBER_TOO_PRECISE',
  'NUMBER_NOT_FINITE',
  'NOT_A_DATE',
  'DATE_IMPOSSIBLE',
  'DATE_OUT_OF_RANGE',
  'DATE_ORDER_MIXED',
  'NOT_A_BOOLEAN',
  'PICKLIST_UNKNOWN',
  'MULTIPICKLIST_UNKNOWN',
  'TEXT_TOO_LONG',
  'NOT_AN_EMAIL',
  'ID_SHAPE',
  'ID_CHECKSUM',
  'NOT_A_TIME',
  'PICKLIST_NEW',
  'TIME_NONEXISTENT',
]);

/** One value of a problem, where it stands, and what to use instead of it. */
export function ValueFix({
  group,
  draft,
  changeColumn,
}: {
  readonly group: IssueGroup;
  readonly draft: Draft;
  readonly changeColumn: ChangeColumn;
}) {
  const suggestion = typeof group.facts['suggestion'] === 'string' ? group.facts['suggestion'] : '';
  const max = typeof group.facts['max'] === 'number' ? group.facts['max'] : 0;
  const [text, setText] = useState(suggestion || (group.code === 'TEXT_TOO_LONG' ? group.rawValue.slice(0, max) : ''));
  const { column } = group;
  const replaceable = column !== null && group.level === 'row' && REPLACEABLE.has(group.code);
  const replace = () => {
    if (column !== null)
      changeColumn(column, (before) => ({
        ...before,
        replacements: { ...before.replacements, [group.rawValue]: text },
      }));
  };
  return (
    <div className="fix">
      <div className="grow">
        <div>{groupText(group)}</div>
        <div className="reason">
          {group.rows === 1 ? `Row ${number(group.firstRow)}` : `First in row ${number(group.firstRow)}`}
          {group.firstLine > 0 ? ` (line ${number(group.firstLine)})` : ''}
          {group.fieldLabel ? ` · ${group.fieldLabel}` : ''}
        </div>
        <RowList group={group} draft={draft} />
      </div>
      {replaceable && (
        <Group gap={6} wrap="nowrap">
          <TextInput
            size="xs"
            w={180}
            aria-label={`Use instead of ${group.rawValue}`}
            placeholder="Use instead (blank leaves it out)"
            value={text}
            onChange={(event) => setText(event.currentTarget.value)}
          />
          <Button size="compact-sm" variant="default" onClick={replace}>
            Replace in {plural(group.rows, 'row')}
          </Button>
        </Group>
      )}
    </div>
  );
}
