import { expect, test } from 'vitest';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import type { SObjectDescribe } from '../../shared/domain/sobject.ts';
import { NEW_DRAFT, type Draft, type Step } from './draft.ts';
import { headline, titleFile } from './headline.ts';

const at = (step: Step): Draft => ({
  ...NEW_DRAFT,
  objectName: 'Contact',
  operation: 'update',
  place: { kind: 'step', step },
});
const load = {
  fileName: 'old.csv',
  operation: 'upsert',
  rows: 5000,
  objectName: 'Account',
  objectLabel: 'Account',
  matchField: 'ERP_Id__c',
} as LoadSnapshot;
const describe = { label: 'Contact person', fields: [{ name: 'Key__c', label: 'Key' }] } as SObjectDescribe;
const shown = { fileName: 'new.csv', rows: 1, load, describe: null };

test('a load and its report are told as what was loaded, whatever file is in preparation', () => {
  expect(headline(at('report'), shown)).toBe('Upsert 5,000 rows into Account by ERP_Id__c');
  expect(titleFile(at('report'), shown)).toBe('old.csv');
  expect(headline(at('load'), { ...shown, load: null })).toBe('Load');
  expect(headline(at('plan'), shown)).toBe('Update 1 row in Contact');
  expect(titleFile(at('plan'), shown)).toBe('new.csv');
});

test('objects and fields are told by their labels, where those are known', () => {
  const upsert = { ...at('plan'), operation: 'upsert', mapping: { matchField: 'key__c' } } as Draft;
  expect(headline(upsert, { ...shown, describe })).toBe('Upsert 1 row into Contact person by Key');
  expect(headline(upsert, shown)).toBe('Upsert 1 row into Contact by key__c');
  expect(headline(at('report'), { ...shown, load: { ...load, objectLabel: 'Customer', matchLabel: 'ERP Id' } })).toBe(
    'Upsert 5,000 rows into Customer by ERP Id',
  );
});

test('what is not known yet is not told', () => {
  expect(headline(at('source'), { fileName: 'new.csv', rows: null, load: null, describe: null })).toBe('new.csv');
  expect(headline(at('source'), { fileName: null, rows: null, load: null, describe: null })).toBe('New load');
  expect(headline(NEW_DRAFT, shown)).toBe('Home');
  expect(titleFile(NEW_DRAFT, shown)).toBeNull();
});
