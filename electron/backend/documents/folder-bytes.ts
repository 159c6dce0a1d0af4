import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from './durable-file.ts';

/** Bytes of every file in a folder and those below it. What goes while it is looked at takes none. */
export async function folderBytes(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await gone(readdir(folder, { withFileTypes: true }), [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) bytes += await folderBytes(path);
    else if (entry.isFile()) bytes += (await gone(stat(path), null))?.size ?? 0;
  }
  return bytes;
}

async function gone<T, U>(found: Promise<T>, otherwise: U): Promise<T | U> {
  try {
    return await found;
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return otherwise;
    throw error;
  }
}
