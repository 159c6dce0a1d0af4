import { createHash, randomBytes } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { normaliseRecordId } from '../../shared/domain/ids.ts';
import { PLAIN_OPTIONS, startPracticeOrg, type RunningPracticeOrg } from './practice-org.ts';

/** The practice org is what other tests believe; here it is held to Salesforce's documents. */
let org: RunningPracticeOrg;
const base = () => `${org.url}/services/data/v66.0`;

beforeAll(async () => {
  org = await startPracticeOrg({ ...PLAIN_OPTIONS, records: 60 });
});
afterAll(() => org.close());

async function ask(
  path: string,
  init: RequestInit = {},
  token = org.accessToken,
): Promise<{ status: number; body: unknown; headers: Headers }> {
  const response = await fetch(path.startsWith('http') ? path : base() + path, {
    ...init,
    redirect: 'manual',
    headers: { authorization: `Bearer ${token}`, ...init.headers },
  });
  const text = await response.text();
  return {
    status: response.status,
    body: text.startsWith('{') || text.startsWith('[') ? (JSON.parse(text) as unknown) : text,
    headers: response.headers,
  };
}

const query = async (soql: string) => (await ask(`/query?q=${encodeURIComponent(soql)}`)).body;

/** A whole ingest job: create, upload, close, wait, and the three result files. */
async function ingest(
  job: object,
  csv: string,
): Promise<{ state: string; errorMessage?: string; successful: string; failed: string; unprocessed: string }> {
  const created = (await ask('/jobs/ingest', { method: 'POST', body: JSON.stringify({ lineEnding: 'LF', ...job }) }))
    .body as { id: string; contentUrl: string };
  expect(created.contentUrl).toBe(`services/data/v66.0/jobs/ingest/${created.id}/batches`);
  expect((await ask(`/jobs/ingest/${created.id}/batches`, { method: 'PUT', body: csv })).status).toBe(201);
  await ask(`/jobs/ingest/${created.id}`, { method: 'PATCH', body: JSON.stringify({ state: 'UploadComplete' }) });
  const info = await expect
    .poll(async () => (await ask(`/jobs/ingest/${created.id}`)).body as { state: string; errorMessage?: string })
    .toMatchObject({ state: expect.stringMatching(/JobComplete|Failed/) as unknown })
    .then(async () => (await ask(`/jobs/ingest/${created.id}`)).body as { state: string; errorMessage?: string });
  const file = async (name: string) => String((await ask(`/jobs/ingest/${created.id}/${name}/`)).body);
  return {
    ...info,
    successful: await file('successfulResults'),
    failed: await file('failedResults'),
    unprocessed: await file('unprocessedrecords'),
  };
}

