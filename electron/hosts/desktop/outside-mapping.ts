import { readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { HostCommand } from '../../../shared/contract/events.ts';
import { FailureError } from '../../../shared/contract/failure.ts';

/** Bytes; `mapping.readFile` takes no more, and the mapping of 5,000 columns has a tenth of it. */
const MOST_BYTES = 5_000_000;

/** Data Loader's mapping files. */
export function isMapping(path: string): boolean {
  return /\.sdl$/i.test(path);
}

/**
 * What the window is told of the mapping files among those that come from outside together: the one there is, or that one is used at a
 * time; null if there is none. Throws `FILE_UNREADABLE`, and `MAPPING_FILE_UNREADABLE` for what is too large to be one.
 */
export async function mappingAmong(
  paths: readonly string[],
): Promise<Extract<HostCommand, { kind: 'open-mapping' | 'files-refused' }> | null> {
  const [path, ...others] = paths.filter(isMapping);
  if (path === undefined) return null;
  if (others.length > 0)
    return { kind: 'files-refused', failure: { code: 'MAPPING_FILES_SEVERAL', files: others.length + 1 } };
  return readMapping(path);
}

async function readMapping(path: string): Promise<Extract<HostCommand, { kind: 'open-mapping' }>> {
  const fileName = basename(path);
  try {
    if ((await stat(path)).size > MOST_BYTES)
      throw new FailureError({ code: 'MAPPING_FILE_UNREADABLE', fileName, newer: false });
    return { kind: 'open-mapping', fileName, content: await readFile(path, 'base64') };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    throw new FailureError({ code: 'FILE_UNREADABLE', fileName, reason: String(error.code) });
  }
}
