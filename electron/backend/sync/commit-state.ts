import { bulkHeader } from '../../../shared/domain/field-mapping.ts';
import type { GoneRule, RunSync } from '../../../shared/domain/sync.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { quoteText } from '../tables/quote.ts';
import { createTable, sent } from '../tables/tables.ts';
import { SYNC_META, SYNC_RECORD, syncStateTables, syncWorkTables } from '../tables/sync-tables.ts';
import { leftCellSql } from './cell-digests.ts';
import type { CommittedRows } from './commit-rows.ts';
import { FLIPS } from './keep-cells.ts';
import type { SyncMapping } from './sync-basis.ts';
import type { SyncHead } from './sync-state.ts';

/**
 * The state as it is after a run of the file's rows, in one transaction: what was agreed, what waits, what is gone, and at last from when on
 * changes are to be looked for. A power cut leaves the state before or the one after.
 */
export function commitSql(alias: string, workId: string, head: SyncHead, now: number): string {
  const { record } = syncStateTables(alias);
  const { next_record: next, gone, back } = syncWorkTables(workId);
  return transaction(alias, head, [
    `DELETE FROM ${record} WHERE k IN (SELECT k FROM ${next})`,
    `INSERT INTO ${record} SELECT * FROM ${next}`,
    `UPDATE ${record} SET gone_run = NULL, gone_at = NULL WHERE gone_run IS NOT NULL AND k IN (SELECT k FROM ${back})`,
    // Of a row that never came to a record there is nothing to remember.
    `DELETE FROM ${record} WHERE id = '' AND k IN (SELECT k FROM ${gone})`,
    // A record that another key has is not gone: only how its key was written is.
    `DELETE FROM ${record} WHERE k IN (SELECT k FROM ${gone}) AND id IN (SELECT id FROM ${record} ANTI JOIN ${gone} USING (k) WHERE id <> '')`,
    `UPDATE ${record} SET gone_run = ${head.runs}, gone_at = ${Math.round(now)} WHERE gone_run IS NULL AND k IN (SELECT k FROM ${gone})`,
  ]);
}

export function transaction(alias: string, head: SyncHead, statements: readonly string[]): string {
  const { meta, record } = syncStateTables(alias);
  return [
    'BEGIN TRANSACTION',
    createTable(meta, SYNC_META, 'keep'),
    createTable(record, SYNC_RECORD, 'keep'),
    ...statements,
    `DELETE FROM ${meta}`,
    `INSERT INTO ${meta} VALUES ('head', ${quoteText(JSON.stringify(head))})`,
    'COMMIT',
  ].join('; ');
}

/** Records that something is due to become of, as a condition on the state: their rows are gone, and the time of grace is over. */
export function goneDueSql(rule: GoneRule, runs: number, now: number): string {
  if (rule.then === 'leave') return 'false';
  const { afterRuns, afterDays } = rule;
  return `gone_run IS NOT NULL AND status <> 'gone' AND id <> '' AND stamp <> '' AND next_attempt <= ${Math.round(now)}
    AND gone_run <= ${runs - afterRuns} AND gone_at <= ${Math.round(now - afterDays * 86_400_000)}`;
}

type Done = NonNullable<RunSync['done']>;

/** What a run has come to: asked after its commit, of the state and of what the run worked with. */
export async function countDone(
  staging: StagingSql,
  { workId, planId, sync, now }: Pick<CommittedRows, 'workId' | 'planId' | 'sync' | 'now'>,
  { alias, rule, runs, mapped }: { alias: string; rule: GoneRule; runs: number; mapped: string },
  setBack: number,
): Promise<Done> {
  const { record } = syncStateTables(alias);
  const { next_record: next, chosen } = syncWorkTables(workId);
  const [counts] = await staging.query(
    `SELECT (SELECT count(*) FROM ${next} WHERE status = 'agreed') AS agreed, count(*) FILTER (status = 'waiting') AS waiting,
       count(*) FILTER (${goneDueSql(rule, runs, now)}) AS due FROM ${record}`,
  );
  const [cells] =
    planId === null
      ? []
      : await staging.query(
          `SELECT coalesce(sum(${rewrittenSql(sync)}), 0) AS n FROM ${next} x JOIN ${chosen} c USING (k) JOIN ${mapped} m ON m.row_number = c.row_number
           WHERE x.status = 'agreed' AND c.kind IN ('created', 'updated')`,
        );
  const of = (name: string) => Number(counts?.[name] ?? 0);
  return {
    agreed: of('agreed'),
    rewritten: Number(cells?.['n'] ?? 0),
    setBack,
    waiting: of('waiting'),
    setAside: await setAside(staging, record, sync),
    goneDue: of('due'),
  };
}

/** How many cells of a row the org has made something else of. Lookups by a key of several objects can't be told so. */
function rewrittenSql(sync: SyncMapping): string {
  const terms = sync.compared.flatMap((column, index) =>
    column.target.kind === 'lookup' && column.target.polymorphic
      ? []
      : [
          `(m.${sent(column.column)} <> '' AND m.${sent(column.column)} <> '#N/A' AND x.org_cells[${index + 1}] <> ${leftCellSql(column, sync, 'm')})::INTEGER`,
        ],
  );
  return terms.length === 0 ? '0' : terms.join(' + ');
}

/** Cells that have the file's value again: asked before the commit, of the state as it is and as it is to be. */
export async function countSetBack(
  staging: StagingSql,
  { workId, alias, sync }: Pick<CommittedRows, 'workId' | 'alias' | 'sync'>,
): Promise<number> {
  if (alias === null || sync.compared.length === 0) return 0;
  const more = sync.compared.map(
    (_column, index) => `(x.flips[${index + 1}] > coalesce(r.flips[${index + 1}], 0))::INTEGER`,
  );
  const [counts] = await staging.query(
    `SELECT coalesce(sum(${more.join(' + ')}), 0) AS n FROM ${syncWorkTables(workId).next_record} x JOIN ${syncStateTables(alias).record} r USING (k)
     WHERE x.status = 'agreed'`,
  );
  return Number(counts?.['n'] ?? 0);
}

async function setAside(staging: StagingSql, record: string, sync: SyncMapping): Promise<Done['setAside']> {
  const counts = sync.compared.map(
    (_column, index) => `count(*) FILTER (flips[${index + 1}] >= ${FLIPS}) AS f${index}`,
  );
  if (counts.length === 0) return [];
  const [found] = await staging.query(`SELECT ${counts.join(', ')} FROM ${record}`);
  return sync.compared.flatMap((column, index) => {
    const records = Number(found?.[`f${index}`] ?? 0);
    return records > 0 ? [{ field: bulkHeader(column.target), records }] : [];
  });
}
