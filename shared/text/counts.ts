let written: string | undefined = 'en';
let format = new Intl.NumberFormat(written);

/** How our own numbers are written from now on, in this process; undefined is as the system has it. Data are never written so. */
export function writeNumbersAs(locale: string | undefined): void {
  if (locale === written) return;
  written = locale;
  format = new Intl.NumberFormat(locale);
}

export function number(value: number): string {
  return format.format(value);
}

/** A count with its word: “1 row”, “5,000 rows”. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** What a column is called where a person reads it: its header cell may be empty. */
export function columnLabel(name: string | undefined, index: number): string {
  return name || `Column ${index + 1}`;
}
