import { afterAll, beforeAll, expect, test } from 'vitest';
import { startOrg, type TestOrg } from '../test-support/start-org.ts';

/** What the org tells of records that were changed and deleted, and the knobs that make that late, short, or another thing than was saved. */

let org: TestOrg;
beforeAll(async () => {
  org = await startOrg();
});
afterAll(() => org.running.close());

const knobs = (some: object) => org.admin('PATCH', '/knobs', some);
const span = () => {
  const time = (ms: number) => encodeURIComponent(new Date(Date.now() + ms).toISOString());
  return `start=${time(-3_600_000)}&end=${time(60_000)}`;
};
const read = async (id: string): Promise<Record<string, string>> =>
  (await org.ask(`/sobjects/Account/${id}`)).body as Record<string, string>;

test('a record is stamped when the transaction began that saves it', async () => {
  await knobs({ transactionTime: 300_000 });
  const id = await org.create('Account', { Name: 'Early' });
  await knobs({ transactionTime: 0 });
  const early = Date.parse((await read(id))['SystemModstamp'] ?? '');
  expect(Date.now() - early).toBeGreaterThanOrEqual(300_000);
  await org.ask(`/sobjects/Account/${id}`, { method: 'PATCH', body: JSON.stringify({ Phone: '1' }) });
  expect(Date.now() - Date.parse((await read(id))['SystemModstamp'] ?? '')).toBeLessThan(60_000);
});

test('a trigger writes one field in capitals, whatever of the record is saved', async () => {
  await knobs({ rewriteField: 'account.name' });
  const id = await org.create('Account', { Name: 'Capitals', Phone: 'abc' });
  await knobs({ rewriteField: '' });
  expect(await read(id)).toMatchObject({ Name: 'CAPITALS', Phone: 'abc' });
});

test('updated and deleted records are known up to a time before the one that was asked for', async () => {
  await knobs({ latestDateCovered: 120_000 });
  for (const kind of ['updated', 'deleted']) {
    const { body } = await org.ask(`/sobjects/Account/${kind}?${span()}`);
    const covered = Date.parse((body as { latestDateCovered: string }).latestDateCovered);
    expect(covered - Date.now(), kind).toBeLessThan(-30_000);
  }
  await knobs({ latestDateCovered: 0 });
});

test('the delete log has what was deleted for good, until it is purged', async () => {
  const id = await org.create('Account', { Name: 'Gone' });
  await org.ask(`/sobjects/Account/${id}`, { method: 'DELETE' });
  const call = `<emptyRecycleBin xmlns="urn:partner.soap.sforce.com"><ids>${id}</ids></emptyRecycleBin>`;
  const envelope = `<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Header><SessionHeader xmlns="urn:partner.soap.sforce.com"><sessionId>${org.token}</sessionId></SessionHeader></soapenv:Header><soapenv:Body>${call}</soapenv:Body></soapenv:Envelope>`;
  const headers = { 'content-type': 'text/xml', soapaction: '""' };
  const emptied = await fetch(`${org.url}/services/Soap/u/66.0`, { method: 'POST', headers, body: envelope });
  expect(await emptied.text()).toContain('<success>true</success>');
  const deleted = async () => org.ask(`/sobjects/Account/deleted?${span()}`);
  expect((await deleted()).body).toMatchObject({
    deletedRecords: expect.arrayContaining([expect.objectContaining({ id })]) as object[],
  });
  await knobs({ deleteLogPurge: true });
  expect(await deleted()).toMatchObject({ status: 400, body: [{ errorCode: 'INVALID_REPLICATION_DATE' }] });
  await knobs({ deleteLogPurge: false });
});
