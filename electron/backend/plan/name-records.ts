import { matchColumn } from '../../../shared/domain/field-mapping.ts';
import { foldKeySql } from '../match/match-sql.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, createTable, ROW_MATCH, tablesOf } from '../tables/tables.ts';
import { ruleField } from '../validation/rule-field.ts';
import type { PlanInput } from './plan-input.ts';

/** Notes in `row_match(row_number, id)` which of the records that were fetched each row names. */
export async function nameRecords(
  staging: StagingSql,
  { planId, mapping, describe, parents }: PlanInput,
): Promise<void> {
  const { mapped, matched, rowMatch } = tablesOf(planId);
  await staging.run(createTable(rowMatch, ROW_MATCH));
  const key = matchColumn(mapping);
  if (!key) return;
  const rowKey = foldKeySql(`m.${canonical(key.column)}`, ruleField(key, describe, parents));
  await staging.run(
    `INSERT INTO ${rowMatch} SELECT m.row_number, g.id FROM ${mapped} m JOIN ${matched} g ON g.k = ${rowKey} WHERE ${rowKey} <> ''`,
  );
}

/**
 * Rows put beside their records at a time. Both sides are as wide as the file, and a million rows of twenty columns do not join
 * in the engine's memory; so many do, and for each such slice the records are read once.
 */
const SLICE_ROWS = 100_000;
/** Columns of both sides for which so many rows do; of wider ones fewer rows. */
const SLICE_COLUMNS = 25;

/** Conditions on `row_number` that divide a plan's rows into slices, for so many columns of each to be put beside their records. */
export async function* slicesOf(
  staging: StagingSql,
  { planId }: Pick<PlanInput, 'planId'>,
  columns = SLICE_COLUMNS,
): AsyncGenerator<string> {
  const rows = Math.ceil((SLICE_ROWS * SLICE_COLUMNS) / Math.max(SLICE_COLUMNS, columns));
  const [last] = await staging.query(`SELECT coalesce(max(row_number), 0) AS n FROM ${tablesOf(planId).staged}`);
  for (let after = 0; after < Number(last?.['n'] ?? 0); after += rows)
    yield `row_number > ${after} AND row_number <= ${after + rows}`;
}
