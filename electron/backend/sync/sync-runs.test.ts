import { expect, test } from 'vitest';
import { startBench } from '../test-support/start-bench.ts';
import { syncOfAccounts } from '../test-support/sync-bench.ts';
import { writesOf } from '../test-support/saved-job.ts';

/** Runs of a sync against a practice org: what is changed on either side comes out right, and what is not costs nothing. */

const bench = await startBench(['--records', '5']);
const { org } = bench;

test('the first run compares every row; the next one that finds nothing changed writes nothing and takes three calls', async () => {
  const sync = await syncOfAccounts(bench, 'first', ['first-1,One,1', 'first-2,Two,2', 'first-3,Three,3']);
  const first = await sync.run();
  expect(first).toMatchObject({
    state: { kind: 'ended', how: 'loaded' },
    counts: { created: 3 },
    sync: { phase: 'committed', whole: true, left: { keys: 3, added: 3, same: 0 }, done: { agreed: 3, waiting: 0 } },
  });
  const writes = await writesOf(org);
  const second = await sync.run();
  expect(second).toMatchObject({
    state: { kind: 'ended', how: 'nothing-to-load' },
    plan: null,
    sync: { phase: 'committed', whole: false, keys: 0, left: { same: 3 }, right: { changed: 0, deleted: 0 } },
  });
  expect(second.calls).toBeLessThanOrEqual(3);
  expect(await writesOf(org)).toBe(writes);
});

test('of changed rows alone a plan is made, and values that were changed in the org are set back', async () => {
  const sync = await syncOfAccounts(bench, 'both', ['both-1,One,1', 'both-2,Two,2', 'both-3,Three,3', 'both-4,Four,4']);
  await sync.run();
  const [one, two, three] = ['both-1', 'both-2', 'both-3'].map((key) => key);
  const accounts = await sync.accounts();
  const idOf = (key: string | undefined) => String(accounts.get(key ?? '')?.['Id']);
  await sync.records.rest('PATCH', `sobjects/Account/${idOf(two)}`, { Phone: '222' });
  // Not of this job: it is no change.
  await sync.records.rest('PATCH', `sobjects/Account/${idOf(one)}`, { Description: 'mine' });
  await sync.records.rest('DELETE', `sobjects/Account/${idOf(three)}`);
  await sync.file.write(['both-1,One,1', 'both-2,Two,2', 'both-3,Three,3', 'both-4,Vier,4', 'both-5,Five,5']);
  const run = await sync.run();
  expect(run).toMatchObject({
    counts: { created: 2, updated: 2, unchanged: 0 },
    sync: {
      keys: 4,
      left: { added: 1, changed: 1, same: 3, gone: 0 },
      right: { changed: 1, deleted: 1 },
      done: { setBack: 1, agreed: 4 },
    },
  });
  const now = await sync.accounts();
  expect([...now.values()].map((of) => [of['ERP_Id__c'], of['Name'], of['Phone']]).sort()).toEqual([
    ['both-1', 'One', '1'],
    ['both-2', 'Two', '2'],
    ['both-3', 'Three', '3'],
    ['both-4', 'Vier', '4'],
    ['both-5', 'Five', '5'],
  ]);
  expect(await sync.run()).toMatchObject({ state: { how: 'nothing-to-load' }, sync: { keys: 0 } });
});
