import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PolicyCode } from '../../../shared/domain/field-issue.ts';
import type { FieldMapping, MappingTarget, WritePolicies } from '../../../shared/domain/field-mapping.ts';
import type { PlannedKind } from '../../../shared/domain/load-plan.ts';
import { planPage } from './plan-pages.ts';
import type { PlanView } from './plan-view.ts';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { SmallPlans, to, type SmallResult } from '../test-support/small-plan.ts';

/** What is planned, told a second time, row by row in plain words, and compared with what the product's SQL says. */

let plans: SmallPlans;
beforeAll(async () => {
  plans = await SmallPlans.open();
});
afterAll(() => plans.close());

const ID = (n: number) => `001${String(n).padStart(12, '0')}AAA`;
const REGION_FIELDS = [field('Code__c', 'string', { ...KEY, length: 40 })];
const REGION = describeOf('Region__c', '001', REGION_FIELDS);
const ACCOUNT = describeOf('Account', '001', [
  field('ERP_Id__c', 'string', { ...KEY, length: 40 }),
  field('Name', 'string', { nillable: false, length: 255 }),
  field('Employees', 'int', { digits: 9 }),
  field('Active', 'boolean', { nillable: false }),
  field('Region__c', 'reference', { referenceTo: ['Region__c'], relationshipName: 'Region__r' }),
]);
const REGION_BY_CODE: MappingTarget = {
  kind: 'lookup',
  field: 'Region__c',
  relationshipName: 'Region__r',
  parentObject: 'Region__c',
  parentField: 'Code__c',
  polymorphic: false,
};
const REGIONS = ['North', 'South', 'Twice', 'TWICE'];

interface OrgAccount {
  readonly key: string;
  readonly name: string;
  readonly employees: number | null;
  readonly active: boolean;
  readonly region: string | null;
  readonly changedAt: string;
}

/** What a cell may say by its column: its canonical value, or null for none that the field takes. */
const CELLS: Readonly<Record<string, Readonly<Record<string, string | null>>>> = {
  key: { A: 'A', a: 'a', ' A ': 'A', B: 'B', b: 'b', C: 'C', D: 'D' },
  name: { x: 'x', X: 'X', '\u00a0x ': 'x', y: 'y' },
  employees: { '1': '1', '1.0': '1', '01': '1', '2': '2', many: null },
  active: { true: 'true', Yes: 'true', '0': 'false', no: 'false', maybe: null },
  region: { North: 'North', north: 'north', SOUTH: 'SOUTH', twice: 'twice', Nowhere: 'Nowhere' },
};
const COLUMNS = ['key', 'name', 'employees', 'active', 'region'] as const;
type Column = (typeof COLUMNS)[number];
const cellsOf = (column: Column) => fc.constantFrom(...Object.keys(CELLS[column] ?? {}), '', '#N/A');
const idCell = fc.constantFrom(...[1, 2, 3, 9].flatMap((n) => [ID(n), ID(n).slice(0, 15)]), '');

interface Case {
  readonly operation: FieldMapping['operation'];
  readonly byId: boolean;
  readonly blankValues: FieldMapping['blankValues'];
  readonly duplicateKeys: FieldMapping['duplicateKeys'];
  readonly policies: WritePolicies;
  readonly kept: readonly number[];
  readonly org: readonly OrgAccount[];
  readonly rows: readonly (readonly string[])[];
}

const account: fc.Arbitrary<OrgAccount> = fc.record({
  key: fc.constantFrom('A', 'a', 'B', 'C', ''),
  name: fc.constantFrom('x', 'X', 'y'),
  employees: fc.constantFrom(1, 2, null),
  active: fc.boolean(),
  region: fc.constantFrom('North', 'South', null),
  changedAt: fc.constantFrom('2026-11-24T23:59:59.000+0000', '2026-11-25T00:00:00.000+0000'),
});
const aCase: fc.Arbitrary<Case> = fc
  .record({
    operation: fc.constantFrom('insert' as const, 'update' as const, 'upsert' as const, 'delete' as const),
    blankValues: fc.constantFrom('leave' as const, 'clear' as const),
    duplicateKeys: fc.constantFrom('ask' as const, 'first' as const, 'last' as const),
    policies: fc.record(
      {
        upsert: fc.constantFrom('update-only' as const, 'create-only' as const),
        fillBlanksOnly: fc.boolean(),
        unlessChangedSince: fc.constant(Date.UTC(2026, 10, 25)),
      },
      { requiredKeys: [] },
    ),
    kept: fc.subarray([2, 3, 4]),
    org: fc.array(account, { maxLength: 3 }),
  })
  .chain((common) => {
    const byId = common.operation === 'update' || common.operation === 'delete';
    const [key, ...others] = COLUMNS.map((column) => cellsOf(column));
    const row = fc.tuple(byId ? idCell : (key ?? idCell), ...others);
    return fc.array(row, { minLength: 1, maxLength: 7 }).map((rows) => ({ ...common, byId, rows }));
  });

