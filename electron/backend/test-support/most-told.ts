import type { BackendEvent } from '../../../shared/contract/events.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import { loadProgress } from '../../../shared/domain/load-progress.ts';
import { failedSoFar } from '../../../shared/domain/stop-after.ts';

/** The most rows of a load that were ever told to be processed, and to have failed, while it ran. */
export function mostTold(events: readonly BackendEvent[], loadId: LoadId): { processed: number; failed: number } {
  const told = events.flatMap((event) => (event.topic === 'load' && event.load.loadId === loadId ? [event.load] : []));
  return {
    processed: Math.max(...told.map((load) => loadProgress(load).processed)),
    failed: Math.max(...told.map(failedSoFar)),
  };
}
