import { useQueryClient, type QueryClient } from '@tanstack/react-query';
import { useCallback, useState } from 'react';
import type { Failure } from '../../../shared/contract/failure.ts';
import type { CleaningStep } from '../../../shared/domain/cleaning.ts';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { SourceSummary } from '../../../shared/domain/source-file.ts';
import { failureOf, useBackend } from '../../backend/backend-context.tsx';
import { keepSource } from '../../backend/keep-source.ts';

/** What is worked out from a source's rows, and is worth nothing once they have changed. */
const DEPENDENT = ['checks.run', 'checks.groups', 'plan.build', 'source.profile', 'source.previewCleaning'];

/** Forgets all of it; what is being worked out of the rows as they were would only be waited for. */
export async function forgetRows(cache: QueryClient): Promise<void> {
  for (const name of DEPENDENT) {
    await cache.cancelQueries({ queryKey: [name] });
    cache.removeQueries({ queryKey: [name] });
  }
}

export interface SourceRun {
  readonly failure: Failure | null;
  readonly busy: boolean;
  /** Makes a change of the rows; null if it failed. */
  readonly run: (change: () => Promise<SourceSummary>) => Promise<SourceSummary | null>;
  readonly applySteps: (sourceId: SourceId, steps: readonly CleaningStep[]) => Promise<SourceSummary | null>;
}

/** Everything that changes a source's rows goes through here, so that nothing is shown of what they were. */
export function useSourceRun(): SourceRun {
  const backend = useBackend();
  const cache = useQueryClient();
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);

  const run = useCallback(
    async (change: () => Promise<SourceSummary>): Promise<SourceSummary | null> => {
      setFailure(null);
      setBusy(true);
      try {
        // Checks of the rows as they were would only be waited for.
        for (const name of DEPENDENT) await cache.cancelQueries({ queryKey: [name] });
        const changed = await change();
        keepSource(cache, changed);
        for (const name of DEPENDENT) cache.removeQueries({ queryKey: [name] });
        return changed;
      } catch (error) {
        setFailure(failureOf(error));
        return null;
      } finally {
        setBusy(false);
      }
    },
    [cache],
  );
  const applySteps = useCallback(
    async (sourceId: SourceId, steps: readonly CleaningStep[]) => {
      const changed = await run(() => backend.call('source.clean', { sourceId, steps: [...steps] }));
      // Of what the columns hold only steps change enough to look at all of it again.
      if (changed) cache.removeQueries({ queryKey: ['source.glance'] });
      return changed;
    },
    [backend, cache, run],
  );
  return { failure, busy, run, applySteps };
}
