import { trimStored } from '../match/white-space.ts';
import { isoDate } from './date-text.ts';
import { readDate, YEARS } from './date.ts';
import { issue, value, type FieldType, type LocalTime, type ValueNote } from './field-type.ts';

const TIME =
  /^(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp]\.?[Mm]\.?)?\s*(Z|z|(?:UTC|GMT)?[+-]\d{2}:?\d{2}|UTC|GMT)?$/;

/** Null for an offset that no clock has: at most 14 hours (XML Schema part 2, dateTime, which the SOAP API guide follows). */
function offsetMinutes(zone: string): number | null {
  const match = /([+-])(\d{2}):?(\d{2})$/.exec(zone);
  if (!match) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3]);
  if (Number(match[3]) > 59 || minutes > 14 * 60) return null;
  return match[1] === '-' ? -minutes : minutes;
}

/** Canonical form: the instant in UTC to the second, which is what Salesforce keeps. */
function utcSecond(ms: number): string {
  return `${new Date(Math.floor(ms / 1000) * 1000).toISOString().slice(0, 19)}Z`;
}

/** The first and the last moment there is, in ms (`YEARS`). */
const FIRST_MOMENT = Date.UTC(YEARS.first, 0, 1);
const LAST_MOMENT = Date.UTC(YEARS.last, 11, 31);

/** An instant. Text without a zone is read in the column's time zone, and said (V10); a time in a DST gap is an issue (V11). */
export const datetimeType: FieldType = {
  parse(text, { dateOrder, timeZone, instantOf }) {
    const split = /^(.+?)(?:[T ,]+(\d{1,2}:.*))?$/.exec(text);
    const read = readDate(split?.[1] ?? text, dateOrder, 1);
    if ('issue' in read) return read.issue;
    const time = TIME.exec(split?.[2]?.trim() ?? '00:00');
    if (!time) return issue('NOT_A_DATE');
    let hour = Number(time[1]);
    const half = time[5]?.charAt(0).toLowerCase();
    if (half !== undefined) {
      if (hour < 1 || hour > 12) return issue('NOT_A_DATE');
      hour = (hour % 12) + (half === 'p' ? 12 : 0);
    }
    const minute = Number(time[2]);
    const second = Number(time[3] ?? 0);
    if (hour > 23 || minute > 59 || second > 59) return issue('NOT_A_DATE');
    const local: LocalTime = {
      ...read.date,
      hour,
      minute,
      second,
      ms: Number((time[4] ?? '0').padEnd(3, '0').slice(0, 3)),
    };
    const notes: ValueNote[] = [...read.notes];
    let instant: number | null;
    if (time[6] !== undefined) {
      const offset = offsetMinutes(time[6]);
      if (offset === null) return issue('NOT_A_DATE');
      instant = Date.UTC(local.year, local.month - 1, local.day, hour, minute, second, local.ms) - offset * 60_000;
    } else {
      instant = instantOf(local, timeZone);
      if (instant === null) {
        const wall = `${isoDate(read.date)} ${String(hour).padStart(2, '0')}:${String(minute).padStart(2, '0')}`;
        return issue('TIME_NONEXISTENT', { time: wall, timeZone });
      }
      notes.push({ code: 'TIME_WITHOUT_ZONE', level: 'warn', facts: { timeZone } });
    }
    if (instant < FIRST_MOMENT || instant > LAST_MOMENT)
      return issue('DATE_OUT_OF_RANGE', { year: new Date(instant).getUTCFullYear(), ...YEARS });
    return value(new Date(instant).toISOString(), utcSecond(instant), notes);
  },
  canonicalise(stored) {
    const text = trimStored(stored);
    const ms = Date.parse(text.replace(/([+-]\d{2})(\d{2})$/, '$1:$2'));
    return Number.isNaN(ms) ? text : utcSecond(ms);
  },
};
