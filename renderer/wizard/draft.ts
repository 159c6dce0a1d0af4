import type { CleaningStep, TypedCell } from '../../shared/domain/cleaning.ts';
import type { FieldMapping, Operation } from '../../shared/domain/field-mapping.ts';
import type { LoadId, OrgId, SourceId } from '../../shared/domain/ids.ts';

export const STEPS = ['source', 'mapping', 'checks', 'plan', 'load', 'report'] as const;
export type Step = (typeof STEPS)[number];

/** Where the window is. A load that runs or has run needs no draft. */
export type Place =
  | { kind: 'home' }
  | { kind: 'connect'; then: Place; start?: 'practice' }
  /** A page beside the load in preparation; `then` is where Back goes. */
  | { kind: 'org' | 'settings'; then: Place }
  | { kind: 'step'; step: Step };

/** Where Back goes from a page beside the load: to where one was before any of them. */
export function beside(place: Place): Place {
  return 'then' in place ? place.then : place;
}

/** The load in preparation. Each choice empties what depended on it, and nothing else. */
export interface Draft {
  readonly sourceId: SourceId | null;
  readonly orgId: OrgId | null;
  readonly objectName: string | null;
  readonly operation: Operation;
  readonly mapping: FieldMapping | null;
  readonly undo: readonly FieldMapping[];
  /** What was done to the source's rows, latest last; each entry is how to take it back. */
  readonly sourceUndo: readonly SourceUndo[];
  readonly loadId: LoadId | null;
  readonly place: Place;
}

export const NEW_DRAFT: Draft = {
  sourceId: null,
  orgId: null,
  objectName: null,
  operation: 'upsert',
  mapping: null,
  undo: [],
  sourceUndo: [],
  loadId: null,
  place: { kind: 'home' },
};

/** The state to go back to: the steps as they were, or the cells as they were (null: as in the file). */
export type SourceUndo =
  { kind: 'steps'; steps: readonly CleaningStep[] } | { kind: 'cells'; cells: readonly TypedCell[] };

export type DraftAction =
  | { kind: 'go'; place: Place }
  | { kind: 'source-opened'; sourceId: SourceId }
  | { kind: 'source-changed'; undo: SourceUndo; columnsChanged: boolean }
  | { kind: 'source-change-undone'; columnsChanged: boolean }
  | { kind: 'columns-changed' }
  | { kind: 'org-chosen'; orgId: OrgId | null }
  /** With an operation where it is a guess: what the file's keys allow. */
  | { kind: 'object-chosen'; objectName: string; operation?: Operation }
  | { kind: 'operation-chosen'; operation: Operation }
  | { kind: 'mapping-suggested'; mapping: FieldMapping }
  | { kind: 'mapping-changed'; mapping: FieldMapping }
  | { kind: 'mapping-undone' }
  | { kind: 'load-started'; loadId: LoadId }
  | { kind: 'load-opened'; loadId: LoadId; step: Step };

export function reduceDraft(draft: Draft, action: DraftAction): Draft {
  switch (action.kind) {
    case 'go':
      return { ...draft, place: action.place };
    case 'source-opened':
      return { ...NEW_DRAFT, orgId: draft.orgId, sourceId: action.sourceId, place: { kind: 'step', step: 'source' } };
    case 'source-changed':
      return { ...withoutMapping(draft, action.columnsChanged), sourceUndo: [...draft.sourceUndo, action.undo] };
    case 'source-change-undone':
      return { ...withoutMapping(draft, action.columnsChanged), sourceUndo: draft.sourceUndo.slice(0, -1) };
    case 'columns-changed':
      return withoutMapping(draft, true);
    case 'org-chosen':
      return action.orgId === draft.orgId
        ? draft
        : { ...draft, orgId: action.orgId, objectName: null, mapping: null, undo: [] };
    case 'object-chosen':
      return action.objectName === draft.objectName
        ? draft
        : {
            ...draft,
            objectName: action.objectName,
            operation: action.operation ?? draft.operation,
            mapping: null,
            undo: [],
          };
    case 'operation-chosen':
      return action.operation === draft.operation
        ? draft
        : { ...draft, operation: action.operation, mapping: null, undo: [] };
    case 'mapping-suggested':
      return { ...draft, mapping: action.mapping, undo: [] };
    case 'mapping-changed':
      return { ...draft, mapping: action.mapping, undo: draft.mapping ? [...draft.undo, draft.mapping] : draft.undo };
    case 'mapping-undone': {
      const last = draft.undo.at(-1);
      return last ? { ...draft, mapping: last, undo: draft.undo.slice(0, -1) } : draft;
    }
    case 'load-started':
      return { ...draft, loadId: action.loadId, place: { kind: 'step', step: 'load' } };
    case 'load-opened':
      return { ...draft, loadId: action.loadId, place: { kind: 'step', step: action.step } };
  }
}

/** A mapping is of columns: with other columns it begins anew. */
function withoutMapping(draft: Draft, columnsChanged: boolean): Draft {
  return columnsChanged ? { ...draft, mapping: null, undo: [] } : draft;
}
