import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Papa from 'papaparse';
import { expect, test } from 'vitest';
import type { FieldMapping, FoundTarget, MappingTarget } from '../../../shared/domain/field-mapping.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { startBench } from '../test-support/start-bench.ts';
import { describeOf, field, smallOrg } from '../test-support/small-org.ts';
import { SmallPlans, to } from '../test-support/small-plan.ts';
import { coverIds } from './cover-ids.ts';
import { coverLookup } from './cover-lookup.ts';

const { org, app, orgId } = await startBench(['--records', '20']);

const MASTER = '012000000000000AAA';

async function rest<T>(method: string, path: string, body?: object): Promise<T> {
  const headers = { authorization: `Bearer ${org.accessToken}`, 'content-type': 'application/json' };
  const answer = await fetch(`${org.url}/services/data/v66.0/${path}`, {
    method,
    headers,
    ...(body ? { body: JSON.stringify(body) } : {}),
  });
  return (answer.status === 204 ? null : await answer.json()) as T;
}

const create = async (object: string, values: object) =>
  (await rest<{ id: string }>('POST', `sobjects/${object}`, values)).id;

async function idOf(soql: string): Promise<string> {
  const { records } = await rest<{ records: { Id: string }[] }>('GET', `query?q=${encodeURIComponent(soql)}`);
  return records[0]?.Id ?? '';
}

let files = 0;
async function stage(rows: readonly (readonly string[])[]) {
  const path = join(app.data, `covered-${++files}.csv`);
  const header = (rows[0] ?? []).map((_, index) => `Column ${index}`);
  await writeFile(path, Papa.unparse([header, ...rows] as string[][]));
  return (await app.stage(path)).sourceId;
}

function mappingOf(objectName: string, targets: readonly MappingTarget[], more: Partial<FieldMapping> = {}) {
  const columns = targets.map((target, column) => newColumn(column, target));
  const rest = { operation: 'insert', matchField: null, blankValues: 'leave', duplicateKeys: 'ask' } as const;
  return { objectName, columns, ...rest, ...more } satisfies FieldMapping;
}

const berth = (more: Partial<FoundTarget> = {}): FoundTarget => ({
  kind: 'found',
  field: 'Neighbour__c',
  parentObject: 'Berth__c',
  parentField: 'Name',
  and: null,
  whenNone: 'home',
  whenSeveral: 'home',
  whenInactive: 'use',
  ...more,
});

test('parents that are rows of the same file are counted as such, as the plan finds them', async () => {
  await create('Berth__c', { Name: 'In the org', Berth_Code__c: 'C0' });
  const rows = [
    ['C1', 'North', 'in the org'],
    ['C2', 'South', 'NORTH'],
    ['C3', 'East', 'South'],
    ['C4', 'East', 'Nowhere'],
    ['C5', 'West', 'East'],
    // The same record once more, which makes South no second time.
    ['C2', 'South', 'NORTH'],
  ];
  const sourceId = await stage(rows);
  const covered = (mapping: FieldMapping) => app.call('lookups.coverage', { orgId, sourceId, mapping, column: 2 });
  const targets = [to('Berth_Code__c'), to('Name'), berth()];
  const upsert = { operation: 'upsert', matchField: 'Berth_Code__c' } as const;
  const counts = { values: 5, found: 1, inFile: 2, several: 1, none: 1, misses: ['Nowhere'] };
  expect(await covered(mappingOf('Berth__c', targets, upsert))).toMatchObject(counts);
  // Rows that are equal in every cell are one as well.
  expect(await covered(mappingOf('Berth__c', targets))).toMatchObject(counts);
  // Of rows rather than values, the repeated one among them.
  const plan = await app.call('plan.build', { orgId, sourceId, mapping: mappingOf('Berth__c', targets, upsert) });
  expect(plan).toMatchObject({ counts: { insert: 3, blocked: 2, duplicate: 1 }, lookups: [{ found: 1, inFile: 3 }] });

  const oldest = [to('Berth_Code__c'), to('Name'), berth({ whenSeveral: 'oldest' })];
  expect(await covered(mappingOf('Berth__c', oldest))).toMatchObject({ inFile: 3, several: 0, none: 1 });
  const unnamed: MappingTarget[] = [to('Berth_Code__c'), { kind: 'ignored' }, berth()];
  expect(await covered(mappingOf('Berth__c', unnamed))).toMatchObject({ found: 1, inFile: 0, none: 4 });
  const update = { operation: 'update', matchField: 'Id' } as const;
  expect(await covered(mappingOf('Berth__c', targets, update))).toMatchObject({ inFile: 0, none: 4 });
});

