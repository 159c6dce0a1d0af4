import { monthNamed } from './month-names.ts';
import { splitWeekday } from './weekday-names.ts';

export interface CalendarDate {
  readonly year: number;
  readonly month: number;
  readonly day: number;
}

/** Which of three short numbers is the year, the month and the day. */
export type DateOrder = 'ymd' | 'dmy' | 'mdy';

export function exists({ year, month, day }: CalendarDate): boolean {
  if (month < 1 || month > 12 || day < 1) return false;
  const leap = (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0;
  const lengths = [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
  return day <= (lengths[month - 1] ?? 0);
}

export function isoDate({ year, month, day }: CalendarDate): string {
  return `${String(year).padStart(4, '0')}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** Two digits mean 1950–2049, as Excel's own window has it within a year. */
function fullYear(text: string): number {
  const year = Number(text);
  if (text.length > 2) return year;
  return year < 50 ? 2000 + year : 1900 + year;
}

const SHORT = /^(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d{2})$/;

/** The day of the week, counted from Sunday, 0. A `Date` would take years below 100 for others. */
export function weekdayOf({ year, month, day }: CalendarDate): number {
  return new Date(`${isoDate({ year, month, day })}T00:00:00Z`).getUTCDay();
}

/**
 * What three short numbers can mean, by the order that makes it so; null if the text is none such. Beside a day of the week they mean
 * what falls on it.
 */
export function shortReadings(given: string): Partial<Record<DateOrder, CalendarDate>> | null {
  const weekday = splitWeekday(given);
  const match = SHORT.exec(weekday?.rest ?? given);
  if (!match) return null;
  const [a = '', , b = '', c = ''] = match.slice(1);
  const dmy = { year: fullYear(c), month: Number(b), day: Number(a) };
  const mdy = { year: fullYear(c), month: Number(a), day: Number(b) };
  const ymd = { year: fullYear(a), month: Number(b), day: Number(c) };
  const fits = (date: CalendarDate) => exists(date) && (weekday === null || weekdayOf(date) === weekday.day);
  const hasYearFirst = a.length === 2 && c.length === 2 && fits(ymd);
  return { ...(fits(dmy) && { dmy }), ...(fits(mdy) && { mdy }), ...(hasYearFirst && { ymd }) };
}

/**
 * Those of the readings that a column not said to be otherwise may mean: points stand in dates that begin with the day, and a
 * year of two digits comes first between hyphens only, as ISO 8601 had it until 2004.
 */
export function likelyReadings(given: string): Partial<Record<DateOrder, CalendarDate>> {
  const { dmy, mdy, ymd } = shortReadings(given) ?? {};
  const text = splitWeekday(given)?.rest ?? given;
  if (text.includes('.') && dmy) return { dmy };
  if (ymd && (text.includes('-') || (!dmy && !mdy))) return { ...(dmy && { dmy }), ...(mdy && { mdy }), ymd };
  return { ...(dmy && { dmy }), ...(mdy && { mdy }) };
}

/** The same as ISO dates, for finding out a column's order. */
export function dateReadingTexts(text: string): Partial<Record<DateOrder, string>> {
  return Object.fromEntries(Object.entries(likelyReadings(text)).map(([order, date]) => [order, isoDate(date)]));
}

/** Numbers that say themselves which is the year: `2024-03-05`, `20240305`, `2024年3月5日`. */
export function numericDate(text: string): CalendarDate | null {
  const match =
    /^(\d{3,4})([./-])(\d{1,2})\2(\d{1,2})$/.exec(text) ??
    /^((?:1[7-9]|2\d)\d{2})()(\d{2})(\d{2})$/.exec(text) ??
    /^(\d{4}) ?([年년]) ?(\d{1,2}) ?[月월] ?(\d{1,2}) ?[日일]$/.exec(text);
  return match && { year: Number(match[1]), month: Number(match[3]), day: Number(match[4]) };
}

const DAY_FIRST =
  /^(\d{1,2})(?:st|nd|rd|th|er|[ºª°])?[\s./-]+(?:(?:de|di) )?(\p{L}{3,10})\.?[\s.,/-]+(?:del? )?(\d{4}|\d{2})$/iu;
const MONTH_FIRST = /^(\p{L}{3,10})\.?[\s.-]+(\d{1,2})(?:st|nd|rd|th)?,?[\s-]+(\d{4})$/iu;
const YEAR_FIRST = /^(\d{4})[\s./-]+(\p{L}{3,10})\.?[\s./-]+(\d{1,2})$/iu;

function dateOf(year = '', month = '', day = ''): CalendarDate | null {
  const number = monthNamed(month);
  return number === null ? null : { year: fullYear(year), month: number, day: Number(day) };
}

/** A date that names its month: `5. März 2024`, `March 5th, 2024`, `5 de mayo de 2024`. */
export function namedDate(given: string): CalendarDate | null {
  const text = given.normalize('NFC');
  const dayFirst = DAY_FIRST.exec(text);
  if (dayFirst) return dateOf(dayFirst[3], dayFirst[2], dayFirst[1]);
  const monthFirst = MONTH_FIRST.exec(text);
  if (monthFirst) return dateOf(monthFirst[3], monthFirst[1], monthFirst[2]);
  const yearFirst = YEAR_FIRST.exec(text);
  return yearFirst ? dateOf(yearFirst[1], yearFirst[2], yearFirst[3]) : null;
}
