import { resolve } from 'node:path';
import type { Output as Answer } from '../../../shared/contract/procedures.ts';
import { changesOf } from '../../../shared/domain/confirmation.ts';
import type { Job } from '../../../shared/domain/job.ts';
import { RunId, type JobId, type LoadId } from '../../../shared/domain/ids.ts';
import { canBeApproved, goneDueAfter, type Run } from '../../../shared/domain/run.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { plural } from '../../../shared/text/counts.ts';
import { forecastText } from '../../../shared/text/forecast-text.ts';
import { runHoldText } from '../../../shared/text/job-text.ts';
import { syncDoneTexts, syncTexts } from '../../../shared/text/sync-text.ts';
import { momentText } from '../../../shared/text/moment-text.ts';
import { askConsent } from './ask-consent.ts';
import type { BackendCaller } from './backend-caller.ts';
import { finish, planned } from './commands.ts';
import { EXIT } from './exit-codes.ts';
import { findJob } from './job-commands.ts';
import type { Ending, Output } from './output.ts';
import { tellResembled } from './resembling.ts';
import { tellChecks, tellPlan } from './tell.ts';

export interface RunJobFlags {
  readonly job: string;
  readonly targetOrg?: string;
  /** Files in the place of the job's own, for this run. */
  readonly file?: readonly string[];
  readonly acceptChangedFile?: boolean;
  readonly yes?: boolean;
  /** Inserts rows that were inserted before. */
  readonly again?: boolean;
  /** Runs a job that is paused, this once. */
  readonly evenPaused?: boolean;
}

type Prepared = Answer<'run.prepare'>;
type Prepare = (more?: { after?: Run['runId']; part?: 'gone' }) => Promise<Prepared>;

export interface DecideRunFlags {
  readonly run: string;
  readonly acceptChangedFile?: boolean;
  readonly yes?: boolean;
}

/** Loads what a held run would have loaded. Where that is another thing by now, it is held anew, with what it would do now. */
export async function approveRun(caller: BackendCaller, flags: DecideRunFlags, output: Output): Promise<Ending> {
  const { runId, plan, state, jobId, jobName } = await findRun(caller, flags.run);
  if (!plan) throw new FailureError({ code: 'RUN_NOT_HELD', why: state.kind === 'held' ? 'no-plan' : 'not-held' });
  output.line(`Job “${jobName}”`);
  const { acceptChangedFile } = flags;
  const approved = await caller.call('run.approve', { runId, planDigest: plan.planDigest, acceptChangedFile });
  return loadPrepared(caller, jobId, approved, flags, output);
}

export async function rejectRun(caller: BackendCaller, flags: DecideRunFlags, output: Output): Promise<Ending> {
  const { runId, jobName } = await findRun(caller, flags.run);
  const run = await caller.call('run.reject', { runId });
  output.line(`Rejected the run of “${jobName}”. Nothing was sent to Salesforce.`);
  return { code: EXIT.ok, result: { run } };
}

/** Throws `RUN_UNKNOWN`. */
function findRun(caller: BackendCaller, named: string): Promise<Run> {
  const runId = RunId.safeParse(named);
  if (!runId.success) throw new FailureError({ code: 'RUN_UNKNOWN' });
  return caller.call('run.get', { runId: runId.data });
}

/** What a job would do now: the run of it, without its load. */
export async function planJob(caller: BackendCaller, flags: RunJobFlags, output: Output): Promise<Ending> {
  const { prepare } = await preparing(caller, flags, true, output);
  const prepared = await prepare();
  const told = await tellPrepared(caller, prepared, output);
  const { plan } = prepared;
  if (told.code === EXIT.operation || !plan) return told;
  const { planId, planDigest } = plan;
  const forecast = changesOf(plan.counts) === 0 ? null : await caller.call('load.forecast', { planId, planDigest });
  if (forecast) output.line(`Forecast: ${forecastText(forecast)}`);
  return { ...told, result: { run: prepared.run, plan, forecast } };
}

