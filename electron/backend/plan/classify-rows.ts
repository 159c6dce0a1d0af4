import type { StagingSql } from '../staging/staging-client.ts';
import { createTable, orgText, PLANNED, ROW_CHANGE, sent, tablesOf } from '../tables/tables.ts';
import { comparedColumns, differsSql } from './compare-rows.ts';
import { slicesOf } from './name-records.ts';
import type { PlanInput } from './plan-input.ts';

/** How a cell changes its record, as SQL gives it: nothing for one that does not. */
const [FILLS, CHANGES, CLEARS] = [1, 2, 3];

/** What would change of each record that a row names (`row_match`), in `row_change`. */
async function compareRows(staging: StagingSql, input: PlanInput): Promise<void> {
  const { mapped, currentRecord, rowMatch, rowChange } = tablesOf(input.planId);
  await staging.run(createTable(rowChange, ROW_CHANGE));
  const columns = comparedColumns(input.mapping);
  if (columns.length === 0) return;
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
      `INSERT INTO ${rowChange}
       SELECT row_number, ${places('IS NOT NULL')}, ${places(`= ${FILLS}`)}, ${places(`= ${CLEARS}`)}
       FROM (SELECT row_number, ${how.join(', ')} FROM (SELECT * FROM ${mapped} WHERE ${slice}) m
         JOIN (SELECT * FROM ${rowMatch} WHERE ${slice}) x USING (row_number) JOIN ${currentRecord} c ON c.id = x.id)`,
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
       x.id, r.of_row, r.decision, coalesce(h.changed, []), coalesce(h.filled, []), coalesce(h.cleared, [])
     FROM ${staged} s LEFT JOIN ${rowMatch} x USING (row_number) LEFT JOIN ${rowChange} h USING (row_number)
     LEFT JOIN (SELECT DISTINCT row_number FROM ${rowIssue}) b USING (row_number) LEFT JOIN ${repeated} r USING (row_number)
     ORDER BY s.row_number;
     DROP TABLE ${rowMatch}; DROP TABLE ${rowChange}`,
  );
}
