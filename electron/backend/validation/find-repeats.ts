import { matchColumn, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import { foldKeySql, foldValueSql } from '../match/match-sql.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, cell, createTable, REPEATED, second, sent, tablesOf } from '../tables/tables.ts';
import { fillMapped, mappedRows } from './mapped-rows.ts';
import { ruleField, secondField, type CheckInput } from './rule-field.ts';

/** Rows grouped at a time, which fit into the engine's memory: the groups of three million at once did not. */
const GROUPED_ROWS = 400_000;

/**
 * Rows with one match value: identical ones are sent once (V27); differing ones are the person's to decide (V26). Without a match
 * field only rows that are equal in every column of the file count as repeated.
 */
export async function findRepeats(
  staging: StagingSql,
  input: CheckInput,
  columns: readonly MappedColumn[],
  groupedRows: number = GROUPED_ROWS,
): Promise<void> {
  const { source, mapping } = input;
  const { rowIssue, repeated, named } = tablesOf(source.alias);
  const key = matchColumn(mapping);
  const several = named('several');
  const shares = Math.max(1, Math.ceil(source.rows / groupedRows));
  await groupRows(staging, input, columns, several, shares);
  const asked = key && mapping.duplicateKeys === 'ask';
  if (asked) {
    await staging.run(
      `INSERT INTO ${rowIssue} SELECT row_number, ${key.column}, 'MATCH_VALUE_REPEATED', json_object('first', first_row, 'last', last_row)
       FROM ${several} WHERE differ`,
    );
  }
  const kept = mapping.duplicateKeys === 'last' ? 'CASE WHEN differ THEN last_row ELSE first_row END' : 'first_row';
  await staging.run(
    `${createTable(repeated, REPEATED)};
     INSERT INTO ${repeated} SELECT row_number, ${kept}, CASE WHEN differ THEN 'superseded' ELSE 'identical' END
     FROM ${several} WHERE row_number <> ${kept} ${asked ? 'AND NOT differ' : ''};
     DROP TABLE ${several}`,
  );
}

/** The rows that could be sent, as `row_number` and `k`, by which they repeat one another; those without a match value don't. */
function rowsSql(input: CheckInput): string {
  const { source, mapping, describe, parents } = input;
  const { staged, rowIssue } = tablesOf(source.alias);
  const key = matchColumn(mapping);
  const open = `ANTI JOIN ${rowIssue} USING (row_number)`;
  if (!key) {
    const content = `hash(${source.columns.map(({ index }) => `s.${cell(index)}`).join(', ')})`;
    return `SELECT s.row_number, ${content} AS k FROM ${staged} s ${open} WHERE s.problem IS NULL`;
  }
  const value = `m.${canonical(key.column)}`;
  return `SELECT m.row_number, ${foldKeySql(value, ruleField(key, describe, parents))} AS k
    FROM ${mappedRows(input, [key])} m ${open} WHERE ${value} <> ''`;
}

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

/** Leaves in `several` the rows that are not alone in their group, with its first and last row and whether rows of it `differ`. */
async function groupRows(
  staging: StagingSql,
  input: CheckInput,
  columns: readonly MappedColumn[],
  several: string,
  shares: number,
): Promise<void> {
  const { named } = tablesOf(input.source.alias);
  const [sendable, alike, saying] = [named('sendable'), named('alike'), named('saying')];
  const hasKey = matchColumn(input.mapping) !== undefined;
  await staging.run(
    `CREATE OR REPLACE TABLE ${sendable} AS SELECT row_number, k, (hash(k) % ${shares})::INTEGER AS share FROM (${rowsSql(input)});
     CREATE OR REPLACE TABLE ${several} (row_number INTEGER, first_row INTEGER, last_row INTEGER, differ BOOLEAN)`,
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
    const one = hasKey
      ? `SELECT row_number, k, ${contentSql(input, columns)} AS h FROM ${alike} JOIN ${saying} m USING (row_number)`
      : `SELECT row_number, k, 0 AS h FROM ${alike}`;
    await staging.run(
      `INSERT INTO ${several} WITH one AS (${one})
       SELECT row_number, first_row, last_row, differ FROM one JOIN (
         SELECT k, min(row_number) AS first_row, max(row_number) AS last_row, min(h) <> max(h) AS differ FROM one GROUP BY k)
       USING (k)`,
    );
  }
  await staging.run(`DROP TABLE ${sendable}; DROP TABLE IF EXISTS ${alike}; DROP TABLE IF EXISTS ${saying}`);
}
