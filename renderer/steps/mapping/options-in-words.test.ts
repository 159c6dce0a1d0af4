import { expect, test } from 'vitest';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { writeDatesAs } from '../../settings/moments.ts';
import { optionsInWords } from './options-in-words.ts';

const describe = { fields: [{ name: 'ERP_Id__c', label: 'ERP Id', type: 'string' }] } as unknown as SObjectDescribe;
const base = {
  objectName: 'Account',
  operation: 'upsert',
  matchField: 'ERP_Id__c',
  columns: [],
  blankValues: 'leave',
  duplicateKeys: 'ask',
} as unknown as FieldMapping;
const words = (change: Partial<FieldMapping>) => optionsInWords({ ...base, ...change }, describe);

test('what every load has comes first, and nothing was chosen', () => {
  expect(words({})).toEqual({
    usual: ['Match by ERP Id', 'Blank cells keep the value', 'Same match value: not sent', 'Sent by Bulk API jobs'],
    chosen: [],
  });
  expect(words({ operation: 'insert', matchField: null }).usual).toEqual([
    'Every row creates a record',
    'Sent by Bulk API jobs',
  ]);
  expect(words({ operation: 'hardDelete' }).usual).toEqual(['Match by ERP Id', 'Same match value: not sent']);
});

test('the way rows go is said', () => {
  expect(words({ policies: { way: 'automatic' } }).usual.at(-1)).toBe('Sent as fits the load');
  expect(words({ policies: { way: 'automatic' } }).chosen).toEqual([]);
  expect(words({ policies: { way: 'bulk-1' } }).chosen).toEqual(['In the order of the file']);
  expect(words({ policies: { way: 'collections' } }).chosen).toEqual(['200 rows at a time']);
  expect(words({ policies: { jobsAtOnce: 2 } }).chosen).toEqual(['Up to 2 jobs at the same time']);
  expect(words({ policies: { allowDuplicates: true } }).chosen).toEqual([
    'Saves what duplicate rules warn about',
    '200 rows at a time',
  ]);
});

test('every choice that changes what is sent is said', () => {
  writeDatesAs('iso');
  const policies = {
    upsert: 'update-only',
    fillBlanksOnly: true,
    unlessChangedSince: Date.UTC(2026, 2, 4, 12),
  } as const;
  expect(words({ blankValues: 'clear', duplicateKeys: 'newest', policies })).toEqual({
    usual: [
      'Match by ERP Id',
      'Blank cells clear the value',
      'Same match value: the newest is used',
      'Sent by Bulk API jobs',
    ],
    chosen: ['Only updates', 'Only fills blanks', 'Skips records changed since 2026-03-04'],
  });
  expect(words({ operation: 'insert', matchField: null, repeatedBy: [0, 2], duplicateKeys: 'merge' }).chosen).toEqual([
    'Duplicates by 2 columns: merged into one',
  ]);
  expect(
    words({ similar: { columns: [0], equal: [], keep: 'all' } as unknown as NonNullable<FieldMapping['similar']> })
      .chosen,
  ).toEqual(['Similar new rows by 1 column']);
  expect(words({ operation: 'delete', shownFields: ['Name'] }).chosen).toEqual(['Shows 1 more field']);
  writeDatesAs('system');
});
