import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import { createServer as createNetServer, type AddressInfo, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { generate } from 'selfsigned';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { z } from 'zod';
import { startPracticeOrg } from '../test-support/start-backend.ts';
import {
  failureOf,
  handMade,
  keptOrg,
  notingClock,
  openOrgs,
  ORG_ID,
  SECRET,
  sendJson,
  stoppedClock,
  tokensOf,
  type HandMade,
} from '../test-support/test-orgs.ts';
import { BACK_OFF } from './back-off.ts';
import type { OrgClient } from './org-client.ts';

/** The contract of the client, held to a practice org over HTTP, and to small servers for what that does not do. */

const NEVER = new AbortController().signal;
const QUERY = 'SELECT Id, Name FROM Account ORDER BY Name';

let org: Awaited<ReturnType<typeof startPracticeOrg>>;
let folder: string;
const closing: (() => Promise<void>)[] = [];

beforeAll(async () => {
  org = await startPracticeOrg(['--records', '30', '--knob', 'restQueryPage=10']);
});
beforeEach(async () => {
  await org.faults([]);
  folder = await mkdtemp(join(tmpdir(), 'longshore-client-'));
});
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close();
  await rm(folder, { recursive: true, force: true });
});
afterAll(() => org.stop());

/** A client as everybody gets it, of the practice org or of a small server. */
async function clientOf(
  url = org.url,
  options: Parameters<typeof openOrgs>[2] = {},
): Promise<{ client: OrgClient } & ReturnType<typeof openOrgs> & { kept: ReturnType<typeof keptOrg> }> {
  const kept = url === org.url ? keptOrg(url, await tokensOf(url)) : keptOrg(url);
  const opened = openOrgs(folder, kept, options);
  closing.push(() => opened.orgs.close());
  return { client: await opened.orgs.client(ORG_ID), kept, ...opened };
}

async function serverOf(answer: Parameters<typeof handMade>[0]): Promise<HandMade> {
  const server = await handMade(answer);
  closing.push(() => server.close());
  return server;
}

/** Every way to ask, by name. What a client must never do it must not do in any of them. */
const WAYS: Record<string, (client: OrgClient, signal?: AbortSignal) => Promise<unknown>> = {
  describe: (client, signal = NEVER) => client.describe('Account', signal),
  objects: (client, signal = NEVER) => client.objects(signal),
  query: (client, signal = NEVER) => client.query(QUERY, signal),
  count: (client, signal = NEVER) => client.count('SELECT COUNT() FROM Account', signal),
  'user info': (client, signal = NEVER) => client.userInfo(signal),
  'a GET': (client, signal = NEVER) => client.json('GET', 'limits', z.unknown(), signal),
  'a POST': (client, signal = NEVER) => client.json('POST', 'jobs/ingest', z.unknown(), signal, { object: 'Account' }),
  'a DELETE': (client, signal = NEVER) => client.json('DELETE', 'jobs/ingest/x', z.unknown(), signal),
  upload: async (client, signal = NEVER) => {
    await writeFile(join(folder, 'up.csv'), 'Name\nA\n');
    return client.upload('jobs/ingest/x/batches', join(folder, 'up.csv'), signal);
  },
  download: (client, signal = NEVER) =>
    client.download('jobs/ingest/x/successfulResults', join(folder, 'down.csv'), signal),
};
const READS = ['describe', 'objects', 'query', 'count', 'user info', 'a GET', 'download'];
const ways = Object.entries(WAYS);
const reads = ways.filter(([name]) => READS.includes(name));
const writes = ways.filter(([name]) => !READS.includes(name));

