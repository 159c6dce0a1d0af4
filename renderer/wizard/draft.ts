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
  | { kind: 'org' | 'history' | 'jobs' | 'settings' | 'export'; then: Place }
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

/** A draft whose mapping depended on something that changed. */
export const NO_MAPPING = {
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
  | { kind: 'columns-due'; columns: number }
  /** Both have them, or neither will; said late, it leaves alone what has become due since. */
  | { kind: 'columns-settled'; columns: number }
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
