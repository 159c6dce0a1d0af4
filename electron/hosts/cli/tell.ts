import type { CheckReport } from '../../../shared/domain/field-issue.ts';
import { rowStanding } from '../../../shared/domain/row-standing.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { ErrorGroup, LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { totalOf } from '../../../shared/domain/load-results.ts';
import { groupText } from '../../../shared/text/issue-text.ts';
import { issueTitle } from '../../../shared/text/issue-title.ts';
import { plannedLookupText, secondStepText } from '../../../shared/text/lookup-text.ts';
import { mappingIssueText } from '../../../shared/text/mapping-issue-text.ts';
import { loadNoticeText } from '../../../shared/text/load-notice-text.ts';
import { number } from '../../../shared/text/counts.ts';
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
  tellProblems(checks, 'check --save-problem-rows writes every row', output);
  const { ready, repeated, leftOut, toFix } = rowStanding(checks, null);
  const parts = [
    `${number(ready)} ready`,
    ...(repeated > 0 ? [`${number(repeated)} repeated`] : []),
    ...(leftOut > 0 ? [`${number(leftOut)} left out`] : []),
    `${number(toFix)} blocked`,
  ];
  output.line(`Checks: ${parts.join(' + ')} = ${number(checks.rows)} rows`);
}

/** The beginning of the groups, and how many more there are. */
function tellProblems(
  { problems, groups }: Pick<CheckReport, 'problems' | 'groups'>,
  whereAll: string,
  output: Output,
): void {
  for (const group of groups.slice(0, TOLD)) {
    const level = { block: 'BLOCK', row: 'ROW  ', warn: 'WARN ', fix: 'FIX  ' }[group.level];
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
  const { insert, update, delete: removed, unchanged, duplicate, blocked } = plan.counts;
  const parts = [
    `${number(insert)} create`,
    `${number(update)} update`,
    ...(removed > 0 ? [`${number(removed)} delete`] : []),
    `${number(unchanged)} unchanged`,
    `${number(duplicate)} duplicate`,
    `${number(blocked)} blocked`,
  ];
  output.line(
    `Plan: ${parts.join(' + ')} = ${number(plan.rows)} rows, ${plan.jobs} ${plan.jobs === 1 ? 'job' : 'jobs'}`,
  );
  for (const { field, rows, cleared } of plan.changedFields)
    output.line(`  ${field}: ${number(rows)} changed${cleared > 0 ? `, ${number(cleared)} cleared` : ''}`);
  for (const { field, rows } of plan.keptFields) output.line(`  ${field}: ${number(rows)} kept as they are in the org`);
  if (plan.secondStep !== null) output.line(`  ${secondStepText(plan.secondStep)}`);
  for (const lookup of plan.lookups) output.line(`  ${plannedLookupText(lookup)}`);
}

/** How far the jobs of a load are, in a line. */
export function progressText({ jobs, rowsToSend, secondStepRows }: LoadSnapshot): string {
  const processed = jobs.reduce((sum, job) => sum + job.processed, 0);
  const states = jobs.map(({ state }) => state).join(', ') || 'preparing';
  return `${states}: ${number(processed)} of ${number(rowsToSend + secondStepRows)} rows processed`;
}

export function tellResult(load: LoadSnapshot, groups: readonly ErrorGroup[], output: Output): void {
  const parts = Object.entries(load.counts)
    .filter(([, value]) => value > 0)
    .map(([kind, value]) => `${number(value)} ${kind}`);
  const seconds = load.elapsed / 1000;
  const cancelled = load.state.kind === 'finished' && load.state.cancelled ? ' (cancelled)' : '';
  output.line(
    `Result${cancelled}: ${parts.join(' + ')} = ${number(totalOf(load.counts))} rows (of ${number(load.rows)}), ${seconds} s, ${load.apiCalls} API calls`,
  );
  for (const notice of load.notices) output.line(`  ${loadNoticeText(notice)}`);
  for (const group of groups)
    output.line(
      `  ${group.statusCode}${group.fields ? ` (${group.fields})` : ''}: ${number(group.rows)} rows, first row ${number(group.example.row)}`,
    );
}
