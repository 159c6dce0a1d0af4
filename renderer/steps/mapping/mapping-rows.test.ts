import { expect, test } from 'vitest';
import type { CleaningStep } from '../../../shared/domain/cleaning.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { columnsWithProblems, inReadingOrder, isUnmapped, requiredUnfilled } from './mapping-rows.ts';

const STEPS: CleaningStep[] = [
  { kind: 'copy', column: 0, name: 'Name again' },
  { kind: 'constant', value: 'Web', name: 'Source' },
  { kind: 'copy', column: 2, name: 'Name again 2' },
];

function mappingOf(fields: readonly (string | null)[], operation: FieldMapping['operation'] = 'insert'): FieldMapping {
  return {
    objectName: 'Lead',
    operation,
    matchField: null,
    columns: fields.map((field, column) =>
      newColumn(column, field === null ? { kind: 'ignored' } : { kind: 'field', field }),
    ),
    blankValues: 'leave',
    duplicateKeys: 'ask',
  };
}

test('copies stand below what they are copies of, other made columns at the end', () => {
  const mapping = mappingOf(['a', 'b', null, 'c', null]);
  expect(inReadingOrder(mapping, STEPS, 2).map(({ column }) => column)).toEqual([0, 2, 4, 1, 3]);
});

test('columns of which something is said are found by number, by name and by the field they fill', () => {
  const mapping = mappingOf(['Name', 'phone', 'Phone', 'Total__c', null]);
  const columns = ['A', 'B', 'C', 'D', ''].map((name, index) => ({ index, name }));
  const problems = columnsWithProblems(
    mapping,
    [
      { code: 'FIELD_MAPPED_TWICE', level: 'block', field: 'Phone', columns: ['B', 'C'] },
      { code: 'FIELD_READ_ONLY', level: 'block', field: 'Total__c', why: 'formula', operation: 'insert' },
      { code: 'COLUMN_BLANK', level: 'warn', column: '' },
      { code: 'COLUMNS_UNMAPPED', level: 'warn', columns: ['column 5'] },
    ],
    columns,
  );
  expect([...problems].sort()).toEqual([1, 2, 3, 4]);
});

test('what came with a result file is not missed; what a new record needs is, unless it is only updated', () => {
  const [column] = mappingOf([null]).columns;
  expect(column && isUnmapped(column)).toBe(true);
  expect(column && isUnmapped({ ...column, reason: 'result-column' })).toBe(false);
  const field = { type: 'string', createable: true, updateable: true };
  const describe = SObjectDescribe.parse({
    name: 'Lead',
    label: 'Lead',
    labelPlural: 'Leads',
    custom: false,
    createable: true,
    updateable: true,
    deletable: true,
    queryable: true,
    fields: [
      { ...field, name: 'Company', label: 'Company', nillable: false },
      { ...field, name: 'LastName', label: 'Last Name', nillable: false },
      { ...field, name: 'Phone', label: 'Phone', nillable: true },
    ],
  });
  const missing = (operation: FieldMapping['operation']) =>
    requiredUnfilled(mappingOf(['company'], operation), describe).map(({ name }) => name);
  expect(missing('insert')).toEqual(['LastName']);
  expect(missing('upsert')).toEqual(['LastName']);
  expect(missing('update')).toEqual([]);
});
