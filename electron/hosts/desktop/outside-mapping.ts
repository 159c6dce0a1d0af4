import { open, readFile, stat } from 'node:fs/promises';
import { basename } from 'node:path';
import type { HostCommand } from '../../../shared/contract/events.ts';
import { beginsMapping, MAPPING_START } from '../../../shared/domain/mapping-file.ts';
import { FailureError } from '../../../shared/contract/failure.ts';

/** Bytes; `mapping.readFile` takes no more, and the mapping of 5,000 columns has a tenth of it. */
const MOST_BYTES = 5_000_000;

/** Mapping files apart from the others: Data Loader's by their name, Longshore's by how they begin. */
export async function partMappings(paths: readonly string[]): Promise<{ mappings: string[]; sources: string[] }> {
  const found = await Promise.all(paths.map(isMapping));
  return { mappings: paths.filter((_, at) => found[at]), sources: paths.filter((_, at) => !found[at]) };
}

async function isMapping(path: string): Promise<boolean> {
  if (/\.sdl$/i.test(path)) return true;
  return /\.json$/i.test(path) && beginsMapping(await startOf(path));
}

/** Nothing where it can't be read: whoever opens it as a source tells why. */
async function startOf(path: string): Promise<string> {
  const file = await open(path).catch(() => null);
  try {
    const start = Buffer.alloc(MAPPING_START);
    const { bytesRead } = (await file?.read(start, 0, MAPPING_START, 0).catch(() => null)) ?? { bytesRead: 0 };
    return start.toString('utf8', 0, bytesRead);
  } finally {
    await file?.close();
  }
}

/**
 * What the window is told of the mapping files that come from outside together: the one there is, or that one is used at a time; null
 * if there is none. Throws `FILE_UNREADABLE`, and `MAPPING_FILE_UNREADABLE` for what is too large to be one.
 */
export async function tellMappings(
  mappings: readonly string[],
): Promise<Extract<HostCommand, { kind: 'open-mapping' | 'files-refused' }> | null> {
  const [path, ...others] = mappings;
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
