import { matchColumn } from '../../../shared/domain/field-mapping.ts';
import { foldKeySql } from '../match/match-sql.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, createTable, PLANNED, ROW_CHANGE, ROW_MATCH, tablesOf } from '../tables/tables.ts';
import { ruleField } from '../validation/rule-field.ts';
import { comparedColumns, differsSql } from './compare-rows.ts';
import type { PlanInput } from './plan-input.ts';

/**
 * Rows compared with their records at a time. Both sides are as wide as the file, and a million rows of twenty columns do not join
 * in the engine's memory; so many do, and for each such slice the records are read once.
 */
const SLICE_ROWS = 100_000;

/** Which record each row names, in `row_match(row_number, id)`, and what would change, in `row_change(row_number, changed)`. */
async function compareRows(staging: StagingSql, input: PlanInput): Promise<void> {
  const { planId, mapping, describe, parents } = input;
  const { staged, mapped, matched, currentRecord, rowMatch, rowChange } = tablesOf(planId);
  await staging.run(`${createTable(rowMatch, ROW_MATCH)}; ${createTable(rowChange, ROW_CHANGE)}`);
  const key = matchColumn(mapping);
  if (!key) return;
  const rowKey = foldKeySql(`m.${canonical(key.column)}`, ruleField(key, describe, parents));
  await staging.run(
    `INSERT INTO ${rowMatch} SELECT m.row_number, g.id FROM ${mapped} m JOIN ${matched} g ON g.k = ${rowKey} WHERE ${rowKey} <> ''`,
  );
  const places = comparedColumns(mapping).map(
    (column) => `CASE WHEN ${differsSql(column, input)} THEN ${column.column} END`,
  );
  if (places.length === 0) return;
  const [last] = await staging.query(`SELECT coalesce(max(row_number), 0) AS n FROM ${staged}`);
  for (let after = 0; after < Number(last?.['n'] ?? 0); after += SLICE_ROWS) {
    const slice = `row_number > ${after} AND row_number <= ${after + SLICE_ROWS}`;
    await staging.run(
      `INSERT INTO ${rowChange}
       SELECT row_number, list_filter([${places.join(', ')}], lambda place: place IS NOT NULL) AS changed
       FROM (SELECT * FROM ${mapped} WHERE ${slice}) m JOIN (SELECT * FROM ${rowMatch} WHERE ${slice}) x USING (row_number)
       JOIN ${currentRecord} c ON c.id = x.id`,
    );
  }
}

/** Says in `planned` of every row of the source, once, what a load would do to it. */
export async function classifyRows(staging: StagingSql, input: PlanInput): Promise<void> {
  const { planned, staged, rowIssue, repeated, rowMatch, rowChange } = tablesOf(input.planId);
  await compareRows(staging, input);
  const whenMatched =
    input.mapping.operation === 'delete'
      ? "'delete'"
      : "CASE WHEN len(coalesce(h.changed, [])) = 0 THEN 'unchanged' ELSE 'update' END";
  await staging.run(
    `${createTable(planned, PLANNED)};
     INSERT INTO ${planned}
     SELECT s.row_number,
       CASE WHEN b.row_number IS NOT NULL THEN 'blocked' WHEN r.row_number IS NOT NULL THEN 'duplicate' WHEN x.id IS NULL THEN 'insert' ELSE ${whenMatched} END AS kind,
       x.id, r.of_row, r.decision, coalesce(h.changed, []) AS changed
     FROM ${staged} s LEFT JOIN ${rowMatch} x USING (row_number) LEFT JOIN ${rowChange} h USING (row_number)
     LEFT JOIN (SELECT DISTINCT row_number FROM ${rowIssue}) b USING (row_number) LEFT JOIN ${repeated} r USING (row_number)
     ORDER BY s.row_number;
     DROP TABLE ${rowMatch}; DROP TABLE ${rowChange}`,
  );
}
