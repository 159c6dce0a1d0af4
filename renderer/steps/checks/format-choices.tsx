import { Button, Group, NativeSelect } from '@mantine/core';
import type { IssueCode } from '../../../shared/domain/field-issue.ts';
import type { ChangeColumn, Problem } from './problems.ts';

/** Problems that another reading of the decimal mark may solve. */
export const NUMBER_PROBLEMS = new Set<IssueCode>([
  'DECIMAL_AMBIGUOUS',
  'NUMBER_PUNCTUATION',
  'NUMBER_TOO_PRECISE',
  'NUMBER_MORE_DECIMALS',
  'NOT_A_NUMBER',
]);

/** Which comes first in the dates of a column. */
export function DateOrder({
  problem,
  changeColumn,
}: {
  readonly problem: Problem;
  readonly changeColumn: ChangeColumn;
}) {
  const column = problem.column;
  if (column === null) return null;
  const yearFirst = problem.first.some(({ facts }) => facts['ymd'] !== undefined);
  const choose = (dateOrder: 'dmy' | 'mdy' | 'ymd') =>
    changeColumn(column, (before) => ({ ...before, format: { ...before.format, dateOrder } }));
  return (
    <Group gap={8}>
      <span>Dates in {problem.columnName} are</span>
      <Button size="compact-sm" variant="default" onClick={() => choose('dmy')}>
        day/month/year
      </Button>
      <Button size="compact-sm" variant="default" onClick={() => choose('mdy')}>
        month/day/year
      </Button>
      {yearFirst && (
        <Button size="compact-sm" variant="default" onClick={() => choose('ymd')}>
          year/month/day
        </Button>
      )}
    </Group>
  );
}

/** Times without a zone are read in the person's own unless it is said where they were written. */
export function TimeZone({
  problem,
  changeColumn,
}: {
  readonly problem: Problem;
  readonly changeColumn: ChangeColumn;
}) {
  const column = problem.column;
  if (column === null) return null;
  const now = problem.first[0]?.facts['timeZone'];
  return (
    <NativeSelect
      label={`Times in ${problem.columnName} are in`}
      w={300}
      value={typeof now === 'string' ? now : ''}
      data={[...new Set([...(typeof now === 'string' ? [now] : []), 'UTC', ...Intl.supportedValuesOf('timeZone')])]}
      onChange={(event) => {
        const timeZone = event.currentTarget.value;
        changeColumn(column, (before) => ({ ...before, format: { ...before.format, timeZone } }));
      }}
    />
  );
}

/** How the numbers of a column are written. */
export function DecimalMark({
  problem,
  changeColumn,
}: {
  readonly problem: Problem;
  readonly changeColumn: ChangeColumn;
}) {
  const column = problem.column;
  if (column === null) return null;
  return (
    <NativeSelect
      label={`Numbers in ${problem.columnName} are written like`}
      defaultValue=""
      miw={340}
      data={[
        { value: '', label: 'as found' },
        { value: 'point', label: '1,234.56' },
        { value: 'comma', label: '1.234,56' },
      ]}
      onChange={(event) => {
        const { value } = event.currentTarget;
        if (value === 'point' || value === 'comma')
          changeColumn(column, (before) => ({ ...before, format: { ...before.format, decimal: value } }));
      }}
    />
  );
}
