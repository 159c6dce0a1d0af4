import { mappedColumns, onlyNames } from '../../../shared/domain/field-mapping.ts';
import { uniqueColumns } from '../../../shared/domain/unique-columns.ts';
import { foldKeySql } from '../match/match-sql.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, tablesOf } from '../tables/tables.ts';
import { mappedRows } from './mapped-rows.ts';
import type { CheckInput } from './rule-field.ts';

/** Rows grouped at a time, which fit into the engine's memory (`find-repeats.ts`). */
const GROUPED_ROWS = 400_000;

/**
 * Rows with a value that no two records may have and that a row before them has, which Salesforce would refuse whatever records there
 * are (DUPLICATE_VALUE, SOAP API guide, "StatusCode"). It takes the first of them. Rows that are not sent anyway take no value.
 */
export async function findUniqueRepeats(
  staging: StagingSql,
  input: CheckInput,
  groupedRows: number = GROUPED_ROWS,
): Promise<void> {
  const { source, mapping, describe } = input;
  if (onlyNames(mapping.operation)) return;
  const { rowIssue, repeated, named } = tablesOf(source.alias);
  const shares = Math.max(1, Math.ceil(source.rows / groupedRows));
  const keyed = named('unique_key');
  for (const { column, field } of uniqueColumns(mapping, describe)) {
    const own = mappedColumns(mapping).filter((one) => one.column === column);
    const value = `m.${canonical(column)}`;
    await staging.run(
      `CREATE OR REPLACE TABLE ${keyed} AS SELECT *, (hash(k) % ${shares})::INTEGER AS share FROM (
         SELECT m.row_number, ${foldKeySql(value, field)} AS k FROM ${mappedRows(input, own)} m
         ANTI JOIN ${rowIssue} USING (row_number) ANTI JOIN ${repeated} USING (row_number) WHERE ${value} <> '')`,
    );
    for (let share = 0; share < shares; share++) {
      await staging.run(
        `INSERT INTO ${rowIssue} WITH one AS (SELECT row_number, k FROM ${keyed} WHERE share = ${share})
         SELECT row_number, ${column}, 'UNIQUE_REPEATED', json_object('of', first_row)
         FROM one JOIN (SELECT k, min(row_number) AS first_row FROM one GROUP BY k HAVING count(*) > 1) USING (k)
         WHERE row_number <> first_row`,
      );
    }
    await staging.run(`DROP TABLE ${keyed}`);
  }
}
