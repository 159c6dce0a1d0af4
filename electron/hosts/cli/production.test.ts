import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { onTerminal, startCliWorld, type CliWorld } from '../test-support/cli-process.ts';

const EDITION = 'organizationType=Enterprise Edition';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld(['--records', '5', '--rows-per-second', '0', '--queue-delay', '0', '--knob', EDITION]);
});
afterAll(() => world.close());

async function file(name: string, rows: number): Promise<string[]> {
  const lines = Array.from({ length: rows }, (_, n) => `${name} ${n}`);
  await writeFile(join(world.folder, `${name}.csv`), `Account Name\n${lines.join('\n')}\n`);
  return ['load', '-f', `${name}.csv`, '-s', 'Account', '--operation', 'insert', '--results-dir', name];
}

async function jobsMade(): Promise<number> {
  const made = await world.requests();
  return made.filter(({ method, path }) => method === 'POST' && path.endsWith('/jobs/ingest')).length;
}

async function callsUsed(): Promise<number> {
  const authorization = `Bearer ${world.env['SF_ACCESS_TOKEN'] ?? ''}`;
  const { headers } = await fetch(`${world.url}/services/data/v66.0/limits`, { headers: { authorization } });
  return Number(/api-usage=(\d+)/.exec(headers.get('sforce-limit-info') ?? '')?.[1]);
}

test('in production more than a few changes want --yes in a script; a few do not', async () => {
  const refused = await world.run(await file('refused', 11));
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('Practice org is a production org. This load would change 11 records there.');
  expect(refused.stderr).toContain('--yes');
  expect(await jobsMade()).toBe(0);
  expect((await world.run(await file('few', 10))).code).toBe(0);
  const said = await world.run([...(await file('said', 11)), '--yes', '--json']);
  expect(JSON.parse(said.stdout)).toMatchObject({ status: 0, result: { counts: { created: 11 } } });
});

test('--async carries the yes along, and is refused without it', async () => {
  const refused = await world.run([...(await file('alone', 11)), '--async', '--json']);
  expect(JSON.parse(refused.stdout)).toMatchObject({ status: 3, failure: { code: 'CONFIRMATION_NEEDED' } });
  const { stdout } = await world.run([...(await file('alone-said', 11)), '--async', '--yes', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({ status: 0 });
});

const answered = async (name: string, typed: string) =>
  onTerminal(world, await file(name, 12), { asks: /continue: /, typed });

test.skipIf(process.platform !== 'linux')('on a terminal it asks, and takes the number or the name', async () => {
  const named = await answered('named', 'practice org\n');
  expect(named.shown).toContain('PRODUCTION: this will make 12 changes in Practice org. Type 12 or the org’s name');
  expect(named.code).toBe(0);
  const before = await jobsMade();
  const wrong = await answered('wrong', 'yes\n');
  expect(wrong.code).toBe(3);
  const left = await answered('left', '\u0003');
  expect(left.shown).toContain('Canceling.');
  expect(left.code).toBe(3);
  expect(await jobsMade()).toBe(before);
});

test('a paused load asks for the same yes to its API calls before it goes on', async () => {
  const refusal = { status: 403, errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'Too many' };
  await world.faults([{ method: 'POST', path: 'jobs/ingest', every: 1, action: { kind: 'status', ...refusal } }]);
  const paused = await world.run(await file('stopped', 3));
  await world.faults([]);
  const [, loadId = ''] = /longshore resume (load_\w+)/.exec(paused.stdout) ?? [];
  const [before, used] = [await jobsMade(), await callsUsed()];
  await world.knobs({ apiLimit: used + 13 });
  const refused = await world.run(['resume', loadId]);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('This load takes at least 7 more API calls');
  expect(refused.stderr).toContain('Nothing more was sent.');
  expect(refused.stderr).toContain('--yes');
  expect(await jobsMade()).toBe(before);
  // What it takes to get as far as the question, and then less than twice of what the load takes.
  const asked = await callsUsed();
  await world.knobs({ apiLimit: asked + (asked - used) + 13 });
  const said = await world.run(['resume', loadId, '--yes']);
  await world.knobs({ apiLimit: 100_000 });
  expect(said.stderr).toBe('');
  expect(said.stdout).toContain('3 created = 3 rows');
});

test('--yes does not get past read-only, and the list of orgs says that it is', async () => {
  const { stdout } = await world.run(['orgs', '--json']);
  const { result } = JSON.parse(stdout) as { result: { username: string; kind: string }[] };
  expect(result[0]?.kind).toBe('production');
  const username = result[0]?.username ?? '';
  const set = await world.run(['orgs', 'read-only', username]);
  expect(set.stdout).toBe('Practice org is now read-only in Longshore.\n');
  const before = await jobsMade();
  const refused = await world.run([...(await file('kept', 2)), '--yes']);
  expect(refused.code).toBe(3);
  expect(refused.stderr).toContain('Practice org is set to read-only in Longshore.');
  expect(await jobsMade()).toBe(before);
  expect((await world.run(['orgs'])).stdout).toContain('read-only');
  const off = await world.run(['orgs', 'read-only', username, '--off']);
  expect(off.stdout).toBe('Longshore may load into Practice org again.\n');
  expect((await world.run([...(await file('let in', 2)), '--yes'])).code).toBe(0);
});
