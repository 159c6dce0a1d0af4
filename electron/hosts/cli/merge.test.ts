import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCliWorld, type CliWorld } from '../test-support/cli-process.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld(['--records', '5', '--rows-per-second', '0', '--queue-delay', '0']);
});
afterAll(() => world.close());

async function exported(where: string): Promise<string[]> {
  await world.run(['export', '-q', `SELECT Id, Fax FROM Account WHERE ${where}`, '--output-file', 'out.csv']);
  const text = await readFile(join(world.folder, 'out.csv'), 'utf8');
  return text.trim().split('\n').slice(1);
}

interface Told {
  readonly status: number;
  readonly result: { mergeId: string; state: string; counts: Record<string, number>; undo: Record<string, number> };
}

test('groups of a file are planned, merged and taken back, with exit codes as JSON has them', async () => {
  await writeFile(join(world.folder, 'twins.csv'), 'Name,Fax\nTwin,\nTwin,77\nLonely,\n');
  await world.run(['load', '-f', 'twins.csv', '-s', 'Account', '--operation', 'insert', '--yes']);
  const ids = (await exported("Name = 'Twin'")).map((line) => line.replaceAll('"', '').slice(0, 18));
  expect(ids).toHaveLength(2);
  await writeFile(join(world.folder, 'groups.csv'), `Id,Team\n${ids.map((id) => `${id},a`).join('\n')}\n`);
  const wrong = await world.run(['merge', 'plan', '-s', 'Account', '-f', 'groups.csv']);
  expect(wrong.code, 'no column Group').toBe(1);
  const plan = ['merge', 'plan', '-s', 'Account', '-f', 'groups.csv', '--group-column', 'team', '--json'];
  const planned = JSON.parse((await world.run(plan)).stdout) as Told;
  expect(planned).toMatchObject({
    status: 0,
    result: { state: 'planned', counts: { groups: 1, losers: 1, changes: 1 } },
  });
  const { mergeId } = planned.result;
  const told = await world.run(['merge', 'report', mergeId]);
  expect(told).toMatchObject({ code: 0, stdout: expect.stringMatching(/^Wrote .*merge.*\.csv$/m) as string });
  const file = /^Wrote (.*\.csv)$/m.exec(told.stdout)?.[1] ?? '';
  const lines = (await readFile(file, 'utf8')).trim().split('\r\n');
  expect(lines).toHaveLength(3);
  expect(lines[1]).toMatch(/^1,\w{18},Twin,Master,.*Fax: \(blank\) → 77/);
  expect(lines[2]).toMatch(/^1,\w{18},Twin,Merged into the master/);
  const merged = await world.run(['merge', 'run', mergeId]);
  expect(merged.stdout).toContain('Merged: 1 group merged, 0 partly, 0 refused, 0 changed since the plan.');
  expect(merged.code).toBe(0);
  expect(await exported("Name = 'Twin'")).toEqual([expect.stringContaining('77')]);
  const again = JSON.parse((await world.run(['merge', 'run', mergeId, '--json'])).stdout) as Told;
  expect(again).toMatchObject({ status: 3, failure: { code: 'PLAN_STALE' } });
  const back = JSON.parse((await world.run(['merge', 'undo', mergeId, '--json'])).stdout) as Told;
  expect(back).toMatchObject({ status: 0, result: { state: 'undone', undo: { reversed: 1, partly: 0, kept: 0 } } });
  expect(await exported("Name = 'Twin'")).toHaveLength(2);
  expect((await world.run(['merge', 'run', 'merge_nobody'])).code).toBe(1);
});

test('a field can have a rule of its own; one that is no field of the merge, or no rule, is refused', async () => {
  await writeFile(join(world.folder, 'twos.csv'), 'Name,Fax,Phone\nTwo,1,10\nTwo,2,20\n');
  await world.run(['load', '-f', 'twos.csv', '-s', 'Account', '--operation', 'insert', '--yes']);
  const ids = (await exported("Name = 'Two'")).map((line) => line.replaceAll('"', '').slice(0, 18));
  await writeFile(join(world.folder, 'groups3.csv'), `Id,Group\n${ids.map((id) => `${id},a`).join('\n')}\n`);
  // The second one was changed last.
  await writeFile(join(world.folder, 'later.csv'), `Id,Fax\n${ids[1]},3\n`);
  await world.run(['load', '-f', 'later.csv', '-s', 'Account', '--operation', 'update', '--yes']);
  const plan = ['merge', 'plan', '-s', 'Account', '-f', 'groups3.csv', '--values', 'master'];
  expect((await world.run([...plan, '--values-of', 'Fax'])).code).toBe(1);
  const unknown = await world.run([...plan, '--values-of', 'Nothing__c=newest']);
  expect(unknown).toMatchObject({ code: 1, stderr: expect.stringContaining('Nothing__c') as string });
  const planned = JSON.parse((await world.run([...plan, '--values-of', 'fax=newest', '--json'])).stdout) as Told;
  expect(planned.result.counts).toMatchObject({ groups: 1, changes: 1 });
  expect((await world.run(['merge', 'run', planned.result.mergeId])).code).toBe(0);
  await world.run(['export', '-q', "SELECT Fax, Phone FROM Account WHERE Name = 'Two'", '--output-file', 'two.csv']);
  const text = await readFile(join(world.folder, 'two.csv'), 'utf8');
  expect(text.replaceAll('"', '').trim().split('\n')[1]).toBe('3,10');
});

test('groups that are not merged as planned, or not taken back, end with exit code 4', async () => {
  await writeFile(join(world.folder, 'pairs.csv'), 'Name,Fax\nPair,1\nPair,2\nOther,\nOther,4\n');
  await world.run(['load', '-f', 'pairs.csv', '-s', 'Account', '--operation', 'insert', '--yes']);
  const made = (await exported("Name = 'Pair' OR Name = 'Other'")).map((line) => line.replaceAll('"', '').split(','));
  const idOf = (fax: string) => made.find((cells) => cells[1] === fax)?.[0] ?? '';
  const lines = ['1,a', '2,a', ',b', '4,b']
    .map((line) => line.split(','))
    .map(([fax = '', group]) => `${idOf(fax)},${group}`);
  await writeFile(join(world.folder, 'groups2.csv'), `Id,Group\n${lines.join('\n')}\n`);
  const plan = ['merge', 'plan', '-s', 'Account', '-f', 'groups2.csv', '--json'];
  const { mergeId } = (JSON.parse((await world.run(plan)).stdout) as Told).result;
  const change = async (id: string, fax: string) => {
    await writeFile(join(world.folder, 'change.csv'), `Id,Fax\n${id},${fax}\n`);
    await world.run(['load', '-f', 'change.csv', '-s', 'Account', '--operation', 'update', '--yes']);
  };
  await change(idOf('1'), '99');
  const merged = await world.run(['merge', 'run', mergeId]);
  expect(merged.stdout).toContain('1 group merged, 0 partly, 0 refused, 1 changed since the plan.');
  expect(merged.code).toBe(4);
  // What the merge filled in is another value since, so not all of it goes back.
  await change(idOf(''), '55');
  const back = await world.run(['merge', 'undo', mergeId]);
  expect(back.code).toBe(4);
});
