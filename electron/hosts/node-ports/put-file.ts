import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { diskFailure } from '../../backend/documents/durable-file.ts';

type Why = Extract<Failure, { code: 'FILE_NOT_SAVED' }>['why'];

/**
 * Why a file could not be put somewhere. A program that holds a file open makes Windows refuse to replace it: libuv tells a
 * sharing violation as EBUSY, and "access denied", which is also Windows' answer to that rename, as EPERM.
 */
export function whyNotSaved({ code, syscall }: NodeJS.ErrnoException, platform: NodeJS.Platform): Why {
  switch (code) {
    case 'EBUSY':
    case 'ETXTBSY':
      return 'in-use';
    case 'EPERM':
    case 'EACCES':
      return platform === 'win32' && syscall === 'rename' ? 'in-use' : 'not-allowed';
    case 'EROFS':
      return 'not-allowed';
    case 'ENOENT':
      return 'folder-gone';
    case 'ENOSPC':
    case 'EDQUOT':
    case 'EFBIG':
      return 'disk-full';
    default:
      return 'other';
  }
}

export interface Target {
  readonly path: string;
  /** What the person knows it by, for a sentence. */
  readonly place: string;
  readonly makeFolder: boolean;
}

/**
 * Copies a finished file to where a person wants it: whole or not at all, but for a device or a pipe, which is written to as
 * it is. Throws `FILE_NOT_SAVED`.
 */
export async function putFile(from: string, { path, place, makeFolder }: Target): Promise<void> {
  try {
    if (makeFolder) await mkdir(dirname(path), { recursive: true });
    const there = await stat(path).catch(() => null);
    if (there !== null && !there.isFile()) {
      await pipeline(createReadStream(from), createWriteStream(path));
      return;
    }
    const part = `${path}.part`;
    try {
      await pipeline(createReadStream(from), createWriteStream(part));
      await rename(part, path);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  } catch (error) {
    // What can't be read of our own is no fault of the place.
    if (!isErrno(error) || error.path === from) throw error;
    const why = whyNotSaved(error, process.platform);
    throw new FailureError({ code: 'FILE_NOT_SAVED', place, why, reason: String(error.code) });
  }
}

function isErrno(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && 'code' in error;
}

const OF_DISKS = new Set([
  'ENOSPC',
  'EDQUOT',
  'EFBIG',
  'EROFS',
  'EACCES',
  'EPERM',
  'EIO',
  'ENOTDIR',
  'EISDIR',
  'EEXIST',
]);

/** What a disk refused, or null where something else went wrong, such as a connection. */
export function refusedByDisk(error: unknown, what: string): FailureError | null {
  const code = error instanceof Error && 'code' in error ? String(error.code) : '';
  return OF_DISKS.has(code) ? diskFailure(error, what) : null;
}
