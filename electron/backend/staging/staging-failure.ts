import { stat } from 'node:fs/promises';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { diskFailure } from '../documents/durable-file.ts';

/**
 * What DuckDB's errors mean. Its Node client passes on a kind and a text, as one message (`IO Error: …`), and no code; this is
 * the only place that reads them. Cited are DuckDB 1.5's own sources, under src/.
 */

/** libc's words for the errors of writing, which DuckDB puts at the end of its own (common/local_file_system.cpp, strerror). */
const DISK_ERRORS: readonly [string, string][] = [
  ['No space left on device', 'ENOSPC'],
  ['Disk quota exceeded', 'EDQUOT'],
  ['File too large', 'EFBIG'],
  ['Read-only file system', 'EROFS'],
  ['Permission denied', 'EACCES'],
  ['Operation not permitted', 'EPERM'],
  ['No such file or directory', 'ENOENT'],
  ['Not a directory', 'ENOTDIR'],
  ['Too many open files', 'EMFILE'],
  ['Input/output error', 'EIO'],
];

/** Kinds that speak of files. Others may quote a person's data, which could say anything. */
const ABOUT_FILES = /^(?:IO|TransactionContext|FATAL) Error: /;

const DAMAGED: readonly RegExp[] = [
  // storage/single_file_block_manager.cpp: a checksum that does not match
  /^IO Error: Corrupt database file/,
  // common/local_file_system.cpp: the file ends before what it should hold; of a spilled one that says nothing of databases
  /^IO Error: Could not read enough bytes from file (?!"[^"]*duckdb_temp_)/,
  // storage/single_file_block_manager.cpp, storage_info.cpp: no header of DuckDB's, or that of another version
  /^IO Error: The file "[^"]*" exists, but it is not a valid DuckDB database file/,
  /^IO Error: Trying to read a database file with version number/,
  // common/serializer/binary_deserializer.hpp: metadata that makes no sense
  /^Serialization Error/,
  // Of the files that a finished load's rows lie in (load/compact-load.ts); seen in 1.5.5 of files that are missing, cut off, or overwritten.
  /^IO Error: No files found that match the pattern "[^"]*\.parquet"/,
  /^Invalid Input Error: (?:File '[^']*\.parquet' too small|No magic bytes found at end of file '[^']*\.parquet'|Failed to read file "[^"]*\.parquet")/,
];

/** common/local_file_system.cpp: another process has the file open; Windows says it in words of its own. */
const LOCKED =
  /^IO Error: (?:Could not set lock on file|Cannot open file "[^"]*": The process cannot access the file because it is being used)/;
const LOCK_HOLDER = /\(PID (\d+)\)/;

/** main/database_file_path_manager.cpp: this process has the file open still, or under another name. It says nothing of what is in it. */
const OPEN_HERE = /^Binder Error: Unique file handle conflict/;

/** “Detach and reattach it before using it again”: of one database after a failed checkpoint (seen in 1.5.5 on a full disk). */
const INVALIDATED = /has been invalidated/;

/** main/error_manager.cpp, INVALIDATED_DATABASE: the same of everything the process has open, until it is started again. */
const FATAL = /^FATAL Error|because of a previous fatal error/;

/** storage/temporary_file_manager.cpp: the disk that is spilled to has no room left. */
const SPILL_FULL = /^Out of Memory Error: failed to offload data block/;

const OUT_OF_MEMORY = /^Out of Memory Error/;

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function nameOf(aliases: readonly string[]): string {
  if (aliases.length !== 1) return 'Longshore’s copy of a file’s rows';
  return aliases[0]?.startsWith('plan_') ? 'The database of a plan' : 'Longshore’s copy of a file’s rows';
}

export function damagedDatabase(aliases: readonly string[]): FailureError {
  return new FailureError({ code: 'DATA_DAMAGED', what: nameOf(aliases) });
}

/** Whether a path leads to something. Throws what the system says if it does not say. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await stat(path);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return false;
    throw diskFailure(error, 'a staging database');
  }
}

export function isOutOfMemory(error: unknown): boolean {
  return OUT_OF_MEMORY.test(textOf(error));
}

/** Whether a database must be opened again before it takes another statement. */
export function isInvalidated(error: unknown): boolean {
  return INVALIDATED.test(textOf(error));
}

/** Whether another process has the database open. */
export function isLocked(error: unknown): boolean {
  return LOCKED.test(textOf(error));
}

/** Whether this process itself has the database's file open: it was not closed yet, or has two names. */
export function isOpenHere(error: unknown): boolean {
  return OPEN_HERE.test(textOf(error));
}

/** Whether the engine will take no statement any more. */
export function isFatal(error: unknown): boolean {
  return FATAL.test(textOf(error));
}

/** A failed statement on these databases, as far as it was to be expected; null for anything else. */
export function stagingFailure(error: unknown, aliases: readonly string[]): Failure | null {
  if (error instanceof FailureError) return error.failure;
  if (error instanceof Error && 'code' in error) return diskFailure(error, 'the staging database').failure;
  const text = textOf(error);
  if (SPILL_FULL.test(text)) return { code: 'DISK_FULL', what: 'data that does not fit into memory' };
  if (OUT_OF_MEMORY.test(text)) return { code: 'STAGING_OUT_OF_MEMORY' };
  if (LOCKED.test(text))
    return { code: 'DATA_OPEN_ELSEWHERE', what: nameOf(aliases), pid: Number(LOCK_HOLDER.exec(text)?.[1] ?? 0) };
  const [, code] = (ABOUT_FILES.test(text) && DISK_ERRORS.find(([words]) => endsIn(text, words))) || [];
  if (code !== undefined) return diskFailure(Object.assign(new Error(text), { code }), 'the staging database').failure;
  if (DAMAGED.some((pattern) => pattern.test(text)) || INVALIDATED.test(text)) return damagedDatabase(aliases).failure;
  return null;
}

function endsIn(text: string, words: string): boolean {
  return text.split('\n').some((line) => line.trimEnd().endsWith(`: ${words}`));
}

/** A database that could not be opened is damaged, unless memory, the disk or a process stood in the way. */
export function openingFailure(error: unknown, alias: string): Error {
  if (isOpenHere(error) && error instanceof Error) return error;
  return new FailureError(stagingFailure(error, [alias]) ?? damagedDatabase([alias]).failure);
}
