import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { SourceRowNumber } from '../../../shared/domain/ids.ts';
import type { LoadPlan, PlannedRow } from '../../../shared/domain/load-plan.ts';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { SmallPlans, to, type SmallResult } from '../test-support/small-plan.ts';
import { leaveOut, type LeaveOut } from './leave-out.ts';
import { digestPlan, measurePlan } from './measure-plan.ts';
import { planPage } from './plan-pages.ts';

let plans: SmallPlans;
beforeAll(async () => {
  plans = await SmallPlans.open();
});
afterAll(() => plans.close());

const ACCOUNT = describeOf('Account', '001', [
  field('ERP_Id__c', 'string', { ...KEY, length: 40 }),
  field('Name', 'string', { length: 255 }),
  field('Phone', 'phone', { length: 40 }),
  field('ParentId', 'reference', { referenceTo: ['Account'], relationshipName: 'Parent' }),
]);
const PARENT = {
  kind: 'lookup',
  field: 'ParentId',
  relationshipName: 'Parent',
  parentObject: 'Account',
  parentField: 'ERP_Id__c',
  polymorphic: false,
} as const;
const ID = (n: number) => `001${String(n).padStart(12, '0')}AAA`;
const record = (n: number, name: string, phone: string | null) => ({
  Id: ID(n),
  ERP_Id__c: `K-${n}`,
  Name: name,
  Phone: phone,
  Parent: null,
  SystemModstamp: '2026-11-25T10:00:00.000+0000',
});
const SMALL = {
  describe: ACCOUNT,
  parents: [ACCOUNT],
  records: { Account: [record(1, 'One', '1'), record(2, 'Two', null), record(3, 'Three', '3')] },
  operation: 'upsert' as const,
  matchField: 'ERP_Id__c',
  targets: [to('ERP_Id__c'), to('Name'), to('Phone'), PARENT],
  rows: [
    ['K-1', 'One', '11', ''],
    ['K-2', 'Zwei', '22', ''],
    ['K-3', 'Three', '3', ''],
    ['K-4', 'Four', '', ''],
    ['K-4', 'Four', '', ''],
    ['K-5', 'Five', '', 'K-4'],
    ['K-1', 'One', '11', ''],
    ['K-3', 'Three', '#N/A', 'K-5'],
    ['', 'Nobody', '', ''],
  ],
  duplicateKeys: 'last' as const,
};

interface Left {
  readonly facts: Pick<LoadPlan, 'counts' | 'changedFields' | 'leftOut' | 'jobs'>;
  readonly digest: string;
  readonly rows: readonly PlannedRow[];
}

async function left({ plan, input }: SmallResult, what: LeaveOut | null): Promise<Left> {
  if (what) await leaveOut(plans.staging, plan, input, what);
  const { planId, planDigest: _digest, ...before } = plan;
  const measures = { planId, mapping: plan.mapping, rows: plan.rows, jobBytes: plan.jobBytes };
  const facts = await measurePlan(plans.staging, measures);
  const { rows } = await planPage(plans.staging, plan, { kind: null, search: '' }, 0, 100);
  return { facts, digest: await digestPlan(plans.staging, { ...before, ...facts }, planId), rows };
}

const rowsOf = (...rows: number[]) => ({ rows: rows.map((row) => SourceRowNumber.parse(row)) });
const kinds = ({ rows }: Left) => rows.map(({ kind }) => kind);
const ALL = { kind: null, search: '' };
const WHOLE = { field: null, takeBack: false };

