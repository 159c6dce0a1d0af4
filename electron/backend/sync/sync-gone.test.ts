import { expect, test } from 'vitest';
import { startBench } from '../test-support/start-bench.ts';
import { syncOfAccounts } from '../test-support/sync-bench.ts';
import { rewriteJob, writesOf } from '../test-support/saved-job.ts';

/** What becomes of records whose rows are gone from the file. */

const bench = await startBench(['--records', '5']);
const LOOSE = 'guards: { shrunkPercent: null, deletesPercent: null }';
const rows = (name: string, ...numbers: number[]) => numbers.map((n) => `${name}-${n},Name ${n},${n}`);

test('a record whose row is gone stays unless the job says otherwise', async () => {
  const sync = await syncOfAccounts(bench, 'stay', rows('stay', 1, 2, 3, 4, 5, 6));
  await sync.run();
  await sync.file.write(rows('stay', 1, 2, 3, 4, 5));
  expect(await sync.run()).toMatchObject({ sync: { left: { gone: 1 }, done: { goneDue: 0 } } });
  expect((await sync.accounts()).size).toBe(6);
});

test('it is deleted after its time of grace, unless it was changed in the org since it was agreed, or its row is back', async () => {
  const rules = `sync: { gone: { then: delete, afterRuns: 1 } }\n${LOOSE}`;
  const sync = await syncOfAccounts(bench, 'drop', rows('drop', 1, 2, 3, 4), rules);
  await sync.run();
  await sync.file.write(rows('drop', 1));
  expect(await sync.run()).toMatchObject({ sync: { left: { gone: 3 }, done: { goneDue: 0 } } });
  const writes = await writesOf(bench.org);
  expect(await sync.run('gone')).toMatchObject({ state: { how: 'nothing-to-load' }, sync: { keys: 0 } });
  expect(await writesOf(bench.org)).toBe(writes);
  // One row is back; a record was changed, in a field that the job doesn't know.
  const id = String((await sync.accounts()).get('drop-3')?.['Id']);
  await sync.nextSecond();
  await sync.records.rest('PATCH', `sobjects/Account/${id}`, { Description: 'ours' });
  await sync.file.write(rows('drop', 1, 2));
  expect(await sync.run()).toMatchObject({ sync: { left: { gone: 2 }, done: { goneDue: 2 } } });
  expect(await sync.run('gone')).toMatchObject({
    operation: 'delete',
    counts: { deleted: 1, leftOut: 1 },
    sync: { phase: 'committed', keys: 2, kept: 1, done: { goneDue: 0 } },
  });
  expect([...(await sync.accounts()).keys()].sort()).toEqual(['drop-1', 'drop-2', 'drop-3']);
  expect(await sync.run()).toMatchObject({
    state: { how: 'nothing-to-load' },
    sync: { keys: 0, done: { goneDue: 0 } },
  });
  // A row that comes back after that has its record made anew, and one whose record was kept is compared.
  await sync.file.write(rows('drop', 1, 2, 3, 4));
  expect(await sync.run()).toMatchObject({ counts: { created: 1, unchanged: 1 }, sync: { keys: 2 } });
}, 120_000);

test('a row that can’t be read may be the one that seems to be gone: then none is', async () => {
  const sync = await syncOfAccounts(
    bench,
    'unsure',
    rows('unsure', 1, 2),
    `sync: { gone: { then: delete, afterRuns: 0 } }\n${LOOSE}`,
  );
  await sync.run();
  await sync.file.write([...rows('unsure', 1), 'unsure-2,Name 2']);
  expect(await sync.run()).toMatchObject({ sync: { left: { unusable: 1, gone: 0 }, done: { goneDue: 0 } } });
});

const RESPELLED = `sync: { gone: { then: delete, afterRuns: 0 } }\n${LOOSE}`;

/** A job whose key is written `…-2.0` too. */
async function respelled(name: string) {
  const sync = await syncOfAccounts(bench, name, rows(name, 1, 2), RESPELLED);
  const job = await bench.app.call('job.get', { jobId: sync.jobId });
  await rewriteJob(bench.app, job, (yaml) =>
    yaml
      .replace(/^ {2}path: .*$/m, `  path: ${name}.csv`)
      .replace(/^( *)(- column: ERP Id)$/m, `$1$2\n$1  replace: [{ from: ${name}-2.0, to: ${name}-2 }]`),
  );
  await sync.run();
  return sync;
}

