import type { HandlersOf } from '../dispatch.ts';
import type { PlanRegistry } from '../plan/plan-registry.ts';
import type { LoadRegistry } from './load-registry.ts';

/** Running what was reviewed. */
export function loadProcedures(loads: LoadRegistry, plans: Pick<PlanRegistry, 'get'>): HandlersOf<'load'> {
  return {
    'load.start': ({ planId, planDigest }, signal) => loads.start(plans.get(planId), planDigest, signal),
    'load.get': ({ loadId }) => loads.get(loadId),
    'load.list': () => loads.list(),
    'load.damaged': () => loads.damaged(),
    'load.cancel': ({ loadId }) => loads.cancel(loadId),
    'load.resume': ({ loadId }) => loads.resume(loadId),
  };
}
