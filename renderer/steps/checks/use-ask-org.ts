import { useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { useBackend } from '../../backend/backend-context.tsx';
import type { Draft } from '../../wizard/draft.ts';
import { keepOnlyPlan } from '../../wizard/keep-only-plan.ts';
import { planInput } from '../../wizard/plan-input.ts';

export interface AskOrg {
  /** Compares the rows with the org, which the next step then need not do again, and asks about them. */
  readonly inOrg: <T>(ask: (plan: LoadPlan, signal: AbortSignal) => Promise<T>) => Promise<T | null>;
  readonly stop: () => void;
}

/** Questions to the org about the rows as they are mapped; one that is stopped ends as `CANCELLED`. */
export function useAskOrg({ orgId, sourceId, mapping }: Draft): AskOrg {
  const backend = useBackend();
  const cache = useQueryClient();
  const stop = useRef<AbortController | null>(null);
  return {
    inOrg: async (ask) => {
      if (!orgId || !sourceId || !mapping) return null;
      stop.current = new AbortController();
      const { signal } = stop.current;
      const asked = planInput({ orgId, sourceId, mapping });
      const known = cache.getQueryData<LoadPlan>(['plan.build', asked]);
      const plan = known ?? (await backend.call('plan.build', asked, { signal }));
      cache.setQueryData(['plan.build', asked], plan);
      keepOnlyPlan(cache, plan);
      return ask(plan, signal);
    },
    stop: () => stop.current?.abort(),
  };
}
