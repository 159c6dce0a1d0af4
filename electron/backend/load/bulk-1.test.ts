import { expect, test } from 'vitest';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import { totalOf, type LoadSnapshot, type OutcomeRow } from '../../../shared/domain/load-results.ts';
import { policyTexts } from '../../../shared/text/plan-text.ts';
import { INSERT_NAMED, named, orderedMapping, startOrderedBench } from '../test-support/ordered-bench.ts';

/** Loads in the order of the file, by Bulk API 1.0 jobs in Serial mode, to the practice org. */

const { org, app, orgId, records, planOf, begin, inOrg } = await startOrderedBench();

async function outcomes({ loadId }: Pick<LoadSnapshot, 'loadId'>): Promise<OutcomeRow[]> {
  const kinds = ['created', 'updated', 'deleted', 'failed', 'unprocessed', 'unknown'] as const;
  return (await app.call('report.page', { loadId, kinds: [...kinds], offset: 0, limit: 500 })).rows;
}

test('rows go in the file’s order, and each outcome is that of its place', async () => {
  await records.create('Account', { Name: 'There', ERP_Id__c: 'ORD-7' });
  const mapping: FieldMapping = {
    ...orderedMapping('insert', ['ERP_Id__c', 'Name']),
    objectName: 'Account',
  };
  const plan = await planOf(
    mapping,
    Array.from({ length: 30 }, (_, n) => `ORD-${n},Ordered ${n}`),
  );
  expect(policyTexts(plan)[0]).toContain('in the order of the file');
  const before = (await org.requests()).length;
  const { loadId } = await app.call('load.start', { planId: plan.planId, planDigest: plan.planDigest });
  const load = await app.finished(loadId);
  expect(load.counts).toMatchObject({ created: 29, failed: 1 });
  const asked = (await org.requests()).slice(before);
  expect(asked.filter(({ path }) => path.includes('/jobs/ingest') || path.includes('composite'))).toEqual([]);
  expect(asked.filter(({ method, path }) => method === 'POST' && path.endsWith('/batch'))).toHaveLength(1);
  const made = await records.query("SELECT Id, Name FROM Account WHERE Name LIKE 'Ordered %'");
  const idOf = new Map(made.map(({ Id, Name }) => [String(Name), String(Id)]));
  const told = await outcomes(load);
  for (const { kind, id, error, cells } of told) {
    const own = idOf.get(cells[1] ?? '');
    expect([kind, id]).toEqual([own ? 'created' : 'failed', own ?? '']);
    expect(error.startsWith('DUPLICATE_VALUE')).toBe(cells[0] === 'ORD-7');
  }
  // Ids are given in the order in which rows are worked on.
  const ids = told.filter(({ kind }) => kind === 'created').map(({ id }) => id);
  expect(ids).toEqual([...ids].sort());
});

test('10,000 rows to a batch, and the next is sent when the one before is done', async () => {
  const rows = Array.from({ length: 10_050 }, (_, n) => `Many ${n},${n % 900}`);
  const load = await app.finished(await begin(INSERT_NAMED, rows));
  expect(load.counts).toMatchObject({ created: 10_050, failed: 0 });
  expect(load.jobs.map(({ rows }) => rows)).toEqual([10_000, 50]);
  const soql = "SELECT Id FROM Berth__c WHERE Name LIKE 'Many %'";
  expect((await app.call('export.query', { orgId, soql, fileName: 'x.csv' })).records).toBe(10_050);
});

test('records are updated and deleted by their Ids', async () => {
  await app.finished(await begin(INSERT_NAMED, named('Named', 4)));
  const ids = (await inOrg('Named')).map(({ Id }) => Id);
  const update = orderedMapping('update', ['Id', 'Depth__c']);
  const updated = await app.finished(
    await begin(
      update,
      ids.map((id, n) => `${id},${n + 100}`),
    ),
  );
  expect(updated.counts).toMatchObject({ updated: 4 });
  expect((await inOrg('Named')).map(({ Depth__c }) => Depth__c)).toEqual([100, 101, 102, 103]);
  const deleted = await app.finished(await begin(orderedMapping('delete', ['Id']), ids));
  expect(deleted.counts).toMatchObject({ deleted: 4 });
  expect(await inOrg('Named')).toEqual([]);
});

test('a cancel while a batch waits leaves its rows unprocessed; one that was begun is worked on to its end', async () => {
  await org.admin('PATCH', '/knobs', { queueDelay: 1500 });
  const waiting = await begin(INSERT_NAMED, named('Waits', 4));
  await inState(waiting, 'InProgress');
  await app.call('load.cancel', { loadId: waiting });
  const { counts } = await app.finished(waiting);
  expect(totalOf(counts)).toBe(4);
  expect(await inOrg('Waits')).toHaveLength(counts.created);
  await org.admin('PATCH', '/knobs', { queueDelay: 0, rowsPerSecond: 400 });
  const begun = await begin(INSERT_NAMED, named('Begun', 600));
  await inState(begun, 'InProgress');
  await app.call('load.cancel', { loadId: begun });
  const ended = await app.finished(begun);
  expect(ended.state).toMatchObject({ kind: 'finished', cancelled: true });
  expect(ended.counts.unknown).toBe(0);
  expect(await inOrg('Begun')).toHaveLength(ended.counts.created);
});

async function inState(loadId: LoadId, state: string): Promise<void> {
  const isThere = (load: LoadSnapshot) => load.loadId === loadId && load.jobs[0]?.state === state;
  if (isThere(await app.call('load.get', { loadId }))) return;
  await app.waitFor((event) => (event.topic === 'load' && isThere(event.load) ? event.load : null));
}

test('rows that were locked are sent again in the same mode', async () => {
  await org.admin('PATCH', '/knobs', { lockRowEvery: 5 });
  const load = await app.finished(await begin(INSERT_NAMED, named('Locked', 20)));
  expect(load.counts).toMatchObject({ created: 20, failed: 0 });
  expect(await inOrg('Locked')).toHaveLength(20);
});
