import Papa from 'papaparse';
import type { Dialect, RowProblemCode } from '../../../shared/domain/source-file.ts';
import { FailureError } from '../../../shared/contract/failure.ts';

/** papaparse's own parser, which its types leave out. It parses one buffer and says how far it got. */
interface PapaParser {
  parse(input: string, baseIndex: number, ignoreLastRow: boolean): Papa.ParseResult<string[]>;
}
type PapaParserClass = new (config: Papa.ParseConfig) => PapaParser;
const Parser = (Papa as unknown as { Parser: PapaParserClass }).Parser;

/**
 * No record of Salesforce holds more than 400,000 characters (Bulk API limits), so text this long without the end
 * of a record is a quote that is never closed. Without this bound one stray quote would pull the file into memory.
 */
const LONGEST_RECORD = 4_000_000;

/** One record of the file. `original` is the CSV text to give back for a record that could not be read as promised. */
export interface SourceRecord {
  readonly line: number;
  readonly cells: string[];
  readonly problem: RowProblemCode | null;
  readonly original: string | null;
}

/**
 * Turns decoded text, piece by piece, into records. Bad records come out marked and the ones after them are read;
 * only a quote that is never closed ends the reading (`FILE_QUOTE_NEVER_CLOSED`), because nothing after it is certain.
 */
export class RecordReader {
  readonly #delimiter: string;
  readonly #newline: '\n' | '\r';
  readonly #fileName: string;
  #buffer = '';
  #line = 1;
  #width: number | null = null;
  #skipSepLine: boolean;
  /** Lines without a single value, which are no records (F18). */
  blankLines = 0;

  constructor(dialect: Pick<Dialect, 'delimiter' | 'lineEnding' | 'sepLine'>, fileName: string) {
    this.#delimiter = dialect.delimiter;
    this.#newline = dialect.lineEnding === 'CR' ? '\r' : '\n';
    this.#fileName = fileName;
    this.#skipSepLine = dialect.sepLine;
  }

  /** Takes the next piece of text; the first record of all is the header. */
  push(text: string, last: boolean): SourceRecord[] {
    this.#buffer += text;
    if (this.#skipSepLine) {
      const end = this.#buffer.indexOf(this.#newline);
      if (end < 0 && !last) return [];
      this.#buffer = end < 0 ? '' : this.#buffer.slice(end + 1);
      this.#line++;
      this.#skipSepLine = false;
    }
    // Whole lines only: a closing quote cut off from its line ending looks like one with text after it.
    const end = last ? this.#buffer.length : this.#buffer.lastIndexOf(this.#newline) + 1;
    const buffer = this.#buffer.slice(0, end);
    const rest = this.#buffer.slice(end);
    if (buffer === '') {
      this.#refuseEndless();
      return [];
    }
    // A CR right before a closing quote belongs to the value; after it, to the line ending. Only the careful path can tell.
    const needsCare = buffer.includes('\r"');
    const parsed = needsCare ? null : new Parser(this.#config()).parse(buffer, 0, !last);
    if (parsed !== null && parsed.errors.length === 0) {
      this.#buffer = buffer.slice(parsed.meta.cursor) + rest;
      const plain = !buffer.includes('"');
      const suspicious = buffer.includes('\0') || buffer.includes('\ufffd');
      const records: SourceRecord[] = [];
      parsed.data.forEach((cells, index) => {
        this.#stripCarriageReturn(cells);
        const finished = last && index === parsed.data.length - 1 && buffer.endsWith(this.#newline);
        this.#take(cells, plain ? 1 : 1 + this.#linesIn(cells), suspicious, finished, records);
      });
      if (last) this.#buffer = '';
      this.#refuseEndless();
      return records;
    }
    return this.#pushCarefully(buffer, rest, last);
  }

  /** One record at a time, for buffers with a malformed record in them. */
  #pushCarefully(buffer: string, after: string, last: boolean): SourceRecord[] {
    const records: SourceRecord[] = [];
    const suspicious = buffer.includes('\0') || buffer.includes('\ufffd');
    let position = 0;
    while (position < buffer.length) {
      const rest = buffer.slice(position);
      const one = new Parser({ ...this.#config(), fastMode: false, preview: 1 }).parse(rest, 0, !last);
      const error = one.errors[0];
      if (error?.code === 'InvalidQuotes') {
        const end = rest.indexOf(this.#newline);
        if (end < 0 && !last) break;
        const original = rest.slice(0, end < 0 ? rest.length : end).replace(/\r$/, '');
        records.push({
          line: this.#line,
          cells: original.split(this.#delimiter),
          problem: 'TEXT_AFTER_QUOTE',
          original,
        });
        this.#line++;
        position += end < 0 ? rest.length : end + 1;
        continue;
      }
      if (error?.code === 'MissingQuotes') this.#neverClosed();
      const cells = one.data[0];
      if (cells === undefined || one.meta.cursor === 0) break;
      const raw = rest.slice(0, one.meta.cursor);
      if (!/"[\r\n]*$/.test(raw)) this.#stripCarriageReturn(cells);
      this.#take(cells, Math.max(1, raw.split(this.#newline).length - 1), suspicious, false, records);
      position += one.meta.cursor;
    }
    this.#buffer = last ? '' : buffer.slice(position) + after;
    this.#refuseEndless();
    return records;
  }

  #config(): Papa.ParseConfig {
    return { delimiter: this.#delimiter, newline: this.#newline, quoteChar: '"', escapeChar: '"' };
  }

  /** With LF as the record end, CRLF leaves a CR on the last cell; so do mixed line endings (F12). */
  #stripCarriageReturn(cells: string[]): void {
    const lastCell = cells.at(-1);
    if (this.#newline === '\n' && lastCell?.endsWith('\r')) cells[cells.length - 1] = lastCell.slice(0, -1);
  }

  #linesIn(cells: string[]): number {
    let lines = 0;
    for (const cell of cells) {
      for (let at = cell.indexOf(this.#newline); at >= 0; at = cell.indexOf(this.#newline, at + 1)) lines++;
    }
    return lines;
  }

  #take(cells: string[], lines: number, suspicious: boolean, finished: boolean, into: SourceRecord[]): void {
    const line = this.#line;
    this.#line += lines;
    if (cells.every((cell) => cell === '')) {
      if (!finished) this.blankLines++;
      return;
    }
    if (this.#width === null) {
      this.#width = cells.length;
      into.push({ line, cells, problem: null, original: null });
      return;
    }
    while (cells.length > this.#width && cells.at(-1) === '') cells.pop();
    let problem: RowProblemCode | null = null;
    if (cells.length < this.#width) problem = 'TOO_FEW_CELLS';
    else if (cells.length > this.#width) problem = 'TOO_MANY_CELLS';
    else if (suspicious && cells.some((cell) => cell.includes('\0'))) problem = 'NUL_CHARACTER';
    else if (suspicious && cells.some((cell) => cell.includes('\ufffd'))) problem = 'UNREADABLE_CHARACTER';
    const original = problem === null ? null : Papa.unparse([cells], { delimiter: this.#delimiter, newline: '\n' });
    into.push({ line, cells, problem, original });
  }

  #refuseEndless(): void {
    if (this.#buffer.length > LONGEST_RECORD) this.#neverClosed();
  }

  #neverClosed(): never {
    throw new FailureError({ code: 'FILE_QUOTE_NEVER_CLOSED', fileName: this.#fileName, line: this.#line });
  }
}
