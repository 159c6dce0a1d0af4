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

type Row = readonly [key: string, name: string];

/** Which row stands for each that is repeated, worked out one by one. */
function expected(rows: readonly Row[], kept: 'first' | 'last'): Record<string, string | number>[] {
  return rows.flatMap(([key], index) => {
    const group = rows.flatMap((row, at) => (row[0].toLowerCase() === key.toLowerCase() ? [at] : []));
    const differ = new Set(group.map((at) => rows[at]?.[1])).size > 1;
    const of = (kept === 'last' && differ ? group.at(-1) : group[0]) ?? 0;
    if (key === '' || of === index) return [];
    return [{ row_number: index + 1, of_row: of + 1, decision: differ ? 'superseded' : 'identical' }];
  });
}

test('rows repeat one another however few are grouped at a time', async () => {
  const row = fc.tuple(fc.constantFrom('', 'A', 'a', 'B', 'c', 'C', 'D', 'É', 'é'), fc.constantFrom('x', 'y'));
  await fc.assert(
    fc.asyncProperty(
      fc.array(row, { minLength: 1, maxLength: 25 }),
      fc.constantFrom('first', 'last'),
      fc.integer({ min: 1, max: 30 }),
      async (rows, kept, groupedRows) => {
        const values = rows.map(([key, name], at) => `(${at + 1}, NULL, ${[key, name].map(quoteText).join(', ')})`);
        await engine.run(
          `CREATE OR REPLACE TABLE ${staged} (row_number INTEGER, problem VARCHAR, c0 VARCHAR, c1 VARCHAR);
           INSERT INTO ${staged} VALUES ${values.join(', ')};
           CREATE OR REPLACE TABLE ${value(0)} (raw VARCHAR, api VARCHAR, canonical VARCHAR);
           CREATE OR REPLACE TABLE ${value(1)} (raw VARCHAR, api VARCHAR, canonical VARCHAR);
           ${createTable(rowIssue, ROW_ISSUE)}`,
        );
        const mapping = mappingFor(kept);
        const source = {
          sourceId: alias,
          alias,
          fileName: 'repeated.csv',
          digest: Digest.parse('0'.repeat(64)),
          rows: rows.length,
          columns: ['Key', 'Name'].map((name, index) => ({ index, name })),
          delimiter: ',',
          writing: { encoding: 'utf-8' as const, mark: false },
        };
        const input = { source, mapping, describe, parents: new Map(), keyPrefixes: new Map(), timeZone: 'UTC' };
        await findRepeats(staging, input, mappedColumns(mapping), groupedRows);
        const found = await engine.query(
          `SELECT row_number, of_row, decision FROM ${repeated} ORDER BY row_number`,
          [],
        );
        expect(found).toEqual(expected(rows, kept));
      },
    ),
    { numRuns: 40 },
  );
});
