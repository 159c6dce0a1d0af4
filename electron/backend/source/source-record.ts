import type { RowProblemCode } from '../../../shared/domain/source-file.ts';

/** One record that had to be taken apart: of a workbook, of JSON, or of delimited text that is not plain. */
export interface SourceRecord {
  /** Line of a text file, row of a sheet, where the record begins; from 1. */
  readonly line: number;
  readonly cells: readonly string[];
  readonly problem: RowProblemCode | null;
  /** Index of the cell that is the problem; null if it is the whole record. */
  readonly problemColumn: number | null;
  /** The bytes to give back for a record that could not be read as promised; null for the others. */
  readonly original: Buffer | null;
  /** What is known of single cells (tables/cell-marks.ts); null where that is nothing. */
  readonly marks?: string | null;
}

/** Takes a file's records in their order as they are found. */
export interface RecordSink {
  header(cells: readonly string[]): void;
  /** A plain record: UTF-8 bytes without their line ending, as many cells as the header, quoted as RFC 4180 says. */
  clean(bytes: Buffer, start: number, end: number, line: number): void;
  record(record: SourceRecord): void;
  /** A line without a single value, which is no record (F18). */
  blankLine(): void;
}

/** A NUL as its picture: DuckDB's text cannot hold one, and a person could not see it. */
export function withNulShown(cell: string): string {
  return cell.replaceAll('\0', '\u2400');
}

/** A record of cells that are all as they should be. */
export function goodRecord(line: number, cells: readonly string[], marks: string | null = null): SourceRecord {
  return { line, cells, problem: null, problemColumn: null, original: null, marks };
}
