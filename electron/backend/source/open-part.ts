import { setImmediate as giveWay } from 'node:timers/promises';
import Papa from 'papaparse';
import { jobBytesOf, MOST_JOB_MEGABYTES } from '../../../shared/domain/settings.ts';
import type { Dialect, Packing, SourceChoice, SourceFormat, SourceNotice } from '../../../shared/domain/source-file.ts';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { FileStamp } from '../staging/staging-functions.ts';
import { jsonLayoutOf, openJson } from './json/open-json.ts';
import { RecordScanner } from './record-scanner.ts';
import { doubtHeader, readHeader, sniffDialect } from './sniff-dialect.ts';
import { SAMPLE_BYTES, sniffEncoding, type SniffedText } from './sniff-encoding.ts';
import { fileUnreadable, stampOf } from './regular-file.ts';
import { goodRecord, type RecordSink, type SourceRecord } from './source-record.ts';
import { utf8Of } from '../staging/text-decoder.ts';
import { headOf, isWorkbook, nameInside, packingOfFile } from './unpack.ts';
import { openWorkbook } from './workbook/open-workbook.ts';

/** More than this is sent as several jobs, whatever is set. */
const JOB_BYTES = jobBytesOf(MOST_JOB_MEGABYTES);

/** Rows that are shown before all of a file is read. */
export const PREVIEW_ROWS = 100;

/** A file of which only the beginning may be on disk yet. */
export interface Arriving {
  readonly byteLength: number;
  /** Rejects with a failure if the rest does not come. */
  readonly complete: Promise<void>;
}

export interface FileOnDisk {
  readonly path: string;
  readonly fileName: string;
  /** Set while the bytes are still on their way: its size, and when all of it is there. */
  readonly arriving: Arriving | null;
}

export interface OpenedPart {
  readonly format: SourceFormat;
  readonly byteLength: number;
  /** When the file was last written, in milliseconds. */
  readonly modifiedAt: number;
  readonly stamp: FileStamp;
  /** Of a JSON file, those met so far. */
  readonly columns: readonly string[];
  readonly notices: readonly SourceNotice[];
  readonly records: readonly SourceRecord[];
}

/** Judges one file by its beginning and gives its first rows. Throws the `FILE_…` failures. */
export async function openPart(file: FileOnDisk, choice: SourceChoice, signal: AbortSignal): Promise<OpenedPart> {
  try {
    return await open(file, choice, signal);
  } catch (error) {
    if (error instanceof FailureError) throw error;
    return fileUnreadable(file.fileName, error);
  }
}

async function open(file: FileOnDisk, choice: SourceChoice, signal: AbortSignal): Promise<OpenedPart> {
  const { path, fileName } = file;
  const stamp = await stampOf(path, fileName);
  const { size, mtimeMs } = stamp;
  const byteLength = file.arriving?.byteLength ?? size;
  const facts = { byteLength, modifiedAt: Math.round(mtimeMs), stamp };
  const head = await readHead(file, size < byteLength);
  if (head.kind === 'workbook') {
    const { format, header, records, notices } = await openWorkbook(path, fileName, choice, signal);
    const { names, notices: headerNotices } = readHeader(header, null);
    if (records.length === 0) throw new FailureError({ code: 'FILE_HEADER_ONLY', fileName, columns: names.length });
    const doubts = format.headerRow === 0 ? [] : doubtsOf(names, records);
    return { ...facts, format, columns: names, notices: [...notices, ...headerNotices, ...doubts], records };
  }
  const { sample, packing, whole, inside } = head;
  const unpacked: SourceNotice[] = packing === 'none' ? [] : [{ code: 'UNPACKED', packing, inside }];
  const sniffed = sniffEncoding(sample, fileName, choice.encoding);
  const { encoding, bomLength } = sniffed;
  const layout = choice.delimiter === undefined ? jsonLayoutOf(sniffed.text) : null;
  if (layout !== null) {
    const { columns, records } = openJson(sniffed.text, whole, layout, fileName);
    if (records.length > 0 && columns.names.length === 0 && whole)
      throw new FailureError({ code: 'FILE_JSON', fileName, line: records[0]?.line ?? 1, problem: noRecords(records) });
    if (whole && records.length === 0)
      throw new FailureError({ code: 'FILE_HEADER_ONLY', fileName, columns: columns.names.length });
    const format: SourceFormat = { kind: 'json', layout, encoding, bomLength, packing };
    const notices = [...unpacked, ...sniffed.notices, ...columns.notices];
    return { ...facts, format, columns: columns.names, notices, records };
  }
  // Each of these takes some 20 ms of a long sample when its code is cold: others have their turn in between.
  await giveWay();
  const { dialect, notices } = sniffDialect(sniffed, choice.delimiter, packing, choice.headerRow);
  await giveWay();
  const { header, records } = readSample(sample, sniffed, dialect, whole, fileName);
  if (header === null) throw new FailureError({ code: 'FILE_EMPTY', fileName });
  const { names, notices: headerNotices } = readHeader(header, dialect.delimiter);
  const doubts = dialect.headerless ? [] : doubtsOf(names, records);
  if (whole && records.length === 0) {
    throw new FailureError({ code: 'FILE_HEADER_ONLY', fileName, columns: names.length });
  }
  const jobs: SourceNotice[] =
    byteLength > JOB_BYTES && packing === 'none'
      ? [{ code: 'SEVERAL_JOBS', jobs: Math.ceil(byteLength / JOB_BYTES) }]
      : [];
  return {
    ...facts,
    format: { kind: 'delimited', ...dialect },
    columns: names,
    notices: [...unpacked, ...sniffed.notices, ...notices, ...jobs, ...headerNotices, ...doubts],
    records,
  };
}

