import { afterAll, beforeAll, expect, test } from 'vitest';
import { startOrg, type TestOrg } from '../test-support/start-org.ts';

let org: TestOrg;
beforeAll(async () => {
  org = await startOrg();
});
afterAll(() => org.running.close());

async function call(body: string, token = org.token): Promise<{ status: number; text: string }> {
  const response = await fetch(`${org.url}/services/Soap/u/66.0`, {
    method: 'POST',
    headers: { 'content-type': 'text/xml', soapaction: '""' },
    body: `<Envelope><Header><SessionHeader><sessionId>${token}</sessionId></SessionHeader></Header><Body>${body}</Body></Envelope>`,
  });
  return { status: response.status, text: await response.text() };
}

/** Element names of results come from here. */
const texts = (text: string, name: string): string[] =>
  text
    .split(`<${name}>`)
    .slice(1)
    .map((rest) => rest.split('<')[0] ?? '');

const request = (object: string, master: string, losers: readonly string[], values = '', name = 'request') =>
  `<${name}><masterRecord><type>${object}</type><Id>${master}</Id>${values}</masterRecord>${losers
    .map((id) => `<recordToMergeIds>${id}</recordToMergeIds>`)
    .join('')}</${name}>`;

const all = async (soql: string) =>
  ((await org.ask(`/queryAll?q=${encodeURIComponent(soql)}`)).body as { records: Record<string, unknown>[] }).records;

test('a merged record is found by queryAll with its master; undelete gives it back without its children', async () => {
  const [master, first, second] = await Promise.all(
    ['Stays', 'Goes', 'Goes too'].map((Name) => org.create('Account', { Name, Phone: Name })),
  );
  const contact = await org.create('Contact', { LastName: 'Child', AccountId: first });
  const task = await org.create('Task', { Subject: 'Call', WhatId: second });
  const merged = await call(
    `<merge>${request('Account', master!, [first!, second!], '<Phone>1</Phone><fieldsToNull>Website</fieldsToNull>')}</merge>`,
  );
  expect(texts(merged.text, 'success')).toEqual(['true']);
  expect(texts(merged.text, 'mergedRecordIds')).toEqual([first, second]);
  expect(texts(merged.text, 'updatedRelatedIds').sort()).toEqual([contact, task].sort());
  const losers = `SELECT Id, IsDeleted, MasterRecordId, Phone FROM Account WHERE Id IN ('${first}', '${second}') ORDER BY Name`;
  expect(await all(losers)).toMatchObject([
    { Id: first, IsDeleted: true, MasterRecordId: master, Phone: 'Goes' },
    { Id: second, IsDeleted: true, MasterRecordId: master, Phone: 'Goes too' },
  ]);
  await call(`<undelete><ids>${first}</ids><ids>${second}</ids></undelete>`);
  expect(await all(losers)).toMatchObject([
    { IsDeleted: false, MasterRecordId: null },
    { IsDeleted: false, MasterRecordId: null },
  ]);
  expect(await org.query(`SELECT AccountId FROM Contact WHERE Id = '${contact}'`)).toMatchObject([
    { AccountId: master },
  ]);
});

test('requests of one call are transactions of their own, whatever the clients call them', async () => {
  const ids = await Promise.all([1, 2, 3, 4, 5].map((at) => org.create('Account', { Name: `Many ${at}` })));
  const [master, ...losers] = ids as [string, string, string, string, string];
  const child = await org.create('Contact', { LastName: 'Stays put', AccountId: losers[2] });
  const { text } = await call(
    `<merge>${request('Account', master, losers.slice(0, 2), '', 'mergeRequests')}${request('Account', master, [losers[2], losers[0]], '<Phone>9</Phone>', 'mergeRequests')}${request('Account', master, [losers[3]], '<Fax>7</Fax>', 'mergeRequests')}</merge>`,
  );
  expect(texts(text, 'success')).toEqual(['true', 'false', 'true']);
  expect(texts(text, 'statusCode')).toEqual(['ENTITY_IS_DELETED']);
  expect(await org.query(`SELECT Phone, Fax FROM Account WHERE Id = '${master}'`)).toMatchObject([
    { Phone: null, Fax: '7' },
  ]);
  expect(
    await org.query(`SELECT AccountId FROM Contact WHERE Id = '${child}'`),
    'what the refused one had moved is back',
  ).toMatchObject([{ AccountId: losers[2] }]);
});

