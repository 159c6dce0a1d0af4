import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { mostTold } from '../test-support/most-told.ts';
import { startBench } from '../test-support/start-bench.ts';

/** Rows whose parents or records somebody else holds, sent as Bulk API 2.0 jobs, to the practice org. */

const { org, app, orgId } = await startBench(['--records', '60', '--queue-delay', '0']);
afterEach(async () => {
  await org.faults([]);
  const free = { lockRowEvery: 0, lockRowInTrigger: false, lockParents: false, batchesAtOnce: 1, batchSize: 10_000 };
  await org.admin('PATCH', '/knobs', free);
});

async function begin(name: string, objectName: string, lines: readonly string[], knobs: object) {
  const path = join(app.data, `${name}.csv`);
  await writeFile(path, `${lines.join('\n')}\n`);
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName, operation: 'insert', useSaved: false } as const;
  const mapping = await app.call('mapping.suggest', wanted);
  const { planId, planDigest } = await app.call('plan.build', { orgId, sourceId, mapping });
  await org.admin('PATCH', '/knobs', knobs);
  return (await app.call('load.start', { planId, planDigest })).loadId;
}

const berths = (name: string, rows: number) => [
  'Name,Depth__c',
  ...Array.from({ length: rows }, (_none, n) => `${name} ${n},${n}`),
];

async function found(soql: string): Promise<{ totalSize: number; records: Record<string, unknown>[] }> {
  const answer = await fetch(`${org.url}/services/data/v66.0/query?q=${encodeURIComponent(soql)}`, {
    headers: { authorization: `Bearer ${org.accessToken}` },
  });
  return (await answer.json()) as { totalSize: number; records: Record<string, unknown>[] };
}

test('rows of one parent come after one another, in the file’s order, and none is in the way of another batch', async () => {
  const keys = await found('SELECT ERP_Id__c FROM Account WHERE ERP_Id__c != null ORDER BY ERP_Id__c LIMIT 10');
  const accounts = keys.records.map(({ ERP_Id__c: key }) => String(key));
  const lines = Array.from({ length: 2000 }, (_none, n) => `PAR-${n},Case ${n},${accounts[(n * 7) % 10]}`);
  const knobs = { lockParents: true, batchesAtOnce: 4, batchSize: 400 };
  const loadId = await begin('parents', 'Case', ['Ticket_Key__c,Subject,Account.ERP_Id__c', ...lines], knobs);
  const { counts, jobs } = await app.finished(loadId);
  expect(counts).toMatchObject({ created: 2000, failed: 0, unknown: 0 });
  // Ten parents of 200 rows end where batches do: nothing had to be sent twice.
  expect(jobs).toHaveLength(1);
  expect((await found("SELECT COUNT() FROM Case WHERE Ticket_Key__c LIKE 'PAR-%'")).totalSize).toBe(2000);
  // Made in the order in which they were sent: by parent, and within one as in the file.
  const made = await found(
    "SELECT Ticket_Key__c, Account.ERP_Id__c FROM Case WHERE Ticket_Key__c LIKE 'PAR-%' ORDER BY CaseNumber LIMIT 2000",
  );
  const nths = made.records.map(({ Ticket_Key__c: key }) => Number(String(key).slice(4)));
  const expected = Array.from({ length: 10 }, (_none, first) =>
    Array.from({ length: 200 }, (_row, n) => first + n * 10),
  ).flat();
  expect(nths).toEqual(expected);
});

test('a parent whose rows are more than a batch: those that are in each other’s way are sent again', async () => {
  const keys = await found('SELECT ERP_Id__c FROM Account WHERE ERP_Id__c != null ORDER BY ERP_Id__c LIMIT 2');
  const accounts = keys.records.map(({ ERP_Id__c: key }) => String(key));
  const lines = Array.from({ length: 1500 }, (_none, n) => `BIG-${n},Case ${n},${accounts[n % 2]}`);
  const knobs = { lockParents: true, batchesAtOnce: 4, batchSize: 400 };
  const loadId = await begin('big', 'Case', ['Ticket_Key__c,Subject,Account.ERP_Id__c', ...lines], knobs);
  const { counts, jobs } = await app.finished(loadId);
  expect(counts).toMatchObject({ created: 1500, failed: 0, unknown: 0 });
  expect(jobs.length).toBeGreaterThan(1);
  expect((await found("SELECT COUNT() FROM Case WHERE Ticket_Key__c LIKE 'BIG-%'")).totalSize).toBe(1500);
});

test.each([
  ['told as such', { lockRowEvery: 3 }],
  ['told by a trigger', { lockRowEvery: 4, lockRowInTrigger: true }],
])('rows that were locked, %s, are sent again until they are saved, each once', async (_told, knobs) => {
  const name = `Job ${knobs.lockRowEvery}`;
  const loadId = await begin(name, 'Berth__c', berths(name, 900), knobs);
  const { counts } = await app.finished(loadId);
  // However often a row is sent, it is one row.
  expect(mostTold(app.events, loadId)).toEqual({ processed: 900, failed: 900 / knobs.lockRowEvery });
  expect(counts).toMatchObject({ created: 900, failed: 0, unknown: 0 });
  expect((await found(`SELECT COUNT() FROM Berth__c WHERE Name LIKE '${name} %'`)).totalSize).toBe(900);
});

test('rows that stay locked have failed in the end, after few requests', async () => {
  const before = (await org.requests()).length;
  const { counts, jobs } = await app.finished(
    await begin('Stuck', 'Berth__c', berths('Stuck', 500), { lockRowEvery: 1 }),
  );
  expect(counts).toMatchObject({ created: 0, failed: 500 });
  // All of them, once more all, and one request after another until that is seen to be in vain as well.
  expect(jobs).toHaveLength(3);
  expect((await org.requests()).length - before).toBeLessThan(60);
});

test('a load that waits in between goes on, and no row is saved twice', async () => {
  const refusal = { kind: 'status', status: 403, errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'not now' } as const;
  await org.faults([{ method: 'POST', path: '/jobs/ingest', nth: 2, action: refusal }]);
  const loadId = await begin('Waits', 'Berth__c', berths('Waits', 900), { lockRowEvery: 3 });
  const paused = await app.finished(loadId);
  expect(paused.state).toMatchObject({ kind: 'paused' });
  expect(paused.counts).toMatchObject({ created: 600, failed: 300 });
  await app.call('load.resume', { loadId });
  expect((await app.finished(loadId)).counts).toMatchObject({ created: 900, failed: 0, unknown: 0 });
  expect((await found("SELECT COUNT() FROM Berth__c WHERE Name LIKE 'Waits %'")).totalSize).toBe(900);
});
