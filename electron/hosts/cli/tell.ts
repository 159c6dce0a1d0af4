import type { CheckReport } from '../../../shared/domain/field-issue.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { ErrorGroup, LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { totalOf } from '../../../shared/domain/load-results.ts';
import { groupText, issueTitle, mappingIssueText } from '../../../shared/text/issue-text.ts';
import { loadNoticeText } from '../../../shared/text/load-notice-text.ts';
import { count, type Output } from './output.ts';

/** Groups of issues that are told; the report has all. */
const TOLD = 40;

export function tellChecks(checks: CheckReport, output: Output): void {
  for (const issue of checks.mappingIssues)
    output.line(`  ${issue.level === 'block' ? 'BLOCK' : 'WARN '} ${mappingIssueText(issue)}`);
  for (const group of checks.groups.slice(0, TOLD)) {
    const level = { block: 'BLOCK', row: 'ROW  ', warn: 'WARN ', fix: 'FIX  ' }[group.level];
    const where = `row ${count(group.firstRow)}${group.columnName ? `, ${group.columnName}` : ''}`;
    output.line(
      `  ${level} ${issueTitle(group.code)} (${count(group.rows)} ${group.rows === 1 ? 'row' : 'rows'}; ${where}): ${groupText(group)}`,
    );
  }
  output.line(
    `Checks: ${count(checks.rowsReady)} ready + ${count(checks.rowsBlocked)} blocked = ${count(checks.rows)} rows`,
  );
}

export function tellPlan(plan: LoadPlan, output: Output): void {
  const { insert, update, delete: removed, unchanged, duplicate, blocked } = plan.counts;
  const parts = [
    `${count(insert)} create`,
    `${count(update)} update`,
    ...(removed > 0 ? [`${count(removed)} delete`] : []),
    `${count(unchanged)} unchanged`,
    `${count(duplicate)} duplicate`,
    `${count(blocked)} blocked`,
  ];
  output.line(
    `Plan: ${parts.join(' + ')} = ${count(plan.rows)} rows, ${plan.jobs} ${plan.jobs === 1 ? 'job' : 'jobs'}`,
  );
  for (const { field, rows, cleared } of plan.changedFields)
    output.line(`  ${field}: ${count(rows)} changed${cleared > 0 ? `, ${count(cleared)} cleared` : ''}`);
}

/** How far the jobs of a load are, in a line. */
export function progressText({ jobs, rowsToSend }: LoadSnapshot): string {
  const processed = jobs.reduce((sum, job) => sum + job.processed, 0);
  const states = jobs.map(({ state }) => state).join(', ') || 'preparing';
  return `${states}: ${count(processed)} of ${count(rowsToSend)} rows processed`;
}

export function tellResult(load: LoadSnapshot, groups: readonly ErrorGroup[], output: Output): void {
  const parts = Object.entries(load.counts)
    .filter(([, value]) => value > 0)
    .map(([kind, value]) => `${count(value)} ${kind}`);
  const seconds = load.elapsed / 1000;
  const cancelled = load.state.kind === 'finished' && load.state.cancelled ? ' (cancelled)' : '';
  output.line(
    `Result${cancelled}: ${parts.join(' + ')} = ${count(totalOf(load.counts))} rows (of ${count(load.rows)}), ${seconds} s, ${load.apiCalls} API calls`,
  );
  for (const notice of load.notices) output.line(`  ${loadNoticeText(notice)}`);
  for (const group of groups)
    output.line(
      `  ${group.statusCode}${group.fields ? ` (${group.fields})` : ''}: ${count(group.rows)} rows, first row ${count(group.example.row)}`,
    );
}
