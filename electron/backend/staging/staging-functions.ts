import type { ColumnMapping } from '../../../shared/domain/field-mapping.ts';
import type { FieldDescribe } from '../../../shared/domain/sobject.ts';
import type { SourceFormat, SourceNotice, Writing } from '../../../shared/domain/source-file.ts';
import type { Failure } from '../../../shared/contract/failure.ts';

export type SqlValue = string | number | boolean | null;
export type SqlRow = Record<string, SqlValue>;

/** A value of a row as text; nothing is the empty text. */
export function textOf(row: SqlRow | undefined, name: string): string {
  const value = row?.[name];
  return value === null || value === undefined ? '' : String(value);
}

/** What working with a database takes. */
export interface MemoryNeed {
  readonly columns: number;
  /** Rows that are joined with others; a source's own are only read. */
  readonly joinedRows: number;
}

/** What tells a file from itself at another time. */
export interface FileStamp {
  readonly size: number;
  /** Milliseconds, with fractions where the system has them. */
  readonly mtimeMs: number;
  /** Which file it is of its disk; another one put in its place has another. */
  readonly ino: number;
}

/** One file of a source as the staging process is told of it. */
export interface PartToRead {
  readonly path: string;
  readonly fileName: string;
  readonly format: SourceFormat;
  /** The file as it was opened; null for a copy of ours, which nobody else writes to. */
  readonly stamp: FileStamp | null;
}

export interface StageRequest {
  readonly alias: string;
  readonly parts: readonly PartToRead[];
  /** Names of the columns; of JSON files those met so far. */
  readonly columns: readonly string[];
  /** Where rows lie on their way into the database; the beginning of a file name. */
  readonly slicePath: string;
}

export interface StageResult {
  readonly rows: number;
  readonly problemRows: number;
  readonly blankLines: number;
  readonly columns: string[];
  /** What could only be said once everything was read. */
  readonly notices: SourceNotice[];
  readonly digest: string;
}

export interface CheckColumnRequest {
  readonly alias: string;
  readonly column: ColumnMapping;
  /** The field whose rules apply: the mapped one, or the parent's match field of a lookup column. */
  readonly field: FieldDescribe;
  /** What ids may begin with; none if that is not known. */
  readonly keyPrefixes: readonly string[];
  readonly timeZone: string;
  /** Names of the tables in the database for texts that don't stand for themselves and for remarks; as a check has them if absent. */
  readonly into?: { readonly values: string; readonly issues: string };
}

/** A column that is made canonical; of another one (`of`), the form of values that are not written as usual. */
export interface CanonicalColumn {
  readonly name: string;
  readonly field: FieldDescribe;
  readonly of?: string;
}

export interface ColumnFormats {
  readonly dateOrder: 'ymd' | 'dmy' | 'mdy' | 'ambiguous' | null;
  readonly decimal: 'point' | 'comma' | 'ambiguous' | null;
  /** The evidence, where values can be read in several ways and the column does not say which; null where it does. */
  readonly question: {
    /** By format: a value that reads in no other. */
    readonly proof: Readonly<Record<string, string>>;
    /** A value that reads in several, and what it is in each. */
    readonly open: { readonly text: string; readonly readings: Readonly<Record<string, string>> };
  } | null;
}

export interface ExportRequest {
  /**
   * Gives the rows numbered above `{after}` up to `{upTo}`, in the order to write them. The first column is original bytes
   * that, if not null, stand for all cells after `lead`.
   */
  readonly sql: string;
  /** The greatest row number there may be. */
  readonly lastRow: number;
  /** How many cells come before the source's own. */
  readonly lead: number;
  readonly header: readonly string[];
  readonly path: string;
  readonly delimiter: string;
  /** Where a text can't be written so, the file is written in UTF-8 with a mark instead: nothing is lost. */
  readonly writing: Writing;
  readonly spreadsheetSafe: boolean;
}

/**
 * What the staging process does on request. Every database is made known under an alias, is named by it in SQL, and is open
 * while a statement that names it runs.
 */
export interface StagingFunctions {
  /** Makes known a database that is there. */
  attach(alias: string, path: string, need: MemoryNeed): void;
  /** Makes a database in place of whatever lies at the path, and makes it known: an empty one, or a copy of one that is known. */
  create(taskId: string, alias: string, path: string, need: MemoryNeed, from: string | null): void;
  /**
   * Puts another database's file in the place of one that is known, whole or not at all, once nothing is at work on it. Who names it
   * meanwhile waits, and finds the other.
   */
  replaceFile(taskId: string, alias: string, by: string): void;
  /** Closes a database that stays known: another process can have it until somebody names it. */
  close(alias: string): void;
  detach(alias: string): void;
  /** Runs statements that give nothing back. */
  run(taskId: string, sql: string): void;
  /** Makes a table whose `rowid` counts its rows in the order the statement gives. */
  runInOrder(taskId: string, sql: string): void;
  /** Writes a file of rows in the order the statement gives, in little memory. */
  copyInOrder(taskId: string, sql: string): void;
  /** For results of a bounded size only: pages, counts and groups. */
  query(taskId: string, sql: string, values: SqlValue[]): SqlRow[];
  append(taskId: string, alias: string, table: string, rows: (string | null)[][]): void;
  stageSource(taskId: string, request: StageRequest): StageResult;
  checkColumn(taskId: string, request: CheckColumnRequest): ColumnFormats;
  canonicalise(taskId: string, table: string, columns: readonly CanonicalColumn[]): void;
  exportRows(taskId: string, request: ExportRequest): { rows: number };
  cancel(taskId: string): void;
}

/** How an answer crosses the channel: failures and errors keep their kind. */
export type StagingAnswer =
  { ok: true; value: unknown } | { ok: false; failure: Failure } | { ok: false; error: string };

export interface StagingEvents {
  progress(taskId: string, facts: { rows: number; bytes: number }): void;
}
