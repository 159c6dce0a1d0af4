import { changesOf } from '../../../shared/domain/confirmation.ts';
import type { CheckReport } from '../../../shared/domain/field-issue.ts';
import { loadProgress } from '../../../shared/domain/load-progress.ts';
import { checkedGroups, loadedGroups, plannedGroups } from '../../../shared/domain/row-groups.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { ErrorGroup, LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { groupText } from '../../../shared/text/issue-text.ts';
import { issueTitle } from '../../../shared/text/issue-title.ts';
import { plannedLookupText, secondStepText } from '../../../shared/text/lookup-text.ts';
import { wayTexts } from '../../../shared/text/plan-text.ts';
import { similarText } from '../../../shared/text/similar-text.ts';
import { mappingIssueText } from '../../../shared/text/mapping-issue-text.ts';
import { groupSumText } from '../../../shared/text/row-group-text.ts';
import { fetchedText } from '../../../shared/text/fetched-text.ts';
import { loadNoticeText } from '../../../shared/text/load-notice-text.ts';
import { number, plural } from '../../../shared/text/counts.ts';
import type { Output } from './output.ts';

/** Groups of issues that are told. */
const TOLD = 40;

export function tellChecks(checks: CheckReport, output: Output): void {
  for (const issue of checks.mappingIssues) {
    output.line(`  ${issue.level === 'block' ? 'BLOCK' : 'WARN '} ${mappingIssueText(issue)}`);
    if (issue.code !== 'FORMAT_UNDECIDED') continue;
    const flag = issue.format === 'decimal' ? '--decimal-mark' : '--date-order';
    const answers = Object.keys(issue.open.readings).map((choice) => `${flag} "${issue.columnName}=${choice}"`);
    output.line(`        Answer with ${answers.join(' or ')}.`);
  }
  tellProblems(checks, 'to write every row to a file, use check --save-problem-rows', output);
  output.line(`Checks: ${groupSumText(checkedGroups(checks, null), checks.rows)}`);
}

/** The beginning of the groups, and how many more there are. */
function tellProblems(
  { problems, groups }: Pick<CheckReport, 'problems' | 'groups'>,
  whereAll: string,
  output: Output,
): void {
  for (const group of groups.slice(0, TOLD)) {
    const level = { block: 'BLOCK', row: 'ROW  ', warn: 'WARN ', once: 'ONCE ', fix: 'FIX  ' }[group.level];
    const where = `row ${number(group.firstRow)}${group.columnName ? `, ${group.columnName}` : ''}`;
    output.line(
      `  ${level} ${issueTitle(group.code)} (${number(group.rows)} ${group.rows === 1 ? 'row' : 'rows'}; ${where}): ${groupText(group)}`,
    );
  }
  const all = problems.reduce((sum, one) => sum + (one.level === 'row' ? one.groups : 1), 0);
  if (all > TOLD) output.line(`  and ${number(all - TOLD)} more; ${whereAll}`);
}

/** A plan, and what of its rows only the org could tell. */
export function tellPlan(plan: LoadPlan, inOrg: Pick<CheckReport, 'problems' | 'groups'>, output: Output): void {
  tellProblems(inOrg, 'the error file of the load has every row', output);
  output.line(`Plan: ${groupSumText(plannedGroups(plan.counts), plan.rows)}, ${plural(plan.jobs, 'job')}`);
  const { fetched } = plan;
  const fetching = fetched && fetchedText(fetched, new Date(fetched.at).toTimeString().slice(0, 5), Date.now());
  if (fetching) output.line(`  ${fetching}`);
  for (const { field, rows, cleared } of plan.changedFields)
    output.line(`  ${field}: ${number(rows)} changed${cleared > 0 ? `, ${number(cleared)} cleared` : ''}`);
  for (const { code, rows } of plan.leftOut.policies)
    output.line(`  ${plural(rows, 'row')} left out by a policy: ${issueTitle(code)}`);
  for (const { field, rows } of plan.keptFields) output.line(`  ${field}: ${number(rows)} kept unchanged in the org`);
  if (plan.similar !== null) output.line(`  ${similarText(plan.similar)}`);
  if (plan.secondStep !== null) output.line(`  ${secondStepText(plan.secondStep)}`);
  if (changesOf(plan.counts) > 0) for (const text of wayTexts(plan)) output.line(`  ${text}`);
  for (const lookup of plan.lookups) output.line(`  ${plannedLookupText(lookup)}`);
}

/** How far the jobs of a load are, in a line. */
export function progressText(load: LoadSnapshot): string {
  const { processed, toProcess } = loadProgress(load);
  const states = load.jobs.map(({ state }) => state).join(', ') || 'preparing';
  return `${states}: ${number(processed)} of ${number(toProcess)} rows processed`;
}

export function tellResult(load: LoadSnapshot, groups: readonly ErrorGroup[], output: Output): void {
  const seconds = load.elapsed / 1000;
  const cancelled = load.state.kind === 'finished' && load.state.cancelled ? ' (canceled)' : '';
  output.line(
    `Result${cancelled}: ${groupSumText(loadedGroups(load), load.rows)}, ${seconds} s, ${plural(load.apiCalls, 'API call')}`,
  );
  for (const notice of load.notices) output.line(`  ${loadNoticeText(notice)}`);
  for (const { statusCode, fields, rows, example } of groups) {
    const which = rows === 1 ? '' : `${plural(rows, 'row')}, first `;
    output.line(`  ${statusCode}${fields ? ` (${fields})` : ''}: ${which}row ${number(example.row)}`);
  }
}
