import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { SfOrg, SfProblem } from '../../../shared/domain/org.ts';
import { parseJson } from '../parse-json.ts';
import type { Clock, OfficialCli } from '../ports.ts';
import { allowedInstance, isLoopback, isSafeUrl, isSalesforceHost } from './instance-url.ts';
import type { StoredSession } from './org-session.ts';
import { decrypted, isEncrypted } from './sf-secrets.ts';
import { audienceOf } from './token-grants.ts';

/** An auth file is named by its user (sfdx-core, `OrgAccessor`); other files lie beside them. */
const AUTH_FILE = /^[^.][^@]*@[^.]+(?:\.[^.\s]+)+\.json$/;
/** What is used of an auth file (sfdx-core, `AuthFields`). `privateKey` is the path of a key, of an org signed in to by JWT. */
const AuthFile = z.object({
  username: z.string().optional(),
  accessToken: z.string().min(1),
  refreshToken: z.string().optional(),
  privateKey: z.string().optional(),
  clientId: z.string().optional(),
  instanceUrl: z.string(),
  loginUrl: z.string().optional(),
  expirationDate: z.string().optional(),
});
type AuthFile = z.infer<typeof AuthFile>;

const Aliases = z.object({ orgs: z.record(z.string(), z.string()) });
/** The key where there is no keychain (sfdx-core, `GenericKeychainAccess`). */
const KeyFile = z.object({ service: z.literal('sfdx'), account: z.literal('local'), key: z.string() });

/**
 * The orgs that the official CLI is signed in to, from its own files. Nothing is ever written there. Nor is a refresh token of its
 * used: with rotation on, which nothing in the file tells, that would end its own session, and the reuse of a spent one ends
 * every session of that sign-in (Salesforce Help 005316711). It is asked to renew, or the person is; by JWT a session is renewed here.
 */
export class SfOrgs {
  readonly #cli: OfficialCli | null;
  readonly #clock: Clock;
  /** Sessions that were renewed here, by user, with the access token of the file that they stand in for. */
  readonly #renewed = new Map<string, { readonly inFile: string; readonly session: StoredSession }>();

  constructor(cli: OfficialCli | undefined, clock: Clock) {
    this.#cli = cli ?? null;
    this.#clock = clock;
  }

  /** All of them, those that can't be used with the reason. */
  async list(): Promise<SfOrg[]> {
    const cli = this.#cli;
    if (cli === null) return [];
    const names = await readdir(cli.folder).catch(() => []);
    const usernames = names.filter((name) => AUTH_FILE.test(name)).map((name) => name.slice(0, -'.json'.length));
    if (usernames.length === 0) return [];
    const aliases = Aliases.safeParse(await jsonOf(join(cli.folder, 'alias.json'))).data?.orgs ?? {};
    const keys = await this.#keys(cli);
    return Promise.all(
      usernames.sort().map(async (username) => {
        const found = await this.#read(cli, username, keys);
        return {
          username,
          aliases: Object.keys(aliases).filter((alias) => aliases[alias] === username),
          instanceHost: found.host,
          problem: 'problem' in found ? found.problem : null,
        };
      }),
    );
  }

  /** The session as the CLI has it now, or as it was renewed here since. Throws `SF_ORG_UNUSABLE`. */
  async session(username: string): Promise<StoredSession> {
    const cli = this.#cli;
    const names = cli === null ? [] : await readdir(cli.folder).catch(() => []);
    // Looked for in the list, so that no name leads out of the folder.
    if (cli === null || !names.includes(`${username}.json`)) throw unusable(username, 'gone');
    const found = await this.#read(cli, username, await this.#keys(cli));
    if ('problem' in found) throw unusable(username, found.problem);
    const renewed = this.#renewed.get(username);
    return renewed?.inFile === found.session.accessToken ? renewed.session : found.session;
  }

  /** Keeps a session that was renewed here, in memory, until the CLI has another one. */
  async keep(session: StoredSession): Promise<void> {
    const { username } = session;
    const before = this.#renewed.get(username);
    const shown = await this.session(username);
    const inFile = before?.session.accessToken === shown.accessToken ? before.inFile : shown.accessToken;
    if (session.accessToken !== shown.accessToken) this.#renewed.set(username, { inFile, session });
  }

  async renew(username: string, signal: AbortSignal): Promise<void> {
    await this.#cli?.renew(username, signal);
  }

  async #keys(cli: OfficialCli): Promise<string[]> {
    const kept = KeyFile.safeParse(await jsonOf(join(cli.folder, 'key.json'))).data?.key;
    return [await cli.keychainKey(), kept].filter((key) => typeof key === 'string');
  }

  async #read(
    { folder }: OfficialCli,
    username: string,
    keys: readonly string[],
  ): Promise<{ host: string; session: StoredSession } | { host: string; problem: SfProblem }> {
    const file = AuthFile.safeParse(await jsonOf(join(folder, `${username}.json`))).data;
    const instanceUrl = file === undefined ? null : orgAddress(file.instanceUrl);
    if (file === undefined || instanceUrl === null) return { host: '', problem: 'unreadable' };
    const { host } = new URL(instanceUrl);
    if (file.expirationDate !== undefined && dayIsPast(file.expirationDate, this.#clock.now()))
      return { host, problem: 'past' };
    const accessToken = isEncrypted(file.accessToken) ? opened(file.accessToken, keys) : file.accessToken;
    if (accessToken === null) return { host, problem: keys.length === 0 ? 'no-key' : 'wrong-key' };
    return { host, session: sessionIn(file, username, instanceUrl, accessToken) };
  }
}

function sessionIn(file: AuthFile, username: string, instanceUrl: string, accessToken: string): StoredSession {
  const given = file.loginUrl === undefined ? null : orgAddress(file.loginUrl);
  const loginUrl = given !== null && allowedInstance(instanceUrl, given) !== null ? given : instanceUrl;
  const keyFile = file.refreshToken === undefined ? file.privateKey : undefined;
  return {
    accessToken,
    refreshToken: null,
    instanceUrl,
    loginUrl,
    // sfdx-core, `DEFAULT_CONNECTED_APP_INFO`.
    clientId: file.clientId ?? 'PlatformCLI',
    username,
    renewBy: keyFile === undefined ? { kind: 'sf' } : { kind: 'jwt', keyFile, audience: audienceOf(loginUrl) },
  };
}

function opened(text: string, keys: readonly string[]): string | null {
  for (const key of keys) {
    const plain = decrypted(text, key);
    if (plain !== null) return plain;
  }
  return null;
}

/** The origin of an address in an auth file; null for none that a token may go to. */
function orgAddress(address: string): string | null {
  const url = URL.parse(address);
  if (url === null || !isSafeUrl(url)) return null;
  return isLoopback(url.hostname) || isSalesforceHost(url.hostname) ? url.origin : null;
}

/** `expirationDate` is the last day of a scratch org, as `2026-11-25`. */
function dayIsPast(day: string, now: number): boolean {
  const begin = Date.parse(day);
  return !Number.isNaN(begin) && begin + 24 * 3600_000 < now;
}

function unusable(username: string, problem: SfProblem): FailureError {
  return new FailureError({ code: 'SF_ORG_UNUSABLE', username, problem });
}

/** What a JSON file says; null for none that can be read. */
async function jsonOf(path: string): Promise<unknown> {
  return parseJson(await readFile(path, 'utf8').catch(() => ''));
}
