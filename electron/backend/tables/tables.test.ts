import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { quoteName, quoteText } from './quote.ts';
import { createTable, giveKey, OUTCOME, PLANNED, tablesOf } from './tables.ts';

let engine: DuckDbEngine;
let folder: string;
const { planned, outcome, named } = tablesOf('plan_1');

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-tables-'));
  engine = await DuckDbEngine.create(folder);
  await engine.createDatabase('plan_1', join(folder, 'plan.duckdb'), { columns: 1, joinedRows: 1 });
});
afterAll(async () => {
  await engine.databases.forget('plan_1');
  await rm(folder, { recursive: true, force: true });
});

/** Texts made of what ends quotes, statements and lines, and of anything else. */
const hostile = fc
  .string({ unit: fc.constantFrom("'", '"', '\\', ';', '--', '\n', '\0', '$$', 'x', 'é', '💥', ' '), minLength: 1 })
  // DuckDB takes statements as C strings: what can't be in a cell (source/source-record.ts) can't be in a statement.
  .map((text) => text.replaceAll('\0', ''))
  .filter((text) => text !== '');

test('a quoted text is that text and nothing else to the engine', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, async (text) => {
      expect(await engine.query(`SELECT ${quoteText(text)} AS text`, [])).toEqual([{ text }]);
    }),
    { numRuns: 200 },
  );
});

test('a quoted name is the name of one table, whatever is in it', async () => {
  await fc.assert(
    fc.asyncProperty(hostile, async (name) => {
      const table = named(name);
      await engine.run(`CREATE OR REPLACE TABLE ${table} AS SELECT 1 AS ${quoteName(name)}`);
      expect(await engine.query(`SELECT * FROM ${table}`, [])).toEqual([{ [name]: 1 }]);
      await engine.run(`DROP TABLE ${table}`);
    }),
    { numRuns: 50 },
  );
});

test('a row can be planned once, and have one outcome', async () => {
  await engine.run(`${createTable(planned, PLANNED)}; ${createTable(outcome, OUTCOME)}`);
  const plan = `INSERT INTO ${planned} VALUES (7, 'insert', NULL, NULL, NULL, [], [], [])`;
  await engine.run(plan);
  await expect(engine.run(plan)).rejects.toThrow(/Duplicate key "row_number: 7"/);
  const settle = `INSERT INTO ${outcome} VALUES (7, 'created', '', '')`;
  await engine.run(settle);
  await expect(engine.run(settle)).rejects.toThrow(/Duplicate key "row_number: 7"/);
  // A part that is reconciled again takes its outcomes back first.
  await engine.run(`DELETE FROM ${outcome} WHERE row_number = 7; ${settle}`);
  expect(await engine.query(`SELECT count(*) AS n FROM ${outcome}`, [])).toEqual([{ n: 1 }]);
});

test('a key that is given once the rows are there refuses the same ones', async () => {
  const { key, ...shape } = PLANNED;
  const row = "(7, 'insert', NULL, NULL, NULL, [], [], [])";
  const table = createTable(planned, { ...shape, key: null });
  await expect(
    engine.run(`${table}; INSERT INTO ${planned} VALUES ${row}, ${row}; ${giveKey(planned, PLANNED)}`),
  ).rejects.toThrow(/duplicates/);
  await engine.run(`${table}; INSERT INTO ${planned} VALUES ${row}; ${giveKey(planned, PLANNED)}`);
  await expect(engine.run(`INSERT INTO ${planned} VALUES ${row}`)).rejects.toThrow(`Duplicate key "${key}: 7"`);
});

test('a table that is made again is empty, unless it is to be kept', async () => {
  await engine.run(
    `${createTable(planned, PLANNED)}; INSERT INTO ${planned} VALUES (1, 'insert', NULL, NULL, NULL, [], [], [])`,
  );
  const count = async () => (await engine.query(`SELECT count(*) AS n FROM ${planned}`, []))[0]?.['n'];
  await engine.run(createTable(planned, PLANNED, 'keep'));
  expect(await count()).toBe(1);
  await engine.run(createTable(planned, PLANNED));
  expect(await count()).toBe(0);
});
