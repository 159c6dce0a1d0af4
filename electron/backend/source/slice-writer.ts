import { open, rm, type FileHandle } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { withNulShown, type RecordSink, type SourceRecord } from './source-record.ts';
import { quoteText } from '../tables/quote.ts';

/**
 * Rows that DuckDB is given at a time: eight row groups of a source's storage (duckdb-engine.ts), which its threads
 * compress and write as they fill. Left-over ones are compressed by one thread at the end: a million rows took 4.2 s in
 * these slices, 8.4 s in ones of two large row groups.
 */
const SLICE_ROWS = 8 * 30_720;

/** Wide rows make smaller slices, so that little is on disk twice. */
const SLICE_BYTES = 256 * 1024 * 1024;

/** Bytes gathered before they are written. */
const BUFFER_BYTES = 1024 * 1024;

/** DuckDB's own limit on a line is set to fit the longest one of a slice, and to at least this. */
const LONGEST_LINE = 1_000_000;

/** A cell that is not there, as opposed to an empty one. The scanner passes no plain record with this byte in it. */
const MISSING = '\u0001';

/** Rows on their way into the database together, all of one file. */
interface Slice {
  rows: number;
  bytes: number;
  longest: number;
  readonly part: number;
  readonly delimiter: string;
}

/**
 * Writes records as plain CSV slices with their row and line numbers, and has DuckDB read each while the next is
 * written: reading the file, and splitting and compressing its cells, then each have a processor. Table
 * `raw(row_number, line, part, problem, problem_column, original, marks, c0 … cn)`.
 */
export class SliceWriter implements RecordSink {
  readonly #connection: DuckDBConnection;
  readonly #table: string;
  readonly #path: string;
  #delimiter = ',';
  #delimiterByte = 0x2c;
  readonly #columns: number;
  #buffer = Buffer.allocUnsafe(BUFFER_BYTES * 2);
  /** What waits to be written; the last piece of a slice says so. */
  readonly #full: { bytes: Buffer; slice: Slice | null }[] = [];
  #at = 0;
  #slice: Slice;
  #file: FileHandle | null = null;
  #part = 0;
  #turn = 0;
  #inserting: Promise<void> = Promise.resolve();
  rows = 0;
  problemRows = 0;
  blankLines = 0;

  /** Before any record `startPart` says what it is of. */
  constructor(connection: DuckDBConnection, table: string, path: string, columns: number) {
    this.#connection = connection;
    this.#table = table;
    this.#path = path;
    this.#columns = columns;
    this.#slice = this.#newSlice();
  }

  #newSlice(): Slice {
    return { rows: 0, bytes: 0, longest: 0, part: this.#part, delimiter: this.#delimiter };
  }

  /** The header was read when the file was opened. */
  header(): void {}

  blankLine(): void {
    this.blankLines++;
  }

