import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { FieldMapping, Operation } from '../../../shared/domain/field-mapping.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import { totalOf, type LoadSnapshot, type OutcomeRow } from '../../../shared/domain/load-results.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { policyTexts } from '../../../shared/text/plan-text.ts';
import { recordsOf } from '../test-support/org-records.ts';
import { to } from '../test-support/small-plan.ts';
import { startBench } from '../test-support/start-bench.ts';

/** Loads in the order of the file, by Bulk API 1.0 jobs in Serial mode, to the practice org. */

const { org, app, orgId } = await startBench(['--records', '3', '--queue-delay', '0']);
const records = recordsOf(org);
const USUAL = { lockRowEvery: 0, queueDelay: 0, rowsPerSecond: 0 };
beforeEach(async () => {
  await org.faults([]);
  await org.admin('PATCH', '/knobs', USUAL);
});

const BATCH = '/async\\/66.0\\/job\\/[^/]+\\/batch$/';
const JOB = '/async\\/66.0\\/job\\/[^/]+$/';
const RESULT = '/batch\\/[^/]+\\/result$/';
const CREATE = '/async\\/66.0\\/job$/';
const status = (code: number, errorCode = 'SERVER_UNAVAILABLE') => ({
  kind: 'status',
  status: code,
  errorCode,
  message: 'by the fault plan',
});

function mappingOf(operation: Operation, fields: readonly string[]): FieldMapping {
  return {
    objectName: 'Berth__c',
    operation,
    matchField: operation === 'insert' ? null : 'Id',
    columns: fields.map((field, column) => newColumn(column, to(field))),
    blankValues: 'leave',
    duplicateKeys: 'first',
    policies: { way: 'bulk-1' },
  };
}

let files = 0;
async function planOf(mapping: FieldMapping, rows: readonly string[]) {
  const path = join(app.data, `ordered-${++files}.csv`);
  await writeFile(path, [mapping.columns.map(({ column }) => `C${column}`).join(','), ...rows, ''].join('\n'));
  const { sourceId } = await app.stage(path);
  return app.call('plan.build', { orgId, sourceId, mapping });
}

async function begin(mapping: FieldMapping, rows: readonly string[], faults: readonly unknown[] = []): Promise<LoadId> {
  const { planId, planDigest } = await planOf(mapping, rows);
  await org.faults([...faults]);
  return (await app.call('load.start', { planId, planDigest })).loadId;
}

const named = (name: string, rows: number) => Array.from({ length: rows }, (_, n) => `${name} ${n},${n + 1}`);
const insert = mappingOf('insert', ['Name', 'Depth__c']);

async function inOrg(name: string): Promise<{ Id: string; Name: string; Depth__c: number }[]> {
  await org.faults([]);
  return (await records.query(
    `SELECT Id, Name, Depth__c FROM Berth__c WHERE Name LIKE '${name} %' ORDER BY Depth__c`,
  )) as never;
}

async function outcomes({ loadId }: Pick<LoadSnapshot, 'loadId'>): Promise<OutcomeRow[]> {
  const kinds = ['created', 'updated', 'deleted', 'failed', 'unprocessed', 'unknown'] as const;
  return (await app.call('report.page', { loadId, kinds: [...kinds], offset: 0, limit: 500 })).rows;
}

