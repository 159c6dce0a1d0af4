import { Failure, FailureError } from '../../../shared/contract/failure.ts';
import { changesOf } from '../../../shared/domain/confirmation.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import type { Resembled } from '../../../shared/domain/prepared-load.ts';
import {
  checkedGroups,
  loadedGroups,
  plannedGroups,
  rowsInFile,
  type LoadedGroups,
} from '../../../shared/domain/row-groups.ts';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import type { Delimiter, Encoding } from '../../../shared/domain/source-file.ts';
import { failureText } from '../../../shared/text/failure-text.ts';
import { forecastText } from '../../../shared/text/forecast-text.ts';
import { noticeText } from '../../../shared/text/notice-text.ts';
import { plural } from '../../../shared/text/counts.ts';
import { backupText } from '../../../shared/text/undo-text.ts';
import { secondStepAgainText } from '../../../shared/text/lookup-text.ts';
import type { BackendCaller } from './backend-caller.ts';
import { askConsent } from './ask-consent.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { mapSource, saveMapping, type MappedSource, type MappingFlags } from './map-source.ts';
import type { Ending, Output } from './output.ts';
import { rehearse, type RehearsalFlags } from './rehearse.ts';
import { askedResembling, askedRows, resembledResult, tellResembled, type ResemblingFlags } from './resembling.ts';
import { progressText, tellChecks, tellPlan, tellResult } from './tell.ts';

export interface LoadFlags extends MappingFlags, Omit<ResemblingFlags, 'yes'> {
  readonly targetOrg?: string;
  readonly file: readonly string[];
  readonly columnDelimiter?: string;
  readonly encoding?: Encoding;
  readonly sheet?: string;
  readonly headerRow?: number;
  readonly acceptChangedFile?: boolean;
  readonly yes?: boolean;
}

/** Which load is meant: by its id, or by one of its ingest jobs. */
export interface WhichLoad {
  readonly loadId: string | undefined;
  readonly jobId: string | undefined;
}

export interface ReportFlags {
  /** Also as a web page. */
  readonly page?: boolean;
  /** Also a file of the rows that needed nothing. */
  readonly allRows?: boolean;
}

const DELIMITERS: Record<string, Delimiter> = {
  COMMA: ',',
  TAB: '\t',
  SEMICOLON: ';',
  PIPE: '|',
  CARET: '^',
  BACKQUOTE: '`',
};

/** A load up to its plan, told on the way. */
interface Planned {
  readonly org: OrgSummary;
  readonly plan: LoadPlan;
  readonly resembled: Resembled | null;
}

/** Reads a file and maps it, as the flags say. */
export async function open(caller: BackendCaller, flags: LoadFlags, output: Output): Promise<MappedSource> {
  const org = await caller.org(flags.targetOrg);
  const source = await caller.stage(flags.file, {
    delimiter: flags.columnDelimiter === undefined ? undefined : DELIMITERS[flags.columnDelimiter.toUpperCase()],
    encoding: flags.encoding,
    sheet: flags.sheet,
    headerRow: flags.headerRow,
  });
  const rows = source.state.kind === 'staged' ? source.state.rows : 0;
  output.line(`${source.fileName}: ${plural(rows, 'row')}, ${plural(source.columns.length, 'column')}`);
  for (const notice of source.notices) output.line(`  ${noticeText(notice).text}`);
  return mapSource(caller, org, source, flags, output);
}

/** Checks and plans what the flags say, and tells what was found. Throws what keeps it from a plan, once its checks are told. */
async function prepare(caller: BackendCaller, flags: LoadFlags, output: Output): Promise<Planned> {
  const resembling = askedResembling(flags);
  const { org, source, mapping } = await open(caller, flags, output);
  const { acceptChangedFile } = flags;
  const asked = { orgId: org.orgId, sourceId: source.sourceId, mapping, acceptChangedFile, resembling };
  const { checks, plan, resembled, failure } = await caller.call('prepare.plan', asked);
  tellChecks(checks, output);
  if (failure) throw new FailureError(failure);
  if (plan === null) {
    const problems = checks.mappingIssues.filter(({ level }) => level === 'block').length;
    throw new FailureError({ code: 'MAPPING_BLOCKED', problems });
  }
  if (resembled) tellResembled(resembled, output);
  tellPlan(plan, await caller.call('plan.problems', { planId: plan.planId }), output);
  return { org, plan, resembled };
}

