import { connect } from 'node:net';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startOrg, type TestOrg } from './test-support/start-org.ts';

/** Whatever comes, there is an answer, it is Salesforce's kind of error, and the next caller is served. */
let org: TestOrg;
beforeAll(async () => {
  org = await startOrg({ records: 10 });
});
afterAll(async () => {
  expect((await org.ask('/limits')).status).toBe(200);
  await org.running.close();
});

function raw(text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(new URL(org.url).port), '127.0.0.1', () => socket.write(text));
    let answer = '';
    socket.on('data', (chunk) => (answer += chunk.toString()));
    socket.on('close', () => resolve(answer));
    socket.on('error', reject);
  });
}

test.each([
  ['no HTTP', 'what?\r\n\r\n'],
  ['a header without a name', 'GET / HTTP/1.1\r\n: x\r\n\r\n'],
  [
    'an upgrade',
    'GET /cometd/66.0 HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: x\r\n\r\n',
  ],
])('%s is answered 400', async (_name, text) => {
  expect(await raw(text)).toMatch(/^HTTP\/1\.1 400/);
});

test('an upload that breaks off is not kept, and can be sent again', async () => {
  const { id } = (await org.send('POST', '/jobs/ingest', { object: 'Account', operation: 'insert' })).body as {
    id: string;
  };
  await new Promise<void>((resolve) => {
    const socket = connect(Number(new URL(org.url).port), '127.0.0.1', () => {
      socket.write(
        `PUT /services/data/v66.0/jobs/ingest/${id}/batches HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${org.token}\r\nContent-Length: 1000\r\n\r\nName\nHalf`,
        () => socket.destroy(),
      );
    });
    socket.on('close', () => resolve());
  });
  await expect
    .poll(async () => (await org.ask(`/jobs/ingest/${id}/batches`, { method: 'PUT', body: 'Name\nWhole\n' })).status)
    .toBe(201);
  await org.send('PATCH', `/jobs/ingest/${id}`, { state: 'UploadComplete' });
  expect((await org.outcome(id)).successful).toContain('"Whole"');
});

test('any path, method and body gets an answer below 500 and the answers of the API are its errors', async () => {
  const part = fc.oneof(
    fc.constantFrom(
      'sobjects',
      'Account',
      'query',
      'jobs',
      'ingest',
      'composite',
      'tree',
      'describe',
      'limits',
      'search',
      'updated',
      '750000000000000AAA',
      '001PR0000000001IAA',
      'batches',
      '..',
      '%00',
      '%E0%A4%A',
      'ERP_Id__c',
    ),
    fc.string({ maxLength: 12 }).map(encodeURIComponent),
  );
  const body = fc.oneof(
    fc.constantFrom(
      '',
      '{',
      '[]',
      'null',
      '{"records":1}',
      '{"records":[{}]}',
      '{"allOrNone":"x"}',
      '{"compositeRequest":[{"method":"GET","url":"x","referenceId":"a"}]}',
      '{"batchRequests":[{"method":"GET","url":"http://evil.example/"}]}',
    ),
    fc.json(),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(part, { maxLength: 5 }),
      fc.constantFrom('GET', 'POST', 'PATCH', 'PUT', 'DELETE'),
      body,
      fc.string({ maxLength: 8 }),
      async (parts, method, text, query) => {
        const path = `/${parts.join('/')}?q=${encodeURIComponent(query)}&start=${encodeURIComponent(query)}`;
        const reply = await org.ask(path, { method, ...(method === 'GET' ? {} : { body: text }) });
        expect(reply.status, `${method} ${path} ${text}`).toBeLessThan(500);
        if (reply.status >= 400)
          expect(reply.body, `${method} ${path} ${text}`).toMatchObject([
            { errorCode: expect.any(String) as string, message: expect.any(String) as string },
          ]);
        expect(JSON.stringify(reply.body)).not.toMatch(/\.ts:\d+|node:internal/);
      },
    ),
    { numRuns: 400 },
  );
});

test('any CSV ends its job', async () => {
  const cell = fc.oneof(
    fc.constantFrom(
      'Name',
      'Id',
      '#N/A',
      '',
      '"',
      '""',
      'a"b',
      '\r',
      '001PR0000000001IAA',
      '=1+1',
      '\0',
      'Owner.Email',
      'x'.repeat(300),
    ),
    fc.string({ maxLength: 6 }),
  );
  const csv = fc
    .array(
      fc.array(cell, { maxLength: 4 }).map((cells) => cells.join(',')),
      { maxLength: 6 },
    )
    .map((lines) => lines.join('\n'));
  await fc.assert(
    fc.asyncProperty(csv, fc.constantFrom('insert', 'update', 'delete'), async (text, operation) => {
      const { state } = await org.ingest({ object: 'Account', operation }, text);
      expect(state).toMatch(/JobComplete|Failed/);
    }),
    { numRuns: 150 },
  );
});

test('any cells that are quoted as RFC 4180 says come back as they were, one row each', async () => {
  const cell = fc.oneof(
    fc.string({ unit: 'grapheme', maxLength: 12 }),
    fc.constantFrom('"', '""', ',', '\n', '\r\n', ' ', '\u00a0'),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 8 }), async (rows) => {
      const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const lines = rows.map((row) => row.map(quote).join(','));
      const { state, successful, failed } = await org.ingest(
        { object: 'Account', operation: 'insert' },
        `Name,Description\n${lines.join('\n')}\n`,
      );
      const told = `${successful}${failed}`;
      expect(state).toBe('JobComplete');
      for (const line of lines) expect(told).toContain(`,${line}\n`);
      expect(told.match(/^"(?:001PR\w{13}|)","/gm)?.length).toBeGreaterThanOrEqual(rows.length);
    }),
    { numRuns: 60 },
  );
});

test('any XML gets a fault or an error', async () => {
  const xml = fc.oneof(
    fc.constantFrom(
      '<a',
      '<a></b>',
      '<?xml version="1.0"?>',
      '<Envelope/>',
      '<Envelope><Body/></Envelope>',
      '<Envelope><Body><merge/></Body></Envelope>',
      `<Envelope><Header><SessionHeader><sessionId>${'x'}</sessionId></SessionHeader></Header><Body><create><sObjects/></create></Body></Envelope>`,
      '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    ),
    fc.string(),
  );
  await fc.assert(
    fc.asyncProperty(xml, async (body) => {
      const soap = await fetch(`${org.url}/services/Soap/u/64.0`, { method: 'POST', body });
      expect(soap.status).toBe(500);
      expect(await soap.text()).toContain('<faultcode>');
      const bulk = await fetch(`${org.url}/services/async/66.0/job`, {
        method: 'POST',
        headers: { 'x-sfdc-session': org.token },
        body,
      });
      expect(bulk.status).toBe(400);
      expect(await bulk.text()).toContain('<exceptionCode>');
    }),
    { numRuns: 100 },
  );
});
