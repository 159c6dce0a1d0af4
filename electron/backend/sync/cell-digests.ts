import { foldValueSql } from '../match/match-sql.ts';
import { canonical, orgCanonical } from '../tables/tables.ts';
import { sentField } from '../validation/rule-field.ts';
import { digestSql, type SyncMapping } from './sync-basis.ts';

type Compared = SyncMapping['compared'][number];

/** A digest of a cell as the file means it, over a row of a plan's `mapped`. */
export function leftCellSql(column: Compared, { describe, parents }: SyncMapping, row: string): string {
  const field = sentField(column, describe, parents);
  return digestSql(foldValueSql(`${row}.${canonical(column.column)}`, field, column.target));
}

/** The same of what the org has, over a table of its records. */
export function orgCellSql(column: Compared, { describe, parents }: SyncMapping, record: string): string {
  const field = sentField(column, describe, parents);
  return digestSql(foldValueSql(`coalesce(${record}.${orgCanonical(column.column)}, '')`, field, column.target));
}

/** All of a row, or record, as a list. */
export function cellsSql(of: typeof leftCellSql, sync: SyncMapping, from: string): string {
  return `[${sync.compared.map((column) => of(column, sync, from)).join(', ')}]::UBIGINT[]`;
}
