import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { offerText } from '../../../shared/text/lookup-text.ts';
import { startBench } from '../test-support/start-bench.ts';

const { org, app, orgId } = await startBench(['--records', '60']);

let files = 0;
async function offersFor(header: string, rows: readonly string[], objectName = 'Contact') {
  const path = join(app.data, `offers-${++files}.csv`);
  await writeFile(path, `${header}\n${rows.join('\n')}\n`);
  const { sourceId, columns } = await app.stage(path);
  const asked = { orgId, sourceId, objectName, columns: columns.map(({ index }) => index) };
  const queries = async () => (await org.requests()).filter(({ path: at }) => at.endsWith('/query')).length;
  const before = await queries();
  const answer = await app.call('lookups.offers', asked);
  const calls = (await queries()) - before;
  const again = await app.call('lookups.offers', asked);
  return { ...answer, calls, again, askedAgain: (await queries()) - before - calls };
}

const key = (n: number) => `ERP-${100001 + n}`;

test('a column whose values stand in a unique field of a parent is offered that lookup, whatever it is called; one call tells, once', async () => {
  const rows = Array.from(
    { length: 30 },
    (_, n) => `P${n},${n === 7 ? 'unknown' : ` ${key(n).toLowerCase()}`},${n % 2},x`,
  );
  const { offers, apiCalls, calls, again, askedAgain } = await offersFor('Who,Kd-Nr,Flag,Note', rows);
  const account = offers.find(({ parentObject, field }) => parentObject === 'Account' && field === 'AccountId');
  expect(account).toMatchObject({ column: 1, parentField: 'ERP_Id__c', tried: 20 });
  expect(account?.found).toBeGreaterThanOrEqual(19);
  expect(offers.every(({ column }) => column === 1)).toBe(true);
  expect(account && offerText(account, 'Account ID')).toMatch(
    /^Fill Account ID: find Account by ERP Id \((?:19|20) of 20 values tried find their parent\)$/,
  );
  expect(apiCalls).toBe(calls);
  expect(apiCalls).toBeLessThanOrEqual(8);
  expect([again.offers, again.apiCalls, askedAgain]).toEqual([offers, 0, 0]);
});

test('few values that find a record, or one alone, are no reason to offer a lookup', async () => {
  const mostly = Array.from({ length: 10 }, (_, n) => `P${n},${n < 5 ? key(n) : `other ${n}`}`);
  expect((await offersFor('Who,Code', mostly)).offers).toEqual([]);
  expect((await offersFor('Who,Code', ['P,ERP-100001', 'Q,ERP-100001'])).offers).toEqual([]);
});

test('owners are known by their user names; values are one literal each, whatever is in them', async () => {
  const rows = ['admin@practice.example', 'STANDARD@practice.example'].map((owner, n) => `A${n},${owner}`);
  const { offers } = await offersFor('Account Name,Betreuer', rows, 'Account');
  expect(offers).toContainEqual(
    expect.objectContaining({ column: 1, field: 'OwnerId', parentField: 'Username', found: 2 }),
  );
  const hostile = await offersFor('Who,Code', ["P,x') OR Name != ('", 'Q,back\\slash', 'R,"quo""te"']);
  expect(hostile.offers).toEqual([]);
});
