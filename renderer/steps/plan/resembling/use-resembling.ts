import { keepPreviousData, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useRef } from 'react';
import type { Input } from '../../../../shared/contract/procedures.ts';
import type { LoadPlan } from '../../../../shared/domain/load-plan.ts';
import type { ResemblingReport, ResemblingView } from '../../../../shared/domain/resembling.ts';
import { useBackend, useCall } from '../../../backend/backend-context.tsx';

/** Pairs of a page. */
export const PAIRS_SHOWN = 10;

/** Looking for records that a plan's new rows resemble: what was found, and how to look, to stop, and to learn. */
export function useResembling({ planId }: LoadPlan) {
  const backend = useBackend();
  const cache = useQueryClient();
  const stop = useRef<AbortController | null>(null);
  const known = useCall('resembling.report', { planId }, { keep: true });
  const keep = (report: ResemblingReport) => {
    cache.setQueryData(['resembling.report', { planId }], report);
    for (const name of ['resembling.pairs', 'resembling.counts', 'resembling.borderline'])
      void cache.invalidateQueries({ queryKey: [name] });
  };
  const find = useMutation({
    mutationFn: (acceptApiUse: boolean) => {
      stop.current = new AbortController();
      const { signal } = stop.current;
      return backend.call('resembling.find', { planId, ...(acceptApiUse ? { acceptApiUse } : {}) }, { signal });
    },
    onSuccess: keep,
    // What was found before is gone too.
    onError: () => cache.setQueryData(['resembling.report', { planId }], null),
  });
  const learn = useMutation({
    mutationFn: (words: Input<'resembling.learn'>['words']) => backend.call('resembling.learn', { planId, words }),
    onSuccess: keep,
  });
  return { report: known.data ?? null, find, learn, stop: () => stop.current?.abort() };
}

/** A page of the pairs, anew whenever the plan is another. */
export function usePairs({ planId, planDigest }: LoadPlan, view: ResemblingView, offset: number) {
  const backend = useBackend();
  const input = { planId, view, offset, limit: PAIRS_SHOWN };
  return useQuery({
    queryKey: ['resembling.pairs', input, planDigest],
    queryFn: ({ signal }) => backend.call('resembling.pairs', input, { signal }),
    placeholderData: keepPreviousData,
  });
}

/** Decides on pairs; the plan shown is then the one that came of it. */
export function useDecide(built: Input<'plan.build'> | null) {
  const backend = useBackend();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (what: Input<'resembling.decide'>) => backend.call('resembling.decide', what),
    onSuccess: ({ plan }) => cache.setQueryData(['plan.build', built], plan),
    // Nothing is changed where the org could not be asked; a plan that was half changed is gone, and made anew.
    onError: () => cache.invalidateQueries({ queryKey: ['plan.build', built] }),
  });
}
