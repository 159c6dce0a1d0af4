import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { FieldDescribe } from '../domain/sobject.ts';
import { fieldTypeOf } from './all-field-types.ts';
import { dateReadingTexts } from './date-text.ts';
import type { ParseContext, ParsedValue } from './field-type.ts';
import { findFormat } from './find-format.ts';
import { numberReadingTexts } from './number-marks.ts';
import { canonicalNumber } from './number.ts';
import { isAllowedUnder } from './picklist.ts';

function field(given: Partial<FieldDescribe>): FieldDescribe {
  return FieldDescribe.parse({
    name: 'F__c',
    label: 'F',
    type: 'string',
    nillable: true,
    createable: true,
    updateable: true,
    ...given,
  });
}

const picklist = (values: string[], more: Partial<FieldDescribe> = {}) =>
  field({
    type: 'picklist',
    restrictedPicklist: true,
    picklistValues: values.map((value) => ({ value, label: `${value} (label)`, active: true, defaultValue: false })),
    ...more,
  });

function parse(text: string, given: FieldDescribe, more: Partial<ParseContext> = {}): ParsedValue {
  return fieldTypeOf(given).parse(text, {
    field: given,
    keyPrefixes: ['003'],
    dateOrder: 'ymd',
    decimal: 'point',
    timeZone: 'Europe/Berlin',
    instantOf: (local) =>
      local.hour === 2 && local.minute === 30
        ? null
        : Date.UTC(local.year, local.month - 1, local.day, local.hour, local.minute, local.second, local.ms) -
          3_600_000,
    closest: (wanted, candidates) => candidates.find((candidate) => candidate[0] === wanted[0]) ?? null,
    ...more,
  });
}

function said(parsed: ParsedValue): string {
  if (parsed.kind === 'issue') return parsed.code;
  return [parsed.api, ...parsed.notes.map(({ code }) => code)].join(' ');
}

const currency = field({ type: 'currency', precision: 18, scale: 2 });
const score = field({ type: 'double', precision: 5, scale: 2 });
const date = field({ type: 'date' });
const datetime = field({ type: 'datetime' });