test('rows go in the file’s order, and each outcome is that of its place', async () => {
  await records.create('Account', { Name: 'There', ERP_Id__c: 'ORD-7' });
  const mapping: FieldMapping = {
    ...mappingOf('insert', ['ERP_Id__c', 'Name']),
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
  const load = await app.finished(await begin(insert, rows));
  expect(load.counts).toMatchObject({ created: 10_050, failed: 0 });
  expect(load.jobs.map(({ rows }) => rows)).toEqual([10_000, 50]);
  const soql = "SELECT Id FROM Berth__c WHERE Name LIKE 'Many %'";
  expect((await app.call('export.query', { orgId, soql, fileName: 'x.csv' })).records).toBe(10_050);
});

test('records are updated and deleted by their Ids', async () => {
  await app.finished(await begin(insert, named('Named', 4)));
  const ids = (await inOrg('Named')).map(({ Id }) => Id);
  const update = mappingOf('update', ['Id', 'Depth__c']);
  const updated = await app.finished(
    await begin(
      update,
      ids.map((id, n) => `${id},${n + 100}`),
    ),
  );
  expect(updated.counts).toMatchObject({ updated: 4 });
  expect((await inOrg('Named')).map(({ Depth__c }) => Depth__c)).toEqual([100, 101, 102, 103]);
  const deleted = await app.finished(await begin(mappingOf('delete', ['Id']), ids));
  expect(deleted.counts).toMatchObject({ deleted: 4 });
  expect(await inOrg('Named')).toEqual([]);
});

test.each<[string, unknown[]]>([
  ['a creation that is not answered', [{ method: 'POST', path: CREATE, action: { kind: 'reset', when: 'after' } }]],
  ['a creation that is refused for a while', [{ method: 'POST', path: CREATE, times: 2, action: status(503) }]],
  ['a batch whose answer is lost', [{ method: 'POST', path: BATCH, action: { kind: 'reset', when: 'after' } }]],
  ['a batch that never arrives', [{ method: 'POST', path: BATCH, action: { kind: 'reset', when: 'before' } }]],
  ['a batch that a proxy answers', [{ method: 'POST', path: BATCH, action: { kind: 'html', status: 200 } }]],
  ['a batch that is refused for a while', [{ method: 'POST', path: BATCH, times: 2, action: status(503) }]],
  ['a close that is not answered', [{ method: 'POST', path: JOB, action: { kind: 'reset', when: 'after' } }]],
  ['a close that never arrives', [{ method: 'POST', path: JOB, action: { kind: 'reset', when: 'before' } }]],
  ['looks that fail', [{ method: 'GET', path: JOB, times: 3, action: status(503) }]],
  [
    'results that are not there at first',
    [{ method: 'GET', path: RESULT, times: 2, action: status(400, 'InvalidBatch') }],
  ],
  [
    'results that are cut short at first',
    [{ method: 'GET', path: RESULT, action: { kind: 'shorten-results', keep: 3 } }],
  ],
  ['a page in the place of results', [{ method: 'GET', path: RESULT, action: { kind: 'html', status: 200 } }]],
])('%s: every row is in the org once', async (name, faults) => {
  const label = `Once ${name}`;
  const load = await app.finished(await begin(insert, named(label, 12), faults));
  expect(load).toMatchObject({ state: { kind: 'finished' }, counts: { created: 12 } });
  expect(await inOrg(label)).toHaveLength(12);
  // No job of ours is left open.
  expect(load.notices).toEqual([]);
});

test('results that are never to be had are unknown where nothing names the records, and looked up where something does', async () => {
  const lost = [{ method: 'GET', path: RESULT, every: 1, action: status(400, 'InvalidBatch') }];
  const made = await app.finished(await begin(insert, named('Lost', 5), lost));
  expect(made).toMatchObject({
    counts: { unknown: 5 },
    notices: [{ code: 'RESULTS_NOT_BELIEVED', problem: 'missing' }],
  });
  const ids = (await inOrg('Lost')).map(({ Id }) => Id);
  expect(ids).toHaveLength(5);
  const update = mappingOf('update', ['Id', 'Depth__c']);
  const rows = ids.map((id) => `${id},77`);
  const updated = await app.finished(await begin(update, rows, lost));
  expect(updated.counts).toMatchObject({ updated: 5, unknown: 0 });
});

test('results of other records are not believed', async () => {
  await app.finished(await begin(insert, named('Liar', 2)));
  const ids = (await inOrg('Liar')).map(({ Id }) => Id);
  const body = `"Id","Success","Created","Error"\n${[...ids]
    .reverse()
    .map((id) => `"${id}","true","false",""`)
    .join('\n')}\n`;
  const lie = { kind: 'answer', status: 200, contentType: 'text/csv', body };
  const rows = ids.map((id) => `${id},55`);
  const load = await app.finished(
    await begin(mappingOf('update', ['Id', 'Depth__c']), rows, [
      { method: 'GET', path: RESULT, every: 1, action: lie },
    ]),
  );
  expect(load).toMatchObject({
    counts: { updated: 2 },
    notices: [{ problem: 'other-rows' }, { code: 'ROWS_LOOKED_UP' }],
  });
});

test('a job that is gone leaves its rows unknown, and they are looked up by their Ids', async () => {
  await app.finished(await begin(insert, named('Gone', 3)));
  const ids = (await inOrg('Gone')).map(({ Id }) => Id);
  const rows = ids.map((id) => `${id},44`);
  const load = await app.finished(
    await begin(mappingOf('update', ['Id', 'Depth__c']), rows, [
      { method: 'GET', path: JOB, nth: 2, action: { kind: 'purge-job' } },
    ]),
  );
  expect(load.counts).toMatchObject({ updated: 3 });
  expect(load.notices).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'JOB_GONE' })]));
});

test('a batch that fails as a whole saved nothing, and those after it are not sent', async () => {
  const load = await app.finished(
    await begin(insert, named('Whole', 3), [
      {
        method: 'POST',
        path: CREATE,
        action: { kind: 'fail-job', message: 'InvalidBatch : Field name not found : X' },
      },
    ]),
  );
  expect(load).toMatchObject({ counts: { unprocessed: 3 }, notices: [{ code: 'JOB_ENDED_EARLY', state: 'Failed' }] });
  expect(await inOrg('Whole')).toEqual([]);
});

test('a cancel while a batch waits leaves its rows unprocessed; one that was begun is worked on to its end', async () => {
  await org.admin('PATCH', '/knobs', { queueDelay: 1500 });
  const waiting = await begin(insert, named('Waits', 4));
  await inState(waiting, 'InProgress');
  await app.call('load.cancel', { loadId: waiting });
  const { counts } = await app.finished(waiting);
  expect(totalOf(counts)).toBe(4);
  expect(await inOrg('Waits')).toHaveLength(counts.created);
  await org.admin('PATCH', '/knobs', { queueDelay: 0, rowsPerSecond: 400 });
  const begun = await begin(insert, named('Begun', 600));
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
  const load = await app.finished(await begin(insert, named('Locked', 20)));
  expect(load.counts).toMatchObject({ created: 20, failed: 0 });
  expect(await inOrg('Locked')).toHaveLength(20);
});

test('a session that ends meanwhile is renewed, and no batch is sent twice', async () => {
  const load = await app.finished(
    await begin(insert, named('Renewed', 12), [{ method: 'POST', path: BATCH, action: { kind: 'expire-session' } }]),
  );
  expect(load).toMatchObject({ state: { kind: 'finished' }, counts: { created: 12 } });
  const soql = "SELECT Id FROM Berth__c WHERE Name LIKE 'Renewed %'";
  expect((await app.call('export.query', { orgId, soql, fileName: 'x.csv' })).records).toBe(12);
});
