let written: string | undefined = 'en';
let format = new Intl.NumberFormat(written);
let exact = exactFormat();

function exactFormat(): Intl.NumberFormat {
  return new Intl.NumberFormat(written, { maximumFractionDigits: 20 });
}

/** How our own numbers are written from now on, in this process; undefined is as the system has it. Data that are sent or saved are never written so. */
export function writeNumbersAs(locale: string | undefined): void {
  if (locale === written) return;
  written = locale;
  format = new Intl.NumberFormat(locale);
  exact = exactFormat();
}

export function number(value: number): string {
  return format.format(value);
}

/**
 * A number of the data with every digit it has; other text as it is. Salesforce writes doubles from ten million on, and those under a
 * thousandth, as Java does: “2.365E7”.
 */
export function numeral(text: string): string {
  return /^-?\d+(?:\.\d+)?(?:E(?:1?\d|-[1-4]))?$/.test(text) ? exact.format(text as Intl.StringNumericLiteral) : text;
}

/** A count with its word: “1 row”, “5,000 rows”. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** What a column is called where a person reads it: its header cell may be empty. */
export function columnLabel(name: string | undefined, index: number): string {
  return name || `Column ${index + 1}`;
}
