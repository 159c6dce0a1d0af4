import { matchColumn, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import { foldKeySql, foldValueSql } from '../match/match-sql.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, second, sent, tablesOf } from '../tables/tables.ts';
import { mappedRows } from './mapped-rows.ts';
import { NEWEST_ROW } from './newest-row.ts';
import { ruleField, secondField, type CheckInput } from './rule-field.ts';

/** Rows grouped at a time, which fit into the engine's memory: the groups of three million at once did not. */
export const GROUPED_ROWS = 400_000;

/** Columns compared at a time: what a dictionary takes in a join is in `join-in-steps.ts`. */
const COMPARED_COLUMNS = 6;

export interface RepeatedRows {
  /** SQL for the rows that may repeat one another, as `row_number`, and `k`, a number that is the same where they do. */
  readonly rows: string;
  /** What two of them may differ in. */
  readonly compared: readonly MappedColumn[];
  /** When a row was written, as SQL over `s` of `staged`; null where nobody asks. */
  readonly written: { readonly time: string; readonly number: string } | null;
  /** The table that is made. */
  readonly several: string;
  readonly groupedRows: number;
}

/** A group of rows is named by its first row everywhere: what is grouped is numbers, never texts. */
interface Grouping extends RepeatedRows {
  readonly staging: StagingSql;
  readonly input: CheckInput;
  /** Conditions on a row number, a part of all rows each. */
  readonly shares: readonly string[];
  readonly alike: string;
}

/**
 * Leaves in `several` the rows that are not alone in their group, with its first and last row, whether rows of it `differ`, and the
 * newest of them, the last of several; null where that is not asked, or not every row says when it was written.
 */
export async function groupRows(staging: StagingSql, input: CheckInput, repeated: RepeatedRows): Promise<void> {
  const { named } = tablesOf(input.source.alias);
  const { rows, several, groupedRows } = repeated;
  const count = Math.max(1, Math.ceil(input.source.rows / groupedRows));
  const [sendable, alike, differing, newest] = [named('sendable'), named('alike'), named('differing'), named('newest')];
  await staging.run(
    `CREATE OR REPLACE TABLE ${sendable} AS SELECT row_number, k FROM (${rows});
     CREATE OR REPLACE TABLE ${alike} (row_number INTEGER, first_row INTEGER);
     CREATE OR REPLACE TABLE ${differing} (first_row INTEGER);
     CREATE OR REPLACE TABLE ${newest} (first_row INTEGER, newest_row INTEGER);
     CREATE OR REPLACE TABLE ${several} (row_number INTEGER, first_row INTEGER, last_row INTEGER, newest_row INTEGER, differ BOOLEAN)`,
  );
  for (let share = 0; share < count; share++) {
    const one = `(SELECT * FROM ${sendable} WHERE hash(k) % ${count} = ${share})`;
    await staging.run(
      `INSERT INTO ${alike} SELECT row_number, first_row FROM ${one}
       JOIN (SELECT k, min(row_number) AS first_row FROM ${one} GROUP BY k HAVING count(*) > 1) USING (k)`,
    );
  }
  await staging.run(`DROP TABLE ${sendable}`);
  const shares = Array.from({ length: count }, (_, share) => `first_row % ${count} = ${share}`);
  const grouping: Grouping = { ...repeated, staging, input, shares, alike };
  const [found] = await staging.query(`SELECT count(*) AS n FROM ${alike}`);
  if (Number(found?.['n']) > 0) {
    for (let at = 0; at < repeated.compared.length; at += COMPARED_COLUMNS)
      await compareColumns(grouping, repeated.compared.slice(at, at + COMPARED_COLUMNS), differing);
    await findNewest(grouping, newest);
  }
  for (const share of shares)
    await staging.run(
      `INSERT INTO ${several} SELECT row_number, first_row, last_row, newest_row, d.first_row IS NOT NULL
       FROM ${alike} a JOIN (SELECT first_row, max(row_number) AS last_row FROM ${alike} WHERE ${share} GROUP BY first_row) USING (first_row)
       LEFT JOIN (SELECT DISTINCT first_row FROM ${differing} WHERE ${share}) d USING (first_row) LEFT JOIN ${newest} USING (first_row)`,
    );
  await staging.run(`DROP TABLE ${alike}; DROP TABLE ${differing}; DROP TABLE ${newest}`);
}

/** Notes the groups whose rows do not say the same in some columns. */
async function compareColumns(
  { staging, input, shares, alike, groupedRows }: Grouping,
  columns: readonly MappedColumn[],
  differing: string,
): Promise<void> {
  const said = tablesOf(input.source.alias).named('said');
  await staging.run(`CREATE OR REPLACE TABLE ${said} (first_row INTEGER, h UBIGINT)`);
  for (const slice of slices(input, groupedRows))
    await staging.run(
      `INSERT INTO ${said} SELECT first_row, ${contentSql(input, columns)} FROM (SELECT * FROM ${mappedRows(input, columns)} WHERE ${slice}) m
       JOIN (SELECT * FROM ${alike} WHERE ${slice}) USING (row_number)`,
    );
  for (const share of shares)
    await staging.run(
      `INSERT INTO ${differing} SELECT first_row FROM ${said} WHERE ${share} GROUP BY first_row HAVING min(h) <> max(h)`,
    );
  await staging.run(`DROP TABLE ${said}`);
}

async function findNewest({ staging, input, written, shares, alike }: Grouping, newest: string): Promise<void> {
  if (!written) return;
  const { staged } = tablesOf(input.source.alias);
  for (const share of shares)
    await staging.run(
      `INSERT INTO ${newest} SELECT first_row, ${NEWEST_ROW} FROM (
         SELECT row_number, first_row, ${written.time} AS time, ${written.number} AS number
         FROM (SELECT * FROM ${alike} WHERE ${share}) JOIN ${staged} s USING (row_number)) GROUP BY first_row`,
    );
}

/** Rows by their number, so many at a time: of a table in its order only the parts are read that they lie in. */
function slices({ source }: CheckInput, atOnce: number): string[] {
  const count = Math.max(1, Math.ceil(source.rows / atOnce));
  return Array.from(
    { length: count },
    (_, at) => `row_number > ${at * atOnce}${at === count - 1 ? '' : ` AND row_number <= ${(at + 1) * atOnce}`}`,
  );
}

/** All that a row of `mapped` says in some columns, as one number. */
function contentSql({ mapping, describe, parents }: CheckInput, columns: readonly MappedColumn[]): string {
  const key = matchColumn(mapping);
  // A blank cell leaves a field alone and #N/A clears it, though neither has a value.
  const contents = columns.map((column) => {
    const [text, value] = [`m.${sent(column.column)}`, `m.${canonical(column.column)}`];
    const fold = column === key ? foldKeySql : foldValueSql;
    const pair = secondField(column, parents);
    const and = pair ? `, ${foldKeySql(`m.${second(column.column)}`, pair)}` : '';
    return `CASE WHEN ${text} = '#N/A' THEN ${text} ELSE ${fold(value, ruleField(column, describe, parents), column.target)} END${and}`;
  });
  return `hash(${contents.join(', ')})`;
}
