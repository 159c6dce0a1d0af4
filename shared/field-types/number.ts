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

/** The digits of a whole number of 32 bits that are free to be any, and those of the largest of 64 bits. */
const WHOLE_DIGITS = { int: 9, long: 19 };

/** The largest whole number of 64 bits; the smallest is one further from 0 (XML Schema part 2, "long"). */
const LARGEST_LONG = 2n ** 63n - 1n;

/** How many digits the field has before and after the point. */
function room(field: FieldDescribe): { before: number; after: number } {
  if (field.type === 'int' || field.type === 'long')
    return { before: field.digits || WHOLE_DIGITS[field.type], after: 0 };
  const precision = field.precision || 18;
  return { before: precision - field.scale, after: field.scale };
}

function isTooLarge({ whole, negative }: Decimal, field: FieldDescribe): boolean {
  if (whole.replace(/^0$/, '').length > room(field).before) return true;
  return field.type === 'long' && BigInt(whole) > LARGEST_LONG + (negative ? 1n : 0n);
}

/** A value of the field as it is told from others: whole numbers of 64 bits are kept to their last digit. */
function canonicalOf(text: string, { type }: Pick<FieldDescribe, 'type'>): string {
  const exact = type === 'long' ? readDecimal(trimStored(text)) : null;
  return exact ? plainText(exact) : canonicalNumber(text);
}

/**
 * Degrees a part of a geolocation may have, or null for any other number: latitudes -90 to 90, longitudes -180 to 180 (Component
 * reference, "Input Location"; the parts' names are those of Object Reference, "Geolocation Compound Field").
 */
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
  const { point, comma } = numberReadings(text, mark === 'ambiguous' && isWholeOnly(field));
  // Half, or fifty: a field of another type does not say which.
  if (text.includes('%') && field.type !== 'percent' && (point ?? comma)) return { issue: issue('PERCENT_SIGN') };
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
    if (isTooLarge(read.number, field) || (tooFine && isWholeOnly(field))) {
      return issue('NUMBER_TOO_PRECISE', { readAs: plain, before, after });
    }
    const limit = coordinateLimit(field);
    if (limit !== null && Math.abs(Number(plain)) > limit) return issue('LOCATION_OUT_OF_RANGE', { limit });
    if (tooFine) notes.push({ code: 'NUMBER_MORE_DECIMALS', level: 'warn', facts: { after } });
    return value(plain, canonicalOf(plain, field), notes);
  },
  canonicalise: canonicalOf,
};
