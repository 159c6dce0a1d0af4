import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { SmallPlans, to, type SmallCase } from '../test-support/small-plan.ts';
import { writePlanCsv } from './export/write-plan-csv.ts';

/**
 * Whole diffs as they are read, cell by cell, against files that were read by a person (`golden/`): what each kind of field makes of the
 * same value written otherwise, of blanks and of #N/A, under each policy. A file is made where there is none, and never in CI.
 */

let plans: SmallPlans;
beforeAll(async () => {
  plans = await SmallPlans.open();
});
afterAll(() => plans.close());

const ACCOUNT = describeOf('Account', '001', [
  field('ERP_Id__c', 'string', { ...KEY, length: 40 }),
  field('Name', 'string', { nillable: false, length: 255, nameField: true }),
  field('Phone', 'phone', { length: 40 }),
  field('Employees__c', 'int', { digits: 8 }),
  field('Revenue__c', 'currency', { precision: 18, scale: 2 }),
  field('Active__c', 'boolean'),
  field('Founded__c', 'date'),
  field('Description', 'textarea', { length: 32_000 }),
]);
const FIELDS = ['ERP_Id__c', 'Name', 'Phone', 'Employees__c', 'Revenue__c', 'Active__c', 'Founded__c', 'Description'];

const record = (n: number, values: Record<string, unknown>) => ({
  Id: `00100000000000${n}AAA`,
  ERP_Id__c: `K-${n}`,
  Name: `Account ${n}`,
  Phone: '',
  Employees__c: null,
  Revenue__c: null,
  Active__c: false,
  Founded__c: null,
  Description: '',
  SystemModstamp: '2026-01-01T00:00:00.000+0000',
  ...values,
});

const RECORDS = [
  record(1, {
    Phone: '+49 40 1',
    Employees__c: 1_000_000,
    Revenue__c: 1.5e7,
    Active__c: true,
    Founded__c: '1999-12-31',
  }),
  record(2, { Phone: '+49 40 2', Employees__c: 7, Revenue__c: 10.5, Description: 'two\nlines' }),
  record(3, { Founded__c: '2020-02-29', SystemModstamp: '2026-11-25T10:00:00.000+0000' }),
  record(4, { Name: 'Ünïcode GmbH', Description: '=SUM(A1)' }),
  record(5, { ERP_Id__c: 'twice' }),
  record(6, { ERP_Id__c: 'TWICE' }),
];

const ROWS = [
  // The same values, written otherwise.
  ['k-1', ' Account 1 ', '+49 40 1', '1,000,000', '15000000.00', 'yes', '1999-12-31', ''],
  // Changed, filled, and cleared.
  ['K-2', 'Account Two', '#N/A', '8', '10.50', 'true', '2001-02-03', 'two\r\nlines'],
  ['K-3', 'Account 3', '+49 40 3', '', '', '', '#N/A', ''],
  ['K-4', 'Ünïcode GmbH', '', '', '0', '#N/A', '', '=SUM(A1)'],
  ['K-new', 'Account New', '+49 40 9', '12', '-3.25', 'no', '2026-11-26', 'new, with "quotes"'],
  ['twice', 'Account 5', '', '', '', '', '', ''],
  ['K-7', '', '', '', '', '', '', ''],
  ['', 'Without a key', '', '', '', '', '', ''],
];

const base: SmallCase = {
  describe: ACCOUNT,
  operation: 'upsert',
  matchField: 'ERP_Id__c',
  records: { Account: RECORDS },
  targets: FIELDS.map(to),
  rows: ROWS,
};
const byId = { matchField: 'Id', targets: ['Id', ...FIELDS.slice(1)].map(to) };
const idRows = ROWS.slice(0, 4).map((row, n) => [`00100000000000${n + 1}AAA`, ...row.slice(1)]);

const CASES: readonly (readonly [name: string, small: Partial<SmallCase>])[] = [
  ['upsert', {}],
  ['blank-clears', { blankValues: 'clear' }],
  ['fill-blanks-only', { policies: { fillBlanksOnly: true } }],
  ['never-overwrite-phone', { kept: [2] }],
  ['update-only', { policies: { upsert: 'update-only' } }],
  ['create-only', { policies: { upsert: 'create-only' } }],
  ['unless-changed-since', { policies: { unlessChangedSince: Date.UTC(2026, 10, 1) } }],
  ['insert', { operation: 'insert', matchField: null }],
  [
    'update-by-id',
    { operation: 'update', ...byId, rows: [...idRows, ['001000000000009AAA', 'Nobody', ...Array<string>(6).fill('')]] },
  ],
  [
    'delete-by-id',
    { operation: 'delete', matchField: 'Id', targets: [to('Id')], rows: idRows.map(([id = '']) => [id]) },
  ],
];

test.each(CASES)('%s', async (name, small) => {
  await plans.plan({ ...base, ...small }, async ({ plan, input }) => {
    const path = join(input.folder, 'golden.csv');
    const columns = input.source.columns.map((column) => column.name);
    await writePlanCsv(plans.staging, plan, columns, { kind: null, search: '' }, path, () => undefined);
    const text = (await readFile(path, 'utf8')).replace('\ufeff', '').replaceAll('\r\n', '\n');
    await expect(text).toMatchFileSnapshot(`golden/${name}.csv`);
  });
});
