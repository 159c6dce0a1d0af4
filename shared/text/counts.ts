export function number(value: number): string {
  return value.toLocaleString('en');
}

/** A count with its word: “1 row”, “5,000 rows”. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number(count)} ${count === 1 ? one : many}`;
}

/** What a column is called where a person reads it: its header cell may be empty. */
export function columnLabel(name: string | undefined, index: number): string {
  return name || `Column ${index + 1}`;
}
