import { mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import type { StagingChannel } from '../ports.ts';
import { spawnStaging } from '../test-support/start-backend.ts';
import { StagingClient } from './staging-client.ts';

/** The client and the process it starts, over the real channel. */
let folder: string;
let client: StagingClient;
let log: string[];
let processes: (StagingChannel & { pid: number })[];
let tokens = 0;

const need = { columns: 2, joinedRows: 0 };
const aliasOf = (n: number) => `plan_${String(n).padStart(16, '0')}`;
const pathOf = (n: number) => join(folder, `${n}.duckdb`);

function newClient(data = folder): StagingClient {
  return new StagingClient({
    paths: { data },
    random: { token: (length) => `t${++tokens}`.padEnd(length, '0') },
    log: { place: '', info: () => undefined, error: (message, error) => log.push(`${message}: ${String(error)}`) },
    spawnStaging: (spillFolder) => {
      const channel = spawnStaging(spillFolder);
      processes.push(channel);
      return channel;
    },
  });
}

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-staging-'));
  log = [];
  processes = [];
  client = newClient();
});
afterEach(async () => {
  await client.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  expect(log).toEqual([]);
});

async function create(n: number): Promise<string> {
  const alias = aliasOf(n);
  await client.create(alias, pathOf(n), need);
  await client.run(`CREATE TABLE ${alias}.t AS SELECT range AS a, md5(range::VARCHAR) AS b FROM range(10000)`);
  return alias;
}

async function failureOf(work: Promise<unknown>): Promise<Failure> {
  const error = await work.then(
    () => null,
    (one: unknown) => one,
  );
  if (!(error instanceof FailureError)) throw new Error(`not a failure: ${String(error)}`);
  return error.failure;
}

const rowsOf = (alias: string) => client.query(`SELECT count(*) AS n FROM ${alias}.t`).then(([row]) => row?.['n']);

describe('databases', () => {
  test('more than can be open at a time are all there, and survive the process', async () => {
    const aliases: string[] = [];
    for (let n = 0; n < 20; n++) aliases.push(await create(n));
    for (const alias of aliases) expect(await rowsOf(alias)).toBe(10_000);
    processes[0]?.kill();
    for (const alias of aliases)
      await rowsOf(alias).catch((error: unknown) => expect(error).toBeInstanceOf(FailureError));
    for (const alias of aliases) expect(await rowsOf(alias)).toBe(10_000);
    // One statement may name several.
    const all = aliases.map((alias) => `SELECT count(*) AS n FROM ${alias}.t`).join(' UNION ALL ');
    expect(await client.query(`SELECT sum(n)::INTEGER AS n FROM (${all})`)).toEqual([{ n: 200_000 }]);
  });

  test('what is made in its place is empty; what is forgotten is not known any more', async () => {
    const alias = await create(1);
    await client.create(alias, pathOf(1), need);
    expect(await client.query(`SELECT * FROM duckdb_tables() WHERE database_name = '${alias}'`)).toEqual([]);
    await client.detach(alias);
    await rm(pathOf(1));
    await expect(client.run(`CREATE TABLE ${alias}.u (a INTEGER)`)).rejects.toThrow(/does not exist/);
  });

  const damages: [string, (path: string) => Promise<void>][] = [
    ['garbage', (path) => writeFile(path, 'no database at all, but long enough for a header of one\n'.repeat(500))],
    ['nothing in it', (path) => truncate(path, 0)],
    ['cut off in the middle', async (path) => truncate(path, Math.floor((await stat(path)).size / 2))],
    ['cut off after its headers', (path) => truncate(path, 12_288)],
    ['gone', (path) => rm(path)],
    ['a folder', async (path) => void (await rm(path), await mkdir(path))],
    [
      'changed in the middle',
      async (path) => {
        const bytes = await readFile(path);
        for (let at = 12_288 + 64; at < bytes.length; at += 1000) bytes[at] = (bytes[at] ?? 0) ^ 0xff;
        await writeFile(path, bytes);
      },
    ],
    [
      'of another version',
      async (path) => {
        // storage/storage_info.hpp: after the checksum and "DUCK", the version as 64 bits; checksums are of what follows them.
        const bytes = await readFile(path);
        bytes.writeBigUInt64LE(9999n, 12);
        await writeFile(path, bytes);
      },
    ],
  ];
  test.each(damages)('one that is %s is said to be damaged, and left as it is', async (_how, damage) => {
    const [alias, other] = [await create(1), await create(2)];
    // Closed, everything of it lies in its file.
    await client.detach(alias);
    await client.close();
    await damage(pathOf(1));
    const before = await readFile(pathOf(1)).catch((error: NodeJS.ErrnoException) => error.code);
    client = newClient();
    await client.attach(alias, pathOf(1), need);
    await client.attach(other, pathOf(2), need);
    for (let time = 0; time < 2; time++) {
      expect(await failureOf(client.query(`SELECT min(b), max(a) FROM ${alias}.t`))).toEqual({
        code: 'DATA_DAMAGED',
        what: 'The database of a plan',
      });
      expect(await rowsOf(other)).toBe(10_000);
    }
    expect(await readFile(pathOf(1)).catch((error: NodeJS.ErrnoException) => error.code)).toEqual(before);
    // Nothing of it ended the process, and a new database can take its place.
    expect(processes).toHaveLength(2);
    await rm(pathOf(1), { recursive: true, force: true });
    await create(1);
    expect(await rowsOf(alias)).toBe(10_000);
  });

  test('what a killed process had not written to the file yet is there', async () => {
    const alias = await create(1);
    process.kill(processes[0]?.pid ?? 0, 'SIGKILL');
    await failureOf(client.query('SELECT 1'));
    expect(await rowsOf(alias)).toBe(10_000);
  });
});

