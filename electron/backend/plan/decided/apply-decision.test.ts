import { afterAll, beforeAll, expect, test } from 'vitest';
import type { MappingTarget } from '../../../../shared/domain/field-mapping.ts';
import type { LoadPlan, PlannedRow } from '../../../../shared/domain/load-plan.ts';
import { isForRecord, type ResemblingDecision } from '../../../../shared/domain/resembling.ts';
import { SimilarChange, type SimilarBy } from '../../../../shared/domain/similar-rows.ts';
import { describeOf, field, KEY, smallOrg } from '../../test-support/small-org.ts';
import { SmallPlans, to, type SmallCase } from '../../test-support/small-plan.ts';
import { leaveOut } from '../leave-out.ts';
import { measureAgain } from '../measure-plan.ts';
import type { PlanInput } from '../plan-input.ts';
import { planPage } from '../plan-pages.ts';
import { decideSimilar } from '../similar/decide-similar.ts';
import { applyDecision, beginChoice, chosenTable, fetchChosen } from './apply-decision.ts';

let plans: SmallPlans;
beforeAll(async () => {
  plans = await SmallPlans.open();
});
afterAll(() => plans.close());

const FIELDS = [
  field('ERP_Id__c', 'string', { ...KEY, length: 40 }),
  field('FirstName', 'string', { length: 40 }),
  field('LastName', 'string', { length: 80, nillable: false }),
  field('Phone', 'phone', { length: 40 }),
  field('Department', 'string', { length: 80 }),
  field('ReportsToId', 'reference', { referenceTo: ['Contact'], relationshipName: 'ReportsTo' }),
];
const CONTACT = describeOf('Contact', '003', FIELDS);
const TARGETS = ['ERP_Id__c', 'FirstName', 'LastName', 'Phone', 'Department'].map(to);
const SIMILAR: SimilarBy = { columns: [1, 2, 3], equal: [], keep: 'merge' };
const KATHARINA = '003000000000001AAA';
const ORG = {
  Contact: [
    {
      Id: KATHARINA,
      ERP_Id__c: 'OLD-1',
      FirstName: 'Katharina',
      LastName: 'Brückner',
      Phone: '',
      Department: '',
      SystemModstamp: '2026-01-01T00:00:00.000+0000',
    },
  ],
};
const ROWS = [
  ['1', 'Katharina', 'Brückner', '0221 5550102', ''],
  ['2', 'Tom', 'Okafor', '030 5550101', 'Sales'],
  ['3', 'Katarina', 'Brueckner', '0221 5550102', 'Service'],
];

/** A small plan that can be changed, as a window would. */
class Changing {
  readonly #input: PlanInput;
  #plan: LoadPlan;

  constructor(input: PlanInput, plan: LoadPlan) {
    this.#input = input;
    this.#plan = plan;
  }