describe('what is asked is answered', () => {
  test('describe, objects, queries of many pages, counts and user info, all by the one client of the org', async () => {
    const { client, orgs } = await clientOf();
    expect(await orgs.client(ORG_ID)).toBe(client);
    const before = (await org.requests()).length;
    expect((await client.describe('account', NEVER)).name).toBe('Account');
    expect((await client.objects(NEVER)).map(({ name }) => name)).toContain('Account');
    const count = await client.count('SELECT COUNT() FROM Account', NEVER);
    const records = await client.query(QUERY, NEVER);
    expect(count).toBeGreaterThan(20);
    expect(records).toHaveLength(count);
    expect(new Set(records.map((record) => record['Id'])).size).toBe(count);
    expect(await client.userInfo(NEVER)).toMatchObject({ username: 'admin@practice.example' });
    expect(client.calls).toBe((await org.requests()).length - before);
    expect(client.username).toBe('admin@practice.example');
    expect(client.host).toBe(new URL(org.url).host);
  });

  test('an object that is not there, and SOQL that is none, are failures with the org’s own words', async () => {
    const { client } = await clientOf();
    expect(await failureOf(client.describe('Nonesuch', NEVER))).toEqual({ code: 'OBJECT_UNKNOWN', object: 'Nonesuch' });
    expect(await failureOf(client.describe('../../sobjects/Account/describe', NEVER))).toMatchObject({
      code: 'OBJECT_UNKNOWN',
    });
    const refused = await failureOf(client.query('SELECT FROM WHERE', NEVER));
    expect(refused).toMatchObject({ code: 'ORG_REFUSED', status: 400, errorCode: 'MALFORMED_QUERY' });
  });

  test('uploads carry their length, downloads are whole files with their sum, and an empty body is empty', async () => {
    const rows = `Id,Name\n${'001000000000001,"Ä, ""B"""\n'.repeat(5000)}`;
    const server = await serverOf((request, response) => {
      if (request.method === 'PUT') return void response.writeHead(201).end();
      const headers = {
        'content-type': 'text/csv;charset=UTF-8',
        'sforce-locator': 'null',
        'content-encoding': 'gzip',
      };
      response.writeHead(200, headers).end(gzipSync(rows));
    });
    const { client } = await clientOf(server.url);
    const file = join(folder, 'rows.csv');
    await writeFile(file, rows);
    expect(await client.upload('jobs/ingest/750/batches', file, NEVER)).toEqual({
      bytes: Buffer.byteLength(rows),
      sha256: createHash('sha256').update(rows).digest('hex'),
    });
    expect(server.requests[0]).toMatchObject({
      body: rows,
      headers: { 'content-length': `${Buffer.byteLength(rows)}` },
    });
    const target = join(folder, 'down.csv');
    const { sha256, bytes, headers } = await client.download('jobs/ingest/750/failedResults', target, NEVER);
    expect(await readFile(target, 'utf8')).toBe(rows);
    expect({ sha256: sha256.length, bytes }).toEqual({ sha256: 64, bytes: Buffer.byteLength(rows) });
    expect(headers['sforce-locator']).toBe('null');
    expect(await failureOf(client.upload('x', join(folder, 'gone.csv'), NEVER))).toMatchObject({
      code: 'DATA_DAMAGED',
    });
  });
});

describe('a token goes to no other host (R41)', () => {
  test.each(ways)('%s: a redirect is refused', async (_name, ask) => {
    const foreign = await serverOf((_request, response) => sendJson(response, 200, { done: true }));
    const server = await serverOf((_request, response) =>
      response.writeHead(302, { location: `${foreign.url}/services?token=${SECRET}` }).end(),
    );
    const { client } = await clientOf(server.url);
    expect(await failureOf(ask(client))).toEqual({ code: 'ORG_REDIRECT_REFUSED', host: new URL(foreign.url).host });
    expect(foreign.requests).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });

  test.each([300, 301, 303, 307, 308])('status %i is a redirect too', async (status) => {
    await org.faults([{ path: 'sobjects', action: { kind: 'redirect', location: 'https://evil.example/', status } }]);
    const { client } = await clientOf();
    expect(await failureOf(client.objects(NEVER))).toEqual({ code: 'ORG_REDIRECT_REFUSED', host: 'evil.example' });
  });

  test('the next page of a query is asked of the org only, and each page once', async () => {
    const foreign = await serverOf((_request, response) => sendJson(response, 200, {}));
    let next = '';
    const server = await serverOf((_request, response) =>
      sendJson(response, 200, { totalSize: 2, done: false, records: [], ...(next ? { nextRecordsUrl: next } : {}) }),
    );
    const { client } = await clientOf(server.url);
    const host = new URL(foreign.url).host;
    for (const address of [`${foreign.url}/x`, `//${host}/x`, `/\\${host}/x`]) {
      next = address.startsWith('http') ? `//${host}/y` : address;
      expect(await failureOf(client.query(QUERY, NEVER))).toEqual({ code: 'ORG_REDIRECT_REFUSED', host });
    }
    next = '/services/data/v66.0/query/01g-10';
    expect(await failureOf(client.query(QUERY, NEVER))).toMatchObject({ code: 'ORG_ANSWER_UNREADABLE' });
    next = '';
    expect(await failureOf(client.query(QUERY, NEVER))).toMatchObject({ code: 'ORG_ANSWER_UNREADABLE' });
    expect(foreign.requests).toEqual([]);
  });
});

