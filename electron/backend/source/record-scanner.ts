import { isUtf8 } from 'node:buffer';
import Papa from 'papaparse';
import type { Dialect, RowProblemCode, SourceNotice } from '../../../shared/domain/source-file.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import { readBrokenRecord } from './broken-record.ts';
import { marksText } from '../tables/cell-marks.ts';
import { fromBytes, isUndecodable, REPLACEMENT, unreadableCells } from './byte-cells.ts';
import type { RecordSink } from './source-record.ts';

/** papaparse's own parser, which its types leave out. It parses one buffer and says how far it got. */
interface PapaParser {
  parse(input: string, baseIndex: number, ignoreLastRow: boolean): Papa.ParseResult<string[]>;
}
type PapaParserClass = new (config: Papa.ParseConfig) => PapaParser;
const Parser = (Papa as unknown as { Parser: PapaParserClass }).Parser;

/**
 * No record of Salesforce holds more than 400,000 characters (Bulk API limits), so bytes this many without the end
 * of a record are a quote that is never closed. Without this bound one stray quote would pull the file into memory.
 */
const LONGEST_RECORD = 4_000_000;

/** Bytes that papaparse is shown of an odd record at first: most are one line, and it copies what it is shown. */
const FIRST_LOOK = 8 * 1024;

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** What `recordEnd` found instead of the end of a record. */
const NEEDS_MORE = -1;
const IS_ODD = -2;

/**
 * Finds the records in UTF-8 bytes, piece by piece. A record that any CSV reader reads the same way is passed on as bytes;
 * everything else (quotes out of place, another number of cells, blank lines, control and undecodable bytes) is an odd
 * one and goes to papaparse by itself. Only a quote that is never closed ends the reading (`FILE_QUOTE_NEVER_CLOSED`),
 * because nothing after it is certain, and a header with quotes out of place (`FILE_HEADER_BROKEN`).
 *
 * Quotes, delimiters and line ends are ASCII, and no byte of a longer UTF-8 character is: bytes can be judged without
 * decoding them. Looking at each byte once costs a tenth of what splitting the same text into cells does (bench/).
 */
export class RecordScanner {
  readonly #delimiter: string;
  readonly #delimiterByte: number;
  readonly #newline: '\n' | '\r';
  readonly #newlineByte: number;
  readonly #fileName: string;
  readonly #sink: RecordSink;
  #rest: Buffer = Buffer.alloc(0);
  #line = 1;
  #width: number | null = null;
  /** Lines that are still to be skipped before the header. */
  #above: number;
  readonly #headerless: boolean;
  readonly #ownReplacements = { cells: 0, line: 0 };
  /** Newlines inside the quotes of the record that was looked at last. */
  #linesInside = 0;

  constructor(
    dialect: Pick<Dialect, 'delimiter' | 'lineEnding' | 'sepLine' | 'linesAbove' | 'headerless'>,
    fileName: string,
    sink: RecordSink,
  ) {
    this.#delimiter = dialect.delimiter;
    this.#delimiterByte = dialect.delimiter.charCodeAt(0);
    this.#newline = dialect.lineEnding === 'CR' ? '\r' : '\n';
    this.#newlineByte = this.#newline.charCodeAt(0);
    this.#fileName = fileName;
    this.#sink = sink;
    this.#above = Number(dialect.sepLine) + dialect.linesAbove;
    this.#headerless = dialect.headerless;
  }

