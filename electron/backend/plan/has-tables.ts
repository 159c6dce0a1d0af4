import type { StagingSql } from '../staging/staging-client.ts';
import { quoteText } from '../tables/quote.ts';
import { tablesOf } from '../tables/tables.ts';

/** Whether a plan's database has all of some tables, which not every plan has. */
export async function hasTables(
  sql: Pick<StagingSql, 'query'>,
  planId: string,
  ...names: readonly string[]
): Promise<boolean> {
  // A database is open for what names it: the catalog alone would not find it.
  const opened = `(SELECT count(*) FROM (SELECT 1 FROM ${tablesOf(planId).planned} LIMIT 0))`;
  const [found] = await sql.query(
    `SELECT count(*) + ${opened} AS n FROM duckdb_tables() WHERE database_name = ? AND table_name IN (${names.map(quoteText).join(', ')})`,
    [planId],
  );
  return Number(found?.['n'] ?? 0) === names.length;
}