function doubtsOf(names: readonly string[], records: readonly SourceRecord[]): SourceNotice[] {
  const cells = records.map((record) => record.cells);
  return doubtHeader(names, cells);
}

/** The beginning of a file's text, and how it lies in its file. */
interface TextHead {
  readonly kind: 'text';
  readonly sample: Uint8Array;
  readonly packing: Packing;
  /** True if the sample is all there is. */
  readonly whole: boolean;
  /** The name of the file inside a ZIP. */
  readonly inside: string | null;
}

async function readHead(file: FileOnDisk, arriving: boolean): Promise<TextHead | { readonly kind: 'workbook' }> {
  const { path, fileName } = file;
  const zipped = (await packingOfFile(path)) === 'zip';
  // What a ZIP holds is said at its end: nothing can be told before all of it is there.
  if (zipped) await file.arriving?.complete;
  if (zipped && (await isWorkbook(path, fileName))) return { kind: 'workbook' };
  const head = await headOf(path, fileName, SAMPLE_BYTES, arriving && !zipped);
  return { kind: 'text', ...head, inside: await nameInside(path, fileName, head.packing) };
}

/** The first records of delimited text, taken apart. */
function readSample(
  sample: Uint8Array,
  sniffed: SniffedText,
  dialect: Dialect,
  whole: boolean,
  fileName: string,
): { header: readonly string[] | null; records: SourceRecord[] } {
  const sink = new CollectingSink(dialect.delimiter, PREVIEW_ROWS);
  const bytes = sniffed.encoding === 'utf-8' ? Buffer.from(sample.subarray(sniffed.bomLength)) : utf8Of(sniffed.text);
  new RecordScanner(dialect, fileName, sink).push(bytes, whole);
  return { header: sink.columns, records: sink.records };
}

/** Keeps records in memory: for the few that are shown at once. */
export class CollectingSink implements RecordSink {
  readonly #delimiter: string;
  readonly #most: number;
  columns: readonly string[] | null = null;
  readonly records: SourceRecord[] = [];
  blankLines = 0;

  /** Records after the first `most` are left alone. */
  constructor(delimiter: string, most = Infinity) {
    this.#delimiter = delimiter;
    this.#most = most;
  }

  header(cells: readonly string[]): void {
    this.columns = cells;
  }

  clean(bytes: Buffer, start: number, end: number, line: number): void {
    if (this.records.length >= this.#most) return;
    const text = bytes.toString('utf8', start, end);
    // A lone record has no line ending; with one of its own papaparse takes those within quotes for what they are.
    const { data } = Papa.parse<string[]>(`${text}\n`, { delimiter: this.#delimiter, newline: '\n', quoteChar: '"' });
    this.records.push(goodRecord(line, data[0] ?? []));
  }

  record(record: SourceRecord): void {
    if (this.records.length < this.#most) this.records.push(record);
  }

  blankLine(): void {
    this.blankLines++;
  }
}

/** Why none of the records of a JSON file can be read. */
function noRecords(records: readonly SourceRecord[]): string {
  if (records.some(({ problem }) => problem === 'REPEATED_KEY')) return 'every record has the same name twice';
  if (records.some(({ problem }) => problem === 'BROKEN_JSON')) return 'no record can be read';
  return 'it contains no records in braces';
}
