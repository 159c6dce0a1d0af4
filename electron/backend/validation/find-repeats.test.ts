import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mappedColumns, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { Digest, SourceId, SourceRowNumber } from '../../../shared/domain/ids.ts';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { quoteText } from '../tables/quote.ts';
import { createTable, ROW_ISSUE, tablesOf } from '../tables/tables.ts';
import { stagingOver, type InProcessStaging } from '../test-support/engine-staging.ts';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { findRepeats } from './find-repeats.ts';
import { repeatedPage } from './repeated-page.ts';

const alias = SourceId.parse('src_00000000repeated');
const { staged, value, rowIssue, repeated } = tablesOf(alias);
let folder: string;
let engine: DuckDbEngine;
let staging: InProcessStaging;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-repeats-'));
  engine = await DuckDbEngine.create(join(folder, 'spill'));
  await engine.createDatabase(alias, join(folder, 'source.duckdb'), { columns: 2, joinedRows: 0 });
  staging = stagingOver(engine);
});
afterAll(async () => {
  await engine.databases.forget(alias);
  await rm(folder, { recursive: true, force: true });
});

const describe = describeOf('Account', '001', [
  field('ERP_Id__c', 'string', { ...KEY, length: 40 }),
  field('Name', 'string', { length: 255 }),
]);

function mappingFor(duplicateKeys: FieldMapping['duplicateKeys']): FieldMapping {
  return {
    objectName: 'Account',
    operation: 'upsert',
    matchField: 'ERP_Id__c',
    columns: ['ERP_Id__c', 'Name'].map((name, column) => ({
      column,
      target: { kind: 'field', field: name },
      reason: 'chosen',
      format: {},
      replacements: {},
      fixes: [],
    })),
    blankValues: 'leave',
    duplicateKeys,
  };
}

type Row = readonly [key: string, name: string, when: string];

/** When a row was written: of times as of numbers the higher is the newer, and one of each can't be compared. */
function newestOf(rows: readonly (readonly [at: number, when: string])[]): number | null {
  const times = rows.map(([at, when]) => [at, /-/.test(when) ? Date.parse(when) : NaN] as const);
  const numbers = rows.map(([at, when]) => [at, /^\d+$/.test(when) ? Number(when) : NaN] as const);
  for (const values of [times, numbers])
    if (values.every(([, value]) => !Number.isNaN(value)))
      return values.reduce((best, one) => (one[1] >= best[1] ? one : best))[0];
  return null;
}

/** Which row stands for each that is repeated, worked out one by one; and which rows wait for an answer. */
function expected(
  rows: readonly Row[],
  kept: 'first' | 'last' | 'newest' | 'merge',
): { repeated: Record<string, string | number>[]; asked: number[] } {
  const asked = new Set<number>();
  const repeated = rows.flatMap(([key], index) => {
    const group = rows.flatMap((row, at) => (row[0].toLowerCase() === key.toLowerCase() ? [at] : []));
    const differ = new Set(group.map((at) => rows[at]?.[1])).size > 1;
    const newest = newestOf(group.map((at) => [at, rows[at]?.[2] ?? '']));
    if (key === '') return [];
    if (differ && kept === 'newest' && newest === null) {
      asked.add(index + 1);
      return [];
    }
    const of = !differ || kept === 'first' || kept === 'merge' ? group[0] : kept === 'last' ? group.at(-1) : newest;
    if (of === index) return [];
    const decision = !differ ? 'identical' : kept === 'merge' ? 'merged' : 'superseded';
    return [{ row_number: index + 1, of_row: (of ?? 0) + 1, decision }];
  });
  return { repeated, asked: [...asked] };
}

const digest = Digest.parse('0'.repeat(64));

/** What is found of rows, as staged. */
async function repeatsOf(rows: readonly Row[], mapping: FieldMapping, groupedRows?: number) {
  const values = rows.map((cells, at) => `(${at + 1}, NULL, ${cells.map(quoteText).join(', ')})`);
  await engine.run(
    `CREATE OR REPLACE TABLE ${staged} (row_number INTEGER, problem VARCHAR, c0 VARCHAR, c1 VARCHAR, c2 VARCHAR);
     INSERT INTO ${staged} VALUES ${values.join(', ')};
     CREATE OR REPLACE TABLE ${value(0)} (raw VARCHAR, api VARCHAR, canonical VARCHAR);
     CREATE OR REPLACE TABLE ${value(1)} (raw VARCHAR, api VARCHAR, canonical VARCHAR);
     ${createTable(rowIssue, ROW_ISSUE)}`,
  );
  const source = {
    sourceId: alias,
    alias,
    fileName: 'repeated.csv',
    digest,
    rows: rows.length,
    columns: ['Key', 'Name', 'When'].map((name, index) => ({ index, name })),
    cleaning: [],
    delimiter: ',',
    writing: { encoding: 'utf-8' as const, mark: false },
  };
  const input = { source, mapping, describe, parents: new Map(), keyPrefixes: new Map(), timeZone: 'UTC' };
  await findRepeats(staging, input, mappedColumns(mapping), groupedRows);
  const found = await engine.query(`SELECT row_number, of_row, decision FROM ${repeated} ORDER BY row_number`, []);
  const issues = await engine.query(`SELECT DISTINCT row_number FROM ${rowIssue} ORDER BY row_number`, []);
  return { repeated: found, asked: issues.map((issue) => issue['row_number']), input };
}

