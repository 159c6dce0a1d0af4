import { bulkHeader, expectedColumns, matchColumn, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { fieldNamed } from '../../../shared/domain/sobject.ts';
import { foldValueSql } from '../match/match-sql.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { quoteText } from '../tables/quote.ts';
import { canonical, cell, createTable, KEPT_CELL, orgCanonical, orgText, sent, tablesOf } from '../tables/tables.ts';
import { writeMapped } from '../validation/mapped-view.ts';
import { sentField } from '../validation/rule-field.ts';
import { differsSql } from './compare-rows.ts';
import { changedBySql } from './leave-alone.ts';
import { slicesOf } from './name-records.ts';
import type { PlanInput } from './plan-input.ts';
import type { StoredPlan } from './stored-plan.ts';

/**
 * Takes out of `mapped` the cells that would overwrite what somebody gave a record since the load that is taken back, and notes them in
 * `kept_cell`. A row that has nothing left to set back is not sent, and says who changed its record. Returns how many cells of each field
 * are kept. What somebody set back already is no change.
 */
export async function keepChanged(staging: StagingSql, input: PlanInput): Promise<LoadPlan['keptFields']> {
  const columns = expectedColumns(input.mapping);
  if (columns.length === 0) return [];
  const { keptCell, mapped, rowMatch, rowIssue, currentRecord, staged } = tablesOf(input.planId);
  await staging.run(createTable(keptCell, KEPT_CELL));
  const cells = columns.map(
    (column) => `CASE WHEN ${differsSql(column, input)} AND ${isOtherSql(column, input)} THEN ${column.column} END`,
  );
  const texts = columns.map(({ column }) => `coalesce(c.${orgText(column)}, '')`);
  for await (const slice of slicesOf(staging, input)) {
    const sides = `(SELECT * FROM ${mapped} WHERE ${slice}) m JOIN (SELECT * FROM ${staged} WHERE ${slice}) s USING (row_number)
      JOIN (SELECT * FROM ${rowMatch} WHERE ${slice}) x USING (row_number) JOIN ${currentRecord} c ON c.id = x.id`;
    await staging.run(
      `INSERT INTO ${keptCell} SELECT * FROM (
         SELECT row_number, unnest([${cells.join(', ')}]) AS source_column, unnest([${texts.join(', ')}]) AS now FROM ${sides})
       WHERE source_column IS NOT NULL AND row_number NOT IN (SELECT row_number FROM ${rowIssue})`,
    );
  }
  const kept = await countKept(staging, keptCell, columns);
  for (const { column } of columns)
    await writeMapped(
      staging,
      input.planId,
      [sent(column), canonical(column)],
      `SELECT DISTINCT row_number, '' AS ${sent(column)}, '' AS ${canonical(column)} FROM ${keptCell} WHERE source_column = ${column}`,
    );
  if (kept.length > 0) await leaveWhole(staging, input, columns);
  return kept;
}

/** Whether a record (`c`) holds something else than the cell of the file (`s`) says that it was given. */
function isOtherSql({ expected, target, ...column }: MappedColumn & { readonly expected: number }, input: PlanInput) {
  const field = sentField({ ...column, target }, input.describe, input.parents);
  const given = `s.${cell(expected)}`;
  // A checkbox is checked or it is not: cleared, it is not.
  const expects = field.type === 'boolean' ? `CASE WHEN ${given} = '' THEN 'false' ELSE ${given} END` : given;
  const holds = `coalesce(c.${orgCanonical(column.column)}, '')`;
  return `${foldValueSql(expects, field, target)} <> ${foldValueSql(holds, field, target)}`;
}

async function countKept(
  staging: StagingSql,
  keptCell: string,
  columns: readonly MappedColumn[],
): Promise<LoadPlan['keptFields']> {
  const found = await staging.query(
    `SELECT source_column, count(*) AS n FROM ${keptCell} GROUP BY 1 ORDER BY n DESC, 1`,
  );
  return found.flatMap((row) => {
    const column = columns.find((one) => one.column === Number(row['source_column']));
    return column ? [{ field: bulkHeader(column.target), rows: Number(row['n']) }] : [];
  });
}

/** The labels of the fields that a row keeps, as SQL over `kept_cell`, with `row_number`. */
function keptLabels({ planId, mapping, describe }: Pick<PlanInput, 'planId' | 'mapping' | 'describe'>): string {
  const labels = expectedColumns(mapping).map(
    ({ column, target }) =>
      `WHEN ${column} THEN ${quoteText(fieldNamed(describe, target.field)?.label ?? target.field)}`,
  );
  return `SELECT row_number, string_agg(CASE source_column ${labels.join(' ')} END, ', ' ORDER BY source_column) AS fields
    FROM ${tablesOf(planId).keptCell} GROUP BY row_number`;
}

/** Says of rows of an undo that were sent, once they have their outcome, what of them was kept: they are taken back in part. */
export async function tellKept(staging: StagingSql, { plan, describe }: StoredPlan): Promise<void> {
  if (expectedColumns(plan.mapping).length === 0) return;
  const { outcome } = tablesOf(plan.planId);
  await staging.run(
    `UPDATE ${outcome} SET error = 'Longshore: set back in part, because ' || k.fields || ' changed since the load'
     FROM (${keptLabels({ ...plan, describe })}) k
     WHERE k.row_number = ${outcome}.row_number AND ${outcome}.kind = 'updated'`,
  );
}

/** Rows of which every cell that would change its record is kept. */
async function leaveWhole(staging: StagingSql, input: PlanInput, columns: readonly MappedColumn[]): Promise<void> {
  const { planId, mapping, describe } = input;
  const { mapped, rowMatch, rowIssue, currentRecord } = tablesOf(planId);
  const changes = columns.map((column) => differsSql(column, input)).join(' OR ');
  await staging.run(
    `INSERT INTO ${rowIssue} SELECT k.row_number, ${matchColumn(mapping)?.column ?? -1}, 'CHANGED_SINCE_LOAD',
       json_object('id', x.id, 'fields', k.fields, 'changedAt', coalesce(c.stamp, ''), 'by', ${changedBySql(mapping, describe)})
     FROM (${keptLabels(input)}) k
       JOIN ${mapped} m USING (row_number) JOIN ${rowMatch} x USING (row_number) JOIN ${currentRecord} c ON c.id = x.id
     WHERE NOT (${changes})`,
  );
}
