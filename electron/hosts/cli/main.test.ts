import { fork, spawn } from 'node:child_process';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';

const CLI = fileURLToPath(new URL('./main.ts', import.meta.url));
const PRACTICE_ORG = fileURLToPath(new URL('../../practice-org/main.ts', import.meta.url));

let org: ReturnType<typeof fork>;
let env: NodeJS.ProcessEnv;
let folder: string;

beforeAll(async () => {
  org = fork(PRACTICE_ORG, ['--records', '20', '--rows-per-second', '1500', '--queue-delay', '0'], {
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const ready = await new Promise<{ url: string; accessToken: string }>((resolve) =>
    org.once('message', (message) => resolve(message as { url: string; accessToken: string })),
  );
  folder = await mkdtemp(join(tmpdir(), 'longshore-cli-'));
  env = {
    ...process.env,
    LONGSHORE_DATA: join(folder, 'data'),
    SF_ACCESS_TOKEN: ready.accessToken,
    SF_ORG_INSTANCE_URL: ready.url,
  };
});
afterAll(async () => {
  org.kill();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
});

function longshore(args: string[], until?: RegExp): Promise<{ code: number | null; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [CLI, ...args], { env, cwd: folder });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (chunk: Buffer) => {
    stdout += chunk.toString();
    // As hard as it gets: no handler runs, nothing is flushed.
    if (until?.test(stdout)) child.kill('SIGKILL');
  });
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.once('exit', (code) => resolve({ code, stdout, stderr })));
}

test('orgs lists the org of the environment’s token', async () => {
  const { code, stdout } = await longshore(['orgs', '--json']);
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    status: 0,
    result: [{ username: 'admin@practice.example', session: 'active' }],
  });
  expect(stdout).not.toContain('!AQ');
});

test('check, plan and load agree, and the exit code says that rows were not sent', async () => {
  const file = join(folder, 'berths.csv');
  await writeFile(file, 'Name,Berth_Code__c,Depth__c\nA,CLI-1,9\nB,CLI-2,deep\n');
  const flags = ['-f', file, '-s', 'Berth__c', '-i', 'Berth_Code__c', '--json'];
  expect(JSON.parse((await longshore(['check', ...flags])).stdout)).toMatchObject({
    status: 4,
    result: { rowsReady: 1, rowsBlocked: 1, rowGroups: { ready: 1, repeated: 0, leftOut: 0, notSent: 1 } },
  });
  expect(JSON.parse((await longshore(['plan', ...flags])).stdout)).toMatchObject({
    status: 4,
    result: { counts: { insert: 1, blocked: 1 }, rowGroups: { create: 1, repeated: 0, leftOut: 0, notSent: 1 } },
  });
  const saved = ['--save-problem-rows', '--results-dir', join(folder, 'problems')];
  expect((await longshore(['check', ...flags, ...saved])).code).toBe(4);
  expect(await readFile(join(folder, 'problems', 'berths-problems.csv'), 'utf8')).toMatch(
    /^sf__Id,sf__Error,Name,Berth_Code__c,Depth__c\n,.*“deep” is not a number.*,B,CLI-2,deep\n$/,
  );
  const loaded = await longshore(['load', ...flags, '--results-dir', join(folder, 'out')]);
  expect(loaded.code).toBe(4);
  expect(JSON.parse(loaded.stdout)).toMatchObject({
    status: 4,
    result: {
      counts: { created: 1, skipped: 1 },
      rowGroups: { created: 1, toCome: 0, repeated: 0, leftOut: 0, notSent: 1 },
    },
  });
  expect(await readFile(join(folder, 'out', 'berths-error.csv'), 'utf8')).toContain('“deep” is not a number');
});

test('a file without a key is inserted, and one with a key upserted: it is said, and --operation overrides it', async () => {
  const keyless = join(folder, 'keyless.csv');
  await writeFile(keyless, 'Account Name\nA\n');
  const told = await longshore(['plan', '-f', keyless, '-s', 'Account']);
  expect(told.stdout).toContain('Operation: insert (from the file’s keys or its last load; override with --operation)');
  const keyed = join(folder, 'keyed.csv');
  await writeFile(keyed, 'ERP_Id__c,Account Name\nNEW-1,A\n');
  expect((await longshore(['check', '-f', keyed, '-s', 'Account'])).stdout).toContain('Operation: upsert');
  const asked = await longshore(['check', '-f', keyed, '-s', 'Account', '--operation', 'insert']);
  expect(asked.stdout).not.toContain('Operation:');
  expect(asked.stdout).not.toContain('matched by');
});

