/** Dates and times as the API takes them (Bulk API 2.0 guide, "Valid Date Format in Records"): text that names no real moment is none. */

function daysIn(year: number, month: number): number {
  // Day 0 of the next month is the last of this one.
  return new Date(Date.UTC(2000 + (year % 400), month, 0)).getUTCDate();
}

function isDay(text: string): boolean {
  const [year = 0, month = 0, day = 0] = text.split('-').map(Number);
  return month >= 1 && month <= 12 && day >= 1 && day <= daysIn(year, month);
}

/** Hours 00–23, minutes and seconds 00–59, as the guide has them: 24:00 is no time. */
function isClock(text: string): boolean {
  const [hour = 0, minute = 0, second = 0] = text.split(':').map((part) => Math.floor(Number(part)));
  return hour < 24 && minute < 60 && second < 60;
}

/** Zones reach from -14:00 to +14:00 (XML Schema part 2, "dateTime"). */
function zoneMinutes(zone: string): number | undefined {
  if (zone === 'Z') return 0;
  const [hours, minutes] = [Number(zone.slice(1, 3)), Number(zone.slice(-2))];
  if (minutes > 59 || hours * 60 + minutes > 840) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

export function parseDay(text: string): string | undefined {
  return /^\d{4}-\d{2}-\d{2}$/.test(text) && isDay(text) ? text : undefined;
}

/** In milliseconds since 1970. */
export function parseMoment(text: string): number | undefined {
  const match = /^(\d{4}-\d{2}-\d{2})T(\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+-]\d{2}:?\d{2})$/.exec(text);
  const [, day = '', clock = '', zone = ''] = match ?? [];
  if (!match || !isDay(day) || !isClock(clock)) return undefined;
  const ahead = zoneMinutes(zone);
  return ahead === undefined ? undefined : Date.parse(`${day}T${clock}Z`) - ahead * 60_000;
}

/** To the millisecond, which is what the field keeps (SOAP API guide, "time"). */
export function parseTime(text: string): string | undefined {
  const match = /^(\d{2}:\d{2}:\d{2})(?:\.(\d{1,3}))?Z?$/.exec(text);
  const [, clock = '', fraction = ''] = match ?? [];
  return match && isClock(clock) ? `${clock}.${fraction.padEnd(3, '0')}Z` : undefined;
}
