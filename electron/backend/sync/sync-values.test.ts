import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { recordsOf } from '../test-support/org-records.ts';
import { to } from '../test-support/small-plan.ts';
import { startBench } from '../test-support/start-bench.ts';
import { runSync, syncOfAccounts } from '../test-support/sync-bench.ts';

/** Rows that fail, values that the org makes something else of, and values that somebody in the org changes again and again. */

const bench = await startBench(['--records', '5']);
const { org, app, orgId } = bench;
const knobs = (some: object) => org.admin('PATCH', '/knobs', some);

test('a row that failed waits, is not sent with the next run, and is sent at once when it changes', async () => {
  const long = 'x'.repeat(300);
  const sync = await syncOfAccounts(bench, 'fail', ['fail-1,One,1', `fail-2,${long},2`, ',No key,3']);
  expect(await sync.run()).toMatchObject({
    counts: { created: 1, skipped: 2 },
    sync: { left: { keys: 2, unusable: 1 }, done: { agreed: 1, waiting: 1 } },
  });
  expect(await sync.run()).toMatchObject({ plan: null, sync: { keys: 0, done: { waiting: 1 } } });
  await sync.file.write(['fail-1,One,1', 'fail-2,Two,2', ',No key,3']);
  expect(await sync.run()).toMatchObject({ counts: { created: 1 }, sync: { keys: 1, done: { waiting: 0 } } });
});

test('what the org makes of a value while it saves it is agreed, and not fought', async () => {
  await knobs({ rewriteField: 'Account.Name' });
  try {
    const sync = await syncOfAccounts(bench, 'caps', ['caps-1,One,1', 'caps-2,Two,2']);
    expect(await sync.run()).toMatchObject({ counts: { created: 2 }, sync: { done: { rewritten: 2, agreed: 2 } } });
    expect(await sync.run()).toMatchObject({ state: { how: 'nothing-to-load' }, sync: { keys: 0 } });
    // Another value of the same row is sent, and the name stays as it was agreed.
    await sync.file.write(['caps-1,One,11', 'caps-2,Two,2']);
    expect(await sync.run()).toMatchObject({
      plan: { counts: { update: 1 } },
      counts: { updated: 1 },
      sync: { keys: 1, kept: 1, done: { setBack: 0 } },
    });
    const one = (await sync.accounts()).get('caps-1');
    expect(one).toMatchObject({ Name: 'ONE', Phone: '11' });
    expect(await sync.run()).toMatchObject({ sync: { keys: 0 } });
  } finally {
    await knobs({ rewriteField: '' });
  }
});

test('a value that was set back in three runs is set aside, until its row says something else', async () => {
  const sync = await syncOfAccounts(bench, 'flip', ['flip-1,One,1']);
  await sync.run();
  const id = String((await sync.accounts()).get('flip-1')?.['Id']);
  const change = (Phone: string) => sync.records.rest('PATCH', `sobjects/Account/${id}`, { Phone });
  for (const time of [1, 2, 3]) {
    await change(`other ${time}`);
    const run = await sync.run();
    expect(run).toMatchObject({ counts: { updated: 1 }, sync: { done: { setBack: 1 } } });
    expect(run.sync?.done?.setAside).toEqual(time === 3 ? [{ field: 'Phone', records: 1 }] : []);
  }
  await change('theirs');
  expect(await sync.run()).toMatchObject({
    state: { how: 'nothing-to-load' },
    sync: { kept: 1, done: { setBack: 0 } },
  });
  expect((await sync.accounts()).get('flip-1')).toMatchObject({ Phone: 'theirs' });
  await sync.file.write(['flip-1,Uno,2']);
  const run = await sync.run();
  expect(run).toMatchObject({ counts: { updated: 1 }, sync: { kept: 0, done: { setAside: [] } } });
  expect((await sync.accounts()).get('flip-1')).toMatchObject({ Name: 'Uno', Phone: '2' });
}, 60_000);

test('a job may keep what was changed, and deleted, in the org until the row changes', async () => {
  const sync = await syncOfAccounts(bench, 'keep', ['keep-1,One,1', 'keep-2,Two,2'], 'sync: { orgChanges: keep }');
  await sync.run();
  const accounts = await sync.accounts();
  const idOf = (key: string) => String(accounts.get(key)?.['Id']);
  await sync.records.rest('PATCH', `sobjects/Account/${idOf('keep-1')}`, { Phone: 'ours' });
  await sync.records.rest('DELETE', `sobjects/Account/${idOf('keep-2')}`);
  expect(await sync.run()).toMatchObject({
    state: { how: 'nothing-to-load' },
    sync: { keys: 0, right: { changed: 1, deleted: 1 } },
  });
  // The name alone is the file's to change.
  await sync.file.write(['keep-1,Uno,1', 'keep-2,Two,2']);
  expect(await sync.run()).toMatchObject({ counts: { updated: 1 }, sync: { keys: 1, kept: 1 } });
  expect((await sync.accounts()).get('keep-1')).toMatchObject({ Name: 'Uno', Phone: 'ours' });
  await sync.file.write(['keep-1,Uno,1', 'keep-2,Zwei,2']);
  expect(await sync.run()).toMatchObject({ counts: { created: 1 }, sync: { keys: 1 } });
  expect((await sync.accounts()).get('keep-2')).toMatchObject({ Name: 'Zwei' });
});

