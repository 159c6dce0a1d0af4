import { useCallback, useLayoutEffect, useRef, useState, type Dispatch } from 'react';
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
  const { failure, applySteps } = useSourceRun();
  const [busy, setBusy] = useState(false);
  /** The names of the columns there are with the steps; null if these could not be taken, and nothing has changed. */
  const taken = useCallback(
    async (steps: readonly CleaningStep[]): Promise<readonly string[] | null> => {
      if (!source) return null;
      const columns = source.fileColumns + steps.flatMap(columnsMadeBy).length;
      dispatch({ kind: 'columns-due', columns });
      const changed = await applySteps(source.sourceId, steps);
      if (!changed) dispatch({ kind: 'columns-settled', columns });
      return changed && changed.columns.map(({ name }) => name);
    },
    [source, applySteps, dispatch],
  );
  const stepsBefore = source?.cleaning ?? [];
  /** The columns and what the mapping makes of them change as one: until then nothing else is taken back, or taken back twice. */
  const asOne = async (change: () => Promise<void>): Promise<void> => {
    setBusy(true);
    try {
      await change();
    } finally {
      setBusy(false);
    }
  };
  const go = (state: Draft['undo'][number] | undefined, kind: 'mapping-undone' | 'mapping-redone') => {
    if (!state || busy) return null;
    return async () => {
      const { steps } = state;
      if (steps === null) return dispatch({ kind });
      await asOne(async () => {
        const names = await taken(steps);
        if (names) dispatch({ kind, stepsBefore, names });
      });
    };
  };
  return {
    busy,
    failure,
    change: (mapping, misfits) => dispatch({ kind: 'mapping-changed', mapping, ...(misfits ? { misfits } : {}) }),
    changeWith: (steps, mapping, misfits) =>
      asOne(async () => {
        const names = await taken(steps);
        if (names) dispatch({ kind: 'mapping-changed', mapping, stepsBefore, names, ...(misfits ? { misfits } : {}) });
      }),
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
 * Ctrl+Z and Ctrl+Shift+Z (or Ctrl+Y), on a Mac with the command key, for as long as the screen is shown. Keys wait for one another: each
 * takes back what is there once the one before it is carried out.
 */
export function useUndoKeys({ undo, redo, busy }: Pick<MappingHistory, 'undo' | 'redo' | 'busy'>): void {
  const due = useRef<('undo' | 'redo')[]>([]);
  const [, setPressed] = useState(0);
  // After every change of what is shown, for a key is never carried out on a state that is gone.
  useLayoutEffect(() => {
    while (!busy && due.current.length > 0) {
      const wanted = due.current.shift() === 'undo' ? undo : redo;
      if (wanted) return void wanted();
    }
  });
  useLayoutEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || isTyping(event.target)) return;
      const key = event.key.toLowerCase();
      if (key !== 'z' && key !== 'y') return;
      const name = key === 'y' || event.shiftKey ? 'redo' : 'undo';
      if (!busy && due.current.length === 0 && !(name === 'redo' ? redo : undo)) return;
      event.preventDefault();
      due.current.push(name);
      setPressed((times) => times + 1);
    };
    window.addEventListener('keydown', pressed);
    return () => window.removeEventListener('keydown', pressed);
  }, [undo, redo, busy]);
}
