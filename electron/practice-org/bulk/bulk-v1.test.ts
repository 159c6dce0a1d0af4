import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startOrg, type TestOrg } from '../test-support/start-org.ts';

let org: TestOrg;
beforeAll(async () => {
  org = await startOrg();
});
afterAll(() => org.running.close());

const NAMESPACE = 'xmlns="http://www.force.com/2009/06/asyncapi/dataload"';

async function ask(
  method: string,
  path: string,
  body?: string,
  type = 'application/xml',
): Promise<{ status: number; text: string }> {
  const response = await fetch(`${org.url}/services/async/66.0${path}`, {
    method,
    headers: { 'x-sfdc-session': org.token, 'content-type': type },
    ...(body === undefined ? {} : { body }),
  });
  return { status: response.status, text: await response.text() };
}
// Element names come from the tests.
// eslint-disable-next-line security/detect-non-literal-regexp -- see above
const value = (text: string, name: string): string => new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1] ?? '';
const jobXml = (fields: Record<string, string>): string =>
  `<?xml version="1.0"?><jobInfo ${NAMESPACE}>${Object.entries(fields)
    .map(([name, text]) => `<${name}>${text}</${name}>`)
    .join('')}</jobInfo>`;

async function openJob(fields: Record<string, string>): Promise<string> {
  const { status, text } = await ask('POST', '/job', jobXml({ contentType: 'CSV', ...fields }));
  expect(status).toBe(201);
  return value(text, 'id');
}
async function addBatch(job: string, body: string, type = 'text/csv'): Promise<string> {
  const { status, text } = await ask('POST', `/job/${job}/batch`, body, type);
  expect(status).toBe(201);
  return value(text, 'id');
}
const ended = async (job: string, batch: string): Promise<string> => {
  for (;;) {
    const { text } = await ask('GET', `/job/${job}/batch/${batch}`);
    const state = value(text, 'state');
    if (state !== 'Queued' && state !== 'InProgress') return text;
  }
};

test('results are positional: one row a row of the batch, in its order', async () => {
  const job = await openJob({ operation: 'upsert', object: 'Account', externalIdFieldName: 'ERP_Id__c' });
  const batch = await addBatch(
    job,
    'ERP_Id__c,Name,Rating\nB1-1,First,\nB1-2,Second,Boiling\nB1-3,"Third, really",Hot\n',
  );
  expect(value(await ended(job, batch), 'state')).toBe('Completed');
  const { text } = await ask('GET', `/job/${job}/batch/${batch}/result`);
  const lines = text.trimEnd().split('\n');
  expect(lines[0]).toBe('"Id","Success","Created","Error"');
  expect(lines[1]).toMatch(/^"001\w{15}","true","true",""$/);
  expect(lines[2]).toBe(
    '"","false","false","INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST:Account Rating: bad value for restricted picklist field: Boiling:Rating --"',
  );
  expect(lines[3]).toMatch(/^"001\w{15}","true","true",""$/);
  const closed = await ask('POST', `/job/${job}`, jobXml({ state: 'Closed' }));
  expect(closed.text).toContain('<numberRecordsProcessed>3</numberRecordsProcessed>');
  expect(closed.text).toContain('<numberRecordsFailed>1</numberRecordsFailed>');
  expect((await ask('GET', `/job/${job}/batch/${batch}/request`)).text).toContain('Third, really');
  expect((await ask('GET', `/job/${job}/batch`)).text).toContain(batch);
});

test('a row with text outside quotes or a wrong number of values fails alone, in its place', async () => {
  const job = await openJob({ operation: 'insert', object: 'Account' });
  const batch = await addBatch(job, 'Name,Phone\nA,1\n"B" ,2\nC\nD,4\n');
  const info = await ended(job, batch);
  expect([value(info, 'state'), value(info, 'numberRecordsFailed')]).toEqual(['Completed', '2']);
  const { text } = await ask('GET', `/job/${job}/batch/${batch}/result`);
  expect(text.trimEnd().split('\n').slice(1)).toEqual([
    expect.stringMatching(/^"001\w{15}","true"/),
    '"","false","false","INVALID_FIELD:Text outside quotes in value 1:--"',
    '"","false","false","INVALID_FIELD:The row has 1 values, the header row has 2:--"',
    expect.stringMatching(/^"001\w{15}","true"/),
  ]);
});

test('queries give a result list and its rows', async () => {
  const job = await openJob({ operation: 'query', object: 'Account' });
  const batch = await addBatch(job, "SELECT Id, Name FROM Account WHERE ERP_Id__c LIKE 'B1-%' ORDER BY Name");
  await ended(job, batch);
  const list = await ask('GET', `/job/${job}/batch/${batch}/result`);
  const id = value(list.text, 'result');
  expect(id).toMatch(/^752/);
  const { text } = await ask('GET', `/job/${job}/batch/${batch}/result/${id}`);
  expect(text.split('\n').slice(0, 2)).toEqual(['"Id","Name"', expect.stringContaining('"First"')]);
  const bad = await addBatch(job, 'SELECT Nme FROM Account');
  expect(value(await ended(job, bad), 'stateMessage')).toContain(
    'InvalidBatch : Failed to process query: INVALID_FIELD: ',
  );
});

