import type { SyncLeft, SyncRules } from '../../../shared/domain/sync.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { syncStateTables, syncWorkTables } from '../tables/sync-tables.ts';
import { cellsSql, orgCellSql } from './cell-digests.ts';
import { deletedIdsSql } from './read-right.ts';
import type { SyncMapping } from './sync-basis.ts';

interface Reconciling {
  readonly workId: string;
  /** The state's database; null before there is one. */
  readonly alias: string | null;
  readonly sync: SyncMapping;
  readonly rules: SyncRules;
  /** Every row is compared, whatever is known. */
  readonly whole: boolean;
  /** By the org's clock, ms: rows that wait until then are tried again. */
  readonly now: number;
  readonly unusable: number;
  /** Whether deleted records were asked for beside changed ones. */
  readonly knowsDeleted: boolean;
}

export interface Reconciled extends Pick<SyncLeft, 'added' | 'changed' | 'same' | 'gone'> {
  readonly right: { readonly changed: number; readonly deleted: number };
  readonly keys: number;
  readonly retried: number;
}

/**
 * Says in `delta` which keys the run is about, each once: those whose rows are new or others than they were, whose records are, that are tried
 * again, or that nothing became of the last time. All other rows are known to agree, and are not looked at. `gone` and `back` are keys of the
 * state whose rows are gone from the file since, or there again.
 */
export async function reconcile(staging: StagingSql, reconciling: Reconciling): Promise<Reconciled> {
  const { workId, alias, unusable } = reconciling;
  const { left_key: left, delta, gone, back } = syncWorkTables(workId);
  if (alias === null) {
    await staging.run(
      `CREATE OR REPLACE TABLE ${delta} AS SELECT k, d, 'added' AS why FROM ${left};
       CREATE OR REPLACE TABLE ${gone} (k VARCHAR NOT NULL); CREATE OR REPLACE TABLE ${back} (k VARCHAR NOT NULL)`,
    );
  } else {
    const { record } = syncStateTables(alias);
    // A row that can't be read, or has no key, may be the one that seems to be gone.
    const knowsGone = unusable === 0 ? 'true' : 'false';
    await staging.run(
      `CREATE OR REPLACE TABLE ${gone} AS SELECT k FROM ${record} ANTI JOIN ${left} USING (k) WHERE ${knowsGone};
       CREATE OR REPLACE TABLE ${back} AS SELECT k FROM ${record} SEMI JOIN ${left} USING (k) WHERE gone_run IS NOT NULL;
       CREATE OR REPLACE TABLE ${delta} AS
         SELECT k, d, min(why) AS why FROM (${reasonsSql(reconciling, alias)}) JOIN ${left} USING (k) GROUP BY k, d`,
    );
  }
  const right =
    reconciling.whole || alias === null ? { changed: 0, deleted: 0 } : await countRight(staging, reconciling, alias);
  return { ...(await count(staging, workId)), right };
}

/** Why a key is looked at, as `k` and `why`; of several reasons the first by the alphabet is told. */
function reasonsSql({ workId, sync, rules, whole, now, knowsDeleted }: Reconciling, alias: string): string {
  const { left_key: left, back } = syncWorkTables(workId);
  const { record } = syncStateTables(alias);
  const ofLeft = [
    `SELECT l.k, CASE WHEN r.k IS NULL THEN 'added' ELSE 'changed' END AS why FROM ${left} l LEFT JOIN ${record} r USING (k)
       WHERE r.k IS NULL OR r.left_digest <> l.d`,
    `SELECT k, 'retried' AS why FROM ${record} WHERE status = 'open' OR (status = 'waiting' AND next_attempt <= ${now})`,
    `SELECT k, 'compared' AS why FROM ${back}`,
  ];
  if (whole) return [...ofLeft, `SELECT k, 'compared' AS why FROM ${left}`].join(' UNION ALL ');
  // What was changed in the org stays: its row alone is no reason to look at it.
  const ofRight =
    rules.orgChanges === 'keep'
      ? []
      : [
          `SELECT k, 'right' AS why FROM (${changedSql(workId, alias, sync, knowsDeleted)})`,
          `SELECT k, 'right' AS why FROM ${record} WHERE id IN (${deletedIdsSql(workId, knowsDeleted)})`,
        ];
  return [...ofLeft, ...ofRight].join(' UNION ALL ');
}

/**
 * Records that say something else than was agreed, as keys: by their Ids, and those that had none by the key itself. A record of which
 * nothing was agreed yet is one of them.
 */
function changedSql(workId: string, alias: string, sync: SyncMapping, knowsDeleted: boolean): string {
  const { right_record: right } = syncWorkTables(workId);
  const { record } = syncStateTables(alias);
  const now = `(SELECT n.id, n.k, ${cellsSql(orgCellSql, sync, 'n')} AS cells FROM ${right} n WHERE ${knowsDeleted ? "n.deleted <> 'true'" : 'true'})`;
  return `SELECT r.k FROM ${record} r JOIN ${now} n ON n.id = r.id WHERE n.cells IS DISTINCT FROM r.org_cells
    UNION SELECT r.k FROM ${record} r JOIN ${now} n ON n.k = r.k WHERE r.id = ''`;
}

async function countRight(
  staging: StagingSql,
  { workId, sync, knowsDeleted }: Reconciling,
  alias: string,
): Promise<{ changed: number; deleted: number }> {
  const { record } = syncStateTables(alias);
  const [counts] = await staging.query(
    `SELECT (SELECT count(*) FROM (${changedSql(workId, alias, sync, knowsDeleted)})) AS changed,
       (SELECT count(*) FROM ${record} WHERE id IN (${deletedIdsSql(workId, knowsDeleted)})) AS deleted`,
  );
  return { changed: Number(counts?.['changed'] ?? 0), deleted: Number(counts?.['deleted'] ?? 0) };
}

async function count(staging: StagingSql, workId: string): Promise<Omit<Reconciled, 'right'>> {
  const { left_key: left, delta, gone } = syncWorkTables(workId);
  const [counts] = await staging.query(
    `SELECT (SELECT count(*) FROM ${left}) AS keys, (SELECT count(*) FROM ${gone}) AS gone, count(*) AS delta,
       count(*) FILTER (why = 'added') AS added, count(*) FILTER (why = 'changed') AS changed,
       count(*) FILTER (why = 'retried') AS retried FROM ${delta}`,
  );
  const of = (name: string) => Number(counts?.[name] ?? 0);
  const [added, changed] = [of('added'), of('changed')];
  return {
    added,
    changed,
    same: of('keys') - added - changed,
    gone: of('gone'),
    keys: of('delta'),
    retried: of('retried'),
  };
}

/** Has a run that has nothing to do look at one row all the same, for there to be a plan that somebody can say yes to. */
export async function addOne(staging: StagingSql, workId: string): Promise<void> {
  const { left_key: left, delta } = syncWorkTables(workId);
  await staging.run(`INSERT INTO ${delta} SELECT k, d, 'compared' FROM ${left} ORDER BY k LIMIT 1`);
}
