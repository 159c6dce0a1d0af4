import type { CleaningStep, TypedCell } from '../../shared/domain/cleaning.ts';
import type { FieldMapping, Operation } from '../../shared/domain/field-mapping.ts';
import type { FormerMapping, MappingMisfit } from '../../shared/domain/mapping-file.ts';
import type { LoadSnapshot } from '../../shared/domain/load-results.ts';
import type { LoadPlan } from '../../shared/domain/load-plan.ts';
import type { LoadId, MergeId, OrgId, PlanId, SourceId } from '../../shared/domain/ids.ts';
import type { PreparedUndo } from '../../shared/domain/undo.ts';

export const STEPS = ['source', 'mapping', 'checks', 'plan', 'load', 'report'] as const;
export type Step = (typeof STEPS)[number];

/** Where the window is. A load that runs or has run needs no draft. */
export type Place =
  | { kind: 'home' }
  /** Merging duplicates that are in the org, which no file has to be opened for. */
  | { kind: 'merge'; mergeId?: MergeId; from?: Place }
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
  /** Names of the columns that the mapping is of. */
  readonly names: readonly string[];
  /** The mapping as a person left it, of the columns there were then; null while those are the columns there are. */
  readonly former: FormerMapping | null;
  /** How the mapping was before each change, latest last, and what was taken back of it. */
  readonly undo: readonly MappingState[];
  readonly redo: readonly MappingState[];
  /**
   * How many columns the source is about to have by a step that the mapping made: until both have them, neither is of the other.
   * Null once they agree.
   */
  readonly columnsDue: number | null;
  /** What of a mapping that was used before, or came as a file, did not fit. */
  readonly misfits: readonly MappingMisfit[];
  /** What was done to the source's rows, latest last; each entry is how to take it back. */
  readonly sourceUndo: readonly SourceUndo[];
  readonly loadId: LoadId | null;
  /** The load that was started of this draft, and the mapping that it has. */
  readonly started: { readonly loadId: LoadId; readonly mapping: FieldMapping | null } | null;
  /** The load that this one repeats. */
  readonly again: Again | null;
  /** The plan that was opened again; another one may have taken its place since. */
  readonly reopened: PlanId | null;
  readonly place: Place;
}

/** A load that is being prepared once more. */
export interface Again {
  readonly load: LoadSnapshot;
  /** `due` until its mapping and cleaning are brought to the source. */
  readonly state: 'due' | 'fitted';
}

const NO_MAPPING = {
  mapping: null,
  names: [],
  former: null,
  undo: [],
  redo: [],
  columnsDue: null,
  misfits: [],
} as const;

export const NEW_DRAFT: Draft = {
  sourceId: null,
  orgId: null,
  objectName: null,
  operation: 'upsert',
  ...NO_MAPPING,
  sourceUndo: [],
  loadId: null,
  started: null,
  again: null,
  reopened: null,
  place: { kind: 'home' },
};

/** The state to go back to: the steps as they were, or the cells as they were (null: as in the file). */
export type SourceUndo =
  { kind: 'steps'; steps: readonly CleaningStep[] } | { kind: 'cells'; cells: readonly TypedCell[] };

/** A mapping, and the steps that made the columns it is of; null where the change to or from it left them as they were. */
export interface MappingState {
  readonly mapping: FieldMapping;
  readonly steps: readonly CleaningStep[] | null;
}

/** Where a change of the mapping made or took away columns: the steps as they were before it, and the names there are since. */
interface ColumnsChange {
  readonly stepsBefore: readonly CleaningStep[];
  readonly names: readonly string[];
}

export type DraftAction =
  | { kind: 'go'; place: Place }
  /** Signed in, or no longer wanted. A file that was opened in the meantime stays in view. */
  | { kind: 'connect-ended' }
  | { kind: 'source-opened'; sourceId: SourceId }
  /** Read from its files anew, in another way: with columns much like those before what was mapped is kept. */
  | { kind: 'source-read-anew'; columnsChanged: boolean }
  | { kind: 'source-changed'; undo: SourceUndo; columnsChanged: boolean }
  | { kind: 'source-change-undone'; columnsChanged: boolean }
  | { kind: 'columns-changed' }
  | { kind: 'org-chosen'; orgId: OrgId | null }
  /** With an operation where it is a guess: what the file's keys allow. */
  | { kind: 'object-chosen'; objectName: string; operation?: Operation }
  | { kind: 'operation-chosen'; operation: Operation }
  | {
      kind: 'mapping-suggested';
      mapping: FieldMapping;
      names: readonly string[];
      misfits: readonly MappingMisfit[];
    }
  | { kind: 'misfits-seen' }
  /** With misfits where it came as a file. */
  | ({ kind: 'mapping-changed'; mapping: FieldMapping; misfits?: readonly MappingMisfit[] } & Partial<ColumnsChange>)
  /** Takes back the latest change, or makes it again. */
  | ({ kind: 'mapping-undone' | 'mapping-redone' } & Partial<ColumnsChange>)
  | { kind: 'columns-due'; columns: number | null }
  | { kind: 'load-again'; load: LoadSnapshot; sourceId: SourceId }
  | { kind: 'load-fitted'; mapping: FieldMapping; names: readonly string[]; misfits: readonly MappingMisfit[] }
  | { kind: 'load-started'; loadId: LoadId }
  | { kind: 'load-opened'; loadId: LoadId; step: Step }
  /** A step of an undo, with the mapping that it was made for. */
  | ({ kind: 'undo-opened' } & Pick<PreparedUndo, 'orgId' | 'sourceId' | 'mapping' | 'names'>)
  /** A plan that was made before, just as it was; with the names of the columns that it is of. */
  | { kind: 'plan-opened'; plan: LoadPlan; names: readonly string[] };

/** Whether the load in view is the one that was started of the draft as it is. */
export function isOwnLoad({ loadId, started, mapping }: Draft): boolean {
  return loadId !== null && started?.loadId === loadId && started.mapping === mapping;
}

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
