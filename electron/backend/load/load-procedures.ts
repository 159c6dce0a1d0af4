import type { HandlersOf } from '../dispatch.ts';
import type { PlanRegistry } from '../plan/plan-registry.ts';
import type { LoadRegistry } from './load-registry.ts';

/** Running what was reviewed. */
export function loadProcedures(loads: LoadRegistry, plans: Pick<PlanRegistry, 'get'>): HandlersOf<'load'> {
  return {
    'load.start': ({ planId, planDigest }) => loads.start(plans.get(planId), planDigest),
    'load.get': ({ loadId }) => loads.get(loadId),
    'load.list': () => loads.list(),
    'load.cancel': ({ loadId }) => loads.cancel(loadId),
    'load.resume': ({ loadId }) => loads.resume(loadId),
  };
}