test('Ids of other records are looked up, unless that is left out', async () => {
  const file = join(folder, 'ids.csv');
  await writeFile(file, 'Last Name,Account ID\nA,001000000000999AAA\n');
  const flags = ['-f', file, '-s', 'Contact', '--operation', 'insert'];
  const looked = await longshore(['plan', ...flags]);
  expect(looked.code).toBe(4);
  expect(looked.stdout).toContain(
    'ROW   Lookup not found (1 row; row 1, Account ID): No Account has the ID “001000000000999AAA”. It was deleted',
  );
  expect(looked.stdout).toContain('AccountId: 0 rows found their Account by Id (1 API call).');
  const left = await longshore(['plan', ...flags, '--no-id-lookup', '--json']);
  expect(JSON.parse(left.stdout)).toMatchObject({ status: 0, result: { counts: { insert: 1 }, lookups: [] } });
});

test('policies hold in a plan, which can be saved for others to read', async () => {
  const file = join(folder, 'policies.csv');
  await writeFile(file, 'ERP_Id__c,Name,Fax\nERP-100001,Another name,+49 30 1\nERP-nowhere,Nobody,+49 30 2\n');
  const flags = ['--update-only', '--never-overwrite', 'Name', '--save', 'csv', 'page', '--json'];
  const { code, stdout } = await longshore(['plan', '-f', file, '-s', 'Account', '-i', 'ERP_Id__c', ...flags]);
  const { result } = JSON.parse(stdout) as { result: { counts: object; planDigest: string } };
  // What a policy leaves out is no problem.
  expect(code).toBe(0);
  expect(result).toMatchObject({
    counts: { insert: 0, leftOut: 1, blocked: 0 },
    leftOut: { policies: [{ code: 'NO_RECORD_TO_UPDATE', rows: 1 }] },
    keptFields: [{ field: 'Name', rows: 1 }],
    mapping: { policies: { upsert: 'update-only' } },
  });
  const base = `policies-plan-${result.planDigest.slice(0, 8)}`;
  expect(await readFile(join(folder, `${base}.csv`), 'utf8')).toContain('NO_RECORD_TO_UPDATE');
  expect(await readFile(join(folder, `${base}.html`), 'utf8')).toContain('Records are only updated');
});

test('a mapping goes out and comes in as a file, ours or Data Loader’s; what does not fit is told and stops the load', async () => {
  const file = join(folder, 'mapped.csv');
  await writeFile(file, 'Code,Wer,Ort\nMAP-1,Acme,Kiel\n');
  const sdl = join(folder, 'given.sdl');
  await writeFile(sdl, '#Mapping values\nCode=ERP_Id__c\nWer=Name,Site\n"Import"=AccountNumber\nOrt=BillingCity\n');
  const flags = ['-f', file, '-s', 'Account', '--operation', 'upsert'];
  for (const name of ['out.json', 'out.sdl']) {
    const saved = await longshore(['mapping', ...flags, '--mapping', sdl, '--output-file', name]);
    expect(saved.code, saved.stderr).toBe(0);
    const planned = await longshore(['plan', ...flags, '--mapping', name, '--json']);
    expect(JSON.parse(planned.stdout)).toMatchObject({ status: 0, result: { counts: { insert: 1 } } });
  }
  expect(await readFile(join(folder, 'out.sdl'), 'utf8')).toBe(
    '#Mapping values\nCode=ERP_Id__c\nWer=Name, Site\nOrt=BillingCity\n"Import"=AccountNumber\n',
  );
  await writeFile(sdl, 'Code=ERP_Id__c\nWer=Name\nOrt=Gone__c\nTel=Phone\n');
  const stale = await longshore(['plan', ...flags, '--mapping', sdl]);
  expect(stale.code).toBe(3);
  expect(stale.stdout).toContain('BLOCK Gone__c, which “Ort” filled, is not in this org.');
  expect(stale.stdout).toContain('WARN  There is no column “Tel” now.');
  await writeFile(sdl, '<html>');
  expect((await longshore(['plan', ...flags, '--mapping', sdl])).stderr).toContain('is not a mapping file');
  expect((await longshore(['plan', ...flags, '--mapping', 'nowhere.sdl'])).code).toBe(1);
});