interface Cell {
  /** What is sent. */
  readonly text: string;
  readonly value: string;
  readonly isBad: boolean;
}

function readCell(raw: string, column: Column, { operation, byId, blankValues }: Case): Cell {
  const isKey = column === 'key' && operation !== 'insert';
  if (raw === '#N/A') return { text: '#N/A', value: '', isBad: false };
  const clears = blankValues === 'clear' && operation !== 'insert' && !isKey;
  if (raw === '') return { text: clears ? '#N/A' : '', value: '', isBad: false };
  if (column === 'key' && byId) return { text: raw, value: `${raw.slice(0, 15)}AAA`, isBad: false };
  const value = CELLS[column]?.[raw] ?? null;
  return { text: value ?? raw, value: value ?? raw, isBad: value === null };
}

/** As it is compared: keys without case, ids as they are. */
function folded(value: string, column: Column, { byId }: Case): string {
  return column === 'region' || (column === 'key' && !byId) ? value.toLowerCase() : value;
}

function inOrg({ employees, active, region, name }: OrgAccount, column: Column): string {
  const values = { key: '', name, employees: String(employees ?? ''), active: String(active), region: region ?? '' };
  return values[column];
}

function expected(one: Case): PlannedKind[] {
  const { operation, duplicateKeys, org, policies, kept } = one;
  const keyed = operation !== 'insert';
  const sent = operation === 'delete' ? COLUMNS.slice(0, 1) : [...COLUMNS];
  const rows = one.rows.map(
    (row) => Object.fromEntries(COLUMNS.map((c, i) => [c, readCell(row[i] ?? '', c, one)])) as Record<Column, Cell>,
  );
  const isBlank = ({ text }: Cell) => text === '' || text === '#N/A';
  const blocked = rows.map(
    (row) =>
      sent.some((c) => row[c].isBad) ||
      (keyed && isBlank(row.key)) ||
      (!keyed && isBlank(row.name)) ||
      // Clearing a field that must have a value is refused by the org.
      (sent.includes('name') && row.name.text === '#N/A'),
  );
  const keyOf = (row: Record<Column, Cell>) => folded(row.key.value, 'key', one);
  const groupOf = (at: number) => (keyed ? keyOf(rows[at] as Record<Column, Cell>) : JSON.stringify(one.rows[at]));
  const contentOf = (row: Record<Column, Cell>) =>
    JSON.stringify(sent.map((c) => (row[c].text === '#N/A' ? '#N/A' : folded(row[c].value, c, one))));
  const groups = new Map<string, number[]>();
  rows.forEach((_row, at) => {
    if (!blocked[at]) groups.set(groupOf(at), [...(groups.get(groupOf(at)) ?? []), at]);
  });
  const duplicate = new Set<number>();
  for (const group of groups.values()) {
    const differ = keyed && new Set(group.map((at) => contentOf(rows[at] as Record<Column, Cell>))).size > 1;
    const kept = differ && duplicateKeys === 'last' ? group.at(-1) : group[0];
    for (const at of group) {
      if (differ && duplicateKeys === 'ask') blocked[at] = true;
      else if (at !== kept) duplicate.add(at);
    }
  }
  // The key is unique: without naming records it is a field of theirs, of which each value is taken once.
  const taken = new Set<string>();
  rows.forEach((row, at) => {
    if (keyed || blocked[at] || duplicate.has(at) || isBlank(row.key)) return;
    if (taken.has(keyOf(row))) blocked[at] = true;
    taken.add(keyOf(row));
  });
  return rows.map((row, at): PlannedKind => {
    const regions = REGIONS.filter((code) => code.toLowerCase() === row.region.value.toLowerCase()).length;
    const found = org.filter((_, n) => folded(one.byId ? ID(n + 1) : (org[n]?.key ?? ''), 'key', one) === keyOf(row));
    const [record] = found;
    const noParent = sent.includes('region') && row.region.value !== '' && regions !== 1;
    const noRecord = one.byId && !record;
    const { upsert, fillBlanksOnly, unlessChangedSince } =
      operation === 'upsert' ? policies : { ...policies, upsert: null };
    const onlyUpdates = operation === 'upsert' && upsert === 'update-only';
    const cannotCreate = operation === 'upsert' && !record && !onlyUpdates && isBlank(row.name);
    if (blocked[at] || noParent || (keyed && (found.length > 1 || noRecord || cannotCreate))) return 'blocked';
    const isLate = unlessChangedSince !== undefined && record !== undefined && record.changedAt >= '2026-11-25';
    if (keyed && !record && onlyUpdates) return 'leftOut';
    if (keyed && record && (upsert === 'create-only' || isLate)) return 'leftOut';
    if (duplicate.has(at)) return 'duplicate';
    if (!keyed || !record) return 'insert';
    if (operation === 'delete') return 'delete';
    const changes = COLUMNS.slice(1).filter((c, place) => {
      if ((fillBlanksOnly === true || kept.includes(place + 1)) && inOrg(record, c) !== '') return false;
      const value = c === 'active' && row[c].value === '' ? 'false' : row[c].value;
      return row[c].text !== '' && folded(value, c, one) !== folded(inOrg(record, c), c, one);
    });
    return changes.length > 0 ? 'update' : 'unchanged';
  });
}

