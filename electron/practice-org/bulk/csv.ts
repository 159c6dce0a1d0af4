import Papa from 'papaparse';
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

/** A cell as results have it: every one is quoted. */
export function quoted(cell: string): string {
  return `"${cell.includes('"') ? cell.replaceAll('"', '""') : cell}"`;
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

/** Limits of an upload (Salesforce Developer Limits, "Bulk API and Bulk API 2.0"). */
const MAX_FIELDS = 5000;
const MAX_CELL = 131_072;
const MAX_RECORD = 400_000;
const MAX_HEADER = 32_000;

/** The whole job fails with this message. */
export class UploadError extends Error {}

/** papaparse's own parser, which its types leave out. It parses one piece and says how far it got. */
interface PieceParser {
  parse(input: string, baseIndex: number, ignoreLastRow: boolean): Papa.ParseResult<string[]>;
}
const Parser = (Papa as unknown as { Parser: new (config: Papa.ParseConfig) => PieceParser }).Parser;

/**
 * Reads an upload as Bulk API does: RFC 4180, no trimming, the declared line ending and delimiter, blank lines skipped.
 * Text goes in piece by piece, whole records come out; what is malformed fails the job (`UploadError`).
 */
export class UploadReader {
  readonly #delimiter: string;
  readonly #newline: '\n' | '\r\n';
  readonly #lineEnding: 'LF' | 'CRLF';
  #rest = '';
  #row = 0;
  #checkedLineEnding = false;
  #start = true;
  header: string[] | null = null;

  constructor(delimiter: string, lineEnding: 'LF' | 'CRLF') {
    this.#delimiter = delimiter;
    this.#lineEnding = lineEnding;
    this.#newline = lineEnding === 'LF' ? '\n' : '\r\n';
  }

  push(piece: string, last: boolean): string[][] {
    let text = this.#rest + piece;
    if (this.#start && text !== '') {
      this.#start = false;
      if (text.startsWith('\ufeff')) text = text.slice(1);
    }
    this.#checkLineEnding(text, last);
    if (!last && !text.includes(this.#newline)) {
      this.#rest = text;
      return [];
    }
    const parser = new Parser({ delimiter: this.#delimiter, newline: this.#newline, quoteChar: '"', escapeChar: '"' });
    const parsed = parser.parse(text, 0, !last);
    const [error] = parsed.errors;
    if (error && (last || error.code !== 'MissingQuotes'))
      throw new UploadError(`InvalidBatch : ${error.message} in row ${this.#row + (error.row ?? 0)}`);
    this.#rest = last ? '' : text.slice(parsed.meta.cursor);
    const rows: string[][] = [];
    for (const cells of parsed.data) {
      if (cells.length === 1 && cells[0] === '') continue;
      if (this.header === null) {
        checkHeader(cells);
        this.header = cells;
        continue;
      }
      this.#row++;
      if (cells.length !== this.header.length)
        throw new UploadError(
          `InvalidBatch : The number of values in row ${this.#row} does not match the number of header columns`,
        );
      checkRecord(cells, this.#row);
      rows.push(cells);
    }
    return rows;
  }

  /** Salesforce looks at how the first line ends. */
  #checkLineEnding(text: string, last: boolean): void {
    if (this.#checkedLineEnding) return;
    const ending = firstLineEnding(text);
    if (ending === undefined && !last) return;
    this.#checkedLineEnding = true;
    if (ending !== undefined && ending !== this.#newline)
      throw new UploadError(
        `ClientInputError : LineEnding is invalid on user data. Current LineEnding setting is ${this.#lineEnding}`,
      );
  }
}

function checkHeader(cells: readonly string[]): void {
  if (cells.length > MAX_FIELDS)
    throw new UploadError(`InvalidBatch : The number of fields ${cells.length} exceeds the maximum of ${MAX_FIELDS}`);
  if (cells.reduce((sum, cell) => sum + cell.length + 1, 0) > MAX_HEADER)
    throw new UploadError(`InvalidBatch : The header row exceeds the maximum of ${MAX_HEADER} characters`);
}

function checkRecord(cells: readonly string[], row: number): void {
  let length = 0;
  for (const cell of cells) {
    if (cell.length > MAX_CELL)
      throw new UploadError(`InvalidBatch : A field of row ${row} exceeds the maximum of ${MAX_CELL} characters`);
    length += cell.length;
  }
  if (length > MAX_RECORD)
    throw new UploadError(`InvalidBatch : Row ${row} exceeds the maximum of ${MAX_RECORD} characters`);
}

/** The line ending after the first record's line, a quoted one skipped; undefined while it has not come. */
function firstLineEnding(text: string): string | undefined {
  let quoted = false;
  for (let at = 0; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === 34) quoted = !quoted;
    else if (quoted) continue;
    else if (c === 10) return '\n';
    else if (c === 13) {
      if (at + 1 === text.length) return undefined;
      return text.charCodeAt(at + 1) === 10 ? '\r\n' : '\r';
    }
  }
  return undefined;
}
