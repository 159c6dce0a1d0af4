import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startOrg, type TestOrg } from '../test-support/start-org.ts';

let org: TestOrg;
beforeAll(async () => {
  org = await startOrg();
});
afterAll(() => org.running.close());

describe('what every request has in common', () => {
  test('sessions, paths, versions and limits', async () => {
    expect(await org.ask('/sobjects', { token: 'nonsense' })).toMatchObject({
      status: 401,
      body: [{ errorCode: 'INVALID_SESSION_ID', message: 'Session expired or invalid' }],
    });
    expect(await org.ask('/nothing')).toMatchObject({
      status: 404,
      body: [{ errorCode: 'NOT_FOUND', message: 'The requested resource does not exist' }],
    });
    expect((await org.ask('////services//data/v66.0/sobjects/account/describe/')).status).toBe(200);
    expect((await org.ask('//services/data/v99.0/limits')).status).toBe(404);
    expect((await org.ask('/limits')).headers.get('sforce-limit-info')).toMatch(/^api-usage=\d+\/100000$/);
    const versions = (await org.ask('//services/data')).body as { version: string }[];
    expect(versions.at(-1)).toEqual({ label: "Summer '26", url: '/services/data/v67.0', version: '67.0' });
    expect((await org.ask('')).body).toMatchObject({
      sobjects: '/services/data/v66.0/sobjects',
      identity: expect.stringContaining('/id/00D') as string,
    });
  });

  test('gzip both ways', async () => {
    const body = gzipSync(JSON.stringify({ Name: 'Zipped' }));
    const made = await org.ask('/sobjects/Account', {
      method: 'POST',
      body: body as never,
      headers: { 'content-encoding': 'gzip' },
    });
    expect(made.status).toBe(201);
    const answer = await fetch(`${org.url}/services/data/v66.0/sobjects`, {
      headers: { authorization: `Bearer ${org.token}`, 'accept-encoding': 'gzip' },
    });
    expect(answer.headers.get('content-encoding')).toBe('gzip');
    await answer.body?.cancel();
    const broken = await org.ask('/sobjects/Account', {
      method: 'POST',
      body: 'not gzip',
      headers: { 'content-encoding': 'gzip' },
    });
    expect(broken.status).toBe(400);
  });

  test('over the limit of the day nothing is answered', async () => {
    await org.admin('PATCH', '/knobs', { apiLimit: 1 });
    expect(await org.ask('/limits')).toMatchObject({
      status: 403,
      body: [{ message: 'TotalRequests Limit exceeded.', errorCode: 'REQUEST_LIMIT_EXCEEDED' }],
    });
    await org.admin('PATCH', '/knobs', { apiLimit: 100_000 });
  });
});

describe('describe', () => {
  test('says what a loader must honour', async () => {
    const { body } = await org.ask('/sobjects/Account/describe');
    const { fields, childRelationships, recordTypeInfos } = body as {
      fields: Record<string, unknown>[];
      childRelationships: Record<string, unknown>[];
      recordTypeInfos: Record<string, unknown>[];
    };
    const field = (name: string) => fields.find((one) => one['name'] === name);
    expect(field('ERP_Id__c')).toMatchObject({ externalId: true, createable: true, unique: true, idLookup: true });
    expect(field('Weighted_Score__c')).toMatchObject({ calculated: true, createable: false });
    expect(field('BillingCity')).toMatchObject({ compoundFieldName: 'BillingAddress', length: 40, byteLength: 120 });
    expect(childRelationships).toContainEqual(
      expect.objectContaining({
        childSObject: 'Contact',
        field: 'AccountId',
        relationshipName: 'Contacts',
        cascadeDelete: true,
      }),
    );
    expect(recordTypeInfos.map((info) => info['developerName'])).toEqual(['Customer', 'Supplier', 'Master']);
    const { body: shipment } = await org.ask('/sobjects/Shipment__c/describe');
    const service = (
      shipment as {
        fields: { name: string; dependentPicklist: boolean; picklistValues: { value: string; validFor: string }[] }[];
      }
    ).fields.find(({ name }) => name === 'Service__c');
    // Road, Rail, Sea, Air: Express goes with the first and the last.
    expect(service?.picklistValues[0]).toMatchObject({
      value: 'Express',
      validFor: Buffer.from([0b10010000]).toString('base64'),
    });
  });

  test('is not sent again to whoever has it', async () => {
    const first = await org.ask('/sobjects/Account/describe');
    const since = first.headers.get('last-modified') ?? '';
    expect((await org.ask('/sobjects/Account/describe', { headers: { 'if-modified-since': since } })).status).toBe(304);
    expect(
      (
        await org.ask('/sobjects/Account/describe', {
          headers: { 'if-modified-since': 'Thu, 01 Jan 2015 00:00:00 GMT' },
        })
      ).status,
    ).toBe(200);
  });
});

