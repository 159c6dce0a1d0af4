import type { CheckReport } from '../../../shared/domain/field-issue.ts';
import { mappedColumns, type FieldMapping, type Operation } from '../../../shared/domain/field-mapping.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { totalOf, type LoadSnapshot } from '../../../shared/domain/load-results.ts';
import type { Delimiter, Encoding } from '../../../shared/domain/source-file.ts';
import { groupText, issueTitle, mappingIssueText } from '../../../shared/text/issue-text.ts';
import { noticeText } from '../../../shared/text/notice-text.ts';
import type { BackendCaller } from './backend-caller.ts';

/** Exit codes as `sf data` has them, and one more for a load in which some rows failed. */
export const EXIT = { ok: 0, usage: 1, server: 2, operation: 3, someRowsFailed: 4 } as const;

export interface LoadFlags {
  readonly targetOrg?: string;
  readonly sobject: string;
  readonly file: readonly string[];
  readonly operation: Operation;
  readonly externalId?: string;
  readonly columnDelimiter?: string;
  readonly encoding?: Encoding;
  readonly sheet?: string;
  readonly headerRow?: number;
  readonly async?: boolean;
  readonly json?: boolean;
}

export interface Output {
  line(text: string): void;
  progress(text: string): void;
  result(value: unknown): void;
}

const DELIMITERS: Record<string, Delimiter> = {
  COMMA: ',',
  TAB: '\t',
  SEMICOLON: ';',
  PIPE: '|',
  CARET: '^',
  BACKQUOTE: '`',
};

interface Prepared {
  readonly source: { orgId: LoadPlan['orgId']; sourceId: LoadPlan['sourceId']; mapping: FieldMapping };
  readonly checks: CheckReport;
}

async function prepare(caller: BackendCaller, flags: LoadFlags, output: Output): Promise<Prepared> {
  const { orgId, name } = await caller.org(flags.targetOrg);
  const source = await caller.stage(flags.file, {
    delimiter: flags.columnDelimiter === undefined ? undefined : DELIMITERS[flags.columnDelimiter.toUpperCase()],
    encoding: flags.encoding,
    sheet: flags.sheet,
    headerRow: flags.headerRow,
  });
  const rows = source.state.kind === 'staged' ? source.state.rows : 0;
  output.line(`${source.fileName}: ${count(rows)} rows, ${count(source.columns.length)} columns`);
  for (const notice of source.notices) output.line(`  ${noticeText(notice).text}`);
  const suggested = await caller.call('mapping.suggest', {
    orgId,
    sourceId: source.sourceId,
    objectName: flags.sobject,
    operation: flags.operation,
    useSaved: true,
  });
  const mapping: FieldMapping = {
    ...suggested,
    matchField:
      flags.operation === 'upsert' && flags.externalId !== undefined ? flags.externalId : suggested.matchField,
  };
  output.line(
    `${name}: ${mappedColumns(mapping).length} of ${mapping.columns.length} columns mapped to ${flags.sobject}${mapping.matchField ? `, matched by ${mapping.matchField}` : ''}`,
  );
  const request = { orgId, sourceId: source.sourceId, mapping };
  return { source: request, checks: await caller.call('checks.run', request) };
}

function tellChecks(checks: CheckReport, output: Output): void {
  for (const issue of checks.mappingIssues)
    output.line(`  ${issue.level === 'block' ? 'BLOCK' : 'WARN '} ${mappingIssueText(issue)}`);
  for (const group of checks.groups.slice(0, 40)) {
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

function tellPlan(plan: LoadPlan, output: Output): void {
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

export async function check(caller: BackendCaller, flags: LoadFlags, output: Output): Promise<number> {
  const { checks } = await prepare(caller, flags, output);
  tellChecks(checks, output);
  output.result(checks);
  return checks.mappingIssues.some(({ level }) => level === 'block')
    ? EXIT.operation
    : checks.rowsBlocked > 0
      ? EXIT.someRowsFailed
      : EXIT.ok;
}

export async function plan(caller: BackendCaller, flags: LoadFlags, output: Output): Promise<number> {
  const { source, checks } = await prepare(caller, flags, output);
  tellChecks(checks, output);
  const built = await caller.call('plan.build', source);
  tellPlan(built, output);
  output.result(built);
  return built.counts.blocked > 0 ? EXIT.someRowsFailed : EXIT.ok;
}

export async function load(caller: BackendCaller, flags: LoadFlags, output: Output): Promise<number> {
  const { source, checks } = await prepare(caller, flags, output);
  tellChecks(checks, output);
  const built = await caller.call('plan.build', source);
  tellPlan(built, output);
  const { insert, update, delete: removed } = built.counts;
  if (insert + update + removed === 0) {
    output.line('Nothing to load.');
    output.result(built);
    return built.counts.blocked > 0 ? EXIT.someRowsFailed : EXIT.ok;
  }
  const started = await caller.call('load.start', { planId: built.planId, planDigest: built.planDigest });
  output.line(`Load ${started.loadId} started`);
  if (flags.async) {
    output.result(started);
    return EXIT.ok;
  }
  return finish(caller, started.loadId, output);
}

export async function resume(
  caller: BackendCaller,
  which: { loadId: string | undefined; jobId: string | undefined },
  output: Output,
): Promise<number> {
  const loads = await caller.call('load.list', {});
  const found = loads.find(
    ({ loadId, jobs }) =>
      loadId === which.loadId || (which.jobId !== undefined && jobs.some((job) => job.jobId === which.jobId)),
  );
  if (!found) throw new FailureError({ code: 'LOAD_UNKNOWN' });
  await caller.call('load.resume', { loadId: found.loadId });
  return finish(caller, found.loadId, output);
}

async function finish(caller: BackendCaller, loadId: LoadSnapshot['loadId'], output: Output): Promise<number> {
  const ended = await caller.watch(loadId, (snapshot) => {
    const processed = snapshot.jobs.reduce((sum, job) => sum + job.processed, 0);
    output.progress(
      `  ${snapshot.jobs.map(({ state }) => state).join(', ') || 'preparing'}: ${count(processed)} of ${count(snapshot.rowsToSend)} rows processed`,
    );
  });
  if (ended.state.kind === 'paused') {
    output.line(`Paused (${ended.state.failure.code}). Go on with: longshore resume ${loadId}`);
    output.result(ended);
    return EXIT.server;
  }
  const { counts } = ended;
  const parts = Object.entries(counts)
    .filter(([, value]) => value > 0)
    .map(([kind, value]) => `${count(value)} ${kind}`);
  output.line(
    `Result: ${parts.join(' + ')} = ${count(totalOf(counts))} rows (of ${count(ended.rows)}), ${((ended.finishedAt ?? 0) - ended.startedAt) / 1000} s, ${ended.apiCalls} API calls`,
  );
  const { errorGroups } = await caller.call('report.get', { loadId });
  for (const group of errorGroups)
    output.line(
      `  ${group.statusCode}${group.fields ? ` (${group.fields})` : ''}: ${count(group.rows)} rows, first row ${count(group.example.row)}`,
    );
  for (const file of ['success', 'error', 'unprocessed'] as const) {
    if (file === 'unprocessed' && counts.unprocessed === 0) continue;
    const saved = await caller.call('report.save', { loadId, file, spreadsheetSafe: false });
    if (saved.kind === 'saved') output.line(`Wrote ${saved.fileName}`);
  }
  output.result(ended);
  return counts.failed + counts.skipped + counts.unprocessed + counts.unknown > 0 ? EXIT.someRowsFailed : EXIT.ok;
}

export function count(value: number): string {
  return value.toLocaleString('en');
}