  /** Takes the next piece; the first record of all is the header. `last` may come with an empty piece. */
  push(piece: Buffer, last: boolean): void {
    let bytes = this.#rest.length === 0 ? piece : Buffer.concat([this.#rest, piece]);
    // The last record need not end in a line ending; with one it is like any other.
    if (last && bytes.length > 0 && bytes.at(-1) !== this.#newlineByte) {
      bytes = Buffer.concat([bytes, Buffer.from(this.#newline)]);
    }
    let at = 0;
    while (this.#above > 0) {
      const end = bytes.indexOf(this.#newlineByte, at);
      if (end < 0) break;
      at = end + 1;
      this.#line++;
      this.#above--;
    }
    const whole = bytes.lastIndexOf(this.#newlineByte) + 1;
    const suspicious = this.#isSuspicious(bytes.subarray(at, whole));
    while (at < whole && this.#above === 0) {
      const end = this.#width === null ? IS_ODD : this.#recordEnd(bytes, at, whole);
      if (end === NEEDS_MORE && !last) break;
      if (end >= 0 && !(suspicious && this.#isSuspicious(bytes.subarray(at, end)))) {
        this.#sink.clean(bytes, at, bytes[end - 1] === CR && this.#newline === '\n' ? end - 1 : end, this.#line);
        this.#line += 1 + this.#linesInside;
        at = end + 1;
        continue;
      }
      const consumed = this.#readOdd(bytes, at, whole, last);
      if (consumed === 0) break;
      at += consumed;
    }
    // A piece belongs to its reader's buffer; what is kept of it is small and must be our own.
    this.#rest = Buffer.from(bytes.subarray(at));
    if (this.#rest.length > LONGEST_RECORD) this.#neverClosed();
  }

  #isSuspicious(bytes: Buffer): boolean {
    return !isUtf8(bytes) || bytes.includes(0) || bytes.includes(REPLACEMENT);
  }

  /** Index of the line ending of the well-formed record at `from`, or why there is none. */
  #recordEnd(bytes: Buffer, from: number, limit: number): number {
    const delimiter = this.#delimiterByte;
    const newline = this.#newlineByte;
    let cells = 1;
    let lines = 0;
    let at = from;
    cell: for (;;) {
      if (at >= limit) return NEEDS_MORE;
      let byte = bytes[at] ?? 0;
      if (byte === QUOTE) {
        at++;
        for (;;) {
          while (at < limit && (byte = bytes[at] ?? 0) !== QUOTE) {
            if (byte === newline) lines++;
            at++;
          }
          if (at + 1 >= limit) return NEEDS_MORE;
          byte = bytes[++at] ?? 0;
          if (byte !== QUOTE) break;
          at++;
        }
      } else {
        // Below 0x23 are the quote, line ends and control characters; the delimiter may be among or above them.
        while (byte !== delimiter && (byte > QUOTE || (byte !== QUOTE && byte !== LF && byte !== CR && byte > 1))) {
          if (++at >= limit) return NEEDS_MORE;
          byte = bytes[at] ?? 0;
        }
      }
      if (byte === delimiter) {
        cells++;
        at++;
        continue cell;
      }
      if (byte === CR && newline === LF) {
        if (at + 1 >= limit) return NEEDS_MORE;
        byte = bytes[++at] ?? 0;
      }
      if (byte !== newline || cells !== this.#width) return IS_ODD;
      // As short as this it may be blank, which is for the careful reading to say.
      if (at - from <= 3 * cells) return IS_ODD;
      this.#linesInside = lines;
      return at;
    }
  }

  /**
   * Reads one record that is not plain, and gives the bytes it took; 0 if its end is not here yet. papaparse is shown the
   * bytes as if each were a character, which tells places in the text from places in the file and loses nothing.
   */
  #readOdd(bytes: Buffer, from: number, limit: number, last: boolean): number {
    for (let look = FIRST_LOOK; ; look *= 4) {
      // Whole lines only: a closing quote cut off from its line ending looks like one with text after it.
      const lineEnd = bytes.indexOf(this.#newlineByte, from + look) + 1;
      const shown = lineEnd === 0 || lineEnd > limit ? limit : lineEnd;
      const text = bytes.toString('latin1', from, shown);
      const one = new Parser({
        delimiter: this.#delimiter,
        newline: this.#newline,
        quoteChar: '"',
        escapeChar: '"',
        fastMode: false,
        preview: 1,
      }).parse(text, 0, true);
      if (one.errors[0]?.code === 'InvalidQuotes') return this.#readBroken(bytes, from, limit, last);
      const cells = one.data[0];
      const consumed = one.meta.cursor;
      if (cells === undefined || consumed === 0) {
        if (shown < limit) continue;
        if (last) this.#neverClosed();
        return 0;
      }
      const raw = text.slice(0, consumed);
      // With LF as the record end, CRLF leaves a CR on the last cell; before a closing quote it belongs to the value.
      const lastCell = cells.at(-1);
      if (this.#newline === '\n' && lastCell?.endsWith('\r') && !/"[\r\n]*$/.test(raw))
        cells[cells.length - 1] = lastCell.slice(0, -1);
      this.#take(cells, this.#withoutLineEnding(raw), Math.max(1, raw.split(this.#newline).length - 1));
      return consumed;
    }
  }

  /** Reads one record with text after a closing quote, whole, whatever lines it has within its quotes. */
  #readBroken(bytes: Buffer, from: number, limit: number, last: boolean): number {
    const broken = readBrokenRecord(bytes, from, limit, this.#delimiterByte, this.#newlineByte);
    if (broken === null) {
      if (last) this.#neverClosed();
      return 0;
    }
    // Its columns could be any, and the row below it is no header.
    if (this.#width === null && !this.#headerless)
      throw new FailureError({ code: 'FILE_HEADER_BROKEN', fileName: this.#fileName, line: this.#line });
    const raw = bytes.toString('latin1', from, broken.end + 1);
    const cells = broken.cells.map(([start, end]) =>
      // The last one runs up to the line ending, of which CRLF has two bytes.
      this.#withoutLineEnding(bytes.toString('latin1', start, end === broken.end ? end + 1 : end)),
    );
    this.#pass(cells, 'TEXT_AFTER_QUOTE', this.#withoutLineEnding(raw), raw.split(this.#newline).length - 1);
    return broken.end + 1 - from;
  }

  #withoutLineEnding(raw: string): string {
    return this.#newline === '\n' ? raw.replace(/\r?\n$/, '') : raw.replace(/\r$/, '');
  }

  #take(cells: string[], raw: string, lines: number): void {
    if (cells.every((cell) => cell === '')) {
      this.#line += lines;
      this.#sink.blankLine();
      return;
    }
    if (this.#width === null) {
      this.#width = cells.length;
      this.#sink.header(this.#headerless ? cells.map((_cell, place) => `Column ${place + 1}`) : cells.map(fromBytes));
      if (!this.#headerless) {
        this.#line += lines;
        return;
      }
    }
    while (cells.length > this.#width && cells.at(-1) === '') cells.pop();
    let problem: RowProblemCode | null = null;
    if (cells.length < this.#width) problem = 'TOO_FEW_CELLS';
    else if (cells.length > this.#width) problem = 'TOO_MANY_CELLS';
    this.#pass(cells, problem, raw, lines);
  }

  #pass(byteCells: string[], shape: RowProblemCode | null, raw: string, lines: number): void {
    const cells = byteCells.map(fromBytes);
    const { unreadable, ...found } = unreadableCells(byteCells, isUndecodable);
    const { problem, problemColumn } = shape === null ? found : { problem: shape, problemColumn: null };
    const replaced = cells.filter((cell) => cell.includes('\ufffd')).length;
    if (problem === null && replaced > 0) {
      if (this.#ownReplacements.cells === 0) this.#ownReplacements.line = this.#line;
      this.#ownReplacements.cells += replaced;
    }
    const original = problem === null ? null : Buffer.from(raw, 'latin1');
    const marks = marksText(unreadable.map((column) => ['unreadable', column]));
    this.#sink.record({ line: this.#line, cells, problem, problemColumn, original, marks });
    this.#line += lines;
  }

  /** What could only be said at the end. */
  get notices(): SourceNotice[] {
    const { cells, line } = this.#ownReplacements;
    return cells === 0 ? [] : [{ code: 'REPLACEMENT_CHARACTERS', cells, line }];
  }

  #neverClosed(): never {
    throw new FailureError({ code: 'FILE_QUOTE_NEVER_CLOSED', fileName: this.#fileName, line: this.#line });
  }
}
