import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MappingTarget } from '../../../shared/domain/field-mapping.ts';
import { SourceRowNumber } from '../../../shared/domain/ids.ts';
import { writeParts } from '../load/write-parts.ts';
import { tablesOf } from '../tables/tables.ts';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { SmallPlans, to, type SmallCase } from '../test-support/small-plan.ts';
import { leaveOut } from './leave-out.ts';

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

/** By row, the part it is sent with or why it is not sent. */
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

test('a row whose parent is not sent is not sent too, and those below it', async () => {
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

test('a circle that Salesforce refuses is told of those in it', async () => {
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

const BERTH_FIELDS = [
  field('Name', 'string', { nillable: false, length: 80 }),
  field('Code__c', 'string', { ...KEY, length: 40 }),
  field('Neighbour__c', 'reference', { referenceTo: ['Berth__c'], relationshipName: 'Neighbour__r' }),
  field('Spare__c', 'reference', { referenceTo: ['Berth__c'], relationshipName: 'Spare__r' }),
];
const BERTH = describeOf('Berth__c', 'a02', BERTH_FIELDS);
const OWNED = describeOf('Berth__c', 'a02', [
  ...BERTH_FIELDS,
  field('Owner__c', 'reference', { referenceTo: ['Berth__c'], relationshipName: 'Owner__r', nillable: false }),
]);
const lookup = (name: string): MappingTarget => ({
  kind: 'lookup',
  field: `${name}__c`,
  relationshipName: `${name}__r`,
  parentObject: 'Berth__c',
  parentField: 'Code__c',
  polymorphic: false,
});
const berths = (
  rows: readonly (readonly string[])[],
  fields: readonly string[] = ['Neighbour', 'Spare'],
  more: Partial<SmallCase> = {},
): SmallCase => ({
  ...small([]),
  describe: BERTH,
  parents: [BERTH],
  matchField: 'Code__c',
  records: { Berth__c: [] },
  targets: [to('Code__c'), to('Name'), ...fields.map(lookup)],
  rows: rows.map(([key = '', ...parents]) => [key, 'N', ...parents]),
  ...more,
});

/** By row, the fields of its second step. */
async function laterOf(given: SmallCase): Promise<(string | null)[]> {
  const { rows } = await plans.plan(given);
  return rows.map((row) => (row.kind === 'insert' || row.kind === 'update' ? row.later.join() : row.kind));
}

test('a circle by custom lookups is loaded in two steps, and its plan shows it whole', async () => {
  const given = berths([
    ['a', 'b', ''],
    ['b', 'c', 'd'],
    ['c', 'A', ''],
    ['d', 'd', ''],
    ['e', 'a', ''],
  ]);
  for (const operation of ['upsert', 'insert'] as const) {
    const asked = { ...given, operation, matchField: operation === 'upsert' ? 'Code__c' : null };
    const { plan, rows } = await plans.plan(asked, async ({ plan: { planId } }) => {
      const { level, mapped, laterCell } = tablesOf(planId);
      // Sent without it, and after whom it names by what is left.
      expect(await plans.staging.query(`SELECT row_number, a2 FROM ${mapped} WHERE row_number IN (1, 4)`)).toEqual([
        { row_number: 1, a2: '' },
        { row_number: 4, a2: '' },
      ]);
      expect(await plans.staging.query(`SELECT * FROM ${level} ORDER BY 1`)).toEqual([
        { row_number: 2, level: 2 },
        { row_number: 3, level: 1 },
        { row_number: 5, level: 1 },
      ]);
      expect(await plans.staging.query(`SELECT * FROM ${laterCell} ORDER BY 1`)).toEqual([
        { row_number: 1, source_column: 2, of_row: 2, value: 'b' },
        { row_number: 4, source_column: 2, of_row: 4, value: 'd' },
      ]);
    });
    expect(plan).toMatchObject({
      counts: { insert: 5, blocked: 0 },
      jobs: 4,
      secondStep: { rows: 2, fields: [{ field: 'Neighbour__r.Code__c', rows: 2 }] },
    });
    expect(rows[0]).toMatchObject({
      kind: 'insert',
      later: ['Neighbour__r.Code__c'],
      values: [{ value: 'a' }, { value: 'N' }, { field: 'Neighbour__r.Code__c', value: 'b' }],
    });
    expect(rows[1]).toMatchObject({ later: [] });
  }
});

test('of two lookups only the one that leads back waits; records that are there already need no second step', async () => {
  const rows = [
    ['a', 'b', 'd'],
    ['b', '', 'a'],
    ['d', '', ''],
  ];
  expect(await laterOf(berths(rows))).toEqual(['Neighbour__r.Code__c', '', '']);
  const Berth__c = ['a', 'b'].map((Code__c, nth) => ({
    Id: `a0200000000000${nth}AAA`,
    Code__c,
    Name: 'N',
    SystemModstamp: '2026-01-01T00:00:00.000Z',
  }));
  const { plan } = await plans.plan(berths(rows, undefined, { records: { Berth__c } }));
  expect(plan).toMatchObject({ counts: { insert: 1, update: 2 }, secondStep: null });
});

test('a required lookup does not wait: another of its circle does, or the circle is not sent', async () => {
  const owned = { describe: OWNED, parents: [OWNED] };
  const Berth__c = [{ Id: 'a02000000000000AAA', Code__c: 'o', Name: 'N', SystemModstamp: '2026-01-01T00:00:00.000Z' }];
  const mixed = [
    ['a', 'b', ''],
    ['b', 'o', 'a'],
  ];
  const given = berths(mixed, ['Owner', 'Spare'], { ...owned, records: { Berth__c } });
  expect(await laterOf(given)).toEqual(['', 'Spare__r.Code__c']);
  const held = [
    ['a', 'b', ''],
    ['b', 'b', 'a'],
  ];
  const { rows } = await plans.plan(berths(held, ['Owner', 'Spare'], owned));
  expect(rows[1]).toMatchObject({ issues: [{ code: 'LOOKUP_CIRCLE', facts: { of: 2, reason: 'required' } }] });
  expect(rows[0]).toMatchObject({ issues: [{ code: 'LOOKUP_PARENT_HOME' }] });
});

test('a circle of a hundred and a chain of a hundred come to fifty levels, and the rest of each in a second step', async () => {
  const names = Array.from({ length: 100 }, (_, nth) => `k${nth}`);
  const ring = names.map((name, nth) => [name, names[(nth + 1) % 100] ?? '']);
  const chain = names.map((name, nth) => [name, names[nth + 1] ?? '']);
  for (const rows of [ring, chain]) {
    const { plan } = await plans.plan(berths(rows, ['Neighbour']));
    expect(plan.counts).toMatchObject({ insert: 100, blocked: 0 });
    expect(plan.secondStep?.rows).toBe(rows === ring ? 2 : 1);
    expect(plan.jobs).toBe(52);
  }
});

test('a row of a circle that is left out takes those that name it along, and all is as before when it is taken back', async () => {
  const given = berths([
    ['a', 'b', ''],
    ['b', 'a', ''],
    ['c', 'd', ''],
    ['d', 'c', ''],
  ]);
  await plans.plan(given, async ({ plan, input }) => {
    const { planned, mapped, laterCell } = tablesOf(plan.planId);
    const state = async () => ({
      kinds: (await plans.staging.query(`SELECT kind FROM ${planned} ORDER BY row_number`)).map(({ kind }) => kind),
      sent: (await plans.staging.query(`SELECT a2 FROM ${mapped} ORDER BY row_number`)).map(({ a2 }) => a2),
      later: await plans.staging.query(`SELECT row_number, value FROM ${laterCell} ORDER BY 1`),
    });
    const before = await state();
    expect(before).toMatchObject({ sent: ['', 'a', '', 'c'], later: [{ row_number: 1 }, { row_number: 3 }] });
    const leave = (takeBack: boolean) =>
      leaveOut(plans.staging, plan, input, { of: { rows: [SourceRowNumber.parse(2)] }, field: null, takeBack });
    await leave(false);
    expect(await state()).toEqual({
      kinds: ['blocked', 'leftOut', 'insert', 'insert'],
      sent: ['b', 'a', '', 'c'],
      later: [{ row_number: 3, value: 'd' }],
    });
    await leave(true);
    expect(await state()).toEqual(before);
  });
});

test('a change that is left out is in no circle any more', async () => {
  const Berth__c = [{ Id: 'a02000000000000AAA', Code__c: 'a', Name: 'N', SystemModstamp: '2026-01-01T00:00:00.000Z' }];
  const given = berths(
    [
      ['a', 'b', ''],
      ['b', 'c', ''],
      ['c', 'b', 'a'],
    ],
    undefined,
    { records: { Berth__c } },
  );
  await plans.plan(given, async ({ plan, input }) => {
    const field = 'Neighbour__r.Code__c';
    await leaveOut(plans.staging, plan, input, {
      of: { rows: [SourceRowNumber.parse(1)] },
      field,
      takeBack: false,
    });
    const { level, laterCell } = tablesOf(plan.planId);
    expect(await plans.staging.query(`SELECT row_number FROM ${level} ORDER BY 1`)).toEqual([{ row_number: 3 }]);
    expect(await plans.staging.query(`SELECT row_number FROM ${laterCell}`)).toEqual([{ row_number: 2 }]);
  });
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

test('whatever names whom: each row is sent after its parent or is not sent, and no part mixes the two', async () => {
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
