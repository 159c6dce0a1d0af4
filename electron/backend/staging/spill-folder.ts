import { mkdir, readdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { FileLock } from '../documents/file-lock.ts';
import type { BackendPorts } from '../ports.ts';

type SpillPorts = Pick<BackendPorts, 'paths' | 'random' | 'log'>;

/** A staging process's folder has a lock beside it for as long as the process lives; the lock is made first. */
const LOCK = '.lock';

function spillRoot({ data }: BackendPorts['paths']): string {
  return join(data, 'spill');
}

/** Where a staging process that is about to start may put what does not fit into its memory. */
export function newSpillFolder({ paths, random }: SpillPorts): string {
  return join(spillRoot(paths), random.token(16));
}

/** Makes a staging process's own folder, for itself. */
export async function ownSpillFolder(folder: string): Promise<void> {
  await mkdir(dirname(folder), { recursive: true, mode: 0o700 });
  const taken = await FileLock.take(`${folder}${LOCK}`);
  if ('holder' in taken) throw new Error('another process spills into this folder');
  await mkdir(folder, { mode: 0o700 });
}

/** Removes what a process that has certainly ended spilled. That it cannot be done keeps no one from working. */
export async function removeSpillFolder(folder: string, { log }: Pick<SpillPorts, 'log'>): Promise<void> {
  try {
    await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    await rm(`${folder}${LOCK}`, { force: true });
  } catch (error) {
    log.error('spilled rows could not be removed', error);
  }
}

/** Removes what killed processes spilled; another Longshore's that still runs is left alone. */
export async function sweepSpillFolders({ paths, log }: Pick<SpillPorts, 'paths' | 'log'>): Promise<void> {
  const root = spillRoot(paths);
  try {
    const names = new Set((await readdir(root)).map((name) => name.split('.')[0] ?? name));
    for (const name of names) {
      const taken = await FileLock.take(join(root, `${name}${LOCK}`));
      if ('holder' in taken) continue;
      await rm(join(root, name), { recursive: true, force: true });
      await taken.lock.release();
    }
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return;
    log.error('spilled rows of ended processes could not be swept away', error);
  }
}
