import { expect, test } from 'vitest';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { inPages, inRankOrder, MANY_COLUMNS, PAGE_ROWS, ranksOf } from './mapping-order.ts';

const field = (name: string, more: object = {}) => ({
  name,
  label: name,
  type: 'string',
  createable: true,
  updateable: true,
  ...more,
});
const DESCRIBE = SObjectDescribe.parse({
  name: 'Lead',
  label: 'Lead',
  labelPlural: 'Leads',
  custom: false,
  createable: true,
  updateable: true,
  deletable: true,
  queryable: true,
  fields: [
    field('LastName', { nillable: false, defaultedOnCreate: false }),
    field('Key__c', { externalId: true, nillable: true }),
    field('Phone', { nillable: true }),
  ],
});

/** Many columns that fill Phone, but for those that are named. */
function mappingOf(named: Record<number, string | null>, operation: FieldMapping['operation']): FieldMapping {
  return {
    objectName: 'Lead',
    operation,
    matchField: operation === 'insert' ? null : 'Key__c',
    columns: Array.from({ length: MANY_COLUMNS }, (_, column) => {
      const name = named[column];
      return newColumn(column, name === null ? { kind: 'ignored' } : { kind: 'field', field: name ?? 'Phone' });
    }),
    blankValues: 'leave',
    duplicateKeys: 'ask',
  };
}
const order = (mapping: FieldMapping, ranks = ranksOf(mapping, DESCRIBE)) =>
  inRankOrder(mapping.columns, ranks).map(({ column }) => column);

test('of many columns those that fill nothing come first, then what records need or are found by', () => {
  const mapping = mappingOf({ 5: 'lastname', 8: null, 20: 'Key__c', 30: null }, 'upsert');
  expect(order(mapping).slice(0, 6)).toEqual([8, 30, 5, 20, 0, 1]);
  expect(order({ ...mapping, operation: 'update' }).slice(0, 5)).toEqual([8, 30, 20, 0, 1]);
});

test('what only came along with a result file is not missed', () => {
  const mapping = mappingOf({ 8: null }, 'insert');
  const columns = mapping.columns.map((one) => (one.column === 8 ? { ...one, reason: 'result-column' as const } : one));
  expect(order({ ...mapping, columns })[0]).toBe(0);
});

test('a row stays where it is when it is mapped; a column that was made since comes first', () => {
  const before = mappingOf({ 8: null, 30: null }, 'insert');
  const ranks = ranksOf(before, DESCRIBE);
  const after = mappingOf({ 30: null }, 'insert');
  expect(order(after, ranks)).toEqual(order(before, ranks));
  const made = { ...after, columns: [...after.columns, newColumn(MANY_COLUMNS, { kind: 'ignored' })] };
  expect(order(made, ranks).slice(0, 3)).toEqual([MANY_COLUMNS, 8, 30]);
});

test('few columns stay as the file has them', () => {
  const mapping = mappingOf({ 8: null }, 'insert');
  const few = mapping.columns.slice(0, MANY_COLUMNS - 1);
  expect(inRankOrder(few, ranksOf(mapping, DESCRIBE))).toBe(few);
});

test('pages hold every row once, and know where they begin', () => {
  const rows = Array.from({ length: 2 * PAGE_ROWS + 3 }, (_, row) => row);
  const pages = inPages(rows);
  expect(pages.flatMap((page) => page.rows)).toEqual(rows);
  expect(pages.map(({ first }) => first)).toEqual([0, PAGE_ROWS, 2 * PAGE_ROWS]);
  expect(inPages([])).toEqual([]);
});
