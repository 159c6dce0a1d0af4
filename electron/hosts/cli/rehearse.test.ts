import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCliWorld, type CliWorld } from '../test-support/cli-process.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld(['--records', '5', '--rows-per-second', '0', '--queue-delay', '0']);
});
afterAll(() => world.close());

const HEADER = 'Tracking_Code__c,Account__r.ERP_Id__c,Weight__c';

async function shipments(name: string, weights: readonly number[]): Promise<string[]> {
  const rows = weights.map((weight, n) => `${name}-${n},ERP-100001,${weight}`);
  await writeFile(join(world.folder, `${name}.csv`), `${[HEADER, ...rows].join('\n')}\n`);
  return ['plan', '-f', `${name}.csv`, '-s', 'Shipment__c', '-i', 'Tracking_Code__c', '--rehearse'];
}

async function inOrg(soql: string): Promise<number> {
  const exported = await world.run(['export', '-q', soql, '--output-file', 'all.csv', '--json']);
  return (JSON.parse(exported.stdout) as { result: { records: number } }).result.records;
}

test('rows that the org would refuse are told in its words with exit code 4, and none of them stays', async () => {
  const plan = await shipments('REFUSED', [1, -2, 3]);
  const { code, stdout } = await world.run(plan);
  expect(code).toBe(4);
  expect(stdout).toContain('takes all of them back');
  expect(stdout).toContain('What stays: API calls, numbers that auto-number fields use up');
  expect(stdout).toContain('Of 3 rows that you tried, the org would accept 2 and reject 1. All were taken back.');
  expect(stdout).toContain('Weight must not be negative. (FIELD_CUSTOM_VALIDATION_EXCEPTION · Weight__c · row 2)');
  const { status, result } = JSON.parse((await world.run([...plan, 'all', '--json'])).stdout) as {
    status: number;
    result: object;
  };
  expect({ status, result }).toMatchObject({
    status: 4,
    result: {
      counts: { insert: 3, blocked: 0 },
      rehearsal: { tried: 3, passed: 2, refused: 1, refusals: [{ rows: 1, examples: [2] }] },
    },
  });
  expect(await inOrg("SELECT Id FROM Shipment__c WHERE Tracking_Code__c LIKE 'REFUSED%'")).toBe(0);
});

test('where it would take them all the exit code is that of the plan', async () => {
  const { code, stdout } = await world.run([...(await shipments('TAKEN', [1, 2])), 'sample']);
  expect(stdout).toContain('The org would accept all 2 rows that you tried. All were taken back.');
  expect(code).toBe(0);
  const some = await world.run(['plan', '-f', 'TAKEN.csv', '-s', 'Shipment__c', '--rehearse', 'some']);
  expect(some.code).toBe(1);
});

test('deletes are tried, and say so', async () => {
  await world.run(['export', '-q', 'SELECT Id FROM Account', '--output-file', 'leaving.csv']);
  const before = await inOrg('SELECT Id FROM Account');
  expect(before).toBeGreaterThan(0);
  const plan = ['plan', '-f', 'leaving.csv', '-s', 'Account', '--operation', 'delete', '--rehearse', 'all'];
  const { stdout } = await world.run(plan);
  expect(stdout).toContain('Deletes rows in the org and takes all of the deletes back');
  expect(stdout).toContain('rows that you tried');
  expect(await inOrg('SELECT Id FROM Account')).toBe(before);
});

test('in production it wants a yes', async () => {
  await world.knobs({ organizationType: 'Enterprise Edition' });
  const plan = await shipments(
    'LIVE',
    Array.from({ length: 11 }, (_, n) => n),
  );
  const refused = await world.run([...plan, '--json']);
  expect(JSON.parse(refused.stdout)).toMatchObject({ status: 3, failure: { code: 'CONFIRMATION_NEEDED' } });
  expect((await world.run([...plan, '--yes'])).code).toBe(0);
});