/** Runs a job. A run that was interrupted while it loaded is continued first; rows that it loaded are not loaded again. */
export async function runJob(caller: BackendCaller, flags: RunJobFlags, output: Output): Promise<Ending> {
  const { job, prepare } = await preparing(caller, flags, false, output);
  const { jobId } = job;
  const first = await prepare();
  const { run } = first;
  if (run.state.kind !== 'loading' || run.loadId === null)
    return withGone(caller, await loadPrepared(caller, jobId, first, flags, output), { jobId, prepare, flags, output });
  output.line(
    `The run of ${new Date(run.startedAt).toISOString()} was interrupted while it loaded. It is continued first.`,
  );
  const before = await continueRun(caller, run.loadId, { job, yes: flags.yes === true }, output);
  const continued = { run: await lastState(caller, jobId, run), load: 'result' in before ? before.result : null };
  if (before.code !== EXIT.ok && before.code !== EXIT.someRowsFailed) return { code: before.code, result: continued };
  const second = await prepare({ after: run.runId });
  if (second.run.state.kind === 'ended' && second.run.state.how === 'same-rows') {
    output.line('The file has the same rows as that run. They are not loaded again.');
    return { code: before.code, result: { ...continued, continued: true } };
  }
  const loaded = await loadPrepared(caller, jobId, second, flags, output);
  const ending = await withGone(caller, loaded, { jobId, prepare, flags, output });
  return 'result' in ending
    ? { code: Math.max(before.code, ending.code), result: { ...(ending.result as object), continued } }
    : ending;
}

/** After the rows of a sync, the records whose rows are gone and whose time is over. */
async function withGone(
  caller: BackendCaller,
  ending: Ending,
  { jobId, prepare, flags, output }: { jobId: JobId; prepare: Prepare; flags: RunJobFlags; output: Output },
): Promise<Ending> {
  if (!('result' in ending)) return ending;
  const { run } = ending.result as { readonly run?: Run };
  if (!run || goneDueAfter(run) === 0) return ending;
  const gone = await loadPrepared(caller, jobId, await prepare({ part: 'gone' }), flags, output);
  const result = { ...(ending.result as object), gone: 'result' in gone ? gone.result : null };
  return { code: Math.max(ending.code, gone.code), result };
}

async function preparing(
  caller: BackendCaller,
  flags: RunJobFlags,
  dry: boolean,
  output: Output,
): Promise<{ job: Job; prepare: Prepare }> {
  const { targetOrg, file, again, acceptChangedFile, yes: acceptApiUse } = flags;
  const job = await findJob(caller, flags.job, output);
  const { jobId, definition } = job;
  const org = targetOrg === undefined ? caller.signedIn : await caller.org(targetOrg);
  const sourceId = file === undefined ? undefined : await caller.handOver(file.map((path) => resolve(path)));
  const asked = { jobId, dry, again, acceptChangedFile, acceptApiUse, orgId: org?.orgId, sourceId };
  output.line(`Job “${definition.name}”`);
  const evenPaused = dry || (await mayRunPaused(job, flags, output));
  return { job, prepare: (more) => caller.call('run.prepare', { ...asked, evenPaused, ...more }) };
}

/** A paused job runs this once where somebody says so; where nobody can be asked, the backend refuses it. */
async function mayRunPaused({ paused }: Job, { evenPaused }: RunJobFlags, output: Output): Promise<boolean> {
  if (!paused) return false;
  output.line(`  The job has been paused since ${momentText(paused.at)}.`);
  if (evenPaused === true) return true;
  const typed = await output.ask('Run it this once, and leave it paused? Type “yes” to continue: ');
  return typed?.trim().toLowerCase() === 'yes';
}

