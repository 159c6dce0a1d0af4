/** A decimal number in exact form, no float anywhere. */
export interface Decimal {
  readonly negative: boolean;
  readonly whole: string;
  readonly fraction: string;
}

const PLAIN = /^([+-]?)(\d*)(?:\.(\d*))?(?:[eE]([+-]?\d{1,4}))?$/;

/** Reads `12.50`, `-.5`, `9.12E8`; null for anything else. */
export function readDecimal(text: string): Decimal | null {
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

export function plainText({ negative, whole, fraction }: Decimal): string {
  return `${negative ? '-' : ''}${whole}${fraction ? `.${fraction}` : ''}`;
}

/**
 * A number with at most so many decimals; a half goes away from nought, as where Salesforce rounds: 12.345 becomes 12.35 and -12.345
 * becomes -12.35 (Help, "Tips for Using Number Fields in Formulas").
 */
export function roundHalfUp(number: Decimal, places: number): Decimal {
  const { negative, whole, fraction } = number;
  if (fraction.length <= places) return number;
  const kept = BigInt(whole + fraction.slice(0, places));
  const rest = fraction.slice(places);
  const digits = String(rest >= '5' ? kept + 1n : kept).padStart(places + 1, '0');
  const text = places === 0 ? digits : `${digits.slice(0, -places)}.${digits.slice(-places)}`;
  return readDecimal(`${negative ? '-' : ''}${text}`) ?? number;
}
