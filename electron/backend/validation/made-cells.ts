import type { PlanId } from '../../../shared/domain/ids.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { textOf } from '../staging/staging-functions.ts';
import { quoteText } from '../tables/quote.ts';
import { TABLE_NAMES, tablesOf } from '../tables/tables.ts';

/** The cells of a plan's `mapped` that are not stored but worked out from others (`mappedShape`): nothing is written to them. */
export async function madeCells(staging: Pick<StagingSql, 'query'>, planId: PlanId): Promise<string[]> {
  const found = await staging.query(
    `SELECT column_name FROM duckdb_columns() WHERE database_name = ${quoteText(planId)} AND table_name = ${quoteText(TABLE_NAMES.mapped)}
     AND regexp_full_match(column_name, 'v[0-9]+') AND contains(coalesce(column_default, ''), '#N/A')`,
  );
  return found.map((row) => textOf(row, 'column_name'));
}

/** Makes an empty table of the plan's with the columns of `mapped`, also those that are worked out. */
export async function makeLike(staging: StagingSql, planId: PlanId, name: string): Promise<void> {
  const [found] = await staging.query(
    `SELECT sql FROM duckdb_tables() WHERE database_name = ${quoteText(planId)} AND table_name = ${quoteText(TABLE_NAMES.mapped)}`,
  );
  const columns = textOf(found, 'sql').replace(/^CREATE TABLE[^(]*/, '');
  const table = tablesOf(planId).named(name);
  await staging.run(`DROP TABLE IF EXISTS ${table}; CREATE TABLE ${table} ${columns}`);
}
