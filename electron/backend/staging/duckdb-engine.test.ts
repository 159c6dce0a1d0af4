import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DuckDbEngine } from './duckdb-engine.ts';
import { chunks, chunksWithBytes } from './result-chunks.ts';

const ROWS = 300_000;
let folder: string;
let engine: DuckDbEngine;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-engine-'));
  engine = await DuckDbEngine.create(folder);
  await engine.run(
    `CREATE TABLE texts AS SELECT CASE WHEN i = ${ROWS - 1} THEN 'x' ELSE i::VARCHAR END AS text FROM range(${ROWS}) r(i)`,
  );
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** How many rows of a query come, and what becomes of the work that `each` piece is told to. */
async function read(sql: string, signal: AbortSignal | null = null, each = (): void => undefined): Promise<number> {
  let rows = 0;
  await engine.withConnection(signal, async (connection) => {
    for await (const piece of chunks(connection, sql)) {
      rows += piece.length;
      each();
    }
  });
  return rows;
}

test('a result that is read in pieces comes whole, one after another on a connection too', async () => {
  expect(await read('SELECT DISTINCT text FROM texts')).toBe(ROWS);
  await engine.withConnection(null, async (connection) => {
    for (const sql of ['SELECT text FROM texts LIMIT 5', "SELECT text FROM texts WHERE text = 'x'"]) {
      const found = [];
      for await (const piece of chunks(connection, sql)) found.push(...piece);
      expect(found).toHaveLength(sql.includes('LIMIT') ? 5 : 1);
    }
  });
});

test('one that is called off in the middle is no result', async () => {
  const called = new AbortController();
  await expect(read('SELECT DISTINCT text FROM texts', called.signal, () => called.abort())).rejects.toThrow();
});

test('nor is one that fails in the middle', async () => {
  await expect(read('SELECT text::INTEGER AS number FROM texts')).rejects.toThrow('Conversion');
  // Without the count: some of the rows, and an end like any other.
  const inOrder = engine.withConnection(null, async (connection) => {
    const sql = 'SELECT NULL::BLOB, text::INTEGER AS number FROM texts';
    for await (const piece of chunksWithBytes(connection, sql)) expect(piece.length).toBeGreaterThan(0);
  });
  await expect(inOrder).rejects.toThrow(/ended after \d+ of 300000 rows/);
});
