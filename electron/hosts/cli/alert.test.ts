import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCliWorld, type CliWorld } from '../test-support/cli-process.ts';
import { readAlert, type SetAlertFlags } from './alert-commands.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld(['--records', '5', '--rows-per-second', '0', '--queue-delay', '0']);
});
afterAll(() => world.close());

const read = (flags: Partial<SetAlertFlags>) => readAlert({ job: 'Nightly', channel: 'Ops', ...flags });

test('flags are an alert; what needs a number says so', () => {
  expect(read({})).toEqual({ channel: 'Ops', on: ['failed', 'held', 'recovered'] });
  expect(read({ on: 'Held', failedPercent: '5', quietFor: '26' })).toEqual({
    channel: 'Ops',
    on: ['held', 'rows-failed', 'no-success'],
    failedPercent: 5,
    noSuccessHours: 26,
  });
  for (const wrong of [{ on: 'often' }, { on: 'no-success' }, { failedRows: 'many' }, { quietFor: '0' }])
    expect(() => read(wrong)).toThrow(/--on takes/);
});

test('a channel is added without its secret on the command line, used by a job, exported by its name, and removed', async () => {
  const address = 'https://hooks.acme.example/T0P/s3cret';
  const open = await world.run(['job', 'alert', 'channel', 'add', 'Ops', '--webhook'], {}, 'http://acme.example/x\n');
  expect(open.code).toBe(3);
  expect(open.stderr).toContain('This webhook is not encrypted.');
  const added = await world.run(['job', 'alert', 'channel', 'add', 'Ops', '--webhook'], {}, `${address}\n`);
  expect(added.code, added.stderr).toBe(0);
  expect(added.stdout).toContain('webhook at hooks.acme.example');
  await writeFile(join(world.folder, 'berths.csv'), 'Name,Berth_Code__c\nQuay 1,Q-1\n');
  await world.run(['job', 'save', 'Quays', '-f', 'berths.csv', '-s', 'Berth__c', '-i', 'Berth_Code__c']);
  const nobody = await world.run(['job', 'alert', 'set', 'Quays', '--channel', 'Nobody', '--json']);
  expect(JSON.parse(nobody.stdout)).toMatchObject({ status: 3, failure: { code: 'CHANNEL_UNKNOWN' } });
  expect((await world.run(['job', 'alert', 'set', 'Quays', '--channel', 'ops'])).stdout).toContain(
    'failed, held, recovered',
  );
  const exported = await world.run(['job', 'export', 'Quays', '--output-file', 'quays.yaml']);
  expect(exported.code).toBe(0);
  expect((await world.run(['job', 'import', 'quays.yaml', '--replace'])).code).toBe(0);
  const listed = await world.run(['job', 'alert', 'channel', 'list']);
  expect(listed.stdout).toBe('Ops: webhook at hooks.acme.example\n');
  expect([open, added, nobody, exported, listed].map(({ stdout, stderr }) => stdout + stderr).join('')).not.toContain(
    's3cret',
  );
  expect((await world.run(['job', 'alert', 'channel', 'remove', 'Ops'])).code).toBe(0);
}, 120_000);