describe('values, by the cases of QUALITY.md', () => {
  test.each<[string, string, FieldDescribe, string, Partial<ParseContext>?]>([
    ['V01', 'about 20', currency, 'NOT_A_NUMBER'],
    ['V02', '$1,250.00', currency, '1250 NUMBER_PUNCTUATION'],
    ['V02', '(123)', currency, '-123 NUMBER_PUNCTUATION'],
    ['V02', '1.234,56 €', currency, '1234.56 NUMBER_PUNCTUATION', { decimal: 'comma' }],
    ['V02', '1 234,56', currency, '1234.56 NUMBER_PUNCTUATION', { decimal: 'comma' }],
    ['V02', '12,34,5', currency, 'NOT_A_NUMBER'],
    ['V02', '50%', currency, 'PERCENT_SIGN'],
    ['V02', '1,250 %', currency, 'PERCENT_SIGN', { decimal: 'ambiguous' }],
    ['V02', 'x%', currency, 'NOT_A_NUMBER'],
    ['V03', '1.234', currency, 'DECIMAL_AMBIGUOUS', { decimal: 'ambiguous' }],
    ['V03', '1,250', currency, 'DECIMAL_AMBIGUOUS', { decimal: 'ambiguous' }],
    ['V03', '1,250.50', currency, '1250.5 NUMBER_PUNCTUATION', { decimal: 'ambiguous' }],
    ['V03', '0,125', currency, 'NOT_A_NUMBER', { decimal: 'point' }],
    ['V03', '0.101', currency, 'NOT_A_NUMBER', { decimal: 'comma' }],
    [
      'V03',
      '0,125',
      field({ type: 'double', precision: 18, scale: 3 }),
      '0.125 NUMBER_PUNCTUATION',
      { decimal: 'ambiguous' },
    ],
    ['V03', '1.250', currency, '1250 NUMBER_PUNCTUATION', { decimal: 'comma' }],
    ['V03', '1,250', field({ type: 'int', digits: 9 }), '1250 NUMBER_PUNCTUATION', { decimal: 'ambiguous' }],
    ['V03', '1,000', field({ type: 'int', digits: 9 }), 'DECIMAL_AMBIGUOUS', { decimal: 'ambiguous' }],
    ['V03', '3.000', field({ type: 'int', digits: 9 }), '3', { decimal: 'point' }],
    ['V03', '3.000', field({ type: 'int', digits: 9 }), '3000 NUMBER_PUNCTUATION', { decimal: 'comma' }],
    ['V03', '1.250', field({ type: 'int', digits: 9 }), 'NUMBER_TOO_PRECISE', { decimal: 'point' }],
    ['V04', '12.3456', score, '12.3456 NUMBER_MORE_DECIMALS'],
    ['V04', '12.5', field({ type: 'int', digits: 9 }), 'NUMBER_TOO_PRECISE'],
    ['V04', '12345.678', score, 'NUMBER_TOO_PRECISE'],
    ['V05', 'Infinity', currency, 'NUMBER_NOT_FINITE'],
    ['V05', 'NaN', currency, 'NUMBER_NOT_FINITE'],
    ['V05', '1e4000', currency, 'NUMBER_NOT_FINITE'],
    ['V06', '2024-02-30', date, 'DATE_IMPOSSIBLE'],
    ['V06', '2024-02-29', date, '2024-02-29'],
    ['V07', '03/04/25', date, 'DATE_ORDER_AMBIGUOUS', { dateOrder: 'ambiguous' }],
    ['V07', '03/04/25', date, '2025-04-03 YEAR_OF_TWO_DIGITS', { dateOrder: 'dmy' }],
    ['V07', '03/04/25', date, '2025-03-04 YEAR_OF_TWO_DIGITS', { dateOrder: 'mdy' }],
    ['V08', '13/04/2025', date, 'DATE_ORDER_MIXED', { dateOrder: 'mdy' }],
    ['V07', '24-01-05', date, 'DATE_ORDER_AMBIGUOUS', { dateOrder: 'ambiguous' }],
    ['V07', '24-01-05', date, '2024-01-05 YEAR_OF_TWO_DIGITS', { dateOrder: 'ymd' }],
    ['V07', '24/01/05', date, '2024-01-05 YEAR_OF_TWO_DIGITS', { dateOrder: 'ymd' }],
    ['V07', '99-12-31', date, '1999-12-31 YEAR_OF_TWO_DIGITS', { dateOrder: 'ambiguous' }],
    ['V07', '13/04/2025', date, '2025-04-13', { dateOrder: 'ambiguous' }],
    ['V09', '0019-05-01', date, 'DATE_OUT_OF_RANGE'],
    ['V09', '4001-01-01', date, 'DATE_OUT_OF_RANGE'],
    ['V10', '2025-06-01 09:30', datetime, '2025-06-01T08:30:00.000Z TIME_WITHOUT_ZONE'],
    ['V10', '2025-06-01T09:30:00+02:00', datetime, '2025-06-01T07:30:00.000Z'],
    ['V10', '2025-06-01 9:30 PM Z', datetime, '2025-06-01T21:30:00.000Z'],
    ['V11', '2025-03-30 02:30', datetime, 'TIME_NONEXISTENT'],
    ['V12', '45292', date, '2024-01-01 EXCEL_SERIAL_DATE'],
    ['dates', '31.12.2025', date, '2025-12-31'],
    ['dates', '5 March 2025', date, '2025-03-05'],
    ['dates', '2025-03-05T10:00', date, 'NOT_A_DATE'],
    ['dates', 'yesterday', datetime, 'NOT_A_DATE'],
    ['dates', 'Maybe 5, 2024', date, 'NOT_A_DATE'],
    ['dates', '5. März 2024', date, '2024-03-05'],
    ['dates', '2024年3月5日', date, '2024-03-05'],
    ['dates', '1er août 2024', date, '2024-08-01'],
    ['dates', '5 de mayo de 2024', date, '2024-05-05'],
    ['dates', 'March 5th, 2024', date, '2024-03-05'],
    ['dates', '05-Mar-24', date, '2024-03-05 YEAR_OF_TWO_DIGITS'],
    ['dates', '1/2/5', date, 'NOT_A_DATE'],
    ['dates', 'Fri, 5 Jan 2024', date, '2024-01-05'],
    ['dates', 'Mon, 5 Jan 2024', date, 'DATE_WEEKDAY'],
    ['dates', 'Dienstag, den 5. März 2024', date, '2024-03-05'],
    ['dates', 'Montag, 5. März 2024', date, 'DATE_WEEKDAY'],
    ['dates', 'mar 5, 2024', date, '2024-03-05'],
    ['dates', 'Wed 05/01/2024', date, '2024-05-01', { dateOrder: 'ambiguous' }],
    ['dates', 'Wed 05/01/2024', date, 'DATE_ORDER_MIXED', { dateOrder: 'dmy' }],
    ['dates', 'Mon 05/01/2024', date, 'DATE_WEEKDAY', { dateOrder: 'dmy' }],
    ['times', 'Fri, 5 Jan 2024 10:30:00 GMT', datetime, '2024-01-05T10:30:00.000Z'],
    ['times', 'Mon, 5 Jan 2024 10:30:00 GMT', datetime, 'DATE_WEEKDAY'],
    ['times', '2024-03-05 24:00', datetime, 'NOT_A_DATE'],
    ['times', '2024-03-05T10:00:00+99:99', datetime, 'NOT_A_DATE'],
    ['times', '2024-03-05 13:05 PM', datetime, 'NOT_A_DATE'],
    ['times', '2024-02-30T10:00:00Z', datetime, 'DATE_IMPOSSIBLE'],
    ['V13', 'ja', field({ type: 'boolean' }), 'true'],
    ['V13', 'non', field({ type: 'boolean' }), 'false'],
    ['V13', 'Si\u0301', field({ type: 'boolean' }), 'true'],
    ['V13', 'maybe', field({ type: 'boolean' }), 'NOT_A_BOOLEAN'],
    ['V13', 'Yes', field({ type: 'boolean' }), 'true'],
    ['V13', 'OFF', field({ type: 'boolean' }), 'false'],
    ['V14', 'Wonn', picklist(['Won', 'Lost']), 'PICKLIST_UNKNOWN'],
    ['V15', 'Tied', picklist(['Won'], { restrictedPicklist: false }), 'Tied PICKLIST_NEW'],
    ['V17', 'Won;zz', picklist(['Won', 'Lost'], { type: 'multipicklist' }), 'MULTIPICKLIST_UNKNOWN'],
    ['V18', 'won', picklist(['Won', 'Lost']), 'Won PICKLIST_RESPELT'],
    ['V18', 'Won (label)', picklist(['Won', 'Lost']), 'Won PICKLIST_RESPELT'],
    ['V19', 'x'.repeat(256), field({ length: 255 }), 'TEXT_TOO_LONG'],
    ['V20', 'a@b', field({ type: 'email', length: 80 }), 'NOT_AN_EMAIL'],
    ['V20', 'a.b+c@d-e.example', field({ type: 'email', length: 80 }), 'a.b+c@d-e.example'],
    ['V21', `https://${'x'.repeat(300)}`, field({ type: 'url', length: 255 }), 'TEXT_TOO_LONG'],
    ['V22', '00300000', field({ type: 'id' }), 'ID_SHAPE'],
    ['V24', '001A0000006Vm9r', field({ type: 'id' }), 'ID_OF_OTHER_OBJECT'],
    ['lookup', '001A0000006Vm9r', field({ type: 'reference' }), '001A0000006Vm9rIAC', { keyPrefixes: ['001', '003'] }],
    ['lookup', '001A0000006Vm9r', field({ type: 'reference' }), '001A0000006Vm9rIAC', { keyPrefixes: [] }],
    ['lookup', '001A0000006Vm9r', field({ type: 'reference' }), 'ID_OF_OTHER_OBJECT'],
    ['V32', '=HYPERLINK("x")', field({ length: 255 }), '=HYPERLINK("x") FORMULA_TEXT'],
    ['V32', '+49 40 123', field({ type: 'phone', length: 40 }), '+49 40 123'],
    ['V33', '00123', currency, '123 LEADING_ZEROS'],
    ['F32', '4.9E+12', field({ type: 'phone', length: 40 }), '4.9E+12 SCIENTIFIC_TEXT'],
    ['V36', '<script>alert(1)</script>', field({ length: 255 }), '<script>alert(1)</script>'],
    ['V37', '👩‍🚀 e\u0301 שלום', field({ length: 255 }), '👩‍🚀 e\u0301 שלום'],
    [
      'V38',
      '95',
      field({ name: 'BillingLatitude', type: 'double', precision: 18, scale: 15 }),
      'LOCATION_OUT_OF_RANGE',
    ],
    ['V38', '-122.4', field({ name: 'Site__Longitude__s', type: 'double', precision: 18, scale: 15 }), '-122.4'],
    ['time', '2:30 pm', field({ type: 'time' }), '14:30:00.000Z'],
    ['time', '25:00', field({ type: 'time' }), 'NOT_A_TIME'],
    ['time', '13:05 PM', field({ type: 'time' }), 'NOT_A_TIME'],
    ['base64', 'x', field({ type: 'base64' }), 'TYPE_NOT_SUPPORTED'],
  ])('%s: %s', (_case, text, given, expected, more) => {
    expect(said(parse(text, given, more))).toBe(expected);
  });
});

