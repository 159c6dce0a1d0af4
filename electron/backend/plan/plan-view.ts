import {
  bulkHeader,
  mappedColumns,
  sentColumns,
  type FieldMapping,
  type MappedColumn,
} from '../../../shared/domain/field-mapping.ts';
import type { ChangeFilter, LoadPlan, PlannedKind, PlanSort } from '../../../shared/domain/load-plan.ts';
import { cell, tablesOf } from '../tables/tables.ts';

/** Which rows of a plan are wanted, and in what order. */
export interface PlanView {
  readonly kind: PlannedKind | null;
  /** A text that any mapped cell of the row contains. */
  readonly search: string;
  readonly change?: ChangeFilter | undefined;
  readonly sort?: PlanSort | undefined;
}

/** Rows of `planned`, as `p`, that are wanted, and the values of the condition's placeholders. */
export interface WantedRows {
  readonly table: string;
  /** A WHERE clause; nothing where the view is all rows there are. */
  readonly where: string;
  readonly values: readonly string[];
}

/** `searched` are the columns that the plan has search texts of (search-text.ts). */
export function wantedRows(
  { planId, mapping }: LoadPlan,
  { kind, search, change }: PlanView,
  searched: readonly number[] = [],
): WantedRows {
  const tables = tablesOf(planId);
  const where: string[] = [];
  const values: string[] = [];
  if (kind !== null) where.push(`p.kind = $${values.push(kind)}`);
  if (change) {
    const n = columnOf(mapping, change.field)?.column ?? -1;
    const list = change.how === 'any' || change.how === 'changed' ? 'changed' : change.how;
    where.push(`p.kind = 'update' AND list_contains(p.${list}, ${n})`);
    if (change.how === 'changed')
      where.push(`NOT list_contains(p.filled, ${n}) AND NOT list_contains(p.cleared, ${n})`);
  }
  if (search !== '') {
    const text = `lower($${values.push(search)})`;
    // Cell by cell: of a column with few values each of them is looked at once.
    const holds = mappedColumns(mapping)
      .filter(({ column }) => !searched.includes(column))
      .map(({ column }) => `contains(lower(s.${cell(column)}), ${text})`);
    const inTexts =
      searched.length > 0 ? [`SELECT row_number FROM ${tables.searchText} WHERE contains(text, ${text})`] : [];
    const inCells = `SELECT row_number FROM ${tables.staged} s WHERE ${holds.join(' OR ') || 'false'}`;
    where.push(`p.row_number IN (${[...inTexts, inCells].join(' UNION ALL ')})`);
  }
  return { table: `${tables.planned} p`, where: where.length > 0 ? `WHERE ${where.join(' AND ')}` : '', values };
}

export function columnOf(mapping: FieldMapping, field: string): MappedColumn | undefined {
  return sentColumns(mapping).find(({ target }) => bulkHeader(target) === field);
}
