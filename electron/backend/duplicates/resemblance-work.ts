import type { ResemblanceKind } from '../../../shared/domain/resemblance.ts';
import type { StagingClient, StagingSql } from '../staging/staging-client.ts';
import { tablesOf } from '../tables/tables.ts';

/** Rows to compare: `sql` names a table or view, or is a query in brackets; `key` is a column whose values differ in every row. */
export interface ComparedRelation {
  readonly sql: string;
  readonly key: string;
  readonly columns: Partial<Readonly<Record<ResemblanceKind, string>>>;
  /** SQL over its columns: only rows for which it gives the same, and not NULL, are compared. Of all relations of a comparison, or of none. */
  readonly equal?: string;
}

/** The tables of one comparison, which lie in one database under names of their own, and statements over them, which stop at its signal. */
export interface ResemblanceTables extends Pick<StagingSql, 'run' | 'query'> {
  /** A table of this comparison as SQL writes it. */
  table(name: string): string;
  /** Its name without the database. */
  bare(name: string): string;
}

/** What a comparison is made with. */
export interface ResemblanceWork extends ResemblanceTables {
  append(name: string, rows: (string | null)[][]): Promise<void>;
}

export function resemblanceTables(sql: StagingSql, alias: string, prefix = 'resembling'): ResemblanceTables {
  const bare = (name: string) => `${prefix}_${name}`;
  return {
    run: (statement) => sql.run(statement),
    query: (statement, values) => sql.query(statement, values),
    table: (name) => tablesOf(alias).named(bare(name)),
    bare,
  };
}

export function resemblanceWork(
  staging: Pick<StagingClient, 'until' | 'append'>,
  alias: string,
  signal: AbortSignal,
  prefix?: string,
): ResemblanceWork {
  const tables = resemblanceTables(staging.until(signal), alias, prefix);
  return {
    ...tables,
    append: (name, rows) => {
      signal.throwIfAborted();
      return staging.append(alias, tables.bare(name), rows);
    },
  };
}