test('rows repeat one another however few are grouped at a time', async () => {
  const when = fc.oneof(
    {
      weight: 6,
      arbitrary: fc.constantFrom('2026-01-01T00:00:00Z', '2026-01-02T00:00:00Z', '2026-01-02T01:00:00+01:00'),
    },
    { weight: 2, arbitrary: fc.constantFrom('5', '17') },
    { weight: 1, arbitrary: fc.constantFrom('', 'soon', '01/02/2026') },
  );
  const key = fc.constantFrom('', 'A', 'a', 'B', 'c', 'C', 'D', 'É', 'é');
  const row = fc.tuple(key, fc.constantFrom('x', 'y'), when);
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 25 }),
      fc.constantFrom('first' as const, 'last' as const, 'newest' as const, 'merge' as const),
      fc.integer({ min: 1, max: 30 }),
      async (rows, kept, groupedRows) => {
        const { repeated: found, asked: told } = await repeatsOf(
          rows,
          { ...mappingFor(kept), newestBy: 2 },
          groupedRows,
        );
        expect({ repeated: found, asked: told }).toEqual(expected(rows, kept));
      },
    ),
    { numRuns: 60 },
  );
});

test('what a person decided of a group holds in the place of the rule, as long as the group has these rows', async () => {
  const rows: Row[] = [
    ['A', 'x', ''],
    ['a', 'y', ''],
    ['A', '', ''],
    ['B', 'x', ''],
    ['B', 'y', ''],
    ['C', 'x', ''],
    ['C', 'y', ''],
    ['D', 'x', ''],
    ['D', 'x', ''],
  ];
  const row = (number: number) => SourceRowNumber.parse(number);
  const choice = (numbers: readonly number[], keep: 'merge' | 'all' | number) => ({
    rows: numbers.map(row),
    keep: typeof keep === 'number' ? row(keep) : keep,
  });
  const groups = [choice([3, 1, 2], 2), choice([4, 5], 'merge'), choice([6, 7, 8], 7)];
  const of = (source = digest, operation: 'insert' | 'upsert' = 'upsert', chosen = groups): FieldMapping => ({
    ...mappingFor('ask'),
    operation,
    ...(operation === 'insert' ? { matchField: null, repeatedBy: [0] } : {}),
    repeatChoices: { source, groups: chosen },
  });
  const decided = await repeatsOf(rows, of());
  expect(decided.repeated).toEqual([
    { row_number: 1, of_row: 2, decision: 'superseded' },
    { row_number: 3, of_row: 2, decision: 'superseded' },
    { row_number: 5, of_row: 4, decision: 'merged' },
    { row_number: 9, of_row: 8, decision: 'identical' },
  ]);
  expect(decided.asked).toEqual([6, 7]);
  const page = await repeatedPage(staging, decided.input, { offset: 0, limit: 2 });
  expect(page).toMatchObject({ source: digest, columns: [0, 1], total: 3 });
  expect(page.groups.map(({ all, choice: kept }) => [all, kept])).toEqual([
    [[1, 2, 3], 2],
    [[4, 5], 'merge'],
  ]);
  expect(page.groups[0]?.rows).toEqual([
    { row: 1, values: ['A', 'x'], what: 'replaced' },
    { row: 2, values: ['a', 'y'], what: 'sent' },
    { row: 3, values: ['A', ''], what: 'replaced' },
  ]);
  const rest = await repeatedPage(staging, decided.input, { offset: 2, limit: 2 });
  expect(rest.groups).toMatchObject([{ choice: null, rows: [{ what: 'notSent' }, { what: 'notSent' }] }]);

  // Of another file nothing is decided, and two rows of one match value are never both sent.
  const other = Digest.parse('1'.repeat(64));
  expect((await repeatsOf(rows, of(other))).asked).toEqual([1, 2, 3, 4, 5, 6, 7]);
  const all = [choice([4, 5], 'all')];
  expect((await repeatsOf(rows, of(digest, 'upsert', all))).asked).toContain(4);
  const inserted = await repeatsOf(rows, of(digest, 'insert', all));
  expect(inserted.asked).not.toContain(4);
  expect(inserted.repeated).toEqual([{ row_number: 9, of_row: 8, decision: 'identical' }]);
});
