import { DateTime } from 'luxon';

type Unit = 'day' | 'week' | 'month' | 'quarter' | 'year';

const UNITS: Record<string, Unit> = {
  DAY: 'day',
  DAYS: 'day',
  WEEK: 'week',
  WEEKS: 'week',
  MONTH: 'month',
  MONTHS: 'month',
  QUARTER: 'quarter',
  QUARTERS: 'quarter',
  FISCAL_QUARTER: 'quarter',
  FISCAL_QUARTERS: 'quarter',
  YEAR: 'year',
  YEARS: 'year',
  FISCAL_YEAR: 'year',
  FISCAL_YEARS: 'year',
};

/** Weeks begin on Sunday, as in Salesforce's en_US locale; the fiscal year is the calendar year. */
function startOf(moment: DateTime, unit: Unit): DateTime {
  return unit === 'week' ? moment.startOf('day').minus({ days: moment.weekday % 7 }) : moment.startOf(unit);
}

/**
 * The time a date literal stands for, as [from, to) in milliseconds, UTC (SOQL and SOSL Reference, "Date Formats and
 * Date Literals in WHERE"). Null for a word that is none.
 */
export function dateLiteralRange(literal: string, now: number): readonly [number, number] | null {
  const today = DateTime.fromMillis(now, { zone: 'utc' }).startOf('day');
  const span = (from: DateTime, unit: Unit, count: number): readonly [number, number] => [
    from.toMillis(),
    from.plus({ [`${unit}s`]: count }).toMillis(),
  ];
  const [word = '', amount] = literal.toUpperCase().split(':');
  if (word === 'TODAY') return span(today, 'day', 1);
  if (word === 'YESTERDAY') return span(today.minus({ days: 1 }), 'day', 1);
  if (word === 'TOMORROW') return span(today.plus({ days: 1 }), 'day', 1);
  if (word === 'LAST_90_DAYS') return [today.minus({ days: 90 }).toMillis(), today.plus({ days: 1 }).toMillis()];
  if (word === 'NEXT_90_DAYS') return span(today.plus({ days: 1 }), 'day', 90);
  const count = Number(amount);
  const relative = /^(?:(LAST|NEXT)_N_(\w+)|N_(\w+)_AGO)$/.exec(word);
  if (relative && Number.isInteger(count)) {
    const unit = UNITS[relative[2] ?? relative[3] ?? ''];
    if (!unit) return null;
    const start = startOf(today, unit);
    const back = start.minus({ [`${unit}s`]: count });
    if (relative[3] !== undefined) return span(back, unit, 1);
    if (relative[1] === 'NEXT') return span(start.plus({ [`${unit}s`]: 1 }), unit, count);
    // LAST_N_DAYS reaches into today; the longer units end where the present one begins.
    return unit === 'day' ? [back.toMillis(), today.plus({ days: 1 }).toMillis()] : [back.toMillis(), start.toMillis()];
  }
  const named = /^(LAST|THIS|NEXT)_(\w+)$/.exec(word);
  const unit = UNITS[named?.[2] ?? ''];
  if (!named || !unit) return null;
  const step = named[1] === 'LAST' ? -1 : named[1] === 'NEXT' ? 1 : 0;
  return span(startOf(today, unit).plus({ [`${unit}s`]: step }), unit, 1);
}

/** Date functions (SOQL and SOSL Reference, "Date Functions"). */
export function dateFunction(name: string, value: string): number | string | null {
  const moment = DateTime.fromISO(value, { zone: 'utc' });
  if (!moment.isValid) return null;
  switch (name.toUpperCase()) {
    case 'CALENDAR_YEAR':
    case 'FISCAL_YEAR':
      return moment.year;
    case 'CALENDAR_QUARTER':
    case 'FISCAL_QUARTER':
      return moment.quarter;
    case 'CALENDAR_MONTH':
    case 'FISCAL_MONTH':
      return moment.month;
    case 'DAY_IN_MONTH':
      return moment.day;
    case 'DAY_IN_WEEK':
      return (moment.weekday % 7) + 1;
    case 'DAY_IN_YEAR':
      return moment.ordinal;
    case 'DAY_ONLY':
      return moment.toISODate();
    case 'HOUR_IN_DAY':
      return moment.hour;
    case 'WEEK_IN_MONTH':
      return Math.ceil(moment.day / 7);
    case 'WEEK_IN_YEAR':
      return Math.ceil(moment.ordinal / 7);
    default:
      return null;
  }
}

export const DATE_FUNCTIONS = new Set([
  'CALENDAR_YEAR',
  'CALENDAR_QUARTER',
  'CALENDAR_MONTH',
  'FISCAL_YEAR',
  'FISCAL_QUARTER',
  'FISCAL_MONTH',
  'DAY_IN_MONTH',
  'DAY_IN_WEEK',
  'DAY_IN_YEAR',
  'DAY_ONLY',
  'HOUR_IN_DAY',
  'WEEK_IN_MONTH',
  'WEEK_IN_YEAR',
]);
