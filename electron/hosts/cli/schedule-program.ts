import { Option, type Command } from 'commander';
import { inTerminal, shared, type Shared } from './in-terminal.ts';
import { endSchedule, runDue, setSchedule, type SetScheduleFlags } from './schedule-commands.ts';
import { signInOptions } from './sign-in-flags.ts';
import { installTimer, removeTimer, showSchedules } from './timer/timer-commands.ts';

/** `longshore job schedule …`: when jobs run by themselves. */
export function addScheduleCommands(job: Command): void {
  const schedule = job.command('schedule').description('have jobs run by themselves');

  shared(schedule.command('set <job>').description('have a job run by itself, in place of the schedule that it has'))
    .option('--hourly <minute>', 'each hour at this minute')
    .option('--nightly <time>', 'each day at this time, such as 02:30')
    .option('--weekly <days>', 'on these days, such as mon,thu, at the time of --at')
    .option('--at <time>', 'with --weekly: the time')
    .option('--cron <pattern>', 'at the times of a cron pattern of five fields')
    .option('--after <job>', 'after each successful run of another job')
    .option('--watch', 'when the files of the job arrive or change')
    .option('--zone <zone>', 'time zone of the times, such as Europe/Berlin (default: this computer’s)')
    .addOption(
      new Option(
        '--missed <what>',
        'what to do about a time that was missed, for example while the computer slept: run once (default), or skip it',
      ).choices(['once', 'skip']),
    )
    .option(
      '--black-out <window...>',
      'start nothing in this time, such as 22:00-04:00 or 22:00-04:00,sat,sun; what is due then is missed until its end',
    )
    .option('--settle <seconds>', 'with --watch: how long files must stay the same before they are read (default: 10)')
    .option('--move', 'with --watch: move files that were read to the folder “done” or “failed” beside them')
    .option('--confirm-org <name>', 'the org’s name: your confirmation for all of its loads into production')
    .action((named: string, flags: Shared & Omit<SetScheduleFlags, 'job'>) =>
      inTerminal(flags, (caller, _flags, output) => setSchedule(caller, { ...flags, job: named }, output)),
    );

  shared(schedule.command('off <job>').description('run a job only by hand from now on')).action(
    (named: string, flags: Shared) =>
      inTerminal(flags, (caller, _flags, output) => endSchedule(caller, { job: named }, output)),
  );

  shared(schedule.command('show').description('show which jobs run by themselves, and when next')).action(
    (flags: Shared) => inTerminal(flags, showSchedules),
  );
  shared(
    schedule
      .command('install')
      .description('have the system’s timer look for jobs that are due, so that they run while Longshore is closed'),
  )
    .option('--every <minutes>', 'how often it looks (default: 5)')
    .action((flags: Shared & { every?: string }) => inTerminal(flags, installTimer));
  shared(schedule.command('remove').description('remove what install has set up')).action((flags: Shared) =>
    inTerminal(flags, removeTimer),
  );

  signInOptions(
    shared(job.command('due').description('run the jobs that are due; the system’s timer calls this')),
  ).action((flags: Shared) => inTerminal(flags, runDue));
}
