import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { handMade, keptOrg, openOrgs, ORG_ID, sendJson, type HandMade } from '../test-support/test-orgs.ts';
import { findDuplicates } from './find-duplicates.ts';

const signal = new AbortController().signal;
let folder: string;
let server: HandMade | null = null;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-find-'));
});
afterEach(async () => {
  await server?.close();
  server = null;
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const soap = (body: string): string =>
  `<?xml version="1.0"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Body>${body}</soapenv:Body></soapenv:Envelope>`;
const response = (results: string): string => soap(`<findDuplicatesResponse>${results}</findDuplicatesResponse>`);
const fault = (code: string): string =>
  soap(`<soapenv:Fault><faultcode>sf:${code}</faultcode><faultstring>${code}: because</faultstring></soapenv:Fault>`);
const FOUND =
  '<result><success>true</success><duplicateResults><allowSave>false</allowSave><duplicateRule>R</duplicateRule><matchResults><matchRecords><matchConfidence>91.0</matchConfidence><record xsi:type="sf:sObject"><sf:type>Lead</sf:type><sf:Id>00Q1</sf:Id><sf:Id>00Q1</sf:Id></record></matchRecords><rule>M</rule></matchResults></duplicateResults></result>';
const NONE =
  '<result><success>true</success><duplicateResults><allowSave>true</allowSave><duplicateRule>R</duplicateRule></duplicateResults></result>';

/** An org that gives these answers, the last one for ever. */
async function orgThatSays(...answers: [status: number, xml: string][]) {
  let at = 0;
  server = await handMade((request, out) => {
    if (request.url === '/services/oauth2/token')
      return sendJson(out, 200, { access_token: 'new', instance_url: server?.url });
    const [status, xml] = answers[Math.min(at++, answers.length - 1)] ?? [500, ''];
    out.writeHead(status, { 'content-type': 'text/xml' }).end(xml);
  });
  const client = await openOrgs(folder, keptOrg(server.url)).orgs.client(ORG_ID);
  return { client, requests: server.requests };
}

test('answers come in the order of the records, with rule, record and confidence; values are escaped, blanks not sent', async () => {
  const { client, requests } = await orgThatSays([200, response(FOUND + NONE)]);
  const records = [
    { LastName: 'O<Brien & Sons', City: '' },
    { LastName: 'Nobody', City: '' },
  ];
  expect(await findDuplicates(client, 'Lead', records, signal)).toEqual([
    {
      found: [{ rule: 'R', allowSave: false, matches: [{ matchingRule: 'M', recordId: '00Q1', confidence: 91 }] }],
      error: null,
    },
    { found: [], error: null },
  ]);
  expect(requests[0]?.body).toContain(
    '<sObjects><type>Lead</type><LastName>O&lt;Brien &amp; Sons</LastName></sObjects>',
  );
});

test('what the org could not say for a record is not “no duplicates”', async () => {
  const failed = '<result><success>false</success><errors><message>no rules are active</message></errors></result>';
  const { client } = await orgThatSays([200, response(failed)]);
  expect(await findDuplicates(client, 'Lead', [{ LastName: 'A' }], signal)).toEqual([
    { found: [], error: 'no rules are active' },
  ]);
});

test('a fault is what the org says, asked once; fewer answers than records are no answer', async () => {
  const refused = await orgThatSays([500, fault('INVALID_TYPE')]);
  await expect(findDuplicates(refused.client, 'Lead', [{ LastName: 'A' }], signal)).rejects.toMatchObject({
    failure: { code: 'ORG_REFUSED', errorCode: 'INVALID_TYPE', message: 'INVALID_TYPE: because' },
  });
  expect(refused.requests).toHaveLength(1);
  await server?.close();
  const short = await orgThatSays([200, response(NONE)]);
  const two = [{ LastName: 'A' }, { LastName: 'B' }];
  await expect(findDuplicates(short.client, 'Lead', two, signal)).rejects.toMatchObject({
    failure: { code: 'ORG_ANSWER_UNREADABLE' },
  });
});

test('an ended session, which SOAP tells by a fault, is renewed and the call made again with the new token', async () => {
  const { client, requests } = await orgThatSays([500, fault('INVALID_SESSION_ID')], [200, response(NONE)]);
  expect(await findDuplicates(client, 'Lead', [{ LastName: 'A' }], signal)).toHaveLength(1);
  const calls = requests.filter(({ path }) => path.includes('/Soap/'));
  expect(calls.map(({ body }) => /<sessionId>([^<]*)/.exec(body)?.[1])).toEqual([expect.stringMatching(/^00D/), 'new']);
});
