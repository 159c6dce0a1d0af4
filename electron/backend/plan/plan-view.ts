import {
  bulkHeader,
  mappedColumns,
  sentColumns,
  type FieldMapping,
  type MappedColumn,
} from '../../../shared/domain/field-mapping.ts';
import type { ChangeFilter, LoadPlan, PlannedKind, PlanSort } from '../../../shared/domain/load-plan.ts';
import { cell, tablesOf } from '../tables/tables.ts';
import { NOT_SEARCHED, type SearchedColumns } from './search-text.ts';

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
  /** What it says of a row. */
  readonly condition: string;
  /** A query of their numbers where a search alone says which they are: it need not be put beside `planned`, which has every row of the file once. */
  readonly searched: string | null;
  readonly values: readonly string[];
}

export function wantedRows(
  { planId, mapping }: LoadPlan,
  { kind, search, change }: PlanView,
  searched: SearchedColumns = NOT_SEARCHED,
): WantedRows {
  const tables = tablesOf(planId);
  const where: string[] = [];
  const values: string[] = [];
  let alone: string | null = null;
  if (kind !== null) where.push(`p.kind = $${values.push(kind)}`);
  if (change) {
    const n = columnOf(mapping, change.field)?.column ?? -1;
    const list = change.how === 'any' || change.how === 'changed' ? 'changed' : change.how;
    where.push(`p.kind = 'update' AND list_contains(p.${list}, ${n})`);
    if (change.how === 'changed')
      where.push(`NOT list_contains(p.filled, ${n}) AND NOT list_contains(p.cleared, ${n})`);
  }
  if (search !== '') {
    const text = `lower($${values.length + 1})`;
    // Texts are looked through for a part of it first that begins with a rare letter, which is where the engine stops to compare.
    const rare = `contains(text, substr(${text}, ${rarestLetter(search) + 1})) AND contains(text, ${text})`;
    const holds = mappedColumns(mapping)
      .filter(({ column }) => ![...searched.texts, ...searched.values].includes(column))
      .map(({ column }) => `contains(lower(s.${cell(column)}), ${text})`);
    const rows = [
      ...(searched.texts.length > 0 ? [`SELECT row_number FROM ${tables.searchText} WHERE ${rare}`] : []),
      ...searched.found.map(
        (column) =>
          `SELECT row_number FROM ${tables.staged} WHERE ${cell(column)} IN (SELECT value FROM ${tables.searchValue} WHERE source_column = ${column} AND contains(text, ${text}))`,
      ),
      ...(holds.length > 0 ? [`SELECT row_number FROM ${tables.staged} s WHERE ${holds.join(' OR ')}`] : []),
    ];
    // What no statement names it takes no value for.
    if (rows.length > 0) values.push(search);
    // A row may be found in more than one of its columns.
    if (where.length === 0 && rows.length > 0) alone = rows.length === 1 ? (rows[0] ?? null) : rows.join(' UNION ');
    where.push(rows.length > 0 ? `p.row_number IN (${rows.join(' UNION ALL ')})` : 'false');
  }
  const condition = where.join(' AND ');
  return {
    table: `${tables.planned} p`,
    where: where.length > 0 ? `WHERE ${condition}` : '',
    condition,
    searched: alone,
    values,
  };
}

/** Of what people write in business the letters, digits and marks that come most, the most frequent first; of others each is rare. */
const FREQUENT = ' e0a1nr2tio3s456789lcdhumpgb.k-fw/yv@+z,jxq';

/** Which letter of a text comes least in others, counted from 0; none of its last, so that there is something to compare. */
export function rarestLetter(search: string): number {
  const letters = [...search.toLowerCase()].slice(0, -1);
  const ranks = letters.map((letter) => (FREQUENT.includes(letter) ? FREQUENT.indexOf(letter) : FREQUENT.length));
  return Math.max(0, ranks.indexOf(Math.max(...ranks)));
}

export function columnOf(mapping: FieldMapping, field: string): MappedColumn | undefined {
  return sentColumns(mapping).find(({ target }) => bulkHeader(target) === field);
}