/** The mapping that a load would use, as a file. */
export async function mapping(
  caller: BackendCaller,
  flags: LoadFlags & { readonly outputFile?: string },
  output: Output,
): Promise<Ending> {
  return saveMapping(caller, await open(caller, flags, output), flags.outputFile ?? '', output);
}

export interface CheckFlags extends LoadFlags {
  readonly saveProblemRows?: boolean;
}

export async function check(caller: BackendCaller, flags: CheckFlags, output: Output): Promise<Ending> {
  const { org, source, mapping } = await open(caller, flags, output);
  const request = { orgId: org.orgId, sourceId: source.sourceId, mapping };
  const checks = await caller.call('checks.run', request);
  tellChecks(checks, output);
  const rowGroups = checkedGroups(checks, null);
  if (flags.saveProblemRows === true && rowGroups.notSent > 0) {
    const saved = await caller.call('checks.saveProblemRows', request);
    if (saved.kind === 'saved') output.line(`Wrote ${saved.fileName}`);
  }
  const blocked = checks.mappingIssues.some(({ level }) => level === 'block');
  return {
    code: blocked ? EXIT.operation : rowGroups.notSent > 0 ? EXIT.someRowsFailed : EXIT.ok,
    result: { ...checks, rowGroups },
  };
}

export interface PlanFlags extends LoadFlags, RehearsalFlags {
  readonly save?: readonly ('csv' | 'page')[];
}

export async function plan(caller: BackendCaller, flags: PlanFlags, output: Output): Promise<Ending> {
  const { org, plan: built, resembled } = await prepare(caller, flags, output);
  const { planId, planDigest } = built;
  const forecast = changesOf(built.counts) === 0 ? null : await caller.call('load.forecast', { planId, planDigest });
  if (forecast) output.line(`Forecast: ${forecastText(forecast)}`);
  for (const form of flags.save ?? []) {
    const saved = await caller.call(
      'plan.export',
      form === 'csv' ? { form, planId, kind: null, search: '' } : { form, planId },
    );
    if (saved.kind === 'saved') output.line(`Wrote ${saved.fileName}`);
  }
  const { code, result } = planned(built, resembled);
  if (flags.rehearse === undefined) return { code, result: { ...result, forecast } };
  const rehearsal = await rehearse(caller, org, built, flags, output);
  const refused = rehearsal !== null && rehearsal.passed < rehearsal.tried;
  return { code: refused ? EXIT.someRowsFailed : code, result: { ...result, forecast, rehearsal } };
}

export function planned(plan: LoadPlan, resembled: Resembled | null): { code: number; result: object } {
  const rowGroups = plannedGroups(plan.counts);
  const code = rowGroups.notSent + askedRows(resembled) > 0 ? EXIT.someRowsFailed : EXIT.ok;
  const resembling = resembledResult(resembled);
  return { code, result: { ...plan, rowGroups, ...(resembling ? { resembling } : {}) } };
}

export async function load(caller: BackendCaller, flags: LoadFlags, output: Output): Promise<Ending> {
  const { org, plan: built, resembled } = await prepare(caller, flags, output);
  if (changesOf(built.counts) === 0) {
    output.line('Nothing to load.');
    return planned(built, resembled);
  }
  const consent = await askConsent(org, built, flags.yes === true, output);
  const started = await caller.run('load.start', { planId: built.planId, planDigest: built.planDigest, ...consent });
  output.started(started);
  const ending = await finish(caller, started.loadId, output);
  // Rows that nobody could be asked about were not sent.
  return ending.code === EXIT.ok && askedRows(resembled) > 0 ? { ...ending, code: EXIT.someRowsFailed } : ending;
}

/** Throws `LOAD_UNKNOWN`. Asks for the list only: what another process has open is left alone. */
export async function find(caller: BackendCaller, { loadId, jobId }: WhichLoad, output: Output): Promise<LoadSnapshot> {
  const loads = await caller.call('load.list', {});
  const found = loads.find(
    (known) => known.loadId === loadId || (jobId !== undefined && known.jobs.some((job) => job.jobId === jobId)),
  );
  if (found) return found;
  // It may be one of these: which load a damaged record is of can't be read either.
  for (const folder of await caller.call('load.damaged', {}))
    output.line(`A load can’t be read: loads/${folder} in the data folder.`);
  throw new FailureError({ code: 'LOAD_UNKNOWN' });
}

