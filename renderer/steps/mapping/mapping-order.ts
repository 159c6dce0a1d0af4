import type { ColumnMapping, FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { isRequiredOnCreate, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { isUnmapped } from './mapping-rows.ts';

/** From so many columns on, nobody finds the ones that matter by scrolling: these come first. */
export const MANY_COLUMNS = 40;

/** Rows of the table that are shown or left out together. */
export const PAGE_ROWS = 6;

/** Columns that fill nothing, then those that new records need or are found by, then the rest: 0, 1, 2 by column number. */
export function ranksOf(mapping: FieldMapping, describe: SObjectDescribe): ReadonlyMap<number, number> {
  const creates = mapping.operation === 'insert' || mapping.operation === 'upsert';
  const needed = new Set(
    describe.fields
      .filter((field) => field.name === mapping.matchField || (creates && isRequiredOnCreate(field)))
      .map(({ name }) => name.toLowerCase()),
  );
  const rank = (entry: ColumnMapping) => {
    if (isUnmapped(entry)) return 0;
    return entry.target.kind !== 'ignored' && needed.has(entry.target.field.toLowerCase()) ? 1 : 2;
  };
  return new Map(mapping.columns.map((entry) => [entry.column, rank(entry)]));
}

/**
 * The entries by rank, those of one rank as they were. A column without one was made since, and wants its field: it comes first. Ranks are
 * taken once, so that a row stays where it is when it is mapped.
 */
export function inRankOrder(
  entries: readonly ColumnMapping[],
  ranks: ReadonlyMap<number, number>,
): readonly ColumnMapping[] {
  if (entries.length < MANY_COLUMNS) return entries;
  const byRank: ColumnMapping[][] = [[], [], [], []];
  for (const entry of entries) byRank[(ranks.get(entry.column) ?? -1) + 1]?.push(entry);
  return byRank.flat();
}

export interface RowPage<T> {
  /** Place of its first row among all, from 0. */
  readonly first: number;
  readonly rows: readonly T[];
}

export function inPages<T>(rows: readonly T[]): RowPage<T>[] {
  return Array.from({ length: Math.ceil(rows.length / PAGE_ROWS) }, (_, page) => {
    const first = page * PAGE_ROWS;
    return { first, rows: rows.slice(first, first + PAGE_ROWS) };
  });
}
