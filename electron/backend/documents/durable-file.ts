import { open, rename, writeFile, type FileHandle } from 'node:fs/promises';
import { dirname } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';

/** What a disk says when it is full, or a person's share of it is. */
const FULL = new Set(['ENOSPC', 'EDQUOT', 'EFBIG']);

/** The system's own code of an error, such as ENOENT; null where it has none. */
export function systemCode(error: unknown): string | null {
  return error instanceof Error && 'code' in error ? String(error.code) : null;
}

/** A failed write as a failure with the system's own code. Anything that is no answer of the system's is passed on. */
export function diskFailure(error: unknown, what: string): FailureError {
  if (error instanceof FailureError) return error;
  const code = systemCode(error);
  if (code === null) throw error;
  return new FailureError(FULL.has(code) ? { code: 'DISK_FULL', what } : { code: 'DISK_REFUSED', what, reason: code });
}

/** Makes names made in a folder outlast a power cut. Windows cannot open folders, and keeps their entries by itself. */
export async function syncFolder(folder: string): Promise<void> {
  if (process.platform === 'win32') return;
  const handle = await open(folder, 'r');
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

/** Puts a text in a file's place, whole or not at all, to outlast a power cut. Throws `DISK_FULL`, `DISK_REFUSED`. */
export async function writeDurably(path: string, text: string, what: string): Promise<void> {
  const part = `${path}.part`;
  try {
    await writeFile(part, text, { mode: 0o600 });
  } catch (error) {
    throw diskFailure(error, what);
  }
  await replaceDurably(part, path, what);
}

/** Puts one file of a folder in another's place, whole or not at all, to outlast a power cut. Throws `DISK_FULL`, `DISK_REFUSED`. */
export async function replaceDurably(from: string, to: string, what: string): Promise<void> {
  let file: FileHandle | null = null;
  try {
    file = await open(from, 'r+');
    await file.sync();
    await file.close();
    file = null;
    await rename(from, to);
    await syncFolder(dirname(to));
  } catch (error) {
    await file?.close().catch(() => undefined);
    throw diskFailure(error, what);
  }
}