describe('a session that ended', () => {
  test.each([ways[0], ways[2], ways[6], ways[8]].filter((way) => way !== undefined))(
    '%s: is renewed once, and the call goes on',
    async (_name, ask) => {
      const { client } = await clientOf();
      await org.faults([{ path: '/services/data', action: { kind: 'expire-session' } }]);
      expect(await failureOf(ask(client))).not.toMatchObject({ code: 'ORG_SESSION_EXPIRED' });
      const refreshes = (await org.requests()).filter(({ path }) => path === '/services/oauth2/token');
      expect(refreshes.at(-1)?.status).toBe(200);
    },
  );

  test.each(ways)('%s: that the org does not renew is ORG_SESSION_EXPIRED, and shown so', async (_name, ask) => {
    const { client, orgs } = await clientOf();
    await org.faults([{ path: '/services/', action: { kind: 'revoke-everything' } }]);
    const expected = { code: 'ORG_SESSION_EXPIRED', username: 'admin@practice.example' };
    expect(await failureOf(ask(client))).toEqual(expected);
    expect((await orgs.list())[0]?.session).toBe('expired');
    expect(await failureOf(orgs.client(ORG_ID))).toEqual(expected);
  });

  test.each(ways)('%s: refused for ever, is renewed twice and not more (R15)', async (_name, ask) => {
    const server = await serverOf((request, response) => {
      if (request.url !== '/services/oauth2/token')
        return sendJson(response, 401, [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }]);
      const access = `00D000000000001!${server.requests.length}`;
      sendJson(response, 200, { access_token: access, instance_url: server.url });
    });
    const { client, orgs } = await clientOf(server.url);
    expect(await failureOf(ask(client))).toMatchObject({ code: 'ORG_SESSION_EXPIRED' });
    expect(server.requests.filter(({ path }) => path === '/services/oauth2/token')).toHaveLength(2);
    expect(server.requests).toHaveLength(5);
    expect((await orgs.list())[0]?.session).toBe('expired');
  });
});

const unavailable = { kind: 'status', status: 503, errorCode: 'SERVER_UNAVAILABLE', message: 'try again' };