describe('HTTP and sessions', () => {
  test('a bad token is 401 INVALID_SESSION_ID, an unknown resource 404 NOT_FOUND, and paths are forgiving', async () => {
    expect(await ask('/sobjects', {}, 'nonsense')).toMatchObject({
      status: 401,
      body: [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }],
    });
    expect(await ask('/nothing')).toMatchObject({ status: 404, body: [{ errorCode: 'NOT_FOUND' }] });
    expect((await ask(`${org.url}//services/data/v66.0/sobjects/account/describe/`)).status).toBe(200);
    expect((await ask('/limits')).headers.get('sforce-limit-info')).toMatch(/^api-usage=\d+\/100000$/);
  });

  test('describe says what a loader must honour', async () => {
    const { body } = await ask('/sobjects/Account/describe');
    const { fields } = body as {
      fields: { name: string; createable: boolean; externalId: boolean; calculated: boolean }[];
    };
    expect(fields.length).toBeGreaterThan(40);
    expect(fields.find(({ name }) => name === 'ERP_Id__c')).toMatchObject({ externalId: true, createable: true });
    expect(fields.find(({ name }) => name === 'Weighted_Score__c')).toMatchObject({
      calculated: true,
      createable: false,
    });
    const global = (await ask('/sobjects')).body as { sobjects: { name: string }[] };
    expect(global.sobjects.map(({ name }) => name)).toEqual(
      expect.arrayContaining([
        'Account',
        'Contact',
        'Lead',
        'Opportunity',
        'Case',
        'User',
        'RecordType',
        'Shipment__c',
        'Berth__c',
      ]),
    );
  });

  test('the web server flow with PKCE: codes work once, for their verifier only, and refresh tokens can be revoked', async () => {
    const verifier = randomBytes(32).toString('base64url');
    const request = {
      response_type: 'code',
      client_id: 'Test',
      redirect_uri: 'http://localhost:1717/OauthRedirect',
      state: 's',
      code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    };
    const post = (path: string, fields: Record<string, string>) =>
      fetch(org.url + path, { method: 'POST', redirect: 'manual', body: new URLSearchParams(fields) });
    expect((await fetch(`${org.url}/services/oauth2/authorize?response_type=code&client_id=x`)).status).toBe(400);
    expect(
      await (await post('/login', { ...request, username: 'admin@practice.example', password: 'wrong' })).text(),
    ).toContain('Please check your username and password');
    const code = async () => {
      const page = await (
        await post('/login', { ...request, username: 'admin@practice.example', password: 'practice' })
      ).text();
      const ticket = /name="ticket" value="(\w+)"/.exec(page)?.[1] ?? '';
      const redirect = await post('/consent', { ticket, answer: 'allow' });
      return new URL(redirect.headers.get('location') ?? '').searchParams.get('code') ?? '';
    };
    const exchange = (fields: Record<string, string>) =>
      post('/services/oauth2/token', { client_id: 'Test', redirect_uri: request.redirect_uri, ...fields });
    expect(
      await (await exchange({ grant_type: 'authorization_code', code: await code(), code_verifier: 'other' })).json(),
    ).toMatchObject({ error: 'invalid_grant', error_description: 'invalid code verifier' });
    const good = await code();
    const token = (await (
      await exchange({ grant_type: 'authorization_code', code: good, code_verifier: verifier })
    ).json()) as Record<string, string>;
    expect(token).toMatchObject({ token_type: 'Bearer', instance_url: org.url });
    expect(token['access_token']).toMatch(/^00D\w{12}!/);
    expect((await exchange({ grant_type: 'authorization_code', code: good, code_verifier: verifier })).status).toBe(
      400,
    );
    expect(await ask(token['id'] ?? '', {}, token['access_token'])).toMatchObject({
      status: 200,
      body: { username: 'admin@practice.example' },
    });
    const refresh = { grant_type: 'refresh_token', refresh_token: token['refresh_token'] ?? '' };
    expect((await exchange(refresh)).status).toBe(200);
    await post('/services/oauth2/revoke', { token: token['refresh_token'] ?? '' });
    expect(await (await exchange(refresh)).json()).toEqual({
      error: 'invalid_grant',
      error_description: 'expired access/refresh token',
    });
  });
});

describe('SOQL', () => {
  test.each<[string, unknown]>([
    ['SELECT COUNT() FROM Account', { totalSize: 60, records: [] }],
    ["SELECT Id FROM Account WHERE erp_id__c = 'erp-100001'", { totalSize: 1 }],
    [
      "SELECT Name FROM Account WHERE ERP_Id__c IN ('ERP-100001', 'ERP-100002') AND (Name LIKE '%' OR Name = null)",
      { totalSize: 2 },
    ],
    ["SELECT Id FROM Account WHERE NOT (ERP_Id__c = 'ERP-100001')", { totalSize: 59 }],
    [
      'SELECT Account.ERP_Id__c FROM Contact WHERE External_Id__c != null ORDER BY External_Id__c LIMIT 1',
      { records: [{ Account: { ERP_Id__c: 'ERP-100010' } }] },
    ],
    ['SELECT COUNT(Id) n, MAX(NumberOfEmployees) m FROM Account', { totalSize: 1, records: [{ n: 60 }] }],
    ['SELECT Nme FROM Account', [{ errorCode: 'INVALID_FIELD' }]],
    ['SELECT Id FROM Nothing', [{ errorCode: 'INVALID_TYPE' }]],
    ['SELECT Id FROM Account WHERE', [{ errorCode: 'MALFORMED_QUERY' }]],
  ])('%s', async (soql, expected) => {
    expect(await query(soql)).toMatchObject(expected as object);
  });
});

