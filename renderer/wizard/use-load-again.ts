import { useQuery, useQueryClient, type UseQueryResult } from '@tanstack/react-query';
import { useEffect, type Dispatch } from 'react';
import type { FittedMapping } from '../../shared/domain/mapping-file.ts';
import type { SourceSummary } from '../../shared/domain/source-file.ts';
import { useBackend } from '../backend/backend-context.tsx';
import { keepSource } from '../backend/keep-source.ts';
import { forgetRows } from '../steps/source/use-source-run.ts';
import type { Draft, DraftAction } from './draft.ts';

/** With the names of the columns that the mapping is of. */
type Fitted = FittedMapping & { readonly names: readonly string[] };

/**
 * Brings what a load did to its source as soon as every row is read: first its cleaning, so that the columns are there which its
 * mapping is of. Nothing is sent.
 */
export function useLoadAgain(
  { again, sourceId, orgId }: Draft,
  source: SourceSummary | null,
  dispatch: Dispatch<DraftAction>,
): UseQueryResult<Fitted> {
  const backend = useBackend();
  const cache = useQueryClient();
  const due = again?.state === 'due' ? again.load.loadId : null;
  const isReady = due !== null && source?.state.kind === 'staged' && source.sourceId === sourceId;
  const fit = useQuery({
    queryKey: ['load-again', { sourceId, orgId, due }],
    queryFn: async ({ signal }): Promise<Fitted> => {
      if (due === null || !sourceId || !orgId || !source) throw new Error('no load to repeat');
      const fitted = await backend.call('mapping.ofLoad', { orgId, sourceId, loadId: due }, { signal });
      let columns = source.columns;
      if (JSON.stringify(fitted.cleaning) !== JSON.stringify(source.cleaning)) {
        const cleaned = await backend.call('source.clean', { sourceId, steps: fitted.cleaning }, { signal });
        columns = cleaned.columns;
        keepSource(cache, cleaned);
        cache.removeQueries({ queryKey: ['source.glance'] });
      }
      await forgetRows(cache);
      return { ...fitted, names: columns.map(({ name }) => name) };
    },
    enabled: isReady,
    // Asked for once more it is fitted anew: the org and the source may be others by then.
    gcTime: 0,
    staleTime: Infinity,
  });
  const { data } = fit;
  useEffect(() => {
    if (!isReady || !data) return;
    const { mapping, names, misfits } = data;
    dispatch({ kind: 'load-fitted', mapping, names, misfits });
  }, [isReady, data, dispatch]);
  return fit;
}
