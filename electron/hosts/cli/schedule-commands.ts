import { JobSchedule } from '../../../shared/domain/job-schedule.ts';
import { failureText } from '../../../shared/text/failure-text.ts';
import type { Failure } from '../../../shared/contract/failure.ts';
import { runHoldText, runStateText } from '../../../shared/text/job-text.ts';
import { momentText } from '../../../shared/text/moment-text.ts';
import { scheduleProblemText, scheduleText, skippedText } from '../../../shared/text/schedule-text.ts';
import type { BackendCaller } from './backend-caller.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { findJob } from './job-commands.ts';
import type { Ending, Output } from './output.ts';
import { UsageError } from './usage-error.ts';

export interface SetScheduleFlags {
  readonly job: string;
  readonly hourly?: string;
  readonly nightly?: string;
  /** Days, by commas. */
  readonly weekly?: string;
  readonly at?: string;
  readonly cron?: string;
  readonly after?: string;
  readonly watch?: boolean;
  readonly zone?: string;
  readonly missed?: string;
  readonly blackOut?: readonly string[];
  readonly settle?: string;
  readonly move?: boolean;
  readonly confirmOrg?: string;
}

/** Has a job run by itself. */
export async function setSchedule(caller: BackendCaller, flags: SetScheduleFlags, output: Output): Promise<Ending> {
  const { jobId, definition } = await findJob(caller, flags.job, output);
  const schedule = readSchedule(flags, Intl.DateTimeFormat().resolvedOptions().timeZone);
  // By a name that is not there it would never run.
  if (schedule.kind === 'after') await findJob(caller, schedule.job, output);
  const job = await caller.call('schedule.set', { jobId, schedule });
  output.line(`“${definition.name}”: ${scheduleText(schedule)}.`);
  output.line('It runs while Longshore is open. For other times: longshore job schedule install.');
  const listed = (await caller.call('schedule.list', {})).find((one) => one.jobId === jobId);
  if (listed?.problem) output.line(`  WARN  ${scheduleProblemText(listed.problem, schedule)}`);
  return { code: EXIT.ok, result: { job, next: listed?.next ?? null } };
}

/** What the flags say. Throws `UsageError`. */
export function readSchedule(flags: SetScheduleFlags, ownZone: string): JobSchedule {
  const { hourly, nightly, weekly, at, cron, after, watch, missed, blackOut, settle, move, confirmOrg } = flags;
  const given = Object.entries({ hourly, nightly, weekly, cron, after, watch }).filter(
    ([, value]) => value !== undefined,
  );
  const [first] = given;
  if (given.length !== 1 || !first)
    throw new UsageError('Give one of --hourly, --nightly, --weekly, --cron, --after, and --watch.');
  const isTimed = first[0] !== 'after' && first[0] !== 'watch';
  const refused = [
    ...(weekly === undefined && at !== undefined ? ['--at needs --weekly.'] : []),
    ...(!isTimed && missed !== undefined ? ['--missed is for schedules with a time.'] : []),
    ...(watch === undefined && (settle !== undefined || move !== undefined)
      ? ['--settle and --move need --watch.']
      : []),
  ];
  if (refused.length > 0) throw new UsageError(refused.join(' '));
  const kinds = {
    hourly: { minute: Number(hourly) },
    nightly: { at: nightly },
    weekly: { on: weekly?.toLowerCase().split(','), at },
    cron: { cron },
    after: { job: after },
    watch: { settleSeconds: settle === undefined ? undefined : Number(settle), move },
  };
  const zone = flags.zone ?? (isTimed || blackOut ? ownZone : undefined);
  const blackOuts = blackOut?.map(readBlackOut);
  const kind = first[0] as keyof typeof kinds;
  const schedule = JobSchedule.safeParse({ kind, ...kinds[kind], zone, missed, blackOuts, confirmOrg });
  if (schedule.success) return schedule.data;
  const place = schedule.error.issues[0]?.path[0] ?? '';
  throw new UsageError(`${WRONG[String(place)] ?? 'This schedule can’t be used.'}`);
}

const WRONG: Record<string, string> = {
  minute: '--hourly takes a minute from 0 to 59.',
  at: 'A time has hours and minutes: 02:30.',
  on: '--weekly takes days: mon, tue, wed, thu, fri, sat, sun, with commas.',
  cron: '--cron takes five fields: minute, hour, day of the month, month, day of the week. Example: "30 2 * * 1-5".',
  job: '--after takes the name of a job.',
  settleSeconds: '--settle takes seconds, from 1 to 3600.',
  zone: '--zone takes the name of a time zone. Example: Europe/Berlin.',
  missed: '--missed takes once or skip.',
  blackOuts: '--black-out takes two times, and the days it begins on. Example: 22:00-04:00,sat,sun.',
};

/** `22:00-04:00,sat,sun` */
function readBlackOut(text: string): unknown {
  const [times = '', ...on] = text.toLowerCase().split(',');
  const [from, to] = times.split('-');
  return { from, to, ...(on.length > 0 ? { on } : {}) };
}

export async function endSchedule(
  caller: BackendCaller,
  { job: named }: { job: string },
  output: Output,
): Promise<Ending> {
  const { jobId, definition } = await findJob(caller, named, output);
  const job = await caller.call('schedule.set', { jobId, schedule: null });
  output.line(`“${definition.name}” runs only by hand now.`);
  return { code: EXIT.ok, result: { job } };
}

/** The jobs that run by themselves, and when. */
export async function tellSchedules(caller: BackendCaller, output: Output): Promise<unknown> {
  const listed = await caller.call('schedule.list', {});
  for (const { name, schedule, paused, next, skipped, failure, problem } of listed) {
    output.line(`${name}: ${scheduleText(schedule)}`);
    if (paused !== null) output.line(`  Paused since ${momentText(paused)}: it does not run by itself.`);
    else if (problem !== null) output.line(`  WARN  ${scheduleProblemText(problem, schedule)}`);
    else if (next !== null) output.line(`  Next: ${momentText(next)}`);
    if (skipped) output.line(`  ${skippedText(skipped)}`);
    if (failure) output.line(`  FAILED  ${failureText(failure as Failure).title}`);
  }
  if (listed.length === 0) output.line('No job runs by itself. Give one a schedule with “longshore job schedule set”.');
  return listed;
}

/** Runs what is due, as the system's timer asks. Nobody is there: what is held stays held. */
export async function runDue(caller: BackendCaller, _flags: unknown, output: Output): Promise<Ending> {
  const begun = await caller.runDue();
  let code: number = EXIT.ok;
  for (const { job, run, failure } of begun) {
    output.line(`Job “${job.definition.name}”: ${run ? runStateText(run) : 'not started'}`);
    if (run?.state.kind === 'held') for (const hold of run.state.holds) output.line(`  HOLD  ${runHoldText(hold)}`);
    if (failure) output.line(`  FAILED  ${failureText(failure).title}`);
    const failedRows = (run?.counts?.failed ?? 0) > 0 ? EXIT.someRowsFailed : EXIT.ok;
    const own = failure ? exitCodeOf(failure) : run?.state.kind === 'ended' ? failedRows : EXIT.operation;
    code = Math.max(code, own);
  }
  if (begun.length === 0) output.line('Nothing is due.');
  return { code, result: { runs: begun.map(({ job, run, failure }) => ({ jobId: job.jobId, run, failure })) } };
}