test('a database that another process has open is no damaged one: it is said, and waited for a moment', async () => {
  const alias = await create(1);
  const other = newClient();
  await other.attach(alias, pathOf(1), need);
  const refused = await failureOf(other.query(`SELECT count(*) AS n FROM ${alias}.t`));
  expect(refused).toMatchObject({ code: 'DATA_OPEN_ELSEWHERE' });
  const again = other.query(`SELECT count(*) AS n FROM ${alias}.t`);
  await client.close();
  expect(await again).toEqual([{ n: 10000 }]);
  await other.close();
});

describe('a process that ends', () => {
  test('fails what it was at with a failure, and the next call starts another', async () => {
    const alias = await create(1);
    const long = failureOf(
      client.query('SELECT count(*) FROM range(100000000) a, range(100000) b WHERE hash(a.range, b.range) = 0'),
    );
    // Both are at work: their messages are sent in order.
    const other = failureOf(
      client.run(`CREATE TABLE ${alias}.u AS SELECT count(*) FROM range(100000000) a, range(10000)`),
    );
    await client.query('SELECT 1');
    process.kill(processes[0]?.pid ?? 0, 'SIGKILL');
    expect(await long).toEqual({ code: 'STAGING_STOPPED' });
    expect(await other).toEqual({ code: 'STAGING_STOPPED' });
    expect(await rowsOf(alias)).toBe(10_000);
    expect(processes).toHaveLength(2);
  });

  test('without memory left a statement fails in words, and the process goes on', async () => {
    const alias = await create(1);
    const sql = `CREATE TABLE ${alias}.u AS SELECT list(range) AS l FROM range(100000000)`;
    expect(await failureOf(client.run(sql))).toEqual({ code: 'STAGING_OUT_OF_MEMORY' });
    expect(await rowsOf(alias)).toBe(10_000);
    expect(processes).toHaveLength(1);
  });

  test('a statement that is called off lets go of its databases', async () => {
    const alias = await create(1);
    const stop = new AbortController();
    const long = failureOf(
      client.query(`SELECT count(*) FROM ${alias}.t, range(100000000) b, range(1000)`, [], stop.signal),
    );
    await client.query('SELECT 1');
    stop.abort();
    expect(await long).toEqual({ code: 'CANCELLED' });
    await client.detach(alias);
    expect(processes).toHaveLength(1);
  });
});