/** What a run has come to before its load. Held is no success: whoever runs it unattended is to look. */
async function tellPrepared(
  caller: BackendCaller,
  { run, checks, plan, resembled }: Prepared,
  output: Output,
): Promise<Ending> {
  if (run.source) output.line(`${run.source.fileName}: ${plural(run.source.rows, 'row')}`);
  if (run.sync) for (const text of syncTexts(run.sync)) output.line(`  ${text}`);
  if (run.newColumns.length > 0)
    output.line(`  WARN  The job doesn’t know ${run.newColumns.map((name) => `“${name}”`).join(', ')}. Not loaded.`);
  if (run.state.kind === 'held') {
    for (const hold of run.state.holds) output.line(`  HOLD  ${runHoldText(hold)}`);
  }
  if (checks) tellChecks(checks, output);
  // That there is nothing to compare by is what the run is held for.
  if (resembled && resembled.kind !== 'not-comparable') tellResembled(resembled, output);
  if (plan) {
    // That of a held run is left to whoever approves it, and is only looked at here.
    if (canBeApproved(run)) await caller.call('plan.reopen', { planId: plan.planId });
    tellPlan(plan, await caller.call('plan.problems', { planId: plan.planId }), output);
  }
  if (run.state.kind === 'held') {
    output.line('The run is held. Nothing was sent to Salesforce.');
    if (canBeApproved(run))
      output.line(`To load it: longshore job approve ${run.runId}\nTo drop it: longshore job reject ${run.runId}`);
    return { code: EXIT.operation, result: plan ? { run, plan } : { run } };
  }
  if (!plan) return { code: EXIT.ok, result: { run } };
  const { code } = planned(plan, null);
  return { code: leavesAsked(run) ? EXIT.someRowsFailed : code, result: { run, plan } };
}

async function loadPrepared(
  caller: BackendCaller,
  jobId: JobId,
  prepared: Prepared,
  flags: Pick<RunJobFlags, 'yes'>,
  output: Output,
): Promise<Ending> {
  const told = await tellPrepared(caller, prepared, output);
  const { run, plan } = prepared;
  if (run.state.kind !== 'planned' || !plan) {
    if (run.state.kind === 'ended' && run.state.how === 'nothing-to-load') output.line('Nothing to load.');
    return told;
  }
  const consent = await askConsent(await caller.org(run.orgId), plan, flags.yes === true, output);
  const load = await caller.runPlanned({ runId: run.runId, planDigest: plan.planDigest, ...consent });
  output.started(load);
  const ending = await finish(caller, load.loadId, output);
  const last = await lastState(caller, jobId, run);
  const result = { run: last, load: 'result' in ending ? ending.result : null };
  for (const text of syncDoneTexts(last.sync?.done ?? null)) output.line(`  ${text}`);
  if (last.state.kind === 'loading' && (ending.code === EXIT.ok || ending.code === EXIT.someRowsFailed)) {
    output.line('What the load did is not noted in the sync yet. The next run does that first.');
    return { code: EXIT.operation, result };
  }
  return { code: ending.code === EXIT.ok && leavesAsked(run) ? EXIT.someRowsFailed : ending.code, result };
}

/** Whether rows are not sent, for nobody could be asked which record they are. */
function leavesAsked({ resembled }: Run): boolean {
  return (resembled?.asked ?? 0) > 0;
}

/** A load that went on by itself meanwhile has only its end to be told. */
async function continueRun(
  caller: BackendCaller,
  loadId: LoadId,
  { job, yes }: { readonly job: Job; readonly yes: boolean },
  output: Output,
): Promise<Ending> {
  const { apiBudgetPercent } = job.definition;
  await caller.run('load.resume', { loadId, acceptApiUse: yes, apiBudgetPercent });
  return finish(caller, loadId, output);
}

/** A run as it is on disk by now. */
async function lastState(caller: BackendCaller, jobId: JobId, run: Run): Promise<Run> {
  const { runs } = await caller.call('run.list', { jobId });
  return runs.find(({ runId }) => runId === run.runId) ?? run;
}
