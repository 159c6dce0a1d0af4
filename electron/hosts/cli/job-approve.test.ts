import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCliWorld, type CliWorld } from '../test-support/cli-process.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld(['--records', '5', '--rows-per-second', '0', '--queue-delay', '0']);
});
afterAll(() => world.close());

interface Told {
  status: number;
  failure?: { code: string };
  result: { run: { runId: string; state: { kind: string; how?: string; why?: string }; counts: object | null } };
}
const job = async (...args: string[]): Promise<Told> =>
  JSON.parse((await world.run(['job', ...args, '--json'])).stdout) as Told;

test('a held run is approved or rejected by its id, with exit codes; what is loaded is told like any load', async () => {
  await writeFile(
    join(world.folder, 'deals.csv'),
    'Opportunity Name,Stage,Close Date\nHeld deal,Prospecting,2026-05-05\n',
  );
  await job('save', 'Deals', '-f', 'deals.csv', '-s', 'Opportunity', '--operation', 'insert');
  expect((await job('run', 'Deals')).status).toBe(0);
  const told = await world.run(['job', 'run', 'Deals']);
  expect(told.code).toBe(3);
  expect(told.stdout).toContain('HOLD  These rows were already loaded');
  expect(told.stdout).toContain('Plan: 1 create');
  const [, held = ''] = /longshore job approve (run_\w+)/.exec(told.stdout) ?? [];
  const rejected = await job('reject', held);
  expect(rejected).toMatchObject({ status: 0, result: { run: { state: { kind: 'rejected', why: 'person' } } } });
  expect(await job('approve', held)).toMatchObject({ status: 3, failure: { code: 'RUN_NOT_HELD' } });
  expect(await job('approve', 'run_0000000000000000')).toMatchObject({ status: 3, failure: { code: 'RUN_UNKNOWN' } });

  const again = await job('run', 'Deals');
  expect(again).toMatchObject({ status: 3, result: { run: { state: { kind: 'held' } } } });
  const approved = await world.run(['job', 'approve', again.result.run.runId]);
  expect(approved.code, approved.stderr).toBe(0);
  expect(approved.stdout).toContain('1 created');
  const { stdout } = await world.run(['job', 'history', 'Deals']);
  expect(stdout).toContain('Rejected; nothing was sent');
}, 120_000);

test('what becomes of rows that resemble records, and the API budget, go with the job: saved, shown, exported, and imported', async () => {
  await writeFile(join(world.folder, 'leads.csv'), 'Last Name,Company,Email\nAchtermann,Werke,a@werke.example\n');
  const rules = ['--resembling', 'skip', '--resembling-score', '5', '--api-budget', '20%'];
  await job('save', 'Leads', '-f', 'leads.csv', '-s', 'Lead', '--operation', 'insert', ...rules);
  await job('export', 'Leads', '--output-file', 'leads.yaml');
  const yaml = await readFile(join(world.folder, 'leads.yaml'), 'utf8');
  expect(yaml).toContain('resembling:\n  then: skip\n  threshold: 5\napiBudgetPercent: 20\n');
  await job('import', 'leads.yaml', '--name', 'Leads again');
  const { stdout } = await world.run(['job', 'show', 'Leads again']);
  expect(stdout).toContain('New rows that resemble a record: skip the row, from score 5.0');
  expect(stdout).toContain('API budget: 20% of the calls that are left');
  const run = await world.run(['job', 'run', 'Leads again']);
  expect(run.code, run.stderr).toBe(0);
  expect(run.stdout).toContain('From score 5.0: 0 pairs.');
  const wrong = ['job', 'save', 'Wrong', '-f', 'leads.csv', '-s', 'Lead', '--api-budget', '0'];
  expect((await world.run(wrong)).code).toBe(1);
}, 120_000);
