import { generateKeyPairSync } from 'node:crypto';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCliWorld, type CliWorld, type Ended, type Running } from '../test-support/cli-process.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld(['--records', '5', '--rows-per-second', '0', '--queue-delay', '0']);
});
afterAll(() => world.close());

interface State {
  kind: string;
  how?: string;
  holds?: { code: string; column?: string }[];
}
interface Told {
  status: number;
  message?: string;
  failure?: { code: string };
  result: {
    jobId: string;
    loadId: string;
    continued?: unknown;
    job: { jobId: string; definition: { name: string } };
    run: { runId: string; state: State; loadId: string | null; counts: Record<string, number> | null };
    plan?: { counts: Record<string, number> };
    runs: { state: State; loadId: string | null }[];
  };
}
const parsed = ({ stdout, stderr }: Ended): Told => {
  expect(stdout, stderr).toMatch(/^\{/);
  return JSON.parse(stdout) as Told;
};
const job = async (args: string[], env: NodeJS.ProcessEnv = {}): Promise<Told> =>
  parsed(await world.run(['job', ...args, '--json'], env));
const write = (name: string, text: string) => writeFile(join(world.folder, name), text);

/** Requests that write: jobs that are made or closed, rows that are uploaded, records that are saved. */
async function writes(): Promise<number> {
  return (await world.requests()).filter(({ method, path }) => method !== 'GET' && !path.includes('oauth')).length;
}

/** Asked of the org itself: another command would take seconds. */
async function recordsLike(object: string, name: string): Promise<number> {
  const soql = `SELECT Id FROM ${object} WHERE Name LIKE '${name}%'`;
  const address = `${world.url}/services/data/v66.0/query?q=${encodeURIComponent(soql)}`;
  const answer = await fetch(address, { headers: { authorization: `Bearer ${world.env['SF_ACCESS_TOKEN'] ?? ''}` } });
  const { totalSize } = (await answer.json()) as { totalSize: number };
  return totalSize;
}

const berths = (prefix: string, rows: number) =>
  `Name,Berth_Code__c,Depth__c\n${Array.from({ length: rows }, (_, n) => `${prefix} ${n},${prefix}-${n},${n}`).join('\n')}\n`;

test('a finished load is saved, exported, imported into another data folder, and run there: exactly the rows of the file, and nothing twice', async () => {
  await write('berths.csv', berths('Quay', 40));
  const loaded = parsed(
    await world.run(['load', '-f', 'berths.csv', '-s', 'Berth__c', '-i', 'Berth_Code__c', '--json']),
  );
  const saved = await job(['save', 'Quays', '--from-load', loaded.result.loadId]);
  expect(saved).toMatchObject({
    status: 0,
    result: { job: { definition: { operation: 'upsert', object: 'Berth__c' } } },
  });
  expect(await job(['save', 'quays', '--from-load', loaded.result.loadId])).toMatchObject({
    status: 3,
    failure: { code: 'JOB_NAME_TAKEN' },
  });
  expect((await job(['export', 'quays', '--output-file', 'jobs/quays.yaml'])).status).toBe(0);
  const yaml = await readFile(join(world.folder, 'jobs', 'quays.yaml'), 'utf8');
  expect(yaml).toMatch(/^kind: longshore-job\nversion: 1\nname: Quays\n/);
  expect(yaml).not.toContain(world.env['SF_ACCESS_TOKEN'] ?? '?');

  const elsewhere = { LONGSHORE_DATA: join(world.folder, 'elsewhere') };
  const imported = await job(['import', 'jobs/quays.yaml', '-f', 'berths.csv', '--name', 'Quays here'], elsewhere);
  expect(imported.status).toBe(0);
  await write('berths.csv', berths('Quay', 60));
  const before = await writes();
  expect(await job(['plan', 'Quays here'], elsewhere)).toMatchObject({
    status: 0,
    result: { run: { state: { kind: 'ended', how: 'shown' } }, plan: { counts: { insert: 20, unchanged: 40 } } },
  });
  expect(await writes()).toBe(before);
  const run = await job(['run', 'quays HERE'], elsewhere);
  expect(run).toMatchObject({
    status: 0,
    result: { run: { state: { kind: 'ended', how: 'loaded' }, counts: { created: 20, unchanged: 40 } } },
  });
  expect(await recordsLike('Berth__c', 'Quay ')).toBe(60);
  const written = await writes();
  expect(await job(['run', 'Quays here'], elsewhere)).toMatchObject({
    status: 0,
    result: { run: { state: { kind: 'ended', how: 'nothing-to-load' } }, plan: { counts: { unchanged: 60 } } },
  });
  expect(await writes()).toBe(written);
  const { result } = await job(['history', 'Quays here'], elsewhere);
  expect(result.runs.map(({ state }) => state.how)).toEqual(['nothing-to-load', 'loaded', 'shown']);
}, 120_000);

test('a file that a job no longer fits holds its run: said in words, and nothing is sent', async () => {
  await write('hold.csv', berths('Hold', 3));
  await job(['save', 'Held', '-f', 'hold.csv', '-s', 'Berth__c', '-i', 'Berth_Code__c']);
  await write('hold.csv', 'Name,Berth_Code__c,Note\nHold 0,Hold-0,x\n');
  const before = await writes();
  const told = await world.run(['job', 'run', 'Held']);
  expect(told.code).toBe(3);
  expect(told.stdout).toContain('HOLD  The file has no column “Depth__c”, which the job needs.');
  expect(told.stdout).toContain('Nothing was sent to Salesforce.');
  // The field's type as it would be saved from another org, or another day.
  await job(['export', 'Held', '--output-file', 'held.yaml']);
  const yaml = await readFile(join(world.folder, 'held.yaml'), 'utf8');
  await write('held.yaml', yaml.replace('type: double', 'type: string'));
  await write('hold.csv', berths('Hold', 3));
  expect((await job(['import', 'held.yaml', '--replace'])).status).toBe(0);
  expect((await job(['run', 'Held'])).result.run.state.holds).toMatchObject([
    { code: 'FIELD_RETYPED', field: 'Depth__c', was: 'string', now: 'double' },
  ]);
  expect(await writes()).toBe(before);
}, 120_000);

test('a job runs in its own org only; one that is damaged is said and kept', async () => {
  await write('own.csv', berths('Own', 2));
  const saved = await job(['save', 'Own', '-f', 'own.csv', '-s', 'Berth__c', '-i', 'Berth_Code__c']);
  await job(['export', 'Own', '--output-file', 'own.yaml']);
  const yaml = await readFile(join(world.folder, 'own.yaml'), 'utf8');
  await write('own.yaml', yaml.replace(/organization: .*/, 'organization: 00D000000000009EAA'));
  await job(['import', 'own.yaml', '--name', 'Stranger']);
  expect(await job(['run', 'Stranger'])).toMatchObject({ status: 3, failure: { code: 'JOB_ORG_MISSING' } });
  expect(await job(['run', 'Stranger', '-o', 'admin@practice.example'])).toMatchObject({
    status: 3,
    failure: { code: 'JOB_OTHER_ORG' },
  });
  // With an org named, the job is for that one.
  expect(
    (await job(['import', 'own.yaml', '--replace', '--name', 'Stranger', '-o', 'admin@practice.example'])).status,
  ).toBe(0);
  expect((await job(['plan', 'Stranger'])).status).toBe(0);
  expect((await job(['clone', 'Own', 'Copy'])).status).toBe(0);
  expect((await job(['remove', 'Copy'])).status).toBe(0);
  const data = world.env['LONGSHORE_DATA'] ?? '';
  await writeFile(join(data, 'jobs', `${saved.result.job.jobId}.json`), '{"kind":');
  const listed = await world.run(['job', 'list']);
  expect(listed.code).toBe(3);
  expect(listed.stdout).toContain(`The file of a job (${saved.result.job.jobId}.json) is damaged.`);
  expect(await readFile(join(data, 'jobs', `${saved.result.job.jobId}.json`), 'utf8')).toBe('{"kind":');
}, 120_000);

test('a YAML file that is no job is refused by line, value and rule; nothing is saved', async () => {
  await write('bad.yaml', 'kind: longshore-job\nversion: 1\nname: Bad\noperation: merge\n');
  const told = await world.run(['job', 'import', 'bad.yaml']);
  expect(told.code).toBe(3);
  expect(told.stderr).toContain('Line 4: operation is “merge”. Use one of “insert”');
  expect(told.stderr).toContain('object is missing. Add it.');
  expect((await world.run(['job', 'import', 'nowhere.yaml'])).code).toBe(1);
  expect((await job(['show', 'Bad'])).failure).toEqual({ code: 'JOB_UNKNOWN' });
});

interface RunOnDisk {
  startedAt: number;
  loadId: string | null;
  state: { kind: string; step?: string; how?: string };
}

/** The runs of a job as they are on disk, the latest first. */
async function onDisk(jobId: string): Promise<RunOnDisk[]> {
  const folder = join(world.env['LONGSHORE_DATA'] ?? '', 'runs', jobId);
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'));
  const texts = await Promise.all(names.map((name) => readFile(join(folder, name), 'utf8')));
  const runs = texts.map((text) => (JSON.parse(text) as { value: RunOnDisk }).value);
  return runs.sort((one, other) => other.startedAt - one.startedAt);
}

async function killOnce(running: Running, reached: () => Promise<boolean>): Promise<void> {
  await expect.poll(reached, { timeout: 30_000, interval: 5 }).toBe(true);
  running.kill();
  await running.ended;
}

const slow = (path: string) => [{ path, action: { kind: 'delay', milliseconds: 3000 }, times: 20 }];

test.each(['reading', 'fitting', 'starting', 'loading'])(
  'a run that is killed while %s is told or continued, and no row is there twice',
  async (phase) => {
    const name = `Kill ${phase}`;
    const rows = 300;
    const lines = Array.from({ length: rows }, (_, n) => `${name} ${n},Prospecting,2026-05-05`);
    await write('kill.csv', `Opportunity Name,Stage,Close Date\n${lines.join('\n')}\n`);
    const saved = await job([
      'save',
      name,
      '-f',
      'kill.csv',
      '-s',
      'Opportunity',
      '--operation',
      'insert',
      '--way',
      'bulk',
    ]);
    const { jobId } = saved.result.job;
    if (phase === 'loading') await world.faults(slow('/jobs/ingest/[^/]+$'));
    if (phase === 'starting') await world.faults(slow('/limits'));
    if (phase === 'fitting') await world.faults(slow('/sobjects/Opportunity/describe'));
    const running = world.start(['job', 'run', name]);
    await killOnce(running, async () => {
      const [last] = await onDisk(jobId);
      if (phase === 'reading' || phase === 'fitting') return last?.state.step === phase;
      return last?.state.kind === 'loading' && (phase === 'starting' || last.loadId !== null);
    });
    await world.faults([]);
    const again = await job(['run', name]);
    expect(again).toMatchObject({ status: 0, result: { run: { state: { kind: 'ended', how: 'loaded' } } } });
    expect(again.result.continued).toBe(phase === 'loading' ? true : undefined);
    expect(await recordsLike('Opportunity', name)).toBe(rows);
    const states = (await onDisk(jobId)).map(({ state }) => state.how ?? state.kind);
    expect(states).toEqual(phase === 'loading' ? ['same-rows', 'loaded'] : ['loaded', 'interrupted']);
  },
  60_000,
);

test('an insert of the same file is held: it would create every row twice', async () => {
  await write('twice.csv', 'Opportunity Name,Stage,Close Date\nTwice,Prospecting,2026-05-05\n');
  await job(['save', 'Twice', '-f', 'twice.csv', '-s', 'Opportunity', '--operation', 'insert']);
  expect((await job(['run', 'Twice'])).status).toBe(0);
  const held = await job(['run', 'Twice']);
  expect(held).toMatchObject({ status: 3, result: { run: { state: { holds: [{ code: 'LOADED_BEFORE' }] } } } });
  expect(await recordsLike('Opportunity', 'Twice')).toBe(1);
  expect((await job(['run', 'Twice', '--again'])).status).toBe(0);
  expect(await recordsLike('Opportunity', 'Twice')).toBe(2);
}, 60_000);

test('a job runs headless: imported into an empty data folder, signed in by a JWT, with no keychain and nothing kept', async () => {
  await write('headless.csv', berths('Headless', 2));
  await job(['save', 'Headless', '-f', 'headless.csv', '-s', 'Berth__c', '-i', 'Berth_Code__c']);
  await job(['export', 'Headless', '--output-file', 'headless.yaml']);
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  await write('server.key', privateKey.export({ type: 'pkcs8', format: 'pem' }).toString());
  const data = join(world.folder, 'container');
  const nobody = { LONGSHORE_DATA: data, SF_ACCESS_TOKEN: '', DBUS_SESSION_BUS_ADDRESS: '' };
  expect((await job(['import', 'headless.yaml'], nobody)).status).toBe(0);
  expect((await job(['run', 'Headless'], nobody)).failure).toMatchObject({ code: 'JOB_ORG_MISSING' });
  const org = world.env['SF_ORG_INSTANCE_URL'] ?? '';
  const jwt = ['--login', org, '--client-id', 'TheKey', '--jwt-key-file', 'server.key'];
  const run = await job(['run', 'Headless', ...jwt, '--username', 'admin@practice.example'], nobody);
  expect(run).toMatchObject({ status: 0, result: { run: { counts: { created: 2 } } } });
  for (const entry of await readdir(data, { recursive: true, withFileTypes: true }))
    if (entry.isFile())
      expect(await readFile(join(entry.parentPath, entry.name), 'latin1'), entry.name).not.toMatch(/!AQ|PRIVATE KEY/);
}, 60_000);