describe('reads are repeated, within bounds', () => {
  test.each<[string, unknown]>([
    ['answered 503', unavailable],
    ['answered 429', { ...unavailable, status: 429, errorCode: 'TOO_MANY_REQUESTS' }],
    ['answered 500 without a word', { kind: 'answer', status: 500, body: '' }],
    ['reset before', { kind: 'reset', when: 'before' }],
    ['reset after', { kind: 'reset', when: 'after' }],
    ['cut short', { kind: 'truncate-answer' }],
    ['a page of HTML', { kind: 'html', status: 200 }],
    ['a page of HTML, not found', { kind: 'html', status: 404 }],
    ['nothing at all', { kind: 'answer', status: 200, contentType: 'application/json', body: '' }],
  ])('%s three times: asked again after growing pauses', async (_name, action) => {
    const clock = notingClock();
    const { client } = await clientOf(org.url, { clock });
    await org.faults([{ method: 'GET', path: '/services/data', times: 3, action }]);
    expect((await client.describe('Account', NEVER)).name).toBe('Account');
    expect(clock.pauses).toEqual([250, 500, 1000]);
  });

  test.each(reads)('%s: given up after so many tries', async (_name, ask) => {
    const { client } = await clientOf();
    const before = (await org.requests()).length;
    await org.faults([{ path: '/services/', every: 1, action: unavailable }]);
    const failure = await failureOf(ask(client));
    expect(['ORG_REFUSED', 'RefusedByOrg']).toContain(failure.code);
    expect((await org.requests()).length - before).toBe(BACK_OFF.attempts);
    await org.faults([{ path: '/services/', every: 1, action: { kind: 'reset', when: 'before' } }]);
    expect(await failureOf(ask(client))).toMatchObject({ code: 'ORG_UNREACHABLE', host: new URL(org.url).host });
  });

  test.each(writes)('%s: sent once, whatever comes back', async (_name, ask) => {
    const { client } = await clientOf();
    for (const action of [unavailable, { kind: 'html', status: 200 }, { kind: 'reset', when: 'after' }]) {
      const before = (await org.requests()).length;
      await org.faults([{ path: '/services/data', every: 1, action }]);
      await failureOf(ask(client));
      expect((await org.requests()).length - before).toBe(1);
    }
    expect(await failureOf(ask(client))).toMatchObject({ code: 'LostAnswer' });
  });

  test.each(ways)('%s: the daily limit is said at once', async (_name, ask) => {
    const { client } = await clientOf();
    const before = (await org.requests()).length;
    const status = _name === 'count' ? 429 : 403;
    const action = { kind: 'status', status, errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'TotalRequests' };
    await org.faults([{ path: '/services/', every: 1, action }]);
    expect(await failureOf(ask(client))).toEqual({ code: 'ORG_API_LIMIT', message: 'TotalRequests' });
    expect((await org.requests()).length - before).toBe(1);
  });

  test('Retry-After is waited for, in seconds or until a date by the org’s clock, and up to the cap', async () => {
    const clock = notingClock();
    const { client } = await clientOf(org.url, { clock });
    const day = 86_400_000;
    const until = new Date(Date.now() + day + 5000).toUTCString();
    const body = JSON.stringify([{ errorCode: 'SERVER_UNAVAILABLE', message: 'x' }]);
    await org.faults([
      { path: 'limits', nth: 1, action: { ...unavailable, retryAfter: 7 } },
      { path: 'limits', nth: 2, action: { ...unavailable, retryAfter: 86_400 } },
      { path: 'limits', nth: 3, action: { kind: 'answer', status: 503, headers: { 'Retry-After': until }, body } },
      { path: 'limits', nth: 3, action: { kind: 'date', offset: day } },
    ]);
    await client.json('GET', 'limits', z.unknown(), NEVER);
    expect(clock.pauses.slice(0, 2)).toEqual([7000, BACK_OFF.cap]);
    expect(clock.pauses[2]).toBeGreaterThan(3000);
    expect(clock.pauses[2]).toBeLessThanOrEqual(6000);
  });

  test('no try begins after the time that a call may take', async () => {
    const clock = notingClock();
    const { client } = await clientOf(org.url, { clock });
    const before = (await org.requests()).length;
    await org.faults([{ path: 'limits', every: 1, action: unavailable }]);
    const asked = client.json('GET', 'limits', z.unknown(), NEVER);
    clock.skip(BACK_OFF.budget);
    expect(await failureOf(asked)).toMatchObject({ code: 'RefusedByOrg' });
    expect((await org.requests()).length - before).toBe(1);
  });
});

