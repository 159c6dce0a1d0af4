import { SourceRowNumber } from '../../../shared/domain/ids.ts';
import {
  RowProblemCode,
  type ColumnGlance,
  type PreviewRow,
  type RowView,
} from '../../../shared/domain/source-file.ts';
import type { CleaningStep } from '../../../shared/domain/cleaning.ts';
import { columnCount, editedRows, type RawTable } from '../cleaning/clean-sql.ts';
import { quoteText } from '../tables/quote.ts';
import { isBlankSql } from '../match/match-sql.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { textOf, type SqlRow } from '../staging/staging-functions.ts';

/** A source's rows as they stand: what its files say, cleaned, with what was typed over it. */
export interface RowsOfSource {
  readonly table: RawTable;
  readonly steps: readonly CleaningStep[];
  readonly editedColumns: readonly number[];
  /** Rows after cleaning. */
  readonly rows: number;
  /** True if cleaning took rows out: row numbers then have gaps. */
  readonly hasGaps: boolean;
  /** Changes with every reading and every change of steps or cells. */
  readonly revision: string;
  /** Changes with every reading and every change of steps. */
  readonly stepsRevision: string;
}

/** Sorted and filtered views are kept while the person goes back and forth between a few of them. */
const KEPT_VIEWS = 4;

/** Rows that examples for a column are looked for in. */
const GLANCE_ROWS = 1000;

/** Columns counted at a time: the engine plans thousands of ordered lists together far more slowly than by the hundred. */
const GLANCE_COLUMNS = 100;

/**
 * Pages of rows by view. A view that is not file order is worked out once, as a table of positions; each page of it then
 * costs the same anywhere in it (bench/staging.ts).
 */
export class SourceRows {
  readonly #staging: StagingClient;
  /** Tables by source, view and revision, oldest first. */
  readonly #views = new Map<string, { table: string; rows: number }>();
  #made = 0;

  constructor(staging: StagingClient) {
    this.#staging = staging;
  }

  /** Forgets the views of a source, whose tables are gone with its rows. */
  forget(alias: string): void {
    for (const [key, { table }] of this.#views) if (table.startsWith(`${alias}.`)) this.#views.delete(key);
  }

  async page(
    source: RowsOfSource,
    view: RowView,
    offset: number,
    limit: number,
    signal: AbortSignal,
  ): Promise<{ page: PreviewRow[]; rows: number }> {
    const { table, steps, editedColumns } = source;
    if (!source.hasGaps && isFileOrder(view)) {
      const where = `row_number > ${offset} AND row_number <= ${offset + limit}`;
      const sql = `SELECT * FROM (${editedRows(table, steps, editedColumns, where)}) ORDER BY row_number`;
      return { page: await this.#toPage(source, await this.#staging.query(sql, [], signal)), rows: source.rows };
    }
    const { table: positions, rows } = await this.#view(source, view, signal);
    const inPage = `SELECT rid FROM ${positions} WHERE rowid >= ${offset} AND rowid < ${offset + limit}`;
    // DuckDB fetches rows by their place in storage; joining them to their positions there takes four times as long.
    const order = await this.#staging.query(`${inPage} ORDER BY rowid`, [], signal);
    const unordered = await this.#staging.query(
      editedRows(table, steps, editedColumns, `rowid IN (${inPage})`),
      [],
      signal,
    );
    const byPlace = new Map(unordered.map((row) => [row['rid'], row]));
    const ordered = order.map(({ rid = null }) => byPlace.get(rid)).filter((row) => row !== undefined);
    return { page: await this.#toPage(source, ordered), rows };
  }

  async #toPage(source: RowsOfSource, rows: readonly SqlRow[]): Promise<PreviewRow[]> {
    const count = columnCount(source.table, source.steps);
    const edited = new Map<number, number[]>();
    if (source.editedColumns.length > 0 && rows.length > 0) {
      const numbers = rows.map((row) => Number(row['row_number'])).join(', ');
      const found = await this.#staging.query(
        `SELECT row_number, source_column FROM ${source.table.alias}.edited WHERE row_number IN (${numbers}) ORDER BY ALL`,
      );
      for (const { row_number: row, source_column: column } of found)
        edited.set(Number(row), [...(edited.get(Number(row)) ?? []), Number(column)]);
    }
    return rows.map((row) => ({
      row: SourceRowNumber.parse(row['row_number']),
      line: Number(row['line']),
      part: Number(row['part']),
      cells: Array.from({ length: count }, (_, index) => textOf(row, `c${index}`)),
      edited: edited.get(Number(row['row_number'])) ?? [],
      problem: row['problem'] === null ? null : RowProblemCode.parse(row['problem']),
    }));
  }

