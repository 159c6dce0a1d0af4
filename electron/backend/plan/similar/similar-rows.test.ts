import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { PlannedRow } from '../../../../shared/domain/load-plan.ts';
import { SimilarChange, type SimilarBy, type SimilarKeep } from '../../../../shared/domain/similar-rows.ts';
import { describeOf, field, KEY } from '../../test-support/small-org.ts';
import { SmallPlans, to, type SmallCase, type SmallResult } from '../../test-support/small-plan.ts';
import { measurePlan } from '../measure-plan.ts';
import { planPage } from '../plan-pages.ts';
import { decideSimilar } from './decide-similar.ts';
import { similarPage } from './similar-page.ts';

let plans: SmallPlans;
beforeAll(async () => {
  plans = await SmallPlans.open();
});
afterAll(() => plans.close());

const CONTACT = describeOf('Contact', '003', [
  field('ERP_Id__c', 'string', { ...KEY, length: 40 }),
  field('FirstName', 'string', { length: 40 }),
  field('LastName', 'string', { length: 80, nillable: false }),
  field('Email', 'email', { length: 80 }),
  field('Phone', 'phone', { length: 40 }),
  field('Department', 'string', { length: 80 }),
]);
const TARGETS = ['ERP_Id__c', 'FirstName', 'LastName', 'Email', 'Phone', 'Department'].map(to);
const [FIRST, LAST, EMAIL, PHONE, DEPARTMENT] = [1, 2, 3, 4, 5];
const NAMES: SimilarBy = { columns: [FIRST, LAST, EMAIL, PHONE], equal: [], keep: 'all' };

const ROWS = [
  ['1', 'Katharina', 'Brückner', 'k.brueckner@werk.example', '', 'Sales'],
  ['2', 'Tom', 'Okafor', 'tom@haus.example', '030 5550101', 'Sales'],
  ['3', 'Katarina', 'Brueckner', 'k.brueckner@werk.example', '0221 5550102', 'Service'],
  ['4', 'Ivo', 'Marek', 'ivo@marek.example', '089 5550103', 'Sales'],
  ['5', 'Catharina', 'Brückner', '', '0221 5550102', ''],
];

const contacts = (small: Partial<SmallCase>, use?: (result: SmallResult) => Promise<void>): Promise<SmallResult> =>
  plans.plan(
    { describe: CONTACT, records: { Contact: [] }, targets: TARGETS, operation: 'insert', rows: ROWS, ...small },
    use,
  );

const kinds = (rows: readonly PlannedRow[]) =>
  rows.map((row) => (row.kind === 'duplicate' ? `${row.decision} ${row.of}` : row.kind));

test('rows that resemble one another are one group, side by side and with what binds them; all are sent unless a rule says otherwise', async () => {
  await contacts({ similar: NAMES }, async ({ plan, rows, input }) => {
    expect(kinds(rows)).toEqual(['insert', 'insert', 'insert', 'insert', 'insert']);
    expect(plan.similar).toMatchObject({ keep: 'all', groups: 1, rows: 3, replaced: 0, chosen: 0, capped: [] });
    const page = await similarPage(plans.staging, { plan, describe: input.describe }, { offset: 0, limit: 10 });
    expect(page.fields).toEqual(['FirstName', 'LastName', 'Email', 'Phone']);
    expect(page.groups.map(({ all, choice }) => [all, choice])).toEqual([[[1, 3, 5], null]]);
    const [first, second, third] = page.groups[0]?.rows ?? [];
    expect(first).toMatchObject({ row: 1, what: 'sent', bond: null });
    expect(first?.values).toEqual(['Katharina', 'Brückner', 'k.brueckner@werk.example', '']);
    expect(second?.bond?.row).toBe(1);
    expect(second?.bond?.reasons).toContainEqual(expect.objectContaining({ thing: 'email', level: 'same' }));
    expect(third?.bond, 'the one that it shares the phone with').toMatchObject({ row: 3 });
    const now = page.counts.find(({ threshold }) => threshold === plan.similar?.threshold);
    expect(now?.rows).toBe(3);
  });
});

