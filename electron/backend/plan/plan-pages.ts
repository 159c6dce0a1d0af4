import {
  bulkHeader,
  mappedColumns,
  sentColumns,
  type FieldMapping,
  type MappedColumn,
} from '../../../shared/domain/field-mapping.ts';
import type { ChangeFilter, LoadPlan, PlannedKind, PlannedRow, PlanSort } from '../../../shared/domain/load-plan.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, cell, tablesOf } from '../tables/tables.ts';
import { plannedRows } from './planned-rows.ts';

/** Which rows of a plan are wanted, and in what order. */
export interface PlanView {
  readonly kind: PlannedKind | null;
  /** A text that any mapped cell of the row contains. */
  readonly search: string;
  readonly change?: ChangeFilter | undefined;
  readonly sort?: PlanSort | undefined;
}

/** Rows of `planned`, as `p`, that are wanted, and the values of the condition's placeholders. */
export function wantedRows(
  { planId, mapping }: LoadPlan,
  { kind, search, change }: PlanView,
): { from: string; values: string[] } {
  const tables = tablesOf(planId);
  const where: string[] = [];
  const values: string[] = [];
  if (kind !== null) {
    where.push('p.kind = ?');
    values.push(kind);
  }
  if (change) {
    const n = columnOf(mapping, change.field)?.column ?? -1;
    const list = change.how === 'any' || change.how === 'changed' ? 'changed' : change.how;
    where.push(`p.kind = 'update' AND list_contains(p.${list}, ${n})`);
    if (change.how === 'changed')
      where.push(`NOT list_contains(p.filled, ${n}) AND NOT list_contains(p.cleared, ${n})`);
  }
  if (search !== '') {
    const cells = mappedColumns(mapping).map(({ column }) => `s.${cell(column)}`);
    const holds = `contains(lower(concat_ws(chr(31), ${cells.join(', ')})), lower(?))`;
    where.push(`p.row_number IN (SELECT row_number FROM ${tables.staged} s WHERE ${holds})`);
    values.push(search);
  }
  return { from: `FROM ${tables.planned} p ${where.length > 0 ? `WHERE ${where.join(' AND ')}` : ''}`, values };
}

export function columnOf(mapping: FieldMapping, field: string): MappedColumn | undefined {
  return sentColumns(mapping).find(({ target }) => bulkHeader(target) === field);
}

/** What the wanted rows are joined with to be sorted, and by what: numbers before texts, and blanks last either way. */
function orderOf({ planId, mapping }: LoadPlan, sort: PlanSort | undefined): { join: string; order: string } {
  const direction = sort?.descending === true ? 'DESC' : 'ASC';
  const column = sort && sort.field !== null ? columnOf(mapping, sort.field) : undefined;
  if (!column) return { join: '', order: `row_number ${direction}` };
  const value = `SELECT row_number, nullif(${canonical(column.column)}, '') AS text FROM ${tablesOf(planId).mapped}`;
  return {
    join: `LEFT JOIN (${value}) USING (row_number)`,
    order: `try_cast(text AS DOUBLE) ${direction} NULLS LAST, text ${direction} NULLS LAST, row_number`,
  };
}

/** A page of the plan. */
export async function planPage(
  staging: Pick<StagingSql, 'query'>,
  plan: LoadPlan,
  view: PlanView,
  offset: number,
  limit: number,
): Promise<{ rows: PlannedRow[]; total: number }> {
  // Which rows, before what is in them: whole rows of millions are never put beside one another.
  const { sort } = view;
  const isSorted = sort !== undefined && sort.field !== null && columnOf(plan.mapping, sort.field) !== undefined;
  const { numbers, total } = isSorted
    ? await sortedPage(staging, plan, view, offset, limit)
    : await pageInOrder(staging, wantedRows(plan, view), sort?.descending === true, offset, limit);
  return { rows: await plannedRows(staging, plan, numbers), total };
}

interface PageNumbers {
  /** Of the page's rows. */
  readonly numbers: number[];
  /** Rows of the view. */
  readonly total: number;
}

/** Rows counted at a time to find where a page begins. */
const BLOCK = 16_384;

/**
 * A page in file order: rows are counted block by block, which says where it begins, and only the blocks that it lies in are sorted.
 * Of a million rows it takes a third of the time that an offset takes, and how many there are is known as well.
 */
async function pageInOrder(
  staging: Pick<StagingSql, 'query'>,
  { from, values }: ReturnType<typeof wantedRows>,
  descending: boolean,
  offset: number,
  limit: number,
): Promise<PageNumbers> {
  const direction = descending ? 'DESC' : 'ASC';
  const counted = await staging.query(
    `SELECT p.row_number // ${BLOCK} AS block, count(*) AS n ${from} GROUP BY 1 ORDER BY 1 ${direction}`,
    values,
  );
  let total = 0;
  let before = 0;
  const blocks: number[] = [];
  for (const row of counted) {
    const n = Number(row['n']);
    if (total + n <= offset) before += n;
    else if (total < offset + limit) blocks.push(Number(row['block']));
    total += n;
  }
  if (blocks.length === 0) return { numbers: [], total };
  const [first, last] = [Math.min(...blocks) * BLOCK, (Math.max(...blocks) + 1) * BLOCK - 1];
  const found = await staging.query(
    `SELECT row_number FROM (SELECT p.row_number ${from}) WHERE row_number BETWEEN ${first} AND ${last}
     ORDER BY row_number ${direction} LIMIT ${limit} OFFSET ${offset - before}`,
    values,
  );
  return { numbers: found.map((row) => Number(row['row_number'])), total };
}

async function sortedPage(
  staging: Pick<StagingSql, 'query'>,
  plan: LoadPlan,
  view: PlanView,
  offset: number,
  limit: number,
): Promise<PageNumbers> {
  const { from, values } = wantedRows(plan, view);
  const { join, order } = orderOf(plan, view.sort);
  const [counted] = await staging.query(`SELECT count(*) AS n ${from}`, values);
  const found = await staging.query(
    `SELECT row_number FROM (SELECT p.row_number ${from}) ${join} ORDER BY ${order} LIMIT ${limit} OFFSET ${offset}`,
    values,
  );
  return { numbers: found.map((row) => Number(row['row_number'])), total: Number(counted?.['n'] ?? 0) };
}

/** Rows read at a time where all of them are wanted. */
const PAGE = 1000;

/** All the rows of a view in file order, a page at a time. */
export async function* eachPage(
  staging: Pick<StagingSql, 'query'>,
  plan: LoadPlan,
  view: Omit<PlanView, 'sort'>,
): AsyncGenerator<PlannedRow[]> {
  const { from, values } = wantedRows(plan, view);
  for (let last = 0; ;) {
    const found = await staging.query(
      `SELECT row_number FROM (SELECT p.row_number ${from}) WHERE row_number > ${last} ORDER BY row_number LIMIT ${PAGE}`,
      values,
    );
    if (found.length === 0) return;
    const numbers = found.map((row) => Number(row['row_number']));
    last = numbers.at(-1) ?? last;
    yield await plannedRows(staging, plan, numbers);
  }
}