describe('one record', () => {
  test('create, get some of its fields, update, delete', async () => {
    const id = await org.create('Account', { Name: 'One', Last_Review__c: '2026-01-02T21:33:43+01:00' });
    expect((await org.ask(`/sobjects/Account/${id.slice(0, 15)}?fields=Name,Last_Review__c`)).body).toEqual({
      attributes: { type: 'Account', url: `/services/data/v66.0/sobjects/Account/${id}` },
      Name: 'One',
      Last_Review__c: '2026-01-02T20:33:43.000+0000',
    });
    expect((await org.send('PATCH', `/sobjects/Account/${id}`, { Phone: '1', Name: 'Two' })).status).toBe(204);
    expect((await org.ask(`/sobjects/Account/${id}`, { method: 'DELETE' })).status).toBe(204);
    expect(await org.ask(`/sobjects/Account/${id}`, { method: 'DELETE' })).toMatchObject({
      status: 404,
      body: [{ errorCode: 'ENTITY_IS_DELETED', message: 'entity is deleted' }],
    });
    expect((await org.ask('/sobjects/Account/001PR0000ZZZZZZ')).status).toBe(404);
  });

  test.each<[string, object, string, string]>([
    ['an unknown field', { Nme: 'x' }, 'INVALID_FIELD', "No such column 'Nme' on sobject of type Account"],
    [
      'a value of another type',
      { Name: 'x', NumberOfEmployees: 'many' },
      'JSON_PARSER_ERROR',
      'Cannot deserialize instance of int from VALUE_STRING value many or request may be missing a required field at [line:1, column:1]',
    ],
    ['a required field', { Phone: '1' }, 'REQUIRED_FIELD_MISSING', 'Required fields are missing: [Name]'],
    [
      'a parent that is not there',
      { Name: 'x', Parent: { ERP_Id__c: 'none' } },
      'INVALID_FIELD',
      'Foreign key external ID: none not found for field ERP_Id__c in entity Account',
    ],
  ])('%s is refused in Salesforce’s words', async (_name, body, errorCode, message) => {
    expect(await org.send('POST', '/sobjects/Account', body)).toMatchObject({
      status: 400,
      body: [{ errorCode, message }],
    });
  });

  test('upsert by external id: 201, 200, 204 for old versions, 300 for several, 404 for updateOnly', async () => {
    const path = '/sobjects/Account/ERP_Id__c/UPS-1';
    expect(await org.send('PATCH', path, { Name: 'U' })).toMatchObject({
      status: 201,
      body: { success: true, created: true },
    });
    expect(await org.send('PATCH', path, { Phone: '1' })).toMatchObject({ status: 200, body: { created: false } });
    expect(
      (await org.send('PATCH', '//services/data/v45.0/sobjects/Account/ERP_Id__c/UPS-1', { Phone: '2' })).status,
    ).toBe(204);
    expect((await org.send('PATCH', '/sobjects/Account/ERP_Id__c/UPS-2?updateOnly=true', { Name: 'U' })).status).toBe(
      404,
    );
    expect((await org.ask(path)).body).toMatchObject({ Phone: '2' });
    await org.create('Berth__c', { Name: 'A', Port_Code__c: 'TWICE' });
    await org.create('Berth__c', { Name: 'B', Port_Code__c: 'TWICE' });
    const several = await org.send('PATCH', '/sobjects/Berth__c/Port_Code__c/TWICE', { Name: 'C' });
    expect(several.status).toBe(300);
    expect(several.body).toEqual([
      expect.stringMatching(/\/sobjects\/Berth__c\/a02/),
      expect.stringMatching(/\/sobjects\/Berth__c\/a02/),
    ]);
    expect((await org.send('PATCH', '/sobjects/Account/Phone/1', { Name: 'U' })).status).toBe(404);
  });
});

