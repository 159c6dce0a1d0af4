import type { QueryClient } from '@tanstack/react-query';
import type { LoadPlan } from '../../shared/domain/load-plan.ts';

/** A plan that is built takes the place of the others of its source: what was answered of those is of nothing that is there. */
export function keepOnlyPlan(cache: QueryClient, { planId }: LoadPlan): void {
  // Home lists those that wait, as they are then.
  cache.removeQueries({ queryKey: ['plan.list'] });
  cache.removeQueries({
    queryKey: ['plan.build'],
    predicate: ({ state }) => state.data !== undefined && (state.data as LoadPlan).planId !== planId,
  });
}
