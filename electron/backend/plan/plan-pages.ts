import type { MappedColumn } from '../../../shared/domain/field-mapping.ts';
import type { LoadPlan, PlannedRow } from '../../../shared/domain/load-plan.ts';
import { fieldNamed, type FieldTypeName, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { textOf } from '../staging/staging-functions.ts';
import { plannedRows } from './planned-rows.ts';
import { columnOf, wantedRows, type PlanView, type WantedRows } from './plan-view.ts';
import { blocksOf, countBlocksSql, spanOf, type BlockRows } from './row-blocks.ts';
import { searchedColumns } from './search-text.ts';
import type { SortedColumns } from './sorted-columns.ts';
import { sortedRows, type SortedView } from './sorted-rows.ts';

/** So few rows of a search are known by their numbers. */
const FEW = 20_000;

/** Where the rows of a view lie: all their numbers, or how many of them each block of the file's rows has. */
interface RowPlaces {
  readonly total: number;
  readonly numbers: readonly number[] | null;
  readonly blocks: readonly BlockRows[];
}

/** Views that are known at a time. */
const MOST_VIEWS = 16;

/** What was found out about a plan's views, for the next page of them. It holds as long as the plan is as it is. */
export class KnownViews {
  readonly #places = new Map<string, RowPlaces>();
  readonly #sorted = new Map<string, SortedView>();
  readonly #describe: SObjectDescribe | null;

  readonly #columns: SortedColumns | null;
  readonly #name: string;

  /** `describe` is of the plan's object: it says what its fields hold. Values of sorted views are kept in `columns` by a name of the plan as it is. */
  constructor(describe: SObjectDescribe | null = null, columns: SortedColumns | null = null, name = '') {
    this.#describe = describe;
    this.#columns = columns;
    this.#name = name;
  }

  typeOf({ target }: MappedColumn): FieldTypeName | null {
    // A lookup's values are those of its parent's field.
    if (target.kind === 'lookup' || this.#describe === null) return null;
    return fieldNamed(this.#describe, target.field)?.type ?? null;
  }

  async places(view: PlanView, find: () => Promise<RowPlaces>): Promise<RowPlaces> {
    const { sort: _sort, ...unsorted } = view;
    const key = JSON.stringify(unsorted);
    const found = this.#places.get(key) ?? (await find());
    keepLatest(this.#places, key, found);
    return found;
  }

  sorted(view: PlanView): SortedView {
    const key = JSON.stringify(view);
    const found = this.#sorted.get(key) ?? { stretches: null, columns: this.#columns, key: `${this.#name} ${key}` };
    keepLatest(this.#sorted, key, found);
    return found;
  }
}

function keepLatest<T>(known: Map<string, T>, key: string, value: T): void {
  known.delete(key);
  known.set(key, value);
  for (const oldest of known.keys()) {
    if (known.size <= MOST_VIEWS) break;
    known.delete(oldest);
  }
}

/** A page of the plan. */
export async function planPage(
  staging: Pick<StagingSql, 'query'>,
  plan: LoadPlan,
  view: PlanView,
  offset: number,
  limit: number,
  known = new KnownViews(),
): Promise<{ rows: PlannedRow[]; total: number }> {
  // Which rows, before what is in them: whole rows of millions are never put beside one another.
  const wanted = wantedRows(plan, view, await searchedColumns(staging, plan.planId, view.search));
  const places = await known.places(view, () => findPlaces(staging, wanted, view.search !== ''));
  const { total } = places;
  const column = view.sort && view.sort.field !== null ? columnOf(plan.mapping, view.sort.field) : undefined;
  const descending = view.sort?.descending === true;
  const page = { offset, limit };
  const sort = column && {
    column: column.column,
    type: known.typeOf(column),
    descending,
    total,
    numbers: places.numbers,
  };
  const numbers = sort
    ? await sortedRows(staging, plan, sort, wanted, known.sorted(view), page)
    : await rowsInOrder(staging, wanted, places, descending, page);
  return { rows: await plannedRows(staging, plan, numbers), total };
}

async function findPlaces(
  staging: Pick<StagingSql, 'query'>,
  { table, where, searched, values }: WantedRows,
  isSearch: boolean,
): Promise<RowPlaces> {
  if (isSearch) {
    // Texts are looked through once: most searches find little.
    const [found] = await staging.query(
      `SELECT count(*) AS n, string_agg(row_number, ',') AS numbers FROM (${searched ?? `SELECT p.row_number FROM ${table} ${where}`} LIMIT ${FEW + 1})`,
      [...values],
    );
    const total = Number(found?.['n'] ?? 0);
    const numbers = textOf(found, 'numbers').split(',').filter(Boolean).map(Number);
    if (total <= FEW) return { total, numbers: numbers.sort((one, other) => one - other), blocks: [] };
  }
  const blocks = blocksOf(
    await staging.query(countBlocksSql(`(SELECT p.row_number FROM ${table} ${where})`), [...values]),
  );
  return { total: blocks.reduce((sum, { rows }) => sum + rows, 0), numbers: null, blocks };
}

/**
 * A page in file order: rows are counted block by block, which says where it begins, and only the blocks that it lies in are sorted.
 * Of a million rows it takes a third of the time that an offset takes, and how many there are is known as well.
 */
async function rowsInOrder(
  staging: Pick<StagingSql, 'query'>,
  { table, where, values }: WantedRows,
  places: RowPlaces,
  descending: boolean,
  { offset, limit }: { readonly offset: number; readonly limit: number },
): Promise<number[]> {
  if (places.numbers) {
    const numbers = descending ? places.numbers.toReversed() : places.numbers;
    return numbers.slice(offset, offset + limit);
  }
  const span = spanOf(descending ? places.blocks.toReversed() : places.blocks, { offset, limit });
  if (!span) return [];
  // The span is told of the table itself, whose parts outside of it are passed over.
  const found = await staging.query(
    `SELECT p.row_number FROM ${table} ${where === '' ? 'WHERE' : `${where} AND`} p.row_number BETWEEN ${span.first} AND ${span.last}
     ORDER BY p.row_number ${descending ? 'DESC' : 'ASC'} LIMIT ${limit} OFFSET ${offset - span.before}`,
    [...values],
  );
  return found.map((row) => Number(row['row_number']));
}

/** Rows read at a time where all of them are wanted. */
const PAGE = 1000;

/** All the rows of a view in file order, a page at a time. */
export async function* eachPage(
  staging: Pick<StagingSql, 'query'>,
  plan: LoadPlan,
  view: Omit<PlanView, 'sort'>,
): AsyncGenerator<PlannedRow[]> {
  const { table, where, values } = wantedRows(plan, view);
  for (let last = 0; ;) {
    const found = await staging.query(
      `SELECT p.row_number FROM ${table} ${where === '' ? 'WHERE' : `${where} AND`} p.row_number > ${last} ORDER BY p.row_number LIMIT ${PAGE}`,
      [...values],
    );
    if (found.length === 0) return;
    const numbers = found.map((row) => Number(row['row_number']));
    last = numbers.at(-1) ?? last;
    yield await plannedRows(staging, plan, numbers);
  }
}
