import type { AppSettings } from '../../shared/domain/settings.ts';

let style: AppSettings['dates'] = 'system';

/** How our own dates are written from now on. */
export function writeDatesAs(dates: AppSettings['dates']): void {
  style = dates;
}

function localeOf(): string | undefined {
  return style === 'system' || style === 'iso' ? undefined : style;
}

const two = (value: number): string => String(value).padStart(2, '0');

/** A date and time in the person's own zone; `at` in milliseconds since the epoch. */
export function moment(at: number): string {
  if (style !== 'iso') return new Date(at).toLocaleString(localeOf());
  return `${localDay(at)} ${timeOfDay(at)}`;
}

/** The day on which a moment falls here, `yyyy-mm-dd`: as ISO dates and date fields have it. */
export function localDay(at: number): string {
  const date = new Date(at);
  return `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
}

/** When a day begins here, in milliseconds since the epoch; null for what is no day, as a date field says of one half typed. */
export function midnightOf(day: string): number | null {
  const at = /^\d{4}-\d{2}-\d{2}$/.test(day) ? new Date(`${day}T00:00`).getTime() : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

/** A day of the calendar, given as `yyyy-mm-dd`: the same in every zone. */
export function calendarDay(day: string): string {
  if (style === 'iso') return day;
  const at = Date.parse(`${day}T00:00:00Z`);
  return Number.isNaN(at) ? day : new Date(at).toLocaleDateString(localeOf(), { timeZone: 'UTC' });
}

export function timeOfDay(at: number): string {
  const date = new Date(at);
  if (style !== 'iso') return date.toLocaleTimeString(localeOf());
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
}
