import { Button, Group, TextInput } from '@mantine/core';
import { useMutation } from '@tanstack/react-query';
import { useState } from 'react';
import type { ColumnFix } from '../../../shared/domain/column-fix.ts';
import type { IssueCode, IssueGroup } from '../../../shared/domain/field-issue.ts';
import { fieldNamed, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { canBeCut } from '../../../shared/field-types/cut-text.ts';
import { plural } from '../../../shared/text/counts.ts';
import { failureOf, useBackend } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import type { Draft } from '../../wizard/draft.ts';
import { LookupFix } from './lookup-fix.tsx';
import { suggestedValue, withFix, type ChangeColumn, type Problem } from './problems.ts';

interface Props {
  readonly problem: Problem;
  readonly draft: Draft;
  readonly describe: SObjectDescribe | null;
  readonly changeColumn: ChangeColumn;
}

const SUGGESTING: ReadonlySet<IssueCode> = new Set<IssueCode>([
  'PICKLIST_UNKNOWN',
  'PICKLIST_NEW',
  'MULTIPICKLIST_UNKNOWN',
]);

/** What one press does to all values of a problem. */
export function FixChoices({ problem, draft, describe, changeColumn }: Props) {
  const { code, column } = problem;
  if (column === null) return null;
  const add = (fix: ColumnFix) => changeColumn(column, (before) => withFix(before, fix));
  const rows = plural(problem.rows, 'row');
  const after = problem.first[0]?.facts['after'];
  const isWhole = code === 'NUMBER_TOO_PRECISE' && problem.first.some(({ facts }) => hasDecimals(facts['readAs']));
  if (code === 'NUMBER_MORE_DECIMALS' || (isWhole && after === 0)) {
    const decimals = after === 0 ? 'whole numbers' : plural(Number(after), 'decimal');
    const values = plural(problem.groups, 'value');
    return (
      <Group>
        <Button size="compact-sm" variant="default" onClick={() => add({ kind: 'round' })}>
          Round to {decimals}: {values} in {rows} change
        </Button>
        <span className="reason">Halves round up: 2.5 becomes 3.</span>
      </Group>
    );
  }
  if (code === 'TEXT_TOO_LONG') {
    const field = describe && problem.field ? fieldNamed(describe, problem.field) : undefined;
    return field && canBeCut(field) ? (
      <Group>
        <Button size="compact-sm" variant="default" onClick={() => add({ kind: 'truncate' })}>
          Cut off at {plural(Number(problem.first[0]?.facts['max']), 'character')} in {rows}
        </Button>
      </Group>
    ) : null;
  }
  if (code === 'REQUIRED_BLANK') return <Fill rows={rows} columnName={problem.columnName} add={add} />;
  if (problem.planId !== null) return <LookupFix problem={problem} draft={draft} changeColumn={changeColumn} />;
  if (SUGGESTING.has(code)) return <AcceptAll problem={problem} draft={draft} changeColumn={changeColumn} />;
  return null;
}

function hasDecimals(text: unknown): boolean {
  return typeof text === 'string' && text.includes('.');
}

function Fill({
  rows,
  columnName,
  add,
}: {
  readonly rows: string;
  readonly columnName: string;
  readonly add: (fix: ColumnFix) => void;
}) {
  const [text, setText] = useState('');
  return (
    <Group gap={6}>
      <TextInput
        size="xs"
        w={220}
        aria-label={`Fill blanks in ${columnName} with`}
        placeholder="Fill blanks with"
        value={text}
        onChange={(event) => setText(event.currentTarget.value)}
      />
      <Button
        size="compact-sm"
        variant="default"
        disabled={text.trim() === ''}
        onClick={() => add({ kind: 'fill', text: text.trim() })}
      >
        Fill {rows}
      </Button>
      <Button size="compact-sm" variant="subtle" onClick={() => add({ kind: 'exclude', value: '' })}>
        Leave {rows} out
      </Button>
    </Group>
  );
}

/** Values asked for at a time. */
const PAGE = 500;

/** Takes the suggestion of every value that has one, as one change. */
function AcceptAll({ problem, draft, changeColumn }: Omit<Props, 'describe'>) {
  const backend = useBackend();
  const { orgId, sourceId, mapping } = draft;
  const accept = useMutation({
    mutationFn: async () => {
      const found: IssueGroup[] = [];
      for (let offset = 0; orgId && sourceId && mapping && offset < problem.groups; offset += PAGE) {
        const asked = { orgId, sourceId, mapping, column: problem.column, code: problem.code };
        found.push(...(await backend.call('checks.groups', { ...asked, offset, limit: PAGE })).groups);
      }
      const taken = found.flatMap((group): [string, string][] => {
        const value = suggestedValue(group);
        return value === null ? [] : [[group.rawValue, value]];
      });
      if (taken.length > 0 && problem.column !== null) {
        changeColumn(problem.column, (before) => ({
          ...before,
          replacements: { ...before.replacements, ...Object.fromEntries(taken) },
        }));
      }
      return taken.length;
    },
  });
  const near = problem.first.filter((group) => suggestedValue(group) !== null).length;
  const isAll = problem.first.length >= problem.groups;
  if (isAll && near === 0) return null;
  return (
    <Group>
      <Button size="compact-sm" variant="default" loading={accept.isPending} onClick={() => accept.mutate()}>
        {isAll ? `Accept ${near === 1 ? 'the suggestion' : `all ${near} suggestions`}` : 'Accept all suggestions'}
      </Button>
      {accept.data === 0 && <span className="reason">None of these values is similar to a picklist value.</span>}
      {accept.error && <FailurePanel failure={failureOf(accept.error)} />}
    </Group>
  );
}
