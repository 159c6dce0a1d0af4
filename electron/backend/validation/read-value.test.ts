import { expect, test } from 'vitest';
import type { ColumnFix } from '../../../shared/domain/column-fix.ts';
import { fieldNamed } from '../../../shared/domain/sobject.ts';
import { describeOf, field } from '../test-support/small-org.ts';
import { closest, instantOf } from './check-column.ts';
import { ValueReader } from './read-value.ts';

const picklistValues = ['Banking', 'Energy', 'Education'].map((name) => ({
  value: name,
  label: name,
  active: true,
  defaultValue: false,
}));
const describe = describeOf('Deal__c', 'a01', [
  field('Amount__c', 'currency', { precision: 6, scale: 2 }),
  field('Count__c', 'int', { digits: 4 }),
  field('Note__c', 'string', { length: 5 }),
  field('Mail__c', 'email', { length: 10 }),
  field('Sector__c', 'picklist', { restrictedPicklist: true, picklistValues }),
]);

function reader(name: string, fixes: ColumnFix[], replacements: Record<string, string> = {}): ValueReader {
  const found = fieldNamed(describe, name);
  if (!found) throw new Error(name);
  const read = { dateOrder: 'ymd', decimal: 'comma', timeZone: 'UTC', instantOf, closest } as const;
  return new ValueReader({ fixes, replacements }, { field: found, keyPrefixes: [], ...read });
}

const told = (reading: ValueReader, raw: string): [string, ...string[]] => {
  const { api, remarks } = reading.read(raw);
  return [api, ...remarks.map(({ code }) => code)];
};

test('rounding is a half up, read by the format of the column first', () => {
  const round = reader('Amount__c', [{ kind: 'round' }]);
  expect(told(round, '12,345')).toEqual(['12.35', 'NUMBER_PUNCTUATION', 'NUMBER_ROUNDED']);
  expect(told(round, '-12,345')).toEqual(['-12.35', 'NUMBER_PUNCTUATION', 'NUMBER_ROUNDED']);
  expect(told(round, '-12,3451')).toEqual(['-12.35', 'NUMBER_PUNCTUATION', 'NUMBER_ROUNDED']);
  expect(told(round, '0,999')).toEqual(['1', 'NUMBER_PUNCTUATION', 'NUMBER_ROUNDED']);
  expect(told(round, '-0,001')).toEqual(['0', 'NUMBER_PUNCTUATION', 'NUMBER_ROUNDED']);
  expect(told(round, '12,34')).toEqual(['12.34', 'NUMBER_PUNCTUATION']);
});

test('without the choice, more decimals than the field shows are sent whole', () => {
  expect(told(reader('Amount__c', []), '12,345')).toEqual(['12.345', 'NUMBER_PUNCTUATION', 'NUMBER_MORE_DECIMALS']);
});

test('a number that rounding makes too long stays what it is: too long', () => {
  expect(told(reader('Amount__c', [{ kind: 'round' }]), '9999,996')).toEqual(['9999,996', 'NUMBER_TOO_PRECISE']);
  expect(told(reader('Amount__c', [{ kind: 'round' }]), '12345,678')).toEqual(['12345,678', 'NUMBER_TOO_PRECISE']);
});

test('decimals in a whole-number field are rounded away where that was chosen', () => {
  expect(told(reader('Count__c', []), '12,5')).toEqual(['12,5', 'NUMBER_TOO_PRECISE']);
  expect(told(reader('Count__c', [{ kind: 'round' }]), '12,5')).toEqual(['13', 'NUMBER_ROUNDED']);
});

test('text is cut off at the length of the field, and never within a character', () => {
  const cut = reader('Note__c', [{ kind: 'truncate' }]);
  expect(told(cut, 'abcdefgh')).toEqual(['abcde', 'TEXT_CUT']);
  expect(told(cut, 'abcd\u{1F600}')).toEqual(['abcd', 'TEXT_CUT']);
  expect(told(cut, 'abcde')).toEqual(['abcde']);
  expect(told(reader('Note__c', []), 'abcdefgh')).toEqual(['abcdefgh', 'TEXT_TOO_LONG']);
});

test('an address is never cut off: what is left would be someone else', () => {
  expect(told(reader('Mail__c', [{ kind: 'truncate' }]), 'someone@example.org')[1]).toBe('TEXT_TOO_LONG');
});

test('blanks are filled with a text that is read like any other, and nothing else is', () => {
  const fill = reader('Amount__c', [{ kind: 'fill', text: '1,5' }]);
  expect(told(fill, '')).toEqual(['1.5', 'NUMBER_PUNCTUATION', 'BLANK_FILLED']);
  expect(told(fill, '  ')).toEqual(['1.5', 'NUMBER_PUNCTUATION', 'BLANK_FILLED']);
  expect(told(fill, '2')).toEqual(['2']);
  expect(told(reader('Amount__c', [{ kind: 'fill', text: 'none' }]), '')).toEqual([
    'none',
    'NOT_A_NUMBER',
    'BLANK_FILLED',
  ]);
});

test('a value left out is not read, blank ones however they are blank', () => {
  const out = reader('Amount__c', [
    { kind: 'exclude', value: 'n/a' },
    { kind: 'exclude', value: '' },
  ]);
  expect(told(out, 'n/a')).toEqual(['n/a', 'LEFT_OUT']);
  expect(told(out, ' ')).toEqual([' ', 'LEFT_OUT']);
  expect(told(out, '5')).toEqual(['5']);
});

test('a replacement stands for the whole value, and then is read, rounded and cut like any other', () => {
  const both = reader('Amount__c', [{ kind: 'round' }], { much: '7,777' });
  expect(told(both, 'much')).toEqual(['7.78', 'NUMBER_PUNCTUATION', 'NUMBER_ROUNDED', 'VALUE_REPLACED']);
});

test('what a picklist offers comes with the most alike first', () => {
  const { remarks } = reader('Sector__c', []).read('Enrgy');
  expect(remarks[0]).toMatchObject({ code: 'PICKLIST_UNKNOWN', facts: { suggestion: 'Energy' } });
  expect(remarks[0]?.facts['offered']).toEqual(['Energy', 'Banking', 'Education']);
});
