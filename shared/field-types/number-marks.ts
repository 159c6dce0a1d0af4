import { plainText, readDecimal, type Decimal } from './decimal.ts';

/** Which mark stands before the decimals. The other one, spaces and apostrophes group digits in threes. */
export type DecimalMark = 'point' | 'comma';

const SYMBOLS = /^[\p{Sc}\s]+|[\p{Sc}\s%]+$|^(?:USD|EUR|GBP|CHF|JPY)\s*|\s*(?:USD|EUR|GBP|CHF|JPY)$/gu;

/**
 * Digits under each mark. Groups are of one kind and of three digits, and none follows a lone 0: `0,125` and `0.101` are
 * decimals whatever else a column holds.
 */
const DIGITS: Record<DecimalMark, RegExp> = {
  point: /^([1-9]\d{0,2}([, '\u00a0\u202f\u2019])\d{3}(?:\2\d{3})*|\d+)(?:\.(\d+))?$|^\.(\d+)$/,
  comma: /^([1-9]\d{0,2}([. '\u00a0\u202f\u2019])\d{3}(?:\2\d{3})*|\d+)(?:,(\d+))?$|^,(\d+)$/,
};

/** Takes money signs, percent signs, bracketed negatives and digit grouping off; null if the punctuation is not a number's. */
function withoutPunctuation(text: string, mark: DecimalMark): string | null {
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
  if (body.startsWith('-') && !signMatch) {
    sign = '-';
    body = body.slice(1);
  }
  const digits = DIGITS[mark].exec(body);
  if (!digits) return null;
  const whole = (digits[1] ?? '0').replace(/\D/g, '');
  const fraction = digits[3] ?? digits[4];
  return `${sign}${whole}${fraction === undefined ? '' : `.${fraction}`}`;
}

/** A number as it reads under one mark, in digits with a decimal point; null if it does not. */
function underMark(text: string, mark: DecimalMark): string | null {
  const isPlain = (mark === 'point' || !text.includes('.')) && readDecimal(text) !== null;
  return isPlain ? text : withoutPunctuation(text, mark);
}

/** Whether digits with a decimal point are a whole number: `12.0` is, and `1.000` is 1. */
function isWhole(text: string): boolean {
  return readDecimal(text)?.fraction === '';
}

/**
 * What a text can mean, by the mark that makes it so. A whole-number field takes no decimals but zeros (xsd:int), so that in one
 * `1,250` is 1250 and nothing else, whereas `1,000` is 1000 or, with three decimals, 1.
 */
export function numberReadings(text: string, wholeOnly: boolean): Partial<Record<DecimalMark, Decimal>> {
  const texts = { point: underMark(text, 'point'), comma: underMark(text, 'comma') };
  if (wholeOnly && texts.point !== null && texts.comma !== null) {
    if (!isWhole(texts.point) && isWhole(texts.comma)) texts.point = null;
    else if (!isWhole(texts.comma) && isWhole(texts.point)) texts.comma = null;
  }
  const point = texts.point === null ? null : readDecimal(texts.point);
  const comma = texts.comma === null ? null : readDecimal(texts.comma);
  return { ...(point && { point }), ...(comma && { comma }) };
}

/** The same as texts without punctuation, for finding out a column's mark. */
export function numberReadingTexts(text: string, wholeOnly: boolean): Partial<Record<DecimalMark, string>> {
  const { point, comma } = numberReadings(text, wholeOnly);
  return { ...(point && { point: plainText(point) }), ...(comma && { comma: plainText(comma) }) };
}
