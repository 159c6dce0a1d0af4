import type { Input } from '../../../shared/contract/procedures.ts';
import type { ChangeFilter, LoadPlan, PlannedKind } from '../../../shared/domain/load-plan.ts';
import { PLANNED_GROUP, type PlannedGroups } from '../../../shared/domain/row-groups.ts';
import type { GridSort } from '../../components/grid-pages.ts';

/** Which rows of a plan are shown. */
export interface PlanFilter {
  readonly kind: PlannedKind | null;
  readonly search: string;
  readonly change?: ChangeFilter | undefined;
}

export const NO_FILTER: PlanFilter = { kind: null, search: '' };

/** The outcome whose rows a group holds. */
export function kindOf(group: keyof PlannedGroups): PlannedKind {
  const kinds = Object.keys(PLANNED_GROUP) as PlannedKind[];
  return kinds.find((kind) => PLANNED_GROUP[kind] === group) ?? 'blocked';
}

/** Ids of the grid's columns that are no fields. */
export const ROW_COLUMN = 'row';
export const KEY_COLUMN = 'key';

/** Shows the rows of one outcome, or of all when it is chosen again. Only updates change a field of a record. */
export function withKind(filter: PlanFilter, kind: PlannedKind): PlanFilter {
  const { change, ...rest } = filter;
  const next = filter.kind === kind ? null : kind;
  return next === 'update' && change ? { ...rest, kind: next, change } : { ...rest, kind: next };
}

/** Shows the rows that change a field, or that no longer when it is chosen again. */
export function withChange(filter: PlanFilter, change: ChangeFilter): PlanFilter {
  const { change: before, ...rest } = filter;
  const isSame = before?.field === change.field && before.how === change.how;
  return isSame ? rest : { ...rest, kind: 'update', change };
}

/** What the backend is asked to sort by: the order of the file unless a column says otherwise. */
export function sortOf(sort: GridSort | null, plan: LoadPlan): Input<'plan.page'>['sort'] {
  if (sort === null) return undefined;
  const { columnId, descending } = sort;
  if (columnId === ROW_COLUMN) return { field: null, descending };
  return { field: columnId === KEY_COLUMN ? plan.mapping.matchField : columnId, descending };
}
