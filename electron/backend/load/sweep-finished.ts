import { mkdir, readdir, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { PlanId } from '../../../shared/domain/ids.ts';
import { diskFailure, systemCode } from '../documents/durable-file.ts';
import { FileLock } from '../documents/file-lock.ts';
import type { BackendPorts } from '../ports.ts';
import { lockPath } from './known-loads.ts';
import { readLoad } from './load-document.ts';

const DAY = 86_400_000;

type SweepPorts = Pick<BackendPorts, 'paths' | 'clock' | 'log'>;

/**
 * Removes finished loads with their reports that ended more than so many days ago; how many, it says. One that has not finished,
 * is damaged, or that a process is at work on, stays. A load goes whole or not at all: it is put aside first, and what was put
 * aside before is cleared away.
 */
export async function sweepFinished({ paths, clock, log }: SweepPorts, days: number): Promise<number> {
  const loads = join(paths.data, 'loads');
  const latest = clock.now() - days * DAY;
  let removed = 0;
  for (const name of await namesIn(loads)) {
    try {
      if ((await putAside(paths, name, latest)) === null) removed++;
    } catch (error) {
      log.error('a load that is past its time could not be removed', error);
    }
  }
  await clearAside(paths, log);
  return removed;
}

/**
 * Removes one finished load with its report; it goes whole or not at all. Throws `LOAD_OPEN_ELSEWHERE`, `LOAD_NOT_FINISHED`, and
 * `DISK_REFUSED`.
 */
export async function removeFinished({ paths, log }: Omit<SweepPorts, 'clock'>, planId: PlanId): Promise<void> {
  const why = await putAside(paths, planId, Infinity).catch((error: unknown) => {
    throw error instanceof FailureError ? error : diskFailure(error, 'the folder of this load');
  });
  if (why === 'too-young') throw new FailureError({ code: 'LOAD_NOT_FINISHED' });
  if (why !== null) throw new FailureError({ code: 'LOAD_OPEN_ELSEWHERE', ...why });
  await clearAside(paths, log);
}

async function clearAside(paths: BackendPorts['paths'], log: BackendPorts['log']): Promise<void> {
  await rm(asideOf(paths), { recursive: true, force: true }).catch((error: unknown) =>
    log.error('removed loads could not be cleared away', error),
  );
}

function asideOf({ data }: BackendPorts['paths']): string {
  return join(data, 'removed-loads');
}

/** Null once it is out of the way, else why it stays: it has not ended by then, or a process is at work on it. */
async function putAside(
  paths: BackendPorts['paths'],
  name: string,
  latest: number,
): Promise<null | 'too-young' | { readonly pid: number; readonly host: string }> {
  const folder = join(paths.data, 'loads', name);
  if (!(await isPast(folder, latest))) return 'too-young';
  const taken = await FileLock.take(lockPath(folder));
  if (!('lock' in taken)) return taken.holder;
  try {
    // Read again now that nobody else can change it.
    if (!(await isPast(folder, latest))) return 'too-young';
    await mkdir(asideOf(paths), { recursive: true, mode: 0o700 });
  } finally {
    await taken.lock.release();
  }
  await rename(folder, join(asideOf(paths), name));
  return null;
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
