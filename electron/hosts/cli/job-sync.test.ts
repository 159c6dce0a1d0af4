import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCliWorld, type CliWorld } from '../test-support/cli-process.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld(['--records', '5', '--rows-per-second', '0', '--queue-delay', '0']);
});
afterAll(() => world.close());

const write = (name: string, text: string) => writeFile(join(world.folder, name), text);
const berths = (...rows: readonly string[]) => write('berths.csv', `Name,Berth_Code__c,Depth__c\n${rows.join('\n')}\n`);

interface Told {
  status: number;
  result: {
    run: {
      state: { kind: string; how?: string };
      counts: Record<string, number> | null;
      sync: { left: Record<string, number>; keys: number; done: { goneDue: number } | null } | null;
    };
    gone?: { run: { operation: string; counts: Record<string, number> } };
    plan?: { counts: Record<string, number> };
    state?: { runs: number; records: number };
  };
}
const job = async (...args: string[]): Promise<Told> => {
  const { stdout, stderr } = await world.run(['job', ...args, '--json']);
  expect(stdout, stderr).toMatch(/^\{/);
  return JSON.parse(stdout) as Told;
};

test('a job becomes a sync by a section of its YAML, and is kept in sync by its runs', async () => {
  await berths('One,S-1,1', 'Two,S-2,2', 'Three,S-3,3');
  await job('save', 'Berths', '-f', 'berths.csv', '-s', 'Berth__c', '-i', 'Berth_Code__c');
  await job('export', 'Berths', '--output-file', 'berths.yaml');
  const yaml = await readFile(join(world.folder, 'berths.yaml'), 'utf8');
  await write('berths.yaml', `${yaml}sync:\n  gone: { then: deleted }\n`);
  const refused = await world.run(['job', 'import', 'berths.yaml', '--replace']);
  expect(refused.stderr).toContain('sync.gone');
  const guards = 'guards: { shrunkPercent: null, deletesPercent: null }';
  await write('berths.yaml', `${yaml}${guards}\nsync:\n  gone: { then: delete, afterRuns: 0 }\n`);
  expect((await world.run(['job', 'import', 'berths.yaml', '--replace'])).code).toBe(0);
  expect((await world.run(['job', 'show', 'Berths'])).stdout).toContain(
    'Sync: what was changed in the org is set back',
  );
  expect(await job('run', 'Berths')).toMatchObject({ status: 0, result: { run: { counts: { created: 3 } } } });

  await berths('Eins,S-1,1', 'Two,S-2,2', 'Four,S-4,4');
  expect(await job('plan', 'Berths')).toMatchObject({
    status: 0,
    result: {
      run: { state: { how: 'shown' }, sync: { keys: 2, left: { added: 1, changed: 1, same: 1, gone: 1 } } },
      plan: { counts: { insert: 1, update: 1 } },
    },
  });
  const told = await world.run(['job', 'run', 'Berths']);
  expect(told.stdout).toContain('3 keys: 1 new, 1 changed, 1 unchanged; 1 gone');
  expect(told.stdout).toContain('1 record whose row is gone');
  expect(told.code).toBe(0);
  expect(await job('run', 'Berths')).toMatchObject({
    status: 0,
    result: { run: { state: { how: 'nothing-to-load' }, sync: { keys: 0, done: { goneDue: 0 } } } },
  });
  expect((await job('reset', 'Berths', '--preview')).result.state).toMatchObject({ runs: 3, records: 3 });
  expect((await world.run(['job', 'reset', 'Berths'])).stdout).toContain('The next run compares every row');
  expect(await job('run', 'Berths')).toMatchObject({ result: { run: { sync: { keys: 3 } } } });
}, 120_000);