  async decide(row: number, decision: ResemblingDecision | null) {
    const sql = plans.staging;
    await beginChoice(sql, this.#input);
    await sql.run(`INSERT INTO ${chosenTable(this.#input)} VALUES (${row}, '${KATHARINA}')`);
    const tools = { ...smallOrg(ORG), staging: plans.staging };
    if (isForRecord(decision)) await fetchChosen(tools, this.#input, new AbortController().signal);
    await applyDecision(sql, this.#input, decision);
    return this.measured();
  }

  async similar(change: object) {
    await decideSimilar(plans.staging, this.#input, SimilarChange.parse(change));
    return this.measured();
  }

  async leave(row: number, name: string | null, takeBack = false) {
    const what = { of: { rows: [row as never] }, field: name, takeBack };
    await leaveOut(plans.staging, this.#plan, this.#input, what);
    return this.measured();
  }

  async measured(): Promise<LoadPlan & { readonly list: PlannedRow[] }> {
    this.#plan = await measureAgain(plans.staging, this.#plan);
    const page = await planPage(plans.staging, this.#plan, { kind: null, search: '' }, 0, 50);
    return { ...this.#plan, list: page.rows };
  }
}

const contacts = (small: Partial<SmallCase>, use: (plan: Changing, first: LoadPlan) => Promise<void>) =>
  plans.plan(
    { describe: CONTACT, records: { Contact: [] }, targets: TARGETS, operation: 'insert', rows: ROWS, ...small },
    ({ input, plan }) => use(new Changing(input, plan), plan),
  );

const words = (rows: readonly PlannedRow[]) =>
  rows.map((row) =>
    row.kind === 'duplicate'
      ? `${row.decision} ${row.of}`
      : row.kind === 'update'
        ? `update ${row.changes.map((change) => `${change.field}=${change.new}`).join()}`
        : row.kind,
  );

test('a row that is decided to be a record stands for its group whatever is decided of that later, with what is merged into it', async () => {
  await contacts({ similar: SIMILAR }, async (plan, first) => {
    const whole = 'update ERP_Id__c=1,Phone=0221 5550102,Department=Service';
    const alone = 'update ERP_Id__c=1,Phone=0221 5550102';
    const decided = await plan.decide(1, 'update');
    expect(words(decided.list)).toEqual([whole, 'insert', 'merged 1']);
    expect(decided.decided).toEqual({ update: 1, merge: 0, unchanged: 0, skip: 0, create: 0 });
    // The other row would make the record once more.
    expect(words((await plan.similar({ keep: 'last' })).list)).toEqual([alone, 'insert', 'superseded 1']);
    expect(words((await plan.similar({ threshold: 150 })).list)).toEqual([alone, 'insert', 'insert']);
    expect(words((await plan.similar({ threshold: first.similar?.threshold, keep: 'all' })).list)).toEqual([
      alone,
      'insert',
      'insert',
    ]);
    const group = { rows: [1, 3], choice: 3 };
    expect(words((await plan.similar({ group })).list)).toEqual([alone, 'insert', 'superseded 1']);
    // Of it nothing was decided any more: the row that was chosen is sent.
    expect(words((await plan.decide(1, null)).list)).toEqual(['superseded 3', 'insert', 'insert']);
    await plan.similar({ group: { ...group, choice: null } });
    expect((await plan.similar({ keep: 'merge' })).planDigest, 'as at first').toBe(first.planDigest);
  });
});

test('a change that was left out of such a row stays left out while its group is grouped anew', async () => {
  await contacts({ similar: SIMILAR }, async (plan) => {
    await plan.decide(1, 'update');
    await plan.leave(1, 'Phone');
    const { list, leftOut } = await plan.similar({ keep: 'first' });
    expect(words(list)).toEqual(['update ERP_Id__c=1', 'insert', 'superseded 1']);
    expect(leftOut.fields).toEqual([{ field: 'Phone', rows: 1 }]);
    expect(words((await plan.leave(1, 'Phone', true)).list)[0]).toBe('update ERP_Id__c=1,Phone=0221 5550102');
  });
});

test('a row that is skipped takes its group along; what is counted is what the chips say', async () => {
  await contacts({ similar: { ...SIMILAR, keep: 'first' } }, async (plan) => {
    const skipped = await plan.decide(1, 'skip');
    expect(words(skipped.list)).toEqual(['leftOut', 'insert', 'leftOut']);
    expect([skipped.decided.skip, skipped.counts.leftOut]).toEqual([2, 2]);
    expect(words((await plan.similar({ keep: 'last' })).list)).toEqual(['leftOut', 'insert', 'leftOut']);
    const created = await plan.decide(1, 'create');
    expect([created.decided, created.counts.insert]).toEqual([
      { update: 0, merge: 0, unchanged: 0, skip: 0, create: 1 },
      2,
    ]);
    const out = await plan.leave(1, null);
    expect(out.decided.create).toBe(0);
  });
});

test('a row that is merged into a record fills what is blank there, and leaves the rest; policies hold besides', async () => {
  await contacts({ similar: SIMILAR }, async (plan, first) => {
    const { list, decided, counts } = await plan.decide(1, 'merge');
    expect(words(list)).toEqual(['update Phone=0221 5550102,Department=Service', 'insert', 'merged 1']);
    expect(list[0]).toMatchObject({ kind: 'update', resembles: true, merges: true });
    expect([decided.merge, decided.update, counts.update]).toEqual([1, 0, 1]);
    // Decided otherwise, the key is written as well; and all of it can be taken back.
    expect(words((await plan.decide(1, 'update')).list)[0]).toContain('ERP_Id__c=1');
    expect((await plan.decide(1, null)).planDigest).toBe(first.planDigest);
  });
});

test('a decided row that changes nothing is counted as that', async () => {
  const same = [['OLD-1', 'Katharina', 'Brückner', '', ''], ...ROWS.slice(1)];
  await contacts({ rows: same }, async (plan) => {
    const { decided, counts } = await plan.decide(1, 'update');
    expect([decided.update, decided.unchanged, counts.update, counts.unchanged]).toEqual([0, 1, 0, 1]);
  });
});

const lookup = (name: string, relationshipName: string): MappingTarget => ({
  kind: 'lookup',
  field: name,
  relationshipName,
  parentObject: 'Contact',
  parentField: 'ERP_Id__c',
  polymorphic: false,
});

test('rows that name a decided row by a key that it does not get are given their lookup by its Id, or are not sent', async () => {
  const rows = [
    ['1', 'Katharina', 'Brückner', '0221', '', ''],
    ['2', 'Tom', 'Okafor', '030', '', '1'],
    ['3', 'Ada', 'Quist', '040', '', '2'],
  ];
  const keeping = { parents: [CONTACT], policies: { fillBlanksOnly: true }, rows } as const;
  const named = [...TARGETS, lookup('ReportsToId', 'ReportsTo')];
  const upsert = { operation: 'upsert', matchField: 'ERP_Id__c' } as const;
  await contacts({ ...keeping, ...upsert, targets: named }, async (plan, first) => {
    expect(first.secondStep).toBeNull();
    const { list, secondStep } = await plan.decide(1, 'update');
    expect(secondStep).toEqual({ rows: 1, fields: [{ field: 'ReportsTo.ERP_Id__c', rows: 1 }] });
    expect(list[1]).toMatchObject({ kind: 'insert', later: ['ReportsTo.ERP_Id__c'] });
    expect(list[2]).toMatchObject({ kind: 'insert', later: [] });
    expect((await plan.decide(1, null)).planDigest).toBe(first.planDigest);
  });
  const facts = { referenceTo: ['Contact'], relationshipName: 'Sponsor__r', nillable: false };
  const describe = describeOf('Contact', '003', [...FIELDS, field('Sponsor__c', 'reference', facts)]);
  const required = [...TARGETS, lookup('Sponsor__c', 'Sponsor__r')];
  const sponsored = rows.map((row, at) => (at === 0 ? [...row.slice(0, 5), 'OUT'] : row));
  const records = { Contact: [{ Id: '003000000000009AAA', ERP_Id__c: 'OUT' }] };
  const strict = { describe, parents: [describe], rows: sponsored, targets: required, records };
  await contacts({ ...keeping, ...upsert, ...strict }, async (plan, first) => {
    const { list } = await plan.decide(1, 'update');
    expect(words(list)).toEqual(['update Phone=0221,Sponsor__r.ERP_Id__c=OUT', 'blocked', 'blocked']);
    const reasons = list.flatMap((row) => (row.kind === 'blocked' ? row.issues.map(({ code }) => code) : []));
    expect(reasons).toEqual(['LOOKUP_PARENT_KEY', 'LOOKUP_PARENT_HOME']);
    expect((await plan.decide(1, null)).planDigest).toBe(first.planDigest);
  });
});
