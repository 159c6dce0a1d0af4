import { join, resolve } from 'node:path';
import open from 'open';
import { createBackend } from '../../backend/create-backend.ts';
import type { Log } from '../../backend/ports.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { hostNoticeText } from '../../../shared/text/host-notice-text.ts';
import { PracticeOrgProcess, spawnStaging } from '../node-ports/child-processes.ts';
import { dataFolder, makeDataFolder } from '../node-ports/data-folder.ts';
import { HostNotices } from '../node-ports/host-notices.ts';
import { openVault } from '../node-ports/keyring-vault.ts';
import { openLog } from '../node-ports/log-file.ts';
import { officialCli } from '../node-ports/official-cli.ts';
import { putFile } from '../node-ports/put-file.ts';
import { openSettings } from '../node-ports/settings-file.ts';
import { clock, environmentSession, noSystemProxy, random } from '../node-ports/system.ts';
import { incident, watchUnexpected } from '../node-ports/unexpected.ts';
import { version } from '../node-ports/version.ts';
import { BackendCaller } from './backend-caller.ts';
import { EXIT, exitCodeOf } from './exit-codes.ts';
import { Interrupts } from './interrupts.ts';
import type { Ending, Output } from './output.ts';
import { signInByFlags, type SignInFlags } from './sign-in-flags.ts';
import { UsageError } from './usage-error.ts';

/** What every command has around it. */
export interface CliHost {
  readonly data: string;
  readonly log: Log;
  readonly notices: HostNotices;
  readonly interrupts: Interrupts;
  readonly output: Output;
}

/** Runs a command to its end and ends the process with its exit code. Whatever happens is said in words. */
export async function runCommand(output: Output, work: (host: CliHost) => Promise<Ending>): Promise<never> {
  const say = (text: string) => void process.stderr.write(`${text}\n`);
  // Whoever reads us may go away; what is said then is said to nobody, and a load goes on.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  const data = dataFolder();
  const refused = await makeDataFolder(data).then(
    () => null,
    (error: unknown) => ({ error }),
  );
  const notices = new HostNotices((notice) => say(hostNoticeText(notice)));
  const log = openLog(data, notices);
  watchUnexpected(log, random, (failure) => {
    void output.end({ code: EXIT.operation, failure });
    process.exit(EXIT.operation);
  });
  const interrupts = new Interrupts(say, () => process.exit(EXIT.operation));
  interrupts.listen();
  let ending: Ending;
  try {
    if (refused !== null) throw refused.error;
    ending = await work({ data, log, notices, interrupts, output });
  } catch (error) {
    ending = endingOf(error, log);
  }
  await output.end(ending);
  // Not left to the event loop: a request that was called off may still wait for its answer.
  process.exit(ending.code);
}

function endingOf(error: unknown, log: Log): Ending {
  if (error instanceof UsageError) return { code: EXIT.usage, message: error.message };
  const failure = error instanceof FailureError ? error.failure : incident(log, random, 'a command failed', error);
  return { code: exitCodeOf(failure), failure };
}

/** The same backend without a screen: for CI, cron and scripts. */
export async function withBackend(
  { data, log, notices, interrupts, output }: CliHost,
  flags: SignInFlags & { readonly instanceUrl?: string; readonly resultsDir?: string; readonly outputFile?: string },
  run: (caller: BackendCaller, output: Output) => Promise<Ending>,
): Promise<Ending> {
  const session = environmentSession(flags.instanceUrl);
  const settings = await openSettings(data, { log, notices });
  const secrets = await openVault(notices);
  const practiceOrg = new PracticeOrgProcess(['--data', join(data, 'practice-org')]);
  const backend = createBackend({
    info: () => ({ version, host: 'cli', secretStore: secrets.store() }),
    notices: () => notices.all(),
    paths: { data },
    clock,
    random,
    log,
    fileChooser: { choose: () => Promise.resolve([]) },
    fileSaver: {
      save: async (path, name) => {
        const place = flags.outputFile ?? join(flags.resultsDir ?? '.', name);
        const target = resolve(place);
        await putFile(path, { path: target, place, makeFolder: true });
        return { kind: 'saved', fileName: target };
      },
    },
    secrets: secrets.vault,
    settings,
    openExternal: async (url) => {
      process.stderr.write(`Open this address to sign in: ${url}\n`);
      await open(url).catch(() => undefined);
    },
    systemProxy: noSystemProxy,
    spawnStaging,
    practiceOrg,
    environmentSession: session,
    officialCli: officialCli(),
  });
  try {
    const caller = new BackendCaller(backend, interrupts);
    caller.signedIn = await signInByFlags(caller, flags, interrupts.signal);
    return await run(caller, output);
  } finally {
    await backend.close();
    await practiceOrg.stop();
    await settings.flush();
  }
}
