import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { OrgId } from '../../../shared/domain/ids.ts';
import { startPracticeOrg } from '../test-support/start-backend.ts';
import { failureOf, handMade, keptOrg, openOrgs, ORG_ID, tokensOf } from '../test-support/test-orgs.ts';

let org: Awaited<ReturnType<typeof startPracticeOrg>>;
let folder: string;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  org = await startPracticeOrg(['--records', '10']);
});
beforeEach(async () => {
  await org.faults([]);
  folder = await mkdtemp(join(tmpdir(), 'longshore-orgs-'));
});
afterEach(async () => {
  for (const close of closing.splice(0)) await close();
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => org.stop());

const NONE = { settings: new Map<string, unknown>(), secrets: new Map<string, string>() };

function open(kept: ReturnType<typeof keptOrg>, options?: Parameters<typeof openOrgs>[2]) {
  const opened = openOrgs(folder, kept, options);
  closing.push(() => opened.orgs.close());
  return opened.orgs;
}

describe('a token from the environment', () => {
  test('is taken with the address it belongs to', async () => {
    const orgs = open(structuredClone(NONE), { given: { instanceUrl: `${org.url}/`, accessToken: org.accessToken } });
    expect(await orgs.list()).toMatchObject([{ session: 'active', instanceHost: new URL(org.url).host }]);
  });

  test('that is no good is an ended session, and tried again by the next who asks', async () => {
    const kept = structuredClone(NONE);
    const orgs = open(kept, { given: { instanceUrl: org.url, accessToken: '00D000000000001!wrong' } });
    expect(await failureOf(orgs.list())).toEqual({ code: 'ORG_SESSION_EXPIRED', username: '' });
    expect(await failureOf(orgs.list())).toEqual({ code: 'ORG_SESSION_EXPIRED', username: '' });
    expect(kept.secrets.size).toBe(0);
  });

  test('is sent to no address in plain text', async () => {
    const given = { instanceUrl: 'http://acme.my.salesforce.com', accessToken: org.accessToken };
    expect(await failureOf(open(structuredClone(NONE), { given }).list())).toMatchObject({ code: 'LOGIN_URL_INVALID' });
  });

  test('of an org that can’t be reached is said, and taken when it can be', async () => {
    const orgs = open(structuredClone(NONE), { given: { instanceUrl: org.url, accessToken: org.accessToken } });
    await org.faults([{ path: 'userinfo', every: 1, action: { kind: 'reset', when: 'before' } }]);
    expect(await failureOf(orgs.list())).toMatchObject({ code: 'ORG_UNREACHABLE' });
    await org.faults([]);
    expect(await orgs.list()).toHaveLength(1);
  });
});

test('everybody gets the same client, whoever asks first; an unknown org has none', async () => {
  const orgs = open(keptOrg(org.url, await tokensOf(org.url)));
  const clients = await Promise.all(Array.from({ length: 5 }, () => orgs.client(ORG_ID)));
  expect(new Set(clients).size).toBe(1);
  expect(await failureOf(orgs.client(OrgId.parse('00D000000000002EAA')))).toEqual({ code: 'ORG_UNKNOWN' });
});

describe('a secret that can’t be read costs one org a sign-in, never all', () => {
  const OTHER = OrgId.parse('00D000000000002EAA');
  const WHOLE = JSON.stringify({
    accessToken: 'x',
    refreshToken: null,
    instanceUrl: 'http://127.0.0.1:9',
    loginUrl: '',
    clientId: '',
  });

  /** The org of the tests, which works, beside another whose secret is as given. */
  async function beside(text: string | null) {
    const kept = keptOrg(org.url, await tokensOf(org.url));
    const [works] = kept.settings.get('orgs') as object[];
    kept.settings.set('orgs', [{ ...works, orgId: OTHER, username: 'other@example.com' }, works]);
    if (text !== null) kept.secrets.set(`org-session-${OTHER}`, text);
    return kept;
  }

  test.each([
    ['gone', null, 'missing'],
    ['cut off', '{"accessToken":', 'damaged'],
    ['of another shape', '{}', 'damaged'],
    ['of a newer version', JSON.stringify({ ...(JSON.parse(WHOLE) as object), version: 9 }), 'newer'],
  ])('%s', async (_name, secret, why) => {
    const kept = await beside(secret);
    const orgs = open(kept);
    expect(await orgs.list()).toMatchObject([
      { orgId: OTHER, session: 'expired', sessionTrouble: why },
      { orgId: ORG_ID, session: 'unchecked' },
    ]);
    const needsSignIn = { code: 'ORG_SESSION_EXPIRED', username: 'other@example.com', why };
    expect(await failureOf(orgs.client(OTHER))).toEqual(needsSignIn);
    expect((await orgs.objects(ORG_ID)).length).toBeGreaterThan(5);
    expect(kept.settings.get('orgs'), 'another computer’s keychain may have it').toMatchObject([
      { session: 'active' },
      { session: 'active' },
    ]);
    expect(kept.secrets.get(`org-session-${OTHER}`) ?? null, 'and it is left as it is').toBe(secret);
  });

  test.each([
    ['locked', Object.assign(new Error('x'), { code: 'GenericFailure' })],
    ['denied', new Error('access denied')],
    ['not there', Object.assign(new Error('x'), { code: 'NoStorageAccess' })],
  ])('a keychain that is %s for one org, until it is not', async (_name, error) => {
    const kept = await beside(WHOLE);
    let refuses = true;
    const { orgs, log } = openOrgs(folder, kept, {
      secrets: {
        get: (name) =>
          refuses && name.includes(OTHER) ? Promise.reject(error) : Promise.resolve(kept.secrets.get(name) ?? null),
      },
    });
    closing.push(() => orgs.close());
    expect(await orgs.list()).toMatchObject([
      { session: 'expired', sessionTrouble: 'refused' },
      { session: 'unchecked' },
    ]);
    expect((await orgs.objects(ORG_ID)).length).toBeGreaterThan(5);
    expect(await failureOf(orgs.client(OTHER))).toMatchObject({ code: 'ORG_SESSION_EXPIRED', why: 'refused' });
    expect(log.join()).toContain('refused');
    refuses = false;
    await orgs.client(OTHER);
    expect((await orgs.list())[0]).not.toHaveProperty('sessionTrouble');
  });

  test('a keychain that answers nobody: every org needs a sign-in, which works and says that it will not last', async () => {
    const kept = structuredClone(NONE);
    const { orgs } = openOrgs(folder, kept, {
      secrets: { get: () => Promise.reject(new Error('locked')), set: () => Promise.reject(new Error('locked')) },
    });
    closing.push(() => orgs.close());
    const target = { kind: 'custom', loginUrl: org.url } as const;
    const { orgId } = await orgs.useToken(target, org.accessToken, true, AbortSignal.timeout(10_000));
    expect(await orgs.list()).toMatchObject([{ orgId, session: 'active', sessionTrouble: 'not-kept' }]);
    expect((await orgs.objects(orgId)).length).toBeGreaterThan(5);
  });
});

describe('what another process did meanwhile', () => {
  test('an org that it signed in to is there, and one that it signed out of is gone', async () => {
    const kept = keptOrg(org.url, await tokensOf(org.url));
    const mine = open(kept);
    const [shared] = await mine.list();
    const OTHER = OrgId.parse('00D000000000002EAA');
    kept.settings.set('orgs', [{ ...shared, orgId: OTHER }]);
    kept.secrets.set(`org-session-${OTHER}`, kept.secrets.get(`org-session-${ORG_ID}`) ?? '');
    expect(await mine.list()).toMatchObject([{ orgId: OTHER, session: 'unchecked' }]);
    expect((await mine.objects(OTHER)).length).toBeGreaterThan(5);
    expect(await failureOf(mine.client(ORG_ID))).toEqual({ code: 'ORG_UNKNOWN' });
  });

  test('a session that had ended here goes on once it signed in again', async () => {
    const kept = keptOrg(org.url);
    const mine = open(kept);
    expect(await failureOf(mine.objects(ORG_ID))).toMatchObject({ code: 'ORG_SESSION_EXPIRED' });
    expect(await failureOf(mine.client(ORG_ID))).toMatchObject({ code: 'ORG_SESSION_EXPIRED' });
    expect(kept.settings.get('orgs')).toMatchObject([{ session: 'expired' }]);
    kept.secrets.set(
      `org-session-${ORG_ID}`,
      keptOrg(org.url, await tokensOf(org.url)).secrets.get(`org-session-${ORG_ID}`) ?? '',
    );
    expect((await mine.objects(ORG_ID)).length).toBeGreaterThan(5);
    expect(await mine.list()).toMatchObject([{ session: 'active' }]);
  });
});

test('one who is called off leaves a describe to the others; it is asked for once', async () => {
  let answer = (): void => undefined;
  let arrived = (): void => undefined;
  const seen = new Promise<void>((resolve) => (arrived = resolve));
  const describe = await (
    await fetch(`${org.url}/services/data/v66.0/sobjects/Account/describe`, {
      headers: { authorization: `Bearer ${org.accessToken}` },
    })
  ).text();
  const server = await handMade((_request, response) => {
    answer = () => response.writeHead(200, { 'content-type': 'application/json' }).end(describe);
    arrived();
  });
  closing.push(() => server.close());
  const orgs = open(keptOrg(server.url));
  const cancel = new AbortController();
  const mine = failureOf(orgs.describe(ORG_ID, 'Account', false, cancel.signal));
  const theirs = orgs.describe(ORG_ID, 'account');
  await seen;
  cancel.abort();
  expect(await mine).toEqual({ code: 'CANCELLED' });
  answer();
  expect((await theirs).name).toBe('Account');
  expect(server.requests).toHaveLength(1);
});