test.each([
  ['first', ['insert', 'insert', 'superseded 1', 'insert', 'superseded 1']],
  ['last', ['superseded 5', 'insert', 'superseded 5', 'insert', 'insert']],
  ['merge', ['insert', 'insert', 'merged 1', 'insert', 'merged 1']],
] as const)('by the rule %s one row of a group stands for the others', async (keep, expected) => {
  const { rows, plan } = await contacts({ similar: { ...NAMES, keep } });
  expect(kinds(rows)).toEqual(expected);
  expect(plan.counts).toMatchObject({ insert: 3, duplicate: 2 });
  expect(plan.similar).toMatchObject({ groups: 1, rows: 3, replaced: 2 });
  const filled = rows[0]?.kind === 'insert' ? rows[0].values.find(({ field: name }) => name === 'Phone')?.value : null;
  if (keep === 'merge') expect(filled).toBe('0221 5550102');
});

test('the newest is sent where every row says when it was written; where one doesn’t, all are', async () => {
  const dated = (dates: readonly string[]) => ROWS.map((row, at) => [...row.slice(0, 5), dates[at] ?? '']);
  const newest: SimilarBy = { ...NAMES, keep: 'newest', newestBy: DEPARTMENT };
  const told = await contacts({ similar: newest, rows: dated(['2026-01-02', '', '2026-03-01', '', '2026-02-01']) });
  expect(kinds(told.rows)).toEqual(['superseded 3', 'insert', 'insert', 'insert', 'superseded 3']);
  await contacts(
    { similar: newest, rows: dated(['2026-01-02', '', '', '', '2026-02-01']) },
    async ({ plan, input, rows }) => {
      expect(kinds(rows)).not.toContain('superseded 3');
      const page = await similarPage(plans.staging, { plan, describe: input.describe }, { offset: 0, limit: 10 });
      expect(page.groups[0]?.undecided).toBe(true);
    },
  );
});

test('where columns are to be equal, only rows are compared that are, and not blank', async () => {
  const { plan } = await contacts({ similar: { ...NAMES, equal: [DEPARTMENT] } });
  expect(plan.similar?.groups, 'Sales, Service and nothing').toBe(0);
  const alike = ROWS.map((row) => [...row.slice(0, 5), row[5] === 'Service' ? 'SALES' : (row[5] ?? '')]);
  const { plan: same } = await contacts({ rows: alike, similar: { ...NAMES, equal: [DEPARTMENT] } });
  expect(same.similar).toMatchObject({ groups: 1, rows: 2 });
});

test('rows that update a record are not compared, and a row that repeats a replaced one is stood for by the same', async () => {
  const { rows } = await contacts({
    operation: 'upsert',
    matchField: 'ERP_Id__c',
    duplicateKeys: 'first',
    records: {
      Contact: [{ Id: '003000000000005AAA', ERP_Id__c: '5', SystemModstamp: '2026-01-01T00:00:00.000+0000' }],
    },
    rows: [...ROWS, ['3', 'K', 'B', '', '', '']],
    similar: { ...NAMES, keep: 'first' },
  });
  expect(kinds(rows)).toEqual(['insert', 'insert', 'superseded 1', 'insert', 'update', 'superseded 1']);
});