  async #view(source: RowsOfSource, view: RowView, signal: AbortSignal): Promise<{ table: string; rows: number }> {
    const { alias } = source.table;
    const key = JSON.stringify([alias, source.stepsRevision, view.asOf === '' ? source.revision : '', view]);
    const known = this.#views.get(key);
    if (known) {
      this.#views.delete(key);
      this.#views.set(key, known);
      return known;
    }
    const table = `${alias}.view_${++this.#made}`;
    const rows = editedRows(source.table, source.steps, source.editedColumns);
    const cells = Array.from({ length: columnCount(source.table, source.steps) }, (_, index) => `c${index}`);
    const order = orderOf(view);
    // A table in its order, rather than numbered: that sorts on disk what does not fit into memory, numbering does not.
    await this.#staging.runInOrder(
      `CREATE OR REPLACE TABLE ${table} AS SELECT rid FROM (${rows}) WHERE ${conditionOf(view, cells)} ORDER BY ${order}`,
      signal,
    );
    const [counted] = await this.#staging.query(`SELECT count(*) AS n FROM ${table}`);
    const made = { table, rows: Number(counted?.['n'] ?? 0) };
    this.#views.set(key, made);
    const mine = [...this.#views].filter(([, one]) => one.table.startsWith(`${alias}.`));
    for (const [old, { table: unused }] of mine.slice(0, -KEPT_VIEWS)) {
      this.#views.delete(old);
      await this.#staging.run(`DROP TABLE IF EXISTS ${unused}`);
    }
    return made;
  }

  /** Of every column how many cells are blank, and its first values. */
  async glance(source: RowsOfSource, signal: AbortSignal): Promise<ColumnGlance[]> {
    const count = columnCount(source.table, source.steps);
    const glances: ColumnGlance[] = [];
    for (let first = 0; first < count; first += GLANCE_COLUMNS) {
      const columns = Array.from({ length: Math.min(GLANCE_COLUMNS, count - first) }, (_, index) => first + index);
      glances.push(...(await this.#glanceAt(source, columns, signal)));
    }
    return glances;
  }

  async #glanceAt(
    { table, steps, editedColumns }: RowsOfSource,
    columns: readonly number[],
    signal: AbortSignal,
  ): Promise<ColumnGlance[]> {
    const rows = editedRows(table, steps, editedColumns);
    const blanks = columns.map((index) => `count(*) FILTER (${isBlankSql(`c${index}`)}) AS b${index}`);
    const [facts] = await this.#staging.query(
      `SELECT ${blanks.join(', ')} FROM (${rows}) WHERE problem IS NULL`,
      [],
      signal,
    );
    const begin = editedRows(table, steps, editedColumns, `row_number <= ${GLANCE_ROWS}`);
    const lists = columns.map(
      (index) => `list_slice(list(c${index} ORDER BY row_number) FILTER (c${index} <> ''), 1, 3)::JSON AS e${index}`,
    );
    const [examples] = await this.#staging.query(
      `SELECT ${lists.join(', ')} FROM (${begin}) WHERE problem IS NULL`,
      [],
      signal,
    );
    return columns.map((column) => ({
      column,
      blank: Number(facts?.[`b${column}`] ?? 0),
      examples: JSON.parse(String(examples?.[`e${column}`] ?? '[]')) as string[],
    }));
  }
}

function isFileOrder({ sort, search, filters, problemsOnly }: RowView): boolean {
  return sort === null && search === '' && filters.length === 0 && !problemsOnly;
}

/** Numbers by their size before texts by their letters; blank cells last either way; equal ones in file order. */
function orderOf({ sort }: RowView): string {
  if (!sort) return 'row_number';
  const cell = `c${sort.column}`;
  const way = sort.descending ? 'DESC NULLS FIRST' : 'ASC NULLS LAST';
  return `coalesce(${cell}, '') = '', try_cast(${cell} AS DOUBLE) ${way}, lower(${cell}) ${way}, row_number`;
}

function conditionOf({ search, filters, problemsOnly }: RowView, cells: readonly string[]): string {
  const conditions = filters
    .filter(({ column }) => column < cells.length)
    .map(({ column, kind, text }) => {
      const cell = `coalesce(c${column}, '')`;
      switch (kind) {
        case 'contains':
          return `contains(lower(${cell}), lower(${quoteText(text)}))`;
        case 'equals':
          return `${cell} = ${quoteText(text)}`;
        case 'blank':
          return isBlankSql(cell);
        case 'filled':
          return `NOT ${isBlankSql(cell)}`;
      }
    });
  if (problemsOnly) conditions.push('problem IS NOT NULL');
  // A character between the cells that no one searches for, so that nothing is found across two of them.
  if (search !== '')
    conditions.push(`contains(lower(concat_ws(chr(31), ${cells.join(', ')})), lower(${quoteText(search)}))`);
  return conditions.length === 0 ? 'true' : conditions.join(' AND ');
}
