import { useMutation, useQueryClient, type UseMutationResult } from '@tanstack/react-query';
import type { Dispatch } from 'react';
import type { SourceId } from '../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import { useBackend } from '../backend/backend-context.tsx';
import type { DraftAction } from '../wizard/draft.ts';
import { openSource } from './source/open-source.ts';

/** Goes on with the rows of a load that failed, or with those that were not processed, as a file of their own. */
export function useTakeUp(
  load: LoadSnapshot,
  file: 'error' | 'unprocessed',
  dispatch: Dispatch<DraftAction>,
): UseMutationResult<SourceId, Error, void> {
  const backend = useBackend();
  const cache = useQueryClient();
  return useMutation({
    mutationFn: async () => {
      const sourceId = await backend.call('report.takeUp', { loadId: load.loadId, file });
      await openSource(backend, cache, sourceId);
      return sourceId;
    },
    onSuccess: (sourceId) => dispatch({ kind: 'load-again', load, sourceId }),
  });
}
