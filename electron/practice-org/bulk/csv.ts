import type { FieldValue } from '../records/org-data.ts';
import type { Field } from '../schema/schema.ts';

export const DELIMITERS: Record<string, string> = {
  COMMA: ',',
  TAB: '\t',
  SEMICOLON: ';',
  PIPE: '|',
  CARET: '^',
  BACKQUOTE: '`',
};

/** A cell as it stands between quotes. */
export function withinQuotes(cell: string): string {
  return cell.includes('"') ? cell.replaceAll('"', '""') : cell;
}

/** A cell as results have it: every one is quoted. */
export function quoted(cell: string): string {
  return `"${withinQuotes(cell)}"`;
}

export function quotedRow(cells: readonly string[], delimiter: string): string {
  let row = '';
  for (let i = 0; i < cells.length; i++) row += (i === 0 ? '' : delimiter) + quoted(cells[i] ?? '');
  return `${row}\n`;
}

/** Java's Double.toString, which is how Bulk API prints numbers back: 912260031 → 9.12260031E8. */
export function javaDouble(number: number): string {
  const size = Math.abs(number);
  if (number === 0) return '0.0';
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(number) ? `${number}.0` : String(number);
  const [mantissa = '', exponent = ''] = number.toExponential().split('e');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
}

export function isDouble(field: Field | null): boolean {
  return field !== null && (field.type === 'double' || field.type === 'currency' || field.type === 'percent');
}

/** A stored value as query results print it. */
export function resultText(value: FieldValue, field: Field | null): string {
  if (value === null) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && isDouble(field)) return javaDouble(value);
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

/** An uploaded cell as result files echo it: numeric cells come back re-serialised (Bulk API 2.0 guide, "Get Job Successful Record Results"). */
export function echoedText(text: string, field: Field | null): string {
  if (text === '' || !isDouble(field)) return text;
  const number = Number(text);
  return Number.isFinite(number) ? javaDouble(number) : text;
}
