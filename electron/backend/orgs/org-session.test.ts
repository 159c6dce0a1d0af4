import { fork } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startPracticeOrg } from '../test-support/start-backend.ts';
import {
  failureOf,
  handMade,
  keptOrg,
  openOrgs,
  ORG_ID,
  sendJson,
  stoppedClock,
  tokensOf,
  type HandMade,
} from '../test-support/test-orgs.ts';

/** The tokens of an org: who renews them, when they are kept, and where they may go. */

const NEVER = new AbortController().signal;
const SECRET_NAME = `org-session-${ORG_ID}`;
const FINE = { code: 'none' };
const EXPIRED = { code: 'ORG_SESSION_EXPIRED', username: 'admin@practice.example' };

let org: Awaited<ReturnType<typeof startPracticeOrg>>;
let folder: string;
const closing: (() => Promise<unknown>)[] = [];

beforeAll(async () => {
  org = await startPracticeOrg(['--records', '10', '--knob', 'rotateRefreshTokens=true']);
});
beforeEach(async () => {
  await org.faults([]);
  folder = await mkdtemp(join(tmpdir(), 'longshore-session-'));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => org.stop());

function open(kept: ReturnType<typeof keptOrg>, options?: Parameters<typeof openOrgs>[2]) {
  const opened = openOrgs(folder, kept, options);
  closing.push(() => opened.orgs.close());
  return opened;
}

async function serverOf(answer: Parameters<typeof handMade>[0]): Promise<HandMade> {
  const server = await handMade(answer);
  closing.push(() => server.close());
  return server;
}

async function refreshes(): Promise<number> {
  return (await org.requests()).filter(({ path }) => path === '/services/oauth2/token').length;
}

async function endSession(): Promise<void> {
  await org.faults([{ path: '/nonesuch', action: { kind: 'expire-session' } }]);
  await fetch(`${org.url}/nonesuch`);
  await org.faults([]);
}

/** What the vault holds of the org. */
function keptTokens(secrets: Map<string, string>): { accessToken: string; refreshToken: string; instanceUrl: string } {
  return JSON.parse(secrets.get(SECRET_NAME) ?? '{}') as ReturnType<typeof keptTokens>;
}

describe('processes with one vault', () => {
  /** A process that waits for a word, and what it says then. */
  async function processOf(how = ''): Promise<{ go: () => Promise<unknown>; ended: Promise<unknown> }> {
    const main = fileURLToPath(new URL('../test-support/use-org.ts', import.meta.url));
    const child = fork(main, [folder, org.url, how]);
    closing.push(() => Promise.resolve(child.kill()));
    await new Promise((resolve) => child.once('message', resolve));
    const ended = new Promise((resolve) => child.once('exit', (_code, signal) => resolve(signal)));
    const go = () => {
      const said = new Promise((resolve) => child.once('message', resolve));
      child.send('go');
      return said;
    };
    return { go, ended };
  }

  async function keep(): Promise<void> {
    const { secrets } = keptOrg(org.url, await tokensOf(org.url));
    await writeFile(join(folder, 'vault.json'), JSON.stringify(Object.fromEntries(secrets)));
  }

  test('two that find the session ended at once renew it once (R30)', async () => {
    await keep();
    const processes = await Promise.all([processOf(), processOf(), processOf()]);
    await endSession();
    const before = await refreshes();
    expect(await Promise.all(processes.map(({ go }) => go()))).toMatchObject([FINE, FINE, FINE]);
    expect((await refreshes()) - before).toBe(1);
    await endSession();
    expect(await processes[0].go()).toMatchObject(FINE);
    expect(await processes[1].go(), 'the rotated token was found by the other').toMatchObject(FINE);
    expect((await refreshes()) - before).toBe(2);
  });

  test('killed between the answer and its keeping: said once, and a sign-in heals it (R29)', async () => {
    await keep();
    const dying = await processOf('die');
    const next = await processOf();
    await endSession();
    void dying.go();
    expect(await dying.ended).toBe('SIGKILL');
    expect(await next.go()).toEqual(EXPIRED);
    await keep();
    expect(await (await processOf()).go()).toMatchObject(FINE);
  });
});

test('new tokens are kept before they are used', async () => {
  const uses: string[] = [];
  const server = await serverOf((request, response) => {
    if (request.url === '/services/oauth2/token')
      return sendJson(response, 200, { access_token: 'new', refresh_token: 'rotated', instance_url: server.url });
    if (request.headers.authorization !== 'Bearer new') return sendJson(response, 401, []);
    uses.push(keptTokens(local.secrets).accessToken + keptTokens(local.secrets).refreshToken);
    sendJson(response, 200, { sobjects: [] });
  });
  const local = keptOrg(server.url);
  await (await open(local).orgs.client(ORG_ID)).objects(NEVER);
  expect(uses).toEqual(['newrotated']);
});

test('a vault that does not take them: said, not used, and not asked for again when it does', async () => {
  let broken = true;
  const kept = keptOrg(org.url, await tokensOf(org.url));
  const { orgs } = open(kept, {
    secrets: {
      set: (name, value) => {
        if (broken) return Promise.reject(new Error(`locked, so ${value} was not kept`));
        kept.secrets.set(name, value);
        return Promise.resolve();
      },
    },
  });
  const client = await orgs.client(ORG_ID);
  await endSession();
  const before = await refreshes();
  expect(await failureOf(client.objects(NEVER))).toEqual({
    code: 'DISK_REFUSED',
    what: 'the session to the keychain',
    reason: 'Error',
  });
  broken = false;
  await client.objects(NEVER);
  expect((await refreshes()) - before).toBe(1);
});

test('a session that somebody else signed in to meanwhile is not taken over', async () => {
  const kept = keptOrg(org.url, await tokensOf(org.url));
  const { orgs } = open(kept);
  const client = await orgs.client(ORG_ID);
  await client.objects(NEVER);
  await endSession();
  const renewed = await tokensOf(org.url);
  const before = await refreshes();
  const session = keptTokens(kept.secrets);
  kept.secrets.set(SECRET_NAME, JSON.stringify({ ...session, ...renewed, username: 'standard@practice.example' }));
  expect(await failureOf(client.objects(NEVER))).toEqual(EXPIRED);
  expect((await refreshes()) - before).toBe(0);
  expect((await orgs.list())[0]?.session, 'theirs goes on').toBe('active');
});

test('a session that was renewed elsewhere by the same user is taken over without a refresh', async () => {
  const kept = keptOrg(org.url, await tokensOf(org.url));
  const client = await open(kept).orgs.client(ORG_ID);
  await endSession();
  kept.secrets.set(SECRET_NAME, JSON.stringify({ ...keptTokens(kept.secrets), ...(await tokensOf(org.url)) }));
  const before = await refreshes();
  await client.objects(NEVER);
  expect((await refreshes()) - before).toBe(0);
});

test('many callers at once renew once', async () => {
  const client = await open(keptOrg(org.url, await tokensOf(org.url))).orgs.client(ORG_ID);
  await endSession();
  const before = await refreshes();
  await Promise.all(Array.from({ length: 12 }, () => client.objects(NEVER)));
  expect((await refreshes()) - before).toBe(1);
});

test('a token endpoint that fails for a while does not end the session', async () => {
  const kept = keptOrg(org.url, await tokensOf(org.url));
  const { orgs } = open(kept);
  const client = await orgs.client(ORG_ID);
  await endSession();
  const failing: [unknown, string][] = [
    [{ kind: 'html', status: 200 }, 'ORG_ANSWER_UNREADABLE'],
    [{ kind: 'html', status: 502 }, 'ORG_ANSWER_UNREADABLE'],
    // Refused in REST's shape, which is none of OAuth's.
    [{ kind: 'status', status: 400, errorCode: 'BULK_API_ERROR', message: 'x' }, 'ORG_ANSWER_UNREADABLE'],
    [{ kind: 'reset', when: 'before' }, 'ORG_UNREACHABLE'],
    [{ kind: 'redirect', location: 'https://evil.example/' }, 'ORG_REDIRECT_REFUSED'],
  ];
  for (const [action, code] of failing) {
    await org.faults([{ path: '/services/oauth2/token', every: 1, action }]);
    expect(await failureOf(client.objects(NEVER))).toMatchObject({ code });
    expect((await orgs.list())[0]?.session).toBe('unchecked');
  }
  await org.faults([]);
  await client.objects(NEVER);
});

describe('an org that moves (R40)', () => {
  test('is followed to an allowed address, with what is shown of it', async () => {
    const kept = keptOrg(org.url, await tokensOf(org.url));
    const { orgs } = open(kept);
    const client = await orgs.client(ORG_ID);
    const moved = org.url.replace('127.0.0.1', 'localhost');
    await endSession();
    await org.faults([{ path: '/services/oauth2/token', action: { kind: 'move-instance', url: `${moved}/` } }]);
    await client.objects(NEVER);
    expect(client.host).toBe(new URL(moved).host);
    expect((await orgs.list())[0]?.instanceHost).toBe(new URL(moved).host);
    expect(keptTokens(kept.secrets).instanceUrl).toBe(moved);
    expect(kept.settings.get('orgs')).toMatchObject([{ instanceHost: new URL(moved).host }]);
  });

  test('to an address that is not allowed is not followed: nothing is sent there, each time anew', async () => {
    const kept = keptOrg(org.url, await tokensOf(org.url));
    const { orgs } = open(kept);
    const client = await orgs.client(ORG_ID);
    await endSession();
    const action = { kind: 'move-instance', url: 'https://evil.example' };
    await org.faults([{ path: '/services/oauth2/token', times: 2, action }]);
    const refused = { code: 'ORG_REDIRECT_REFUSED', host: 'evil.example' };
    expect(await failureOf(client.objects(NEVER))).toEqual(refused);
    expect(await failureOf(client.objects(NEVER))).toEqual(refused);
    expect(client.host).toBe(new URL(org.url).host);
    await client.objects(NEVER);
  });
});

test('a backend that closes waits for tokens on their way', async () => {
  let answer = (): void => undefined;
  let arrived = (): void => undefined;
  const seen = new Promise<void>((resolve) => (arrived = resolve));
  const server = await serverOf((request, response) => {
    if (request.url !== '/services/oauth2/token') return sendJson(response, 401, []);
    answer = () => sendJson(response, 200, { access_token: 'new', refresh_token: 'next', instance_url: server.url });
    arrived();
  });
  const kept = keptOrg(server.url);
  const { orgs } = openOrgs(folder, kept, { clock: stoppedClock() });
  const called = failureOf((await orgs.client(ORG_ID)).objects(NEVER));
  await seen;
  const closed = orgs.close();
  answer();
  await closed;
  expect(await called).toEqual({ code: 'CONNECTION_LOST' });
  expect(keptTokens(kept.secrets)).toMatchObject({ accessToken: 'new', refreshToken: 'next' });
});

test('signing out revokes the token at the org, and forgets it where the org can’t be told', async () => {
  const kept = keptOrg(org.url, await tokensOf(org.url));
  const { orgs, log } = open(kept);
  await org.faults([{ path: '/services/oauth2/revoke', action: { kind: 'html', status: 500 } }]);
  await orgs.signOut(ORG_ID);
  expect(kept.secrets.size).toBe(0);
  expect(kept.settings.get('orgs')).toEqual([]);
  expect(log.join('\n')).toContain('the org did not take the revocation');
  expect(await failureOf(orgs.client(ORG_ID))).toEqual({ code: 'ORG_UNKNOWN' });
  expect(await readFile(join(folder, 'orgs', `${ORG_ID}.lock`), 'utf8').catch(() => 'gone')).toBe('gone');
});
