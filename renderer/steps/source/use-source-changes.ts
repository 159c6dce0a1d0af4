import { useQueryClient } from '@tanstack/react-query';
import { useState, type Dispatch } from 'react';
import type { Failure } from '../../../shared/contract/failure.ts';
import type { CleaningStep, TypedCell } from '../../../shared/domain/cleaning.ts';
import { likeness } from '../../../shared/domain/column-places.ts';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { SourceChoice, SourceSummary } from '../../../shared/domain/source-file.ts';
import { useBackend } from '../../backend/backend-context.tsx';
import type { Draft, DraftAction, SourceUndo } from '../../wizard/draft.ts';
import { useSourceRun } from './use-source-run.ts';

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

/** What a person does to a source's rows where the source is shown, each with how to take it back. */
export function useSourceChanges(
  sourceId: SourceId | null,
  source: SourceSummary | null,
  draft: Draft,
  dispatch: Dispatch<DraftAction>,
): SourceChanges {
  const backend = useBackend();
  const cache = useQueryClient();
  const { failure, busy, run, applySteps: applyTo } = useSourceRun();
  const [reloads, setReloads] = useState(0);
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
  const applySteps = (steps: readonly CleaningStep[]) => applyTo(sourceId as SourceId, steps);
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
      const [before, now] = [source, opened].map((summary) => summary?.columns.map(({ name }) => name) ?? []);
      // With another header row or another sheet it is another table, whose object is guessed anew.
      if (likeness(before ?? [], now ?? []) === null) dispatch({ kind: 'source-opened', sourceId });
      else dispatch({ kind: 'source-read-anew', columnsChanged: namesOf(opened) !== namesOf(source) });
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
