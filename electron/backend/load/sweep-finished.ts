import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemCode } from '../documents/durable-file.ts';
import { FileLock } from '../documents/file-lock.ts';
import type { BackendPorts } from '../ports.ts';
import { lockPath } from './known-loads.ts';
import { readLoad } from './load-document.ts';

const DAY = 86_400_000;

/**
 * Removes finished loads with their reports that ended more than so many days ago; how many, it says. One that has not finished,
 * is damaged, or that a process is at work on, stays. A load goes whole or not at all: it is put aside first, and what was put
 * aside before is cleared away.
 */
export async function sweepFinished(
  { paths, clock, log }: Pick<BackendPorts, 'paths' | 'clock' | 'log'>,
  days: number,
): Promise<number> {
  const loads = join(paths.data, 'loads');
  const aside = join(paths.data, 'removed-loads');
  const latest = clock.now() - days * DAY;
  let removed = 0;
  for (const name of await namesIn(loads)) {
    try {
      if (await putAside(join(loads, name), aside, name, latest)) removed++;
    } catch (error) {
      log.error('a load that is past its time could not be removed', error);
    }
  }
  await rm(aside, { recursive: true, force: true }).catch((error: unknown) =>
    log.error('removed loads could not be cleared away', error),
  );
  return removed;
}

async function putAside(folder: string, aside: string, name: string, latest: number): Promise<boolean> {
  if (!(await isPast(folder, latest))) return false;
  const taken = await FileLock.take(lockPath(folder));
  if (!('lock' in taken)) return false;
  try {
    // Read again now that nobody else can change it.
    if (!(await isPast(folder, latest))) return false;
    await mkdir(aside, { recursive: true, mode: 0o700 });
  } catch (error) {
    await taken.lock.release();
    throw error;
  }
  await taken.lock.release();
  await rename(folder, join(aside, name));
  return true;
}

async function isPast(folder: string, latest: number): Promise<boolean> {
  const load = await readLoad(folder);
  return (
    typeof load !== 'string' && load.state.kind === 'finished' && load.finishedAt !== null && load.finishedAt < latest
  );
}

async function namesIn(folder: string): Promise<string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