test('any fields of any object are compared, however few', async () => {
  const machine = describeOf('Machine__c', 'a00', [
    { ...field('Name', 'string', { length: 80 }), nameField: true },
    field('Site__c', 'string', { length: 80 }),
  ]);
  const rows = [
    ['Excavator Atlas 225', 'North yard'],
    ['Excavator Altas 225', 'North Yard'],
    ['Wheel loader K70', 'North yard'],
    ['Crane Goliath', 'South quay'],
    ['Crane Golaith', 'South quai'],
  ];
  const by = async (columns: number[]) => {
    const similar: SimilarBy = { columns, equal: [], keep: 'first' };
    const small = { describe: machine, targets: [to('Name'), to('Site__c')], records: {}, rows, similar };
    return kinds((await plans.plan({ ...small, operation: 'insert' })).rows);
  };
  const expected = ['insert', 'superseded 1', 'insert', 'insert', 'superseded 4'];
  expect(await by([0])).toEqual(expected);
  expect(await by([0, 1])).toEqual(expected);
});

const KEEPS = ['all', 'first', 'last', 'merge'] as const satisfies readonly SimilarKeep[];

test('whatever is decided, one row of a group is sent or all are, and the rows are counted once each', async () => {
  await contacts({ similar: NAMES }, async ({ plan, rows: before, input }) => {
    const pageOf = async () => similarPage(plans.staging, { plan, describe: input.describe }, { offset: 0, limit: 10 });
    const choice = fc.oneof(fc.constantFrom(...KEEPS, null), fc.constantFrom(0, 1, 2));
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.record({ keep: fc.constantFrom(...KEEPS), choice, own: fc.boolean() }), {
          minLength: 1,
          maxLength: 4,
        }),
        async (steps) => {
          for (const step of steps) {
            const [group] = (await pageOf()).groups;
            const rows = group?.all ?? [];
            const chosen = typeof step.choice === 'number' ? (rows[step.choice] ?? null) : step.choice;
            const change = step.own ? { group: { rows, choice: chosen } } : { keep: step.keep };
            await decideSimilar(plans.staging, input, SimilarChange.parse(change));
          }
          const [group] = (await pageOf()).groups;
          const measured = await measurePlan(plans.staging, { ...input, rows: ROWS.length });
          expect(Object.values(measured.counts).reduce((sum, count) => sum + count, 0)).toBe(ROWS.length);
          const { rows } = await planPage(plans.staging, plan, { kind: null, search: '' }, 0, 10);
          const own = rows.filter(({ row }) => group?.all.includes(row));
          const sent = own.filter(({ kind }) => kind === 'insert');
          const how = group?.choice ?? measured.similar?.keep;
          expect(sent.length).toBe(how === 'all' ? 3 : 1);
          if (typeof how === 'number') expect(sent[0]?.row).toBe(how);
          for (const row of own) if (row.kind === 'duplicate') expect(row.of).toBe(sent[0]?.row);
          if (how !== 'merge')
            expect(sent, 'what was merged is taken back').toEqual(
              before.filter(({ row }) => sent.some((one) => one.row === row)),
            );
        },
      ),
      { numRuns: 8 },
    );
  });
});

test('a lower threshold takes more rows for similar, a higher one fewer, and a choice holds for the group that it was made of', async () => {
  await contacts({ similar: { ...NAMES, keep: 'first' } }, async ({ plan, input }) => {
    const decide = async (change: SimilarChange) => {
      await decideSimilar(plans.staging, input, change);
      return (await measurePlan(plans.staging, { ...input, rows: ROWS.length })).similar;
    };
    const group = { rows: [5, 3, 1], choice: 'all' as const };
    expect(await decide(SimilarChange.parse({ group }))).toMatchObject({ groups: 1, chosen: 1, replaced: 0 });
    expect(await decide({ threshold: 150 })).toMatchObject({ groups: 0, chosen: 0, replaced: 0 });
    expect(await decide({ threshold: plan.similar?.threshold })).toMatchObject({ groups: 1, chosen: 1, replaced: 0 });
    expect(await decide(SimilarChange.parse({ group: { ...group, choice: null } }))).toMatchObject({
      chosen: 0,
      replaced: 2,
    });
  });
  expect(SimilarChange.safeParse({ group: { rows: [1, 3], choice: 2 } }).success, 'a row of another group').toBe(false);
});