test('the User Interface API tells picklists by record type, and which values a controlling one allows', async () => {
  const info = (await org.ask('/ui-api/object-info/Shipment__c')).body as {
    defaultRecordTypeId: string;
    recordTypeInfos: Record<string, { name: string }>;
  };
  expect(info.recordTypeInfos[info.defaultRecordTypeId]?.name).toBe('Inbound');
  const outbound = Object.entries(info.recordTypeInfos).find(([, { name }]) => name === 'Outbound')?.[0] ?? '';
  const path = `/ui-api/object-info/Shipment__c/picklist-values/${outbound}`;
  const { picklistFieldValues } = (await org.ask(path)).body as {
    picklistFieldValues: Record<string, { values: { value: string; validFor: number[] }[]; controllerValues: object }>;
  };
  expect(picklistFieldValues['Carrier__c']?.values.map(({ value }) => value)).toEqual(['Road', 'Rail', 'Sea']);
  expect(picklistFieldValues['Service__c']).toMatchObject({
    controllerValues: { Road: 0, Rail: 1, Sea: 2, Air: 3 },
    values: [
      { value: 'Express', validFor: [0, 3] },
      { value: 'Standard', validFor: [0, 1] },
      { value: 'Container', validFor: [1, 2] },
      { value: 'Charter', validFor: [3] },
    ],
  });
  expect((await org.ask(`${path}/Carrier__c`)).body).toMatchObject({ controllerValues: {}, values: [{}, {}, {}] });
  expect((await org.ask('/ui-api/object-info/Shipment__c/picklist-values/012000000000999AAA')).status).toBe(404);
});