  clean(bytes: Buffer, start: number, end: number, line: number): void {
    this.#makeRoom(end - start + 64);
    const from = this.#at;
    this.#number(++this.rows);
    this.#number(line);
    const buffer = this.#buffer;
    // Neither problem nor its column nor original nor marks.
    for (let fact = 0; fact < 4; fact++) {
      buffer[this.#at++] = 1;
      buffer[this.#at++] = this.#delimiterByte;
    }
    bytes.copy(buffer, this.#at, start, end);
    this.#at += end - start;
    buffer[this.#at++] = 0x0a;
    this.#count(this.#at - from);
  }

  record(record: SourceRecord): void {
    if (record.problem !== null) this.problemRows++;
    const facts = [
      String(++this.rows),
      String(record.line),
      record.problem ?? MISSING,
      record.problemColumn === null ? MISSING : String(record.problemColumn),
      record.original === null ? MISSING : record.original.toString('hex'),
      record.marks ? `"${record.marks}"` : MISSING,
    ];
    const cells = Array.from({ length: this.#columns }, (_, index) => {
      const cell = record.cells[index];
      return cell === undefined ? MISSING : `"${withNulShown(cell).replaceAll('"', '""')}"`;
    });
    const bytes = Buffer.from(`${[...facts, ...cells].join(this.#delimiter)}\n`);
    this.#makeRoom(bytes.length);
    bytes.copy(this.#buffer, this.#at);
    this.#at += bytes.length;
    this.#count(bytes.length);
  }

  #count(bytes: number): void {
    const slice = this.#slice;
    slice.bytes += bytes;
    slice.rows++;
    if (bytes > slice.longest) slice.longest = bytes;
    if (slice.rows === SLICE_ROWS || slice.bytes > SLICE_BYTES) this.#endSlice();
  }

  #endSlice(): void {
    this.#full.push({ bytes: Buffer.from(this.#buffer.subarray(0, this.#at)), slice: this.#slice });
    this.#at = 0;
    this.#slice = this.#newSlice();
  }

  /** A number and a delimiter in digits: a fifth of the time that making a string of each takes. */
  #number(value: number): void {
    const buffer = this.#buffer;
    let digits = 1;
    for (let rest = value; rest >= 10; rest = Math.floor(rest / 10)) digits++;
    let rest = value;
    for (let at = this.#at + digits - 1; at >= this.#at; at--) {
      const next = Math.floor(rest / 10);
      buffer[at] = 48 + rest - next * 10;
      rest = next;
    }
    this.#at += digits;
    buffer[this.#at++] = this.#delimiterByte;
  }

  #makeRoom(bytes: number): void {
    if (this.#at + bytes <= this.#buffer.length) return;
    this.#full.push({ bytes: Buffer.from(this.#buffer.subarray(0, this.#at)), slice: null });
    this.#at = 0;
    if (bytes > this.#buffer.length) this.#buffer = Buffer.allocUnsafe(bytes * 2);
  }

  /** Puts what was gathered on disk, and full slices into the database. Call it between pieces of the file. */
  async settle(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    if (this.#at < BUFFER_BYTES && this.#full.length === 0) return;
    await this.#flush();
  }

  async #flush(): Promise<void> {
    for (const { bytes, slice } of this.#full.splice(0)) {
      await this.#write(bytes);
      if (slice) await this.#handOver(slice);
    }
    await this.#write(this.#buffer.subarray(0, this.#at));
    this.#at = 0;
  }

  async #write(bytes: Buffer): Promise<void> {
    if (bytes.length === 0) return;
    this.#file ??= await open(`${this.#path}.${this.#turn}`, 'w', 0o600);
    await this.#file.write(bytes);
  }

  /** Waits for the slice before this one, and has DuckDB begin with this one. */
  async #handOver(slice: Slice): Promise<void> {
    await this.#file?.close();
    this.#file = null;
    const path = `${this.#path}.${this.#turn}`;
    this.#turn = 1 - this.#turn;
    await this.#inserting;
    this.#inserting = this.#insert(path, slice);
    // Whoever waits for it next hears of a failure.
    this.#inserting.catch(() => undefined);
  }

  async #insert(path: string, { part, longest, delimiter }: Slice): Promise<void> {
    const cells = Array.from({ length: this.#columns }, (_, index) => `c${index}`);
    const types = [
      "'row_number': 'INTEGER', 'line': 'INTEGER', 'problem': 'VARCHAR', 'problem_column': 'SMALLINT', 'original': 'VARCHAR', 'marks': 'VARCHAR'",
      ...cells.map((cell) => `'${cell}': 'VARCHAR'`),
    ];
    const line = Math.max(LONGEST_LINE, longest + 1);
    await this.#connection.run(
      `INSERT INTO ${this.#table} SELECT row_number, line, ${part}, problem, problem_column, unhex(original), marks, ${cells.join(', ')}
       FROM read_csv(${quoteText(path)}, auto_detect = false, header = false, delim = ${quoteText(delimiter)},
         quote = '"', escape = '"', new_line = '\\n', columns = {${types.join(', ')}}, nullstr = ${quoteText(MISSING)},
         allow_quoted_nulls = false, max_line_size = ${line}, buffer_size = ${Math.max(8_000_000, line * 2)})`,
    );
    await rm(path, { force: true });
  }

  /** The rows that follow are of the next of several files. */
  startPart(part: number, delimiter: string): void {
    if (this.#slice.rows > 0) this.#endSlice();
    this.#part = part;
    this.#delimiter = delimiter;
    this.#delimiterByte = delimiter.charCodeAt(0);
    this.#slice = this.#newSlice();
  }

  /** Waits until every row is in the database. */
  async finish(): Promise<void> {
    if (this.#slice.rows > 0) this.#endSlice();
    await this.#flush();
    await this.#inserting;
  }

  /** Leaves no slice behind, whatever became of the staging. */
  async close(): Promise<void> {
    await this.#inserting.catch(() => undefined);
    await this.#file?.close();
    await Promise.all([0, 1].map((turn) => rm(`${this.#path}.${turn}`, { force: true })));
  }
}
