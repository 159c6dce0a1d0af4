import { expect, test } from 'vitest';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { NO_FILTER, sortOf, withChange, withKind } from './plan-filter.ts';

const PHONE = { field: 'Phone', how: 'cleared' } as const;

test('a chip shows its rows, and pressed again all of them', () => {
  const created = withKind(NO_FILTER, 'insert');
  expect(created).toEqual({ kind: 'insert', search: '' });
  expect(withKind(created, 'insert')).toEqual(NO_FILTER);
});

test('a field shows the updates that change it; no other outcome has any', () => {
  const phone = withChange({ kind: 'insert', search: 'acme' }, PHONE);
  expect(phone).toEqual({ kind: 'update', search: 'acme', change: PHONE });
  expect(withChange(phone, { ...PHONE, how: 'any' }).change).toEqual({ field: 'Phone', how: 'any' });
  expect(withChange(phone, PHONE)).toEqual({ kind: 'update', search: 'acme' });
  expect(withKind(phone, 'blocked')).toEqual({ kind: 'blocked', search: 'acme' });
});

test('a column sorts by its field, the key by the match field, the row by its number', () => {
  const plan = { mapping: { matchField: 'ERP__c' } } as LoadPlan;
  expect(sortOf(null, plan)).toBeUndefined();
  expect(sortOf({ columnId: 'row', descending: true }, plan)).toEqual({ field: null, descending: true });
  expect(sortOf({ columnId: 'key', descending: false }, plan)).toEqual({ field: 'ERP__c', descending: false });
  expect(sortOf({ columnId: 'Phone', descending: false }, plan)).toEqual({ field: 'Phone', descending: false });
});
