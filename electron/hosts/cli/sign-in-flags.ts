import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { OrgSummary } from '../../../shared/domain/org.ts';
import type { BackendCaller } from './backend-caller.ts';
import { readSecret } from './read-secret.ts';
import { UsageError } from './usage-error.ts';

/** Ways to sign in as part of a command, for CI: a machine without a keyring keeps no session from one command to the next. */
export interface SignInFlags {
  readonly login?: string;
  readonly clientId?: string;
  readonly username?: string;
  readonly jwtKeyFile?: string;
  readonly audience?: string;
  readonly clientCredentials?: boolean;
  readonly usernamePassword?: boolean;
  readonly accessTokenStdin?: boolean;
  readonly sf?: string | boolean;
}

const PRODUCTION = 'https://login.salesforce.com';

export function signInOptions(command: Command): Command {
  return command
    .option('--login <address>', 'where to sign in: login.salesforce.com, test.salesforce.com, or your My Domain')
    .option('--client-id <key>', 'consumer key of your External Client App')
    .option('--username <user>', 'with --jwt-key-file or --username-password: the user who signs in')
    .option('--jwt-key-file <file>', 'sign in with a JWT signed by the private key of the app’s certificate')
    .option('--audience <url>', 'with --jwt-key-file: the audience of the JWT (default: detected)')
    .option(
      '--client-credentials',
      'sign in as the app’s own user, with the secret from LONGSHORE_CLIENT_SECRET or standard input',
    )
    .option(
      '--username-password',
      'sign in with the password from LONGSHORE_PASSWORD, a prompt, or standard input, if the org allows it',
    )
    .option('--access-token-stdin', 'use an access token from standard input, for this command only');
}

/** Whether a command is to sign in by itself. */
export function signsIn(flags: SignInFlags): boolean {
  return (
    flags.jwtKeyFile !== undefined ||
    flags.clientCredentials === true ||
    flags.usernamePassword === true ||
    flags.accessTokenStdin === true
  );
}

/** Signs in as the flags say; null where they say nothing of it. Throws `UsageError` for flags that do not go together. */
export async function signInByFlags(
  caller: BackendCaller,
  flags: SignInFlags,
  signal: AbortSignal,
): Promise<OrgSummary | null> {
  if (!signsIn(flags)) return null;
  const ways = [flags.jwtKeyFile, flags.clientCredentials, flags.usernamePassword, flags.accessTokenStdin];
  if (ways.filter((way) => way !== undefined).length > 1) throw new UsageError('Choose one way to sign in.');
  if (flags.accessTokenStdin === true) {
    const loginUrl = wanted(flags.login, '--login with the org’s address');
    const accessToken = await readSecret('access token', null, signal);
    return caller.call('orgs.useToken', { target: { kind: 'custom', loginUrl }, accessToken, keep: false });
  }
  const clientId = wanted(flags.clientId, '--client-id');
  if (flags.clientCredentials === true) {
    const loginUrl = wanted(flags.login, '--login with the org’s My Domain');
    const clientSecret = await readSecret('consumer secret', 'LONGSHORE_CLIENT_SECRET', signal);
    return caller.signInWith({ kind: 'client-credentials', loginUrl, clientId, clientSecret });
  }
  const username = wanted(flags.username, '--username');
  const loginUrl = flags.login ?? PRODUCTION;
  if (flags.jwtKeyFile !== undefined) {
    const keyFile = resolve(flags.jwtKeyFile);
    const audience = flags.audience === undefined ? {} : { audience: flags.audience };
    return caller.signInWith({ kind: 'jwt', loginUrl, clientId, username, keyFile, ...audience });
  }
  const password = await readSecret('password', 'LONGSHORE_PASSWORD', signal);
  const clientSecret = process.env['LONGSHORE_CLIENT_SECRET'];
  const secret = clientSecret ? { clientSecret } : {};
  return caller.signInWith({ kind: 'password', loginUrl, clientId, username, password, ...secret });
}

function wanted(value: string | undefined, flag: string): string {
  if (value !== undefined) return value;
  throw new UsageError(`This way to sign in needs ${flag}.`);
}
