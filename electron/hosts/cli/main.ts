#!/usr/bin/env node
import { Command, CommanderError, Option } from 'commander';
import { SAMPLE_ROWS } from '../../../shared/domain/rehearsal.ts';
import { ExportFormat, ExportWay } from '../../../shared/domain/export.ts';
import { runPracticeOrg } from '../node-ports/child-processes.ts';
import { dataFolder } from '../node-ports/data-folder.ts';
import { version } from '../node-ports/version.ts';
import {
  cancel,
  check,
  load,
  mapping,
  plan,
  report,
  resume,
  type LoadFlags,
  type ReportFlags,
  type WhichLoad,
} from './commands.ts';
import { EXIT } from './exit-codes.ts';
import { exportRecords, type ExportFlags } from './export.ts';
import { inTerminal, shared, type Run, type Shared } from './in-terminal.ts';
import { addJobCommands } from './job-program.ts';
import { FILE_OPTION, loadOptions, resemblingOptions } from './load-options.ts';
import { listLoads, packLoad, removeLoad, type PackFlags } from './loads-commands.ts';
import { addMergeCommands } from './merge-program.ts';
import { addOrgCommands } from './orgs-program.ts';
import { TerminalOutput } from './output.ts';
import { runCommand, withBackend } from './run-command.ts';
import { isRunner, RunnerOutput, startRunner } from './runner.ts';
import { undo, type UndoFlags } from './undo.ts';
import { signInOptions, signsIn } from './sign-in-flags.ts';

const program = new Command('longshore')
  .version(version)
  .description('Load files into Salesforce, and see what will change before it changes.')
  .enablePositionalOptions()
  .exitOverride();

// Before anything of a command begins; the processes that it starts have it from there too.
program.hook('preAction', (_program, command) => {
  const { data } = command.opts<{ data?: string }>();
  if (data !== undefined) process.env['LONGSHORE_DATA'] = dataFolder(data);
});

function loadCommand(name: string, description: string, run: Run<LoadFlags>): Command {
  const command = signInOptions(shared(program.command(name).description(description)))
    .requiredOption('-f, --file <file...>', FILE_OPTION)
    .requiredOption('-s, --sobject <object>', 'API name of the object');
  return loadOptions(command)
    .option('--results-dir <folder>', 'folder for the result files', '.')
    .action((flags: LoadFlags & Shared & { async?: boolean }) => {
      if (flags.async !== true) return inTerminal(flags, run);
      if (!isRunner()) {
        const output = new TerminalOutput(flags.json === true);
        return runCommand(output, (host) => startRunner(host, flags.instanceUrl, signsIn(flags)));
      }
      const output = new RunnerOutput();
      return runCommand(output, (host) => {
        output.follow(() => host.interrupts.interrupt());
        return withBackend(host, flags, (caller) => run(caller, flags, output));
      });
    });
}

resemblingOptions(loadCommand('load', 'check, plan, and load a file', load))
  .option('--async', 'load in the background and return once the load has started; see it with report')
  .option('-y, --yes', 'confirm a load into production or over the API budget; a read-only org still accepts no loads');
resemblingOptions(loadCommand('plan', 'show what a load would change; writes nothing', plan))
  .addOption(
    new Option(
      '--save <form...>',
      'write the plan to the results folder: csv has every row with old and new values, page is a web page to read',
    ).choices(['csv', 'page']),
  )
  .addOption(
    new Option(
      '--rehearse [rows]',
      `try rows in the org and take all of them back, to see what its rules and triggers say: a sample of ${SAMPLE_ROWS}, or all`,
    )
      .choices(['sample', 'all'])
      .preset('sample'),
  )
  .option('-y, --yes', 'confirm a rehearsal in production or over the API budget');
loadCommand('check', 'check every value against its field; writes nothing', check).option(
  '--save-problem-rows',
  'write the rows that are not sent, with the reasons, to <file>-problems.csv in the results folder',
);

loadCommand('mapping', 'write the mapping that a load would use; loads nothing', mapping).requiredOption(
  '--output-file <file>',
  'file to write: .json keeps everything, .sdl is for Data Loader',
);

