import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCliWorld, type CliWorld } from '../test-support/cli-process.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld(['--records', '5', '--rows-per-second', '0', '--queue-delay', '0']);
});
afterAll(() => world.close());

async function phones(): Promise<string[]> {
  await world.run([
    'export',
    '-q',
    'SELECT ERP_Id__c, Phone FROM Account ORDER BY ERP_Id__c',
    '--output-file',
    'o.csv',
  ]);
  return (await readFile(join(world.folder, 'o.csv'), 'utf8')).trim().split('\n').slice(1);
}

test('a load is planned to be undone, and undone; a second time there is nothing left to change', async () => {
  const before = await phones();
  await writeFile(
    join(world.folder, 'accounts.csv'),
    'ERP Id,Account Name,Phone\nERP-100001,,1\nERP-100002,,2\nN-1,New,3\n',
  );
  const load = [
    'load',
    '-f',
    'accounts.csv',
    '-s',
    'Account',
    '--operation',
    'upsert',
    '-i',
    'ERP_Id__c',
    '--json',
    '--yes',
  ];
  const { result } = JSON.parse((await world.run(load)).stdout) as { result: { loadId: string } };
  const { loadId } = result;
  const planned = await world.run(['undo', loadId, '--plan']);
  expect(planned.stdout).toContain('Set 2 records back to the old values:');
  expect(planned.stdout).toContain('Delete 1 record that the load created:');
  expect(planned.code).toBe(0);
  expect(await phones()).not.toEqual(before);
  const undone = JSON.parse((await world.run(['undo', loadId, '--json', '--yes'])).stdout) as unknown;
  expect(undone).toMatchObject({
    status: 0,
    result: {
      undoOf: loadId,
      steps: [
        { what: 'set-back', load: { undoOf: loadId, counts: { updated: 2 } } },
        { what: 'remove', load: { undoOf: loadId, counts: { deleted: 1 } } },
      ],
    },
  });
  expect(await phones()).toEqual(before);
  const again = JSON.parse((await world.run(['undo', loadId, '--json', '--yes'])).stdout) as unknown;
  // The record that was deleted is not there to be deleted again.
  expect(again).toMatchObject({
    result: { steps: [{ plan: { counts: { unchanged: 2 } } }, { plan: { counts: { blocked: 1 } } }] },
  });
  expect((await world.run(['undo', 'load_nobody'])).code).not.toBe(0);
});

test('what a load deleted comes back from the Recycle Bin with its Ids, by an undo and by an undelete of the same file', async () => {
  const ids = async () => {
    await world.run(['export', '-q', 'SELECT Id FROM Account ORDER BY Id', '--output-file', 'ids.csv']);
    return readFile(join(world.folder, 'ids.csv'), 'utf8');
  };
  const before = await ids();
  await writeFile(join(world.folder, 'gone.csv'), before);
  const load = (operation: string) => [
    ...['load', '-f', 'gone.csv', '-s', 'Account', '--operation', operation],
    ...['--json', '--yes'],
  ];
  const removed = JSON.parse((await world.run(load('delete'))).stdout) as {
    result: { loadId: string; counts: { deleted: number; failed: number } };
  };
  // Records that others hang from stay.
  const { deleted: rows, failed: unchanged } = removed.result.counts;
  expect(rows).toBeGreaterThan(1);
  const planned = await world.run(['undo', removed.result.loadId, '--plan']);
  expect(planned.stdout).toContain(`Bring ${rows} deleted records back from the Recycle Bin:`);
  const undone = JSON.parse((await world.run(['undo', removed.result.loadId, '--json', '--yes'])).stdout) as unknown;
  expect(undone).toMatchObject({
    status: 0,
    result: { steps: [{ what: 'undelete', load: { counts: { undeleted: rows } } }] },
  });
  expect(await ids()).toBe(before);
  await world.run(load('delete'));
  expect(JSON.parse((await world.run(load('undelete'))).stdout)).toMatchObject({
    status: 0,
    result: { operation: 'undelete', counts: { undeleted: rows, unchanged, failed: 0 } },
  });
  expect(await ids()).toBe(before);
});