describe('a call that is called off ends at once', () => {
  const stalled: Record<string, (response: ServerResponse) => void> = {
    'waits for an answer': () => undefined,
    'reads a body': (response) => response.writeHead(200, { 'content-type': 'text/csv' }).write('"Id"\n'.repeat(1000)),
  };
  test.each(Object.keys(stalled).flatMap((state) => ways.map(([name, ask]) => [name, state, ask] as const)))(
    '%s while it %s',
    async (_name, state, ask) => {
      let arrived = (): void => undefined;
      const seen = new Promise<void>((resolve) => (arrived = resolve));
      const server = await serverOf((_request, response) => {
        stalled[state]?.(response);
        arrived();
      });
      const { client } = await clientOf(server.url);
      const cancel = new AbortController();
      const called = failureOf(ask(client, cancel.signal));
      await seen;
      const asked = performance.now();
      cancel.abort();
      expect(await called).toEqual({ code: 'CANCELLED' });
      expect(performance.now() - asked).toBeLessThan(200);
      expect((await readdir(folder)).filter((file) => file.endsWith('.part'))).toEqual([]);
    },
  );

  test('while it pauses between two tries', async () => {
    const clock = stoppedClock();
    const { client } = await clientOf(org.url, { clock });
    await org.faults([{ path: 'limits', every: 1, action: unavailable }]);
    const cancel = new AbortController();
    const called = failureOf(client.json('GET', 'limits', z.unknown(), cancel.signal));
    await clock.paused;
    const asked = performance.now();
    cancel.abort();
    expect(await called).toEqual({ code: 'CANCELLED' });
    expect(performance.now() - asked).toBeLessThan(200);
  });

  test('while the token is renewed, which goes on for those who still wait', async () => {
    let renew = (): void => undefined;
    let arrived = (): void => undefined;
    const seen = new Promise<void>((resolve) => (arrived = resolve));
    const server = await serverOf((request, response) => {
      if (request.url === '/services/oauth2/token') {
        renew = () => sendJson(response, 200, { access_token: 'new', instance_url: server.url });
        return arrived();
      }
      if (request.headers.authorization === 'Bearer new') return sendJson(response, 200, { fine: true });
      sendJson(response, 401, [{ errorCode: 'INVALID_SESSION_ID', message: 'x' }]);
    });
    const { client } = await clientOf(server.url);
    const cancel = new AbortController();
    const called = failureOf(client.json('GET', 'limits', z.unknown(), cancel.signal));
    const other = client.json('GET', 'limits', z.unknown(), NEVER);
    await seen;
    const asked = performance.now();
    cancel.abort();
    expect(await called).toEqual({ code: 'CANCELLED' });
    expect(performance.now() - asked).toBeLessThan(200);
    renew();
    expect(await other).toEqual({ fine: true });
    expect(server.requests.filter(({ path }) => path === '/services/oauth2/token')).toHaveLength(1);
  });
});

test('an upload that the org stops taking is given up; one that goes slowly is not', async () => {
  const deaf = createNetServer((socket) => socket.pause());
  await new Promise<void>((resolve) => deaf.listen(0, '127.0.0.1', resolve));
  const sockets: Socket[] = [];
  deaf.on('connection', (socket: Socket) => sockets.push(socket));
  closing.push(async () => {
    for (const socket of sockets) socket.destroy();
    await new Promise((resolve) => deaf.close(resolve));
  });
  const file = join(folder, 'large.csv');
  await writeFile(file, 'Name\n'.repeat(4_000_000));
  const { client } = await clientOf(`http://127.0.0.1:${(deaf.address() as AddressInfo).port}`, { idleTimeout: 80 });
  expect(await failureOf(client.upload('jobs/ingest/x/batches', file, NEVER))).toMatchObject({ code: 'LostAnswer' });

  const { client: patient } = await clientOf(org.url, { idleTimeout: 80 });
  const spec = { object: 'Account', operation: 'insert' };
  const { id } = await patient.json('POST', 'jobs/ingest', z.object({ id: z.string() }), NEVER, spec);
  await org.faults([{ method: 'PUT', path: 'batches', action: { kind: 'slow-upload', bytesPerSecond: 8_000_000 } }]);
  expect(await patient.upload(`jobs/ingest/${id}/batches`, file, NEVER)).toMatchObject({ bytes: 20_000_000 });
});

