import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { Operation, WritePolicies } from '../../../shared/domain/field-mapping.ts';
import { startBench } from '../test-support/start-bench.ts';

/** What a load says of how its rows are saved, beside the rows: assignment rules, all or none, never create. */

const { org, app, orgId } = await startBench(['--records', '40', '--queue-delay', '0']);
beforeEach(() => org.faults([]));

let files = 0;

async function planOf(lines: readonly string[], objectName: string, operation: Operation, policies: WritePolicies) {
  const path = join(app.data, `headers-${++files}.csv`);
  await writeFile(path, `${lines.join('\n')}\n`);
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName, operation, useSaved: false };
  const mapping = { ...(await app.call('mapping.suggest', wanted)), policies };
  return app.call('plan.build', { orgId, sourceId, mapping });
}

async function begin(...wanted: Parameters<typeof planOf>) {
  const { planId, planDigest } = await planOf(...wanted);
  return (await app.call('load.start', { planId, planDigest })).loadId;
}

const load = async (...wanted: Parameters<typeof planOf>) => app.finished(await begin(...wanted));

async function records(soql: string): Promise<Record<string, unknown>[]> {
  const answer = await fetch(`${org.url}/services/data/v66.0/query?q=${encodeURIComponent(soql)}`, {
    headers: { authorization: `Bearer ${org.accessToken}` },
  });
  return ((await answer.json()) as { records: Record<string, unknown>[] }).records;
}

test.each(['bulk', 'collections'] as const)('an assignment rule chooses who owns new cases (%s)', async (way) => {
  const rules = await app.call('org.assignmentRules', { orgId, objectName: 'Case' });
  expect(rules).toMatchObject([{ name: 'Harbour desk', active: false }]);
  const [rule] = rules;
  const lines = [`Ticket_Key__c,Subject`, `RULE-${way}-1,Leak`, `RULE-${way}-2,Crane`];
  const assignmentRule = { id: rule?.id ?? '', name: rule?.name ?? '' };
  expect((await load(lines, 'Case', 'insert', { way, assignmentRule })).counts).toMatchObject({ created: 2 });
  const owners = `SELECT Owner.Name FROM Case WHERE Ticket_Key__c LIKE 'RULE-${way}-%'`;
  expect((await records(owners)).map(({ Owner }) => (Owner as { Name: string }).Name)).toEqual(
    Array(2).fill('Support Tier 1'),
  );
  await load(
    lines.map((line) => line.replace('RULE', 'NONE')),
    'Case',
    'insert',
    { way },
  );
  const [other] = await records(`SELECT Owner.Name FROM Case WHERE Ticket_Key__c = 'NONE-${way}-1'`);
  expect(other?.['Owner']).toMatchObject({ Name: 'Ada Admin' });
});

test('objects without assignment rules have none', async () => {
  expect(await app.call('org.assignmentRules', { orgId, objectName: 'Account' })).toEqual([]);
});

test('all or none: one bad row takes back the others of its request, and no other request', async () => {
  const first = ['Berth_Code__c,Name', ...Array.from({ length: 450 }, (_, n) => `ALL-${n},Berth ${n}`)];
  expect((await load(first, 'Berth__c', 'insert', {})).counts).toMatchObject({ created: 450 });
  // Row 250's code is taken by the time it is sent.
  const lines = [
    'Berth_Code__c,Name',
    ...Array.from({ length: 450 }, (_, n) => `${n === 249 ? 'ALL-0' : `NEW-${n}`},B`),
  ];
  const { counts, jobs, loadId } = await load(lines, 'Berth__c', 'insert', { allOrNone: true });
  expect(counts).toMatchObject({ created: 250, failed: 200 });
  expect(jobs).toMatchObject([{ jobId: null, processed: 450, failed: 200 }]);
  const { errorGroups } = await app.call('report.get', { loadId });
  expect(errorGroups.map(({ statusCode, rows }) => [statusCode, rows])).toEqual([
    ['ALL_OR_NONE_OPERATION_ROLLED_BACK', 199],
    ['DUPLICATE_VALUE', 1],
  ]);
  expect(await records("SELECT Id FROM Berth__c WHERE Berth_Code__c LIKE 'NEW-%'")).toHaveLength(250);
});

test('all or none: a request of which a row is locked is sent again as a whole', async () => {
  const lines = ['Berth_Code__c,Name', ...Array.from({ length: 30 }, (_, n) => `TOGETHER-${n},B`)];
  const { planId, planDigest } = await planOf(lines, 'Berth__c', 'insert', { allOrNone: true });
  // The 31st row of all is free again.
  await org.admin('PATCH', '/knobs', { lockRowEvery: 31 });
  await fetch(`${org.url}/services/data/v66.0/sobjects/Berth__c`, {
    method: 'POST',
    headers: { authorization: `Bearer ${org.accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify({ Name: 'Counts as one', Berth_Code__c: 'TOGETHER-X' }),
  });
  const { loadId } = await app.call('load.start', { planId, planDigest });
  const { counts } = await app.finished(loadId);
  await org.admin('PATCH', '/knobs', { lockRowEvery: 0 });
  expect(counts).toMatchObject({ created: 30, failed: 0 });
});

test.each(['bulk', 'collections'] as const)(
  'an upsert that only updates creates nothing, even for a record that is gone by then (%s)',
  async (way) => {
    const lines = ['Berth_Code__c,Name,Depth__c', `UP-${way}-1,One,1`, `UP-${way}-2,Two,2`];
    await load(lines, 'Berth__c', 'insert', {});
    const again = [...lines.map((line) => line.replace(/,\d$/, ',99')), `UP-${way}-3,Three,3`];
    const request =
      way === 'bulk' ? { method: 'POST', path: '/jobs/ingest' } : { method: 'PATCH', path: '/composite/sobjects' };
    // Refused, the load waits, and the org moves on meanwhile.
    const refusal = { kind: 'status', status: 403, errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'not now' } as const;
    await org.faults([{ ...request, action: refusal }]);
    const loadId = await begin(again, 'Berth__c', 'upsert', { way, upsert: 'update-only' });
    expect((await app.finished(loadId)).state).toMatchObject({ kind: 'paused' });
    const [gone] = await records(`SELECT Id FROM Berth__c WHERE Berth_Code__c = 'UP-${way}-1'`);
    await fetch(`${org.url}/services/data/v66.0/sobjects/Berth__c/${String(gone?.['Id'])}`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${org.accessToken}` },
    });
    await app.call('load.resume', { loadId });
    expect((await app.finished(loadId)).counts).toMatchObject({ updated: 1, failed: 1, created: 0, leftOut: 1 });
    expect(await records(`SELECT Id FROM Berth__c WHERE Berth_Code__c LIKE 'UP-${way}-%'`)).toHaveLength(1);
  },
);