/** Every filter and order gives the rows that the whole plan says it should. */
async function expectPages({ plan, rows }: SmallResult): Promise<void> {
  const pageOf = async (view: Partial<PlanView>) =>
    (await planPage(plans.staging, plan, { kind: null, search: '', ...view }, 0, 100)).rows.map(({ row }) => row);
  for (const { field, rows: changed, filled, cleared } of plan.changedFields) {
    const changes = rows.flatMap((row) =>
      row.kind === 'update'
        ? row.changes.filter((one) => one.field === field).map((one) => ({ ...one, row: row.row }))
        : [],
    );
    const fills = changes.filter((one) => one.old === '' && !one.cleared);
    const clears = changes.filter((one) => one.cleared);
    expect([changed, filled, cleared]).toEqual([changes.length, fills.length, clears.length]);
    const numbers = (of: readonly { row: number }[]) => of.map(({ row }) => row);
    expect(await pageOf({ change: { field, how: 'any' } })).toEqual(numbers(changes));
    expect(await pageOf({ change: { field, how: 'filled' } })).toEqual(numbers(fills));
    expect(await pageOf({ change: { field, how: 'cleared' } })).toEqual(numbers(clears));
    expect(await pageOf({ change: { field, how: 'changed' } })).toEqual(
      numbers(changes.filter((one) => !fills.includes(one) && !clears.includes(one))),
    );
  }
  const all = rows.map(({ row }) => row);
  expect(await pageOf({ sort: { field: null, descending: true } })).toEqual(all.toReversed());
  for (const field of ['Employees', 'Name'])
    for (const descending of [true, false])
      expect((await pageOf({ sort: { field, descending } })).toSorted((a, b) => a - b)).toEqual(all);
}

test('every row is planned once, as what it is', async () => {
  await fc.assert(
    fc.asyncProperty(aCase, async (one) => {
      const regions = REGIONS.map((code, n) => ({ Id: ID(n + 100), Code__c: code }));
      const { plan, rows } = await plans.plan(
        {
          describe: ACCOUNT,
          parents: [REGION],
          records: {
            Region__c: regions,
            Account: one.org.map((of, n) => ({
              Id: ID(n + 1),
              ERP_Id__c: of.key === '' ? null : of.key,
              Name: of.name,
              Employees: of.employees,
              Active: of.active,
              Region__r: of.region === null ? null : { Code__c: of.region },
              SystemModstamp: of.changedAt,
            })),
          },
          operation: one.operation,
          matchField: one.operation === 'insert' ? null : one.byId ? 'Id' : 'ERP_Id__c',
          targets: [to(one.byId ? 'Id' : 'ERP_Id__c'), to('Name'), to('Employees'), to('Active'), REGION_BY_CODE],
          rows: one.rows,
          blankValues: one.blankValues,
          duplicateKeys: one.duplicateKeys,
          policies: one.policies,
          kept: one.kept,
        },
        expectPages,
      );
      expect(rows.map(({ row }) => row)).toEqual(one.rows.map((_, at) => at + 1));
      const kinds = rows.map(({ kind }) => kind);
      expect(kinds).toEqual(expected(one));
      for (const kind of Object.keys(plan.counts) as PlannedKind[])
        expect(plan.counts[kind]).toBe(kinds.filter((other) => other === kind).length);
      // No person has left anything out: what is left out, a policy has.
      expect(plan.leftOut.policies.reduce((sum, { rows: left }) => sum + left, 0)).toBe(plan.counts.leftOut);
      for (const row of rows) {
        if (row.kind === 'leftOut')
          expect(row.issues.map(({ code }) => PolicyCode.safeParse(code).success)).toEqual(row.issues.map(() => true));
        if (row.kind === 'blocked') expect(row.issues.length).toBeGreaterThan(0);
        if (row.kind === 'update') expect(row.changes.length).toBeGreaterThan(0);
        if (row.kind === 'duplicate') expect(rows[row.of - 1]?.kind).not.toBe('duplicate');
      }
    }),
    { numRuns: 40 },
  );
}, 180_000);
