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

export function timeOfDay(at: number): string {
  const date = new Date(at);
  if (style !== 'iso') return date.toLocaleTimeString(localeOf());
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map(two).join(':');
}