test('a silent connection is given up: reads are asked again, what was sent is lost', async () => {
  // All at once: the fewest seconds of silence that can be told apart are one.
  const idleTimeout = 80;
  const silent = await serverOf(() => undefined);
  const stopping = await serverOf((_request, response) =>
    response.writeHead(200, { 'content-type': 'text/csv' }).write('"Id"\n'),
  );
  const { client } = await clientOf(silent.url, { idleTimeout });
  const { client: other } = await clientOf(stopping.url, { idleTimeout });
  await Promise.all([
    ...reads.map(async ([name, ask]) => {
      const expected = { code: 'ORG_UNREACHABLE', reason: 'UND_ERR_HEADERS_TIMEOUT' };
      expect(await failureOf(ask(client)), name).toMatchObject(expected);
    }),
    ...reads.map(async ([name, ask]) => {
      const expected = { code: 'ORG_UNREACHABLE', reason: 'UND_ERR_BODY_TIMEOUT' };
      expect(await failureOf(ask(other)), name).toMatchObject(expected);
    }),
    ...writes.map(async ([name, ask]) => {
      expect(await failureOf(ask(client)), name).toMatchObject({ code: 'LostAnswer' });
    }),
  ]);
  expect(silent.requests).toHaveLength(reads.length * BACK_OFF.attempts + writes.length);
  expect(stopping.requests).toHaveLength(reads.length * BACK_OFF.attempts);
  expect(await readdir(folder)).not.toContain('down.csv');
});

describe('a download is a whole CSV file or none', () => {
  const good = gzipSync('"Id"\n"1"\n');
  const csv = { 'content-type': 'text/csv', 'content-encoding': 'gzip' };
  test.each<[string, (response: ServerResponse) => void]>([
    ['badly compressed (R22)', (response) => response.writeHead(200, csv).end('no gzip at all')],
    ['cut within its compression', (response) => response.writeHead(200, csv).end(good.subarray(0, good.length - 9))],
    [
      'shorter than it says (R20)',
      (response) => response.writeHead(200, { ...csv, 'content-length': '999' }).write(good, () => response.destroy()),
    ],
    ['a page of HTML', (response) => response.writeHead(200, { 'content-type': 'text/html' }).end('<html>down</html>')],
    ['JSON', (response) => sendJson(response, 200, {})],
    ['of no type', (response) => response.writeHead(200).end('"Id"\n')],
    ['compressed some other way', (response) => response.writeHead(200, { ...csv, 'content-encoding': 'br' }).end('x')],
  ])('%s: asked for again, never kept', async (_name, bad) => {
    let bads = 2;
    const server = await serverOf((_request, response) =>
      bads-- > 0 ? bad(response) : response.writeHead(200, csv).end(good),
    );
    const { client } = await clientOf(server.url);
    const file = join(folder, 'down.csv');
    await client.download('jobs/ingest/x/successfulResults', file, NEVER);
    expect(server.requests).toHaveLength(3);
    expect(await readFile(file, 'utf8')).toBe('"Id"\n"1"\n');
    bads = 99;
    const failure = await failureOf(client.download('jobs/ingest/x/failedResults', join(folder, 'other.csv'), NEVER));
    expect(['ORG_ANSWER_UNREADABLE', 'ORG_UNREACHABLE']).toContain(failure.code);
    expect((await readdir(folder)).filter((name) => name.startsWith('other'))).toEqual([]);
  });

  test('a disk that does not take it is a failure of its own, and nothing is asked for again', async () => {
    const server = await serverOf((_request, response) => response.writeHead(200, csv).end(good));
    const { client } = await clientOf(server.url);
    const failure = await failureOf(client.download('jobs/x', join(folder, 'no', 'such', 'folder.csv'), NEVER));
    expect(failure).toMatchObject({ code: 'DISK_REFUSED', reason: 'ENOENT' });
    expect(server.requests).toHaveLength(1);
  });
});

test('the time is the org’s (R39)', async () => {
  const { client } = await clientOf();
  await org.faults([{ path: '/services/', every: 1, action: { kind: 'date', offset: 86_400_000 } }]);
  expect(Math.abs(client.now() - Date.now())).toBeLessThan(1000);
  await client.objects(NEVER);
  expect(Math.abs(client.now() - Date.now() - 86_400_000)).toBeLessThan(2500);
});

