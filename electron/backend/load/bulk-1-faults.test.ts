import { expect, test } from 'vitest';
import { INSERT_NAMED, named, orderedMapping, startOrderedBench } from '../test-support/ordered-bench.ts';

/** What goes wrong between Longshore and an org while rows go in the order of the file, by Bulk API 1.0. */

const { app, orgId, begin, inOrg } = await startOrderedBench();

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
  const load = await app.finished(await begin(INSERT_NAMED, named(label, 12), faults));
  expect(load).toMatchObject({ state: { kind: 'finished' }, counts: { created: 12 } });
  expect(await inOrg(label)).toHaveLength(12);
  // No job of ours is left open.
  expect(load.notices).toEqual([]);
});

test('results that are never to be had are unknown where nothing names the records, and looked up where something does', async () => {
  const lost = [{ method: 'GET', path: RESULT, every: 1, action: status(400, 'InvalidBatch') }];
  const made = await app.finished(await begin(INSERT_NAMED, named('Lost', 5), lost));
  expect(made).toMatchObject({
    counts: { unknown: 5 },
    notices: [{ code: 'RESULTS_NOT_BELIEVED', problem: 'missing' }],
  });
  const ids = (await inOrg('Lost')).map(({ Id }) => Id);
  expect(ids).toHaveLength(5);
  const update = orderedMapping('update', ['Id', 'Depth__c']);
  const rows = ids.map((id) => `${id},77`);
  const updated = await app.finished(await begin(update, rows, lost));
  expect(updated.counts).toMatchObject({ updated: 5, unknown: 0 });
});

test('results of other records are not believed', async () => {
  await app.finished(await begin(INSERT_NAMED, named('Liar', 2)));
  const ids = (await inOrg('Liar')).map(({ Id }) => Id);
  const body = `"Id","Success","Created","Error"\n${[...ids]
    .reverse()
    .map((id) => `"${id}","true","false",""`)
    .join('\n')}\n`;
  const lie = { kind: 'answer', status: 200, contentType: 'text/csv', body };
  const rows = ids.map((id) => `${id},55`);
  const load = await app.finished(
    await begin(orderedMapping('update', ['Id', 'Depth__c']), rows, [
      { method: 'GET', path: RESULT, every: 1, action: lie },
    ]),
  );
  expect(load).toMatchObject({
    counts: { updated: 2 },
    notices: [{ problem: 'other-rows' }, { code: 'ROWS_LOOKED_UP' }],
  });
});

test('a job that is gone leaves its rows unknown, and they are looked up by their Ids', async () => {
  await app.finished(await begin(INSERT_NAMED, named('Gone', 3)));
  const ids = (await inOrg('Gone')).map(({ Id }) => Id);
  const rows = ids.map((id) => `${id},44`);
  const load = await app.finished(
    await begin(orderedMapping('update', ['Id', 'Depth__c']), rows, [
      { method: 'GET', path: JOB, nth: 2, action: { kind: 'purge-job' } },
    ]),
  );
  expect(load.counts).toMatchObject({ updated: 3 });
  expect(load.notices).toEqual(expect.arrayContaining([expect.objectContaining({ code: 'JOB_GONE' })]));
});

test('a batch that fails as a whole saved nothing, and those after it are not sent', async () => {
  const load = await app.finished(
    await begin(INSERT_NAMED, named('Whole', 3), [
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

test('a session that ends meanwhile is renewed, and no batch is sent twice', async () => {
  const load = await app.finished(
    await begin(INSERT_NAMED, named('Renewed', 12), [
      { method: 'POST', path: BATCH, action: { kind: 'expire-session' } },
    ]),
  );
  expect(load).toMatchObject({ state: { kind: 'finished' }, counts: { created: 12 } });
  const soql = "SELECT Id FROM Berth__c WHERE Name LIKE 'Renewed %'";
  expect((await app.call('export.query', { orgId, soql, fileName: 'x.csv' })).records).toBe(12);
});
