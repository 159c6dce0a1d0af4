import { expect, test } from 'vitest';
import type { FieldMapping, FoundTarget, MappingTarget } from '../../../shared/domain/field-mapping.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { coveredBy } from './covered-by.ts';

const to = (field: string): MappingTarget => ({ kind: 'field', field });
const parent: FoundTarget = {
  kind: 'found',
  field: 'ParentId',
  parentObject: 'Account',
  parentField: 'Name',
  and: { parentField: 'BillingCity', column: 4 },
  whenNone: 'home',
  whenSeveral: 'home',
  whenInactive: 'home',
};
const external: MappingTarget = {
  kind: 'lookup',
  field: 'MasterId',
  relationshipName: 'Master',
  parentObject: 'Account',
  parentField: 'ERP_Id__c',
  polymorphic: false,
};
const targets = [
  to('ERP_Id__c'),
  to('Name'),
  to('Fax'),
  parent,
  { kind: 'ignored' as const },
  to('BillingCity'),
  to('OwnerId'),
  external,
];

function asked(column: number, more: Partial<FieldMapping> = {}): [string | null, number[]] {
  const mapping: FieldMapping = {
    objectName: 'Account',
    operation: 'upsert',
    matchField: 'ERP_Id__c',
    columns: targets.map((target, index) => newColumn(index, target)),
    blankValues: 'leave',
    duplicateKeys: 'ask',
    ...more,
  };
  const entry = mapping.columns[column];
  if (!entry) throw new Error('no such column');
  const { matchField, columns } = coveredBy(mapping, entry);
  return [matchField, columns.map((one) => one.column)];
}

test('a lookup that rows of the file may answer is asked with what names these rows, any other by itself', () => {
  expect(asked(3)).toEqual(['ERP_Id__c', [0, 1, 3, 4, 5]]);
  expect(asked(3, { operation: 'insert', matchField: null, repeatedBy: [2] })).toEqual([null, [1, 2, 3, 4, 5]]);
  expect(asked(3, { operation: 'update', matchField: 'Id' })).toEqual([null, [3, 4]]);
  expect(asked(3, { objectName: 'Contact' })).toEqual([null, [3, 4]]);
  expect(asked(6)).toEqual([null, [6]]);
  expect(asked(7)).toEqual(['ERP_Id__c', [0, 7]]);
  expect(asked(7, { objectName: 'Contact' })).toEqual([null, [7]]);
});