describe('what Salesforce gives back compares equal to what was sent', () => {
  test.each<[string, string, FieldDescribe]>([
    ['912260031', '9.12260031E8', currency],
    ['1250.50', '1250.5', currency],
    ['-0', '0.0', currency],
    ['2025-06-01T09:30:00+02:00', '2025-06-01T07:30:00.000+0000', datetime],
    ['b;a', 'a;b', picklist(['a', 'b'], { type: 'multipicklist' })],
    ['003A0000006Vm9r', '003A0000006Vm9rIAC', field({ type: 'reference' })],
    ['Jane@Example.COM', 'jane@example.com', field({ type: 'email', length: 80 })],
    ['line one\r\nline two', 'line one\nline two', field({ type: 'textarea', length: 255 })],
    ['line one\rline two', 'line one\nline two', field({ type: 'textarea', length: 255 })],
    ['9007199254740993', '9.007199254740992E15', field({ type: 'double', precision: 18, scale: 0 })],
    ['1234567890123456', '1.234567890123456E15', field({ type: 'currency', precision: 18, scale: 2 })],
    ['123456789012345678', '1.2345678901234568E17', field({ type: 'double', precision: 18, scale: 0 })],
    ['912260031', '9.12260031E8', field({ type: 'currency', precision: 18, scale: 2 })],
    ['1000000000000000', '1.0E15', field({ type: 'double', precision: 18, scale: 0 })],
    ['0.0005', '5.0E-4', field({ type: 'double', precision: 18, scale: 6 })],
  ])('%j and %j', (sent, stored, given) => {
    const parsed = parse(sent, given);
    expect(parsed.kind === 'value' && parsed.canonical).toBe(fieldTypeOf(given).canonicalise(stored, given));
  });
});

