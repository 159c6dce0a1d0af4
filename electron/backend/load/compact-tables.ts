import { mappedColumns } from '../../../shared/domain/field-mapping.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { quoteName, quoteText } from '../tables/quote.ts';
import { storedName, TABLE_NAMES, tablesOf } from '../tables/tables.ts';

/** Of a load's database what only its plan was made with. */
const NEEDLESS: ReadonlySet<string> = new Set([
  TABLE_NAMES.searchText,
  TABLE_NAMES.searchedColumn,
  TABLE_NAMES.searchValue,
  TABLE_NAMES.matched,
  TABLE_NAMES.rowMatch,
  TABLE_NAMES.rowChange,
]);
/** Where the records of the org lie, as they were before the load. */
const RECORDS: readonly string[] = [TABLE_NAMES.currentRecord, storedName(TABLE_NAMES.currentRecord)];
/** What is told of one column of a record: its text, and the Id of a parent. */
const OF_COLUMN = /^[oi](\d+)$/;

/** Fewer rows than a file is worth stay in the database. */
const MANY_ROWS = 2000;

export interface KeptTable {
  readonly name: string;
  /** Its rows, as SQL over the database as it is. */
  readonly select: string;
  readonly many: boolean;
}

export interface KeptView {
  readonly name: string;
  readonly select: string;
}

/** What stays of a load's database: tables with the rows that stay of each, and the views over them. */
export async function keptOf(
  staging: Pick<StagingSql, 'query'>,
  stored: StoredPlan,
): Promise<{ tables: KeptTable[]; views: KeptView[] }> {
  const { planId } = stored.plan;
  const { named } = tablesOf(planId);
  // Each statement names the database, which is open for it then: of one that was closed meanwhile the catalog would tell nothing, and all
  // of the load would be taken for needless.
  const ofIt = `database_name = ${quoteText(planId)}`;
  const columns = await staging.query(
    `SELECT table_name, column_name FROM duckdb_columns() WHERE ${ofIt} AND NOT internal ORDER BY table_name, column_index`,
  );
  const tables: KeptTable[] = [];
  const found = await staging.query(
    `SELECT table_name, estimated_size > ${MANY_ROWS} AS many FROM duckdb_tables() WHERE ${ofIt} ORDER BY table_name`,
  );
  for (const row of found) {
    const name = String(row['table_name']);
    if (NEEDLESS.has(name)) continue;
    const own = columns
      .filter((column) => column['table_name'] === name)
      .map((column) => String(column['column_name']));
    const select = RECORDS.includes(name)
      ? changedRecords(stored, name, own)
      : `SELECT ${own.map(quoteName).join(', ')} FROM ${named(name)}`;
    tables.push({ name, select, many: row['many'] === true });
  }
  const views = await staging.query(
    `SELECT view_name, sql FROM duckdb_views() WHERE ${ofIt} AND NOT internal ORDER BY view_oid`,
  );
  for (const name of [TABLE_NAMES.planned, TABLE_NAMES.outcome])
    if (!tables.some((table) => table.name === name)) throw new Error(`a load has no table ${name}`);
  return { tables, views: views.map(keptView).filter(({ name }) => !NEEDLESS.has(name)) };
}

function keptView(row: Readonly<Record<string, unknown>>): KeptView {
  const name = String(row['view_name']);
  const [, select] = /^CREATE VIEW (?:"(?:[^"]|"")*"|\w+) AS ([^]*?);?\s*$/.exec(String(row['sql'])) ?? [];
  if (select === undefined) throw new Error(`the view ${name} of a load can't be read`);
  return { name, select };
}

/**
 * Of the records those that the load was to change, with the values that it was to change: others it has not touched. What is shown of
 * records that are deleted is no mapped column, and stays.
 */
function changedRecords({ plan }: StoredPlan, table: string, columns: readonly string[]): string {
  const { named, planned } = tablesOf(plan.planId);
  const mapped = new Set(mappedColumns(plan.mapping).map(({ column }) => column));
  const cells = columns.map((name) => {
    const place = Number(OF_COLUMN.exec(name)?.[1] ?? -1);
    if (!mapped.has(place)) return `r.${quoteName(name)}`;
    return `CASE WHEN list_contains(t.changed, ${place}) THEN r.${quoteName(name)} ELSE '' END AS ${quoteName(name)}`;
  });
  return `SELECT ${cells.join(', ')} FROM ${named(table)} r
    JOIN (SELECT id, flatten(list(changed)) AS changed FROM ${planned} WHERE kind IN ('update', 'delete') AND id <> '' GROUP BY id) t USING (id)`;
}

/** A view that stands for a table whose rows lie in a file; rows have their places as in a table. */
export function fileView(alias: string, name: string, path: string): string {
  return `CREATE OR REPLACE VIEW ${tablesOf(alias).named(name)} AS SELECT *, file_row_number AS rowid FROM read_parquet(${quoteText(path)})`;
}
