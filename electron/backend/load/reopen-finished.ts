import { FailureError } from '../../../shared/contract/failure.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import type { FileLock } from '../documents/file-lock.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { Journal } from './journal.ts';
import { LoadFile } from './load-document.ts';
import { takeLock } from './load-lock.ts';
import type { OpenedLoad } from './opened-load.ts';
import { countRetried } from './second-step.ts';

interface ReopenTools {
  readonly staging: StagingClient;
  /** The load as it is then on disk. */
  readonly load: () => Promise<OpenedLoad>;
}

/**
 * Writes down that a finished load runs again, for the rows that its second step can be tried for once more. The lock is its process's.
 * `LOAD_OPEN_ELSEWHERE`, what `mayStart` throws, and `LOAD_COMPLETE` where there is nothing to try.
 */
export async function reopenFinished(
  { staging, load }: ReopenTools,
  folder: string,
  mayStart: (plan: StoredPlan['plan']) => Promise<void>,
): Promise<{ snapshot: LoadSnapshot; stored: StoredPlan; lock: FileLock }> {
  const lock = await takeLock(folder);
  try {
    const { snapshot, stored } = await load();
    const rows = snapshot.state.kind === 'finished' ? await countRetried(staging, stored) : 0;
    if (rows === 0) throw new FailureError({ code: 'LOAD_COMPLETE' });
    await mayStart(stored.plan);
    const running: LoadSnapshot = { ...snapshot, state: { kind: 'running' }, finishedAt: null };
    // The journal first: a record that says it runs is gone on with as the journal says.
    await Journal.reopen(folder);
    await new LoadFile(folder).save(running);
    return { snapshot: running, stored, lock };
  } catch (error) {
    await Promise.allSettled([lock.release()]);
    throw error;
  }
}
