import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startOrg, type TestOrg } from '../test-support/start-org.ts';

let org: TestOrg;
beforeAll(async () => {
  org = await startOrg({ records: 20 });
});
afterAll(() => org.running.close());
afterEach(async () => {
  await org.admin('PUT', '/faults', []);
  await org.admin('PATCH', '/knobs', { commitLatency: 0, clockOffset: 0, queueDelay: 0, rowsPerSecond: 0 });
});

const INSERT = { object: 'Account', operation: 'insert', lineEnding: 'LF' };
const fault = (action: object, path: string, method?: string) =>
  org.admin('PUT', '/faults', [{ path, ...(method === undefined ? {} : { method }), every: 1, action }]);
const open = async (): Promise<string> => ((await org.send('POST', '/jobs/ingest', INSERT)).body as { id: string }).id;
const put = (id: string, csv: string) => org.ask(`/jobs/ingest/${id}/batches`, { method: 'PUT', body: csv });
const setState = (id: string, state: string) => org.send('PATCH', `/jobs/ingest/${id}`, { state });
const jobs = async (): Promise<Record<string, unknown>[]> =>
  (await (await org.admin('GET', '/jobs')).json()) as Record<string, unknown>[];
const named = (name: string) => org.query(`SELECT Id FROM Account WHERE Name = '${name}'`);