test('JSON and XML batches, with nulls and parents by key', async () => {
  const json = await openJob({
    operation: 'upsert',
    object: 'Account',
    externalIdFieldName: 'ERP_Id__c',
    contentType: 'JSON',
  });
  const batch = await ask(
    'POST',
    `/job/${json}/batch`,
    JSON.stringify([{ ERP_Id__c: 'B1-1', Phone: null, Parent: { ERP_Id__c: 'B1-3' } }]),
    'application/json',
  );
  const { id } = JSON.parse(batch.text) as { id: string };
  await expect
    .poll(async () => (JSON.parse((await ask('GET', `/job/${json}/batch/${id}`)).text) as { state: string }).state)
    .toBe('Completed');
  expect(JSON.parse((await ask('GET', `/job/${json}/batch/${id}/result`)).text)).toMatchObject([
    { success: true, created: false },
  ]);
  expect(await org.query("SELECT Parent.Name FROM Account WHERE ERP_Id__c = 'B1-1'")).toMatchObject([
    { Parent: { Name: 'Third, really' } },
  ]);
  const xml = await openJob({ operation: 'insert', object: 'Contact', contentType: 'XML' });
  const sObjects = `<sObjects ${NAMESPACE} xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><sObject><LastName>XML &amp; more</LastName><Phone xsi:nil="true"/><Account><sObject><ERP_Id__c>B1-3</ERP_Id__c></sObject></Account></sObject></sObjects>`;
  const made = await addBatch(xml, sObjects, 'application/xml');
  expect(value(await ended(xml, made), 'state')).toBe('Completed');
  expect((await ask('GET', `/job/${xml}/batch/${made}/result`)).text).toContain('<success>true</success>');
  expect(await org.query("SELECT Account.ERP_Id__c FROM Contact WHERE LastName = 'XML & more'")).toMatchObject([
    { Account: { ERP_Id__c: 'B1-3' } },
  ]);
});

test('a serial job works its batches one after the other', async () => {
  await org.admin('PATCH', '/knobs', { rowsPerSecond: 50 });
  const states = async (mode: string): Promise<string[]> => {
    const job = await openJob({ operation: 'insert', object: 'Account', concurrencyMode: mode });
    const rows = `Name\n${'S\n'.repeat(75)}`;
    const ids = [await addBatch(job, rows), await addBatch(job, rows)];
    let seen: string[] = [];
    await expect
      .poll(
        async () => {
          seen = [];
          for (const id of ids) seen.push(value((await ask('GET', `/job/${job}/batch/${id}`)).text, 'state'));
          return seen[0];
        },
        { interval: 10 },
      )
      .toBe('InProgress');
    for (const id of ids) await ended(job, id);
    return seen;
  };
  expect(await states('Serial')).toEqual(['InProgress', 'Queued']);
  expect(await states('Parallel')).toEqual(['InProgress', 'InProgress']);
  await org.admin('PATCH', '/knobs', { rowsPerSecond: 0 });
});

describe('refusals', () => {
  test.each<[string, () => Promise<{ status: number; text: string }>, string]>([
    [
      'an unknown operation',
      () => ask('POST', '/job', jobXml({ operation: 'explode', object: 'Account', contentType: 'CSV' })),
      'InvalidJob',
    ],
    [
      'an unknown object',
      () => ask('POST', '/job', jobXml({ operation: 'insert', object: 'Nothing', contentType: 'CSV' })),
      'InvalidEntity',
    ],
    [
      'an upsert without its field',
      () => ask('POST', '/job', jobXml({ operation: 'upsert', object: 'Account', contentType: 'CSV' })),
      'InvalidJob',
    ],
    [
      'a hard delete without its permission',
      () => ask('POST', '/job', jobXml({ operation: 'hardDelete', object: 'Account', contentType: 'CSV' })),
      'FeatureNotEnabled',
    ],
    ['no XML', () => ask('POST', '/job', '<jobInfo'), 'InvalidXML'],
    ['a document type', () => ask('POST', '/job', '<!DOCTYPE x [<!ENTITY a "b">]><jobInfo/>'), 'InvalidXML'],
    ['a job that is not there', () => ask('GET', '/job/750000000000000AAA'), 'InvalidJob'],
    ['another resource', () => ask('GET', '/jobs'), 'InvalidUrl'],
  ])('%s', async (_name, request, code) => {
    const { status, text } = await request();
    expect(status).toBe(400);
    expect(value(text, 'exceptionCode')).toBe(code);
  });

  test('a session that has ended says so as jsforce expects', async () => {
    const response = await fetch(`${org.url}/services/async/66.0/job`, {
      method: 'POST',
      headers: { 'x-sfdc-session': 'x' },
      body: jobXml({}),
    });
    expect(response.status).toBe(400);
    expect(await response.text()).toContain('<exceptionCode>InvalidSessionId</exceptionCode>');
  });

  test('no data, too many rows, and a batch for a closed job', async () => {
    const job = await openJob({ operation: 'insert', object: 'Account' });
    expect(value((await ask('POST', `/job/${job}/batch`, '', 'text/csv')).text, 'exceptionMessage')).toBe(
      'Unable to find any data to create batch',
    );
    const many = await addBatch(job, `Name\n${'A\n'.repeat(10_001)}`);
    expect(value(await ended(job, many), 'state')).toBe('Failed');
    await ask('POST', `/job/${job}`, jobXml({ state: 'Closed' }));
    expect(value((await ask('POST', `/job/${job}/batch`, 'Name\nA\n', 'text/csv')).text, 'exceptionCode')).toBe(
      'InvalidJobState',
    );
    expect(value((await ask('POST', `/job/${job}`, jobXml({ state: 'Closed' }))).text, 'exceptionCode')).toBe(
      'InvalidJobState',
    );
  });
});
