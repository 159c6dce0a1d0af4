import { dateFromSerial, getFormatDateInfo, isDateFormat, isPercentFormat } from 'numfmt';

/** How numbers under one cell format are written. */
export type NumberStyle =
  | { readonly kind: 'plain' }
  | { readonly kind: 'percent' }
  /** Leading zeros that only the format knows of: postal codes typed as `00000`. */
  | { readonly kind: 'padded'; readonly digits: number }
  | { readonly kind: 'date' | 'date-time' | 'time' | 'elapsed' };

export const PLAIN: NumberStyle = { kind: 'plain' };

export function styleOf(pattern: string): NumberStyle {
  if (isDateFormat(pattern)) {
    if (/\[h+\]|\[m+\]|\[s+\]/i.test(pattern)) return { kind: 'elapsed' };
    const { year, month, day, hours, minutes, seconds } = getFormatDateInfo(pattern);
    const hasTime = hours || seconds || (minutes && !month);
    const hasDate = year || day || (month && !hasTime);
    if (hasDate) return { kind: hasTime ? 'date-time' : 'date' };
    return { kind: 'time' };
  }
  if (isPercentFormat(pattern)) return { kind: 'percent' };
  const zeros = /^(0{2,})(?:;|$)/.exec(pattern);
  return zeros ? { kind: 'padded', digits: zeros[1]?.length ?? 0 } : PLAIN;
}

const DAY = 86_400_000;

/**
 * A stored number as text: dates in ISO form whatever the workbook's language, everything else digit by digit and
 * without an exponent. Null if the style is a date's and the number is none.
 */
export function numberText(value: number, style: NumberStyle, dates1904: boolean): string | null {
  switch (style.kind) {
    case 'plain':
      return plainDigits(value);
    case 'percent':
      // 0.07 × 100 is 7.000000000000001 in binary; Excel shows fifteen digits.
      return `${plainDigits(Number((value * 100).toPrecision(15)))}%`;
    case 'padded':
      return Number.isInteger(value) && value >= 0
        ? plainDigits(value).padStart(style.digits, '0')
        : plainDigits(value);
    case 'date':
    case 'date-time':
    case 'time':
    case 'elapsed':
      return dateText(value, style.kind, dates1904);
  }
}

function dateText(value: number, kind: 'date' | 'date-time' | 'time' | 'elapsed', dates1904: boolean): string | null {
  // The last serial Excel shows is 9999-12-31's.
  if (!(value >= 0) || value >= 2_958_466) return null;
  let day = Math.floor(value);
  // Seconds are stored as binary fractions of a day: to the millisecond they are what was typed.
  let milliseconds = Math.round((value - day) * DAY);
  if (milliseconds === DAY) [day, milliseconds] = [day + 1, 0];
  const pad = (part: number, digits = 2) => String(part).padStart(digits, '0');
  const seconds = Math.floor(milliseconds / 1000);
  const fraction = milliseconds % 1000 === 0 ? '' : `.${pad(milliseconds % 1000, 3)}`;
  const hours = Math.floor(seconds / 3600) + (kind === 'elapsed' ? day * 24 : 0);
  const time = `${pad(hours)}:${pad(Math.floor(seconds / 60) % 60)}:${pad(seconds % 60)}${fraction}`;
  if (kind === 'time' || kind === 'elapsed') return time;
  // Day 0 is 1904-01-01 in workbooks from old Macs, which in the other count is day 1462.
  const [year, month, date] = dateFromSerial(dates1904 ? day + 1462 : day);
  const iso = `${pad(year, 4)}-${pad(month)}-${pad(date)}`;
  return kind === 'date' ? iso : `${iso}T${time}`;
}

/** The shortest digits that stand for the number, without an exponent. */
export function plainDigits(value: number): string {
  const text = String(value);
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text);
  if (!match) return text;
  const [, sign = '', first = '', rest = '', exponentText = '0'] = match;
  const exponent = Number(exponentText);
  const digits = first + rest;
  return exponent < 0 ? `${sign}0.${'0'.repeat(-exponent - 1)}${digits}` : `${sign}${digits.padEnd(exponent + 1, '0')}`;
}

/** Excel keeps fifteen digits: a whole number of more was rounded when it was typed (F31). */
export function isRounded(value: number): boolean {
  return Number.isInteger(value) && Math.abs(value) >= 1e15;
}
