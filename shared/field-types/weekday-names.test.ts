import { expect, test } from 'vitest';
import { dateReadingTexts } from './date-text.ts';
import { readDate } from './date.ts';
import { splitWeekday } from './weekday-names.ts';

/** As in month-names.test.ts: the languages claimed, in the countries that write days differently. */
const NAMED = ['en', 'en-GB', 'en-AU', 'de', 'de-AT', 'de-CH', 'fr', 'fr-CA', 'es', 'es-MX', 'pt', 'pt-PT', 'it', 'nl'];
const WEEK = Array.from({ length: 7 }, (_all, day) => new Date(Date.UTC(2024, 2, 3 + day)));

test.each([...NAMED, 'ja', 'zh', 'zh-TW'])('%s: a date with its day of the week, and with another one', (language) => {
  for (const style of ['long', 'short'] as const) {
    const options = { weekday: style, year: 'numeric', month: 'long', day: 'numeric', timeZone: 'UTC' } as const;
    const format = new Intl.DateTimeFormat(language, options);
    for (const [day, date] of WEEK.entries()) {
      const text = format.format(date);
      expect([text, splitWeekday(text)?.day]).toEqual([text, day]);
      expect([text, readDate(text, 'ambiguous')]).toMatchObject([text, { date: { month: 3, day: 3 + day } }]);
      const parts = format.formatToParts(date);
      const other = format.formatToParts(WEEK[(day + 1) % 7]).find(({ type }) => type === 'weekday')?.value;
      const wrong = parts.map(({ type, value }) => (type === 'weekday' ? other : value)).join('');
      expect([wrong, readDate(wrong, 'ambiguous')]).toMatchObject([wrong, { issue: { code: 'DATE_WEEKDAY' } }]);
    }
  }
});

test('of short numbers beside a day of the week only what falls on it is meant', () => {
  // 5 January 2024 is a Friday, 1 May 2024 a Wednesday.
  expect(dateReadingTexts('Fri 05/01/2024')).toEqual({ dmy: '2024-01-05' });
  expect(dateReadingTexts('Wed, 05/01/2024')).toEqual({ mdy: '2024-05-01' });
  expect(dateReadingTexts('Mo. 05/07/24')).toEqual({});
  expect(dateReadingTexts('05/01/2024')).toEqual({ dmy: '2024-01-05', mdy: '2024-05-01' });
});

test.each([
  'Do not call',
  'Mon',
  'Mon, 5',
  'Sun 45292',
  'So what 5 March 2024',
  'Xyz, 5 Jan 2024',
  `Mon, ${'5 '.repeat(50_000)}`,
])('%s is no date', (text) => {
  expect(readDate(text, 'ambiguous')).toMatchObject({ issue: { code: 'NOT_A_DATE' } });
});
