import {
  matchColumn,
  repeatColumns,
  type FieldMapping,
  type MappedColumn,
} from '../../../shared/domain/field-mapping.ts';
import { foldKeySql, foldValueSql } from '../match/match-sql.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, cell, createTable, REPEATED, second, sent, tablesOf } from '../tables/tables.ts';
import { fillMapped, mappedRows } from './mapped-rows.ts';
import { ruleField, secondField, type CheckInput } from './rule-field.ts';

/** Rows grouped at a time, which fit into the engine's memory: the groups of three million at once did not. */
const GROUPED_ROWS = 400_000;

/**
 * Rows with one match value, or equal in the columns that the mapping names: identical ones are sent once (V27); differing ones are
 * the person's to decide (V26). Without such columns only rows that are equal in every column of the file count as repeated.
 */
export async function findRepeats(
  staging: StagingSql,
  input: CheckInput,
  columns: readonly MappedColumn[],
  groupedRows: number = GROUPED_ROWS,
): Promise<void> {
  const { source, mapping } = input;
  const { rowIssue, repeated, named } = tablesOf(source.alias);
  const [by] = repeatColumns(mapping);
  const several = named('several');
  const shares = Math.max(1, Math.ceil(source.rows / groupedRows));
  await groupRows(staging, input, columns, several, shares);
  const asked = by ? ASKED[mapping.duplicateKeys] : 'false';
  if (by && asked !== 'false') {
    await staging.run(
      `INSERT INTO ${rowIssue} SELECT row_number, ${by.column}, 'MATCH_VALUE_REPEATED', json_object('first', first_row, 'last', last_row)
       FROM ${several} WHERE differ AND ${asked}`,
    );
  }
  const kept = `CASE WHEN differ THEN ${KEPT[mapping.duplicateKeys]} ELSE first_row END`;
  const decision = mapping.duplicateKeys === 'merge' ? 'merged' : 'superseded';
  await staging.run(
    `${createTable(repeated, REPEATED)};
     INSERT INTO ${repeated} SELECT row_number, ${kept}, CASE WHEN differ THEN '${decision}' ELSE 'identical' END
     FROM ${several} WHERE row_number <> ${kept} AND NOT (differ AND ${asked});
     DROP TABLE ${several}`,
  );
}

/** The row of a group that is sent where its rows differ. */
const KEPT: Readonly<Record<FieldMapping['duplicateKeys'], string>> = {
  ask: 'first_row',
  first: 'first_row',
  last: 'last_row',
  newest: 'newest_row',
  merge: 'first_row',
};

/** Groups of which none is sent until a person has decided: also those where it can't be told which row is the newest. */
const ASKED: Readonly<Record<FieldMapping['duplicateKeys'], string>> = {
  ask: 'true',
  first: 'false',
  last: 'false',
  newest: 'newest_row IS NULL',
  merge: 'false',
};

/** The rows that could be sent, as `row_number` and `k`, by which they repeat one another; those where a part of it is blank don't. */
function rowsSql(input: CheckInput): string {
  const { source, mapping, describe, parents } = input;
  const { staged, rowIssue } = tablesOf(source.alias);
  const by = repeatColumns(mapping);
  const open = `ANTI JOIN ${rowIssue} USING (row_number)`;
  if (by.length === 0) {
    const content = `hash(${source.columns.map(({ index }) => `s.${cell(index)}`).join(', ')})`;
    return `SELECT s.row_number, ${content} AS k FROM ${staged} s ${open} WHERE s.problem IS NULL`;
  }
  const values = by.map(({ column }) => `m.${canonical(column)}`);
  const keys = by.map((column, index) => foldKeySql(values[index] ?? '', ruleField(column, describe, parents)));
  return `SELECT m.row_number, ${keys.length === 1 ? keys.join('') : `concat_ws(chr(31), ${keys.join(', ')})`} AS k
    FROM ${mappedRows(input, by)} m ${open} WHERE ${values.map((value) => `${value} <> ''`).join(' AND ')}`;
}

