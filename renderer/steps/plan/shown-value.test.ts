import fc from 'fast-check';
import { afterEach, expect, test } from 'vitest';
import { writeNumbersAs } from '../../../shared/text/counts.ts';
import { writeDatesAs } from '../../settings/moments.ts';
import { shownChange, shownValue } from './shown-value.ts';

afterEach(() => {
  writeNumbersAs('en');
  writeDatesAs('system');
});

test('numbers keep every digit', () => {
  expect(shownValue('1234567.891', 'currency')).toBe('1,234,567.891');
  expect(shownValue('12345678901234567.12', 'double')).toBe('12,345,678,901,234,567.12');
  expect(shownValue('-0.1000', 'percent')).toBe('-0.1');
  expect(shownValue('2.365E7', 'currency')).toBe('23,650,000');
  expect(shownValue('1.2345678901234567E-4', 'double')).toBe('0.00012345678901234567');
  writeNumbersAs('de-DE');
  expect(shownValue('1234567.891', 'currency')).toBe('1.234.567,891');
});

test('dates are days, whatever the zone', () => {
  writeDatesAs('en-GB');
  expect(shownValue('2024-02-29', 'date')).toBe('29/02/2024');
  writeDatesAs('iso');
  expect(shownValue('2024-02-29', 'date')).toBe('2024-02-29');
});

test.each([
  ['1,5', 'double'],
  ['soon', 'date'],
  ['2024-02-29 or later', 'date'],
  ['2024-02-29Tea', 'datetime'],
  ['1234567', 'string'],
  ['', 'currency'],
] as const)('%s of a %s stays as it is', (text, type) => {
  expect(shownValue(text, type)).toBe(text);
});

test('a change is never shown as none', () => {
  expect(shownChange('1.10', '1.1', 'double')).toEqual({ was: '1.10', now: '1.1' });
  const at = fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(at, at, (one, other) => {
      fc.pre(one.getTime() !== other.getTime());
      const { was, now } = shownChange(one.toISOString(), other.toISOString(), 'datetime');
      expect(was).not.toBe(now);
    }),
  );
});