describe('many records', () => {
  const account = (Name: string, more: object = {}) => ({ attributes: { type: 'Account' }, Name, ...more });

  test('collections answer in the order of the request, and all or none takes the others back', async () => {
    const body = { records: [account('C1'), account(''), account('C2')] };
    const loose = await org.send('POST', '/composite/sobjects', body);
    expect(loose.body).toMatchObject([
      { success: true },
      { success: false, errors: [{ statusCode: 'REQUIRED_FIELD_MISSING', fields: ['Name'] }] },
      { success: true },
    ]);
    const strict = await org.send('POST', '/composite/sobjects', {
      allOrNone: true,
      records: [account('C3'), account('')],
    });
    expect(strict.body).toMatchObject([
      {
        success: false,
        errors: [
          {
            statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK',
            message: 'Record rolled back because not all records were valid and the request was using AllOrNone header',
          },
        ],
      },
      { success: false, errors: [{ statusCode: 'REQUIRED_FIELD_MISSING' }] },
    ]);
    expect(await org.query("SELECT Id FROM Account WHERE Name = 'C3'")).toEqual([]);
    const ids = (loose.body as { id?: string }[]).flatMap(({ id }) => id ?? []);
    expect(
      (
        await org.send('POST', '/composite/sobjects/Account', {
          ids: [ids[1], '001000000000000', ids[0]],
          fields: ['Name'],
        })
      ).body,
    ).toMatchObject([{ Name: 'C2' }, null, { Name: 'C1' }]);
    expect(
      (
        await org.send('PATCH', '/composite/sobjects', {
          records: [{ attributes: { type: 'Account' }, id: ids[0], Rating: 'Hot' }],
        })
      ).body,
    ).toMatchObject([{ success: true }]);
    expect((await org.ask(`/composite/sobjects?ids=${ids.join(',')}`, { method: 'DELETE' })).body).toMatchObject([
      { success: true },
      { success: true },
    ]);
  });

  test('all or none takes back records of every type, whichever of them failed, in creates and in updates', async () => {
    const noOwner = { attributes: { type: 'Contact' }, LastName: 'C', OwnerId: 'no id' };
    const created = await org.send('POST', '/composite/sobjects', {
      allOrNone: true,
      records: [account('Chunk'), { attributes: { type: 'Berth__c' }, Name: 'Chunk' }, noOwner],
    });
    const rolledBack = { success: false, errors: [{ statusCode: 'ALL_OR_NONE_OPERATION_ROLLED_BACK' }] };
    const malformed = { success: false, errors: [{ statusCode: 'MALFORMED_ID' }] };
    expect(created).toMatchObject({ status: 200, body: [rolledBack, rolledBack, malformed] });
    expect(await org.query("SELECT Id FROM Account WHERE Name = 'Chunk'")).toEqual([]);
    expect(await org.query("SELECT Id FROM Berth__c WHERE Name = 'Chunk'")).toEqual([]);
    const [{ Id, Name } = {}] = await org.query('SELECT Id, Name FROM Account LIMIT 1');
    const updated = await org.send('PATCH', '/composite/sobjects', {
      allOrNone: true,
      records: [account('Chunk', { id: Id }), { attributes: { type: 'Contact' }, id: 'no id' }],
    });
    expect(updated).toMatchObject({ status: 200, body: [rolledBack, malformed] });
    expect(await org.query(`SELECT Name FROM Account WHERE Id = '${String(Id)}'`)).toMatchObject([{ Name }]);
  });

  test('upserting a collection says which were created', async () => {
    const records = [
      account('U1', { ERP_Id__c: 'COL-1' }),
      account('U1 again', { ERP_Id__c: 'COL-1' }),
      account('U2', { ERP_Id__c: 'COL-2' }),
    ];
    expect((await org.send('PATCH', '/composite/sobjects/Account/ERP_Id__c', { records })).body).toMatchObject([
      { success: true, created: true },
      {
        success: false,
        errors: [{ statusCode: 'DUPLICATE_VALUE', message: 'Duplicate external id specified: COL-1' }],
      },
      { success: true, created: true },
    ]);
  });

  test('two hundred and no more', async () => {
    const records = Array.from({ length: 201 }, (_all, n) => account(`N${n}`));
    expect((await org.send('POST', '/composite/sobjects', { records })).status).toBe(400);
  });

  test('trees save parents with their children, all or none', async () => {
    const tree = (name: string) => ({
      records: [
        {
          attributes: { type: 'Account', referenceId: 'a' },
          Name: 'Tree',
          Contacts: { records: [{ attributes: { type: 'Contact', referenceId: 'c' }, LastName: name }] },
        },
      ],
    });
    expect(await org.send('POST', '/composite/tree/Account', tree('Leaf'))).toMatchObject({
      status: 201,
      body: { hasErrors: false, results: [{ referenceId: 'a' }, { referenceId: 'c' }] },
    });
    expect(await org.query("SELECT Account.Name FROM Contact WHERE LastName = 'Leaf'")).toMatchObject([
      { Account: { Name: 'Tree' } },
    ]);
    expect(await org.send('POST', '/composite/tree/Account', tree(''))).toMatchObject({
      status: 400,
      body: { hasErrors: true, results: [{ referenceId: 'c', errors: [{ statusCode: 'REQUIRED_FIELD_MISSING' }] }] },
    });
    expect(await org.query("SELECT Id FROM Account WHERE Name = 'Tree'")).toHaveLength(1);
  });

  test('composite requests use each other’s answers, and halt as one', async () => {
    const requests = (lastName: string) => [
      { method: 'POST', url: '/services/data/v66.0/sobjects/Account', referenceId: 'acc', body: { Name: 'Composite' } },
      {
        method: 'POST',
        url: '/services/data/v66.0/sobjects/Contact',
        referenceId: 'con',
        body: { LastName: lastName, AccountId: '@{acc.id}' },
      },
      { method: 'GET', url: '/services/data/v66.0/sobjects/Contact/@{con.id}?fields=AccountId', referenceId: 'got' },
    ];
    const good = (await org.send('POST', '/composite', { compositeRequest: requests('C') })).body as {
      compositeResponse: { httpStatusCode: number; body: { id?: string; AccountId?: string } }[];
    };
    expect(good.compositeResponse.map(({ httpStatusCode }) => httpStatusCode)).toEqual([201, 201, 200]);
    expect(good.compositeResponse[2]?.body.AccountId).toBe(good.compositeResponse[0]?.body.id);
    const bad = await org.send('POST', '/composite', { allOrNone: true, compositeRequest: requests('') });
    expect(bad.body).toMatchObject({
      compositeResponse: [
        { httpStatusCode: 400, body: [{ errorCode: 'PROCESSING_HALTED' }] },
        { httpStatusCode: 400, body: [{ errorCode: 'REQUIRED_FIELD_MISSING' }] },
        { httpStatusCode: 400, body: [{ errorCode: 'PROCESSING_HALTED' }] },
      ],
    });
    expect(await org.query("SELECT Id FROM Account WHERE Name = 'Composite'")).toHaveLength(1);
  });

  test('batch runs independent requests', async () => {
    const body = {
      batchRequests: [
        { method: 'GET', url: 'v66.0/limits' },
        { method: 'GET', url: 'v66.0/nothing' },
      ],
    };
    expect((await org.send('POST', '/composite/batch', body)).body).toMatchObject({
      hasErrors: true,
      results: [{ statusCode: 200 }, { statusCode: 404 }],
    });
  });
});

