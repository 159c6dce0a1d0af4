#!/usr/bin/env node
import { Command, CommanderError, Option } from 'commander';
import { copyFile, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import open from 'open';
import { createBackend } from '../../backend/create-backend.ts';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { Encoding } from '../../../shared/domain/source-file.ts';
import { failureText } from '../../../shared/text/failure-text.ts';
import { hostNoticeText } from '../../../shared/text/host-notice-text.ts';
import { runPracticeOrg, spawnStaging } from '../node-ports/child-processes.ts';
import { openVault } from '../node-ports/keyring-vault.ts';
import { dataFolder, makeDataFolder } from '../node-ports/data-folder.ts';
import { HostNotices } from '../node-ports/host-notices.ts';
import { openLog } from '../node-ports/log-file.ts';
import { openSettings } from '../node-ports/settings-file.ts';
import { clock, environmentSession, noSystemProxy, random } from '../node-ports/system.ts';
import { version } from '../node-ports/version.ts';
import { BackendCaller } from './backend-caller.ts';
import { check, count, EXIT, load, plan, resume, type LoadFlags, type Output } from './commands.ts';

type Shared = { json?: boolean; resultsDir?: string; instanceUrl?: string };
type Run<F> = (caller: BackendCaller, flags: F, output: Output) => Promise<number>;

/** The same backend without a screen: for CI, cron and scripts. */
async function withBackend(
  flags: Shared,
  run: (caller: BackendCaller, output: Output) => Promise<number>,
): Promise<number> {
  const data = dataFolder();
  await makeDataFolder(data);
  const notices = new HostNotices((notice) => void process.stderr.write(`${hostNoticeText(notice)}\n`));
  const log = openLog(data, notices);
  const settings = await openSettings(data, { log, notices });
  const { vault, kind } = await openVault();
  const results = resolve(flags.resultsDir ?? '.');
  const stop = new AbortController();
  process.once('SIGINT', () => stop.abort());
  const backend = createBackend({
    info: { version, host: 'cli', secretStore: kind },
    paths: { data },
    clock,
    random,
    log,
    notices: () => notices.all(),
    fileChooser: { choose: () => Promise.resolve([]) },
    fileSaver: {
      save: async (path, name) => {
        await mkdir(results, { recursive: true });
        await copyFile(path, join(results, name));
        return { kind: 'saved', fileName: join(results, name) };
      },
    },
    secrets: vault,
    settings,
    openExternal: async (url) => {
      process.stderr.write(`Open this address to sign in: ${url}\n`);
      await open(url).catch(() => undefined);
    },
    systemProxy: noSystemProxy,
    spawnStaging,
    practiceOrg: null,
    environmentSession: environmentSession(flags.instanceUrl),
  });
  let result: unknown = null;
  const output: Output = {
    line: (text) => flags.json || process.stdout.write(`${text}\n`),
    progress: (text) => process.stderr.isTTY && process.stderr.write(`${text}\r`),
    result: (value) => (result = value),
  };
  try {
    const code = await run(new BackendCaller(backend, stop.signal), output);
    if (flags.json) process.stdout.write(`${JSON.stringify({ status: code, result }, null, 2)}\n`);
    return code;
  } catch (error) {
    if (!(error instanceof FailureError)) throw error;
    const { title, saved, next } = failureText(error.failure);
    if (flags.json)
      process.stdout.write(
        `${JSON.stringify({ status: exitCodeOf(error.failure), failure: error.failure, message: title }, null, 2)}\n`,
      );
    else process.stderr.write(`${title}\n${saved} ${next}\n`);
    return exitCodeOf(error.failure);
  } finally {
    await backend.close();
    await settings.flush();
  }
}

function exitCodeOf({ code }: Failure): number {
  return /^(?:ORG_UNREACHABLE|ORG_ANSWER|ORG_API|ORG_SESSION|SIGN_IN|LOAD_STATE)/.test(code)
    ? EXIT.server
    : EXIT.operation;
}

const program = new Command('longshore')
  .version(version)
  .description('Load CSV files into Salesforce, and see what would change first.')
  .exitOverride();

function shared(command: Command): Command {
  return command
    .option('-o, --target-org <user or org>', 'the org to work with; without it the only one signed in to')
    .option('--instance-url <url>', 'with SF_ACCESS_TOKEN in the environment: the org it belongs to')
    .option('--json', 'print one JSON document instead of text');
}

function loadCommand(name: string, description: string, run: Run<LoadFlags>): void {
  shared(program.command(name).description(description))
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
        Number.parseInt,
      ),
    )
    .addOption(
      new Option('--line-ending <ending>', 'accepted for scripts written for sf; line endings are found out').choices([
        'LF',
        'CRLF',
      ]),
    )
    .option('-w, --wait <minutes>', 'accepted for scripts written for sf; Longshore waits until the load ends')
    .option('--async', 'do not wait for the load to end')
    .option('--results-dir <folder>', 'where to write the result files', '.')
    .action(async (flags: LoadFlags & Shared) => {
      process.exitCode = await withBackend(flags, (caller, output) => run(caller, flags, output));
    });
}

loadCommand('load', 'check, plan and load a file', load);
loadCommand('plan', 'show what a load would change; writes nothing', plan);
loadCommand('check', 'check every value against its field; writes nothing', check);

shared(program.command('resume [loadId]').description('go on with a paused load'))
  .option('--job-id <id>', 'instead of the load: one of its ingest jobs')
  .option('--results-dir <folder>', 'where to write the result files', '.')
  .action(async (loadId: string | undefined, flags: Shared & { jobId?: string }) => {
    process.exitCode = await withBackend(flags, (caller, output) =>
      resume(caller, { loadId, jobId: flags.jobId }, output),
    );
  });

shared(program.command('export').description('write the records of a SOQL query to a CSV file'))
  .requiredOption('-q, --query <soql>')
  .requiredOption('--output-file <file>')
  .action(async (flags: Shared & { query: string; outputFile: string; targetOrg?: string }) => {
    process.exitCode = await withBackend({ ...flags, resultsDir: '.' }, async (caller, output) => {
      const { orgId } = await caller.org(flags.targetOrg);
      const exported = await caller.call('export.query', { orgId, soql: flags.query, fileName: flags.outputFile });
      output.line(`${count(exported.records)} records written to ${flags.outputFile}`);
      output.result(exported);
      return EXIT.ok;
    });
  });

shared(program.command('orgs').description('list the orgs you are signed in to, or sign in to one'))
  .option('--login <url>', 'sign in in your browser: login.salesforce.com, test.salesforce.com or your My Domain')
  .option('--client-id <key>', 'consumer key of your External Client App')
  .action(async (flags: Shared & { login?: string; clientId?: string }) => {
    process.exitCode = await withBackend(flags, async (caller, output) => {
      if (flags.login !== undefined) {
        await caller.call('orgs.signIn', {
          target: { kind: 'custom', loginUrl: flags.login },
          ...(flags.clientId ? { clientId: flags.clientId } : {}),
        });
      }
      const orgs = await caller.call('orgs.list', {});
      for (const { kind, name, username, session } of orgs)
        output.line(`${kind.padEnd(10)} ${name} (${username})${session === 'expired' ? ' session ended' : ''}`);
      if (orgs.length === 0) output.line('No org. Sign in with --login, or set SF_ACCESS_TOKEN and --instance-url.');
      output.result(orgs);
      return EXIT.ok;
    });
  });

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
  if (!(error instanceof CommanderError)) throw error;
  process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
}
