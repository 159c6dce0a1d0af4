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

test('a session that can’t be read in the vault is an ended one', async () => {
  for (const found of ['{"accessToken":', '{}', null]) {
    const kept = keptOrg(org.url);
    if (found === null) kept.secrets.clear();
    else kept.secrets.set(`org-session-${ORG_ID}`, found);
    expect(await failureOf(open(kept).client(ORG_ID))).toMatchObject({ code: 'ORG_SESSION_EXPIRED' });
  }
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
