import type { FieldDescribe } from '../domain/sobject.ts';
import { trimStored } from '../match/white-space.ts';
import { plainText, readDecimal, type Decimal } from './decimal.ts';
import { issue, value, type FieldType, type ParseContext, type ParsedValue, type ValueNote } from './field-type.ts';
import { numberReadings } from './number-marks.ts';

/**
 * The number that is left of a text in an org: Salesforce keeps numbers as doubles, so that digits beyond the 16th do not
 * survive (Help 000394530), and prints them as Java does (912260031 as 9.12260031E8, Bulk API 2.0 guide). Two texts that are
 * the same double are the same number; in digits, without an exponent.
 */
export function canonicalNumber(text: string): string {
  const trimmed = trimStored(text);
  const exact = readDecimal(trimmed);
  if (exact === null) return trimmed;
  const double = Number(plainText(exact));
  const kept = Number.isFinite(double) ? readDecimal(String(double)) : null;
  return plainText(kept ?? exact);
}

/** Whether a field takes whole numbers only (xsd:int, xsd:long). */
export function isWholeOnly(field: Pick<FieldDescribe, 'type'>): boolean {
  return field.type === 'int' || field.type === 'long';
}

/** How many digits the field has before and after the point. */
function room(field: FieldDescribe): { before: number; after: number } {
  if (isWholeOnly(field)) return { before: field.digits || 9, after: 0 };
  const precision = field.precision || 18;
  return { before: precision - field.scale, after: field.scale };
}

/** Degrees a part of a geolocation may have, or null for any other number. */
function coordinateLimit(field: FieldDescribe): number | null {
  if (/Latitude(?:__s)?$/.test(field.name)) return 90;
  return /Longitude(?:__s)?$/.test(field.name) ? 180 : null;
}

/** The number that a text is in a column of the given mark, or the issue with it. */
function readNumber(
  text: string,
  { field, decimal: mark }: ParseContext,
): { number: Decimal } | { issue: ParsedValue } {
  if (/^[+-]?(?:nan|inf(?:inity)?)$/i.test(text)) return { issue: issue('NUMBER_NOT_FINITE') };
  const { point, comma } = numberReadings(text, isWholeOnly(field));
  if (mark === 'ambiguous' && point && comma && plainText(point) !== plainText(comma)) {
    return { issue: issue('DECIMAL_AMBIGUOUS', { point: plainText(point), comma: plainText(comma) }) };
  }
  const number = mark === 'ambiguous' ? (point ?? comma) : mark === 'point' ? point : comma;
  if (number) return { number };
  if (/^[+-]?\d+(?:\.\d+)?e[+-]?\d+$/i.test(text) && !point) return { issue: issue('NUMBER_NOT_FINITE') };
  return { issue: issue('NOT_A_NUMBER') };
}

/**
 * int, long, double, currency, percent. Through the API, decimals beyond a field's scale are stored whole and only shown
 * rounded (Help 000387302, 000385689), so they are a remark; too many digits before the point are refused.
 */
export const numberType: FieldType = {
  parse(text, context) {
    const { field } = context;
    const read = readNumber(text, context);
    if ('issue' in read) return read.issue;
    const plain = plainText(read.number);
    const notes: ValueNote[] = [];
    const own = readDecimal(text);
    if (own === null || plainText(own) !== plain)
      notes.push({ code: 'NUMBER_PUNCTUATION', level: 'fix', facts: { readAs: plain } });
    if (/^0\d/.test(text)) notes.push({ code: 'LEADING_ZEROS', level: 'warn', facts: { readAs: plain } });
    const { before, after } = room(field);
    const tooFine = read.number.fraction.length > after;
    if (read.number.whole.replace(/^0$/, '').length > before || (tooFine && isWholeOnly(field))) {
      return issue('NUMBER_TOO_PRECISE', { readAs: plain, before, after });
    }
    const limit = coordinateLimit(field);
    if (limit !== null && Math.abs(Number(plain)) > limit) return issue('LOCATION_OUT_OF_RANGE', { limit });
    if (tooFine) notes.push({ code: 'NUMBER_MORE_DECIMALS', level: 'warn', facts: { after } });
    return value(plain, canonicalNumber(plain), notes);
  },
  canonicalise: canonicalNumber,
};
