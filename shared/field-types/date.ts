import { trimStored } from '../match/white-space.ts';
import {
  dateReadingTexts,
  exists,
  isoDate,
  likelyReadings,
  namedDate,
  numericDate,
  shortReadings,
  weekdayOf,
  type CalendarDate,
  type DateOrder,
} from './date-text.ts';
import { issue, value, type FieldType, type ParsedValue, type ValueNote } from './field-type.ts';
import { splitWeekday } from './weekday-names.ts';

/**
 * Salesforce stores dates from 1700-01-01 to 4000-12-31, and moments from the beginning of the one to the beginning of the other
 * in UTC (SOQL and SOSL reference, "Date Formats and Date Literals", minimum and maximum dates).
 */
export const YEARS = { first: 1700, last: 4000 };

/**
 * Excel counts days from 1900-01-01 as 1 and believes in a 1900-02-29, so that day 60 and later are off by one.
 * Only serials of 1954–2119 are taken for dates; smaller numbers are more likely something else.
 */
function fromExcelSerial(serial: number): CalendarDate {
  const day = new Date(Date.UTC(1899, 11, 30) + serial * 86_400_000);
  return { year: day.getUTCFullYear(), month: day.getUTCMonth() + 1, day: day.getUTCDate() };
}

const ORDER_NAMES: Record<DateOrder, string> = { ymd: 'year/month/day', dmy: 'day/month', mdy: 'month/day' };

type Read = { readonly date: CalendarDate } | { readonly issue: ParsedValue };

/** A date of three short numbers: the column's order says which is which, where the numbers themselves do not. */
function readShort(text: string, order: DateOrder | 'ambiguous'): Read | null {
  const all = shortReadings(text);
  if (all === null) return null;
  const said = order === 'ambiguous' ? undefined : all[order];
  if (said) return { date: said };
  const readings = likelyReadings(text);
  const [first] = Object.values(readings);
  if (!first) return { issue: issue(splitWeekday(text) ? 'DATE_WEEKDAY' : 'DATE_IMPOSSIBLE') };
  // A year of four digits at the end is no year at the beginning: `ymd` says nothing about it.
  if (order === 'dmy' || order === 'mdy' || (order === 'ymd' && !/\d{4}$/.test(text))) {
    return { issue: issue('DATE_ORDER_MIXED', { order: ORDER_NAMES[order] }) };
  }
  const texts = dateReadingTexts(text);
  return new Set(Object.values(texts)).size === 1 ? { date: first } : { issue: issue('DATE_ORDER_AMBIGUOUS', texts) };
}

/** A date that says itself which part is which. */
function longDate(text: string): CalendarDate | null {
  return numericDate(text) ?? namedDate(text);
}

/**
 * A date in any of the spellings people use, or the issue with it. Shared by date and datetime; `spare` is how many years beyond
 * those of a date are left to the caller, who knows the zone.
 */
export function readDate(
  text: string,
  order: DateOrder | 'ambiguous',
  spare = 0,
): { date: CalendarDate; notes: ValueNote[] } | { issue: ParsedValue } {
  const notes: ValueNote[] = [];
  const short = readShort(text, order);
  if (short && 'issue' in short) return short;
  const plain = short?.date ?? longDate(text);
  // Only then: `mar 5, 2024` begins with a month, not with an Italian Tuesday.
  const weekday = plain ? null : splitWeekday(text);
  let date = plain ?? (weekday && longDate(weekday.rest));
  if (date === null && /^[2-7]\d{4}$/.test(text)) {
    date = fromExcelSerial(Number(text));
    notes.push({ code: 'EXCEL_SERIAL_DATE', level: 'fix', facts: { readAs: isoDate(date) } });
  }
  if (date === null) return { issue: issue('NOT_A_DATE') };
  if (!exists(date)) return { issue: issue('DATE_IMPOSSIBLE') };
  if (weekday && weekdayOf(date) !== weekday.day) return { issue: issue('DATE_WEEKDAY') };
  if (date.year < YEARS.first - spare || date.year > YEARS.last + spare)
    return { issue: issue('DATE_OUT_OF_RANGE', { year: date.year, ...YEARS }) };
  if (!text.includes(String(date.year)) && notes.length === 0) {
    notes.push({ code: 'YEAR_OF_TWO_DIGITS', level: 'fix', facts: { readAs: isoDate(date) } });
  }
  return { date, notes };
}

/** A calendar date. It has no time and no zone, and never passes through a type that has. */
export const dateType: FieldType = {
  parse(text, { dateOrder }) {
    const midnight = /^(.*?)[ T]00:00(?::00(?:\.0+)?)?Z?$/.exec(text);
    const read = readDate(midnight?.[1] ?? text, dateOrder);
    if ('issue' in read) return read.issue;
    return value(isoDate(read.date), isoDate(read.date), read.notes);
  },
  canonicalise: (stored) => trimStored(stored).slice(0, 10),
};
