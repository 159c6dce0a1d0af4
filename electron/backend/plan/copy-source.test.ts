import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { CleaningStep } from '../../../shared/domain/cleaning.ts';
import { Digest, OrgId, PlanId, SourceId } from '../../../shared/domain/ids.ts';
import { NEVER } from '../never.ts';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { createTable, REPEATED, ROW_ISSUE, tablesOf } from '../tables/tables.ts';
import { stagingOver, type InProcessStaging } from '../test-support/engine-staging.ts';
import { describeOf, field } from '../test-support/small-org.ts';
import { copySource } from './copy-source.ts';
import type { PlanInput } from './plan-input.ts';

const sourceId = SourceId.parse('src_0000000000copied');
const planId = PlanId.parse('plan_0000000000copied');
const need = { columns: 1, joinedRows: 0 };
const theirs = tablesOf(sourceId);
const own = tablesOf(planId);
let folder: string;
let engine: DuckDbEngine;
let staging: InProcessStaging;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'longshore-copied-'));
  engine = await DuckDbEngine.create(join(folder, 'spill'));
  staging = stagingOver(engine);
});
afterAll(async () => {
  await engine.databases.forget(planId);
  await engine.databases.forget(sourceId);
  await rm(folder, { recursive: true, force: true });
});
beforeEach(async () => {
  await engine.createDatabase(sourceId, join(folder, 'source.duckdb'), need);
  await engine.run(
    `CREATE TABLE ${theirs.named('raw')} (row_number INTEGER, c0 VARCHAR);
     INSERT INTO ${theirs.named('raw')} VALUES (1, 'a'), (2, 'b');
     CREATE TABLE ${theirs.named('edited')} (row_number INTEGER, source_column INTEGER, value VARCHAR);
     CREATE VIEW ${theirs.staged} AS SELECT r.row_number, coalesce(e.value, r.c0) AS c0 FROM ${theirs.named('raw')} r LEFT JOIN ${theirs.named('edited')} e USING (row_number);
     CREATE TABLE ${theirs.value(0)} (raw VARCHAR, api VARCHAR, canonical VARCHAR);
     ${createTable(theirs.rowIssue, ROW_ISSUE)}; ${createTable(theirs.repeated, REPEATED)};
     INSERT INTO ${theirs.repeated} VALUES (2, 1, 'identical')`,
  );
});

async function copied(cleaning: readonly CleaningStep[] = []): Promise<unknown[]> {
  const input: PlanInput = {
    planId,
    orgId: OrgId.parse('00D000000000001EAA'),
    source: {
      ...{ sourceId, alias: sourceId, fileName: 'a.csv', digest: Digest.parse('0'.repeat(64)), rows: 2 },
      ...{ columns: [{ index: 0, name: 'A' }], cleaning, delimiter: ',', writing: { encoding: 'utf-8', mark: false } },
    },
    mapping: {
      ...{ objectName: 'Account', operation: 'insert', matchField: null, columns: [] },
      ...{ blankValues: 'leave', duplicateKeys: 'ask' },
    },
    describe: describeOf('Account', '001', [field('Name', 'string')]),
    ...{ parents: new Map(), referenced: [], folder, now: 0, jobBytes: 1, jobsAtOnce: 1 },
  };
  await copySource(staging, input, join(folder, 'plan.duckdb'), need, NEVER);
  return engine.query(`SELECT row_number, c0 FROM ${own.staged} ORDER BY row_number`, []);
}

async function tables(): Promise<unknown[]> {
  const sql = `SELECT table_name AS name FROM duckdb_tables() WHERE database_name = '${planId}' ORDER BY 1`;
  return (await engine.query(sql, [])).map(({ name }) => name);
}

test('rows that stand as they were read are copied with their file, and nothing else of it is kept', async () => {
  expect(await copied()).toEqual([
    { row_number: 1, c0: 'a' },
    { row_number: 2, c0: 'b' },
  ]);
  expect(await tables()).toEqual(['repeated', 'row_issue', 'staged']);
  // Each of the two changes by itself from here on.
  await engine.run(
    `DELETE FROM ${own.staged} WHERE row_number = 1; DELETE FROM ${theirs.named('raw')} WHERE row_number = 2`,
  );
  expect(await engine.query(`SELECT row_number FROM ${own.staged}`, [])).toEqual([{ row_number: 2 }]);
  expect(await engine.query(`SELECT row_number FROM ${theirs.staged}`, [])).toEqual([{ row_number: 1 }]);
});

test.each([
  ['typed over', `INSERT INTO ${theirs.named('edited')} VALUES (2, 0, 'typed')`, []],
  ['cleaned', '', [{ kind: 'trim' as const, columns: [0] }]],
])('rows that were %s are copied as they stand', async (_how, before, cleaning) => {
  if (before !== '') await engine.run(before);
  expect(await copied(cleaning)).toEqual(await engine.query(`SELECT * FROM ${theirs.staged} ORDER BY row_number`, []));
  expect(await tables()).toEqual(['repeated', 'row_issue', 'staged']);
});