test('a row that is left out is not sent, nor what stands or lies below it; taken back, all is as before', async () => {
  await plans.plan(SMALL, async (small) => {
    const before = await left(small, null);
    expect(before.digest).toBe(small.plan.planDigest);
    const planned = [
      'update',
      'update',
      'duplicate',
      'insert',
      'duplicate',
      'insert',
      'duplicate',
      'update',
      'blocked',
    ];
    expect(kinds(before)).toEqual(planned);
    const without = await left(small, { ...WHOLE, of: rowsOf(4) });
    // Row 5 is row 4 again, row 6 is its child, and row 8 a child of that.
    const now = ['update', 'update', 'duplicate', 'leftOut', 'leftOut', 'blocked', 'duplicate', 'blocked', 'blocked'];
    expect(kinds(without)).toEqual(now);
    const codes = without.rows.map((row) => ('issues' in row ? row.issues.map(({ code }) => code) : []));
    expect([codes[3], codes[4], codes[5], codes[7]]).toEqual([
      ['LEFT_OUT'],
      ['LEFT_OUT'],
      ['LOOKUP_PARENT_HOME'],
      ['LOOKUP_PARENT_HOME'],
    ]);
    expect(without.facts.leftOut).toEqual({ rows: 1, fields: [], policies: [] });
    expect(without.digest).not.toBe(before.digest);
    const back = await left(small, { of: ALL, field: null, takeBack: true });
    expect(back).toEqual(before);
  });
});

test('a change that is left out is a blank cell; a row without any other is unchanged', async () => {
  await plans.plan(SMALL, async (small) => {
    const before = await left(small, null);
    const without = await left(small, { of: { kind: 'update', search: '' }, field: 'Phone', takeBack: false });
    expect(without.facts.leftOut).toMatchObject({ rows: 0, fields: [{ field: 'Phone', rows: 3 }] });
    expect(without.rows[1]).toMatchObject({ kind: 'update', changes: [{ field: 'Name' }] });
    expect(without.rows[0]).toMatchObject({ kind: 'unchanged' });
    expect(without.facts.changedFields.map(({ field: name, rows }) => [name, rows])).toEqual([
      ['Name', 1],
      ['Parent.ERP_Id__c', 1],
    ]);
    const some = await left(small, { of: rowsOf(8), field: 'Phone', takeBack: true });
    expect(some.facts.changedFields).toContainEqual({ field: 'Phone', rows: 1, filled: 0, cleared: 1 });
    expect(await left(small, { of: ALL, field: 'Phone', takeBack: true })).toEqual(before);
  });
});

test('whatever is left out, rows add up, only what is left is sent, and taking all back gives the same plan', async () => {
  const one = fc.record({
    of: fc.oneof(
      fc.subarray([1, 2, 3, 4, 5, 6, 7, 8, 9], { minLength: 1 }).map((rows) => rowsOf(...rows)),
      fc.constantFrom<LeaveOut['of']>(
        { kind: 'update', search: '' },
        { kind: 'insert', search: 'five' },
        { ...ALL, change: { field: 'Phone', how: 'filled' } },
        { ...ALL, change: { field: 'Phone', how: 'cleared' } },
      ),
    ),
    field: fc.constantFrom(null, 'Name', 'Phone', 'Parent.ERP_Id__c'),
    takeBack: fc.boolean(),
  });
  await plans.plan(SMALL, async (small) => {
    const before = await left(small, null);
    await fc.assert(
      fc.asyncProperty(fc.array(one, { minLength: 1, maxLength: 4 }), async (changes) => {
        let now = before;
        for (const change of changes) now = await left(small, change);
        expect(Object.values(now.facts.counts).reduce((sum, n) => sum + n)).toBe(small.plan.rows);
        for (const [at, row] of now.rows.entries()) {
          const was = before.rows[at];
          if (row.kind === 'update' && was?.kind === 'update')
            expect(was.changes).toEqual(expect.arrayContaining(row.changes));
          if (row.kind === 'insert' || row.kind === 'update') expect(row.kind).toBe(was?.kind);
        }
        for (const name of [null, 'Name', 'Phone', 'Parent.ERP_Id__c'])
          now = await left(small, { of: ALL, field: name, takeBack: true });
        expect(now).toEqual(before);
      }),
      { numRuns: 12 },
    );
  });
});
