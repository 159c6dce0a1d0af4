import { matchColumn, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import { foldKeySql, foldValueSql } from '../match/match-sql.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, cell, createTable, REPEATED, sent, tablesOf } from '../tables/tables.ts';
import { ruleField, type CheckInput } from './rule-field.ts';

/**
 * Rows with one match value: identical ones are sent once (V27); differing ones are hers to decide (V26). Without a match
 * field only rows that are equal in every column of the file count as repeated.
 */
export async function findRepeats(
  staging: StagingSql,
  { source, mapping, describe, parents }: CheckInput,
  columns: readonly MappedColumn[],
): Promise<void> {
  const { mapped, staged, rowIssue, repeated, named } = tablesOf(source.alias);
  const key = matchColumn(mapping);
  // A blank cell leaves a field alone and #N/A clears it, though neither has a value.
  const contents = columns.map((column) => {
    const [text, value] = [`m.${sent(column.column)}`, `m.${canonical(column.column)}`];
    const fold = column === key ? foldKeySql : foldValueSql;
    return `CASE WHEN ${text} = '#N/A' THEN ${text} ELSE ${fold(value, ruleField(column, describe, parents), column.target)} END`;
  });
  const content = key
    ? `hash(${contents.join(', ')})`
    : `hash(${source.columns.map(({ index }) => `s.${cell(index)}`).join(', ')})`;
  const value = key ? `m.${canonical(key.column)}` : content;
  const match = key ? foldKeySql(value, ruleField(key, describe, parents)) : value;
  const filled = key ? `WHERE ${value} <> ''` : '';
  const several = named('several');
  await staging.run(
    `CREATE OR REPLACE TABLE ${several} AS
     WITH sendable AS (
       SELECT m.row_number, ${match} AS k, ${content} AS h FROM ${mapped} m JOIN ${staged} s USING (row_number)
       ANTI JOIN ${rowIssue} USING (row_number) ${filled}),
     groups AS (
       SELECT k, min(row_number) AS first_row, max(row_number) AS last_row, count(DISTINCT h) AS kinds FROM sendable GROUP BY k HAVING count(*) > 1)
     SELECT row_number, first_row, last_row, kinds FROM sendable JOIN groups USING (k)`,
  );
  const asked = key && mapping.duplicateKeys === 'ask';
  if (asked) {
    await staging.run(
      `INSERT INTO ${rowIssue} SELECT row_number, ${key.column}, 'MATCH_VALUE_REPEATED', json_object('first', first_row, 'last', last_row)
       FROM ${several} WHERE kinds > 1`,
    );
  }
  const kept = mapping.duplicateKeys === 'last' ? 'CASE WHEN kinds > 1 THEN last_row ELSE first_row END' : 'first_row';
  await staging.run(
    `${createTable(repeated, REPEATED)};
     INSERT INTO ${repeated} SELECT row_number, ${kept}, CASE WHEN kinds > 1 THEN 'superseded' ELSE 'identical' END
     FROM ${several} WHERE row_number <> ${kept} ${asked ? 'AND kinds = 1' : ''};
     DROP TABLE ${several}`,
  );
}
