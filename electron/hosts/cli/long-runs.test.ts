import { readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startCliWorld, type CliWorld } from '../test-support/cli-process.ts';

let world: CliWorld;
beforeAll(async () => {
  world = await startCliWorld(['--records', '5', '--rows-per-second', '400', '--queue-delay', '0']);
});
afterAll(() => world.close());

interface Document {
  status: number;
  result: {
    loadId: string;
    state: { kind: string; cancelled?: boolean };
    counts: Record<string, number>;
    runner?: { pid: number };
    jobs: { jobId: string }[];
  };
}
const parse = (text: string) => JSON.parse(text) as Document;

async function file(name: string, rows: number): Promise<string[]> {
  const lines = Array.from({ length: rows }, (_, n) => `${name} ${n},Prospecting,2026-05-05`);
  await writeFile(join(world.folder, `${name}.csv`), `Opportunity Name,Stage,Close Date\n${lines.join('\n')}\n`);
  return ['load', '-f', `${name}.csv`, '-s', 'Opportunity', '--operation', 'insert', '--results-dir', name];
}

async function recordsNamed(name: string): Promise<number> {
  const soql = `SELECT Id FROM Opportunity WHERE Name LIKE '${name} %'`;
  const { stdout } = await world.run(['export', '-q', soql, '--output-file', 'found.csv', '--json']);
  return (JSON.parse(stdout) as { result: { records: number } }).result.records;
}

/** Asks `report` until the load has ended, and gives what it said each time. */
async function reportsOf(loadId: string): Promise<Document[]> {
  const reports: Document[] = [];
  await expect
    .poll(
      async () => {
        reports.push(parse((await world.run(['report', loadId, '--json'])).stdout));
        return reports.at(-1)?.result.state.kind;
      },
      { timeout: 50_000 },
    )
    .toBe('finished');
  return reports;
}

test('--async ends once the load has started; it runs on by itself whatever becomes of the terminal', async () => {
  const started = await world.run([...(await file('alone', 4000)), '--async', '--json']);
  expect(started.stderr).toBe('');
  const { status, result } = parse(started.stdout);
  expect(status).toBe(0);
  const pid = result.runner?.pid ?? 0;
  // Fields 5 and 6 of proc(5): its own group and session, which no terminal can hang up.
  const stat = await readFile(`/proc/${pid}/stat`, 'utf8');
  expect(
    stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(2, 4),
  ).toEqual([String(pid), String(pid)]);
  process.kill(pid, 'SIGHUP');
  // Another process sees it run, and keeps its hands off it.
  const elsewhere = await world.run(['resume', result.loadId]);
  expect(elsewhere.stderr).toContain(`Another copy of Longshore (process ${pid} on `);
  expect(elsewhere.code).toBe(3);
  const [first] = await reportsOf(result.loadId);
  expect(first?.result.state.kind).toBe('running');
  const whole = await world.run(['report', result.loadId, '--json', '--results-dir', 'later']);
  expect(parse(whole.stdout)).toMatchObject({ status: 0, result: { counts: { created: 4000 } } });
  const success = await readFile(join(world.folder, 'later', 'alone-success.csv'), 'utf8');
  expect(success.trimEnd().split('\n')).toHaveLength(4001);
  expect(await readFile(join(world.folder, 'alone', 'alone-success.csv'), 'utf8')).toBe(success);
  expect(await recordsNamed('alone')).toBe(4000);
}, 120_000);

test('--async tells what keeps a load from starting, with the same words and exit code', async () => {
  await writeFile(join(world.folder, 'none.csv'), 'Name\nx\n');
  const { code, stderr } = await world.run(['load', '-f', 'none.csv', '-s', 'Nope', '--async']);
  expect(code).toBe(3);
  expect(stderr).toContain('This org has no object Nope');
});

test('--async is refused where no session would outlive this process', async () => {
  const signedOut = { SF_ACCESS_TOKEN: '', DBUS_SESSION_BUS_ADDRESS: '' };
  const { code, stderr } = await world.run([...(await file('nobody', 3)), '--async'], signedOut);
  expect(code).toBe(3);
  expect(stderr).toContain('--async without a keychain');
});

test('result files can be written again at any time, and by a job’s id', async () => {
  const loaded = await world.run([...(await file('again', 3)), '--json']);
  const { result } = parse(loaded.stdout);
  for (const folder of ['again', 'elsewhere', 'elsewhere']) {
    const target = join(world.folder, folder, 'again-success.csv');
    await rm(target, { force: true });
    const jobId = result.jobs[0]?.jobId ?? '';
    const reported = await world.run(['report', '--job-id', jobId, '--results-dir', folder]);
    expect(reported.code).toBe(0);
    expect(reported.stdout).toContain('3 created = 3 rows');
    expect(await readFile(target, 'utf8')).toContain('again 2');
  }
  const unknown = await world.run(['report', 'load_nowhere']);
  expect(unknown.code).toBe(3);
  expect(unknown.stderr).toContain('That load no longer exists.');
  expect((await world.run(['report'])).code).toBe(1);
});

test('SIGTERM cancels a load: said at once, and what was done is written', async () => {
  const closed = async () => (await world.requests()).filter(({ method }) => method === 'PATCH').length;
  const before = await closed();
  const running = world.start(await file('cancel', 3000));
  await running.printed(/Load load_\w+ started/);
  // The practice org is at work on it from now on.
  await expect.poll(closed).toBeGreaterThan(before);
  const asked = performance.now();
  running.signal('SIGTERM');
  await running.printed(/Canceling the load/);
  expect(performance.now() - asked).toBeLessThan(200);
  const { code, stdout, stderr } = await running.ended;
  expect(stderr).not.toContain('incident');
  expect(code).toBe(4);
  expect(stdout).toContain('Result (canceled)');
  await holdsTogether('cancel', 3000);
});