describe('a request answered as if it had taken effect', () => {
  test('an upload: 201, and nothing is there', async () => {
    const id = await open();
    await fault({ kind: 'pretend', status: 201 }, '/batches', 'PUT');
    expect(await put(id, 'Name\nPretended\n')).toMatchObject({ status: 201, body: '' });
    await org.admin('PUT', '/faults', []);
    await setState(id, 'UploadComplete');
    expect(await org.outcome(id)).toMatchObject({ state: 'JobComplete', numberRecordsProcessed: 0 });
    expect(await named('Pretended')).toEqual([]);
  });

  test('a close and an abort: the state that was asked for, and the job stays as it is', async () => {
    const id = await open();
    await put(id, 'Name\nNever closed\n');
    await fault({ kind: 'pretend' }, '/jobs/ingest/', 'PATCH');
    expect(await setState(id, 'UploadComplete')).toMatchObject({ status: 200, body: { id, state: 'UploadComplete' } });
    expect(await setState(id, 'Aborted')).toMatchObject({ status: 200, body: { id, state: 'Aborted' } });
    expect((await org.ask(`/jobs/ingest/${id}`)).body).toMatchObject({ state: 'Open' });
    expect(await setState('750PR0000000000AAA', 'Aborted')).toMatchObject({ status: 404 });
  });

  test('a create: a job that is not there', async () => {
    await fault({ kind: 'pretend' }, '/jobs/ingest', 'POST');
    const made = await org.send('POST', '/jobs/ingest', INSERT);
    expect(made).toMatchObject({ status: 200, body: { object: 'Account', operation: 'insert', state: 'Open' } });
    const { id } = made.body as { id: string };
    expect((await org.ask(`/jobs/ingest/${id}`)).status).toBe(404);
    expect((await put(id, 'Name\nA\n')).status).toBe(404);
    expect(await org.send('POST', '/jobs/ingest', { ...INSERT, operation: 'explode' })).toMatchObject({ status: 400 });
  });

  test('a delete: 204, and the job is there', async () => {
    const { id } = await org.ingest(INSERT, 'Name\nKept\n');
    await fault({ kind: 'pretend' }, '/jobs/ingest/', 'DELETE');
    expect((await org.ask(`/jobs/ingest/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await org.ask(`/jobs/ingest/${id}`)).status).toBe(200);
  });

  test('records written by REST: the whole answer, and no record', async () => {
    await fault({ kind: 'pretend' }, '/sobjects');
    const id = await org.create('Account', { Name: 'Pretended by REST' });
    const many = await org.send('POST', '/composite/sobjects', {
      records: [{ attributes: { type: 'Account' }, Name: 'Pretended by REST' }],
    });
    expect(many.body).toMatchObject([{ success: true }]);
    expect(await named('Pretended by REST')).toEqual([]);
    expect((await org.ask(`/sobjects/Account/${id}`)).status).toBe(404);
  });

  test('a query job: one that is not there', async () => {
    await fault({ kind: 'pretend' }, '/jobs/query', 'POST');
    const { id } = (await org.send('POST', '/jobs/query', { operation: 'query', query: 'SELECT Id FROM User' }))
      .body as { id: string };
    expect((await org.ask(`/jobs/query/${id}`)).status).toBe(404);
  });
});

test('an answer is exactly as told: empty, of another type, with headers, a redirect', async () => {
  const { id } = await org.ingest(INSERT, 'Name\nAnswered\n');
  const path = `/jobs/ingest/${id}/successfulResults`;
  for (const answer of [
    { status: 200, contentType: 'text/csv', body: '' },
    { status: 200, contentType: 'text/html', body: '<html>Sign in</html>' },
    { status: 200, contentType: 'text/csv', body: '"sf__Id","sf__Created",Name\n' },
    { status: 200, body: 'no type' },
  ]) {
    await fault({ kind: 'answer', ...answer }, '/successfulResults');
    const { status, headers, body } = await org.ask(path);
    expect({ status, contentType: headers.get('content-type') ?? undefined, body }).toEqual({
      contentType: undefined,
      ...answer,
    });
  }
  await fault({ kind: 'answer', status: 200, headers: { 'X-Cache': 'hit' }, body: '' }, '/successfulResults');
  expect((await org.ask(path)).headers.get('x-cache')).toBe('hit');
  await fault({ kind: 'redirect', location: 'https://elsewhere.example/' }, '/limits');
  const redirected = await org.ask('/limits');
  expect([redirected.status, redirected.headers.get('location')]).toEqual([302, 'https://elsewhere.example/']);
});

test('status can strike for ever, with its Retry-After', async () => {
  await fault(
    { kind: 'status', status: 503, errorCode: 'SERVER_UNAVAILABLE', message: 'busy', retryAfter: 3 },
    '/limits',
  );
  for (let n = 0; n < 5; n++) {
    const { status, headers } = await org.ask('/limits');
    expect([status, headers.get('retry-after')]).toEqual([503, '3']);
  }
});

describe('results', () => {
  test('that are short are well-formed, quoted line ends and all', async () => {
    const { id } = await org.ingest(INSERT, 'Name\n"S\n1"\n"S\n2"\n"S\n3"\n');
    await fault({ kind: 'shorten-results', keep: 2 }, '/successfulResults');
    const { status, body } = await org.ask(`/jobs/ingest/${id}/successfulResults`);
    expect(status).toBe(200);
    expect(String(body)).toMatch(/^"sf__Id","sf__Created",Name\n(?:"\w{18}","true","S\n\d"\n){2}$/);
    await fault({ kind: 'shorten-results', keep: 0 }, '/successfulResults');
    expect((await org.ask(`/jobs/ingest/${id}/successfulResults`)).body).toBe('"sf__Id","sf__Created",Name\n');
    await fault({ kind: 'shorten-results', keep: 1 }, '/query');
    const query = (await org.ask(`/query?q=${encodeURIComponent('SELECT Id FROM Contact')}`)).body;
    expect(query).toMatchObject({ done: true, records: [{}] });
    expect((query as { records: unknown[]; totalSize: number }).records).toHaveLength(1);
    expect((query as { totalSize: number }).totalSize).toBeGreaterThan(1);
  });

  test('of a bulk query that are short', async () => {
    const { id } = (await org.send('POST', '/jobs/query', { operation: 'query', query: 'SELECT Id FROM Account' }))
      .body as { id: string };
    await expect
      .poll(async () => ((await org.ask(`/jobs/query/${id}`)).body as { state: string }).state)
      .toBe('JobComplete');
    await fault({ kind: 'shorten-results', keep: 3 }, '/results');
    expect(
      String((await org.ask(`/jobs/query/${id}/results`)).body)
        .trimEnd()
        .split('\n'),
    ).toHaveLength(4);
  });

  test('are those of another job: of the newest, of a named one, and invented where there is none', async () => {
    await org.admin('DELETE', '/jobs');
    const own = await org.ingest(INSERT, 'Name\n"Own ""1"""\nOwn 2\n');
    await fault({ kind: 'other-results' }, '/successfulResults');
    const results = async (id: string) => String((await org.ask(`/jobs/ingest/${id}/successfulResults`)).body);
    const invented = await results(own.id);
    expect(invented).toMatch(/^"sf__Id","sf__Created",Name\n(?:"001\w{15}","true","invented \d"\n){2}$/);
    await org.admin('PUT', '/faults', []);
    const first = await org.ingest(INSERT, 'Name,Phone\nFirst,1\n');
    const second = await org.ingest(INSERT, 'Name\nSecond\n');
    await fault({ kind: 'other-results' }, '/successfulResults');
    expect(await results(own.id)).toBe(second.successful);
    expect(await results(second.id)).toBe(first.successful);
    await fault({ kind: 'other-results', jobId: first.id }, '/successfulResults');
    expect(await results(own.id)).toBe(first.successful);
    await fault({ kind: 'other-results', jobId: '750PR0000000000AAA' }, '/successfulResults');
    expect(await results(own.id)).toContain('"invented 1"');
  });

  test('of a bulk query are those of another query', async () => {
    const run = async (query: string): Promise<string> => {
      const { id } = (await org.send('POST', '/jobs/query', { operation: 'query', query })).body as { id: string };
      await expect
        .poll(async () => ((await org.ask(`/jobs/query/${id}`)).body as { state: string }).state)
        .toBe('JobComplete');
      return id;
    };
    const [users, contacts] = [await run('SELECT Username FROM User'), await run('SELECT LastName FROM Contact')];
    await fault({ kind: 'other-results' }, '/results');
    expect((await org.ask(`/jobs/query/${users}/results`)).body).toMatch(/^"LastName"\n/);
    await fault({ kind: 'other-results', jobId: users }, '/results');
    expect((await org.ask(`/jobs/query/${contacts}/results`)).body).toMatch(/^"Username"\n/);
  });
});

test('dates: of one answer, and of the whole org', async () => {
  const HOUR = 3_600_000;
  const ahead = (headers: Headers) => Date.parse(headers.get('date') ?? '') - Date.now();
  await fault({ kind: 'date', offset: -5 * HOUR }, '/limits');
  expect(Math.round(ahead((await org.ask('/limits')).headers) / HOUR)).toBe(-5);
  await org.admin('PATCH', '/knobs', { clockOffset: 2 * HOUR });
  expect(Math.round(ahead((await org.ask('/sobjects')).headers) / HOUR)).toBe(2);
  const id = await org.create('Account', { Name: 'From later' });
  const [record] = await org.query(`SELECT SystemModstamp FROM Account WHERE Id = '${id}'`);
  expect(Math.round((Date.parse(String(record?.['SystemModstamp'])) - Date.now()) / HOUR)).toBe(2);
  const job = (await org.ask(`/jobs/ingest/${await open()}`)).body as { createdDate: string };
  expect(Math.round((Date.parse(job.createdDate) - Date.now()) / HOUR)).toBe(2);
});

test('the token endpoint can send a client to another instance', async () => {
  await fault({ kind: 'move-instance', url: 'https://moved.example' }, '/services/oauth2/token');
  const answer = await fetch(`${org.url}/services/oauth2/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'password',
      client_id: 'x',
      username: 'admin@practice.example',
      password: 'practice',
    }),
  });
  expect(await answer.json()).toMatchObject({ instance_url: 'https://moved.example', token_type: 'Bearer' });
});

test('a field can go: from describe, queries, and jobs; a reset brings it back', async () => {
  const own = await startOrg({ records: 2 });
  const names = async () =>
    ((await own.ask('/sobjects/Account/describe')).body as { fields: { name: string }[] }).fields.map((f) => f.name);
  const before = await names();
  await own.admin('PUT', '/faults', [
    { path: '/limits', action: { kind: 'remove-field', object: 'Account', field: 'ERP_Id__c' } },
  ]);
  expect(await names()).toEqual(before);
  const modified = (await own.ask('/sobjects/Account/describe')).headers.get('last-modified') ?? '';
  await own.ask('/limits');
  expect(await names()).toEqual(before.filter((name) => name !== 'ERP_Id__c'));
  expect((await own.ask('/sobjects/Account/describe', { headers: { 'if-modified-since': modified } })).status).toBe(
    200,
  );
  await expect(own.query('SELECT ERP_Id__c FROM Account')).rejects.toThrow('INVALID_FIELD');
  expect(await own.ingest(INSERT, 'Name,ERP_Id__c\nA,1\n')).toMatchObject({
    state: 'Failed',
    errorMessage: 'InvalidBatch : Field name not found : ERP_Id__c',
  });
  await own.create('Account', { Name: 'Without it' });
  await own.admin('POST', '/reset', {});
  own.token = await own.tokenOf('admin@practice.example');
  expect(await names()).toEqual(before);
  expect(await own.query('SELECT ERP_Id__c FROM Account')).toHaveLength(2);
  await own.running.close();
});

describe('jobs that are gone', () => {
  test('one by one and all ended ones, with their results; open ones stay', async () => {
    const one = await org.ingest(INSERT, 'Name\nA\n');
    const two = await org.ingest(INSERT, 'Name\nA\n');
    const still = await open();
    expect((await org.admin('DELETE', `/jobs/${one.id}`)).status).toBe(200);
    expect((await org.admin('DELETE', `/jobs/${one.id}`)).status).toBe(404);
    expect(await org.ask(`/jobs/ingest/${one.id}`)).toMatchObject({ status: 404, body: [{ errorCode: 'NOT_FOUND' }] });
    expect((await org.ask(`/jobs/ingest/${one.id}/successfulResults`)).status).toBe(404);
    expect(await jobs()).toContainEqual({
      id: two.id,
      kind: 'Bulk 2.0',
      object: 'Account',
      operation: 'insert',
      state: 'JobComplete',
      processed: 1,
      failed: 0,
    });
    await org.admin('DELETE', '/jobs');
    const left = (await jobs()).map((job) => job['id']);
    expect(left).toContain(still);
    expect(left).not.toContain(two.id);
  });

  test('before the request that names them', async () => {
    const { id } = await org.ingest(INSERT, 'Name\nA\n');
    await fault({ kind: 'purge-job' }, '/failedResults');
    expect((await org.ask(`/jobs/ingest/${id}/failedResults`)).status).toBe(404);
    expect((await org.ask(`/jobs/ingest/${id}`)).status).toBe(404);
  });
});

test('a close takes a while to be seen; closing again changes nothing', async () => {
  await org.admin('PATCH', '/knobs', { commitLatency: 60_000 });
  const id = await open();
  await put(id, 'Name\nSeen late\n');
  expect(await setState(id, 'UploadComplete')).toMatchObject({ status: 200, body: { state: 'UploadComplete' } });
  await expect.poll(async () => (await named('Seen late')).length).toBe(1);
  expect((await org.ask(`/jobs/ingest/${id}`)).body).toMatchObject({ state: 'Open', numberRecordsProcessed: 0 });
  const list = ((await org.ask('/jobs/ingest')).body as { records: { id: string; state: string }[] }).records;
  expect(list.find((job) => job.id === id)).toMatchObject({ state: 'Open' });
  expect((await org.ask(`/jobs/ingest/${id}/successfulResults`)).status).toBe(400);
  expect(await setState(id, 'UploadComplete')).toMatchObject({ status: 200, body: { state: 'UploadComplete' } });
  expect((await put(id, 'Name\nAgain\n')).status).toBe(400);
  expect((await jobs()).find((job) => job['id'] === id)).toMatchObject({ state: 'JobComplete', processed: 1 });
  await org.admin('PATCH', '/knobs', { clockOffset: 61_000 });
  expect((await org.ask(`/jobs/ingest/${id}`)).body).toMatchObject({ state: 'JobComplete' });
  expect(await setState(id, 'UploadComplete')).toMatchObject({ status: 400 });
  expect(await named('Seen late')).toHaveLength(1);
});
