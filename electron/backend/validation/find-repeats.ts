import { repeatColumns, type FieldMapping, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import { foldKeySql } from '../match/match-sql.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, cell, createTable, REPEAT_GROUP, REPEATED, tablesOf } from '../tables/tables.ts';
import { groupRows, GROUPED_ROWS } from './group-repeats.ts';
import { mappedRows } from './mapped-rows.ts';
import { writtenSql } from './newest-row.ts';
import { choicesOf, matchChoices } from './repeat-choices.ts';
import { ruleField, type CheckInput } from './rule-field.ts';

/**
 * Rows with one match value, or equal in the columns that the mapping names: identical ones are sent once (V27); differing ones are
 * the person's to decide (V26), by a rule or of each group. Without such columns only rows that are equal in every column of the file count as repeated.
 */
export async function findRepeats(
  staging: StagingSql,
  input: CheckInput,
  columns: readonly MappedColumn[],
  groupedRows: number = GROUPED_ROWS,
): Promise<void> {
  const { source, mapping } = input;
  const { rowIssue, repeated, repeatGroup, named } = tablesOf(source.alias);
  const [by] = repeatColumns(mapping);
  const several = named('several');
  const written = writtenBy(input);
  await groupRows(staging, input, {
    rows: rowsSql(input),
    // Rows without a match field repeat one another only where every cell is equal.
    compared: by ? columns : [],
    written,
    several,
    groupedRows,
  });
  const chosen = named('chosen_repeats');
  await matchChoices(staging, by ? choicesOf(input) : [], several, chosen);
  const groups = `${several} LEFT JOIN ${chosen} c USING (first_row)`;
  const asked = by ? `c.keep IS NULL AND ${ASKED[mapping.duplicateKeys]}` : 'false';
  if (by && ASKED[mapping.duplicateKeys] !== 'false') {
    await staging.run(
      `INSERT INTO ${rowIssue} SELECT row_number, ${by.column}, 'MATCH_VALUE_REPEATED', json_object('first', first_row, 'last', last_row)
       FROM ${groups} WHERE differ AND ${asked}`,
    );
  }
  const ofGroup = `CASE WHEN c.keep = 'merge' THEN first_row ELSE try_cast(c.keep AS INTEGER) END`;
  const kept = `CASE WHEN NOT differ THEN first_row WHEN c.keep IS NOT NULL THEN ${ofGroup} ELSE ${KEPT[mapping.duplicateKeys]} END`;
  const decision = `CASE coalesce(c.keep, '${mapping.duplicateKeys}') WHEN 'merge' THEN 'merged' ELSE 'superseded' END`;
  await staging.run(
    `${createTable(repeated, REPEATED)};
     INSERT INTO ${repeated} SELECT row_number, ${kept}, CASE WHEN differ THEN ${decision} ELSE 'identical' END
     FROM ${groups} WHERE row_number <> ${kept} AND NOT (differ AND ${asked});
     ${createTable(repeatGroup, REPEAT_GROUP)};
     INSERT INTO ${repeatGroup} SELECT row_number, first_row FROM ${several} WHERE differ AND ${by ? 'true' : 'false'};
     DROP TABLE ${several}; DROP TABLE ${chosen}`,
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

/**
 * The rows that could be sent, as `row_number` and `k`, by which they repeat one another, as a number; those where a part of it is blank
 * don't. It has 128 bits: no two values of a file have the same by chance.
 */
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
  return `SELECT m.row_number, md5_number(${keys.length === 1 ? keys.join('') : `concat_ws(chr(31), ${keys.join(', ')})`}) AS k
    FROM ${mappedRows(input, by)} m ${open} WHERE ${values.map((value) => `${value} <> ''`).join(' AND ')}`;
}

/** When each row was written, where rows that repeat one another are told by it. */
function writtenBy({ source, mapping }: CheckInput): { time: string; number: string } | null {
  const { newestBy, duplicateKeys } = mapping;
  const isAsked = repeatColumns(mapping).length > 0 && duplicateKeys === 'newest';
  return isAsked && newestBy !== undefined && newestBy < source.columns.length ? writtenSql(newestBy) : null;
}
