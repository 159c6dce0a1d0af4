import { afterAll, beforeAll, expect, test } from 'vitest';
import { startOrg, type TestOrg } from '../test-support/start-org.ts';

let org: TestOrg;
beforeAll(async () => {
  org = await startOrg({ records: 5, tlsPort: 0 });
});
afterAll(() => org.running.close());

test('faults strike the n-th match, every n-th, or so many times, and are told with what they met', async () => {
  const status = (code: number) => ({
    kind: 'status',
    status: code,
    errorCode: 'SERVER_UNAVAILABLE',
    message: 'busy',
    retryAfter: 7,
  });
  await org.admin('PUT', '/faults', [{ method: 'GET', path: '/limits', nth: 2, times: 1, action: status(503) }]);
  const answers = async (path: string, count: number) => {
    const seen: number[] = [];
    for (let n = 0; n < count; n++) seen.push((await org.ask(path)).status);
    return seen;
  };
  expect(await answers('/limits', 4)).toEqual([200, 503, 200, 200]);
  expect(await (await org.admin('GET', '/faults')).json()).toMatchObject([{ seen: 4, struck: 1 }]);
  await org.admin(
    'PUT',
    '/faults',
    [{ path: '/lim[i]ts$/', every: 3, action: status(429) }].map((rule) => ({ ...rule, path: '/lim[i]ts$/' })),
  );
  expect(await answers('/limits', 6)).toEqual([200, 200, 429, 200, 200, 429]);
  await org.admin('PUT', '/faults', [{ path: '/limits', action: status(503) }]);
  expect((await org.ask('/limits')).headers.get('retry-after')).toBe('7');
  await org.admin('PUT', '/faults', []);
});

test('answers can be cut off, lost, delayed, or a page; uploads can lose their line', async () => {
  const fault = (action: object, path = '/limits') => org.admin('PUT', '/faults', [{ path, action }]);
  await fault({ kind: 'truncate-answer' }, '/describe');
  await expect(org.ask('/sobjects/Account/describe')).rejects.toThrow();
  await fault({ kind: 'reset', when: 'before' });
  await expect(org.ask('/limits')).rejects.toThrow();
  await fault({ kind: 'reset', when: 'after' }, '/sobjects/Account');
  await expect(org.create('Account', { Name: 'Saved all the same' })).rejects.toThrow();
  expect(await org.query("SELECT Id FROM Account WHERE Name = 'Saved all the same'")).toHaveLength(1);
  await fault({ kind: 'html', status: 200 });
  expect((await org.ask('/limits')).body).toContain('Down for maintenance');
  await fault({ kind: 'drop-upload', after: 10 }, '/batches');
  const { id } = (await org.send('POST', '/jobs/ingest', { object: 'Account', operation: 'insert' })).body as {
    id: string;
  };
  await expect(
    org.ask(`/jobs/ingest/${id}/batches`, { method: 'PUT', body: 'Name\nA name of some length\n' }),
  ).rejects.toThrow();
  await fault({ kind: 'slow-upload', bytesPerSecond: 100_000 }, '/batches');
  await expect
    .poll(async () => (await org.ask(`/jobs/ingest/${id}/batches`, { method: 'PUT', body: 'Name\nA\n' })).status)
    .toBe(201);
  await org.admin('PUT', '/faults', []);
});

test('knobs are checked, and locks strike every n-th row', async () => {
  expect((await org.admin('PATCH', '/knobs', { rowsPerSecond: -1 })).status).toBe(400);
  expect((await org.admin('PATCH', '/knobs', { speed: 1 })).status).toBe(400);
  await org.admin('PATCH', '/knobs', { lockRowEvery: 3 });
  const { failed } = await org.ingest({ object: 'Account', operation: 'insert' }, `Name\n${'L\n'.repeat(9)}`);
  await org.admin('PATCH', '/knobs', { lockRowEvery: 0 });
  expect(
    failed.match(/UNABLE_TO_LOCK_ROW:unable to obtain exclusive access to this record or 1 records/g),
  ).toHaveLength(3);
});

test('the page and its state are there; other sites are refused', async () => {
  const page = await org.admin('GET', '/');
  expect(page.headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(await page.text()).toContain('<title>Practice org</title>');
  for (const path of ['/page.js', '/page.css']) expect((await org.admin('GET', path)).status).toBe(200);
  const state = (await (await org.admin('GET', '/state')).json()) as {
    objects: { name: string; records: number }[];
    requests: { path: string }[];
  };
  expect(state.objects).toContainEqual(expect.objectContaining({ name: 'Account' }));
  expect(state.requests.length).toBeGreaterThan(0);
  expect(JSON.stringify(state)).not.toContain('!AQ');
  expect(
    (await fetch(`${org.running.adminUrl}/reset`, { method: 'POST', headers: { origin: 'https://evil.example' } }))
      .status,
  ).toBe(403);
  expect((await fetch(`${org.running.adminUrl}/state`, { headers: { host: 'evil.example' } })).status).toBe(200);
  expect((await org.ask('//')).headers.get('location')).toBe(org.running.adminUrl);
});

test('what happens is told as it happens', async () => {
  const response = await org.admin('GET', '/watch');
  const reader = response.body?.getReader();
  let text = '';
  const read = async () => {
    while (!text.includes('\n\n')) text += Buffer.from(((await reader?.read())?.value ?? []) as Uint8Array).toString();
    const [event = '', ...rest] = text.split('\n\n');
    text = rest.join('\n\n');
    return JSON.parse(event.replace(/^data: /, '')) as { requests: { path: string }[] };
  };
  await read();
  await org.ask('/limits/recordCount?sObjects=User');
  let latest = await read();
  while (latest.requests[0]?.path.endsWith('recordCount') === false) latest = await read();
  expect(latest.requests[0]).toMatchObject({ path: '/services/data/v66.0/limits/recordCount' });
  await reader?.cancel();
});

test('TLS answers with links of its own scheme', async () => {
  const { request } = await import('node:https');
  const { readFileSync } = await import('node:fs');
  const body = await new Promise<string>((resolve, reject) => {
    request(
      `${org.running.tlsUrl ?? ''}/services/oauth2/userinfo`,
      { ca: readFileSync(org.running.certificate ?? ''), headers: { authorization: `Bearer ${org.token}` } },
      (response) => {
        let text = '';
        response.on('data', (chunk: Buffer) => (text += chunk.toString()));
        response.on('end', () => resolve(text));
      },
    )
      .on('error', reject)
      .end();
  });
  expect(JSON.parse(body)).toMatchObject({ id: expect.stringMatching(/^https:\/\/localhost:\d+\/id\/00D/) as string });
});