describe('rows are refused in Salesforce’s own words', () => {
  const HEADER = 'ERP_Id__c,Name,Rating,NumberOfEmployees,Customer_Since__c,Billing_Email__c,BillingCity';
  test.each([
    ['a required field', 'T-1,,,,,,', 'REQUIRED_FIELD_MISSING:Required fields are missing: [Name]:Name --'],
    [
      'a date',
      'T-2,A,,,31.12.2025,,',
      "INVALID_FIELD:Failed to deserialize field at col 4. Due to, '31.12.2025' is not a valid value for the type xsd:date:Customer_Since__c --",
    ],
    [
      'a restricted picklist',
      'T-3,A,Boiling,,,,',
      'INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Account Rating: bad value for restricted picklist field: Boiling:Rating --',
    ],
    [
      'a number',
      'T-4,A,,1431655766,,,',
      'NUMBER_OUTSIDE_VALID_RANGE:Employees: value outside of valid range on numeric field: 1431655766:NumberOfEmployees --',
    ],
    [
      'an address',
      'T-5,A,,,,foo,',
      'INVALID_EMAIL_ADDRESS:Billing Email: invalid email address: foo:Billing_Email__c --',
    ],
    [
      'a long text',
      `T-6,A,,,,,${'x'.repeat(41)}`,
      `STRING_TOO_LONG:Billing City: data value too large: ${'x'.repeat(41)} (max length=40):BillingCity --`,
    ],
    ['a blank key', ',A,,,,,', 'MISSING_ARGUMENT:ERP_Id__c not specified:--'],
  ])('%s', async (_name, row, error) => {
    const { failed, state } = await ingest(
      { object: 'Account', operation: 'upsert', externalIdFieldName: 'ERP_Id__c' },
      `${HEADER}\n${row}\n`,
    );
    expect(state).toBe('JobComplete');
    expect(failed.split('\n')[0]).toBe(`"sf__Id","sf__Error",${HEADER}`);
    expect(failed).toContain(`"","${error}",`);
  });

  test('unique clashes, wrong ids, missing parents and formulas', async () => {
    const insert = await ingest({ object: 'Account', operation: 'insert' }, 'ERP_Id__c,Name\nERP-100001,A\n');
    expect(insert.failed).toMatch(
      /DUPLICATE_VALUE:duplicate value found: ERP_Id__c duplicates value on record with id: 001PR\w+:--/,
    );
    const update = await ingest(
      { object: 'Account', operation: 'update' },
      'Id,Name\n003000000000001AAA,A\n,B\n001PR0000ZZZZZZ,C\n',
    );
    expect(update.failed).toContain('MALFORMED_ID:Account ID: id value of incorrect type: 003000000000001AAA:Id --');
    expect(update.failed).toContain('MISSING_ARGUMENT:Id not specified in an update call:--');
    expect(update.failed).toContain('INVALID_CROSS_REFERENCE_KEY:invalid cross reference id:--');
    const contact = await ingest({ object: 'Contact', operation: 'insert' }, 'LastName,Account.ERP_Id__c\nA,NONE-1\n');
    expect(contact.failed).toContain(
      'INVALID_FIELD:Foreign key external ID: none-1 not found for field ERP_Id__c in entity Account:--',
    );
    const formula = await ingest({ object: 'Account', operation: 'insert' }, 'Name,Weighted_Score__c\nA,5\n');
    expect(formula.failed).toContain(
      'INVALID_FIELD_FOR_INSERT_UPDATE:Unable to create/update fields: Weighted_Score__c.',
    );
  });
});

