import { expect, test } from 'vitest';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
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
  matchField: 'ERP_Id__c',
} as LoadSnapshot;
const shown = { fileName: 'new.csv', rows: 1, load };

test('a load and its report are told as what was loaded, whatever file is in preparation', () => {
  expect(headline(at('report'), shown)).toBe('Upsert 5,000 rows into Account by ERP_Id__c');
  expect(titleFile(at('report'), shown)).toBe('old.csv');
  expect(headline(at('load'), { ...shown, load: null })).toBe('Load');
  expect(headline(at('plan'), shown)).toBe('Update 1 row in Contact');
  expect(titleFile(at('plan'), shown)).toBe('new.csv');
});

test('what is not known yet is not told', () => {
  expect(headline(at('source'), { fileName: 'new.csv', rows: null, load: null })).toBe('new.csv');
  expect(headline(at('source'), { fileName: null, rows: null, load: null })).toBe('New load');
  expect(headline(NEW_DRAFT, shown)).toBe('Home');
  expect(titleFile(NEW_DRAFT, shown)).toBeNull();
});
