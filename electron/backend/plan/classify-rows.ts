import { matchColumn } from '../../../shared/domain/field-mapping.ts';
import { foldKeySql } from '../match/match-sql.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, createTable, PLANNED, tablesOf } from '../tables/tables.ts';
import { ruleField } from '../validation/rule-field.ts';
import { comparedColumns, differsSql } from './compare-rows.ts';
import type { PlanInput } from './plan-input.ts';

/** Says in `planned` of every row of the source, once, what a load would do to it. */
export async function classifyRows(staging: StagingSql, input: PlanInput): Promise<void> {
  const { planId, mapping, describe, parents } = input;
  const { planned, staged, mapped, matched, currentRecord, rowIssue, repeated } = tablesOf(planId);
  const key = matchColumn(mapping);
  const places = comparedColumns(mapping).map(
    (column) => `CASE WHEN ${differsSql(column, input)} THEN ${column.column} END`,
  );
  const changed =
    places.length > 0 ? `list_filter([${places.join(', ')}], lambda place: place IS NOT NULL)` : '[]::INTEGER[]';
  const rows = key
    ? `SELECT s.row_number, g.id, CASE WHEN g.id IS NULL THEN []::INTEGER[] ELSE ${changed} END AS changed
       FROM ${staged} s LEFT JOIN ${mapped} m USING (row_number)
       LEFT JOIN ${matched} g ON g.k = ${foldKeySql(`m.${canonical(key.column)}`, ruleField(key, describe, parents))}
       LEFT JOIN ${currentRecord} c ON c.id = g.id`
    : `SELECT row_number, NULL AS id, []::INTEGER[] AS changed FROM ${staged}`;
  const whenMatched =
    mapping.operation === 'delete' ? "'delete'" : `CASE WHEN len(changed) = 0 THEN 'unchanged' ELSE 'update' END`;
  await staging.run(
    `${createTable(planned, PLANNED)};
     INSERT INTO ${planned} WITH compared AS (${rows})
     SELECT row_number,
       CASE WHEN b.row_number IS NOT NULL THEN 'blocked' WHEN r.row_number IS NOT NULL THEN 'duplicate' WHEN id IS NULL THEN 'insert' ELSE ${whenMatched} END AS kind,
       id, r.of_row, r.decision, changed
     FROM compared LEFT JOIN (SELECT DISTINCT row_number FROM ${rowIssue}) b USING (row_number) LEFT JOIN ${repeated} r USING (row_number)
     ORDER BY row_number`,
  );
}