describe('ingest jobs', () => {
  test('numbers come back re-serialised, cells quoted, header verbatim; blank is ignored and #N/A clears', async () => {
    const first = await ingest(
      { object: 'Account', operation: 'upsert', externalIdFieldName: 'ERP_Id__c' },
      'ERP_Id__c,Name,Credit_Limit__c,Phone\nN-1,"A, ""B""",912260031,1\n',
    );
    expect(first.successful.split('\n')[0]).toBe('"sf__Id","sf__Created",ERP_Id__c,Name,Credit_Limit__c,Phone');
    expect(first.successful).toMatch(/"001PR\w{13}","true","N-1","A, ""B""","9.12260031E8","1"/);
    await ingest(
      { object: 'Account', operation: 'upsert', externalIdFieldName: 'ERP_Id__c' },
      'ERP_Id__c,Credit_Limit__c,Phone\nN-1,,#N/A\n',
    );
    expect(await query("SELECT Credit_Limit__c, Phone FROM Account WHERE ERP_Id__c = 'N-1'")).toMatchObject({
      records: [{ Credit_Limit__c: 912260031, Phone: null }],
    });
  });

  test('a job fails as a whole for an unknown field and for the wrong line ending', async () => {
    expect(await ingest({ object: 'Account', operation: 'insert' }, 'Name,Foo__c\nA,1\n')).toMatchObject({
      state: 'Failed',
      errorMessage: 'InvalidBatch : Field name not found : Foo__c',
      unprocessed: 'Name,Foo__c\n"A","1"\n',
    });
    expect(await ingest({ object: 'Account', operation: 'insert' }, 'Name\r\nA\r\n')).toMatchObject({
      state: 'Failed',
      errorMessage: 'ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is LF',
    });
  });

  test('one upload a job, no upload after the close, and no unheard-of transition', async () => {
    const { id } = (
      await ask('/jobs/ingest', { method: 'POST', body: JSON.stringify({ object: 'Account', operation: 'insert' }) })
    ).body as { id: string };
    expect('id' in normaliseRecordId(id) && id.startsWith('750')).toBe(true);
    const put = () => ask(`/jobs/ingest/${id}/batches`, { method: 'PUT', body: 'Name\nA\n' });
    expect((await put()).status).toBe(201);
    expect(await put()).toMatchObject({ status: 400, body: [{ errorCode: 'BULK_API_ERROR' }] });
    expect((await ask(`/jobs/ingest/${id}`, { method: 'DELETE' })).status).toBe(400);
    await ask(`/jobs/ingest/${id}`, { method: 'PATCH', body: JSON.stringify({ state: 'Aborted' }) });
    expect((await put()).status).toBe(400);
    expect(
      (await ask(`/jobs/ingest/${id}`, { method: 'PATCH', body: JSON.stringify({ state: 'UploadComplete' }) })).status,
    ).toBe(400);
    expect((await ask(`/jobs/ingest/${id}`, { method: 'DELETE' })).status).toBe(204);
  });

  test('a malformed request gets an error, and the server goes on', async () => {
    expect((await ask('/jobs/ingest', { method: 'POST', body: '{"object":' })).status).toBe(400);
    expect(
      (await ask('/jobs/ingest', { method: 'POST', body: JSON.stringify({ object: 'Account', operation: 'explode' }) }))
        .body,
    ).toMatchObject([{ errorCode: 'INVALIDJOB' }]);
    expect(
      (
        await ask('/jobs/ingest', {
          method: 'POST',
          body: JSON.stringify({ object: 'Account', operation: 'hardDelete' }),
        })
      ).body,
    ).toMatchObject([{ errorCode: 'FEATURENOTENABLED' }]);
    expect((await ask('/sobjects/%E0%A4%A')).status).toBeGreaterThanOrEqual(400);
    expect((await ask('/sobjects')).status).toBe(200);
  });
});

test('query jobs give pages by locator, with a header on every page', async () => {
  const { id } = (
    await ask('/jobs/query', {
      method: 'POST',
      body: JSON.stringify({ operation: 'query', query: 'SELECT Id, Name FROM Account' }),
    })
  ).body as { id: string };
  await expect.poll(async () => ((await ask(`/jobs/query/${id}`)).body as { state: string }).state).toBe('JobComplete');
  let locator = '';
  let records = 0;
  do {
    const { body, headers } = await ask(`/jobs/query/${id}/results?maxRecords=25${locator}`);
    const lines = String(body).trimEnd().split('\n');
    expect(lines[0]).toBe('"Id","Name"');
    expect(Number(headers.get('sforce-numberofrecords'))).toBe(lines.length - 1);
    records += lines.length - 1;
    const next = headers.get('sforce-locator') ?? 'null';
    locator = next === 'null' ? '' : `&locator=${next}`;
  } while (locator !== '');
  expect(records).toBeGreaterThanOrEqual(60);
});
