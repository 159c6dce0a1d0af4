import type { ColumnSketch, ValueKind } from '../../../shared/domain/source-file.ts';
import { EDGE_SPACES } from '../../../shared/match/white-space.ts';
import { editedRows } from '../cleaning/clean-sql.ts';
import { classOf, isBlankSql } from '../match/match-sql.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { KINDS } from './profile-column.ts';
import type { RowsOfSource } from './source-rows.ts';

/** Rows from the beginning by which it is guessed what a column is: then one kind is counted over all rows, not all of them. */
const GUESSED_BY = 1000;

/** A kind of fewer values than this share is none: text has some numbers in it, too. */
const NEARLY_ALL = 0.9;

/** Different values up to this estimate are counted: the tables that this takes are small. Of more the estimate will do. */
const COUNTED = 2000;

/** Kinds that go before others when as many values are of them, as 1 and 0 are numbers, too. */
const FIRST: readonly ValueKind[] = ['whole-number', 'number', 'date', 'date-time', 'email', 'yes-no', 'record-id'];

/** Whether a cell, without the spaces around it, is of a kind. One pass of RE2 where trimming first takes two. */
function isOfKind(column: number, kind: ValueKind): string {
  const space = classOf(EDGE_SPACES);
  return `regexp_full_match(c${column}, '${space}*(?:${KINDS[kind]})${space}*')`;
}

/**
 * What the headers of some columns show of every row: two passes over those columns, three where values are few. Rows that could not be
 * read are not among them.
 */
export async function sketchColumns(
  staging: StagingClient,
  source: RowsOfSource,
  columns: readonly number[],
  signal: AbortSignal,
): Promise<ColumnSketch[]> {
  const kinds = await guessKinds(staging, source, columns, signal);
  const rows = `(${editedRows(source.table, source.steps, source.editedColumns)}) WHERE problem IS NULL`;
  const perColumn = columns.flatMap((column) => {
    const kind = kinds.get(column);
    const filled = `NOT ${isBlankSql(`c${column}`)}`;
    return [
      `count(*) FILTER (${filled}) AS f${column}`,
      `approx_count_distinct(c${column}) FILTER (${filled}) AS d${column}`,
      ...(kind ? [`count(*) FILTER (${isOfKind(column, kind)}) AS k${column}`] : []),
    ];
  });
  const [facts = {}] = await staging.query(`SELECT count(*) AS n, ${perColumn.join(', ')} FROM ${rows}`, [], signal);
  const count = (name: string) => Number(facts[name] ?? 0);
  const few = columns.filter((column) => count(`d${column}`) <= COUNTED);
  const exact = few.map(
    (column) => `count(DISTINCT c${column}) FILTER (NOT ${isBlankSql(`c${column}`)}) AS d${column}`,
  );
  const [counted = {}] =
    few.length === 0 ? [] : await staging.query(`SELECT ${exact.join(', ')} FROM ${rows}`, [], signal);
  return columns.map((column) => {
    const filled = count(`f${column}`);
    const misfits = filled - count(`k${column}`);
    const kind = filled > 0 && misfits <= filled * (1 - NEARLY_ALL) ? (kinds.get(column) ?? null) : null;
    const exactly = counted[`d${column}`];
    return {
      column,
      rows: count('n'),
      blank: count('n') - filled,
      // An estimate may be above what there is.
      distinct: exactly === undefined ? Math.min(count(`d${column}`), filled) : Number(exactly),
      distinctIsEstimate: exactly === undefined,
      kind,
      misfits: kind === null ? 0 : misfits,
    };
  });
}

/** What nearly all of a column's first values are, for those columns of which there is such a thing. */
async function guessKinds(
  staging: StagingClient,
  { table, steps, editedColumns }: RowsOfSource,
  columns: readonly number[],
  signal: AbortSignal,
): Promise<ReadonlyMap<number, ValueKind>> {
  const beginning = editedRows(table, steps, editedColumns, `row_number <= ${GUESSED_BY}`);
  const counts = columns.flatMap((column) => [
    `count(*) FILTER (NOT ${isBlankSql(`c${column}`)}) AS f${column}`,
    ...FIRST.map((kind, at) => `count(*) FILTER (${isOfKind(column, kind)}) AS k${column}_${at}`),
  ]);
  const [facts = {}] = await staging.query(
    `SELECT ${counts.join(', ')} FROM (${beginning}) WHERE problem IS NULL`,
    [],
    signal,
  );
  const guessed = new Map<number, ValueKind>();
  for (const column of columns) {
    const enough = Math.max(1, Number(facts[`f${column}`] ?? 0) * NEARLY_ALL);
    const fits = FIRST.map((_kind, at) => Number(facts[`k${column}_${at}`] ?? 0));
    const most = Math.max(...fits);
    const kind = FIRST[fits.indexOf(most)];
    if (kind && most >= enough) guessed.set(column, kind);
  }
  return guessed;
}
