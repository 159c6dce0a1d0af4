import { constants, type ReadStream } from 'node:fs';
import { open, stat, type FileHandle } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { FileStamp } from '../staging/staging-functions.ts';

/** The code of what is no file with a size: a pipe, a device, a socket (shared/text/reason-text.ts has it in words). */
const NOT_A_FILE = 'NOT_A_FILE';

/** Opening a pipe waits for who writes into it, and keeps one of the few threads for files for as long. Windows has none. */
const WITHOUT_WAITING = (constants as Partial<typeof constants>).O_NONBLOCK ?? 0;

/** The facts of a file at a path. Throws `FILE_IS_FOLDER`, `FILE_UNREADABLE`. */
export async function stampOf(path: string, fileName: string): Promise<FileStamp> {
  const facts = await stat(path).catch((error: unknown) => fileUnreadable(fileName, error));
  if (facts.isDirectory()) throw new FailureError({ code: 'FILE_IS_FOLDER' });
  if (!facts.isFile()) throw new FailureError({ code: 'FILE_UNREADABLE', fileName, reason: NOT_A_FILE });
  const { size, mtimeMs, ino } = facts;
  return { size, mtimeMs, ino };
}

export function sameStamp(one: FileStamp, other: FileStamp): boolean {
  return one.size === other.size && one.mtimeMs === other.mtimeMs && one.ino === other.ino;
}

/** Opens a file for reading, and nothing else that a path may lead to. */
export async function openRegular(path: string): Promise<FileHandle> {
  const file = await open(path, constants.O_RDONLY | WITHOUT_WAITING);
  try {
    if ((await file.stat()).isFile()) return file;
  } catch (error) {
    await file.close();
    throw error;
  }
  await file.close();
  throw Object.assign(new Error('not a regular file'), { code: NOT_A_FILE, syscall: 'open' });
}

/** The bytes of a file in pieces, at most `limit` of them: what is written to its end meanwhile is not among them. */
export async function readRegular(
  path: string,
  piece: number,
  limit: number | null,
  signal?: AbortSignal,
): Promise<Readable> {
  const file = await openRegular(path);
  // A stream cannot be told to end before its first byte.
  const end = limit === null || limit === 0 ? {} : { end: limit - 1 };
  const stream: ReadStream = file.createReadStream({ highWaterMark: piece, ...end, ...(signal ? { signal } : {}) });
  return stream;
}

export function fileUnreadable(fileName: string, error: unknown): never {
  if (error instanceof FailureError) throw error;
  const reason = error instanceof Error && 'code' in error ? String(error.code) : String(error);
  throw new FailureError({ code: 'FILE_UNREADABLE', fileName, reason });
}

/** Passes on what reading a file threw, as a failure if the system said it. */
export function readingFailed(fileName: string, error: unknown): never {
  if (error instanceof Error && 'syscall' in error) fileUnreadable(fileName, error);
  throw error;
}
