import { readFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import { LoadId } from '../../../shared/domain/ids.ts';
import { MOST_JOB_FILE, type Job, type JobColumn } from '../../../shared/domain/job.ts';
import { filledField } from '../../../shared/domain/job-mapping.ts';
import type { ResemblingDecision } from '../../../shared/domain/resembling.ts';
import { plural } from '../../../shared/text/counts.ts';
import {
  documentProblemText,
  jobLossText,
  jobRuleTexts,
  jobSourceText,
  runHoldText,
  runStateText,
} from '../../../shared/text/job-text.ts';
import { momentText } from '../../../shared/text/moment-text.ts';
import { OPERATION_WORD } from '../../../shared/text/load-title.ts';
import { scheduleText } from '../../../shared/text/schedule-text.ts';
import type { BackendCaller } from './backend-caller.ts';
import { find, open, type LoadFlags } from './commands.ts';
import { EXIT } from './exit-codes.ts';
import type { Ending, Output } from './output.ts';
import { UsageError } from './usage-error.ts';

/** A job by its id, or its name in whatever case. Throws `JOB_UNKNOWN`; those that can't be read are told, for it may be one of them. */
export async function findJob(caller: BackendCaller, named: string, output: Output): Promise<Job> {
  const { jobs, unreadable } = await caller.jobs();
  const found = jobs.find(
    ({ jobId, definition }) => jobId === named || definition.name.toLowerCase() === named.toLowerCase(),
  );
  if (found) return found;
  for (const one of unreadable) output.note(documentProblemText({ what: 'a job', ...one }));
  throw new FailureError({ code: 'JOB_UNKNOWN' });
}

export async function listJobs(caller: BackendCaller, _flags: unknown, output: Output): Promise<Ending> {
  const list = await caller.jobs();
  for (const { jobId, definition, paused } of list.jobs) {
    const { name, operation, object, org, source } = definition;
    output.line(`${jobId}  ${name}: ${OPERATION_WORD[operation]} ${object} for ${org.username}`);
    output.line(`  from ${jobSourceText(source)}`);
    if (definition.schedule) output.line(`  ${scheduleText(definition.schedule)}`);
    if (paused) output.line(`  ${pausedText(paused.at)}`);
  }
  for (const one of list.unreadable) output.line(documentProblemText({ what: 'a job', ...one }));
  if (list.jobs.length + list.unreadable.length === 0)
    output.line('There are no jobs. Save one with “longshore job save”.');
  return { code: list.unreadable.length > 0 ? EXIT.operation : EXIT.ok, result: list };
}

export async function showJob(caller: BackendCaller, { job: named }: { job: string }, output: Output): Promise<Ending> {
  const job = await findJob(caller, named, output);
  const { name, org, source, operation, object, matchField, columns, madeColumns = [], cleaning = [] } = job.definition;
  output.line(`${name} (${job.jobId})`);
  if (job.paused) output.line(`  ${pausedText(job.paused.at)}`);
  output.line(`  Org: ${org.username}, ${org.organization}`);
  output.line(`  File: ${jobSourceText(source)}`);
  output.line(`  ${OPERATION_WORD[operation]} ${object}${matchField === null ? '' : `, matched by ${matchField}`}`);
  if (cleaning.length > 0) output.line(`  ${plural(cleaning.length, 'cleaning step')}`);
  if (job.definition.schedule) output.line(`  ${scheduleText(job.definition.schedule)}`);
  for (const text of jobRuleTexts(job.definition)) output.line(`  ${text}`);
  for (const column of [...columns, ...madeColumns]) output.line(`  ${columnText(column)}`);
  return { code: EXIT.ok, result: job };
}

function pausedText(at: number): string {
  return `Paused since ${momentText(at)}: it does not run by itself.`;
}

/** Pauses a job, or lets it go on. A run that is held waits as before. */
export async function pauseJob(
  caller: BackendCaller,
  { job: named, go }: { job: string; go: boolean },
  output: Output,
): Promise<Ending> {
  const { jobId, definition } = await findJob(caller, named, output);
  const job = await caller.call(go ? 'job.resume' : 'job.pause', { jobId });
  output.line(
    job.paused
      ? `“${definition.name}” is paused: it does not run by itself until you resume it.`
      : `“${definition.name}” runs by itself again. What was due meanwhile is skipped.`,
  );
  return { code: EXIT.ok, result: job };
}

function columnText({ column, fills }: JobColumn): string {
  return fills === undefined ? `${column}: not loaded` : `${column} → ${filledField(fills)}`;
}

/** With `fromLoad`, the file of that load stands unless another one is given. */
export interface SaveJobFlags extends Omit<LoadFlags, 'file' | 'sobject' | 'resembling'> {
  readonly name: string;
  readonly file?: readonly string[];
  readonly sobject?: string;
  readonly fromLoad?: string;
  readonly resembling?: ResemblingDecision;
  /** Percent of the API calls that are left. */
  readonly apiBudget?: number;
  readonly replace?: boolean;
}

export async function saveJob(caller: BackendCaller, flags: SaveJobFlags, output: Output): Promise<Ending> {
  const { name, replace = false, resembling: then, resemblingScore: threshold, apiBudget: apiBudgetPercent } = flags;
  if (then === undefined && threshold !== undefined) throw new UsageError('--resembling-score needs --resembling.');
  const from = await savedFrom(caller, flags, output);
  const rules = { ...(then === undefined ? {} : { resembling: { then, threshold } }), apiBudgetPercent };
  const { job, losses } = await caller.call('job.save', { name, from, ...rules, replace });
  for (const loss of losses) output.line(`  WARN  ${jobLossText(loss)}`);
  output.line(`Saved the job “${job.definition.name}” (${job.jobId}).`);
  return { code: EXIT.ok, result: { job: await findJob(caller, job.jobId, output), losses } };
}

async function savedFrom(caller: BackendCaller, flags: SaveJobFlags, output: Output) {
  const { fromLoad, file, sobject } = flags;
  if (fromLoad === undefined) {
    if (file === undefined || sobject === undefined)
      throw new UsageError(
        'Give the file and the object of the job (-f, -s), or a load to save it from (--from-load).',
      );
    const { resembling: _then, ...loadFlags } = flags;
    const { org, source, mapping } = await open(caller, { ...loadFlags, file, sobject }, output);
    return { kind: 'source' as const, orgId: org.orgId, sourceId: source.sourceId, mapping };
  }
  if (sobject !== undefined) throw new UsageError('--from-load says which object it is for. Leave out -s.');
  await find(caller, { loadId: fromLoad, jobId: undefined }, output);
  const sourceId = file === undefined ? undefined : await caller.handOver(file.map((path) => resolve(path)));
  const load = { kind: 'load' as const, loadId: LoadId.parse(fromLoad) };
  return sourceId === undefined ? load : { ...load, sourceId };
}

export async function renameJob(
  caller: BackendCaller,
  { job: named, name }: { job: string; name: string },
  output: Output,
): Promise<Ending> {
  const { jobId, definition } = await findJob(caller, named, output);
  const job = await caller.call('job.rename', { jobId, name });
  output.line(`“${definition.name}” is now “${job.definition.name}”.`);
  return { code: EXIT.ok, result: await findJob(caller, job.jobId, output) };
}

export async function cloneJob(
  caller: BackendCaller,
  { job: named, name }: { job: string; name: string },
  output: Output,
): Promise<Ending> {
  const { jobId } = await findJob(caller, named, output);
  const job = await caller.call('job.clone', { jobId, name });
  output.line(`Saved the job “${job.definition.name}” (${job.jobId}).`);
  if (job.paused)
    output.line('It has a schedule, like the job that it was cloned from, and is paused: see job resume.');
  return { code: EXIT.ok, result: await findJob(caller, job.jobId, output) };
}

export async function removeJob(
  caller: BackendCaller,
  { job: named }: { job: string },
  output: Output,
): Promise<Ending> {
  const { jobId, definition } = await findJob(caller, named, output);
  await caller.call('job.remove', { jobId });
  output.line(`Removed the job “${definition.name}”. Its loads stay in the history.`);
  return { code: EXIT.ok, result: { jobId } };
}

export async function exportJob(
  caller: BackendCaller,
  { job: named }: { job: string },
  output: Output,
): Promise<Ending> {
  const { jobId } = await findJob(caller, named, output);
  const saved = await caller.call('job.export', { jobId });
  if (saved.kind === 'saved') output.line(`Wrote ${saved.fileName}`);
  return { code: EXIT.ok, result: { jobId, file: saved.kind === 'saved' ? saved.fileName : null } };
}

export interface ImportJobFlags {
  readonly yaml: string;
  readonly name?: string;
  readonly targetOrg?: string;
  readonly file?: readonly string[];
  readonly replace?: boolean;
}

export async function importJob(caller: BackendCaller, flags: ImportJobFlags, output: Output): Promise<Ending> {
  const { yaml, name, targetOrg, file, replace = false } = flags;
  const path = resolve(yaml);
  const text = await readFile(path).then(
    // One that is too large is refused as it stands; only so much of it is looked at.
    (bytes) => bytes.subarray(0, MOST_JOB_FILE + 1).toString('utf8'),
    (error: unknown) => {
      const code = error instanceof Error && 'code' in error ? String(error.code) : 'unknown';
      throw new UsageError(`The file “${yaml}” can’t be read (${code}).`);
    },
  );
  const org = targetOrg === undefined ? caller.signedIn : await caller.org(targetOrg);
  const paths = file?.map((one) => resolve(one));
  const job = await caller.importJob({ text, path, fileName: basename(yaml), name, orgId: org?.orgId, paths, replace });
  output.line(`Saved the job “${job.definition.name}” (${job.jobId}) for ${job.definition.org.username}.`);
  return { code: EXIT.ok, result: job };
}

/** The runs of a job, the latest first. */
export async function jobHistory(
  caller: BackendCaller,
  { job: named }: { job: string },
  output: Output,
): Promise<Ending> {
  const { jobId } = await findJob(caller, named, output);
  const history = await caller.call('run.list', { jobId });
  for (const run of history.runs) {
    const load = `${run.by === 'schedule' ? ', by its schedule' : ''}${run.loadId === null ? '' : `, ${run.loadId}`}`;
    output.line(`${new Date(run.startedAt).toISOString()}  ${run.runId}  ${runStateText(run)}${load}`);
    if (run.source) output.line(`  ${run.source.fileName}: ${plural(run.source.rows, 'row')}`);
    if (run.state.kind === 'held') for (const hold of run.state.holds) output.line(`  HOLD  ${runHoldText(hold)}`);
  }
  for (const one of history.unreadable) output.line(documentProblemText({ what: 'a run', ...one }));
  if (history.runs.length === 0) output.line('The job has not run yet.');
  return { code: history.unreadable.length > 0 ? EXIT.operation : EXIT.ok, result: history };
}
