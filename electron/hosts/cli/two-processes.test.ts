import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCliWorld, type CliWorld } from '../test-support/cli-process.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld(['--records', '5', '--rows-per-second', '0', '--queue-delay', '0']);
});
afterAll(() => world.close());

interface Settings {
  orgs: { orgId: string }[];
  mappings: unknown[];
  sources: { summary: { fileName: string } }[];
}

test('two runs at once on one data folder end well, and neither undoes what the other keeps', async () => {
  const data = join(world.folder, 'data');
  const another = {
    orgId: '00D000000000001AAA',
    kind: 'sandbox',
    name: 'Another',
    username: 'someone@example.com',
    instanceHost: 'example.my.salesforce.com',
    session: 'expired',
    apiUsage: null,
  };
  await writeFile(join(data, 'settings.json'), JSON.stringify({ orgs: [another], mine: 'kept' }));
  await writeFile(join(world.folder, 'one.csv'), 'Name,Berth_Code__c\nA,T-1\n');
  await writeFile(join(world.folder, 'two.csv'), 'Berth_Code__c,Name,Depth__c\nT-2,B,9\n');
  const load = [
    'load',
    '-s',
    'Berth__c',
    '-i',
    'Berth_Code__c',
    '-o',
    'admin@practice.example',
    '--results-dir',
    'out',
  ];
  const both = await Promise.all(['one.csv', 'two.csv'].map((name) => world.run([...load, '-f', name])));
  for (const { code, stdout, stderr } of both) {
    expect(stderr).toBe('');
    expect(stdout).toContain('1 created = 1 row');
    expect(code).toBe(0);
  }
  const settings = JSON.parse(await readFile(join(data, 'settings.json'), 'utf8')) as Settings & { mine: string };
  expect(settings.orgs.map(({ orgId }) => orgId)).toHaveLength(2);
  expect(settings.orgs).toContainEqual(another);
  expect(settings.mappings).toHaveLength(2);
  expect(settings.sources.map(({ summary }) => summary.fileName).toSorted()).toEqual(['one.csv', 'two.csv']);
  expect(settings.mine).toBe('kept');
  expect((await readdir(data)).filter((name) => /settings\.json\./.test(name))).toEqual([]);
  expect((await readdir(join(data, 'loads'))).filter((name) => name.startsWith('plan_'))).toHaveLength(2);
});
