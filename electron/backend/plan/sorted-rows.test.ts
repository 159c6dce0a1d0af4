import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { SmallPlans, to } from '../test-support/small-plan.ts';
import { planPage } from './plan-pages.ts';
import { wantedRows } from './plan-view.ts';
import { SortedColumns } from './sorted-columns.ts';
import { sortedRows } from './sorted-rows.ts';

let plans: SmallPlans;
let columns: SortedColumns;
beforeAll(async () => {
  plans = await SmallPlans.open();
  columns = new SortedColumns(plans.staging);
});
afterAll(() => plans.close());

const describe = describeOf('Account', '001', [
  field('ERP_Id__c', 'string', { ...KEY, length: 40 }),
  field('Code__c', 'string', { length: 40 }),
]);

const code = fc.oneof(
  fc.integer({ min: -30, max: 30 }).map(String),
  fc.constantFrom('', '7', '7.0', '1e300', '-1e300', '+5', 'nan', 'inf', '1e-5', '2024-03-01', '1_000', '0'),
  fc.constantFrom('https://a', 'https://b', 'https://www.a', 'Ä', 'ä', 'é', '日本', '日本語', ':', '-', '+49 40'),
  fc.stringMatching(/^[ab]{1,4}$/),
);

/** As a page is promised to be sorted, told by JavaScript. */
function inOrder(codes: readonly string[], descending: boolean): number[] {
  const sign = descending ? -1 : 1;
  const numberOf = (text: string) => (/^[-+.0-9]/.test(text) ? Number(text) : NaN);
  const bytes = (one: string, other: string) => Buffer.compare(Buffer.from(one), Buffer.from(other));
  const rank = (text: string) => (text === '' ? 2 : Number.isNaN(numberOf(text)) ? 1 : 0);
  return codes
    .map((text, at) => ({ text, row: at + 1 }))
    .sort(
      (one, other) =>
        rank(one.text) - rank(other.text) ||
        (rank(one.text) === 0 ? sign * (numberOf(one.text) - numberOf(other.text)) : 0) ||
        (rank(one.text) === 0 ? 0 : sign * bytes(one.text, other.text)) ||
        one.row - other.row,
    )
    .map(({ row }) => row);
}

test('every page of a sorted view is what sorting all of its rows gives, however few are sorted at once', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(code, { minLength: 1, maxLength: 40 }),
      fc.boolean(),
      fc.integer({ min: 1, max: 9 }),
      fc.array(fc.nat(40), { minLength: 1, maxLength: 3 }),
      fc.constantFrom(1, 3, 256),
      fc.constantFrom(1, 16),
      fc.boolean(),
      async (codes, descending, limit, offsets, fewest, lookedAt, isKept) => {
        const small = {
          describe,
          records: { Account: [] },
          operation: 'upsert' as const,
          matchField: 'ERP_Id__c',
          targets: [to('ERP_Id__c'), to('Code__c')],
          rows: codes.map((text, at) => [`K-${at}`, text]),
        };
        await plans.plan(small, async ({ plan }) => {
          const expected = inOrder(codes, descending);
          const view = { stretches: null, columns: isKept ? columns : null, key: plan.planId };
          for (const offset of offsets) {
            const sort = { column: 1, descending, total: codes.length };
            const parts = { fewest, most: 1024, rows: 4, lookedAt };
            const limits = { sortedAtOnce: 2, firstRows: 0, parts };
            const wanted = wantedRows(plan, { kind: null, search: '' });
            const page = { offset, limit };
            const rows = await sortedRows(plans.staging, plan, sort, wanted, view, page, limits);
            expect(rows).toEqual(expected.slice(offset, offset + limit));
          }
          const shown = { kind: 'insert' as const, search: '', sort: { field: 'Code__c', descending } };
          const { rows } = await planPage(plans.staging, plan, shown, 0, codes.length);
          expect(rows.map(({ row }) => row)).toEqual(expected);
        });
      },
    ),
    { numRuns: 12 },
  );
}, 60_000);

test('of the columns that plans were sorted by only the last are kept, and none that is read is taken away', async () => {
  const kept = new SortedColumns(plans.staging);
  const left = async (): Promise<number> => {
    const found = await plans.staging.query(
      `SELECT count(*) AS n FROM duckdb_tables() WHERE database_name = 'memory' AND table_name LIKE 'sorted_%'`,
      [],
    );
    return Number(found[0]?.['n']);
  };
  await columns.clear();
  const rows = (text: string) => ({ sql: 'SELECT $1 AS text', values: [text] });
  const read = async (table: string) => (await plans.staging.query(`SELECT text FROM ${table}`, []))[0]?.['text'];
  const first = await kept.use('a', rows('a'), async (table) => {
    for (const key of ['b', 'c', 'd']) expect(await kept.use(key, rows(key), read)).toBe(key);
    return read(table);
  });
  expect(first).toBe('a');
  expect(await left()).toBe(2);
  // A view whose values can't be read is asked for again.
  await expect(kept.use('e', { sql: 'SELECT nothing', values: [] }, read)).rejects.toThrow();
  expect(await kept.use('e', rows('e'), read)).toBe('e');
  expect(await kept.use('e', rows('not again'), read)).toBe('e');
  // An engine that ended has taken it along.
  await kept.use('e', rows('e'), (table) => plans.staging.query(`DROP TABLE ${table}`, []));
  expect(await kept.use('e', rows('made anew'), read)).toBe('made anew');
  await expect(kept.use('e', rows('e'), () => Promise.reject(new Error('of the work itself')))).rejects.toThrow(
    'itself',
  );
  await kept.clear();
  expect(await left()).toBe(0);
});
