import { createCipheriv, createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startPracticeOrg } from '../test-support/start-backend.ts';
import { failureOf, openOrgs, tokensOf } from '../test-support/test-orgs.ts';
import type { OrgDirectory } from './org-directory.ts';

/** Orgs of the official CLI: its files are made here as it makes them, and must never change. */

const NEVER = new AbortController().signal;
const ADMIN = 'admin@practice.example';
/** 16 random bytes in hex: a key of the first version, whose characters are the key. */
const KEY_V1 = randomBytes(16).toString('hex');
const KEY_V2 = randomBytes(32).toString('hex');

let org: Awaited<ReturnType<typeof startPracticeOrg>>;
let home: string;
let sf: string;
let keychain: string | null;
let renewed: string[];
let renewal: () => Promise<void>;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  org = await startPracticeOrg(['--records', '5']);
});
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), 'longshore-sf-'));
  sf = join(home, '.sfdx');
  await mkdir(sf);
  keychain = KEY_V1;
  renewed = [];
  renewal = () => Promise.resolve();
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await rm(home, { recursive: true, force: true });
});
afterAll(() => org.stop());

/** As sfdx-core's `Crypto.encryptV1` and `encryptV2`. */
function sealed(text: string, key = KEY_V1): string {
  const isHex = key.length === 64;
  const iv = isHex ? randomBytes(12) : Buffer.from(randomBytes(6).toString('hex'), 'utf8');
  const cipher = createCipheriv('aes-256-gcm', Buffer.from(key, isHex ? 'hex' : 'utf8'), iv);
  const body = cipher.update(text, 'utf8', 'hex') + cipher.final('hex');
  return `${iv.toString(isHex ? 'hex' : 'utf8')}${body}:${cipher.getAuthTag().toString('hex')}`;
}

async function authFile(fields: Record<string, unknown>, username = ADMIN): Promise<void> {
  const file = {
    orgId: '00D000000000001EAA',
    instanceUrl: org.url,
    loginUrl: org.url,
    clientId: 'PlatformCLI',
    ...fields,
  };
  await writeFile(join(sf, `${username}.json`), JSON.stringify({ username, ...file }));
}

/** The administrator's tokens in a file as `sf org login web` leaves it. */
async function signedIn(key = KEY_V1): Promise<{ accessToken: string; refreshToken: string }> {
  const tokens = await tokensOf(org.url);
  const { accessToken, refreshToken } = tokens;
  await authFile({ accessToken: sealed(accessToken, key), refreshToken: sealed(refreshToken, key) });
  return tokens;
}

function open(): { orgs: OrgDirectory; secrets: Map<string, string>; settings: Map<string, unknown>; log: string[] } {
  const maps = { settings: new Map<string, unknown>(), secrets: new Map<string, string>() };
  const { orgs, log } = openOrgs(home, maps, {
    officialCli: {
      folder: sf,
      keychainKey: () => Promise.resolve(keychain),
      renew: async (username) => {
        renewed.push(username);
        await renewal();
      },
    },
  });
  closing.push(() => orgs.close());
  return { orgs, log, ...maps };
}

/** Every file with its bytes and times. */
async function snapshot(): Promise<unknown[]> {
  const names = (await readdir(sf)).sort();
  return Promise.all(
    names.map(async (name) => {
      const { mtimeMs, ctimeMs, mode } = await stat(join(sf, name));
      return [
        name,
        createHash('sha256')
          .update(await readFile(join(sf, name)))
          .digest('hex'),
        mtimeMs,
        ctimeMs,
        mode,
      ];
    }),
  );
}

async function endSession(): Promise<void> {
  await org.faults([{ path: '/nonesuch', action: { kind: 'expire-session' } }]);
  await fetch(`${org.url}/nonesuch`);
  await org.faults([]);
}

const spentRefreshTokens = async () =>
  (await org.requests()).filter(({ path }) => path === '/services/oauth2/token').length;

test.each([
  ['in the keychain, first version', KEY_V1, true],
  ['in the keychain, second version', KEY_V2, true],
  ['in key.json', KEY_V1, false],
])('an org with its key %s is offered and used, and the files stay as they are', async (_name, key, inKeychain) => {
  await signedIn(key);
  keychain = inKeychain ? key : null;
  if (!inKeychain) await writeFile(join(sf, 'key.json'), JSON.stringify({ service: 'sfdx', account: 'local', key }));
  await writeFile(join(sf, 'alias.json'), JSON.stringify({ orgs: { dev: ADMIN, other: 'x@y.example' } }));
  const before = await snapshot();
  const { orgs, secrets, settings, log } = open();
  expect(await orgs.sfOrgs()).toEqual([
    { username: ADMIN, aliases: ['dev'], instanceHost: new URL(org.url).host, problem: null },
  ]);
  const { orgId } = await orgs.useSf(ADMIN, NEVER);
  expect(await orgs.list()).toMatchObject([{ username: ADMIN, via: 'sf', session: 'active' }]);
  expect((await orgs.objects(orgId)).length).toBeGreaterThan(5);
  await orgs.signOut(orgId);
  expect(await orgs.list()).toEqual([]);
  expect(await snapshot()).toEqual(before);
  expect(secrets.size, 'its tokens go into no vault of ours').toBe(0);
  expect(JSON.stringify([[...settings], log])).not.toMatch(/!AQ|5Aep/);
  // Signed out of here, and not there.
  expect((await open().orgs.useSf(ADMIN, NEVER)).session).toBe('active');
});

