import { assertNever } from '../domain/assert-never.ts';
import type { BlackOut, JobSchedule, Weekday } from '../domain/job-schedule.ts';
import type { ScheduledJob, Skipped } from '../domain/scheduled-job.ts';
import { plural } from './counts.ts';
import { momentText } from './moment-text.ts';

const DAYS: Record<Weekday, string> = {
  mon: 'Monday',
  tue: 'Tuesday',
  wed: 'Wednesday',
  thu: 'Thursday',
  fri: 'Friday',
  sat: 'Saturday',
  sun: 'Sunday',
};

function dayNames(days: readonly Weekday[]): string {
  return days.map((day) => DAYS[day]).join(', ');
}

function timesText(schedule: JobSchedule): string {
  switch (schedule.kind) {
    case 'hourly':
      return `Each hour at :${String(schedule.minute).padStart(2, '0')}`;
    case 'nightly':
      return `Each day at ${schedule.at}`;
    case 'weekly':
      return `Each ${dayNames(schedule.on)} at ${schedule.at}`;
    case 'cron':
      return `By the cron pattern ${schedule.cron}`;
    case 'after':
      return `After each successful run of “${schedule.job}”`;
    case 'watch':
      return `When its files arrive or change${schedule.move ? '; they are moved to “done” or “failed”' : ''}`;
    default:
      return assertNever(schedule);
  }
}

function blackOutText({ from, to, on }: BlackOut): string {
  return `${from}–${to}${on ? ` from ${dayNames(on)}` : ''}`;
}

/** When a job runs by itself, in a line. */
export function scheduleText(schedule: JobSchedule): string {
  const { zone, blackOuts } = schedule;
  const skips = 'missed' in schedule && schedule.missed === 'skip';
  return [
    `${timesText(schedule)}${zone === undefined ? '' : ` (${zone})`}`,
    ...(blackOuts ? [`not ${blackOuts.map(blackOutText).join(', ')}`] : []),
    ...(skips ? ['missed times are skipped'] : []),
  ].join('; ');
}

/** What keeps a job from ever running by itself, and what to do. */
export function scheduleProblemText(problem: NonNullable<ScheduledJob['problem']>, schedule: JobSchedule): string {
  switch (problem) {
    case 'no-such-job':
      return `There is no job “${schedule.kind === 'after' ? schedule.job : ''}”. Set the schedule again, with the name it has now.`;
    case 'circle':
      return 'It runs after itself, by way of other jobs, so none of them ever starts. Give one of them another schedule.';
    case 'never':
      return 'No time is left for it: its pattern names no day that exists, or its black-out times cover every day. Set the schedule again.';
    default:
      return assertNever(problem);
  }
}

export function skippedText({ at, times, why }: Skipped): string {
  const many = times >= 100 ? '100 times or more' : times === 1 ? 'once' : plural(times, 'time');
  const until = `${times === 1 ? 'at' : 'the last one at'} ${momentText(at)}`;
  switch (why) {
    case 'missed':
      return `Skipped ${many}, ${until}: nothing could be started at that time.`;
    case 'paused':
      return `Skipped ${many}, ${until}: the job was paused.`;
    case 'given-up':
      return `Skipped ${until}: Longshore ended in the middle of it three times.`;
    default:
      return assertNever(why);
  }
}
