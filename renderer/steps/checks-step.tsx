import { Button, Group, Loader, NativeSelect, TextInput } from '@mantine/core';
import { Ban, CheckCircle2, TriangleAlert, Wrench } from 'lucide-react';
import { useState } from 'react';
import type { IssueCode, IssueGroup, IssueLevel } from '../../shared/domain/field-issue.ts';
import type { ColumnMapping } from '../../shared/domain/field-mapping.ts';
import { groupText, issueTitle, mappingIssueText } from '../../shared/text/issue-text.ts';
import { failureOf, useBackend, useWork } from '../backend/backend-context.tsx';
import { FailurePanel } from '../components/failure-panel.tsx';
import type { Draft } from '../wizard/draft.ts';
import type { StepProps } from '../wizard/use-load-parts.ts';
import { number, plural } from '../../shared/text/counts.ts';

/** All values of one problem in one column: what a person would call "one problem". */
interface Problem {
  readonly key: string;
  readonly code: IssueCode;
  readonly level: IssueLevel;
  readonly columnName: string;
  readonly rows: number;
  readonly groups: IssueGroup[];
}

function problemsOf(groups: readonly IssueGroup[]): Problem[] {
  const problems = new Map<string, Problem>();
  for (const group of groups) {
    const key = `${group.code} ${group.column ?? ''}`;
    const known = problems.get(key);
    problems.set(key, {
      key,
      code: group.code,
      level: group.level,
      columnName: group.columnName,
      rows: (known?.rows ?? 0) + group.rows,
      groups: [...(known?.groups ?? []), group],
    });
  }
  const rank: Record<IssueLevel, number> = { block: 0, row: 1, warn: 2, fix: 3 };
  return [...problems.values()].sort((a, b) => rank[a.level] - rank[b.level] || b.rows - a.rows);
}

/** Which cells are wrong, grouped by the fix, each with where, the value, the rule and what to do. */
export function ChecksStep({ draft, dispatch, parts, org }: Omit<StepProps, 'nonce'>) {
  const { mapping } = draft;
  const { checks } = parts;
  const work = useWork(draft.sourceId);
  if (checks.error) {
    return (
      <div className="step">
        <FailurePanel
          failure={failureOf(checks.error)}
          action={{ label: 'Try again', run: () => void checks.refetch() }}
        />
      </div>
    );
  }
  if (!checks.data || !mapping) {
    return (
      <div className="step" role="status">
        <Loader role="img" aria-label="Checking" />
        <p className="lead">
          {work?.stage === 'checking' && work.total
            ? `Checking column ${work.done + 1} of ${work.total}…`
            : 'Checking every value…'}
        </p>
      </div>
    );
  }
  const report = checks.data;
  const problems = problemsOf(report.groups);
  const changeColumn = (column: number, next: (before: ColumnMapping) => ColumnMapping) =>
    dispatch({
      kind: 'mapping-changed',
      mapping: { ...mapping, columns: mapping.columns.map((one) => (one.column === column ? next(one) : one)) },
    });
  const chooseRepeated = (duplicateKeys: 'first' | 'last') =>
    dispatch({ kind: 'mapping-changed', mapping: { ...mapping, duplicateKeys } });
  const warnings = report.mappingIssues.filter(({ level }) => level === 'warn');

  return (
    <>
      <div className="step">
        <header>
          <div>
            <h2>
              {report.rowsBlocked === 0
                ? 'Every row can be loaded'
                : `${plural(report.rowsBlocked, 'row')} of ${number(report.rows)} ${report.rowsBlocked === 1 ? 'needs' : 'need'} a fix`}
            </h2>
            <p className="lead">
              Rows with a problem stay home and go into the error file; the others go on. Fixes here change what is
              sent, never your file.
            </p>
          </div>
          <ul className="chips" aria-label="Rows by check">
            <li className="chip" data-tone="create">
              <CheckCircle2 size={15} aria-hidden /> Ready <b>{number(report.rowsReady)}</b>
            </li>
            <li className="sum">+</li>
            <li className="chip" data-tone="blocked">
              <Ban size={15} aria-hidden /> Blocked <b>{number(report.rowsBlocked)}</b>
            </li>
            <li className="sum">= {plural(report.rows, 'row')}</li>
          </ul>
        </header>
        {checks.isFetching && <Loader role="img" size="sm" aria-label="Checking again" />}
        <div className="notices">
          {warnings.map((issue, index) => (
            <div key={index} className="notice" data-tone="warning">
              <TriangleAlert size={16} aria-hidden />
              <span>{mappingIssueText(issue)}</span>
            </div>
          ))}
        </div>
        {problems.length === 0 && (
          <div className="notice" data-tone="create">
            <CheckCircle2 size={16} aria-hidden />
            <span>No value breaks a rule of its field.</span>
          </div>
        )}
        {problems.map((problem) => (
          <ProblemDetails
            key={problem.key}
            problem={problem}
            draft={draft}
            changeColumn={changeColumn}
            chooseRepeated={chooseRepeated}
          />
        ))}
        {report.leftOut.groups > 0 && (
          <p className="lead">
            {plural(report.leftOut.groups, 'more value')} with problems in {plural(report.leftOut.rows, 'row')}: they
            are counted above and listed in the error file.
          </p>
        )}
      </div>
      <div className="actions">
        <Group>
          <Button variant="subtle" onClick={() => dispatch({ kind: 'go', place: { kind: 'step', step: 'mapping' } })}>
            Back
          </Button>
          <Button
            variant="subtle"
            disabled={draft.undo.length === 0}
            onClick={() => dispatch({ kind: 'mapping-undone' })}
          >
            Undo the last fix
          </Button>
        </Group>
        <Button
          disabled={report.rowsReady === 0 || checks.isFetching}
          onClick={() => dispatch({ kind: 'go', place: { kind: 'step', step: 'plan' } })}
        >
          Compare {plural(report.rowsReady, 'row')} with {org?.name ?? 'the org'}
        </Button>
      </div>
    </>
  );
}

