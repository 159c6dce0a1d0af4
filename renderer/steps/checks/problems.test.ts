import { expect, test } from 'vitest';
import type { ColumnMapping } from '../../../shared/domain/field-mapping.ts';
import { suggestedValue, withFix, withoutFix, withPolicy } from './problems.ts';

const column: ColumnMapping = {
  column: 0,
  target: { kind: 'field', field: 'Sector__c' },
  reason: 'chosen',
  format: {},
  replacements: {},
  fixes: [],
};

test('a column is filled with one text, and any number of its values is left out', () => {
  const filled = withFix(withFix(column, { kind: 'fill', text: 'a' }), { kind: 'fill', text: 'b' });
  expect(filled.fixes).toEqual([{ kind: 'fill', text: 'b' }]);
  const out = withFix(withFix(filled, { kind: 'exclude', value: 'x' }), { kind: 'exclude', value: 'y' });
  expect(withoutFix(out, { kind: 'exclude', value: 'x' }).fixes).toEqual([
    { kind: 'fill', text: 'b' },
    { kind: 'exclude', value: 'y' },
  ]);
});

test('of several selected values only the one that is wrong is replaced', () => {
  expect(suggestedValue({ rawValue: 'Red; Gren;Blue', facts: { part: 'Gren', suggestion: 'Green' } })).toBe(
    'Red;Green;Blue',
  );
  expect(suggestedValue({ rawValue: 'Gren', facts: { suggestion: 'Green' } })).toBe('Green');
  expect(suggestedValue({ rawValue: 'Gren', facts: { offered: ['Green'] } })).toBeNull();
});

test('what becomes of rows that find nothing is changed for the whole column, and the rest of it is kept', () => {
  const ids = withPolicy(withPolicy(column, { whenNone: 'without' }), { whenInactive: 'use' });
  expect(ids.target).toEqual({
    kind: 'field',
    field: 'Sector__c',
    ids: { whenNone: 'without', whenInactive: 'use' },
  });
  const policies = { whenNone: 'home', whenSeveral: 'home', whenInactive: 'home' } as const;
  const found = { kind: 'found', field: 'A', parentObject: 'B', parentField: 'C', and: null, ...policies } as const;
  expect(withPolicy({ ...column, target: found }, { whenSeveral: 'oldest' }).target).toEqual({
    ...found,
    whenSeveral: 'oldest',
  });
});
