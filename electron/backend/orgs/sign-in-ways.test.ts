import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { failureText } from '../../../shared/text/failure-text.ts';
import type { Failure } from '../../../shared/contract/failure.ts';
import { signInOnPages, startPracticeOrg } from '../test-support/start-backend.ts';
import { failureOf, openOrgs, ORG_ID } from '../test-support/test-orgs.ts';
import type { OrgDirectory } from './org-directory.ts';
import type { SignInSecret } from './sign-ins.ts';

/** Every way to connect, against a practice org over HTTP; and what of each may be seen where. */

const NEVER = new AbortController().signal;
const ADMIN = 'admin@practice.example';
const STANDARD = 'standard@practice.example';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });

let org: Awaited<ReturnType<typeof startPracticeOrg>>;
let folder: string;
let keyFile: string;
let as = ADMIN;
let opened: string[] = [];
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-ways-'));
  keyFile = join(folder, 'server.key');
  const certificate = join(folder, 'server.pub');
  await writeFile(keyFile, privateKey.export({ type: 'pkcs8', format: 'pem' }));
  await writeFile(certificate, publicKey.export({ type: 'spki', format: 'pem' }));
  org = await startPracticeOrg(['--records', '10', '--jwt-certificate', certificate]);
});
beforeEach(async () => {
  await org.faults([]);
  as = ADMIN;
  opened = [];
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await rm(join(folder, 'orgs'), { recursive: true, force: true });
});
afterAll(async () => {
  org.stop();
  await rm(folder, { recursive: true, force: true });
});

interface World {
  readonly orgs: OrgDirectory;
  readonly log: string[];
  readonly settings: Map<string, unknown>;
  readonly secrets: Map<string, string>;
}

/** A process; with the maps of another it is the next one on the same computer. */
function world(
  before: Pick<World, 'settings' | 'secrets'> = { settings: new Map(), secrets: new Map() },
  given: { instanceUrl: string; accessToken: string } | null = null,
): World {
  const { settings, secrets } = before;
  const { orgs, log } = openOrgs(
    folder,
    { settings, secrets },
    {
      given,
      openExternal: (url) => {
        opened.push(url);
        return signInOnPages(url, 'allow', as);
      },
      practiceOrg: { start: () => Promise.resolve({ url: org.url }) },
    },
  );
  closing.push(() => orgs.close());
  return { orgs, log, settings, secrets };
}

async function endSession(): Promise<void> {
  await org.faults([{ path: '/nonesuch', action: { kind: 'expire-session' } }]);
  await fetch(`${org.url}/nonesuch`);
  await org.faults([]);
}

/** Some token of the administrator, which other tests have not ended. */
async function freshToken(): Promise<string> {
  return (await org.admin<{ accessToken: string }>('POST', '/access-token', {})).accessToken;
}

const where = { loginUrl: '', clientId: 'TheKey' };
const secretOf = (secret: Record<string, string>): SignInSecret =>
  ({ ...where, loginUrl: org.url, ...secret }) as unknown as SignInSecret;

const custom = () => ({ kind: 'custom', loginUrl: org.url }) as const;

