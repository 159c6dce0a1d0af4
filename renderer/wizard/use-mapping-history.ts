import { useCallback, useEffect, useRef, type Dispatch } from 'react';
import type { Failure } from '../../shared/contract/failure.ts';
import { columnsMadeBy, type CleaningStep } from '../../shared/domain/cleaning.ts';
import type { FieldMapping } from '../../shared/domain/field-mapping.ts';
import type { MappingMisfit } from '../../shared/domain/mapping-file.ts';
import type { SourceSummary } from '../../shared/domain/source-file.ts';
import { useSourceRun } from '../steps/source/use-source-run.ts';
import type { Draft, DraftAction } from './draft.ts';

export interface MappingHistory {
  /** True while the source's columns change with the mapping. */
  readonly busy: boolean;
  readonly failure: Failure | null;
  /** With what did not fit, for a mapping that came as a file. */
  readonly change: (mapping: FieldMapping, misfits?: readonly MappingMisfit[]) => void;
  /** Changes the source's steps, and the mapping to one of the columns there are with them. */
  readonly changeWith: (
    steps: readonly CleaningStep[],
    mapping: FieldMapping,
    misfits?: readonly MappingMisfit[],
  ) => Promise<void>;
  /** Null where there is nothing to take back, or to do again. */
  readonly undo: (() => Promise<void>) | null;
  readonly redo: (() => Promise<void>) | null;
}

/** Changes of the mapping, with those of the source's columns that belong to them: taken back and done again as one. */
export function useMappingHistory(
  draft: Draft,
  source: SourceSummary | null,
  dispatch: Dispatch<DraftAction>,
): MappingHistory {
  const { failure, busy, applySteps } = useSourceRun();
  /** The names of the columns there are with the steps; null if these could not be taken, and nothing has changed. */
  const taken = useCallback(
    async (steps: readonly CleaningStep[]): Promise<readonly string[] | null> => {
      if (!source) return null;
      dispatch({ kind: 'columns-due', columns: source.fileColumns + steps.flatMap(columnsMadeBy).length });
      const changed = await applySteps(source.sourceId, steps);
      if (!changed) dispatch({ kind: 'columns-due', columns: null });
      return changed && changed.columns.map(({ name }) => name);
    },
    [source, applySteps, dispatch],
  );
  const stepsBefore = source?.cleaning ?? [];
  const go = (state: Draft['undo'][number] | undefined, kind: 'mapping-undone' | 'mapping-redone') => {
    if (!state || busy) return null;
    return async () => {
      const names = state.steps && (await taken(state.steps));
      if (names) dispatch({ kind, stepsBefore, names });
      else if (state.steps === null) dispatch({ kind });
    };
  };
  return {
    busy,
    failure,
    change: (mapping, misfits) => dispatch({ kind: 'mapping-changed', mapping, ...(misfits ? { misfits } : {}) }),
    changeWith: async (steps, mapping, misfits) => {
      const names = await taken(steps);
      if (names) dispatch({ kind: 'mapping-changed', mapping, stepsBefore, names, ...(misfits ? { misfits } : {}) });
    },
    undo: go(draft.undo.at(-1), 'mapping-undone'),
    redo: go(draft.redo.at(-1), 'mapping-redone'),
  };
}

/** Inputs that hold no text of their own. */
const TEXTLESS = new Set(['radio', 'checkbox', 'button', 'submit', 'reset', 'range', 'color', 'file']);

/** Whether a key pressed here is the field's own affair: it takes back what was typed into it. */
function isTyping(target: EventTarget | null): boolean {
  if (!(target instanceof HTMLElement)) return false;
  // A field list that is closed holds a choice, not a text.
  if (target.getAttribute('aria-haspopup') === 'listbox') return target.getAttribute('aria-expanded') === 'true';
  if (target instanceof HTMLInputElement) return !TEXTLESS.has(target.type);
  return target.isContentEditable || target instanceof HTMLTextAreaElement;
}

/**
 * Ctrl+Z and Ctrl+Shift+Z (or Ctrl+Y), on a Mac with the command key, for as long as the screen is shown. One that is pressed while the
 * last one is still worked out is carried out after it.
 */
export function useUndoKeys({ undo, redo, busy }: Pick<MappingHistory, 'undo' | 'redo' | 'busy'>): void {
  const due = useRef<'undo' | 'redo' | null>(null);
  useEffect(() => {
    if (busy || due.current === null) return;
    const wanted = due.current === 'undo' ? undo : redo;
    due.current = null;
    void wanted?.();
  }, [busy, undo, redo]);
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || isTyping(event.target)) return;
      const key = event.key.toLowerCase();
      if (key !== 'z' && key !== 'y') return;
      const name = key === 'y' || event.shiftKey ? 'redo' : 'undo';
      const wanted = name === 'redo' ? redo : undo;
      if (!busy && !wanted) return;
      event.preventDefault();
      if (busy) due.current = name;
      else void wanted?.();
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [undo, redo, busy]);
}
