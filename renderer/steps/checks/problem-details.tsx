import { Button, Group } from '@mantine/core';
import { Ban, TriangleAlert, Wrench } from 'lucide-react';
import { useState } from 'react';
import { plural } from '../../../shared/text/counts.ts';
import { issueTitle } from '../../../shared/text/issue-title.ts';
import type { Draft } from '../../wizard/draft.ts';
import { DateOrder, DecimalMark, NUMBER_PROBLEMS, TimeZone } from './format-choices.tsx';
import type { ChangeColumn, Problem } from './problems.ts';
import { ValueFix } from './value-fix.tsx';

const LOOK = {
  block: { tone: 'blocked', icon: Ban, word: 'stays home' },
  row: { tone: 'blocked', icon: Ban, word: 'stay home' },
  warn: { tone: 'warning', icon: TriangleAlert, word: 'loaded, have a look' },
  fix: { tone: 'unchanged', icon: Wrench, word: 'repaired' },
} as const;

/** Values shown before the rest is left to the error file. */
const SHOWN_VALUES = 25;

/** One problem of one column, with what mends it. */
export function ProblemDetails({
  problem,
  draft,
  changeColumn,
  chooseRepeated,
}: {
  readonly problem: Problem;
  readonly draft: Draft;
  readonly changeColumn: ChangeColumn;
  readonly chooseRepeated: (kept: 'first' | 'last') => void;
}) {
  const { tone, icon: Icon, word } = LOOK[problem.level];
  const [open, setOpen] = useState(problem.level === 'row');
  return (
    <details className="group" open={open} onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary data-tone={tone}>
        <Icon size={18} aria-hidden />
        <span>
          <strong>{issueTitle(problem.code)}</strong>
          {problem.columnName !== '' && <span className="reason"> · {problem.columnName}</span>}
        </span>
        <span className="sum">
          {plural(problem.rows, 'row')} · {word}
        </span>
      </summary>
      <div className="body">
        {(problem.code === 'DATE_ORDER_AMBIGUOUS' || problem.code === 'DATE_ORDER_MIXED') && (
          <DateOrder problem={problem} changeColumn={changeColumn} />
        )}
        {problem.code === 'TIME_WITHOUT_ZONE' && <TimeZone problem={problem} changeColumn={changeColumn} />}
        {problem.code === 'MATCH_VALUE_REPEATED' && (
          <Group gap={8}>
            <span>Of the rows with one match value</span>
            <Button size="compact-sm" variant="default" onClick={() => chooseRepeated('first')}>
              use the first
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => chooseRepeated('last')}>
              use the last
            </Button>
          </Group>
        )}
        {NUMBER_PROBLEMS.has(problem.code) && <DecimalMark problem={problem} changeColumn={changeColumn} />}
        {problem.groups.slice(0, SHOWN_VALUES).map((group) => (
          <ValueFix key={group.key} group={group} draft={draft} changeColumn={changeColumn} />
        ))}
        {problem.groups.length > SHOWN_VALUES && (
          <p className="reason">and {plural(problem.groups.length - SHOWN_VALUES, 'more value')}</p>
        )}
      </div>
    </details>
  );
}
