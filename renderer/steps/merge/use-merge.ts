import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import type { MergeId } from '../../../shared/domain/ids.ts';
import type { MergeSnapshot } from '../../../shared/domain/merge.ts';
import { useBackend } from '../../backend/backend-context.tsx';

/** Milliseconds between two looks at a merge that runs. */
const LOOK_EVERY = 500;

export function isRunning({ state }: MergeSnapshot): boolean {
  return state === 'merging' || state === 'undoing';
}

/** A merge, looked at again and again while it runs; its groups are read anew when it has stopped. */
export function useMerge(mergeId: MergeId): UseQueryResult<MergeSnapshot> {
  const backend = useBackend();
  const cache = useQueryClient();
  const merge = useQuery({
    queryKey: ['merge.get', { mergeId }],
    queryFn: ({ signal }) => backend.call('merge.get', { mergeId }, { signal }),
    refetchInterval: ({ state: { data } }) => (data && isRunning(data) ? LOOK_EVERY : false),
  });
  const state = merge.data?.state;
  const before = useRef(state);
  useEffect(() => {
    if (before.current === state) return;
    before.current = state;
    for (const name of ['merge.page', 'merge.list', 'merge.planUndo'])
      void cache.invalidateQueries({ queryKey: [name] });
  }, [state, cache]);
  return merge;
}
