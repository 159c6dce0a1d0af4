import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onTerminal, startCliWorld, type CliWorld } from '../test-support/cli-process.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld(['--records', '5', '--rows-per-second', '0', '--queue-delay', '0']);
});
afterAll(() => world.close());

test('a paused job is not run where nobody can be asked; a person may run it, and it stays paused', async () => {
  await writeFile(join(world.folder, 'berths.csv'), 'Name,Berth_Code__c\nQuay 1,Q-1\n');
  await world.run(['job', 'save', 'Quays', '-f', 'berths.csv', '-s', 'Berth__c', '-i', 'Berth_Code__c']);
  const paused = await world.run(['job', 'pause', 'quays']);
  expect(paused.stdout).toContain('“Quays” is paused');
  const refused = await world.run(['job', 'run', 'Quays', '--json']);
  expect(JSON.parse(refused.stdout)).toMatchObject({ status: 3, failure: { code: 'JOB_PAUSED', name: 'Quays' } });
  const asked = await onTerminal(world, ['job', 'run', 'Quays'], { asks: /Type “yes”/, typed: 'yes\n' });
  expect(asked.code, asked.shown).toBe(0);
  expect(asked.shown).toContain('1 created');
  const said = await world.run(['job', 'run', 'Quays', '--even-paused']);
  expect(said.code).toBe(0);
  expect(said.stdout).toContain('Nothing to load.');
  expect((await world.run(['job', 'list'])).stdout).toContain('Paused since');
  expect((await world.run(['job', 'resume', 'Quays'])).stdout).toContain('“Quays” runs by itself again');
  expect((await world.run(['job', 'run', 'Quays'])).code).toBe(0);
}, 90_000);
