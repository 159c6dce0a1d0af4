import type { FieldMapping, MappedColumn, Operation } from '../../../shared/domain/field-mapping.ts';
import type { PlanId } from '../../../shared/domain/ids.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import {
  createTable,
  LEFT_OUT_SQL,
  orgText,
  PLANNED,
  POLICY_SQL,
  ROW_CHANGE,
  sent,
  tablesOf,
} from '../tables/tables.ts';
import { comparedColumns, differsSql } from './compare-rows.ts';
import { slicesOf } from './name-records.ts';
import type { PlannedMapping } from './plan-input.ts';

/** How a cell changes its record, as SQL gives it: nothing for one that does not. */
const [FILLS, CHANGES, CLEARS] = [1, 2, 3];

/** Columns that are compared at a time: with both sides of more, rows do not join in the engine's memory. */
const COMPARED = 25;

/** What would change of each record that a row names (`row_match`), in `row_change`. */
export async function compareRows(staging: StagingSql, input: PlannedMapping): Promise<void> {
  const { rowChange, named } = tablesOf(input.planId, input.step);
  await staging.run(createTable(rowChange, ROW_CHANGE));
  const columns = comparedColumns(input.mapping);
  const isWide = columns.length > COMPARED;
  const found = isWide ? named('column_change') : rowChange;
  if (isWide) await staging.run(createTable(found, ROW_CHANGE));
  for (let from = 0; from < columns.length; from += COMPARED)
    await compareColumns(staging, input, columns.slice(from, from + COMPARED), found);
  if (!isWide) return;
  const together = ['changed', 'filled', 'cleared'].map((list) => `list_sort(flatten(list(${list})))`);
  await staging.run(
    `INSERT INTO ${rowChange} SELECT row_number, ${together.join(', ')} FROM ${found} WHERE len(changed) > 0 GROUP BY row_number; DROP TABLE ${found}`,
  );
}

async function compareColumns(
  staging: StagingSql,
  input: PlannedMapping,
  columns: readonly MappedColumn[],
  into: string,
): Promise<void> {
  const { mapped, currentRecord, rowMatch } = tablesOf(input.planId, input.step);
  const how = columns.map((column) => {
    const n = column.column;
    const kind = `CASE WHEN m.${sent(n)} = '#N/A' THEN ${CLEARS} WHEN coalesce(c.${orgText(n)}, '') = '' THEN ${FILLS} ELSE ${CHANGES} END`;
    return `CASE WHEN ${differsSql(column, input)} THEN ${kind} END AS h${n}`;
  });
  const places = (condition: string) => {
    const list = columns.map(({ column: n }) => `CASE WHEN h${n} ${condition} THEN ${n} END`);
    return `list_filter([${list.join(', ')}], lambda place: place IS NOT NULL)`;
  };
  for await (const slice of slicesOf(staging, input)) {
    await staging.run(
      `INSERT INTO ${into}
       SELECT row_number, ${places('IS NOT NULL')}, ${places(`= ${FILLS}`)}, ${places(`= ${CLEARS}`)}
       FROM (SELECT row_number, ${how.join(', ')} FROM (SELECT * FROM ${mapped} WHERE ${slice}) m
         JOIN (SELECT * FROM ${rowMatch} WHERE ${slice}) x USING (row_number) JOIN ${currentRecord} c ON c.id = x.id)`,
    );
  }
}

/** Rows that are kept from being sent, as `b`: by a person's choice or a policy of the mapping's, or for a problem. */
function keptSql(rowIssue: string): string {
  return `(SELECT row_number, bool_or(code IN (${LEFT_OUT_SQL})) OR bool_and(code IN (${POLICY_SQL})) AS left_out FROM ${rowIssue} GROUP BY row_number)`;
}

/** What a row of `planned`, as `p`, would do unless it is kept from it (`keptSql`). */
function kindSql(operation: Operation): string {
  const whenMatched =
    operation === 'delete' ? "'delete'" : "CASE WHEN len(p.changed) = 0 THEN 'unchanged' ELSE 'update' END";
  return `CASE WHEN b.left_out THEN 'leftOut' WHEN b.row_number IS NOT NULL THEN 'blocked' WHEN p.of_row IS NOT NULL THEN 'duplicate' WHEN p.id IS NULL THEN 'insert' ELSE ${whenMatched} END`;
}

/** Says in `planned` of every row of the source, once, what a load would do to it. */
export async function classifyRows(staging: StagingSql, input: PlannedMapping): Promise<void> {
  const { planned, staged, rowIssue, repeated, rowMatch, rowChange } = tablesOf(input.planId);
  await compareRows(staging, input);
  await staging.run(
    `${createTable(planned, PLANNED)};
     INSERT INTO ${planned}
     SELECT p.row_number, ${kindSql(input.mapping.operation)}, p.id, p.of_row, p.decision, p.changed, p.filled, p.cleared
     FROM (SELECT s.row_number, x.id, r.of_row, r.decision, coalesce(h.changed, []) AS changed, coalesce(h.filled, []) AS filled,
         coalesce(h.cleared, []) AS cleared
       FROM ${staged} s LEFT JOIN ${rowMatch} x USING (row_number) LEFT JOIN ${rowChange} h USING (row_number)
       LEFT JOIN ${repeated} r USING (row_number)) p
     LEFT JOIN ${keptSql(rowIssue)} b USING (row_number) ORDER BY p.row_number;
     DROP TABLE ${rowMatch}; DROP TABLE ${rowChange}`,
  );
}

/** Says it again of the rows that do something else since `row_issue` or their changes are others. */
export async function classifyAgain(
  staging: StagingSql,
  { planId, mapping }: { readonly planId: PlanId; readonly mapping: FieldMapping },
): Promise<void> {
  const { planned, rowIssue } = tablesOf(planId);
  const kind = kindSql(mapping.operation);
  await staging.run(
    `UPDATE ${planned} SET kind = k.kind FROM (SELECT p.row_number, ${kind} AS kind FROM ${planned} p
       LEFT JOIN ${keptSql(rowIssue)} b USING (row_number)) k
     WHERE k.row_number = ${planned}.row_number AND k.kind <> ${planned}.kind`,
  );
}
