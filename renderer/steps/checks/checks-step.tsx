import { Button, Group, Loader } from '@mantine/core';
import { Ban, CheckCircle2, TriangleAlert } from 'lucide-react';
import type { ColumnMapping } from '../../../shared/domain/field-mapping.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import { mappingIssueText } from '../../../shared/text/mapping-issue-text.ts';
import { failureOf, useWork } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import type { StepProps } from '../../wizard/use-load-parts.ts';
import { ProblemDetails } from './problem-details.tsx';
import { problemsOf } from './problems.ts';

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
