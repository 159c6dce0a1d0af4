import type { LoadSnapshot } from '../../shared/domain/load-results.ts';

/** The list of loads with one of them as it stands now; a new one comes first, as the newest does. */
export function withLoad(loads: readonly LoadSnapshot[] | undefined, load: LoadSnapshot): LoadSnapshot[] | undefined {
  if (loads === undefined) return undefined;
  const isKnown = loads.some(({ loadId }) => loadId === load.loadId);
  return isKnown ? loads.map((one) => (one.loadId === load.loadId ? load : one)) : [load, ...loads];
}
