import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import Papa from 'papaparse';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { PlanId } from '../../../shared/domain/ids.ts';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { createTable, mappedShape, PLANNED, tablesOf } from '../tables/tables.ts';
import { stagingOver, type InProcessStaging } from '../test-support/engine-staging.ts';
import { partFile, writeParts, type WrittenPart } from './write-parts.ts';

const planId = PlanId.parse('plan_writeparts000000');
let app: { engine: DuckDbEngine; staging: InProcessStaging; folder: string };
beforeAll(async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-load-'));
  const engine = await DuckDbEngine.create(join(folder, 'spill'));
  await engine.createDatabase(planId, join(folder, 'plan.duckdb'), { columns: 20, joinedRows: 1000 });
  app = { engine, staging: stagingOver(engine), folder };
});
afterAll(async () => {
  await app.engine.databases.forget(planId);
  await rm(app.folder, { recursive: true, force: true });
});

const FIELDS = ['Name', 'Site', 'Fax'];

function mappingOf(width: number): FieldMapping {
  const columns = FIELDS.slice(0, width).map((field, column) => ({
    column,
    target: { kind: 'field', field },
    reason: 'name',
    format: {},
    replacements: {},
    fixes: [],
  }));
  return FieldMapping.parse({
    objectName: 'Account',
    operation: 'insert',
    matchField: null,
    columns,
    blankValues: 'leave',
    duplicateKeys: 'ask',
  });
}

/** Plans these rows, all to be inserted, and writes them. */
async function write(rows: readonly (readonly string[])[], jobBytes = 1_000_000): Promise<WrittenPart[]> {
  const { engine, staging, folder } = app;
  const { planned, mapped } = tablesOf(planId);
  const places = (rows[0] ?? ['']).map((_cell, place) => place);
  await engine.run(`${createTable(planned, PLANNED)}; ${createTable(mapped, mappedShape(places))}`);
  await engine.withConnection(null, async (connection) => {
    const appender = await connection.createAppender('mapped', 'main', planId);
    for (const [index, cells] of rows.entries()) {
      appender.appendInteger(index + 1);
      for (const cell of cells) {
        appender.appendVarchar(cell);
        appender.appendVarchar(cell);
      }
      appender.endRow();
    }
    appender.closeSync();
    await connection.run(
      `INSERT INTO ${planned} SELECT row_number, 'insert', NULL, NULL, NULL, [], [], [] FROM ${mapped}`,
    );
  });
  return writeParts(staging, planId, mappingOf(places.length), join(folder, 'load'), jobBytes);
}

const read = (part: number): Promise<string> => readFile(partFile(join(app.folder, 'load'), part), 'utf8');

test('a row that is one blank cell is a record of its own', async () => {
  const [part] = await write([['a'], [''], ['b'], ['']]);
  expect(part?.rows).toBe(4);
  expect(await read(1)).toBe('Name\na\n""\nb\n""\n');
});

test('several blank cells are a record without quotes', async () => {
  await write([
    ['', ''],
    ['a', ''],
  ]);
  expect(await read(1)).toBe('Name,Site\n,\na,\n');
});

test('line ends inside cells are LF, as the job declares them', async () => {
  await write([['one\r\ntwo\rthree\nfour'], ['\r'], ['plain']]);
  expect(await read(1)).toBe('Name\n"one\ntwo\nthree\nfour"\n"\n"\nplain\n');
});

test('what is returned of a part is what lies on disk, for nobody else to read', async () => {
  const umask = process.umask(0);
  try {
    for (const part of await write(
      [
        ['a', 'x "y"'],
        ['b', ''],
        ['c', 'ü'],
      ],
      60,
    )) {
      const path = partFile(join(app.folder, 'load'), part.part);
      const bytes = await readFile(path);
      expect(part).toMatchObject({ bytes: bytes.length, sha256: createHash('sha256').update(bytes).digest('hex') });
      if (process.platform !== 'win32') expect((await stat(path)).mode & 0o777).toBe(0o600);
    }
  } finally {
    process.umask(umask);
  }
});

test('a part written again takes the place of the old one whole', async () => {
  await write([['a'.repeat(1000)], ['b']]);
  const [part] = await write([['c']]);
  expect(await read(1)).toBe('Name\nc\n');
  expect(part).toMatchObject({ rows: 1, bytes: 7 });
});

test('doubled quotes count: no part is larger than a job', async () => {
  const parts = await write(
    Array.from({ length: 100 }, () => ['"'.repeat(50)]),
    1000,
  );
  expect(Math.max(...parts.map(({ bytes }) => bytes))).toBeLessThanOrEqual(1000);
  expect(parts.reduce((sum, { rows }) => sum + rows, 0)).toBe(100);
});

test('a row larger than a job is a part by itself, and its neighbours fill theirs', async () => {
  const parts = await write([['a'], ['b'], ['x'.repeat(500)], ['c'], ['d']], 100);
  expect(parts.map(({ rows }) => rows)).toEqual([2, 1, 2]);
});

test('nothing to send is no part', async () => {
  await app.engine.run(`DELETE FROM ${tablesOf(planId).planned}`);
  expect(await writeParts(app.staging, planId, mappingOf(1), join(app.folder, 'load'), 1000)).toEqual([]);
});

/** Room taken by records, if every cell of them is quoted. */
function mostBytes(records: readonly (readonly string[])[]): number {
  return records.flat().reduce((sum, text) => sum + Buffer.byteLength(text) + (text.match(/"/g)?.length ?? 0) + 3, 0);
}

const cell = fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r', '€', '💥', 'a', ' ', '#', "'"), maxLength: 12 });

test('parts hold every row once, in order, each within the limit and as full as it can be', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc
        .integer({ min: 1, max: 3 })
        .chain((width) =>
          fc.array(fc.array(cell, { minLength: width, maxLength: width }), { minLength: 1, maxLength: 40 }),
        ),
      fc.integer({ min: 80, max: 300 }),
      async (rows, jobBytes) => {
        const parts = await write(rows, jobBytes);
        const written: string[][] = [];
        for (const { part, rows: count, bytes } of parts) {
          expect(bytes <= jobBytes || count === 1).toBe(true);
          // papaparse takes a line of one quoted, empty cell for a blank one unless it is told to keep those.
          const records = Papa.parse<string[]>((await read(part)).replace(/\n$/, ''), { newline: '\n' }).data;
          expect(records).toHaveLength(count + 1);
          written.push(...records.slice(1));
        }
        let first = 0;
        for (const { rows: count } of parts) {
          const filled = [FIELDS.slice(0, rows[0]?.length), ...written.slice(first, first + count)];
          const next = written[first + count];
          if (next) expect(mostBytes([...filled, next])).toBeGreaterThan(jobBytes);
          first += count;
        }
        expect(written).toEqual(rows.map((cells) => cells.map((text) => text.replace(/\r\n?/g, '\n'))));
        const submitted = await app.engine.query(
          `SELECT row_number, part FROM ${tablesOf(planId).submission} ORDER BY 1`,
          [],
        );
        expect(submitted.map((row) => row['part'])).toEqual(
          parts.flatMap(({ part, rows: count }) => Array.from({ length: count }, () => part)),
        );
      },
    ),
    { numRuns: 60 },
  );
});