test.each([
  ['none to merge', () => Promise.resolve([]), 'INVALID_NUMBER_OF_MERGE_RECORDS'],
  [
    'three to merge',
    () => Promise.all(['a', 'b', 'c'].map((Name) => org.create('Account', { Name }))),
    'INVALID_NUMBER_OF_MERGE_RECORDS',
  ],
  ['a record of another object', async () => [await org.create('Contact', { LastName: 'c' })], 'MALFORMED_ID'],
])('%s is refused in the result', async (_name, losers, code) => {
  const master = await org.create('Account', { Name: 'Refuses' });
  const { status, text } = await call(`<merge>${request('Account', master, await losers())}</merge>`);
  expect(status).toBe(200);
  expect(texts(text, 'statusCode')).toEqual([code]);
});

test('a parent by external id cannot be set, and nothing is merged', async () => {
  const [master, loser] = [await org.create('Account', { Name: 'm' }), await org.create('Account', { Name: 'l' })];
  const parent = '<Parent><type>Account</type><ERP_Id__c>ERP-100001</ERP_Id__c></Parent>';
  const { text } = await call(`<merge>${request('Account', master, [loser], parent)}</merge>`);
  expect(texts(text, 'success')).toEqual(['false']);
  expect(await org.query(`SELECT Id FROM Account WHERE Id = '${loser}'`)).toHaveLength(1);
});

test('circles of accounts and of superiors are errors; a superior is taken over', async () => {
  const loser = await org.create('Account', { Name: 'Above' });
  const master = await org.create('Account', { Name: 'Below', ParentId: loser });
  expect(texts((await call(`<merge>${request('Account', master, [loser])}</merge>`)).text, 'statusCode')).toEqual([
    'CIRCULAR_DEPENDENCY',
  ]);
  expect(await org.query(`SELECT ParentId FROM Account WHERE Id = '${master}'`)).toMatchObject([{ ParentId: loser }]);
  const boss = await org.create('Contact', { LastName: 'Boss' });
  const stays = await org.create('Contact', { LastName: 'Stays' });
  const goes = await org.create('Contact', { LastName: 'Goes', ReportsToId: boss });
  await call(`<merge>${request('Contact', stays, [goes])}</merge>`);
  expect(await org.query(`SELECT ReportsToId FROM Contact WHERE Id = '${stays}'`)).toMatchObject([
    { ReportsToId: boss },
  ]);
  const below = await org.create('Contact', { LastName: 'Below', ReportsToId: boss });
  expect(texts((await call(`<merge>${request('Contact', boss, [below])}</merge>`)).text, 'statusCode')).toEqual([
    'CIRCULAR_DEPENDENCY',
  ]);
});

test('too many requests, and objects that cannot be merged, are faults', async () => {
  const [master, loser] = [await org.create('Lead', { LastName: 'm', Company: 'c' }), '00Q000000000000AAA'];
  const many = await call(`<merge>${request('Lead', master, [loser]).repeat(201)}</merge>`);
  expect(many).toMatchObject({ status: 500 });
  expect(many.text).toContain('<faultcode>sf:EXCEEDED_ID_LIMIT</faultcode>');
  const other = await call(`<merge>${request('Opportunity', '006000000000000AAA', [loser])}</merge>`);
  expect(other.text).toContain('<faultcode>sf:INVALID_TYPE_FOR_OPERATION</faultcode>');
});
