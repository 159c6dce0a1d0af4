import { CheckCircle2, TriangleAlert } from 'lucide-react';
import type { CheckReport } from '../../../shared/domain/field-issue.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { columnLabel } from '../../../shared/text/counts.ts';
import { mappingIssueText } from '../../../shared/text/mapping-issue-text.ts';
import { failureOf, useCall } from '../../backend/backend-context.tsx';
import { FailurePanel } from '../../components/failure-panel.tsx';
import type { StepProps } from '../../wizard/use-load-parts.ts';
import { FormatQuestion } from './format-question.tsx';
import { ProblemDetails } from './problem-details.tsx';
import { problemsOf, type ChangeColumn, type Problem } from './problems.ts';
import { RepeatedGroups } from './repeated-groups.tsx';
import { StepsDone } from './steps-done.tsx';

interface ProblemListProps extends Pick<StepProps, 'draft' | 'dispatch' | 'parts'> {
  readonly report: CheckReport;
  readonly mapping: FieldMapping;
  readonly changeColumn: ChangeColumn;
  readonly showRows: (problem: Problem) => void;
}

/** Whether rows repeat one another: some stand for others, or wait for what is decided of them. */
function mayRepeat({ rowsRepeated, problems }: CheckReport): boolean {
  return rowsRepeated > 0 || problems.some(({ code }) => code === 'MATCH_VALUE_REPEATED');
}

/** Everything wrong with the values, the worst first; what only the org can tell once it was asked. */
export function ProblemList({ draft, dispatch, parts, report, mapping, changeColumn, showRows }: ProblemListProps) {
  const planId = parts.known?.planId ?? null;
  const inOrg = useCall('plan.problems', planId === null ? null : { planId }, { keep: true });
  const problems = [...(inOrg.data ? problemsOf(inOrg.data, planId) : []), ...problemsOf(report)];
  const questions = report.mappingIssues.flatMap((issue) => (issue.code === 'FORMAT_UNDECIDED' ? [issue] : []));
  const warnings = report.mappingIssues.filter(({ level, code }) => level === 'warn' && code !== 'FORMAT_UNDECIDED');
  return (
    <>
      {questions.length + warnings.length > 0 && (
        <div className="notices">
          {questions.map((question) => (
            <FormatQuestion
              key={`${question.column} ${question.format}`}
              question={question}
              changeColumn={changeColumn}
            />
          ))}
          {warnings.map((issue, index) => (
            <div key={index} className="notice" data-tone="warning">
              <TriangleAlert size={16} aria-hidden />
              <span>{mappingIssueText(issue)}</span>
            </div>
          ))}
        </div>
      )}
      {inOrg.error && <FailurePanel failure={failureOf(inOrg.error)} />}
      {problems.length === 0 && !inOrg.isFetching && (
        <div className="notice" data-tone="create">
          <CheckCircle2 size={16} aria-hidden />
          <span>All values follow the rules of their fields.</span>
        </div>
      )}
      {(mayRepeat(report) || mapping.repeatChoices !== undefined) && (
        <RepeatedGroups draft={draft} dispatch={dispatch} parts={parts} mapping={mapping} />
      )}
      {problems.map((problem) => (
        <ProblemDetails
          key={problem.key}
          problem={problem}
          draft={draft}
          describe={parts.describe}
          isAsked={questions.some(({ column }) => column === problem.column)}
          changeColumn={changeColumn}
          chooseRepeated={(duplicateKeys) =>
            dispatch({ kind: 'mapping-changed', mapping: { ...mapping, duplicateKeys } })
          }
          showRows={() => showRows(problem)}
        />
      ))}
      <StepsDone
        mapping={mapping}
        report={report}
        nameOf={(column) => columnLabel(parts.source?.columns[column]?.name, column)}
        changeColumn={changeColumn}
      />
    </>
  );
}
