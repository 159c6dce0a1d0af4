import { canBeGivenLater } from '../../../shared/domain/hierarchy-fields.ts';
import { rowKeyColumns } from '../../../shared/domain/row-keys.ts';
import { fieldNamed } from '../../../shared/domain/sobject.ts';
import { foldKeySql } from '../match/match-sql.ts';
import type { PlanInput } from '../plan/plan-input.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { quoteText } from '../tables/quote.ts';
import { canonical, second, tablesOf } from '../tables/tables.ts';
import { ruleField, secondField } from '../validation/rule-field.ts';
import type { FoundColumn } from './find-parents.ts';
import { lookedForFacts } from './looked-for.ts';

/**
 * Parents that the org does not have, but that are rows of the file itself, by the same field or fields: noted in `own_found`, so
 * that these lookups are given once the parent has its Id. `unfoundSql` is the rows that found nothing, as a FROM clause with the row
 * of `mapped` as `m`. Several rows that could be meant are as several records: the row is not sent, or gets the first of them. A
 * field that can't be given later can't be given at all (LOOKUP_ROW_REQUIRED).
 */
export async function findRowParents(
  staging: StagingSql,
  input: PlanInput,
  column: FoundColumn,
  unfoundSql: string,
): Promise<void> {
  const { planId, describe, parents } = input;
  const { mapped, repeated, rowIssue, ownFound, named } = tablesOf(planId);
  const keys = rowKeyColumns(input.mapping, column.target);
  if (keys === null) return;
  const { target, column: n } = column;
  const [first, other] = keys.map((key) => foldKeySql(canonical(key.column), ruleField(key, describe, parents)));
  const pair = secondField(column, parents);
  const rows = named('rows_by_key');
  await staging.run(
    `CREATE OR REPLACE TABLE ${rows} AS SELECT ${first ?? "''"} AS k, ${other ?? "''"} AS w, count(*) AS n, min(row_number) AS first_row
     FROM ${mapped} ANTI JOIN ${repeated} USING (row_number) WHERE ${first ?? "''"} <> '' GROUP BY 1, 2`,
  );
  const key = foldKeySql(`m.${canonical(n)}`, ruleField(column, describe, parents));
  const meant = `SELECT m.row_number, r.first_row, r.n FROM (SELECT m.* ${unfoundSql}) m
    JOIN ${rows} r ON r.k = ${key} AND r.w = ${pair ? foldKeySql(`m.${second(n)}`, pair) : "''"}`;
  const field = fieldNamed(describe, target.field);
  const facts = Object.entries({ ...lookedForFacts(column, input), field: field?.label ?? target.field });
  const json = `json_object(${facts.map(([name, text]) => `${quoteText(name)}, ${quoteText(text)}`).join(', ')}, 'of', first_row, 'count', n)`;
  const problem = !canBeGivenLater(field)
    ? "'LOOKUP_ROW_REQUIRED'"
    : target.whenSeveral === 'home'
      ? "CASE WHEN n > 1 THEN 'LOOKUP_SEVERAL_ROWS' END"
      : 'NULL';
  await staging.run(
    `INSERT INTO ${rowIssue} SELECT row_number, ${n}, code, ${json} FROM (SELECT *, ${problem} AS code FROM (${meant})) WHERE code IS NOT NULL;
     INSERT INTO ${ownFound} SELECT row_number, ${n}, first_row FROM (SELECT *, ${problem} AS code FROM (${meant})) WHERE code IS NULL;
     DROP TABLE ${rows}`,
  );
}
