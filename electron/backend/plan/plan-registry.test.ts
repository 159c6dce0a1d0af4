import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { Digest, OrgId, SourceId } from '../../../shared/domain/ids.ts';
import { DEFAULT_SETTINGS } from '../../../shared/domain/settings.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import { DuckDbEngine } from '../staging/duckdb-engine.ts';
import { tablesOf } from '../tables/tables.ts';
import { stagingOver } from '../test-support/engine-staging.ts';
import { describeOf, field, KEY, smallOrg } from '../test-support/small-org.ts';
import { ValueChecker } from '../validation/check-values.ts';
import type { MappingContext } from '../validation/mapping-context.ts';
import { KeptFetches } from './fetch/kept-fetches.ts';
import { PlanRegistry } from './plan-registry.ts';

/** Many rows of few keys: statements take their time, and one query asks for all records. */
const ROWS = 60_000;
const KEYS = 500;
const SOURCE = SourceId.parse('src_0000000000000001');
const ACCOUNT = describeOf('Account', '001', [
  field('ERP_Id__c', 'string', { ...KEY, length: 40 }),
  field('Name', 'string', { nillable: false, length: 255 }),
  field('Employees', 'int', { digits: 9 }),
]);
const MAPPING: FieldMapping = {
  objectName: 'Account',
  operation: 'upsert',
  matchField: 'ERP_Id__c',
  columns: ['ERP_Id__c', 'Name', 'Employees'].map((name, column) => ({
    column,
    target: { kind: 'field', field: name },
    reason: 'chosen',
    format: {},
    replacements: {},
    fixes: [],
  })),
  blankValues: 'leave',
  duplicateKeys: 'first',
};

let data: string;
let engine: DuckDbEngine;
let seen: (sql: string) => void = () => undefined;
/** What the org does before it answers a query. */
let beforeAnswer: (signal: AbortSignal) => Promise<void> = () => Promise.resolve();
let plans: PlanRegistry;
const errors: unknown[] = [];

beforeAll(async () => {
  data = await mkdtemp(join(tmpdir(), 'longshore-registry-'));
  engine = await DuckDbEngine.create(join(data, 'spill'));
  const need = { columns: 3, joinedRows: ROWS };
  await engine.createDatabase(SOURCE, join(data, 'source.duckdb'), need);
  await engine.run(
    `CREATE TABLE ${tablesOf(SOURCE).staged} AS SELECT (1 + range)::INTEGER AS row_number, (2 + range)::INTEGER AS line, 0 AS part,
       NULL::VARCHAR AS problem, NULL::INTEGER AS problem_column, NULL::VARCHAR AS original, NULL::VARCHAR AS marks,
       'ERP-' || (range % ${KEYS}) AS c0, ' Name ' || range AS c1, '0' || range AS c2 FROM range(${ROWS})`,
  );
  const staging = stagingOver(engine, (sql) => seen(sql));
  const { client, clock } = smallOrg({ Account: [] });
  const slow: Partial<OrgClient> = {
    ...client,
    now: () => 0,
    query: async (soql, signal) => {
      await beforeAnswer(signal);
      return client.query(soql, signal);
    },
  };
  let made = 0;
  const ports: ConstructorParameters<typeof KeptFetches>[0] = {
    paths: { data },
    clock,
    random: { token: () => String(++made).padStart(16, '0') },
    log: { place: '', info: () => undefined, error: (message, error) => errors.push([message, error]) },
  };
  plans = new PlanRegistry({
    ports,
    fetches: new KeptFetches(ports),
    staging,
    orgs: { client: () => Promise.resolve(slow as OrgClient) },
    preferences: { current: DEFAULT_SETTINGS },
    checker: new ValueChecker(staging),
    work: () => undefined,
    isUsed: () => false,
  });
});
afterAll(() => rm(data, { recursive: true, force: true }));

const context: MappingContext = {
  source: {
    sourceId: SOURCE,
    alias: SOURCE,
    fileName: 'many.csv',
    digest: Digest.parse('0'.repeat(64)),
    rows: ROWS,
    columns: ['Key', 'Name', 'Employees'].map((name, index) => ({ index, name })),
    cleaning: [],
    delimiter: ',',
    writing: { encoding: 'utf-8', mark: false },
  },
  mapping: MAPPING,
  describe: ACCOUNT,
  parents: new Map(),
  keyPrefixes: new Map(),
  referenced: [],
  timeZone: 'UTC',
  mappingIssues: [],
};

/** Builds a plan that is called off as `when` says; milliseconds until it has let go. */
async function calledOff(when: (cancel: () => void) => void): Promise<number> {
  const controller = new AbortController();
  let at = 0;
  when(() => {
    at = performance.now();
    controller.abort();
  });
  const building = plans.build(OrgId.parse('00D000000000001EAA'), context, controller.signal);
  await expect(building).rejects.toThrow();
  const took = performance.now() - at;
  expect(at).toBeGreaterThan(0);
  seen = () => undefined;
  beforeAnswer = () => Promise.resolve();
  return took;
}

async function nothingLeft(): Promise<void> {
  await expect.poll(() => readdir(join(data, 'loads')).catch(() => [])).toEqual([]);
  const open = await engine.query("SELECT database_name FROM duckdb_databases() WHERE database_name LIKE 'plan%'", []);
  expect(open).toEqual([]);
  expect(errors).toEqual([]);
}

describe('a plan that is called off lets go within 200 ms and leaves nothing', () => {
  test.each<[string, RegExp]>([
    // First: what has been checked to its end is not checked again.
    ['rows with one key are looked for', /"sendable" AS SELECT/],
    ['the source’s rows are copied', /"staged" AS SELECT/],
    ['cells are put beside one another', /INSERT INTO \S+"mapped"/],
    ['keys are gathered', /INSERT INTO \S+"current_record_wanted"/],
    ['rows are compared', /INSERT INTO \S+"planned"/],
    ['the digest is worked out', /sum\(hash\(/],
  ])('while %s', async (_name, statement) => {
    const took = await calledOff((cancel) => {
      seen = (sql) => {
        // In the midst of the statement, or behind it if it was quicker: then the next one must not begin.
        if (statement.test(sql)) setImmediate(cancel);
      };
    });
    expect(took).toBeLessThan(200);
    await nothingLeft();
  });

  test('while the org is asked', async () => {
    const took = await calledOff((cancel) => {
      beforeAnswer = (signal) => {
        setTimeout(cancel, 5);
        return new Promise((_resolve, reject) =>
          signal.addEventListener('abort', () => reject(new FailureError({ code: 'CANCELLED' }))),
        );
      };
    });
    expect(took).toBeLessThan(200);
    await nothingLeft();
  });
});

test('a plan that fails leaves nothing, and the next one is made', async () => {
  beforeAnswer = () => Promise.reject(new FailureError({ code: 'ORG_UNREACHABLE', host: 'x', reason: 'ECONNRESET' }));
  const signal = new AbortController().signal;
  const orgId = OrgId.parse('00D000000000001EAA');
  await expect(plans.build(orgId, context, signal)).rejects.toMatchObject({ failure: { code: 'ORG_UNREACHABLE' } });
  await nothingLeft();
  beforeAnswer = () => Promise.resolve();
  const plan = await plans.build(orgId, context, signal);
  expect(plan.counts).toMatchObject({ insert: KEYS, duplicate: ROWS - KEYS });
  // The same source planned anew takes the place of what was never loaded.
  await plans.build(orgId, context, signal);
  expect(await readdir(join(data, 'loads'))).toHaveLength(1);
});