export async function resume(
  caller: BackendCaller,
  which: WhichLoad & Pick<LoadFlags, 'yes'>,
  output: Output,
): Promise<Ending> {
  const { loadId, state, counts } = await find(caller, which, output);
  const again = state.kind === 'finished' && counts.incomplete > 0;
  await caller.run(again ? 'load.complete' : 'load.resume', { loadId, acceptApiUse: which.yes === true });
  return finish(caller, loadId, output);
}

/** Ends a paused load: its jobs are aborted, what was done is looked up, and its result files are written. */
export async function cancel(caller: BackendCaller, which: WhichLoad, output: Output): Promise<Ending> {
  const { loadId } = await find(caller, which, output);
  await caller.run('load.cancel', { loadId });
  return finish(caller, loadId, output);
}

/** What became of a load, whichever process runs or ran it; its result files are written once it has ended. */
export async function report(caller: BackendCaller, which: WhichLoad & ReportFlags, output: Output): Promise<Ending> {
  const found = await find(caller, which, output);
  output.line(`${found.loadId}: ${found.operation} ${found.fileName} into ${found.objectName} of ${found.orgName}`);
  if (found.state.kind === 'finished' || found.state.kind === 'paused') {
    const end = await tellEnd(caller, found, output);
    if (found.state.kind === 'paused') return end;
    const { loadId } = found;
    const more = [
      ...(which.allRows ? [caller.call('report.save', { loadId, file: 'unchanged', spreadsheetSafe: false })] : []),
      ...(which.page ? [caller.call('report.savePage', { loadId })] : []),
    ];
    for (const saved of await Promise.all(more)) if (saved.kind === 'saved') output.line(`Wrote ${saved.fileName}`);
    return end;
  }
  const doing = found.state.kind === 'cancelling' ? 'Being canceled' : 'Running';
  output.line(`${doing} in another process: ${progressText(found)}`);
  return { code: EXIT.ok, result: toldLoad(found) };
}

export async function finish(caller: BackendCaller, loadId: LoadSnapshot['loadId'], output: Output): Promise<Ending> {
  const ended = await caller.watch(loadId, (load) => output.progress(`  ${progressText(load)}`));
  return tellEnd(caller, ended, output);
}

async function tellEnd(caller: BackendCaller, ended: LoadSnapshot, output: Output): Promise<Ending> {
  const { loadId, counts } = ended;
  if (ended.state.kind === 'paused') {
    // Written by another version it may be a failure that this one does not know.
    const failure = Failure.safeParse(ended.state.failure).data ?? null;
    const why = failure === null ? ended.state.failure.code : textOf(failure);
    output.line(
      `Paused: ${progressText(ended)}\n${why}\nTo continue: longshore resume ${loadId}\nTo end it: longshore cancel ${loadId}`,
    );
    return { code: failure === null ? EXIT.operation : exitCodeOf(failure), result: toldLoad(ended) };
  }
  const { errorGroups, retriable } = await caller.call('report.get', { loadId });
  tellResult(ended, errorGroups, output);
  if (retriable > 0) output.line(`${secondStepAgainText(retriable)} Retry it with: longshore resume ${loadId}`);
  for (const file of ['success', 'error', 'unprocessed'] as const) {
    if (file === 'unprocessed' && counts.unprocessed === 0) continue;
    const saved = await caller.call('report.save', { loadId, file, spreadsheetSafe: false });
    if (saved.kind === 'saved') output.line(`Wrote ${saved.fileName}`);
  }
  if (ended.backup) {
    const saved = await caller.call('report.saveBackup', { loadId });
    if (saved.kind === 'saved') output.line(`Wrote ${saved.fileName}: ${backupText(ended.backup)}`);
  }
  const missing = rowsInFile(counts, 'error') + rowsInFile(counts, 'unprocessed');
  return { code: missing > 0 ? EXIT.someRowsFailed : EXIT.ok, result: toldLoad(ended) };
}

function toldLoad(load: LoadSnapshot): LoadSnapshot & { rowGroups: LoadedGroups } {
  return { ...load, rowGroups: loadedGroups(load) };
}

function textOf(failure: Failure): string {
  const { title, saved, next } = failureText(failure);
  return `${title} ${saved} ${next}`;
}