const LOOK = {
  block: { tone: 'blocked', icon: Ban, word: 'stays home' },
  row: { tone: 'blocked', icon: Ban, word: 'stay home' },
  warn: { tone: 'warning', icon: TriangleAlert, word: 'loaded, have a look' },
  fix: { tone: 'unchanged', icon: Wrench, word: 'repaired' },
} as const;

/** Values shown before the rest is left to the error file. */
const SHOWN_VALUES = 25;

function ProblemDetails({
  problem,
  draft,
  changeColumn,
  chooseRepeated,
}: {
  readonly problem: Problem;
  readonly draft: Draft;
  readonly changeColumn: (column: number, next: (before: ColumnMapping) => ColumnMapping) => void;
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

/** Problems that another reading of the decimal mark may solve. */
const NUMBER_PROBLEMS = new Set<IssueCode>([
  'DECIMAL_AMBIGUOUS',
  'NUMBER_PUNCTUATION',
  'NUMBER_TOO_PRECISE',
  'NUMBER_MORE_DECIMALS',
  'NOT_A_NUMBER',
]);

type ChangeColumn = (column: number, next: (before: ColumnMapping) => ColumnMapping) => void;

function DateOrder({ problem, changeColumn }: { readonly problem: Problem; readonly changeColumn: ChangeColumn }) {
  const column = problem.groups[0]?.column ?? null;
  if (column === null) return null;
  const yearFirst = problem.groups.some(({ facts }) => facts['ymd'] !== undefined);
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
function TimeZone({ problem, changeColumn }: { readonly problem: Problem; readonly changeColumn: ChangeColumn }) {
  const column = problem.groups[0]?.column ?? null;
  if (column === null) return null;
  const now = problem.groups[0]?.facts['timeZone'];
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

function DecimalMark({ problem, changeColumn }: { readonly problem: Problem; readonly changeColumn: ChangeColumn }) {
  const column = problem.groups[0]?.column ?? null;
  if (column === null) return null;
  return (
    <NativeSelect
      label={`Numbers in ${problem.columnName} are written like`}
      defaultValue=""
      w={260}
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

function ValueFix({
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

/** The rows of a group, on demand. */
function RowList({ group, draft }: { readonly group: IssueGroup; readonly draft: Draft }) {
  const backend = useBackend();
  const [rows, setRows] = useState<string | null>(null);
  const { orgId, sourceId, mapping } = draft;
  if (group.rows < 2 || !orgId || !sourceId || !mapping) return null;
  const show = async () => {
    const found = await backend.call('checks.rows', {
      orgId,
      sourceId,
      mapping,
      groupKey: group.key,
      offset: 0,
      limit: 50,
    });
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