describe('in the browser', () => {
  test('the practice org and My Domain: with PKCE, and the key is kept for the address', async () => {
    const { orgs, settings } = world();
    expect(await failureOf(orgs.signIn(custom(), undefined, NEVER))).toEqual({ code: 'SIGN_IN_NEEDS_CLIENT_ID' });
    expect(await orgs.signIn({ kind: 'practice' }, undefined, NEVER)).toMatchObject({
      kind: 'practice',
      username: ADMIN,
      session: 'active',
      via: 'browser',
    });
    await orgs.signIn(custom(), 'MyKey', NEVER);
    expect(new URL(opened[1] ?? '').searchParams.get('code_challenge_method')).toBe('S256');
    expect(orgs.address(custom())).toEqual({ loginUrl: org.url, clientId: 'MyKey' });
    expect(orgs.address({ kind: 'production' })).toMatchObject({ clientId: null });
    expect(settings.get('consumerKeys')).toEqual({ [org.url]: 'MyKey' });
    await orgs.signIn(custom(), undefined, NEVER);
    expect(new URL(opened[2] ?? '').searchParams.get('client_id')).toBe('MyKey');
  });

  test('a key that was kept for all addresses before is still offered', () => {
    const { orgs } = world({ settings: new Map([['clientId', 'Former']]), secrets: new Map() });
    expect(orgs.address({ kind: 'sandbox' })).toEqual({
      loginUrl: 'https://test.salesforce.com',
      clientId: 'Former',
    });
  });

  test('again in place: as the same user, whose name is filled in; somebody else is refused and signed out', async () => {
    const { orgs } = world();
    const { orgId } = await orgs.signIn(custom(), 'MyKey', NEVER);
    await org.faults([{ path: '/services/data/', action: { kind: 'revoke-everything' } }]);
    expect(await failureOf(orgs.objects(orgId))).toMatchObject({ code: 'ORG_SESSION_EXPIRED' });
    expect((await orgs.list())[0]).toMatchObject({ session: 'expired' });
    as = STANDARD;
    expect(await failureOf(orgs.signInAgain(orgId, NEVER))).toEqual({
      code: 'SIGN_IN_OTHER_USER',
      wanted: ADMIN,
      got: STANDARD,
    });
    expect((await org.requests()).at(-1)).toMatchObject({ path: '/services/oauth2/revoke', status: 200 });
    expect(await orgs.list()).toMatchObject([{ username: ADMIN, session: 'expired' }]);
    as = ADMIN;
    expect(await orgs.signInAgain(orgId, NEVER)).toMatchObject({ orgId, session: 'active' });
    expect(new URL(opened.at(-1) ?? '').searchParams.get('login_hint')).toBe(ADMIN);
    expect((await orgs.objects(orgId)).length).toBeGreaterThan(5);
  });
});

describe('two users of one org', () => {
  test('are two entries with a session each, and one can be signed out of', async () => {
    const { orgs, secrets } = world();
    const admin = await orgs.signIn({ kind: 'practice' }, undefined, NEVER);
    as = STANDARD;
    const standard = await orgs.signIn({ kind: 'practice' }, undefined, NEVER);
    expect(standard.orgId.startsWith(`${admin.orgId}-005`)).toBe(true);
    expect((await orgs.list()).map(({ username }) => username)).toEqual([ADMIN, STANDARD]);
    const revenue = async (orgId: typeof admin.orgId) =>
      (await orgs.describe(orgId, 'Account')).fields.find(({ name }) => name === 'AnnualRevenue')?.updateable;
    expect([await revenue(admin.orgId), await revenue(standard.orgId)]).toEqual([true, false]);
    // Once more as the same user: the same entry.
    expect((await orgs.signIn({ kind: 'practice' }, undefined, NEVER)).orgId).toBe(standard.orgId);
    await orgs.signOut(admin.orgId);
    expect((await org.requests()).at(-1)).toMatchObject({ path: '/services/oauth2/revoke', status: 200 });
    expect([...secrets.keys()]).toEqual([`org-session-${standard.orgId}`]);
    expect(await orgs.list()).toMatchObject([{ username: STANDARD, session: 'active' }]);
    expect((await orgs.objects(standard.orgId)).length).toBeGreaterThan(5);
  });
});

test('a paused load is known by its user: who signs in later is never taken for them', async () => {
  const { orgs } = world();
  const admin = await orgs.signIn({ kind: 'practice' }, undefined, NEVER);
  await orgs.signOut(admin.orgId);
  as = STANDARD;
  expect((await orgs.signIn({ kind: 'practice' }, undefined, NEVER)).orgId).not.toBe(admin.orgId);
  expect(await failureOf(orgs.client(admin.orgId))).toEqual({ code: 'ORG_UNKNOWN' });
  as = ADMIN;
  expect((await orgs.signIn({ kind: 'practice' }, undefined, NEVER)).orgId).toBe(admin.orgId);
});

test('neither a pasted token nor one of the environment takes the place of a session that can be renewed', async () => {
  const first = world();
  const { orgId } = await first.orgs.signIn(custom(), 'MyKey', NEVER);
  const kept = first.secrets.get(`org-session-${orgId}`);
  await world(first).orgs.useToken(custom(), await freshToken(), true, NEVER);
  await world(first, { instanceUrl: org.url, accessToken: await freshToken() }).orgs.list();
  expect(first.secrets.get(`org-session-${orgId}`)).toBe(kept);
  await endSession();
  expect((await world(first).orgs.objects(orgId)).length).toBeGreaterThan(5);
});