test('a change that is seen late, and records that are past the Recycle Bin, are found', async () => {
  const sync = await syncOfAccounts(bench, 'late', ['late-1,One,1', 'late-2,Two,2']);
  await sync.run();
  const accounts = await sync.accounts();
  const idOf = (key: string) => String(accounts.get(key)?.['Id']);
  // Stamped nine minutes before it is seen: before the last run had begun.
  await knobs({ transactionTime: 9 * 60_000 });
  await sync.records.rest('PATCH', `sobjects/Account/${idOf('late-1')}`, { Phone: 'late' });
  await knobs({ transactionTime: 0 });
  await sync.records.rest('DELETE', `sobjects/Account/${idOf('late-2')}`);
  await sync.purge(idOf('late-2'));
  // The delete log is asked for whole seconds that are over.
  await sync.nextSecond();
  expect(await sync.run()).toMatchObject({
    counts: { created: 1, updated: 1 },
    sync: { whole: false, keys: 2, right: { changed: 1, deleted: 1 } },
  });
  expect((await sync.accounts()).get('late-1')).toMatchObject({ Phone: '1' });
  // Where the delete log does not reach back far enough, every row is compared.
  const again = String((await sync.accounts()).get('late-2')?.['Id']);
  await sync.records.rest('DELETE', `sobjects/Account/${again}`);
  await sync.purge(again);
  await sync.nextSecond();
  await knobs({ deleteLogPurge: true });
  try {
    expect(await sync.run()).toMatchObject({ counts: { created: 1, unchanged: 1 }, sync: { whole: true, keys: 2 } });
  } finally {
    await knobs({ deleteLogPurge: false });
  }
});

test('of a few rows columns are read as the whole file was: which of two formats a date has can’t be told from them', async () => {
  const path = join(app.data, 'dates.csv');
  const write = (...rows: string[]) => writeFile(path, `Key,Name,Since\n${rows.join('\n')}\n`);
  await write('date-1,One,13/04/2025', 'date-2,Two,01/02/2025');
  const { sourceId } = await app.stage(path);
  const mapping = {
    objectName: 'Account',
    operation: 'upsert' as const,
    matchField: 'ERP_Id__c',
    columns: ['ERP_Id__c', 'Name', 'Customer_Since__c'].map((field, column) => newColumn(column, to(field))),
    blankValues: 'leave' as const,
    duplicateKeys: 'first' as const,
  };
  const from = { kind: 'source' as const, orgId, sourceId, mapping };
  const sync = { orgChanges: 'set-back' as const, gone: { then: 'leave' as const } };
  const { job } = await app.call('job.save', { name: 'Dates', from, sync, replace: false });
  const run = () => runSync(app, job.jobId, () => Promise.resolve(0));
  expect(await run()).toMatchObject({ counts: { created: 2 } });
  await write('date-1,One,13/04/2025', 'date-2,Two,03/04/2025');
  expect(await run()).toMatchObject({ counts: { updated: 1 }, sync: { keys: 1 } });
  const since = "SELECT Customer_Since__c FROM Account WHERE ERP_Id__c = 'date-2'";
  expect(await recordsOf(org).query(since)).toEqual([{ Customer_Since__c: '2025-04-03' }]);
});

test('rows of one key are looked at together, whichever of them has changed', async () => {
  const sync = await syncOfAccounts(
    bench,
    'twin',
    ['twin-1,First,1', 'TWIN-1,Second,1', 'twin-2,Two,2'],
    undefined,
    'last',
  );
  expect(await sync.run()).toMatchObject({ sync: { left: { keys: 2, unusable: 0 } } });
  expect((await sync.accounts()).get('TWIN-1') ?? (await sync.accounts()).get('twin-1')).toMatchObject({
    Name: 'Second',
  });
  // The row that is not sent changes: the other one is there to be chosen all the same.
  await sync.file.write(['twin-1,Other,1', 'TWIN-1,Second,1', 'twin-2,Two,2']);
  expect(await sync.run()).toMatchObject({ plan: { counts: { duplicate: 1, unchanged: 1 } }, sync: { keys: 1 } });
  expect(await sync.run()).toMatchObject({ sync: { keys: 0 } });
});