test('export writes the records of a query', async () => {
  const { code } = await longshore([
    'export',
    '-q',
    'SELECT ERP_Id__c, Name FROM Account',
    '--output-file',
    'accounts.csv',
  ]);
  expect(code).toBe(0);
  const lines = (await readFile(join(folder, 'accounts.csv'), 'utf8')).trimEnd().split('\n');
  expect(lines[0]).toBe('"ERP_Id__c","Name"');
  expect(lines).toHaveLength(21);
});

test('R28: killed in the middle of a load, resume gives every row one outcome and writes none twice', async () => {
  const file = join(folder, 'killed.csv');
  await writeFile(
    file,
    `Opportunity Name,Stage,Close Date\n${Array.from({ length: 3000 }, (_, n) => `Killed ${n},Prospecting,2026-05-05`).join('\n')}\n`,
  );
  const killed = await longshore(
    ['load', '-f', file, '-s', 'Opportunity', '--operation', 'insert'],
    /Load load_\w+ started/,
  );
  const loadId = /Load (load_\w+) started/.exec(killed.stdout)?.[1] ?? '';
  expect(killed.code).toBe(null);
  const resumed = await longshore(['resume', loadId, '--json', '--results-dir', join(folder, 'out')]);
  expect(JSON.parse(resumed.stdout)).toMatchObject({
    status: 0,
    result: { counts: { created: 3000, unknown: 0, unprocessed: 0 } },
  });
  await longshore([
    'export',
    '-q',
    "SELECT Id FROM Opportunity WHERE Name LIKE 'Killed %'",
    '--output-file',
    'killed-in-org.csv',
  ]);
  expect((await readFile(join(folder, 'killed-in-org.csv'), 'utf8')).trimEnd().split('\n')).toHaveLength(3001);
});

test('usage errors, a missing file and an unreachable org have their own exit codes and plain words', async () => {
  expect((await longshore(['load'])).code).toBe(1);
  const missing = await longshore(['check', '-f', 'nowhere.csv', '-s', 'Account']);
  expect(missing.code).toBe(3);
  expect(missing.stderr).toContain('can no longer be read (it was moved or deleted)');
  const { code, stderr } = await longshore(['orgs', '--instance-url', 'http://127.0.0.1:59998']);
  expect(code).toBe(2);
  expect(stderr).toContain('can’t be reached');
});

test('nothing on disk holds a token', async () => {
  const names = await readdir(join(folder, 'data'), { recursive: true, withFileTypes: true });
  for (const entry of names.filter((one) => one.isFile())) {
    const text = await readFile(join(entry.parentPath, entry.name), 'latin1');
    expect(text.includes(env['SF_ACCESS_TOKEN'] ?? '?'), entry.name).toBe(false);
  }
});

test('practice-org starts one with its own flags, says how to reach it, and ends when told to', async () => {
  const flags = ['--forget', '--no-tls', '--port', '0', '--admin-port', '0', '--records', '3'];
  const child = spawn(process.execPath, [CLI, 'practice-org', ...flags], { env, cwd: folder });
  let printed = '';
  child.stdout.on('data', (chunk: Buffer) => (printed += chunk.toString()));
  await expect.poll(() => printed).toContain('sf org login access-token --instance-url http://127.0.0.1:');
  const url = /http {7}(\S+)/.exec(printed)?.[1] ?? '';
  const token = /^ {4}(00D\S+)$/m.exec(printed)?.[1] ?? '';
  const response = await fetch(`${url}/services/data/v66.0/limits/recordCount?sObjects=Account`, {
    headers: { authorization: `Bearer ${token}` },
  });
  expect(await response.json()).toEqual({ sObjects: [{ count: 3, name: 'Account' }] });
  expect(printed).toContain('admin@practice.example');
  const ended = new Promise((resolve) => child.once('exit', resolve));
  child.kill('SIGTERM');
  await ended;
  await expect(fetch(url)).rejects.toThrow();
});
