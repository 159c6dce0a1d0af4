import { Autocomplete, Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import type { IssueCode, IssueGroup } from '../../../shared/domain/field-issue.ts';
import type { PlanId } from '../../../shared/domain/ids.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { groupText } from '../../../shared/text/issue-text.ts';
import type { Draft } from '../../wizard/draft.ts';
import { suggestedValue, withFix, type ChangeColumn } from './problems.ts';
import { RowList } from './row-list.tsx';

/** Problems that one other text in the same place would mend. */
const REPLACEABLE = new Set<IssueCode>([
  'NOT_A_NUMBER',
  'NUMBER_TOO_PRECISE',
  'NUMBER_NOT_FINITE',
  'PERCENT_SIGN',
  'NOT_A_DATE',
  'DATE_IMPOSSIBLE',
  'DATE_WEEKDAY',
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
  'NUMBER_MORE_DECIMALS',
  'LOOKUP_NOT_FOUND',
  'LOOKUP_AMBIGUOUS',
  'LOOKUP_INACTIVE',
  'RECORD_NOT_FOUND',
  'RECORD_DELETED',
  'RECORD_NOT_IN_BIN',
  'RECORD_NOT_VISIBLE',
  'MATCH_AMBIGUOUS',
]);

/** Values that can be left out: what stands in one cell, and is not sent or is only told. */
const NOT_TO_LEAVE_OUT = new Set<IssueCode>([
  'REQUIRED_BLANK',
  'MATCH_VALUE_BLANK',
  'MATCH_VALUE_REPEATED',
  'UNIQUE_REPEATED',
]);

/** One value of a problem, where it stands, and what to do about it. */
export function ValueFix({
  group,
  planId,
  draft,
  changeColumn,
}: {
  readonly group: IssueGroup;
  /** As of its problem. */
  readonly planId: PlanId | null;
  readonly draft: Draft;
  readonly changeColumn: ChangeColumn;
}) {
  const { column } = group;
  const isValue = column !== null && group.oneValue;
  const replaceable = isValue && REPLACEABLE.has(group.code);
  return (
    <div className="fix">
      <div className="grow">
        <div>{groupText(group)}</div>
        <div className="fix-where reason">
          <span>
            {group.rows === 1 ? `Row ${number(group.firstRow)}` : `First in row ${number(group.firstRow)}`}
            {group.firstLine > 0 ? ` (line ${number(group.firstLine)})` : ''}
            {group.fieldLabel ? ` · ${group.fieldLabel}` : ''}
          </span>
          <RowList group={group} planId={planId} draft={draft} />
        </div>
      </div>
      <Group gap={6} wrap="nowrap">
        {replaceable && <Replace group={group} column={column} changeColumn={changeColumn} />}
        {isValue && !NOT_TO_LEAVE_OUT.has(group.code) && (
          <Button
            size="compact-sm"
            variant="subtle"
            aria-label={`Leave out ${plural(group.rows, 'row')} with ${group.rawValue}`}
            onClick={() =>
              changeColumn(column, (before) => withFix(before, { kind: 'exclude', value: group.rawValue }))
            }
          >
            Leave out
          </Button>
        )}
      </Group>
    </div>
  );
}

/** Another text for one value; where a field offers values, those are to choose from, the most alike first. */
function Replace({
  group,
  column,
  changeColumn,
}: {
  readonly group: IssueGroup;
  readonly column: number;
  readonly changeColumn: ChangeColumn;
}) {
  const max = typeof group.facts['max'] === 'number' ? group.facts['max'] : 0;
  const beginning = group.code === 'TEXT_TOO_LONG' ? group.rawValue.slice(0, max) : '';
  const [text, setText] = useState(suggestedValue(group) ?? beginning);
  const { offered, part } = group.facts;
  const common = {
    size: 'xs' as const,
    w: 'clamp(130px, 14vw, 180px)',
    'aria-label': `Use instead of ${group.rawValue}`,
    placeholder: 'New value or blank',
    value: text,
  };
  const replace = () =>
    changeColumn(column, (before) => ({
      ...before,
      replacements: { ...before.replacements, [group.rawValue]: text },
    }));
  return (
    <>
      {Array.isArray(offered) && part === undefined ? (
        <Autocomplete {...common} data={offered} filter={({ options }) => options} onChange={setText} />
      ) : (
        <TextInput {...common} onChange={(event) => setText(event.currentTarget.value)} />
      )}
      <Button size="compact-sm" variant="default" onClick={replace}>
        Replace in {plural(group.rows, 'row')}
      </Button>
    </>
  );
}
