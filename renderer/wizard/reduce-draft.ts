import type { CleaningStep } from '../../shared/domain/cleaning.ts';
import type { FieldMapping } from '../../shared/domain/field-mapping.ts';
import type { FormerMapping } from '../../shared/domain/mapping-file.ts';
import { NEW_DRAFT, NO_MAPPING, type Draft, type DraftAction, type MappingState } from './draft.ts';

export function reduceDraft(draft: Draft, action: DraftAction): Draft {
  switch (action.kind) {
    case 'go':
      return { ...draft, place: action.place };
    case 'connect-ended':
      return draft.place.kind === 'connect' ? { ...draft, place: draft.place.then } : draft;
    case 'source-opened':
      return { ...NEW_DRAFT, orgId: draft.orgId, sourceId: action.sourceId, place: { kind: 'step', step: 'source' } };
    case 'source-changed':
      return { ...afterSourceChange(draft, action.columnsChanged), sourceUndo: [...draft.sourceUndo, action.undo] };
    case 'source-change-undone':
      return { ...afterSourceChange(draft, action.columnsChanged), sourceUndo: draft.sourceUndo.slice(0, -1) };
    case 'source-read-anew':
      return { ...afterSourceChange(draft, action.columnsChanged), sourceUndo: [], loadId: null };
    case 'columns-changed':
      return afterSourceChange(draft, true);
    case 'org-chosen':
      return action.orgId === draft.orgId
        ? draft
        : { ...draft, orgId: action.orgId, objectName: null, again: null, ...NO_MAPPING };
    case 'object-chosen':
      return action.objectName === draft.objectName
        ? draft
        : {
            ...draft,
            objectName: action.objectName,
            operation: action.operation ?? draft.operation,
            again: null,
            ...NO_MAPPING,
          };
    case 'operation-chosen':
      return action.operation === draft.operation
        ? draft
        : { ...draft, operation: action.operation, again: null, ...NO_MAPPING };
    case 'mapping-suggested':
      return {
        ...draft,
        ...NO_MAPPING,
        former: draft.former,
        mapping: action.mapping,
        names: action.names,
        misfits: action.misfits,
      };
    case 'misfits-seen':
      return { ...draft, misfits: [] };
    case 'mapping-changed':
      return {
        ...withSteps(draft, action.stepsBefore),
        ...loadOf(action.mapping),
        names: action.names ?? draft.names,
        misfits: action.misfits ?? draft.misfits,
        undo: kept(draft.undo, draft.mapping, action.stepsBefore),
        redo: [],
      };
    case 'mapping-undone': {
      const last = draft.undo.at(-1);
      if (!last) return draft;
      return {
        ...draft,
        ...loadOf(last.mapping),
        names: action.names ?? draft.names,
        undo: draft.undo.slice(0, -1),
        redo: kept(draft.redo, draft.mapping, action.stepsBefore),
        sourceUndo: last.steps ? draft.sourceUndo.slice(0, -1) : draft.sourceUndo,
      };
    }
    case 'mapping-redone': {
      const next = draft.redo.at(-1);
      if (!next) return draft;
      return {
        ...withSteps(draft, action.stepsBefore),
        ...loadOf(next.mapping),
        names: action.names ?? draft.names,
        undo: kept(draft.undo, draft.mapping, action.stepsBefore),
        redo: draft.redo.slice(0, -1),
      };
    }
    case 'columns-due':
      return { ...draft, columnsDue: action.columns };
    case 'columns-settled':
      return draft.columnsDue === action.columns ? { ...draft, columnsDue: null } : draft;
    case 'load-again': {
      const { orgId, objectName, operation } = action.load;
      return {
        ...reduceDraft(draft, { kind: 'source-opened', sourceId: action.sourceId }),
        ...{ orgId, objectName, operation },
        again: { load: action.load, state: 'due' },
      };
    }
    case 'load-fitted':
      return fitted(draft, action);
    case 'load-started':
      return {
        ...draft,
        again: null,
        loadId: action.loadId,
        started: { loadId: action.loadId, mapping: draft.mapping },
        place: { kind: 'step', step: 'load' },
      };
    case 'plan-opened': {
      const { orgId, sourceId, mapping, planId } = action.plan;
      return {
        ...reduceDraft(draft, { kind: 'source-opened', sourceId }),
        ...loadOf(mapping),
        orgId,
        names: action.names,
        reopened: planId,
        place: { kind: 'step', step: 'plan' },
      };
    }
    case 'undo-opened': {
      const { orgId, sourceId, mapping, names } = action;
      return {
        ...reduceDraft(draft, { kind: 'source-opened', sourceId }),
        ...loadOf(mapping),
        orgId,
        names,
        place: { kind: 'step', step: 'plan' },
      };
    }
    case 'load-opened':
      return { ...draft, loadId: action.loadId, place: { kind: 'step', step: action.step } };
  }
}

/** Where a person can check it: the checks, or the mapping where something of it no longer fits. Who went elsewhere stays there. */
function fitted(draft: Draft, { mapping, names, misfits }: Extract<DraftAction, { kind: 'load-fitted' }>): Draft {
  if (draft.again?.state !== 'due') return draft;
  const { place } = draft;
  const waits = place.kind === 'step' && place.step === 'source';
  return {
    ...draft,
    ...NO_MAPPING,
    ...loadOf(mapping),
    names,
    misfits,
    again: { ...draft.again, state: 'fitted' },
    place: waits ? { kind: 'step', step: misfits.length > 0 ? 'mapping' : 'checks' } : place,
  };
}

/** A mapping that came as a file is for the object and the operation that it says; one that a person changed is as they left it. */
function loadOf(mapping: FieldMapping): Pick<Draft, 'mapping' | 'objectName' | 'operation' | 'former'> {
  return { mapping, objectName: mapping.objectName, operation: mapping.operation, former: null };
}

function kept(
  states: readonly MappingState[],
  mapping: FieldMapping | null,
  steps: readonly CleaningStep[] | undefined,
): readonly MappingState[] {
  return mapping ? [...states, { mapping, steps: steps ?? null }] : states;
}

/** What the mapping did to the source's rows can be taken back where the source is, too. */
function withSteps(draft: Draft, stepsBefore: readonly CleaningStep[] | undefined): Draft {
  return stepsBefore ? { ...draft, sourceUndo: [...draft.sourceUndo, { kind: 'steps', steps: stepsBefore }] } : draft;
}

/**
 * A mapping is of columns: with other columns it is brought to them, from the way a person left it, so that a change that is taken
 * back loses nothing. With the same ones it stands, but the steps it would go back to are no longer those around it.
 */
function afterSourceChange(draft: Draft, columnsChanged: boolean): Draft {
  if (columnsChanged) return { ...draft, ...NO_MAPPING, former: draft.former ?? asLeft(draft) };
  const stepless = [...draft.undo, ...draft.redo].every(({ steps }) => steps === null);
  return stepless ? draft : { ...draft, undo: [], redo: [] };
}

function asLeft({ mapping, names }: Draft): FormerMapping | null {
  // A mapping that was just suggested may be of columns that are gone already; its own count tells.
  return mapping && mapping.columns.length === names.length ? { mapping, names: [...names] } : null;
}
