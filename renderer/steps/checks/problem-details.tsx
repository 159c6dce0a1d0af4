import { Button, Group } from '@mantine/core';
import { Ban, Copy, TriangleAlert, Wrench } from 'lucide-react';
import { useState } from 'react';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { plural } from '../../../shared/text/counts.ts';
import { issueTitle } from '../../../shared/text/issue-title.ts';
import type { Draft } from '../../wizard/draft.ts';
import { DateOrder, DecimalMark, NUMBER_PROBLEMS, TimeZone } from './format-choices.tsx';
import { FixChoices } from './fix-choices.tsx';
import type { ChangeColumn, Problem } from './problems.ts';
import { ValueList } from './value-list.tsx';

const LOOK = {
  block: { tone: 'blocked', icon: Ban, word: 'not sent' },
  row: { tone: 'blocked', icon: Ban, word: 'not sent' },
  warn: { tone: 'warning', icon: TriangleAlert, word: 'sent with a warning' },
  once: { tone: 'duplicate', icon: Copy, word: 'not sent, another row stands for each' },
  fix: { tone: 'unchanged', icon: Wrench, word: 'repaired' },
} as const;

interface Props {
  readonly problem: Problem;
  readonly draft: Draft;
  readonly describe: SObjectDescribe | null;
  /** Whether how the column is written is asked above. */
  readonly isAsked: boolean;
  readonly changeColumn: ChangeColumn;
  readonly chooseRepeated: (kept: 'first' | 'last') => void;
  /** Shows only the rows that have it. */
  readonly showRows: () => void;
}

/** One problem of one column, with what mends it. */
export function ProblemDetails(props: Props) {
  const { problem, draft, describe, isAsked, changeColumn, chooseRepeated, showRows } = props;
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
          {problem.planId === null ? '' : ' · found in the org'}
        </span>
      </summary>
      <div className="body">
        {!isAsked && (problem.code === 'DATE_ORDER_AMBIGUOUS' || problem.code === 'DATE_ORDER_MIXED') && (
          <DateOrder problem={problem} changeColumn={changeColumn} />
        )}
        {problem.code === 'TIME_WITHOUT_ZONE' && <TimeZone problem={problem} changeColumn={changeColumn} />}
        {problem.code === 'MATCH_VALUE_REPEATED' && (
          <Group gap={8}>
            <span>For rows with the same match value</span>
            <Button size="compact-sm" variant="default" onClick={() => chooseRepeated('first')}>
              use the first
            </Button>
            <Button size="compact-sm" variant="default" onClick={() => chooseRepeated('last')}>
              use the last
            </Button>
          </Group>
        )}
        {!isAsked && NUMBER_PROBLEMS.has(problem.code) && <DecimalMark problem={problem} changeColumn={changeColumn} />}
        <FixChoices problem={problem} draft={draft} describe={describe} changeColumn={changeColumn} />
        <ValueList problem={problem} draft={draft} changeColumn={changeColumn} />
        {problem.level === 'row' && (
          <Group>
            <Button size="compact-sm" variant="subtle" onClick={showRows}>
              Show only {problem.rows === 1 ? 'this row' : `these ${plural(problem.rows, 'row')}`}
            </Button>
          </Group>
        )}
      </div>
    </details>
  );
}