// /dev/full answers every write as a full disk does.
describe.skipIf(process.platform !== 'linux')('a disk that takes no more', () => {
  test('is said, and the database is there again once there is room', async () => {
    const alias = await create(1);
    await client.detach(alias);
    await client.attach(alias, pathOf(1), need);
    expect(await rowsOf(alias)).toBe(10_000);
    await symlink('/dev/full', `${pathOf(1)}.wal`);
    const failed = await failureOf(client.run(`CREATE TABLE ${alias}.u AS SELECT range FROM range(100)`));
    expect(failed).toEqual({ code: 'DISK_FULL', what: 'the staging database' });
    await rm(`${pathOf(1)}.wal`, { force: true });
    expect(await rowsOf(alias)).toBe(10_000);
    await client.run(`CREATE TABLE ${alias}.u AS SELECT range FROM range(100)`);
    expect(processes).toHaveLength(1);
  });

  test('a folder that cannot be written into is said with the system’s code', async () => {
    await writeFile(join(folder, 'file'), '');
    const made = client.create(aliasOf(1), join(folder, 'file', 'plan.duckdb'), need);
    expect(await failureOf(made)).toEqual({ code: 'DISK_REFUSED', what: 'the staging database', reason: 'EEXIST' });
    client = newClient(join(folder, 'file'));
    expect(await failureOf(client.query('SELECT 1'))).toMatchObject({ code: 'DISK_REFUSED' });
    // Sweeping goes on beside whatever is asked.
    await expect.poll(() => log.join()).toMatch(/swept away.*ENOTDIR/);
    log.length = 0;
    await rm(join(folder, 'file'));
    expect(await client.query('SELECT 1 AS a')).toEqual([{ a: 1 }]);
  });
});

describe('what is spilled', () => {
  const spilled = 'spill';
  const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8);

  test.skipIf(process.platform === 'win32')('lies in the data folder, for this user alone', async () => {
    const alias = await create(1);
    const stop = new AbortController();
    const sorting = client
      .run(
        `CREATE TABLE ${alias}.u AS SELECT md5(a.range::VARCHAR) AS m, md5((a.range + 1)::VARCHAR) AS n FROM range(20000000) a ORDER BY m, n`,
        stop.signal,
      )
      .catch((error: unknown) => error);
    const [name = ''] = (await readdir(join(folder, spilled))).filter((one) => !one.endsWith('.lock'));
    const own = join(folder, spilled, name);
    let files: string[] = [];
    while (files.length === 0) {
      files = await readdir(own);
      await client.query('SELECT 1');
    }
    expect(await modeOf(join(folder, spilled))).toBe('700');
    expect(await modeOf(own)).toBe('700');
    for (const file of files) {
      const mode = await modeOf(join(own, file)).catch(() => '600');
      expect(mode).toBe('600');
    }
    expect(await modeOf(pathOf(1))).toBe('600');
    stop.abort();
    await sorting;
    await client.close();
    expect(await readdir(join(folder, spilled))).toEqual([]);
  });

  test('is swept away when its process is gone, and left alone while it lives', async () => {
    await client.query('SELECT 1');
    const [lock = ''] = (await readdir(join(folder, spilled))).filter((one) => one.endsWith('.lock'));
    // One that was killed with its backend: its lock names a process that is no more.
    const holder = JSON.parse(await readFile(join(folder, spilled, lock), 'utf8')) as { pid: number; started: string };
    await mkdir(join(folder, spilled, 'dead'));
    await writeFile(join(folder, spilled, 'dead', 'duckdb_temp_block-1.block'), 'rows');
    await writeFile(join(folder, spilled, 'dead.lock'), JSON.stringify({ ...holder, started: '1' }));
    const second = newClient();
    await expect.poll(() => readdir(join(folder, spilled))).toEqual([lock.split('.')[0], lock]);
    await second.query('SELECT 1');
    expect(await client.query('SELECT 1 AS a')).toEqual([{ a: 1 }]);
    await second.close();
    expect(await readdir(join(folder, spilled))).toEqual([lock.split('.')[0], lock]);
  });
});
