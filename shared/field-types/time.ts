import { trimStored } from '../match/white-space.ts';
import { issue, value, type FieldType } from './field-type.ts';

const TIME = /^(\d{1,2}):(\d{2})(?::(\d{2})(?:\.(\d{1,3}))?)?\s*([AaPp][Mm])?Z?$/;

function read(text: string): string | null {
  const match = TIME.exec(trimStored(text));
  if (!match) return null;
  let hour = Number(match[1]);
  if (match[5] && (hour < 1 || hour > 12)) return null;
  if (match[5]) hour = (hour % 12) + (match[5].toLowerCase() === 'pm' ? 12 : 0);
  const minute = Number(match[2]);
  const second = Number(match[3] ?? 0);
  if (hour > 23 || minute > 59 || second > 59) return null;
  const two = (n: number) => String(n).padStart(2, '0');
  return `${two(hour)}:${two(minute)}:${two(second)}.${(match[4] ?? '').padEnd(3, '0')}Z`;
}

/** A time of day, sent as `HH:mm:ss.SSSZ` (SOAP API guide, "time"). */
export const timeType: FieldType = {
  parse(text) {
    const time = read(text);
    return time === null ? issue('NOT_A_TIME') : value(time);
  },
  canonicalise: (stored) => read(stored) ?? trimStored(stored),
};
