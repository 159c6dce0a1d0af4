import Papa from 'papaparse';
import type { Stored } from './record-store.ts';
import type { Field } from './schema.ts';

export const DELIMITERS: Record<string, string> = {
  COMMA: ',',
  TAB: '\t',
  SEMICOLON: ';',
  PIPE: '|',
  CARET: '^',
  BACKQUOTE: '`',
};

/** Every data cell is quoted in results. */
export function quotedRow(cells: readonly string[], delimiter: string): string {
  return `${cells.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(delimiter)}\n`;
}

/** Java's Double.toString, which is how Bulk API prints numbers back: 912260031 → 9.12260031E8. */
export function javaDouble(number: number): string {
  const size = Math.abs(number);
  if (number === 0) return '0.0';
  if (size >= 1e-3 && size < 1e7) return Number.isInteger(number) ? `${number}.0` : String(number);
  const [mantissa = '', exponent = ''] = number.toExponential().split('e');
  return `${mantissa.includes('.') ? mantissa : `${mantissa}.0`}E${Number(exponent)}`;
}

/** A stored value as query results print it. */
export function resultText(value: Stored, field: Field | null): string {
  if (value === null) return '';
  if (typeof value === 'number' && field && ['double', 'currency', 'percent'].includes(field.type))
    return javaDouble(value);
  return String(value);
}

/** An uploaded cell as result files echo it: numeric cells come back re-serialised (Bulk API 2.0 guide, "Get Job Successful Record Results"). */
export function echoedText(text: string, field: Field | null): string {
  if (field && ['double', 'currency', 'percent'].includes(field.type) && text !== '' && Number.isFinite(Number(text)))
    return javaDouble(Number(text));
  return text;
}

export interface UploadedCsv {
  header: string[];
  rows: string[][];
}

/** Reads an upload as Bulk API does, or gives the whole-job error message. */
export function readUpload(
  text: string,
  delimiter: string,
  lineEnding: 'LF' | 'CRLF',
): UploadedCsv | { jobError: string } {
  if (text === '') return { header: [], rows: [] };
  const newline = lineEnding === 'LF' ? '\n' : '\r\n';
  const firstLine = /^[^\r\n]*(\r\n|\n|\r)/.exec(text)?.[1];
  if (firstLine !== undefined && firstLine !== newline) {
    return {
      jobError: `ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is ${lineEnding}`,
    };
  }
  const parsed = Papa.parse<string[]>(text, { delimiter, newline, skipEmptyLines: true });
  if (parsed.errors.length > 0) return { jobError: `InvalidBatch : ${parsed.errors[0]?.message ?? 'malformed CSV'}` };
  const [header = [], ...rows] = parsed.data;
  const ragged = rows.findIndex((row) => row.length !== header.length);
  if (ragged >= 0)
    return {
      jobError: `InvalidBatch : The number of values in row ${ragged + 1} does not match the number of header columns`,
    };
  return { header, rows };
}
