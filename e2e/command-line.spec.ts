import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { LAUNCHER, startCliWorld } from '../electron/hosts/test-support/cli-process.ts';

test('the command line as it is built: a load by a process of its own, its report, a practice org', async () => {
  const world = await startCliWorld(['--records', '5', '--queue-delay', '0'], LAUNCHER);
  await writeFile(join(world.folder, 'berths.csv'), 'Name,Berth_Code__c\nA,BUILT-1\nB,BUILT-2\n');
  const load = ['load', '-f', 'berths.csv', '-s', 'Berth__c', '-i', 'Berth_Code__c'];
  const started = await world.run([...load, '--async', '--json']);
  expect(started.stderr).toBe('');
  const { result } = JSON.parse(started.stdout) as { result: { loadId: string } };
  const counts = async () => {
    const { stdout } = await world.run(['report', result.loadId, '--json']);
    return (JSON.parse(stdout) as { result: { counts: unknown } }).result.counts;
  };
  await expect.poll(counts, { timeout: 30_000 }).toMatchObject({ created: 2, failed: 0 });
  const org = world.start([
    'practice-org',
    '--records',
    '1',
    '--forget',
    '--no-tls',
    '--port',
    '0',
    '--admin-port',
    '0',
  ]);
  expect(await org.printed(/http:\/\/127\.0\.0\.1:\d+/)).toContain('127.0.0.1');
  org.signal('SIGINT');
  expect((await org.ended).code).toBe(0);
  await world.close();
});