test('whole numbers of 64 bits are told apart by their last digit, and refused beyond them', () => {
  const long = field({ type: 'long' });
  const canonical = (text: string) => fieldTypeOf(long).canonicalise(text, long);
  expect(canonical('9007199254740993')).not.toBe(canonical('9007199254740992'));
  expect(canonical('007')).toBe(canonical('7'));
  expect(said(parse('9223372036854775807', long))).toBe('9223372036854775807');
  expect(said(parse('9223372036854775808', long))).toBe('NUMBER_TOO_PRECISE');
  expect(said(parse('-9223372036854775808', long))).toBe('-9223372036854775808');
});

test('a canonical number is its own canonical form and keeps its value', () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true, min: -1e15, max: 1e15 }), (value) => {
      const canonical = canonicalNumber(String(value));
      return canonicalNumber(canonical) === canonical && Number(canonical) === value + 0;
    }),
  );
});

test('every ISO date reads as itself, and with its parts in a known order too', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('1700-01-01T00:00:00Z'), max: new Date('3999-12-31T00:00:00Z'), noInvalidDate: true }),
      (moment) => {
        const iso = moment.toISOString().slice(0, 10);
        const [y = '', m = '', d = ''] = iso.split('-');
        return (
          said(parse(iso, date)) === iso &&
          said(parse(`${d}/${m}/${y}`, date, { dateOrder: 'dmy' })) === iso &&
          said(parse(`${m}/${d}/${y}`, date, { dateOrder: 'mdy' })) === iso
        );
      },
    ),
  );
});