/** When a row was written, as a number to compare with that of others, from `s`: of a time with or without its zone, or a number. */
export function writtenSql(column: number): { time: string; number: string } {
  const text = `trim(s.${cell(column)})`;
  // Salesforce writes zones as +0000, which the engine does not read.
  const zoned = `regexp_replace(${text}, '([+-][0-9]{2})([0-9]{2})$', '\\1:\\2')`;
  return { time: `epoch_ms(try_cast(${zoned} AS TIMESTAMPTZ))`, number: `try_cast(${text} AS DOUBLE)` };
}

/** Of equal ones the last in the order of the file is the newest. */
const newestSql = (value: string): string =>
  `WHEN count(${value}) = count(*) THEN arg_max(row_number, struct_pack(a := ${value}, b := row_number))`;
/** Of a group of rows with the `time` and the `number` of each the newest row; NULL where not all of them have the one, or the other. */
export const NEWEST_ROW = `CASE ${newestSql('time')} ${newestSql('number')} END`;

/** All that a row of `mapped` says, as one number. */
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

/**
 * Leaves in `several` the rows that are not alone in their group, with its first and last row, whether rows of it `differ`, and the
 * newest of them, the last of several; null where that is not asked, or not every row says when it was written.
 */
async function groupRows(
  staging: StagingSql,
  input: CheckInput,
  columns: readonly MappedColumn[],
  several: string,
  shares: number,
): Promise<void> {
  const { named, staged } = tablesOf(input.source.alias);
  const [sendable, alike, saying] = [named('sendable'), named('alike'), named('saying')];
  const { newestBy, duplicateKeys } = input.mapping;
  const hasKey = repeatColumns(input.mapping).length > 0;
  const written =
    hasKey && duplicateKeys === 'newest' && newestBy !== undefined && newestBy < input.source.columns.length
      ? writtenSql(newestBy)
      : null;
  await staging.run(
    `CREATE OR REPLACE TABLE ${sendable} AS SELECT row_number, k, (hash(k) % ${shares})::INTEGER AS share FROM (${rowsSql(input)});
     CREATE OR REPLACE TABLE ${several} (row_number INTEGER, first_row INTEGER, last_row INTEGER, newest_row INTEGER, differ BOOLEAN)`,
  );
  for (let share = 0; share < shares; share++) {
    await staging.run(
      `CREATE OR REPLACE TABLE ${alike} AS WITH one AS (SELECT * FROM ${sendable} WHERE share = ${share})
       SELECT row_number, k FROM one WHERE k IN (SELECT k FROM one GROUP BY k HAVING count(*) > 1)`,
    );
    const [found] = await staging.query(`SELECT count(*) AS n FROM ${alike}`);
    if (Number(found?.['n']) === 0) continue;
    // Rows without a match field repeat one another only where every cell is equal.
    if (hasKey) await fillMapped(staging, input, saying, `SELECT row_number FROM ${alike}`);
    const when = written
      ? `, ${written.time} AS time, ${written.number} AS number FROM ${alike} JOIN ${staged} s USING (row_number)`
      : `, NULL AS time, NULL AS number FROM ${alike}`;
    const one = hasKey
      ? `SELECT row_number, k, ${contentSql(input, columns)} AS h${when} JOIN ${saying} m USING (row_number)`
      : `SELECT row_number, k, 0 AS h, NULL AS time, NULL AS number FROM ${alike}`;
    await staging.run(
      `INSERT INTO ${several} WITH one AS (${one})
       SELECT row_number, first_row, last_row, newest_row, differ FROM one JOIN (
         SELECT k, min(row_number) AS first_row, max(row_number) AS last_row, ${NEWEST_ROW} AS newest_row,
           min(h) <> max(h) AS differ FROM one GROUP BY k)
       USING (k)`,
    );
  }
  await staging.run(`DROP TABLE ${sendable}; DROP TABLE IF EXISTS ${alike}; DROP TABLE IF EXISTS ${saying}`);
}