describe('what can’t be used is said for each org', () => {
  test('and the others go on', async () => {
    await signedIn();
    await authFile({ accessToken: sealed('x', KEY_V2) }, 'wrong@key.example');
    await writeFile(join(sf, 'damaged@file.example.json'), '{"accessToken":');
    await authFile({ accessToken: sealed('00D!x'), instanceUrl: 'https://evil.example' }, 'evil@host.example');
    await authFile({ accessToken: sealed('00D!x'), expirationDate: '2020-01-01' }, 'past@scratch.example');
    const { orgs } = open();
    const problems = Object.fromEntries((await orgs.sfOrgs()).map(({ username, problem }) => [username, problem]));
    expect(problems).toEqual({
      [ADMIN]: null,
      'wrong@key.example': 'wrong-key',
      'damaged@file.example': 'unreadable',
      'evil@host.example': 'unreadable',
      'past@scratch.example': 'past',
    });
    for (const [username, problem] of [
      ['wrong@key.example', 'wrong-key'],
      ['../key', 'gone'],
    ])
      expect(await failureOf(orgs.useSf(username ?? '', NEVER))).toEqual({
        code: 'SF_ORG_UNUSABLE',
        username,
        problem,
      });
  });

  test('without a key all of them', async () => {
    await signedIn();
    keychain = null;
    expect(await open().orgs.sfOrgs()).toMatchObject([{ problem: 'no-key' }]);
  });

  test('no CLI, no orgs', async () => {
    await rm(sf, { recursive: true });
    expect(await open().orgs.sfOrgs()).toEqual([]);
  });
});

describe('a session that has ended', () => {
  test('is renewed by the CLI itself, and its refresh token is never spent here', async () => {
    await signedIn();
    const { orgs } = open();
    const { orgId } = await orgs.useSf(ADMIN, NEVER);
    await endSession();
    // Taken by the CLI's own renewal, which writes the file; here the test does.
    renewal = async () => void (await signedIn());
    const before = await spentRefreshTokens();
    expect((await orgs.objects(orgId)).length).toBeGreaterThan(5);
    expect(renewed).toEqual([ADMIN]);
    expect((await spentRefreshTokens()) - before, 'the sign-in of the test').toBe(1);
  });

  test('that the CLI does not renew: told that it has to sign in, and goes on once it has', async () => {
    await signedIn();
    const { orgs } = open();
    const { orgId } = await orgs.useSf(ADMIN, NEVER);
    await endSession();
    const before = await snapshot();
    const spent = await spentRefreshTokens();
    expect(await failureOf(orgs.objects(orgId))).toEqual({ code: 'ORG_SESSION_EXPIRED', username: ADMIN, via: 'sf' });
    expect(await failureOf(orgs.signInAgain(orgId, NEVER))).toMatchObject({ via: 'sf' });
    expect(await spentRefreshTokens()).toBe(spent);
    expect(await snapshot()).toEqual(before);
    await signedIn();
    expect(await orgs.signInAgain(orgId, NEVER)).toMatchObject({ orgId, session: 'active' });
    expect((await orgs.objects(orgId)).length).toBeGreaterThan(5);
  });

  test('of an org signed in to by JWT is renewed here, in memory', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const keyFile = join(home, 'server.key');
    await writeFile(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
    const { accessToken } = await tokensOf(org.url);
    await authFile({ accessToken: sealed(accessToken), privateKey: keyFile, clientId: 'TheKey' });
    await endSession();
    const before = await snapshot();
    const { orgs, secrets } = open();
    const { orgId } = await orgs.useSf(ADMIN, NEVER);
    await endSession();
    expect((await orgs.objects(orgId)).length).toBeGreaterThan(5);
    await endSession();
    expect((await orgs.objects(orgId)).length, 'and again').toBeGreaterThan(5);
    expect(await snapshot()).toEqual(before);
    expect(secrets.size).toBe(0);
    expect(renewed).toEqual([]);
  });
});

test('the next process goes on with it, as the CLI has it then', async () => {
  await signedIn();
  const first = open();
  const { orgId } = await first.orgs.useSf(ADMIN, NEVER);
  const { orgs } = openOrgs(home, first, {
    officialCli: { folder: sf, keychainKey: () => Promise.resolve(keychain), renew: () => Promise.resolve() },
  });
  closing.push(() => orgs.close());
  expect(await orgs.list()).toMatchObject([{ session: 'unchecked', via: 'sf' }]);
  expect(await orgs.check(orgId, NEVER)).toMatchObject({ session: 'active' });
  await rm(join(sf, `${ADMIN}.json`));
  const last = openOrgs(home, first, {
    officialCli: { folder: sf, keychainKey: () => Promise.resolve(keychain), renew: () => Promise.resolve() },
  });
  closing.push(() => last.orgs.close());
  expect(await last.orgs.list()).toMatchObject([{ session: 'expired', sessionTrouble: 'sf' }]);
});
