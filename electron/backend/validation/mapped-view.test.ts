import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { PlanId } from '../../../shared/domain/ids.ts';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { canonical, sent, TABLE_NAMES, tablesOf } from '../tables/tables.ts';
import { stagingOver } from '../test-support/engine-staging.ts';
import { fillMapped } from './mapped-rows.ts';
import { addMapped, indexRows, makeMapped, replaceMapped, writeMapped } from './mapped-view.ts';

const planId = PlanId.parse('plan_0000000000000001');
const COLUMNS = 4;
const tables = tablesOf(planId);
/** As `fillMapped` makes it: what `mapped` is compared with. */
const plain = tables.named('plain');

let folder: string;
let engine: DuckDbEngine;
let sql: ReturnType<ReturnType<typeof stagingOver>['until']>;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-mapped-'));
  engine = await DuckDbEngine.create(folder);
  sql = stagingOver(engine).until(new AbortController().signal);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const text: fc.Arbitrary<string | null> = fc.constantFrom('', 'x', "O'Brien", '#N/A', ' y ', 'é', null);
const row = fc.record({ cells: fc.tuple(text, text, text, text), isBroken: fc.boolean() });
type Row = typeof row extends fc.Arbitrary<infer T> ? T : never;

function inputOf(rows: readonly Row[], blankValues: 'leave' | 'clear') {
  const columns = Array.from({ length: COLUMNS }, (_, column) => ({
    column,
    target: { kind: 'field', field: `F${column}__c` },
    reason: 'chosen',
    format: {},
    replacements: {},
    fixes: [],
  }));
  const mapping = FieldMapping.parse({
    objectName: 'Thing__c',
    operation: 'upsert',
    matchField: 'F0__c',
    blankValues,
    duplicateKeys: 'first',
    columns,
  });
  const source = { alias: planId, rows: rows.length } as never;
  return { planId, source, mapping, parents: new Map<string, never>() };
}

/** The tables of a checked source in the plan's database, with dictionaries of the columns in `filled`. */
async function stage(rows: readonly Row[], filled: readonly number[]): Promise<void> {
  await engine.createDatabase(planId, join(folder, 'plan.duckdb'), { columns: COLUMNS, joinedRows: 1 });
  const names = Array.from({ length: COLUMNS }, (_, n) => `c${n} VARCHAR`);
  await sql.run(`CREATE TABLE ${tables.staged} (row_number INTEGER, problem VARCHAR, ${names.join(', ')})`);
  for (const [at, { cells, isBroken }] of rows.entries())
    await sql.query(
      `INSERT INTO ${tables.staged} SELECT ${at + 1}, ${isBroken ? "'RAGGED'" : 'NULL'}, ${cells.map((_, n) => `$${n + 1}`).join(', ')}`,
      cells,
    );
  for (let n = 0; n < COLUMNS; n++) {
    await sql.run(`CREATE TABLE ${tables.value(n)} (raw VARCHAR, api VARCHAR, canonical VARCHAR)`);
    if (filled.includes(n)) await sql.run(`INSERT INTO ${tables.value(n)} VALUES ('x', '', ''), (' y ', 'y', 'Y')`);
  }
}

const cellNames = Array.from({ length: COLUMNS }, (_, n) => [sent(n), canonical(n)]).flat();
const rowsOf = (table: string, names: readonly string[] = cellNames) =>
  sql.query(`SELECT row_number, ${names.join(', ')} FROM ${table} ORDER BY 1`);

