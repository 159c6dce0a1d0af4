import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { OfficialCli } from '../../backend/ports.ts';
import { FailureError } from '../../../shared/contract/failure.ts';

/** A keychain that asks its owner waits for an answer; one that is silent this long is not going to answer. */
const KEYCHAIN_TIMEOUT = 20_000;
/** The CLI starts in seconds and asks its org once. */
const RENEW_TIMEOUT = 45_000;
/** What a user name of Salesforce is made of; nothing that any shell or program could take for something else. */
const USERNAME = /^[A-Za-z0-9][\w.+'-]*@[\w.-]+$/;

/** The keychain entry that the official CLI makes (sfdx-core, `keyChainImpl.ts`): service `sfdx`, account `local`. */
const KEYCHAINS: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['/usr/bin/security', 'find-generic-password', '-a', 'local', '-s', 'sfdx', '-w'],
  linux: ['/usr/bin/secret-tool', 'lookup', 'user', 'local', 'domain', 'sfdx'],
};

/** The `sf` of the person who runs this process. */
export function officialCli(environment: NodeJS.ProcessEnv = process.env): OfficialCli {
  return {
    folder: join(homedir(), '.sfdx'),
    keychainKey: async () => {
      // On Windows, and where this is set, the CLI keeps its key in a file (sfdx-core, `keyChain.ts`).
      const program = environment['SF_USE_GENERIC_UNIX_KEYCHAIN'] === 'true' ? undefined : KEYCHAINS[process.platform];
      if (program === undefined) return null;
      const [file, ...args] = program;
      const said = await outputOf(file, args, AbortSignal.timeout(KEYCHAIN_TIMEOUT));
      return said === null || said.trim() === '' ? null : said.trim();
    },
    renew: async (username, signal) => {
      // `org display` renews a session before it shows anything of it (plugin-org, `display.ts`). Windows would need a shell.
      if (process.platform !== 'win32' && USERNAME.test(username)) {
        const ending = AbortSignal.any([signal, AbortSignal.timeout(RENEW_TIMEOUT)]);
        await outputOf('sf', ['org', 'display', '--target-org', username, '--json'], ending);
      }
      if (signal.aborted) throw new FailureError({ code: 'CANCELLED' });
    },
  };
}

/** What a program prints; null if there is none, or it ends badly or too late. What it complains of is nobody's to read. */
function outputOf(file: string, args: readonly string[], signal: AbortSignal): Promise<string | null> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { stdio: ['ignore', 'pipe', 'ignore'], signal, windowsHide: true });
    let said = '';
    child.stdout.on('data', (chunk: Buffer) => (said += chunk.toString('utf8')));
    child.on('error', () => resolve(null));
    child.on('close', (code) => resolve(code === 0 ? said : null));
  });
}