describe('without a browser', () => {
  test.each([
    ['jwt', () => ({ kind: 'jwt', username: ADMIN, keyFile }), true],
    ['client credentials', () => ({ kind: 'client-credentials', clientSecret: 'the.consumer.secret' }), true],
    ['user name and password', () => ({ kind: 'password', username: ADMIN, password: 'practiceTOKEN' }), false],
  ])('%s: signed in, and renewed where that is possible', async (_name, secret, isRenewed) => {
    const first = world();
    const { orgId } = await first.orgs.signInWith(secretOf(secret()), NEVER);
    expect(await first.orgs.list()).toMatchObject([{ username: ADMIN, session: 'active', via: secret().kind }]);
    await endSession();
    const next = world(first);
    const called = failureOf(next.orgs.objects(orgId));
    expect(await called).toMatchObject({ code: isRenewed ? 'none' : 'ORG_SESSION_EXPIRED' });
    const again = failureOf(next.orgs.signInAgain(orgId, NEVER));
    expect(await again).toMatchObject({ code: isRenewed ? 'none' : 'NOT_SUPPORTED' });
  });

  test('the private key stays in its file, and a password is kept nowhere', async () => {
    const { orgs, secrets, settings } = world();
    await orgs.signInWith(secretOf({ kind: 'jwt', username: ADMIN, keyFile }), NEVER);
    await orgs.signInWith(secretOf({ kind: 'password', username: STANDARD, password: 'practiceTOKEN' }), NEVER);
    const kept = JSON.stringify([...secrets.values(), ...settings.values()]);
    expect(kept).not.toContain('PRIVATE KEY');
    expect(kept).not.toContain('practiceTOKEN');
  });

  test.each<[string, () => Record<string, string>, object, string, string]>([
    [
      'a user who has not been approved',
      () => ({ kind: 'jwt', username: 'unapproved@practice.example', keyFile }),
      {},
      'invalid_grant',
      'is not approved for the app',
    ],
    [
      'another key than the certificate’s',
      () => ({ kind: 'jwt', username: ADMIN, keyFile: join(folder, 'other.key') }),
      {},
      'invalid_grant',
      'did not accept the signature',
    ],
    [
      'another audience',
      () => ({ kind: 'jwt', username: ADMIN, keyFile, audience: 'https://login.salesforce.com' }),
      { jwtAudience: 'https://test.salesforce.com' },
      'invalid_grant',
      'does not accept signed assertions for this sign-in address',
    ],
    [
      'another consumer secret',
      () => ({ kind: 'client-credentials', clientSecret: 'wrong.secret' }),
      { consumerSecret: 'right' },
      'invalid_client',
      'consumer key with this consumer secret',
    ],
    [
      'an app that runs as nobody',
      () => ({ kind: 'client-credentials', clientSecret: 'right' }),
      { clientCredentialsUser: false },
      'invalid_grant',
      'no user to run as',
    ],
    [
      'a wrong password',
      () => ({ kind: 'password', username: ADMIN, password: 'wrong.secret' }),
      {},
      'invalid_grant',
      'this username and password',
    ],
  ])('%s: refused in words, and nobody is signed in', async (_name, secret, knobs, error, words) => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    await writeFile(join(folder, 'other.key'), other.export({ type: 'pkcs8', format: 'pem' }));
    await org.admin('PATCH', '/knobs', knobs);
    const { orgs, log } = world();
    const failure = await failureOf(orgs.signInWith(secretOf(secret()), NEVER));
    await org.admin('PATCH', '/knobs', { jwtAudience: '', consumerSecret: '', clientCredentialsUser: true });
    expect(failure).toMatchObject({ code: 'SIGN_IN_REFUSED', error });
    expect(failureText(failure as Failure).title).toContain(words);
    expect(JSON.stringify([failure, log])).not.toContain('wrong.secret');
    expect(await orgs.list()).toEqual([]);
  });

  test('a key file that is not there, or holds no key', async () => {
    const { orgs } = world();
    const none = secretOf({ kind: 'jwt', username: ADMIN, keyFile: join(folder, 'nowhere.key') });
    expect(await failureOf(orgs.signInWith(none, NEVER))).toEqual({
      code: 'KEY_FILE_UNREADABLE',
      fileName: 'nowhere.key',
      reason: 'ENOENT',
    });
    await writeFile(join(folder, 'some.key'), 'no key at all');
    const garbage = secretOf({ kind: 'jwt', username: ADMIN, keyFile: join(folder, 'some.key') });
    expect(await failureOf(orgs.signInWith(garbage, NEVER))).toMatchObject({ code: 'KEY_FILE_UNREADABLE', reason: '' });
  });
});

