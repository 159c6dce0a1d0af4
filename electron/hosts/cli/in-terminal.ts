import type { Command } from 'commander';
import type { BackendCaller } from './backend-caller.ts';
import { TerminalOutput, type Ending, type Output } from './output.ts';
import { runCommand, withBackend } from './run-command.ts';
import type { SignInFlags } from './sign-in-flags.ts';

export type Shared = SignInFlags & {
  json?: boolean;
  resultsDir?: string;
  outputFile?: string;
  instanceUrl?: string;
  targetOrg?: string;
  off?: boolean;
};
/** What a command does. */
export type Run<F> = (caller: BackendCaller, flags: F, output: Output) => Promise<Ending>;

/** What all commands take. */
export function shared(command: Command): Command {
  return command
    .option('-o, --target-org <user or org>', 'the org to use (default: the only org you are signed in to)')
    .option('--instance-url <url>', 'the org that SF_ACCESS_TOKEN in the environment belongs to')
    .option('--data <folder>', 'use this data folder instead of the default one')
    .option('--json', 'print one JSON document instead of text');
}

export function inTerminal<F extends Shared>(flags: F, run: Run<F>): Promise<never> {
  return runCommand(new TerminalOutput(flags.json === true), (host) =>
    withBackend(host, flags, (caller, output) => run(caller, flags, output)),
  );
}
