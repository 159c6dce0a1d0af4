import { useQueryClient } from '@tanstack/react-query';
import { useCallback, useState, type Dispatch } from 'react';
import type { Failure } from '../../../shared/contract/failure.ts';
import type { CleaningStep, TypedCell } from '../../../shared/domain/cleaning.ts';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { SourceChoice, SourceSummary } from '../../../shared/domain/source-file.ts';
import { failureOf, useBackend } from '../../backend/backend-context.tsx';
import type { Draft, DraftAction, SourceUndo } from '../../wizard/draft.ts';

/** What is worked out from a source's rows, and is worth nothing once they have changed. */
const DEPENDENT = ['checks.run', 'checks.groups', 'plan.build', 'source.profile', 'source.previewCleaning'];

export interface SourceChanges {
  readonly failure: Failure | null;
  readonly busy: boolean;
  readonly reopen: (choice: SourceChoice | null) => Promise<void>;
  readonly clean: (steps: readonly CleaningStep[]) => Promise<boolean>;
  /** `before` is how to take it back. */
  readonly edit: (cells: readonly TypedCell[], before: readonly TypedCell[]) => Promise<boolean>;
  readonly undo: () => Promise<void>;
  /** Counts changes that the grid does not show by itself. */
  readonly reloads: number;
}

/** Everything that changes a source's rows goes through here, so that nothing is shown of what they were. */
export function useSourceChanges(
  sourceId: SourceId | null,
  source: SourceSummary | null,
  draft: Draft,
  dispatch: Dispatch<DraftAction>,
): SourceChanges {
  const backend = useBackend();
  const cache = useQueryClient();
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const [reloads, setReloads] = useState(0);

  const run = useCallback(
    async (change: () => Promise<SourceSummary>): Promise<SourceSummary | null> => {
      setFailure(null);
      setBusy(true);
      try {
        // Checks of the rows as they were would only be waited for.
        for (const name of DEPENDENT) await cache.cancelQueries({ queryKey: [name] });
        const changed = await change();
        cache.setQueryData(['source.get', { sourceId: changed.sourceId }], changed);
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
  const namesOf = (summary: SourceSummary | null) => JSON.stringify(summary?.columns.map(({ name }) => name));
  const taken = (after: SourceSummary | null, undo: SourceUndo | null): boolean => {
    if (!after) return false;
    const columnsChanged = namesOf(after) !== namesOf(source);
    if (columnsChanged) cache.removeQueries({ queryKey: ['mapping.suggest'] });
    dispatch(
      undo ? { kind: 'source-changed', undo, columnsChanged } : { kind: 'source-change-undone', columnsChanged },
    );
    return true;
  };
  const applySteps = async (steps: readonly CleaningStep[]) => {
    const changed = await run(() =>
      backend.call('source.clean', { sourceId: sourceId as SourceId, steps: [...steps] }),
    );
    // Of what the columns hold only steps change enough to look at all of it again.
    if (changed) cache.removeQueries({ queryKey: ['source.glance'] });
    return changed;
  };
  const applyCells = (cells: readonly TypedCell[]) =>
    run(() => backend.call('source.edit', { sourceId: sourceId as SourceId, cells: [...cells] }));

  return {
    failure,
    busy,
    reloads,
    reopen: async (choice) => {
      if (!sourceId) return;
      const opened = await run(() => backend.call('source.open', { sourceId, choice }));
      if (!opened) return;
      cache.removeQueries({ queryKey: ['mapping.suggest'] });
      cache.removeQueries({ queryKey: ['source.glance'] });
      dispatch({ kind: 'source-opened', sourceId });
    },
    clean: async (steps) =>
      source !== null && taken(await applySteps(steps), { kind: 'steps', steps: source.cleaning }),
    edit: async (cells, before) => taken(await applyCells(cells), { kind: 'cells', cells: before }),
    undo: async () => {
      const last = draft.sourceUndo.at(-1);
      if (!last) return;
      taken(last.kind === 'steps' ? await applySteps(last.steps) : await applyCells(last.cells), null);
      setReloads((count) => count + 1);
    },
  };
}