test('as a view the cells are what they are as a table, and stay so whatever is written', async () => {
  const written = fc.record({
    place: fc.nat(COLUMNS - 1),
    every: fc.integer({ min: 1, max: 4 }),
    value: fc.constantFrom('', 'new', "it's"),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { maxLength: 8 }),
      fc.subarray([0, 1, 2, 3], { maxLength: 2 }),
      fc.constantFrom('leave', 'clear'),
      fc.array(written, { maxLength: 4 }),
      async (rows, filled, blankValues, writes) => {
        await stage(rows, filled);
        const input = inputOf(rows, blankValues);
        await fillMapped(sql, input, plain);
        const before = await sql.query(`SELECT * FROM ${tables.staged} ORDER BY row_number`);
        await makeMapped(sql, input);
        expect(await rowsOf(tables.mapped)).toEqual(await rowsOf(plain));
        for (const { place, every, value } of writes) {
          const names = [sent(place), canonical(place)];
          const some = `SELECT row_number, '${value.replaceAll("'", "''")}' AS ${names[0] ?? ''}, upper(${names[1] ?? ''}) AS ${names[1] ?? ''} FROM ${tables.mapped} WHERE row_number % ${every} = 0`;
          await sql.run(
            `UPDATE ${plain} SET ${names.map((name) => `${name} = w.${name}`).join(', ')} FROM (${some}) w WHERE w.row_number = ${plain}.row_number`,
          );
          await writeMapped(sql, planId, names, some);
          expect(await rowsOf(tables.mapped)).toEqual(await rowsOf(plain));
        }
        expect(await sql.query(`SELECT * FROM ${tables.staged} ORDER BY row_number`)).toEqual(before);
        await engine.databases.forget(planId);
      },
    ),
    { numRuns: 12 },
  );
});

const ROWS: Row[] = ['x', ' y ', 'é'].map((cell) => ({ cells: [cell, cell, '', null], isBroken: false }));

test.each<[string, number[], boolean]>([
  ['a view', [1], true],
  ['a table', [0, 1, 2], false],
])(
  'cells are added to %s, rows found by their numbers, and a table put in its place',
  async (_what, filled, isView) => {
    await stage(ROWS, filled);
    await makeMapped(sql, inputOf(ROWS, 'leave'));
    const [view] = await sql.query(`SELECT 1 AS one FROM duckdb_views() WHERE view_name = '${TABLE_NAMES.mapped}'`);
    expect(view !== undefined).toBe(isView);
    await addMapped(sql, planId, ['a9', 'v9']);
    await addMapped(sql, planId, ['a9', 'v9']);
    await writeMapped(sql, planId, ['a9'], `SELECT 2 AS row_number, '001' AS a9`);
    const cells = [
      ['', ''],
      ['001', ''],
      ['', ''],
    ].map(([a9, v9], at) => ({ row_number: at + 1, a9, v9 }));
    expect(await rowsOf(tables.mapped, ['a9', 'v9'])).toEqual(cells);
    await indexRows(sql, planId);
    for (const table of [tables.staged, tables.mapped]) {
      const [plan] = await sql.query(`EXPLAIN ANALYZE SELECT * FROM ${table} WHERE row_number IN (2)`);
      expect(String(plan?.['explain_value'])).toContain('Index Scan');
    }
    expect(await sql.query(`SELECT a1 FROM ${tables.mapped} WHERE row_number IN (2)`)).toEqual([{ a1: 'y' }]);
    // NULL would stand for what the file says.
    await expect(writeMapped(sql, planId, ['a1'], 'SELECT 2 AS row_number, NULL::VARCHAR AS a1')).rejects.toThrow();
    await sql.run(`CREATE TABLE ${tables.named('other')} AS SELECT * FROM ${tables.mapped}`);
    await replaceMapped(sql, planId, tables.named('other'));
    await writeMapped(sql, planId, ['a1'], `SELECT 3 AS row_number, 'z' AS a1`);
    expect(await rowsOf(tables.mapped, ['a1'])).toEqual(['', 'y', 'z'].map((a1, at) => ({ row_number: at + 1, a1 })));
    expect((await sql.query(`SELECT c1 FROM ${tables.staged} ORDER BY row_number`)).map((one) => one['c1'])).toEqual([
      'x',
      ' y ',
      'é',
    ]);
    await engine.databases.forget(planId);
  },
);
