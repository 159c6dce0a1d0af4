import { expect, test } from 'vitest';
import { loadOrgFile, loadSchema } from '../schema/schema.ts';
import { FormulaError } from './formula.ts';
import { OrgData } from './org-data.ts';

const data = new OrgData(
  loadSchema({ additions: [], personAccounts: false, multiCurrency: false, stateCountryPicklists: false }),
  loadOrgFile(),
  () => Date.UTC(2026, 10, 22),
);
const table = data.store.table('Account');
if (!table) throw new Error('the schema has no Account');
const record = data.rules(table).template.slice();
const set = (name: string, value: string | number | boolean): void => {
  const field = table.field(name);
  if (field) record[field.slot] = value;
};
set('Name', 'Harbor Foods');
set('AnnualRevenue', 1200);
set('NumberOfEmployees', 3);
set('Rating', 'Hot');
set('Customer_Since__c', '2020-02-29');
set('Interests__c', 'Cloud;Security');

test.each<[string, unknown]>([
  ['1 + 2 * 3', 7],
  ['(1 + 2) * 3', 9],
  ['2 ^ 3 ^ 2', 512],
  ['-2 ^ 2', -4],
  ['10 - 4 - 3', 3],
  ['AnnualRevenue / NumberOfEmployees', 400],
  ['AnnualRevenue / 0', null],
  ['Score__c + 1', 1],
  ['Name & " (" & TEXT(NumberOfEmployees) & ")"', 'Harbor Foods (3)'],
  ['"a" + "b"', 'ab'],
  ['IF(AnnualRevenue > 1000, "big", "small")', 'big'],
  ['ISPICKVAL(Rating, "Hot") && !ISBLANK(Name)', true],
  ['AND(ISBLANK(Phone), OR(FALSE, Rating = "Hot"))', true],
  ['Score__c > 0', false],
  ['Score__c = NULL', true],
  ['CASE(Rating, "Cold", 1, "Hot", 3, 0)', 3],
  ['BLANKVALUE(Phone, "none")', 'none'],
  ['INCLUDES(Interests__c, "Cloud")', true],
  ['LEFT(Name, 6) & MID(Name, 7, 2) & RIGHT(Name, 1)', 'Harbor Fs'],
  ['CONTAINS(LOWER(Name), "foods")', true],
  ['SUBSTITUTE(Name, "o", "0")', 'Harb0r F00ds'],
  ['REGEX(Name, "[A-Z][a-z]+ [A-Z].*")', true],
  ['ROUND(2.345, 2)', 2.35],
  ['MAX(1, MIN(5, 9), MOD(7, 4))', 5],
  ['YEAR(Customer_Since__c) * 100 + MONTH(Customer_Since__c)', 202002],
  ['Customer_Since__c + 1', '2020-03-01'],
  ['TODAY() - Customer_Since__c > 365', true],
  ['TODAY()', '2026-11-22'],
  ['Parent.Name', null],
  ['LEN(Name) <> 12', false],
])('%s', (source, expected) => {
  expect(data.compile(table, source)(record, { now: data.now() })).toEqual(expected);
});

test('ISNEW, ISCHANGED and PRIORVALUE know the record before', () => {
  const before = record.slice();
  before[table.field('Rating')?.slot ?? 0] = 'Cold';
  const evaluate = (source: string, prior: typeof record | null) =>
    data.compile(table, source)(record, { now: 0, before: prior });
  expect(evaluate('ISNEW()', null)).toBe(true);
  expect(evaluate('ISCHANGED(Rating)', before)).toBe(true);
  expect(evaluate('ISCHANGED(Name)', before)).toBe(false);
  expect(evaluate('PRIORVALUE(Rating)', before)).toBe('Cold');
});

test.each(['1 +', 'Nothing__c', 'NOPE(1)', '(1', '1 1', 'IF(1,2', 'Nobody.Name'])('%s does not compile', (source) => {
  expect(() => data.compile(table, source)).toThrow(FormulaError);
});
