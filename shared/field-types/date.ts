import { trimStored } from '../match/white-space.ts';
import { issue, value, type FieldType, type ParsedValue, type ValueNote } from './field-type.ts';

export interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Salesforce stores dates between 1700-01-01 and 4000-12-31 (SOAP API guide, "date"). */
export const FIRST_YEAR = 1700;
export const LAST_YEAR = 4000;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];

export function exists({ year, month, day }: CalendarDate): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (lengths[month - 1] ?? 0);
}

export function isoDate({ year, month, day }: CalendarDate): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/**
 * Excel counts days from 1900-01-01 as 1 and believes in a 1900-02-29, so that day 60 and later are off by one.
 * Only serials of 1954–2119 are taken for dates; smaller numbers are more likely something else.
 */
export function fromExcelSerial(serial: number): CalendarDate {
  const day = new Date(Date.UTC(1899, 11, 30) + serial * 86_400_000);
  return { year: day.getUTCFullYear(), month: day.getUTCMonth() + 1, day: day.getUTCDate() };
}

/** Two digits mean 1950–2049, as Excel's own window has it within a year. */
function fullYear(text: string): number {
  const year = Number(text);
  if (text.length > 2) return year;
  return year < 50 ? 2000 + year : 1900 + year;
}

const NUMERIC = /^(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})$/;

/** Decides day/month or month/day for a column from the values that allow only one of them. */
export function detectDateOrder(values: Iterable<string>): 'ymd' | 'dmy' | 'mdy' | 'ambiguous' {
  let dmy = 0;
  let mdy = 0;
  let open = 0;
  for (const raw of values) {
    const match = NUMERIC.exec(trimStored(raw).split(/[ T]/)[0] ?? '');
    if (!match || (match[1] ?? '').length > 2) continue;
    const first = Number(match[1]);
    const second = Number(match[3]);
    if (first > 12 && second <= 12) dmy++;
    else if (second > 12 && first <= 12) mdy++;
    else if (match[2] === '.') dmy++;
    else if (first !== second) open++;
  }
  if (dmy === 0 && mdy === 0) return open > 0 ? 'ambiguous' : 'ymd';
  // Both kinds of proof: the more frequent is the column's order and the others are reported (V08).
  return dmy >= mdy ? 'dmy' : 'mdy';
}

/** A date in any of the spellings people use, or the issue with it. Shared by date and datetime. */
export function readDate(
  text: string,
  order: 'ymd' | 'dmy' | 'mdy' | 'ambiguous',
): { date: CalendarDate; notes: ValueNote[] } | { issue: ParsedValue } {
  const notes: ValueNote[] = [];
  let date: CalendarDate | null = null;
  const numeric = NUMERIC.exec(text);
  const named =
    /^(\d{1,2})[ -.]+([A-Za-z]{3,9})\.?[ -.,]+(\d{4}|\d{2})$/.exec(text) ??
    /^([A-Za-z]{3,9})\.? (\d{1,2}),? (\d{4})$/.exec(text);
  if (/^\d{8}$/.test(text) && /^(?:1[7-9]|2\d)/.test(text)) {
    date = { year: Number(text.slice(0, 4)), month: Number(text.slice(4, 6)), day: Number(text.slice(6)) };
  } else if (numeric && (numeric[1] ?? '').length >= 3) {
    date = { year: Number(numeric[1]), month: Number(numeric[3]), day: Number(numeric[4]) };
  } else if (numeric) {
    const [first, second, year] = [Number(numeric[1]), Number(numeric[3]), fullYear(numeric[4] ?? '')];
    if (first > 12 && second > 12) return { issue: issue('DATE_IMPOSSIBLE') };
    if (order === 'ambiguous' && first !== second) {
      return {
        issue: issue('DATE_ORDER_AMBIGUOUS', {
          dmy: isoDate({ year, month: second, day: first }),
          mdy: isoDate({ year, month: first, day: second }),
        }),
      };
    }
    const dayFirst = order === 'ymd' || order === 'ambiguous' ? numeric[2] === '.' || first > 12 : order === 'dmy';
    date = dayFirst ? { year, month: second, day: first } : { year, month: first, day: second };
    if (date.month > 12) return { issue: issue('DATE_ORDER_MIXED', { order: dayFirst ? 'day/month' : 'month/day' }) };
  } else if (named) {
    const monthWord = (/[A-Za-z]/.test(named[1] ?? '') ? named[1] : named[2]) ?? '';
    const day = Number(/[A-Za-z]/.test(named[1] ?? '') ? named[2] : named[1]);
    date = { year: fullYear(named[3] ?? ''), month: MONTHS.indexOf(monthWord.slice(0, 3).toLowerCase()) + 1, day };
    if (date.month === 0) return { issue: issue('NOT_A_DATE') };
  } else if (/^[2-7]\d{4}$/.test(text)) {
    date = fromExcelSerial(Number(text));
    notes.push({ code: 'EXCEL_SERIAL_DATE', level: 'fix', facts: { readAs: isoDate(date) } });
  }
  if (date === null) return { issue: issue('NOT_A_DATE') };
  if (!exists(date)) return { issue: issue('DATE_IMPOSSIBLE') };
  if (date.year < FIRST_YEAR || date.year > LAST_YEAR) {
    return { issue: issue('DATE_OUT_OF_RANGE', { year: date.year, first: FIRST_YEAR, last: LAST_YEAR }) };
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
