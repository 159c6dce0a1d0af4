import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { BackendPorts } from '../ports.ts';

/** Another Longshore on this folder may still be at work on what we do not know; after two days it is not. */
const OLD = 2 * 24 * 60 * 60 * 1000;

/** Deletes what a process that was killed left behind. That it cannot be done is noted, and keeps no one from working. */
export async function sweepFolder(
  folder: string,
  isKnown: (path: string) => boolean,
  { clock, log }: Pick<BackendPorts, 'clock' | 'log'>,
): Promise<void> {
  try {
    for (const name of await readdir(folder)) {
      const path = join(folder, name);
      if (isKnown(path) || clock.now() - (await stat(path)).mtimeMs < OLD) continue;
      await rm(path, { recursive: true, force: true });
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    log.error('old sources could not be swept away', error);
  }
}
