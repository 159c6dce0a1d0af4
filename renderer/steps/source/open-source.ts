import type { QueryClient } from '@tanstack/react-query';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { SourceChoice } from '../../../shared/domain/source-file.ts';
import type { useBackend } from '../../backend/backend-context.tsx';
import { keepSource } from '../../backend/keep-source.ts';
import { forgetRows } from './use-source-run.ts';

/** Opens a source, as `choice` says or as it was read before, and lets go of rows that are others now. */
export async function openSource(
  backend: ReturnType<typeof useBackend>,
  cache: QueryClient,
  sourceId: SourceId,
  choice: SourceChoice | null = null,
): Promise<void> {
  const opened = await backend.call('source.open', { sourceId, choice });
  keepSource(cache, opened);
  void cache.invalidateQueries({ queryKey: ['source.recent'] });
  // Read anew, its rows may be others than those that were checked.
  if (opened.state.kind === 'staging') await forgetRows(cache);
}