test('no text makes a parser throw', () => {
  const types = [
    'string',
    'boolean',
    'int',
    'double',
    'date',
    'datetime',
    'time',
    'email',
    'picklist',
    'multipicklist',
    'id',
    'reference',
  ] as const;
  fc.assert(
    fc.property(fc.constantFrom(...types), fc.string({ minLength: 1, unit: 'binary' }), (type, text) => {
      expect(['value', 'issue']).toContain(parse(text, field({ type, length: 40, precision: 10, scale: 2 })).kind);
      expect(typeof fieldTypeOf({ type }).canonicalise(text, field({ type }))).toBe('string');
    }),
  );
});

/** In both orders of the values: which comes first must not matter. */
function bothWays<T>(values: readonly string[], find: (values: readonly string[]) => T): T {
  const found = find(values);
  expect(find([...values].reverse())).toEqual(found);
  return found;
}

const dateFormat = (values: readonly string[]) => findFormat(values, ['dmy', 'mdy', 'ymd'], dateReadingTexts);

test.each([
  [['01/02/2025', '13/02/2025'], 'dmy'],
  [['01/02/2025', '02/13/2025'], 'mdy'],
  [['01/02/2025', '03/04/2025'], 'ambiguous'],
  [['01/02/2025', '13/02/2025', '02/13/2025'], 'ambiguous'],
  [['01/01/2025'], null],
  [['2025-01-02'], null],
  [['01.02.2025'], 'dmy'],
  [['24-01-05'], 'ambiguous'],
  [['24-01-05', '99-12-31'], 'ymd'],
  [['24-01-05', '31-12-99'], 'dmy'],
])('the order of %j is %s', (values, order) => {
  expect(bothWays(values, dateFormat).choice).toBe(order);
});

test('a column of dates that proves two orders, or none, says by which values', () => {
  expect(bothWays(['01/02/2025', '13/02/2025', '14/12/2025', '02/13/2025'], dateFormat)).toEqual({
    choice: 'ambiguous',
    proof: { dmy: '13/02/2025', mdy: '02/13/2025' },
    open: { text: '01/02/2025', readings: { dmy: '2025-02-01', mdy: '2025-01-02' } },
  });
});

const numberFormat = (values: readonly string[]) =>
  findFormat(values, ['point', 'comma'], (text) => numberReadingTexts(text, false));

test.each([
  [['1.234', '5.678'], 'ambiguous'],
  [['1.234', '5,67'], 'comma'],
  [['1,234.50'], 'point'],
  [['12', '7'], null],
  [['1.234.567'], 'comma'],
  [['1,250', '3,125'], 'ambiguous'],
  [['1,250', '12.5'], 'point'],
  [['1,250', '0,125'], 'comma'],
  [['1.250', '0.101'], 'point'],
  [['1,250', '12.5', '12,5'], 'ambiguous'],
])('the decimal mark of %j is %s', (values, mark) => {
  expect(bothWays(values, numberFormat).choice).toBe(mark);
});

test('V16: a dependent value is judged by the bitmap of its controller', () => {
  const controller = picklist(['Road', 'Rail', 'Sea']);
  // 0b101 over the entries: allowed under Road and Sea.
  const dependent = picklist(['Express'], {
    picklistValues: [{ value: 'Express', label: null, active: true, defaultValue: false, validFor: 'oAAA' }],
  });
  expect(
    ['Road', 'Rail', 'Sea', 'Air'].map((value) => isAllowedUnder(dependent, controller, value, 'Express')),
  ).toEqual([true, false, true, false]);
});
