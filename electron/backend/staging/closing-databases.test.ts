import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { aliasesIn, DuckDbEngine } from './duckdb-engine.ts';
import { chunksWithBytes } from './result-chunks.ts';

/** The real engine: what keeps a database from being closed, or would, and what is found when it is opened again. */

const NEVER = new AbortController().signal;
const NEED = { columns: 2, joinedRows: 0 };
const ONE = 'plan_0000000000000001';
const OTHER = 'plan_0000000000000002';
let folder: string;
let engine: DuckDbEngine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-gate-'));
  engine = await DuckDbEngine.create(folder);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const path = (alias: string) => join(folder, `${alias}.duckdb`);

async function make(alias: string, rows: number): Promise<void> {
  await engine.createDatabase(alias, path(alias), NEED);
  await named(alias, `CREATE TABLE ${alias}.t AS SELECT i FROM range(${rows}) r(i)`);
}

function named(alias: string, sql: string): Promise<void> {
  return engine.databases.use([alias], NEVER, () => engine.run(sql));
}

/** A look at every database that is open, which takes a while; resolves when it has begun. */
async function longLook(): Promise<{ ended: Promise<unknown> }> {
  const ended = engine.query(
    `SELECT count(*) AS n FROM duckdb_tables() t, range(10_000_000) r(i) WHERE hash(i) % 7 = 3 AND t.database_name <> 'none'`,
    [],
  );
  // Statements of other connections take their turns between: this one has begun when they are answered.
  for (let nth = 0; nth < 5; nth++) await engine.query('SELECT 1', []);
  return { ended };
}

async function rowsOf(alias: string): Promise<unknown> {
  const [found] = await engine.databases.use([alias], NEVER, () =>
    engine.query(`SELECT count(*) AS n FROM ${alias}.t`, []),
  );
  return found?.['n'];
}

test('a database that is closed while somebody looks at all of them can be opened again at once', async () => {
  await make(ONE, 1000);
  const { ended } = await longLook();
  await engine.databases.reopen(ONE);
  expect(await rowsOf(ONE)).toBe(1000);
  await ended;
});

test('closed, it is whole in its file, and its file can be replaced and copied', async () => {
  await make(ONE, 1000);
  await make(OTHER, 2000);
  await engine.databases.forget(OTHER);
  await named(ONE, `INSERT INTO ${ONE}.t SELECT i FROM range(500) r(i)`);
  const look = await longLook();
  await engine.copyDatabase('plan_0000000000000003', path('plan_0000000000000003'), NEED, ONE);
  expect(await rowsOf('plan_0000000000000003')).toBe(1500);
  await look.ended;

  await named(ONE, `INSERT INTO ${ONE}.t SELECT i FROM range(500) r(i)`);
  const again = await longLook();
  await engine.replaceFile(ONE, path(OTHER));
  const replaced = await readFile(path(ONE));
  await again.ended;
  // Whoever had the former file open has not written to the new one at its end.
  expect((await readFile(path(ONE))).equals(replaced)).toBe(true);
  expect(await stat(`${path(ONE)}.wal`).catch(() => null)).toBe(null);
  expect(await rowsOf(ONE)).toBe(2000);
});

test.each(['an error of whoever reads', 'a call off'])(
  'after a result that is not read to its end, for %s, too',
  async (why) => {
    await make(ONE, 100_000);
    const called = new AbortController();
    const reading = engine.databases.use([ONE], NEVER, () =>
      engine.withConnection(called.signal, async (connection) => {
        for await (const piece of chunksWithBytes(connection, `SELECT NULL::BLOB, i FROM ${ONE}.t`)) {
          expect(piece.length).toBeGreaterThan(0);
          if (why === 'a call off') called.abort();
          called.signal.throwIfAborted();
          throw new Error('no more');
        }
      }),
    );
    await expect(reading).rejects.toThrow();
    await engine.databases.reopen(ONE);
    expect(await stat(`${path(ONE)}.wal`).catch(() => null)).toBe(null);
    expect(await rowsOf(ONE)).toBe(100_000);
  },
);

test('a statement that misses a table looks through no other database for it', async () => {
  await make(ONE, 10);
  await make(OTHER, 10);
  await named(OTHER, `CREATE TABLE ${OTHER}.berths (i INTEGER)`);
  await expect(named(ONE, `FROM ${ONE}.berth`)).rejects.toThrow('berth does not exist');
  await expect(named(ONE, `FROM ${ONE}.berth`)).rejects.not.toThrow('berths');
});

test('a database that a statement names by a value is open for it as well', () => {
  expect(aliasesIn(`FROM ${ONE}.t, ${ONE}.u`, [OTHER, 7, null, 'plan_b'])).toEqual([ONE, OTHER]);
  expect(aliasesIn('SELECT 1')).toEqual([]);
});
