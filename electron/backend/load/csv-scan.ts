import { isUtf8 } from 'node:buffer';
import Papa from 'papaparse';

/** What a CSV file of the Bulk API holds, as found by reading all of it. */
export interface CsvFacts {
  /** The cells of the first record. */
  readonly header: readonly string[];
  /** How records end; the last one may end with the file. */
  readonly lineEnd: '\n' | '\r\n';
  /** Records after the header. A line without a character is none; a line of one quoted, empty cell is one. */
  readonly records: number;
}

const BYTE_ORDER_MARK = Buffer.from('\ufeff');
const [LF, CR, COMMA, QUOTE] = [10, 13, 44, 34];
/** A header row has at most 32,000 characters (Salesforce Developer Limits, "Bulk API and Bulk API 2.0"); these are bytes, quotes included. */
const MAX_HEADER = 256 * 1024;

type State = 'cell' | 'plain' | 'quoted' | 'quote' | 'return';

/**
 * Counts the records of a CSV text in UTF-8 that comes in pieces, as RFC 4180 has it: comma, doubled quotes, no text beside
 * quotes, as many cells in each record as in the header, one kind of line end. DuckDB's reader is faster at everything else,
 * but says nothing when it drops a record whose quote is not closed, or every record because of another line end.
 */
export class CsvScan {
  #state: State = 'cell';
  #cells = 1;
  /** Whether the record under way has a character. */
  #begun = false;
  #records = 0;
  #columns: number | null = null;
  #lineEnd: '\n' | '\r\n' | null = null;
  #header: Buffer[] = [];
  #headerBytes = 0;
  /** The bytes of a letter that goes on in the next piece. */
  #cut: Buffer = Buffer.alloc(0);
  #wrong = false;
  #markBytes = 0;

  push(piece: Buffer): void {
    if (this.#wrong) return;
    this.#checkLetters(piece);
    const end = this.#columns === null ? this.#scan(piece, 0, true) : 0;
    if (this.#columns === null || end > 0) this.#keepHeader(piece.subarray(0, end));
    if (this.#columns !== null) this.#scan(piece, end, false);
  }

  /** What was read, or null if it is no such text. */
  end(): CsvFacts | null {
    if (this.#state === 'quoted' || this.#state === 'return' || this.#cut.length > 0) this.#wrong = true;
    if (!this.#wrong && this.#begun) this.#endRecord(null);
    if (this.#wrong) return null;
    const text = Buffer.concat(this.#header)
      .toString('utf8')
      .replace(/^\ufeff/, '')
      .replace(/^[\r\n]+|[\r\n]+$/g, '');
    const [header = []] = Papa.parse<string[]>(text, { delimiter: ',', quoteChar: '"' }).data;
    return { header, lineEnd: this.#lineEnd ?? '\n', records: Math.max(0, this.#records - 1) };
  }

  /** Reads on from `start`, to the end of the piece or of the header. Returns where it stopped. */
  #scan(piece: Buffer, start: number, inHeader: boolean): number {
    let at = start;
    for (; at < piece.length && !this.#wrong; at++) {
      if (this.#state === 'quoted') {
        const next = piece.indexOf(QUOTE, at);
        if (next < 0) return piece.length;
        at = next;
      }
      this.#take(piece[at] ?? 0);
      if (inHeader && this.#columns !== null) return at + 1;
    }
    return at;
  }

  #take(byte: number): void {
    if (this.#markBytes < 3) {
      // A byte-order mark is no text.
      if (byte === BYTE_ORDER_MARK[this.#markBytes++]) return;
      this.#markBytes = 3;
    }
    const state = this.#state;
    if (state === 'quoted') {
      // `#scan` went on to the next quote.
      this.#state = 'quote';
    } else if (state === 'return') {
      if (byte === LF) this.#endRecord('\r\n');
      else this.#wrong = true;
    } else if (byte === QUOTE) {
      this.#wrong = state === 'plain';
      this.#begun = true;
      this.#state = 'quoted';
    } else if (byte === COMMA) {
      this.#cells++;
      this.#begun = true;
      this.#state = 'cell';
    } else if (byte === LF) {
      this.#endRecord('\n');
    } else if (byte === CR) {
      this.#state = 'return';
    } else {
      this.#wrong = state === 'quote';
      this.#begun = true;
      this.#state = 'plain';
    }
  }

  #endRecord(lineEnd: '\n' | '\r\n' | null): void {
    if (lineEnd !== null) {
      this.#lineEnd ??= lineEnd;
      this.#wrong ||= lineEnd !== this.#lineEnd;
    }
    if (this.#begun) {
      this.#columns ??= this.#cells;
      this.#wrong ||= this.#cells !== this.#columns;
      this.#records++;
    }
    this.#begun = false;
    this.#cells = 1;
    this.#state = 'cell';
  }

  #keepHeader(bytes: Buffer): void {
    this.#header.push(Buffer.from(bytes));
    this.#headerBytes += bytes.length;
    this.#wrong ||= this.#headerBytes > MAX_HEADER;
  }

  /** UTF-8 throughout; a letter may be cut in two by the pieces. */
  #checkLetters(piece: Buffer): void {
    const bytes = this.#cut.length > 0 ? Buffer.concat([this.#cut, piece]) : piece;
    const whole = wholeLetters(bytes);
    this.#cut = Buffer.from(bytes.subarray(whole));
    this.#wrong ||= !isUtf8(bytes.subarray(0, whole));
  }
}

/** How many bytes stand before a letter that is not whole yet, looking back over the three bytes one can be short of. */
function wholeLetters(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    if ((byte & 0b1100_0000) === 0b1000_0000) continue;
    const length = byte >= 0b1111_0000 ? 4 : byte >= 0b1110_0000 ? 3 : byte >= 0b1100_0000 ? 2 : 1;
    return length > back ? bytes.length - back : bytes.length;
  }
  return bytes.length;
}