test('query pages, queryAll, and locators that are not there', async () => {
  const page = await org.ask('/query?q=SELECT+Id+FROM+FieldDefinition', {
    headers: { 'Sforce-Query-Options': 'batchSize=200' },
  });
  const first = page.body as { totalSize: number; done: boolean; nextRecordsUrl: string; records: object[] };
  expect(first).toMatchObject({
    done: false,
    nextRecordsUrl: expect.stringMatching(/^\/services\/data\/v66\.0\/query\/01g\w{15}-200$/) as string,
  });
  expect(first.records).toHaveLength(200);
  expect((await org.ask(`/${first.nextRecordsUrl}`)).body).toMatchObject({ totalSize: first.totalSize });
  expect((await org.ask('/query/01g000000000000AAA-200')).body).toEqual([
    { message: 'invalid query locator', errorCode: 'INVALID_QUERY_LOCATOR' },
  ]);
  const id = await org.create('Account', { Name: 'Deleted one' });
  await org.ask(`/sobjects/Account/${id}`, { method: 'DELETE' });
  const soql = encodeURIComponent("SELECT Id FROM Account WHERE Name = 'Deleted one'");
  expect((await org.ask(`/query?q=${soql}`)).body).toMatchObject({ totalSize: 0 });
  expect((await org.ask(`/queryAll?q=${soql}`)).body).toMatchObject({ totalSize: 1 });
});

