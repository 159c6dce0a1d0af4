#!/usr/bin/env node
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { basename } from 'node:path';
import { sessionTroubleText } from '../../../shared/text/session-text.ts';
import { Encoding } from '../../../shared/domain/source-file.ts';
import { runPracticeOrg } from '../node-ports/child-processes.ts';
import { dataFolder } from '../node-ports/data-folder.ts';
import { version } from '../node-ports/version.ts';
import type { BackendCaller } from './backend-caller.ts';
import { check, load, plan, report, resume, type LoadFlags, type WhichLoad } from './commands.ts';
import { EXIT } from './exit-codes.ts';
import { count, TerminalOutput, type Ending, type Output } from './output.ts';
import { runCommand, withBackend } from './run-command.ts';
import { isRunner, RunnerOutput, startRunner } from './runner.ts';

type Shared = { json?: boolean; resultsDir?: string; outputFile?: string; instanceUrl?: string; targetOrg?: string };
type Run<F> = (caller: BackendCaller, flags: F, output: Output) => Promise<Ending>;

const program = new Command('longshore')
  .version(version)
  .description('Load CSV files into Salesforce, and see what would change first.')
  .exitOverride();

// Before anything of a command begins; the processes that it starts have it from there too.
program.hook('preAction', (_program, command) => {
  const { data } = command.opts<{ data?: string }>();
  if (data !== undefined) process.env['LONGSHORE_DATA'] = dataFolder(data);
});

function shared(command: Command): Command {
  return command
    .option('-o, --target-org <user or org>', 'the org to work with; without it the only one signed in to')
    .option('--instance-url <url>', 'with SF_ACCESS_TOKEN in the environment: the org it belongs to')
    .option('--data <folder>', 'keep everything in this folder instead of your own')
    .option('--json', 'print one JSON document instead of text');
}

function inTerminal<F extends Shared>(flags: F, run: Run<F>): Promise<never> {
  return runCommand(new TerminalOutput(flags.json === true), (host) =>
    withBackend(host, flags, (caller, output) => run(caller, flags, output)),
  );
}

function positive(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It is a row number: 1 or more.');
  return Number(text);
}

function loadCommand(name: string, description: string, run: Run<LoadFlags>): Command {
  return shared(program.command(name).description(description))
    .requiredOption('-f, --file <file...>', 'CSV, XLSX or JSON file; several with the same columns are read as one')
    .requiredOption('-s, --sobject <object>', 'object API name')
    .addOption(
      new Option('--operation <operation>').choices(['insert', 'update', 'upsert', 'delete']).default('upsert'),
    )
    .option('-i, --external-id <field>', 'field to match by when upserting')
    .addOption(
      new Option('--column-delimiter <delimiter>', 'found out if not given').choices([
        'COMMA',
        'TAB',
        'SEMICOLON',
        'PIPE',
        'CARET',
        'BACKQUOTE',
      ]),
    )
    .addOption(new Option('--encoding <encoding>', 'found out if not given').choices(Encoding.options))
    .option('--sheet <name>', 'sheet of a workbook; the first with a table if not given')
    .addOption(
      new Option('--header-row <number>', 'row of the sheet that names the columns; found out if not given').argParser(
        positive,
      ),
    )
    .addOption(
      new Option('--line-ending <ending>', 'accepted for scripts written for sf; line endings are found out').choices([
        'LF',
        'CRLF',
      ]),
    )
    .option('--accept-changed-file', 'go on with the rows of a file that grew while it was read')
    .option('-w, --wait <minutes>', 'accepted for scripts written for sf; Longshore waits until the load ends')
    .option('--results-dir <folder>', 'where to write the result files', '.')
    .action((flags: LoadFlags & Shared & { async?: boolean }) => {
      if (flags.async !== true) return inTerminal(flags, run);
      if (!isRunner()) {
        const output = new TerminalOutput(flags.json === true);
        return runCommand(output, (host) => startRunner(host, flags.instanceUrl));
      }
      const output = new RunnerOutput();
      return runCommand(output, (host) => {
        output.follow(() => host.interrupts.interrupt());
        return withBackend(host, flags, (caller) => run(caller, flags, output));
      });
    });
}

loadCommand('load', 'check, plan and load a file', load).option(
  '--async',
  'let the load run by itself, and end as soon as it has started; see it with report',
);
loadCommand('plan', 'show what a load would change; writes nothing', plan);
loadCommand('check', 'check every value against its field; writes nothing', check);

function loadedCommand(name: string, description: string, run: Run<WhichLoad>): void {
  shared(program.command(`${name} [loadId]`).description(description))
    .option('--job-id <id>', 'instead of the load: one of its ingest jobs')
    .option('--results-dir <folder>', 'where to write the result files', '.')
    .action((loadId: string | undefined, flags: Shared & { jobId?: string }, command: Command) => {
      if (loadId === undefined && flags.jobId === undefined)
        command.error('error: name a load, or a job with --job-id');
      return inTerminal(flags, (caller, _flags, output) => run(caller, { loadId, jobId: flags.jobId }, output));
    });
}

loadedCommand('resume', 'go on with a paused load', resume);
loadedCommand('report', 'say how a load stands or ended, and write its result files again', report);

shared(program.command('export').description('write the records of a SOQL query to a CSV file'))
  .requiredOption('-q, --query <soql>')
  .requiredOption('--output-file <file>')
  .action((flags: Shared & { query: string; outputFile: string }) =>
    inTerminal(flags, async (caller, { targetOrg, query, outputFile }, output) => {
      const { orgId } = await caller.org(targetOrg);
      const fileName = basename(outputFile);
      const exported = await caller.call('export.query', { orgId, soql: query, fileName });
      output.line(`${count(exported.records)} records written to ${outputFile}`);
      return { code: EXIT.ok, result: exported };
    }),
  );

shared(program.command('orgs').description('list the orgs you are signed in to, or sign in to one'))
  .option('--login <url>', 'sign in in your browser: login.salesforce.com, test.salesforce.com or your My Domain')
  .option('--client-id <key>', 'consumer key of your External Client App')
  .action((flags: Shared & { login?: string; clientId?: string }) =>
    inTerminal(flags, async (caller, { login, clientId }, output) => {
      if (login !== undefined) {
        const target = { kind: 'custom', loginUrl: login } as const;
        await caller.call('orgs.signIn', { target, ...(clientId ? { clientId } : {}) });
      }
      const orgs = await caller.call('orgs.list', {});
      for (const { kind, name, username, session, sessionTrouble } of orgs) {
        const ended = session === 'expired' ? ' needs a sign-in' : '';
        const why = sessionTrouble === undefined ? '' : `: ${sessionTroubleText(sessionTrouble)}`;
        output.line(`${kind.padEnd(10)} ${name} (${username})${ended}${why}`);
      }
      if (orgs.length === 0) output.line('No org. Sign in with --login, or set SF_ACCESS_TOKEN and --instance-url.');
      return { code: EXIT.ok, result: orgs };
    }),
  );

program
  .command('practice-org')
  .description('start a practice org: a local Salesforce to try things on (practice-org --help shows its own flags)')
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
