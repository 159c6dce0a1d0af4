import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { mappedColumns, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { Digest, SourceId } from '../../../shared/domain/ids.ts';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { quoteText } from '../tables/quote.ts';
import { createTable, ROW_ISSUE, tablesOf } from '../tables/tables.ts';
import { stagingOver, type InProcessStaging } from '../test-support/engine-staging.ts';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { findRepeats } from './find-repeats.ts';

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
        const values = rows.map((cells, at) => `(${at + 1}, NULL, ${cells.map(quoteText).join(', ')})`);
        await engine.run(
          `CREATE OR REPLACE TABLE ${staged} (row_number INTEGER, problem VARCHAR, c0 VARCHAR, c1 VARCHAR, c2 VARCHAR);
           INSERT INTO ${staged} VALUES ${values.join(', ')};
           CREATE OR REPLACE TABLE ${value(0)} (raw VARCHAR, api VARCHAR, canonical VARCHAR);
           CREATE OR REPLACE TABLE ${value(1)} (raw VARCHAR, api VARCHAR, canonical VARCHAR);
           ${createTable(rowIssue, ROW_ISSUE)}`,
        );
        const mapping = { ...mappingFor(kept), newestBy: 2 };
        const source = {
          sourceId: alias,
          alias,
          fileName: 'repeated.csv',
          digest: Digest.parse('0'.repeat(64)),
          rows: rows.length,
          columns: ['Key', 'Name', 'When'].map((name, index) => ({ index, name })),
          cleaning: [],
          delimiter: ',',
          writing: { encoding: 'utf-8' as const, mark: false },
        };
        const input = { source, mapping, describe, parents: new Map(), keyPrefixes: new Map(), timeZone: 'UTC' };
        await findRepeats(staging, input, mappedColumns(mapping), groupedRows);
        const found = await engine.query(
          `SELECT row_number, of_row, decision FROM ${repeated} ORDER BY row_number`,
          [],
        );
        const issues = await engine.query(`SELECT DISTINCT row_number FROM ${rowIssue} ORDER BY row_number`, []);
        const told = issues.map((issue) => issue['row_number']);
        expect({ repeated: found, asked: told }).toEqual(expected(rows, kept));
      },
    ),
    { numRuns: 60 },
  );
});
