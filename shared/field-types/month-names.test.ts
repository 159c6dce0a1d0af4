import { expect, test } from 'vitest';
import { namedDate } from './date-text.ts';
import { readDate } from './date.ts';
import { monthNamed } from './month-names.ts';

/** The languages claimed, in the countries that write months differently. The runtime's names of months are CLDR's. */
const NAMED = ['en', 'en-GB', 'en-AU', 'de', 'de-AT', 'de-CH', 'fr', 'fr-CA', 'es', 'es-MX', 'pt', 'pt-PT', 'it', 'nl'];
const NUMBERED = ['ja', 'zh', 'zh-TW'];
const MONTHS = Array.from({ length: 12 }, (_all, month) => month);

test.each(NAMED)('%s: every name of a month, whole and abbreviated, with a day and alone', (language) => {
  const unread = MONTHS.flatMap((month) =>
    [
      { month: 'long' },
      { month: 'short' },
      { month: 'long', day: 'numeric' },
      { month: 'short', day: 'numeric' },
    ].flatMap((style) => {
      const format = new Intl.DateTimeFormat(language, { ...style, timeZone: 'UTC' } as Intl.DateTimeFormatOptions);
      const parts = format.formatToParts(Date.UTC(2024, month, 5));
      const name = parts.find(({ type }) => type === 'month')?.value ?? '';
      // Portugal abbreviates months by their numbers.
      if (/^\d+$/.test(name) || monthNamed(name.replace('.', '')) === month + 1) return [];
      return [name];
    }),
  );
  expect(unread).toEqual([]);
});

test.each([...NAMED, ...NUMBERED])('%s: a date as the language writes it', (language) => {
  const format = new Intl.DateTimeFormat(language, { dateStyle: 'long', timeZone: 'UTC' });
  for (const month of MONTHS) {
    for (const day of [5, 25]) {
      const text = format.format(Date.UTC(2024, month, day));
      expect([text, readDate(text, 'ambiguous')]).toMatchObject([
        text,
        { date: { year: 2024, month: month + 1, day } },
      ]);
    }
  }
});

test.each(['Maybe 5, 2024', '5 Marble 2024', '5 Augur 2024', '5 Sunday 2024', '5 janvi 2024'])(
  '%s is no date',
  (text) => {
    expect(namedDate(text)).toBeNull();
  },
);
