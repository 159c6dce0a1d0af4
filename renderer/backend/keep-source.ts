import type { QueryClient } from '@tanstack/react-query';
import type { SourceSummary } from '../../shared/domain/source-file.ts';

/**
 * Keeps what an event or an answer says of a source, unless what is known is later: the two come by different ways, and either may overtake
 * the other.
 */
export function keepSource(cache: Pick<QueryClient, 'setQueryData'>, source: SourceSummary): void {
  cache.setQueryData<SourceSummary>(['source.get', { sourceId: source.sourceId }], (known) =>
    known && known.revision > source.revision ? known : source,
  );
}
