import type { ResemblanceKind } from '../../../shared/domain/resemblance.ts';
import type { SqlRow } from '../staging/staging-functions.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { tablesOf } from '../tables/tables.ts';

/** Rows to compare: `sql` names a table or view, or is a query in brackets; `key` is a column whose values differ in every row. */
export interface ComparedRelation {
  readonly sql: string;
  readonly key: string;
  readonly columns: Partial<Readonly<Record<ResemblanceKind, string>>>;
}

/** The statements of one comparison: they stop at the signal, and its tables lie in one database under names of their own. */
export interface ResemblanceWork {
  run(sql: string): Promise<void>;
  query(sql: string): Promise<SqlRow[]>;
  append(name: string, rows: (string | null)[][]): Promise<void>;
  /** A table of this comparison as SQL writes it. */
  table(name: string): string;
  /** Its name without the database. */
  bare(name: string): string;
}

export function resemblanceWork(
  staging: Pick<StagingClient, 'until' | 'append'>,
  alias: string,
  signal: AbortSignal,
): ResemblanceWork {
  const sql = staging.until(signal);
  const bare = (name: string) => `resembling_${name}`;
  return {
    run: (statement) => sql.run(statement),
    query: (statement) => sql.query(statement),
    append: (name, rows) => {
      signal.throwIfAborted();
      return staging.append(alias, bare(name), rows);
    },
    table: (name) => tablesOf(alias).named(bare(name)),
    bare,
  };
}
