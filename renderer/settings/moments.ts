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
  const date = new Date(at);
  if (style !== 'iso') return date.toLocaleString(localeOf());
  const day = `${date.getFullYear()}-${two(date.getMonth() + 1)}-${two(date.getDate())}`;
  return `${day} ${timeOfDay(at)}`;
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
