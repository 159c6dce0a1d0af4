import { expect, test } from 'vitest';
import { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { readDateOrder, readDecimalMark, withFormats } from './format-flags.ts';
import { UsageError } from './usage-error.ts';

const columns = ['Close Date', 'a=b'].map((name, index) => ({ index, name }));
const mapping = FieldMapping.parse({
  objectName: 'Opportunity',
  operation: 'insert',
  matchField: null,
  columns: columns.map(({ index }) => ({
    column: index,
    target: { kind: 'ignored' },
    reason: 'no-match',
    format: { timeZone: 'UTC' },
    replacements: {},
    fixes: [],
  })),
  blankValues: 'leave',
  duplicateKeys: 'ask',
});
const formats = (flags: Parameters<typeof withFormats>[2]) =>
  withFormats(mapping, columns, flags).columns.map(({ format }) => format);

test('one answer holds for all columns, and a column’s own goes before it', () => {
  const dateOrder = readDateOrder('mdy', readDateOrder('close date=DMY'));
  expect(formats({ dateOrder })).toEqual([
    { timeZone: 'UTC', dateOrder: 'dmy' },
    { timeZone: 'UTC', dateOrder: 'mdy' },
  ]);
});

test('a column’s name may hold an equals sign', () => {
  expect(formats({ decimalMark: readDecimalMark('a=b=comma') })).toEqual([
    { timeZone: 'UTC' },
    { timeZone: 'UTC', decimal: 'comma' },
  ]);
});

test('an order that is none, and a column that is not there, are said', () => {
  expect(() => readDateOrder('ydm')).toThrow('Use ymd, dmy, mdy');
  expect(() => formats({ dateOrder: readDateOrder('Closed=dmy') })).toThrow(UsageError);
});
