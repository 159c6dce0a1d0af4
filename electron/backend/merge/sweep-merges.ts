import { mkdir, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { FileLock } from '../documents/file-lock.ts';
import type { BackendPorts } from '../ports.ts';
import { mergeFolder, mergeIds, readDocument } from './merge-document.ts';
import { MergeJournal, MERGE_JOURNAL } from './merge-journal.ts';
import { mergeLockPath } from './merge-registry.ts';
import { snapshotOf } from './merge-snapshot.ts';

const DAY = 86_400_000;

/**
 * Removes merges that nothing was done to for so many days: those that are only planned, that ended, and that were taken back; how many,
 * it says. They can't be taken back then. One that is paused, damaged, or at work stays. A merge goes whole or not at all.
 */
export async function sweepMerges(
  { paths, clock, log }: Pick<BackendPorts, 'paths' | 'clock' | 'log'>,
  days: number,
): Promise<number> {
  const aside = join(paths.data, 'removed-merges');
  const latest = clock.now() - days * DAY;
  let removed = 0;
  for (const mergeId of await mergeIds(paths.data)) {
    const folder = mergeFolder(paths.data, mergeId);
    try {
      const taken = await FileLock.take(mergeLockPath(folder));
      if (!('lock' in taken)) continue;
      const isPast = await isDone(folder, latest).catch(() => false);
      await taken.lock.release();
      if (!isPast) continue;
      await mkdir(aside, { recursive: true, mode: 0o700 });
      await rename(folder, join(aside, mergeId));
      removed++;
    } catch (error) {
      log.error('a merge that is past its time could not be removed', error, { mergeId });
    }
  }
  await rm(aside, { recursive: true, force: true }).catch((error: unknown) =>
    log.error('removed merges could not be cleared away', error),
  );
  return removed;
}

/** Throws for one that can't be read. */
async function isDone(folder: string, latest: number): Promise<boolean> {
  const document = await readDocument(folder);
  const { state } = snapshotOf(document, await MergeJournal.look(folder), { runs: false, failure: null });
  if (state !== 'planned' && state !== 'merged' && state !== 'undone') return false;
  const changed = async (name: string) => (await stat(join(folder, name)).catch(() => null))?.mtimeMs ?? 0;
  return Math.max(await changed('merge.json'), await changed(MERGE_JOURNAL), document.madeAt) < latest;
}
