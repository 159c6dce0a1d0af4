import type { FieldDescribe } from '../domain/sobject.ts';
import { trimStored } from '../match/white-space.ts';
import { issue, value, type FieldType, type ValueNote } from './field-type.ts';

/** A decimal number in exact form: `sign · digits · 10^-scale`, no float anywhere. */
interface Decimal {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
}

const PLAIN = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** Reads `12.50`, `-.5`, `9.12E8`; null for anything else. */
function readDecimal(text: string): Decimal | null {
  const match = PLAIN.exec(text);
  if (!match) return null;
  let whole = match[2] ?? '';
  let fraction = match[3] ?? '';
  if (whole === '' && fraction === '') return null;
  const exponent = Number(match[4] ?? 0);
  // Salesforce holds at most 18 digits; an exponent beyond this is out of range whatever the field.
  if (Math.abs(exponent) > 400) return null;
  if (exponent > 0) {
    fraction = fraction.padEnd(exponent, '0');
    whole += fraction.slice(0, exponent);
    fraction = fraction.slice(exponent);
  } else if (exponent < 0) {
    whole = whole.padStart(-exponent, '0');
    fraction = whole.slice(whole.length + exponent) + fraction;
    whole = whole.slice(0, whole.length + exponent);
  }
  whole = whole.replace(/^0+(?=\d)/, '') || '0';
  fraction = fraction.replace(/0+$/, '');
  const isZero = /^0*$/.test(whole + fraction);
  return { negative: match[1] === '-' && !isZero, whole, fraction };
}

function plainText({ negative, whole, fraction }: Decimal): string {
  return `${negative ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`;
}

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

const SYMBOLS = /^[\p{Sc}\s]+|[\p{Sc}\s%]+$|^(?:USD|EUR|GBP|CHF|JPY)\s*|\s*(?:USD|EUR|GBP|CHF|JPY)$/gu;

/** Takes money signs, percent signs, bracketed negatives and digit grouping off; null if the punctuation is not a number's. */
function withoutPunctuation(text: string, decimalMark: 'point' | 'comma'): string | null {
  let body = text.replace(/[\u2212]/g, '-');
  const bracketed = /^\((.*)\)$/.exec(body);
  if (bracketed) body = `-${bracketed[1] ?? ''}`;
  let sign = '';
  const signMatch = /^\s*([+-])/.exec(body);
  if (signMatch) {
    sign = signMatch[1] === '-' ? '-' : '';
    body = body.slice(signMatch[0].length);
  }
  body = body.replace(SYMBOLS, '').replace(SYMBOLS, '');
  if (body.startsWith('-') && sign === '') {
    sign = '-';
    body = body.slice(1);
  }
  const point = decimalMark === 'point' ? '\\.' : ',';
  const group = decimalMark === 'point' ? "[, '\\u00a0\\u202f\\u2019]" : "[. '\\u00a0\\u202f\\u2019]";
  // eslint-disable-next-line security/detect-non-literal-regexp -- both parts are constants above
  const grouped = new RegExp(`^(\\d{1,3}(?:${group}\\d{3})+|\\d+)(?:${point}(\\d+))?$|^${point}(\\d+)$`).exec(body);
  if (!grouped) return null;
  const whole = (grouped[1] ?? '0').replace(/\D/g, '');
  const fraction = grouped[2] ?? grouped[3];
  return `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** Which mark separates decimals in a column. One value that can only be read one way decides. */
export function detectDecimal(values: Iterable<string>): 'point' | 'comma' | 'ambiguous' {
  let onlyAmbiguousPoints = false;
  for (const raw of values) {
    const text = raw.replace(/[^\d.,]/g, '');
    if (/\.\d*,/.test(text) || /^\d+,(?:\d{1,2}|\d{4,})$/.test(text) || /^0,\d/.test(text)) return 'comma';
    if (
      /,\d*\./.test(text) ||
      /^\d+\.(?:\d{1,2}|\d{4,})$/.test(text) ||
      /^0\.\d/.test(text) ||
      /,\d{3}(?:,\d{3})+$/.test(text)
    ) {
      return 'point';
    }
    if (/^[1-9]\d{0,2}(?:\.\d{3})+$/.test(text)) onlyAmbiguousPoints = true;
    if (/\d\.\d{3}\.\d{3}/.test(text)) return 'comma';
  }
  return onlyAmbiguousPoints ? 'ambiguous' : 'point';
}

/** How many digits the field has before and after the point. */
function room(field: FieldDescribe): { before: number; after: number } {
  if (field.type === 'int' || field.type === 'long') return { before: field.digits || 9, after: 0 };
  const precision = field.precision || 18;
  return { before: precision - field.scale, after: field.scale };
}

/** Degrees a part of a geolocation may have, or null for any other number. */
function coordinateLimit(field: FieldDescribe): number | null {
  if (/Latitude(?:__s)?$/.test(field.name)) return 90;
  return /Longitude(?:__s)?$/.test(field.name) ? 180 : null;
}

/** int, long, double, currency, percent. */
export const numberType: FieldType = {
  parse(text, { field, decimal: mark }) {
    if (/^[+-]?(?:nan|inf(?:inity)?)$/i.test(text)) return issue('NUMBER_NOT_FINITE');
    const notes: ValueNote[] = [];
    const ambiguous = mark === 'ambiguous' && /^[1-9]\d{0,2}(?:\.\d{3})+$/.test(text);
    let decimal = mark === 'comma' ? null : readDecimal(text);
    if (decimal === null) {
      if (/^[+-]?\d+(?:\.\d+)?e[+-]?\d+$/i.test(text)) return issue('NUMBER_NOT_FINITE');
      const bare = withoutPunctuation(text, mark === 'comma' ? 'comma' : 'point');
      decimal = bare === null ? null : readDecimal(bare);
      if (decimal === null) return issue('NOT_A_NUMBER');
      if (bare !== text)
        notes.push({ code: 'NUMBER_PUNCTUATION', level: 'fix', facts: { readAs: plainText(decimal) } });
    }
    if (/^0\d/.test(text)) notes.push({ code: 'LEADING_ZEROS', level: 'warn', facts: { readAs: plainText(decimal) } });
    if (ambiguous) {
      notes.push({
        code: 'DECIMAL_AMBIGUOUS',
        level: 'warn',
        facts: { readAs: plainText(decimal), other: text.replaceAll('.', '') },
      });
    }
    const { before, after } = room(field);
    if (decimal.whole.replace(/^0$/, '').length > before || decimal.fraction.length > after) {
      return issue('NUMBER_TOO_PRECISE', { readAs: plainText(decimal), before, after });
    }
    const plain = plainText(decimal);
    const limit = coordinateLimit(field);
    if (limit !== null && Math.abs(Number(plain)) > limit) return issue('LOCATION_OUT_OF_RANGE', { limit });
    return value(plain, canonicalNumber(plain), notes);
  },
  canonicalise: canonicalNumber,
};
