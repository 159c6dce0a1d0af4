import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MappingTarget } from '../../../shared/domain/field-mapping.ts';
import { writeParts } from '../load/write-parts.ts';
import { tablesOf } from '../tables/tables.ts';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { SmallPlans, to, type SmallCase } from '../test-support/small-plan.ts';

let plans: SmallPlans;
beforeAll(async () => {
  plans = await SmallPlans.open();
});
afterAll(() => plans.close());

const ACCOUNT = describeOf('Account', '001', [
  field('Name', 'string', { nillable: false, length: 255 }),
  field('ERP_Id__c', 'string', { ...KEY, length: 40 }),
  field('ParentId', 'reference', { referenceTo: ['Account'], relationshipName: 'Parent' }),
]);
const PARENT: MappingTarget = {
  kind: 'lookup',
  field: 'ParentId',
  relationshipName: 'Parent',
  parentObject: 'Account',
  parentField: 'ERP_Id__c',
  polymorphic: false,
};

/** Rows of key and parent's key. */
const small = (rows: readonly (readonly [string, string, string?])[], more: Partial<SmallCase> = {}): SmallCase => ({
  describe: ACCOUNT,
  parents: [ACCOUNT],
  operation: 'upsert',
  matchField: 'ERP_Id__c',
  records: { Account: [] },
  targets: [to('ERP_Id__c'), PARENT, to('Name')],
  rows: rows.map(([key, parent, name = 'N']) => [key, parent, name]),
  ...more,
});

/** By row, the part it is sent with or why it stays home. */
async function partsOf(given: SmallCase): Promise<(number | string)[]> {
  const found: (number | string)[] = [];
  await plans.plan(given, async ({ plan, rows, input }) => {
    const written = await writeParts(plans.staging, plan.planId, plan.mapping, input.folder, input.jobBytes);
    expect(plan.jobs).toBe(written.length);
    const sent = await plans.staging.query(`SELECT row_number, part FROM ${tablesOf(plan.planId).submission}`);
    const parts = new Map(sent.map((row) => [Number(row['row_number']), Number(row['part'])]));
    for (const row of rows)
      found.push(row.kind === 'blocked' ? row.issues.map(({ code }) => code).join() : (parts.get(row.row) ?? row.kind));
  });
  return found;
}

test('a parent of the file is sent before its children, in whatever order they stand, by whatever case', async () => {
  expect(
    await partsOf(
      small([
        ['c', 'B'],
        ['b', 'a'],
        ['a', ''],
        ['d', 'A'],
        ['e', ''],
      ]),
    ),
  ).toEqual([3, 2, 1, 2, 1]);
  const insert = { operation: 'insert' as const, matchField: null };
  expect(
    await partsOf(
      small(
        [
          ['b', 'a'],
          ['a', ''],
        ],
        insert,
      ),
    ),
  ).toEqual([2, 1]);
});

test('a parent that the org has needs no part of its own', async () => {
  const Account = [
    { Id: '001000000000001AAA', ERP_Id__c: 'a', Name: 'Old', SystemModstamp: '2026-01-01T00:00:00.000Z' },
  ];
  expect(
    await partsOf(
      small(
        [
          ['b', 'a'],
          ['a', '', 'New'],
        ],
        { records: { Account } },
      ),
    ),
  ).toEqual([1, 1]);
});

test('a row whose parent stays home stays home too, and those below it', async () => {
  expect(
    await partsOf(
      small([
        ['a', '', ''],
        ['b', 'a'],
        ['c', 'b'],
        ['d', 'nowhere'],
        ['e', 'd'],
      ]),
    ),
  ).toEqual(['REQUIRED_BLANK', 'LOOKUP_PARENT_HOME', 'LOOKUP_PARENT_HOME', 'LOOKUP_NOT_FOUND', 'LOOKUP_PARENT_HOME']);
});

test('a circle is told of those in it', async () => {
  expect(
    await partsOf(
      small([
        ['a', 'b'],
        ['b', 'c'],
        ['c', 'a'],
        ['d', 'a'],
        ['e', 'e'],
        ['f', ''],
      ]),
    ),
  ).toEqual(['LOOKUP_CIRCLE', 'LOOKUP_CIRCLE', 'LOOKUP_CIRCLE', 'LOOKUP_PARENT_HOME', 'LOOKUP_CIRCLE', 1]);
});

test('an update makes no parents: one that is missing is missing', async () => {
  const Account = ['001000000000001AAA', '001000000000002AAA'].map((Id, n) => ({
    Id,
    ERP_Id__c: `old-${n}`,
    Name: 'Old',
    SystemModstamp: '2026-01-01T00:00:00.000Z',
  }));
  const targets = [to('Id'), PARENT, to('ERP_Id__c')];
  const rows = [
    [Account[0]?.Id ?? '', 'new', 'old-0'],
    [Account[1]?.Id ?? '', '', 'new'],
  ];
  const update = { operation: 'update' as const, matchField: 'Id', records: { Account }, targets, rows };
  expect(await partsOf({ ...small([]), ...update })).toEqual(['LOOKUP_NOT_FOUND', 1]);
});

test('whatever names whom: each row is sent after its parent or stays home, and no part mixes the two', async () => {
  const parent = fc.array(fc.option(fc.nat(11), { nil: null }), { minLength: 1, maxLength: 12 });
  await fc.assert(
    fc.asyncProperty(parent, async (parents) => {
      const rows = parents.map((of, n): [string, string] => [`k${n}`, of === null ? '' : `k${of % parents.length}`]);
      const parts = await partsOf(small(rows));
      const reaches = (n: number, seen: number[] = []): boolean => {
        const of = parents[n];
        if (of === null || of === undefined) return true;
        return !seen.includes(n) && reaches(of % parents.length, [...seen, n]);
      };
      for (const [n, part] of parts.entries()) {
        expect(typeof part === 'number', `row ${n}`).toBe(reaches(n));
        const of = parents[n];
        if (typeof part === 'number' && of !== null && of !== undefined)
          expect(part).toBeGreaterThan(Number(parts[of % parents.length]));
      }
    }),
    { numRuns: 15 },
  );
});