test('record counts, updated and deleted records, search', async () => {
  expect((await org.ask('/limits/recordCount?sObjects=Organization,User')).body).toEqual({
    sObjects: [
      { count: 1, name: 'Organization' },
      { count: 5, name: 'User' },
    ],
  });
  const start = encodeURIComponent(new Date(Date.now() - 60_000).toISOString());
  const end = encodeURIComponent(new Date(Date.now() + 60_000).toISOString());
  const id = await org.create('Account', { Name: 'Findable Freight' });
  expect((await org.ask(`/sobjects/Account/updated?start=${start}&end=${end}`)).body).toMatchObject({
    ids: expect.arrayContaining([id]) as string[],
  });
  const search = async (sosl: string) => (await org.ask(`/search?q=${encodeURIComponent(sosl)}`)).body;
  expect(
    await search(
      "FIND {find* AND freight} IN NAME FIELDS RETURNING Account(Id, Name WHERE Name LIKE 'F%' LIMIT 3), Contact",
    ),
  ).toMatchObject({ searchRecords: [{ Id: id, Name: 'Findable Freight' }] });
  expect(await search('FIND {"findable freight" AND NOT zebra} RETURNING Account')).toMatchObject({
    searchRecords: [{ Id: id }],
  });
  expect(await search('FIND findable')).toMatchObject([{ errorCode: 'MALFORMED_SEARCH' }]);
  expect((await org.ask('/parameterizedSearch?q=Findable&sobject=Account&Account.fields=Name')).body).toMatchObject({
    searchRecords: [{ Name: 'Findable Freight' }],
  });
  await org.ask(`/sobjects/Account/${id}`, { method: 'DELETE' });
  expect((await org.ask(`/sobjects/Account/deleted?start=${start}&end=${end}`)).body).toMatchObject({
    deletedRecords: expect.arrayContaining([expect.objectContaining({ id })]) as object[],
  });
});

test('UserPermissionAccess is one record: what the user who asks may do', async () => {
  const soql =
    'SELECT PermissionsApiEnabled, PermissionsBulkApiHardDelete, PermissionsModifyAllData FROM UserPermissionAccess';
  const of = async (username: string) => {
    const { body } = await org.ask(`/query?q=${encodeURIComponent(soql)}`, { token: await org.tokenOf(username) });
    return (body as { records: unknown[] }).records;
  };
  expect(await of('admin@practice.example')).toEqual([
    expect.objectContaining({
      PermissionsApiEnabled: true,
      PermissionsBulkApiHardDelete: false,
      PermissionsModifyAllData: true,
    }),
  ]);
  expect(await of('integration@practice.example')).toEqual([
    expect.objectContaining({ PermissionsBulkApiHardDelete: true }),
  ]);
  expect(await of('standard@practice.example')).toEqual([
    expect.objectContaining({ PermissionsApiEnabled: true, PermissionsModifyAllData: false }),
  ]);
});

test('the org says what edition it is, whether it is a sandbox and when a trial ends, as the knobs have it', async () => {
  const soql = 'SELECT OrganizationType, IsSandbox, TrialExpirationDate FROM Organization';
  expect(await org.query(soql)).toEqual([
    expect.objectContaining({ OrganizationType: 'Developer Edition', IsSandbox: false, TrialExpirationDate: null }),
  ]);
  await org.admin('PATCH', '/knobs', { isSandbox: true, trialExpirationDate: '2027-01-31T00:00:00Z' });
  expect(await org.query(soql)).toEqual([
    expect.objectContaining({ IsSandbox: true, TrialExpirationDate: '2027-01-31T00:00:00.000+0000' }),
  ]);
  await org.admin('POST', '/reset');
  org.token = await org.tokenOf('admin@practice.example');
  expect(await org.query(soql)).toEqual([expect.objectContaining({ IsSandbox: true })]);
  await org.admin('PATCH', '/knobs', { isSandbox: false, trialExpirationDate: null });
});

test('versions carry the names of their releases', async () => {
  expect((await org.ask('//services/data')).body).toContainEqual({
    label: "Spring '26",
    url: '/services/data/v66.0',
    version: '66.0',
  });
});