test('API usage is shown with every answer, and written now and then only', async () => {
  const clock = notingClock();
  const { client, orgs, writes: written, kept } = await clientOf(org.url, { clock });
  const before = written();
  for (let n = 0; n < 50; n++) await client.json('GET', 'limits', z.unknown(), NEVER);
  const shown = (await orgs.list())[0]?.apiUsage;
  expect(shown?.max).toBe(100_000);
  expect(written() - before).toBeLessThanOrEqual(2);
  await client.json('GET', 'limits', z.unknown(), NEVER);
  expect((await orgs.list())[0]?.apiUsage?.used).toBe((shown?.used ?? 0) + 1);
  await orgs.close();
  expect(kept.settings.get('orgs')).toMatchObject([{ apiUsage: { used: (shown?.used ?? 0) + 1 } }]);
});

describe('an org that can’t be reached is said with the reason', () => {
  test.each(ways)('%s', async (_name, ask) => {
    const gone = await handMade(() => undefined);
    await gone.close();
    const { client } = await clientOf(gone.url);
    const host = new URL(gone.url).host;
    expect(await failureOf(ask(client))).toEqual({ code: 'ORG_UNREACHABLE', host, reason: 'ECONNREFUSED' });
  });

  test('a name that does not exist', async () => {
    const { client } = await clientOf('https://nonesuch.invalid');
    const failure = await failureOf(client.objects(NEVER));
    expect(failure).toMatchObject({ code: 'ORG_UNREACHABLE', host: 'nonesuch.invalid' });
  });

  test('certificates that nobody vouches for, and a port without TLS', async () => {
    const pem = await generate([{ name: 'commonName', value: 'localhost' }]);
    const server = createServer({ key: pem.private, cert: pem.cert }, (_request, response) => response.end('{}'));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(() => new Promise((resolve) => server.close(() => resolve())));
    const { port } = server.address() as AddressInfo;
    for (const url of [`https://127.0.0.1:${port}`, org.url.replace('http:', 'https:')]) {
      const { client } = await clientOf(url);
      for (const ask of [WAYS['query'], WAYS['a POST']])
        expect(await failureOf(ask?.(client) ?? Promise.resolve())).toMatchObject({ code: 'ORG_UNREACHABLE' });
    }
  });
});

test('tokens are in no error and in no log, whatever the org says back', async () => {
  const echoes: ((response: ServerResponse, token: string) => void)[] = [
    (response, token) => sendJson(response, 400, [{ errorCode: 'BAD', message: `you sent ${token}` }]),
    (response, token) => sendJson(response, 403, [{ errorCode: 'REQUEST_LIMIT_EXCEEDED', message: token }]),
    (response, token) => sendJson(response, 500, [{ errorCode: 'UNKNOWN_EXCEPTION', message: token }]),
    (response, token) => response.writeHead(404, { 'content-type': 'text/html' }).end(`<p>${token}</p>`),
    (response, token) => response.writeHead(200, { 'content-type': 'text/html' }).end(`<p>${token}</p>`),
    (response, token) => response.writeHead(302, { location: `https://evil.example/?t=${token}` }).end(),
    (response, token) => sendJson(response, 401, [{ errorCode: 'INVALID_SESSION_ID', message: token }]),
    (response) => void response.destroy(),
  ];
  for (const echo of echoes) {
    const server = await serverOf((request, response, body) =>
      request.url === '/services/oauth2/token'
        ? sendJson(response, 400, { error: 'invalid_request', error_description: body })
        : echo(response, String(request.headers.authorization)),
    );
    const { client, orgs, log } = await clientOf(server.url);
    for (const [, ask] of ways) {
      const said: unknown = await ask(client).catch((error: unknown) => error);
      const text = [JSON.stringify(said), said instanceof Error ? (said.stack ?? '') : '', ...log].join('\n');
      expect(text).not.toMatch(/very\.secret|verysecret/);
    }
    await orgs.signOut(ORG_ID);
    expect(log.join('\n')).not.toMatch(/very\.secret|verysecret/);
  }
});
