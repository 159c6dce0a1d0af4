import { realpath } from 'node:fs/promises';
import { FailureError } from '../../../../shared/contract/failure.ts';
import { dataFolder } from '../../node-ports/data-folder.ts';
import type { BackendCaller } from '../backend-caller.ts';
import { EXIT } from '../exit-codes.ts';
import type { Ending, Output } from '../output.ts';
import { tellSchedules } from '../schedule-commands.ts';
import { UsageError } from '../usage-error.ts';
import { systemTimer, type SystemTimer } from './system-timer.ts';
import { entryName, isPlain, type TimerEntry } from './timer-entry.ts';

const EVERY_MINUTES = 5;

/** Has the system look for jobs that are due, so that they run while Longshore is closed. */
export async function installTimer(_caller: BackendCaller, flags: { every?: string }, output: Output): Promise<Ending> {
  const timer = ownTimer();
  const entry = await entryOf(readMinutes(flags.every));
  await timer.install(entry);
  output.line(
    `Installed ${timer.called} (${entry.name}): every ${entry.everyMinutes} minutes it runs the jobs that are due.`,
  );
  output.line(`It calls: ${entry.command.join(' ')}`);
  if (process.platform === 'linux')
    output.line('It runs while you are signed in to this computer; for other times: loginctl enable-linger.');
  return { code: EXIT.ok, result: entry };
}

export async function removeTimer(_caller: BackendCaller, _flags: unknown, output: Output): Promise<Ending> {
  const timer = ownTimer();
  const name = entryName(dataFolder());
  const removed = await timer.remove(name);
  output.line(removed ? `Removed ${timer.called} (${name}).` : 'There was none to remove.');
  return { code: EXIT.ok, result: { name, removed } };
}

/** The jobs that run by themselves, and whether they do while Longshore is closed. */
export async function showSchedules(caller: BackendCaller, _flags: unknown, output: Output): Promise<Ending> {
  const jobs = await tellSchedules(caller, output);
  const timer = systemTimer(process.platform);
  const name = entryName(dataFolder());
  const installed = timer !== null && (await timer.has(name));
  output.line(
    installed
      ? `While Longshore is closed, ${timer.called} (${name}) looks for jobs that are due.`
      : 'While Longshore is closed, nothing looks for jobs that are due. To change that: longshore job schedule install.',
  );
  return { code: EXIT.ok, result: { jobs, timer: installed ? name : null } };
}

/** Throws `NOT_SUPPORTED`. */
function ownTimer(): SystemTimer {
  const timer = systemTimer(process.platform);
  if (timer) return timer;
  throw new FailureError({
    code: 'NOT_SUPPORTED',
    what: `a timer of this system (${process.platform})`,
    instead: 'Have cron call “longshore job due” every few minutes.',
  });
}

/** An hour has as many of them each time: the times are the same in each hour. What is looked at more rarely would be missed. */
function readMinutes(text: string | undefined): number {
  const minutes = text === undefined ? EVERY_MINUTES : Number(text);
  if (Number.isInteger(minutes) && minutes >= 1 && minutes <= 10 && 60 % minutes === 0) return minutes;
  throw new UsageError('--every takes 1, 2, 3, 4, 5, 6, or 10 minutes.');
}

/** This very command line, on this very data folder. */
async function entryOf(everyMinutes: number): Promise<TimerEntry> {
  const data = dataFolder();
  const script = await realpath(process.argv[1] ?? '');
  const command = [process.execPath, script, 'job', 'due', '--data', data] as const;
  if (!command.every(isPlain))
    throw new UsageError('The path of Longshore or of its data folder has a line break in it.');
  return { name: entryName(data), command: [...command], everyMinutes };
}
