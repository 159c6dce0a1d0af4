import type { PlanId } from '../../../shared/domain/ids.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { createTable, tablesOf } from '../tables/tables.ts';
import { SYNC_RECORD, syncStateTables, syncWorkTables } from '../tables/sync-tables.ts';
import { cellsSql, leftCellSql, orgCellSql } from './cell-digests.ts';
import { confirmedTable } from './confirm.ts';
import { pauseSql } from './pauses.ts';
import { rowKeySql, type SyncMapping } from './sync-basis.ts';

export interface CommittedRows {
  readonly workId: string;
  /** The state's database; null before there is one. */
  readonly alias: string | null;
  /** Null where nothing was to be planned. */
  readonly planId: PlanId | null;
  /** Whether a load has come of the plan. */
  readonly loaded: boolean;
  readonly sync: SyncMapping;
  /** By the org's clock, ms. */
  readonly now: number;
}

/** What became of rows, as a load tells it; of a plan that had nothing to load, as that does. */
export function outcomesSql({ planId, loaded }: Pick<CommittedRows, 'loaded'> & { readonly planId: PlanId }): string {
  const { outcome, planned } = tablesOf(planId);
  if (loaded) return `SELECT row_number, kind, id, error FROM ${outcome}`;
  return `SELECT row_number, CASE kind WHEN 'duplicate' THEN 'repeated' WHEN 'blocked' THEN 'skipped' WHEN 'unchanged' THEN 'unchanged'
      WHEN 'leftOut' THEN 'leftOut' ELSE 'unprocessed' END AS kind, coalesce(id, '') AS id, '' AS error FROM ${planned}`;
}

/** `incomplete` rows have their record, and lack a lookup of it. */
const WRITTEN = "'created', 'updated'";
const WAITS = "'failed', 'skipped', 'unknown', 'incomplete'";

/**
 * Works out in `next_record` what the state of each key of the run is to become, by what became of its row. Nothing of the state is changed
 * yet. Of several rows of one key the one counts that was sent.
 */
export async function nextRecords(staging: StagingSql, rows: CommittedRows): Promise<void> {
  const { workId, planId, sync } = rows;
  const work = syncWorkTables(workId);
  if (planId === null) {
    await staging.run(createTable(work.next_record, SYNC_RECORD));
    return;
  }
  const { staged, mapped, planned, currentRecord } = tablesOf(planId);
  const outcomes = outcomesSql({ ...rows, planId });
  const org = (table: string, condition: string) =>
    `SELECT c.id, c.stamp, ${cellsSql(orgCellSql, sync, 'c')} AS cells FROM ${table} c WHERE c.id IN (SELECT id FROM ${work.chosen} WHERE ${condition})`;
  const confirmed = rows.loaded ? `UNION ALL ${org(confirmedTable(planId), `kind IN (${WRITTEN})`)}` : '';
  await staging.run(
    `CREATE OR REPLACE TABLE ${work.chosen} AS
       SELECT e.k, any_value(e.d) AS d, ${['row_number', 'kind', 'id', 'error'].map((name) => `arg_min(o.${name}, ${RANK}) AS ${name}`).join(', ')}
       FROM ${staged} s JOIN (${outcomes}) o USING (row_number) JOIN ${work.delta} e ON e.k = ${rowKeySql(sync, 's')}
       WHERE s.problem IS NULL GROUP BY e.k;
     CREATE OR REPLACE TABLE ${work.org_side} AS ${org(currentRecord, "kind = 'unchanged'")} ${confirmed};
     ${createTable(work.next_record, SYNC_RECORD)};
     INSERT INTO ${work.next_record} SELECT c.k, c.d, ${cells(sync)}, g.cells, g.id, g.stamp, 'agreed', 0, 0, '', NULL, NULL, ${flipsSql(rows)}
       FROM ${work.chosen} c JOIN ${work.org_side} g ON g.id = c.id JOIN ${mapped} m ON m.row_number = c.row_number
         JOIN ${planned} p ON p.row_number = c.row_number LEFT JOIN ${currentRecord} o ON o.id = c.id ${priorSql(rows)}
       WHERE c.kind IN (${WRITTEN}, 'unchanged');
     INSERT INTO ${work.next_record} SELECT c.k, c.d, ${prior('left_cells')}, ${prior('org_cells')},
         coalesce(nullif(r.id, ''), c.id), ${prior('stamp')}, CASE WHEN c.kind = 'leftOut' THEN 'left' WHEN c.kind IN (${WAITS}) THEN 'waiting' ELSE 'open' END,
         CASE WHEN c.kind IN (${WAITS}) THEN ${attempts} ELSE 0 END,
         CASE WHEN c.kind IN (${WAITS}) THEN ${pauseSql(rows.now, attempts)} ELSE 0 END,
         CASE WHEN c.kind IN (${WAITS}) THEN c.error ELSE '' END, NULL, NULL, ${prior('flips')}
       FROM ${work.chosen} c ${priorSql(rows)} WHERE c.k NOT IN (SELECT k FROM ${work.next_record})`,
  );
}

/** Rows that were sent come before those that they stand for. */
const RANK = `(o.kind = 'repeated')::INTEGER::BIGINT * 4294967296 + o.row_number`;

const EMPTY: Readonly<Record<string, string>> = {
  left_cells: '[]::UBIGINT[]',
  org_cells: '[]::UBIGINT[]',
  flips: '[]::UTINYINT[]',
  stamp: "''",
};
const prior = (name: string): string => `coalesce(r.${name}, ${EMPTY[name] ?? "''"})`;

/** One more than before, of rows that say the same as then. */
const attempts = `(CASE WHEN r.status = 'waiting' AND r.left_digest = c.d THEN r.attempts ELSE 0 END + 1)`;

function cells(sync: SyncMapping): string {
  return cellsSql(leftCellSql, sync, 'm');
}

function priorSql({ alias }: CommittedRows): string {
  if (alias !== null) return `LEFT JOIN ${syncStateTables(alias).record} r ON r.k = c.k`;
  const none = Object.entries({ ...EMPTY, id: "''", status: "''", attempts: '0', left_digest: '0::UBIGINT' });
  return `LEFT JOIN (SELECT NULL::VARCHAR AS k, ${none.map(([name, value]) => `${value} AS ${name}`).join(', ')}) r ON r.k = c.k`;
}

/** A cell of an agreed record that somebody had changed in the org, and that has the file's value again, over the joins of `nextRecords`. */
function setBackSql({ sync }: CommittedRows, index: number): string {
  const column = sync.compared[index];
  if (!column) return 'false';
  const at = index + 1;
  return `(c.kind = 'updated' AND list_contains(p.changed, ${column.column}) AND r.left_cells[${at}] = ${leftCellSql(column, sync, 'm')}
    AND r.org_cells[${at}] <> ${orgCellSql(column, sync, 'o')})`;
}

/** How often each cell was set back, from none where its row says something else. */
function flipsSql(rows: CommittedRows): string {
  const { sync } = rows;
  const flips = sync.compared.map((column, index) => {
    const at = index + 1;
    const before = `coalesce(r.flips[${at}], 0)`;
    return `CASE WHEN coalesce(r.left_cells[${at}] <> ${leftCellSql(column, sync, 'm')}, true) THEN 0
      WHEN ${setBackSql(rows, index)} THEN least(${before} + 1, 200) ELSE ${before} END`;
  });
  return `[${flips.join(', ')}]::UTINYINT[]`;
}
