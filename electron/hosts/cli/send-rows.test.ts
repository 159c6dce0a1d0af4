import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCliWorld, type CliWorld } from '../test-support/cli-process.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld(['--records', '3', '--rows-per-second', '0', '--queue-delay', '0']);
});
afterAll(() => world.close());

test('of single groups the row that is sent can be named, and what can’t be meant is said', async () => {
  const lines = ['ERP_Id__c,Name', 'S-1,One', 'S-1,Other', 'S-2,One', 'S-2,Other', 'S-3,One', 'S-3,Other', 'S-4,Alone'];
  await writeFile(join(world.folder, 'sent.csv'), `${lines.join('\n')}\n`);
  const plan = [
    'plan',
    '-f',
    'sent.csv',
    '-s',
    'Account',
    '--operation',
    'upsert',
    '--external-id',
    'ERP_Id__c',
    '--json',
  ];
  const counts = async (...more: string[]) =>
    (JSON.parse((await world.run([...plan, ...more])).stdout) as { result: { counts: object } }).result.counts;
  expect(await counts('--send-row', '2', '3')).toMatchObject({ insert: 3, duplicate: 2, blocked: 2 });
  expect(await counts('--send-row', '2', '3', '--repeated', 'last')).toMatchObject({ insert: 4, duplicate: 3 });
  const told = async (...rows: string[]) => {
    const { code, stdout } = await world.run([...plan, '--send-row', ...rows]);
    return [code, stdout];
  };
  expect(await told('7')).toEqual([1, expect.stringContaining('Row 7 has no duplicate with different data')]);
  expect(await told('1', '2')).toEqual([1, expect.stringContaining('duplicates of each other')]);
});
