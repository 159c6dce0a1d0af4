import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { pipeline } from 'node:stream/promises';
import type { FailureError } from '../../../shared/contract/failure.ts';
import { diskFailure } from '../../backend/documents/durable-file.ts';
import { shown } from './log-file.ts';

/**
 * Copies a finished file to where a person wants it: whole or not at all, but for a device or a pipe, which is written to as
 * it is. Throws `DISK_FULL` and `DISK_REFUSED`.
 */
export async function putFile(from: string, target: string): Promise<void> {
  try {
    await mkdir(dirname(target), { recursive: true });
    const there = await stat(target).catch(() => null);
    if (there !== null && !there.isFile()) {
      await pipeline(createReadStream(from), createWriteStream(target));
      return;
    }
    const part = `${target}.part`;
    try {
      await pipeline(createReadStream(from), createWriteStream(part));
      await rename(part, target);
    } catch (error) {
      await rm(part, { force: true });
      throw error;
    }
  } catch (error) {
    throw diskFailure(error, shown(target));
  }
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
