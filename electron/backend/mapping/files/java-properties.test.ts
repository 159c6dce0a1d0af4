import fc from 'fast-check';
import { expect, test } from 'vitest';
import { readProperties, writeProperties } from './java-properties.ts';

/** The examples of the Java SE API documentation of `Properties.load`, and what Data Loader writes. */
test.each([
  ['equals', 'Truth = Beauty', [['Truth', 'Beauty']]],
  ['leading blanks and a colon', '  Truth:Beauty', [['Truth', 'Beauty']]],
  ['blanks around the colon', 'Truth                    :Beauty', [['Truth', 'Beauty']]],
  ['a line that goes on', 'fruits  apple, banana, \\\n        pear', [['fruits', 'apple, banana, pear']]],
  ['a key alone', 'cheeses', [['cheeses', '']]],
  ['comments and blank lines', '# a=b\n\n ! c=d\n', []],
  [
    'escapes in a key',
    'Account\\ Name=Name\nOwner\\:Id=OwnerId\na\\=b=C',
    [
      ['Account Name', 'Name'],
      ['Owner:Id', 'OwnerId'],
      ['a=b', 'C'],
    ],
  ],
  [
    'a code',
    'Stra\\u00dfe=Street\nbad\\u12=x',
    [
      ['Straße', 'Street'],
      ['badu12', 'x'],
    ],
  ],
  [
    'an even number of backslashes ends the line',
    'a=b\\\\\nc=d',
    [
      ['a', 'b\\'],
      ['c', 'd'],
    ],
  ],
  [
    'the last of two',
    'a=1\nb=2\na=3',
    [
      ['a', '3'],
      ['b', '2'],
    ],
  ],
  ['an unescaped colon in the value', 'PARENT=pArent:oRaClE_Id__c', [['PARENT', 'pArent:oRaClE_Id__c']]],
  [
    'CR and CRLF',
    'a=1\rb=2\r\nc=3',
    [
      ['a', '1'],
      ['b', '2'],
      ['c', '3'],
    ],
  ],
  ['a comment within a line that goes on is text', 'a=1,\\\n#2', [['a', '1,#2']]],
])('%s', (_case, text, expected) => {
  expect(readProperties(text).map(({ key, value }) => [key, value])).toEqual(expected);
});

test('what is written is read back, whatever keys and values are, and is plain ASCII', () => {
  const text = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string({ unit: fc.constantFrom(' ', '\\', '=', ':', '#', '!', '\t', '\n', 'a', '"', ',') }),
  );
  const properties = fc.uniqueArray(fc.record({ key: text, value: text }), { selector: ({ key }) => key });
  fc.assert(
    fc.property(properties, (given) => {
      const written = writeProperties(given, 'Mapping values');
      expect(written).toMatch(/^[\t\n\f\r -~]*$/);
      expect(readProperties(written)).toEqual(given);
    }),
  );
});