function loadedCommand(name: string, description: string, run: Run<WhichLoad & UndoFlags & ReportFlags>): Command {
  return signInOptions(shared(program.command(`${name} [loadId]`).description(description)))
    .option('--job-id <id>', 'an ingest job of the load, instead of the load’s id')
    .option('--results-dir <folder>', 'folder for the result files', '.')
    .action(
      (loadId: string | undefined, flags: Shared & UndoFlags & ReportFlags & { jobId?: string }, command: Command) => {
        if (loadId === undefined && flags.jobId === undefined)
          command.error('error: enter a load id, or a job with --job-id');
        return inTerminal(
          flags,
          (caller, { jobId, yes = false, plan: planOnly = false, page = false, allRows = false }, output) =>
            run(caller, { loadId, jobId, yes, plan: planOnly, page, allRows }, output),
        );
      },
    );
}

loadedCommand('resume', 'continue a paused load, or retry the second step of a finished one', resume).option(
  '-y, --yes',
  'confirm a load over the API budget; a read-only org still accepts no loads',
);
loadedCommand('cancel', 'end a paused load: abort its job, look up what was done, and write the result files', cancel);
loadedCommand('report', 'show the state of a load, and write its result files again', report)
  .option('--page', 'also write the report of a finished load as a web page')
  .option('--all-rows', 'also write the rows that needed nothing: unchanged, repeated, and left out');

loadedCommand(
  'undo',
  'set back what a load changed and delete what it created; what changed since stays as it is',
  undo,
)
  .option('--plan', 'show what would be undone; writes nothing')
  .option('-y, --yes', 'confirm an undo in production or over the API budget; a read-only org still accepts no loads');

signInOptions(shared(program.command('export').description('write the records of a SOQL query to a file')))
  .requiredOption('-q, --query <soql>', 'which fields of which records')
  .requiredOption('--output-file <file>', 'file to write')
  .addOption(
    new Option('--format <format>', 'default: what the name of the file ends with, otherwise csv').choices(
      ExportFormat.options,
    ),
  )
  .option('--keys <file>', 'write the fields of the query beside the rows of this file, whose keys name the records')
  .option('--key-column <column>', 'with --keys: column of the file with the keys (default: the key field)')
  .option('--key-field <field>', 'with --keys: field that the keys are values of (default: Id)')
  .addOption(new Option('--way <way>', 'default: whichever needs less time and fewer calls').choices(ExportWay.options))
  .action((flags: Shared & ExportFlags) => inTerminal(flags, exportRecords));

const loads = program.command('loads').description('list the loads there were, pass one on as a ZIP, or remove one');

shared(loads.command('list').description('list every load, the newest first')).action((flags: Shared) =>
  inTerminal(flags, listLoads),
);

shared(
  loads
    .command('pack <loadId>')
    .description('write a finished load into one ZIP: its story, records, and result files'),
)
  .option('--no-rows', 'leave out the rows and the result files')
  .option('--results-dir <folder>', 'folder for the ZIP', '.')
  .action((loadId: string, flags: Shared & PackFlags) =>
    inTerminal(flags, (caller, { rows }, output) => packLoad(caller, { loadId, jobId: undefined, rows }, output)),
  );

shared(
  loads.command('remove <loadId>').description('remove a finished load with its report; it can’t be undone after that'),
).action((loadId: string, flags: Shared) =>
  inTerminal(flags, (caller, _flags, output) => removeLoad(caller, { loadId, jobId: undefined }, output)),
);

addJobCommands(program);

addMergeCommands(program);
addOrgCommands(program);

program
  .command('practice-org')
  .description('start a practice org, a local Salesforce to try things out (practice-org --help shows its flags)')
  .argument('[flags...]')
  .allowUnknownOption()
  .helpOption(false)
  .action(async (flags: string[]) => {
    process.exitCode = await runPracticeOrg(flags);
  });

try {
  await program.parseAsync();
} catch (error) {
  if (error instanceof CommanderError) process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  else {
    // Before there is a log: no command has begun.
    process.stderr.write(`Longshore did not start (${error instanceof Error ? error.message : String(error)}).\n`);
    process.exitCode = EXIT.operation;
  }
}
