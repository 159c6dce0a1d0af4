import { Option, type Command } from 'commander';
import { ResemblingDecision } from '../../../shared/domain/resembling.ts';
import { addAlertCommands } from './alert-program.ts';
import { inTerminal, shared, type Run, type Shared } from './in-terminal.ts';
import {
  cloneJob,
  exportJob,
  importJob,
  jobHistory,
  listJobs,
  pauseJob,
  removeJob,
  renameJob,
  saveJob,
  showJob,
  type ImportJobFlags,
  type SaveJobFlags,
} from './job-commands.ts';
import { FILE_OPTION, loadOptions, resemblingOptions } from './load-options.ts';
import { readBudget } from './policy-flags.ts';
import { resetJob, type ResetJobFlags } from './reset-job.ts';
import { approveRun, planJob, rejectRun, runJob, type DecideRunFlags, type RunJobFlags } from './run-job.ts';
import { addScheduleCommands } from './schedule-program.ts';
import { signInOptions } from './sign-in-flags.ts';

const YES_OPTION = 'confirm a load into production or over the API budget; a read-only org still accepts no loads';

/** `longshore job …`: loads that are saved, to be run again and again. */
export function addJobCommands(program: Command): void {
  const job = program.command('job').description('save loads as jobs, run them, and pass them on as YAML');

  shared(job.command('list').description('list the saved jobs')).action((flags: Shared) => inTerminal(flags, listJobs));

  addSave(job);
  addRun(job, 'run', 'run a job: check, plan, and load its file; a run that was interrupted is continued first', runJob)
    .option('--again', 'insert rows that were inserted before')
    .option('--even-paused', 'run a job that is paused, this once')
    .option('-y, --yes', YES_OPTION);
  addRun(job, 'plan', 'show what a run of a job would change; writes nothing', planJob);

  signInOptions(
    shared(
      job.command('approve <run>').description('load what a held run would have loaded, if it still is as it was'),
    ),
  )
    .option('--accept-changed-file', 'load a file that grew while it was read')
    .option('--results-dir <folder>', 'folder for the result files', '.')
    .option('-y, --yes', YES_OPTION)
    .action((named: string, flags: Shared & Omit<DecideRunFlags, 'run'>) =>
      inTerminal(flags, (caller, _flags, output) => approveRun(caller, { ...flags, run: named }, output)),
    );
  shared(job.command('reject <run>').description('drop a held run; nothing of it is loaded')).action(
    (named: string, flags: Shared) =>
      inTerminal(flags, (caller, _flags, output) => rejectRun(caller, { run: named }, output)),
  );

  for (const [name, description, run] of [
    ['show', 'show what a job loads, and how', showJob],
    ['history', 'list the runs of a job, the newest first', jobHistory],
    ['remove', 'remove a job and its runs; its loads stay', removeJob],
  ] as const)
    shared(job.command(`${name} <job>`).description(description)).action((named: string, flags: Shared) =>
      inTerminal(flags, (caller, _flags, output) => run(caller, { job: named }, output)),
    );

  for (const [name, description, go] of [
    ['pause', 'keep a job from running by itself; its held run waits as before', false],
    ['resume', 'let a paused job run by itself again', true],
  ] as const)
    shared(job.command(`${name} <job>`).description(description)).action((named: string, flags: Shared) =>
      inTerminal(flags, (caller, _flags, output) => pauseJob(caller, { job: named, go }, output)),
    );

  for (const [name, description, run] of [
    ['clone', 'save a job again under another name', cloneJob],
    ['rename', 'give a job another name', renameJob],
  ] as const)
    shared(job.command(`${name} <job> <name>`).description(description)).action(
      (named: string, other: string, flags: Shared) =>
        inTerminal(flags, (caller, _flags, output) => run(caller, { job: named, name: other }, output)),
    );

  shared(job.command('reset <job>').description('forget what a sync agreed on; its next run compares every row'))
    .option('--preview', 'only show what would be forgotten')
    .action((named: string, flags: Shared & Omit<ResetJobFlags, 'job'>) =>
      inTerminal(flags, (caller, _flags, output) => resetJob(caller, { ...flags, job: named }, output)),
    );

  shared(job.command('export <job>').description('write a job as YAML, for git or another computer; it has no secrets'))
    .option('--output-file <file>', 'file to write (default: the job’s name, in this folder)')
    .action((named: string, flags: Shared) =>
      inTerminal(flags, (caller, _flags, output) => exportJob(caller, { job: named }, output)),
    );

  addImport(job);
  addScheduleCommands(job);
  addAlertCommands(job);
}

function addSave(job: Command): void {
  const command = signInOptions(
    shared(
      job
        .command('save <name>')
        .description('save a load as a job: from the flags of a load, or from a load that was made'),
    ),
  )
    .option('-f, --file <file...>', FILE_OPTION)
    .option('-s, --sobject <object>', 'API name of the object')
    .option('--from-load <loadId>', 'save what this load was; with -f, for another file')
    .option('--replace', 'replace the job of this name')
    .addOption(
      new Option(
        '--api-budget <percent>',
        'the share of the API calls left that a run may use without asking',
      ).argParser(readBudget),
    );
  resemblingOptions(command, ResemblingDecision.options);
  loadOptions(command).action((name: string, flags: Shared & Omit<SaveJobFlags, 'name'>) =>
    inTerminal(flags, (caller, _flags, output) => saveJob(caller, { ...flags, name }, output)),
  );
}

function addRun(job: Command, name: string, description: string, run: Run<RunJobFlags>): Command {
  return signInOptions(shared(job.command(`${name} <job>`).description(description)))
    .option('-f, --file <file...>', 'load this file instead of the job’s own, this time')
    .option('--accept-changed-file', 'load a file that grew while it was read')
    .option('--results-dir <folder>', 'folder for the result files', '.')
    .action((named: string, flags: Shared & Omit<RunJobFlags, 'job'>) =>
      inTerminal(flags, (caller, _flags, output) => run(caller, { ...flags, job: named }, output)),
    );
}

function addImport(job: Command): void {
  signInOptions(
    shared(job.command('import <yaml>').description('save a job from a YAML file; with --target-org, for that org')),
  )
    .option('--name <name>', 'another name for the job')
    .option('-f, --file <file...>', 'load this file instead of the one that the job names')
    .option('--replace', 'replace the job of this name')
    .action((yaml: string, flags: Shared & Omit<ImportJobFlags, 'yaml'>) =>
      inTerminal(flags, (caller, _flags, output) => importJob(caller, { ...flags, yaml }, output)),
    );
}
