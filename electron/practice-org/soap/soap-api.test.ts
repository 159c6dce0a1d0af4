import { afterAll, beforeAll, expect, test } from 'vitest';
import { startOrg, type TestOrg } from '../test-support/start-org.ts';

let org: TestOrg;
beforeAll(async () => {
  org = await startOrg();
});
afterAll(() => org.running.close());

async function call(body: string, session = org.token, header = ''): Promise<{ status: number; text: string }> {
  const response = await fetch(`${org.url}/services/Soap/u/64.0`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml', soapaction: '""' },
    body: `<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><soapenv:Header xmlns="urn:partner.soap.sforce.com"><SessionHeader><sessionId>${session}</sessionId></SessionHeader>${header}</soapenv:Header><soapenv:Body xmlns="urn:partner.soap.sforce.com">${body}</soapenv:Body></soapenv:Envelope>`,
  });
  return { status: response.status, text: await response.text() };
}
const value = (text: string, name: string): string | undefined =>
  // Element names come from the tests.
  // eslint-disable-next-line security/detect-non-literal-regexp -- see above
  new RegExp(`<${name}>([^<]*)</${name}>`).exec(text)?.[1];

test('login gives a session and an address, logout ends it', async () => {
  const wrong = await call('<login><username>admin@practice.example</username><password>x</password></login>');
  expect(wrong.status).toBe(500);
  expect(wrong.text).toContain('<faultcode>sf:INVALID_LOGIN</faultcode>');
  expect(value(wrong.text, 'faultstring')).toBe(
    'INVALID_LOGIN: Invalid username, password, security token; or user locked out.',
  );
  const { status, text } = await call(
    '<login><username>standard@practice.example</username><password>practice</password></login>',
  );
  expect(status).toBe(200);
  expect(value(text, 'serverUrl')).toMatch(/\/services\/Soap\/u\/64\.0\/00D/);
  const session = value(text, 'sessionId') ?? '';
  expect(value((await call('<getUserInfo/>', session)).text, 'userName')).toBe('standard@practice.example');
  await call('<logout/>', session);
  expect((await call('<getServerTimestamp/>', session)).text).toContain('<faultcode>sf:INVALID_SESSION_ID</faultcode>');
});

test('merge moves the children, undelete brings the company back, emptyRecycleBin does not', async () => {
  const master = await org.create('Account', { Name: 'Stays' });
  const loser = await org.create('Account', { Name: 'Goes' });
  const contact = await org.create('Contact', { LastName: 'Moves', AccountId: loser });
  const merged = await call(
    `<merge><mergeRequests><masterRecord><type>Account</type><Id>${master}</Id><Phone>123</Phone></masterRecord><recordToMergeIds>${loser}</recordToMergeIds></mergeRequests></merge>`,
  );
  expect(value(merged.text, 'success')).toBe('true');
  expect(value(merged.text, 'updatedRelatedIds')).toBe(contact);
  expect(await org.query(`SELECT Phone, (SELECT Id FROM Contacts) FROM Account WHERE Id = '${master}'`)).toMatchObject([
    { Phone: '123', Contacts: { totalSize: 1 } },
  ]);
  expect(await org.query(`SELECT MasterRecordId, IsDeleted FROM Account WHERE Id = '${loser}' ALL ROWS`)).toMatchObject(
    [{ MasterRecordId: master, IsDeleted: true }],
  );
  await org.ask(`/sobjects/Account/${master}`, { method: 'DELETE' });
  expect(value((await call(`<undelete><ids>${contact}</ids></undelete>`)).text, 'statusCode')).toBe('UNDELETE_FAILED');
  expect(value((await call(`<undelete><ids>${master}</ids></undelete>`)).text, 'success')).toBe('true');
  expect(await org.query(`SELECT Id FROM Contact WHERE AccountId = '${master}'`)).toHaveLength(1);
  await org.ask(`/sobjects/Account/${master}`, { method: 'DELETE' });
  expect(value((await call(`<emptyRecycleBin><ids>${master}</ids></emptyRecycleBin>`)).text, 'success')).toBe('true');
  expect(value((await call(`<undelete><ids>${master}</ids></undelete>`)).text, 'success')).toBe('false');
  expect(await org.query(`SELECT Id FROM Contact WHERE Id = '${contact}' ALL ROWS`)).toEqual([]);
});

test('findDuplicates and findDuplicatesByIds name who is like it', async () => {
  const id = await org.create('Account', { Name: 'Same Harbor Inc.', BillingPostalCode: '69001' });
  const twin = await org.create('Account', { Name: 'SAME HARBOR', BillingPostalCode: '69001-1234' });
  const found = await call(
    '<findDuplicates><sObjects><type>Account</type><Name>same harbor ltd</Name><BillingPostalCode>69001</BillingPostalCode></sObjects></findDuplicates>',
  );
  expect(found.text).toContain('<duplicateRule>Standard_Account_Duplicate_Rule</duplicateRule>');
  expect(found.text).toContain(`<sf:Id>${id}</sf:Id>`);
  const byId = await call(`<findDuplicatesByIds><ids>${twin}</ids></findDuplicatesByIds>`);
  expect(byId.text).toContain(`<sf:Id>${id}</sf:Id>`);
  expect(byId.text).not.toContain(`<sf:Id>${twin}</sf:Id>`);
});

test('create, update, upsert and delete, with nulls, parents by key and errors a record', async () => {
  const made = await call(
    '<create><sObjects><type>Account</type><Name>By SOAP</Name><Phone>1</Phone><ERP_Id__c>SOAP-1</ERP_Id__c></sObjects><sObjects><type>Account</type></sObjects></create>',
  );
  expect(made.text).toContain('<statusCode>REQUIRED_FIELD_MISSING</statusCode>');
  const id = value(made.text, 'id') ?? '';
  await call(
    `<update><sObjects><type>Account</type><Id>${id}</Id><fieldsToNull>Phone</fieldsToNull><Parent><type>Account</type><ERP_Id__c>ERP-100001</ERP_Id__c></Parent></sObjects></update>`,
  );
  expect(await org.query(`SELECT Phone, Parent.ERP_Id__c FROM Account WHERE Id = '${id}'`)).toMatchObject([
    { Phone: null, Parent: { ERP_Id__c: 'ERP-100001' } },
  ]);
  const upserted = await call(
    '<upsert><externalIDFieldName>ERP_Id__c</externalIDFieldName><sObjects><type>Account</type><ERP_Id__c>SOAP-1</ERP_Id__c><Name>Again</Name></sObjects></upsert>',
  );
  expect(value(upserted.text, 'created')).toBe('false');
  expect(value((await call(`<delete><ids>${id}</ids></delete>`)).text, 'success')).toBe('true');
});

test.each<[string, string, string]>([
  ['an unknown call', '<conquer/>', 'UNKNOWN_EXCEPTION'],
  ['an unknown object', '<create><sObjects><type>Nothing</type></sObjects></create>', 'INVALID_TYPE'],
])('%s is a fault', async (_name, body, code) => {
  const { status, text } = await call(body);
  expect(status).toBe(500);
  expect(text).toContain(`<faultcode>sf:${code}</faultcode>`);
});
