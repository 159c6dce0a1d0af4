import { expect, test } from 'vitest';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { Digest, SourceRowNumber } from '../../../shared/domain/ids.ts';
import { optionOf, repeatOptions, withRepeatChoice } from './repeat-choice.ts';

const mapping: FieldMapping = {
  objectName: 'Account',
  operation: 'upsert',
  matchField: 'ERP_Id__c',
  columns: [],
  blankValues: 'leave',
  duplicateKeys: 'ask',
};
const [one, other] = ['0', '1'].map((digit) => Digest.parse(digit.repeat(64))) as [Digest, Digest];
const rows = (...numbers: number[]) => numbers.map((row) => SourceRowNumber.parse(row));

test('a choice stands for its group alone, and is taken back without a trace', () => {
  const chosen = withRepeatChoice(withRepeatChoice(mapping, one, rows(1, 2), '2'), one, rows(3, 4), 'merge');
  expect(chosen.repeatChoices).toEqual({
    source: one,
    groups: [
      { rows: [1, 2], keep: 2 },
      { rows: [3, 4], keep: 'merge' },
    ],
  });
  const again = withRepeatChoice(chosen, one, rows(1, 2), '1');
  expect(again.repeatChoices?.groups).toEqual([
    { rows: [3, 4], keep: 'merge' },
    { rows: [1, 2], keep: 1 },
  ]);
  const back = withRepeatChoice(withRepeatChoice(again, one, rows(1, 2), ''), one, rows(3, 4), '');
  expect(back).toEqual(mapping);
  expect(withRepeatChoice(chosen, other, rows(1, 2), '1').repeatChoices).toEqual({
    source: other,
    groups: [{ rows: [1, 2], keep: 1 }],
  });
});

test('all rows of a group can be sent only where each creates a record', () => {
  const group = { rows: rows(5, 6).map((row) => ({ row, values: [], what: 'notSent' as const })) };
  const values = (operation: FieldMapping['operation']) =>
    repeatOptions(group, { operation }).map(({ value }) => value);
  expect(values('upsert')).toEqual([optionOf(null), '5', '6', 'merge']);
  expect(values('insert')).toEqual([optionOf(null), '5', '6', 'merge', 'all']);
});