/** Every row is in one of the files, and in the org if it says so. */
async function holdsTogether(name: string, rows: number): Promise<void> {
  const files = await readdir(join(world.folder, name));
  expect(files.toSorted()).toEqual(['error', 'success', 'unprocessed'].map((kind) => `${name}-${kind}.csv`));
  const rowsIn = async (kind: string) =>
    (await readFile(join(world.folder, name, `${name}-${kind}.csv`), 'utf8')).trimEnd().split('\n').length - 1;
  expect((await rowsIn('success')) + (await rowsIn('unprocessed'))).toBe(rows);
  expect(await recordsNamed(name)).toBe(await rowsIn('success'));
}

test('Ctrl+C pauses a load, which says how it goes on and how it ends', async () => {
  const paused: string[] = [];
  for (const name of ['paused', 'given up']) {
    const running = world.start(await file(name, 1200));
    await running.printed(/Load load_\w+ started/);
    const asked = performance.now();
    running.signal('SIGINT');
    await running.printed(/Pausing the load/);
    expect(performance.now() - asked).toBeLessThan(200);
    const { code, stdout, stderr } = await running.ended;
    expect(stderr).not.toContain('incident');
    expect(code).toBe(3);
    const loadId = /To continue: longshore resume (load_\w+)/.exec(stdout)?.[1] ?? '';
    expect(stdout).toContain(`To end it: longshore cancel ${loadId}`);
    paused.push(loadId);
  }
  const [goesOn = '', ends = ''] = paused;
  const resumed = await world.run(['resume', goesOn, '--json', '--results-dir', 'paused']);
  expect(parse(resumed.stdout)).toMatchObject({ status: 0, result: { counts: { created: 1200 } } });
  expect(await recordsNamed('paused')).toBe(1200);
  const ended = await world.run(['cancel', ends, '--results-dir', 'given up']);
  expect(ended.code).toBe(4);
  expect(ended.stdout).toContain('Result (canceled)');
  await holdsTogether('given up', 1200);
}, 120_000);

test('a second Ctrl+C leaves at once; the load can be resumed and loses nothing', async () => {
  const running = world.start(await file('twice', 1500));
  await running.printed(/Load load_\w+ started/);
  running.signal('SIGINT');
  await running.printed(/Pausing the load/);
  const asked = performance.now();
  running.signal('SIGINT');
  const { code, stderr } = await running.ended;
  expect(performance.now() - asked).toBeLessThan(1000);
  expect(code).toBe(3);
  const loadId = /Stopped\. To continue: longshore resume (load_\w+)/.exec(stderr)?.[1] ?? '';
  const resumed = await world.run(['resume', loadId, '--json', '--results-dir', 'twice']);
  const { counts } = parse(resumed.stdout).result;
  expect(counts).toMatchObject({ created: 1500 });
  expect(await recordsNamed('twice')).toBe(1500);
});

test('Ctrl+C before the load starts ends quickly and loads nothing', async () => {
  const running = world.start(await file('early', 3000));
  await running.printed(/early\.csv: 3,000 rows/);
  const asked = performance.now();
  running.signal('SIGINT');
  await running.printed(/Canceling\./);
  expect(performance.now() - asked).toBeLessThan(200);
  const { code, stderr } = await running.ended;
  expect(performance.now() - asked).toBeLessThan(2000);
  expect(code).toBe(3);
  expect(stderr).toContain('Canceled.');
  expect(await recordsNamed('early')).toBe(0);
});

test('whoever started a runner goes before its load has started: nothing is loaded', async () => {
  const running = world.start([...(await file('orphan', 3000)), '--async']);
  await running.printed(/orphan\.csv: 3,000 rows/);
  running.kill();
  await running.ended;
  const logs = join(world.folder, 'data', 'runners');
  await expect
    .poll(async () => {
      const texts = await Promise.all((await readdir(logs)).map((name) => readFile(join(logs, name), 'utf8')));
      return texts.some((text) => text.includes('orphan.csv') && text.includes('Canceled.'));
    })
    .toBe(true);
  expect(await recordsNamed('orphan')).toBe(0);
});

test('resume of a finished load tries only the lookups again that were not set, and then there is nothing to try', async () => {
  const ring = 'Berth_Code__c,Name,Neighbour__r.Berth_Code__c\nR-1,One,R-2\nR-2,Two,R-1\n';
  await writeFile(join(world.folder, 'ring.csv'), ring);
  // The two jobs of the first step, and that of the second, which fails.
  const fails = { kind: 'fail-job', message: 'InternalServerError : not now' };
  await world.faults([{ method: 'PATCH', path: '/jobs/ingest/', nth: 3, action: fails }]);
  const loaded = await world.run(['load', '-f', 'ring.csv', '-s', 'Berth__c', '--operation', 'insert']);
  await world.faults([]);
  const loadId = /Retry it with: longshore resume (load_\w+)/.exec(loaded.stdout)?.[1] ?? loaded.stderr;
  expect((await world.run(['report', loadId])).stdout).toContain('LOOKUP_NOT_SET');
  const resumed = await world.run(['resume', loadId, '--json']);
  expect(parse(resumed.stdout)).toMatchObject({ status: 0, result: { counts: { created: 2, incomplete: 0 } } });
  const again = await world.run(['resume', loadId]);
  expect([again.code, again.stderr]).toEqual([3, expect.stringContaining('This load is not paused')]);
});