test('a lookup by external id is covered as well: in the org, in the file, neither', async () => {
  await create('Berth__c', { Name: 'Quay 9', Berth_Code__c: 'Q9' });
  const rows = [
    ['Q10', 'Ten', 'Q9'],
    ['Q11', 'Eleven', 'q10'],
    ['Q12', 'Twelve', 'Q13'],
    ['Q14', 'Fourteen', ''],
  ];
  const sourceId = await stage(rows);
  const next: MappingTarget = {
    kind: 'lookup',
    field: 'Neighbour__c',
    relationshipName: 'Neighbour__r',
    parentObject: 'Berth__c',
    parentField: 'Berth_Code__c',
    polymorphic: false,
  };
  const upsert = { operation: 'upsert', matchField: 'Berth_Code__c' } as const;
  const mapping = mappingOf('Berth__c', [to('Berth_Code__c'), to('Name'), next], upsert);
  const covered = await app.call('lookups.coverage', { orgId, sourceId, mapping, column: 2 });
  expect(covered).toMatchObject({ parent: 'Berth', parentField: 'Berth Code', misses: ['Q13'] });
  expect(covered).toMatchObject({ values: 3, found: 1, inFile: 1, none: 1, several: 0 });
});

test('Ids in a column: found among their own objects, inactive owners told, what no query finds left out, with few calls', async () => {
  const gone = await create('Account', { Name: 'Gone' });
  const kept = await create('Account', { Name: 'Kept' });
  await rest('DELETE', `sobjects/Account/${gone}`);
  const user = await idOf('SELECT Id FROM User WHERE IsActive = true');
  const inactive = await idOf('SELECT Id FROM User WHERE IsActive = false');
  const queue = await idOf("SELECT Id FROM Group WHERE Name = 'Support Tier 1'");
  const others = await idOf("SELECT Id FROM Group WHERE Name = 'Inbound Leads'");
  const rows = [
    [kept, user, MASTER],
    [kept.slice(0, 15), inactive, MASTER],
    [gone, queue, ''],
    ['no id', others, ''],
    ['', user, ''],
  ];
  const sourceId = await stage(rows);
  const mapping = mappingOf('Case', [to('AccountId'), to('OwnerId'), to('RecordTypeId')]);
  const covered = async (column: number) => {
    const before = (await org.requests()).length;
    const coverage = await app.call('lookups.coverage', { orgId, sourceId, mapping, column });
    const asked = (await org.requests()).slice(before).filter(({ path }) => path.includes('/query')).length;
    expect(asked).toBe(coverage.apiCalls);
    return coverage;
  };
  const nothingElse = { parentField: 'Id', inFile: 0, several: 0 };
  expect(await covered(0)).toEqual({
    ...nothingElse,
    parent: 'Account',
    values: 3,
    found: 1,
    inactive: 0,
    none: 2,
    unasked: 0,
    misses: [gone, 'no id'],
    apiCalls: 1,
  });
  expect(await covered(1)).toEqual({
    ...nothingElse,
    parent: 'User or queue of Cases',
    values: 4,
    found: 2,
    inactive: 1,
    none: 1,
    unasked: 0,
    misses: [others],
    apiCalls: 2,
  });
  expect(await covered(2)).toMatchObject({ values: 1, found: 0, none: 0, unasked: 1, apiCalls: 0 });
  await expect(
    app.call('lookups.coverage', { orgId, sourceId, mapping: mappingOf('Case', [to('Subject')]), column: 0 }),
  ).rejects.toMatchObject({ failure: { code: 'MAPPING_BLOCKED' } });
});

test('whether or not the org answers, no table is left behind', async () => {
  const plans = await SmallPlans.open();
  const account = describeOf('Account', '001', [
    field('Name', 'string', { length: 255 }),
    field('ParentId', 'reference', { referenceTo: ['Account'], relationshipName: 'Parent' }),
  ]);
  const id = '001000000000001AAA';
  const found = { ...berth(), field: 'ParentId', parentObject: 'Account' };
  const small = {
    describe: account,
    parents: [account],
    records: { Account: [{ Id: id, Name: 'Acme' }] },
    operation: 'insert' as const,
    targets: [to('Name'), found],
    rows: [
      ['Port', 'Acme'],
      ['Quay', 'Port'],
    ],
  };
  await plans.plan(small, async ({ input }) => {
    const tables = async () =>
      (await plans.staging.query('SELECT table_name FROM duckdb_tables() ORDER BY 1')).map((row) => row['table_name']);
    const before = await tables();
    const { client, clock } = smallOrg(small.records);
    const deaf = { ...client, query: () => Promise.reject(new Error('no answer')) };
    const check = { ...input, keyPrefixes: new Map([['account', '001']]), timeZone: 'UTC' };
    const place = { scratch: 'cover_x', folder: input.folder };
    const cover = (org: typeof client) => {
      const tools = { client: org, clock, staging: plans.staging };
      const byName = { ...newColumn(1, found), target: found };
      const byId = { ...newColumn(1, to('ParentId')), target: { kind: 'field' as const, field: 'ParentId' } };
      const signal = new AbortController().signal;
      return [
        () => coverLookup(tools, check, byName, place, signal),
        () => coverIds(tools, check, byId, place, signal),
      ] as const;
    };
    const [byName, byId] = cover(client);
    expect(await byName()).toMatchObject({ found: 1, inFile: 1 });
    expect(await byId()).toMatchObject({ values: 2, found: 0 });
    await expect(cover(deaf)[0]()).rejects.toThrow('no answer');
    expect(await tables()).toEqual(before);
  });
  await plans.close();
});
