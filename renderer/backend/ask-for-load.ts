import type { QueryClient } from '@tanstack/react-query';
import type { LoadId } from '../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';

/**
 * Asks something of a load and keeps how it stands by the answer, unless it was told meanwhile: a short load may be finished before the
 * answer of what began it is read. `loadId` is null for a load that begins with this.
 */
export async function askForLoad(
  cache: Pick<QueryClient, 'getQueryState' | 'setQueryData'>,
  loadId: LoadId | null,
  ask: () => Promise<LoadSnapshot>,
): Promise<LoadSnapshot> {
  const timesTold = (of: LoadId): number => cache.getQueryState(['load.get', { loadId: of }])?.dataUpdateCount ?? 0;
  const before = loadId === null ? 0 : timesTold(loadId);
  const load = await ask();
  if (timesTold(load.loadId) === before) cache.setQueryData(['load.get', { loadId: load.loadId }], load);
  return load;
}