test('a record whose row is there by another spelling of its key stays', async () => {
  const sync = await respelled('spelt');
  await sync.file.write([...rows('spelt', 1), 'spelt-2.0,Name 2,2']);
  expect(await sync.run()).toMatchObject({ counts: null, sync: { left: { added: 1, gone: 1 }, done: { goneDue: 0 } } });
  expect(await sync.run('gone')).toMatchObject({ state: { how: 'nothing-to-load' }, sync: { keys: 0 } });
  expect([...(await sync.accounts()).keys()].sort()).toEqual(['spelt-1', 'spelt-2']);
});

test('a spelling that the sync has not looked at yet may be that of any record', async () => {
  const sync = await respelled('news');
  await sync.file.write(rows('news', 1));
  expect(await sync.run()).toMatchObject({ sync: { done: { goneDue: 1 } } });
  await sync.file.write([...rows('news', 1), 'news-2.0,Name 2,2']);
  expect(await sync.run('gone')).toMatchObject({ state: { how: 'nothing-to-load' }, sync: { keys: 0 } });
  expect((await sync.accounts()).size).toBe(2);
});

test('a field is set where the job says so', async () => {
  const rules = `sync: { gone: { then: set, field: Description, value: Gone from ERP, afterRuns: 0 } }\n${LOOSE}`;
  const sync = await syncOfAccounts(bench, 'mark', rows('mark', 1, 2), rules);
  await sync.run();
  await sync.file.write(rows('mark', 1));
  expect(await sync.run()).toMatchObject({ sync: { done: { goneDue: 1 } } });
  expect(await sync.run('gone')).toMatchObject({ operation: 'update', counts: { updated: 1 } });
  const marked = await sync.records
    .query("SELECT ERP_Id__c FROM Account WHERE Description LIKE 'Gone from ERP'")
    .catch(() => null);
  const all =
    marked ?? (await sync.records.query("SELECT ERP_Id__c, Description FROM Account WHERE ERP_Id__c LIKE 'mark-%'"));
  expect(
    all.filter((one) => marked !== null || one['Description'] === 'Gone from ERP').map((one) => one['ERP_Id__c']),
  ).toEqual(['mark-2']);
  expect(await sync.run()).toMatchObject({ sync: { keys: 0, done: { goneDue: 0 } } });
});

test('deletes of more than the job’s guard allows are held, and what was planned is looked at again before a yes', async () => {
  const rules =
    'sync: { gone: { then: delete, afterRuns: 0 } }\nguards: { shrunkPercent: null, deletes: 1, deletesPercent: null }';
  const sync = await syncOfAccounts(bench, 'many', rows('many', 1, 2, 3), rules);
  await sync.run();
  await sync.file.write(rows('many', 1));
  await sync.run();
  const held = await sync.run('gone');
  expect(held.state).toMatchObject({ kind: 'held', holds: [{ code: 'DELETES_MANY', deletes: 2 }] });
  // The rows are back meanwhile.
  await sync.file.write(rows('many', 1, 2, 3));
  const digest = held.plan?.planDigest;
  const again = await bench.app.call('run.approve', { runId: held.runId, planDigest: digest ?? ('' as never) });
  expect(again.run).toMatchObject({
    state: { kind: 'ended', how: 'nothing-to-load' },
    sync: { part: 'gone', keys: 0 },
  });
  expect((await sync.accounts()).size).toBe(3);
});

test('what waits for a yes to its deletes is rejected where all that was agreed is forgotten', async () => {
  const rules =
    'sync: { gone: { then: delete, afterRuns: 0 } }\nguards: { shrunkPercent: null, deletes: 1, deletesPercent: null }';
  const sync = await syncOfAccounts(bench, 'forgot', rows('forgot', 1, 2, 3), rules);
  await sync.run();
  await sync.file.write(rows('forgot', 1));
  await sync.run();
  const { runId, state, plan } = await sync.run('gone');
  expect(state.kind).toBe('held');
  await bench.app.call('job.reset', { jobId: sync.jobId, preview: true });
  expect((await bench.app.call('run.get', { runId })).state.kind).toBe('held');
  await bench.app.call('job.reset', { jobId: sync.jobId, preview: false });
  const approve = bench.app.call('run.approve', { runId, planDigest: plan?.planDigest ?? ('' as never) });
  await expect(approve).rejects.toMatchObject({ failure: { code: 'RUN_NOT_HELD' } });
  expect((await sync.accounts()).size).toBe(3);
});