describe('a pasted token', () => {
  test('is for a quick look: not kept, unless asked for, and not revoked', async () => {
    const token = await freshToken();
    const first = world();
    const { orgId } = await first.orgs.useToken(custom(), token, false, NEVER);
    expect(await first.orgs.list()).toMatchObject([{ username: ADMIN, session: 'active', via: 'token' }]);
    expect(first.secrets.size).toBe(0);
    expect(await world(first).orgs.list()).toMatchObject([{ session: 'expired', sessionTrouble: 'missing' }]);
    await first.orgs.useToken(custom(), token, true, NEVER);
    expect(await world(first).orgs.check(orgId, NEVER)).toMatchObject({ session: 'active' });
    await first.orgs.signOut(orgId);
    expect(first.secrets.size).toBe(0);
    const { orgs } = world();
    await orgs.useToken(custom(), token, false, NEVER);
  });

  test('that is none, or goes to a host of somebody else, is not sent', async () => {
    const token = await freshToken();
    const { orgs } = world();
    expect(await failureOf(orgs.useToken(custom(), 'hunter2', false, NEVER))).toEqual({ code: 'TOKEN_INVALID' });
    const evil = orgs.useToken({ kind: 'custom', loginUrl: 'evil.example' }, token, false, NEVER);
    expect(await failureOf(evil)).toMatchObject({ code: 'LOGIN_URL_INVALID', why: 'host' });
    expect(await failureOf(orgs.useToken(custom(), '00D000000000001!dead', false, NEVER))).toMatchObject({
      code: 'ORG_SESSION_EXPIRED',
    });
    expect(await orgs.list()).toEqual([]);
  });
});

describe('after a restart', () => {
  test('an org is not called signed in before it was asked; one whose session ended needs a sign-in', async () => {
    const first = world();
    const { orgId } = await first.orgs.signIn(custom(), 'MyKey', NEVER);
    const next = world(first);
    expect(await next.orgs.list()).toMatchObject([{ session: 'unchecked' }]);
    expect(await next.orgs.check(orgId, NEVER)).toMatchObject({ session: 'active' });
    await org.faults([{ path: '/services/oauth2/userinfo', action: { kind: 'revoke-everything' } }]);
    const last = world(first);
    expect(await last.orgs.check(orgId, NEVER)).toMatchObject({ session: 'expired' });
    expect(await last.orgs.list()).toMatchObject([{ session: 'expired' }]);
    expect((await last.orgs.signInAgain(orgId, NEVER)).session).toBe('active');
  });

  test('an org that can’t be asked stays unchecked', async () => {
    const first = world();
    const { orgId } = await first.orgs.signIn(custom(), 'MyKey', NEVER);
    const next = world(first);
    await org.faults([{ path: 'userinfo', every: 1, action: { kind: 'reset', when: 'before' } }]);
    expect(await failureOf(next.orgs.check(orgId, NEVER))).toMatchObject({ code: 'ORG_UNREACHABLE' });
    expect(await next.orgs.list()).toMatchObject([{ session: 'unchecked' }]);
  });
});

test('no way to connect leaves a secret in settings, the log, or the addresses that are opened', async () => {
  const token = await freshToken();
  const { orgs, settings, secrets, log } = world();
  await orgs.signIn(custom(), 'MyKey', NEVER);
  await orgs.signInWith(secretOf({ kind: 'jwt', username: ADMIN, keyFile }), NEVER);
  await orgs.signInWith(secretOf({ kind: 'client-credentials', clientSecret: 'the.consumer.secret' }), NEVER);
  await orgs.signInWith(secretOf({ kind: 'password', username: ADMIN, password: 'practiceTOKEN' }), NEVER);
  await orgs.useToken(custom(), token, true, NEVER);
  await orgs.signOut(ORG_ID).catch(() => undefined);
  const seen = JSON.stringify([[...settings], log, opened, await orgs.list()]);
  for (const secret of ['the.consumer.secret', 'practiceTOKEN', token, '!AQ', '5Aep'])
    expect(seen).not.toContain(secret);
  expect(secrets.size).toBeGreaterThan(0);
  for (const { path } of await org.requests()) expect(path).not.toMatch(/!AQ|5Aep|secret|practiceTOKEN/);
});
