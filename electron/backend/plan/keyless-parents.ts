import { sentColumns, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { sent, tablesOf } from '../tables/tables.ts';
import type { ParentColumn } from './break-circles.ts';
import type { PlannedMapping } from './plan-input.ts';

/** The lookups by which rows may name rows of their own file. */
interface OwnLookups {
  readonly lookups: readonly {
    readonly column: MappedColumn;
    /** The column that gives the key that it names rows by. */
    readonly own: MappedColumn;
  }[];
  /** By the place of a lookup's column. */
  readonly rules: ReadonlyMap<number, ParentColumn>;
  /** Finds for all of them which row is named, of rows that are sent by then. */
  readonly find: () => Promise<void>;
}

/**
 * A row whose key is not sent does not have it afterwards either: it is decided to be a record that keeps another, or that cell was
 * left out. Rows that name it by that key (`edge`) are given their lookup in a second step, by its Id, or are not sent (LOOKUP_PARENT_KEY)
 * where they can't do without.
 */
export async function refuseKeyless(
  staging: StagingSql,
  input: PlannedMapping,
  edge: string,
  { lookups, rules, find }: OwnLookups,
): Promise<void> {
  const { mapped, laterCell, rowIssue } = tablesOf(input.planId);
  const keyless = ({ column, own }: OwnLookups['lookups'][number]) =>
    `SELECT e.row_number, e.source_column, e.of_row FROM ${edge} e JOIN ${mapped} m ON m.row_number = e.of_row
     WHERE e.source_column = ${column.column} AND m.${sent(own.column)} IN ('', '#N/A')`;
  const before = await count(staging, rowIssue);
  for (const lookup of lookups.filter(({ column }) => rules.get(column.column)?.canWait === false))
    await staging.run(
      `INSERT INTO ${rowIssue} SELECT row_number, source_column, 'LOOKUP_PARENT_KEY', json_object('of', of_row) FROM (${keyless(lookup)})`,
    );
  if ((await count(staging, rowIssue)) > before) {
    // Who names one that is not sent now is not sent either.
    await staging.run(`DELETE FROM ${edge}`);
    await find();
  }
  for (const lookup of lookups)
    await staging.run(
      `INSERT INTO ${laterCell} SELECT row_number, source_column, of_row, '' FROM (${keyless(lookup)});
       DELETE FROM ${edge} WHERE (row_number, source_column) IN (SELECT (row_number, source_column) FROM ${laterCell})`,
    );
  await fillLater(staging, input);
}

/** Puts into cells that are given later what would be sent of them. */
export async function fillLater(staging: StagingSql, input: PlannedMapping): Promise<void> {
  const { laterCell, mapped } = tablesOf(input.planId);
  if ((await count(staging, laterCell)) === 0) return;
  for (const { column } of sentColumns(input.mapping))
    await staging.run(
      `UPDATE ${laterCell} SET value = m.${sent(column)} FROM ${mapped} m
       WHERE source_column = ${column} AND m.row_number = ${laterCell}.row_number`,
    );
}

async function count(staging: StagingSql, table: string): Promise<number> {
  const [counted] = await staging.query(`SELECT count(*) AS n FROM ${table}`);
  return Number(counted?.['n'] ?? 0);
}
