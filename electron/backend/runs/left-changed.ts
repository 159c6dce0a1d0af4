import { FailureError } from '../../../shared/contract/failure.ts';
import type { Job } from '../../../shared/domain/job.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { findFiles } from '../jobs/find-files.ts';
import type { SourceRegistry } from '../source/source-registry.ts';

/**
 * Whether the file of a sync is another one than when its run was prepared: what the run plans is a part of it, and of a record whose row was gone
 * the row may be back. Of a file that was given for the run alone it can't be told.
 */
export async function isLeftChanged(
  sources: Pick<SourceRegistry, 'handOver' | 'open' | 'whenRead' | 'forget'>,
  { definition }: Pick<Job, 'definition'>,
  { sync }: Pick<Run, 'sync'>,
  signal: AbortSignal,
): Promise<boolean> {
  const digest = sync?.left?.digest ?? null;
  if (digest === null) return false;
  const sourceId = await sources.handOver(await findFiles(definition.source));
  try {
    await sources.open(sourceId, definition.read ?? {}, signal);
    const { state } = await sources.whenRead(sourceId, signal);
    return state.kind !== 'staged' || state.digest !== digest;
  } catch (error) {
    const failure = error instanceof FailureError ? error.failure.code : null;
    if (failure === 'FILE_EMPTY' || failure === 'FILE_HEADER_ONLY') return true;
    throw error;
  } finally {
    await sources.forget(sourceId);
  }
}
