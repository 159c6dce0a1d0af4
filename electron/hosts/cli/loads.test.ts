import { readdir, writeFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { join } from 'node:path';
import { startCliWorld, type CliWorld } from '../test-support/cli-process.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld(['--records', '5', '--rows-per-second', '0', '--queue-delay', '0']);
});
afterAll(() => world.close());

test('loads are listed, written into a ZIP, and removed', async () => {
  expect((await world.run(['loads', 'list'])).stdout).toContain('There are no loads.');
  await writeFile(join(world.folder, 'berths.csv'), 'Name,Berth_Code__c\nA,L-1\n');
  const args = ['-f', 'berths.csv', '-s', 'Berth__c', '--operation', 'insert', '--yes', '--json'];
  const loaded = JSON.parse((await world.run(['load', ...args])).stdout) as { result: { loadId: string } };
  const { loadId } = loaded.result;

  const listed = await world.run(['loads', 'list', '--json']);
  expect(JSON.parse(listed.stdout)).toMatchObject({ result: [{ loadId, fileName: 'berths.csv' }] });
  expect((await world.run(['loads', 'list'])).stdout).toMatch(/Finished: Insert 1 row into Berth in .*berths\.csv/);

  const report = await world.run(['report', loadId, '--page', '--all-rows', '--results-dir', 'page']);
  expect(report.stdout + report.stderr).toContain('berths-report.html');
  expect(await readdir(join(world.folder, 'page'))).toEqual(
    expect.arrayContaining(['berths-report.html', 'berths-unchanged.csv']),
  );

  const packed = await world.run(['loads', 'pack', loadId, '--no-rows', '--results-dir', 'out']);
  expect(packed.stdout + packed.stderr).toContain('berths-load.zip');
  expect(await readdir(join(world.folder, 'out'))).toEqual(['berths-load.zip']);

  expect((await world.run(['loads', 'remove', loadId])).stdout).toContain(`Removed ${loadId}`);
  const gone = await world.run(['loads', 'remove', loadId]);
  expect(gone.code).toBe(3);
  expect(gone.stderr + gone.stdout).toContain('no longer exists');
});
