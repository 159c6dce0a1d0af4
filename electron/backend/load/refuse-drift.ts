import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { matchColumn } from '../../../shared/domain/field-mapping.ts';
import { decidedUpdates } from '../../../shared/domain/load-plan.ts';
import { fieldNamed, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { digestOf } from '../digest-of.ts';
import { foldKeySql } from '../match/match-sql.ts';
import {
  dropFetched,
  fetchCurrentRecords,
  RecordImporter,
  type FetchRequest,
  type FetchTools,
} from '../plan/fetch-current-records.ts';
import { decidedMapping, IS_DECIDED } from '../plan/decided-rows.ts';
import { FEW_KEYS } from '../plan/fetch/choose-way.ts';
import { matchRequest } from '../plan/fetch-matches.ts';
import type { PlannedMapping } from '../plan/plan-input.ts';
import { selectRecords } from '../plan/record-request.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import { quoteName } from '../tables/quote.ts';
import { canonical, createTable, MOVED, MOVED_VALUE, orgCanonical, orgText, tablesOf } from '../tables/tables.ts';

/** The records as they are now, in the plan's database while they are compared. */
const RECORDS_NOW = 'record_now';

/** Planned rows that say something of the org's records, also that they need no change; of rows decided to be records only these. */
function watchedSql({ step }: PlannedMapping): string {
  return `p.kind IN ('insert', 'update', 'delete', 'unchanged') AND ${step === 'decided' ? IS_DECIDED : 'true'}`;
}

/**
 * How much longer ago than the plan's own reading a change seen only now can have been stamped: SystemModstamp is set while a
 * transaction works, and seen once it is committed. "Maximum execution time for each Apex transaction: 10 minutes" (Apex Developer
 * Guide, "Execution Governors and Limits").
 */
const LONGEST_TRANSACTION = 10 * 60_000;

export function stalePlan(why: Extract<Failure, { code: 'PLAN_STALE' }>['why'], rows = 0): FailureError {
  return new FailureError({ code: 'PLAN_STALE', why, rows });
}

/**
 * Throws `PLAN_STALE` if what the plan says of the org no longer holds (R36, R37): fields are others; a record that it would
 * change, delete or leave as it is was changed, deleted or given another key; one was made that a row it would create, or another
 * record of the same key, now means. `folder` is the plan's.
 */
export async function refuseDrift(
  tools: FetchTools,
  { plan, describe, parents }: StoredPlan,
  folder: string,
  now: SObjectDescribe,
  signal: AbortSignal,
): Promise<void> {
  if (digestOf(now) !== plan.describeDigest) throw stalePlan('describe');
  const { planId, mapping, currentRecordsFetchedAt } = plan;
  const byName = new Map(parents.map((parent) => [parent.name.toLowerCase(), parent]));
  const input: PlannedMapping = { planId, mapping, describe, parents: byName, folder };
  await refuseMoved(tools, input, currentRecordsFetchedAt, signal);
  if (decidedUpdates(plan) + plan.decided.unchanged === 0) return;
  const decided: PlannedMapping = { ...input, mapping: decidedMapping(mapping, describe), step: 'decided' };
  await refuseMoved(tools, decided, currentRecordsFetchedAt, signal);
}

async function refuseMoved(
  tools: FetchTools,
  input: PlannedMapping,
  fetchedAt: number,
  signal: AbortSignal,
): Promise<void> {
  const request = matchRequest(input, RECORDS_NOW);
  // Rows that name no record can't be overtaken by one.
  if (!request) return;
  try {
    const complete = await fetchNow(tools, input, request, fetchedAt, signal);
    const rows = await noteMoved(tools, input, request, complete, signal);
    if (rows > 0) throw stalePlan('drift', rows);
  } finally {
    await dropFetched(tools, request);
  }
}

/** What of a plan no longer holds in the org, without a load: throws what else `refuseDrift` throws. */
export async function driftOf(
  ...given: Parameters<typeof refuseDrift>
): Promise<{ readonly fields: boolean; readonly rows: number }> {
  try {
    await refuseDrift(...given);
    return { fields: false, rows: 0 };
  } catch (error) {
    if (!(error instanceof FailureError) || error.failure.code !== 'PLAN_STALE') throw error;
    return { fields: error.failure.why === 'describe', rows: error.failure.rows };
  }
}

/** Fetches what may have changed of the rows that are watched; true if what is not there now is not in the org either. */
export async function fetchNow(
  tools: FetchTools,
  input: PlannedMapping,
  request: FetchRequest,
  fetchedAt: number,
  signal: AbortSignal,
  watched = watchedSql(input),
): Promise<boolean> {
  const { planned, mapped } = tablesOf(input.planId, input.step);
  const key = keyOf(input);
  const [counted] = await tools.staging.until(signal).query(`SELECT count(*) AS n FROM ${planned} p WHERE ${watched}`);
  if (Number(counted?.['n'] ?? 0) <= FEW_KEYS || request.stamp === null) {
    const keysSql = `SELECT m.${key} AS k FROM ${planned} p JOIN ${mapped} m USING (row_number) WHERE ${watched}`;
    await fetchCurrentRecords(tools, request, keysSql, signal, () => undefined);
    return true;
  }
  // Everything changed since, read once however many rows there are; deleted records are stamped when they are deleted.
  const since = new Date(fetchedAt - LONGEST_TRANSACTION).toISOString();
  const wantsDeleted = fieldNamed(input.describe, 'IsDeleted') !== undefined;
  const changed = { ...request, wantsDeleted };
  const importer = new RecordImporter(tools, changed, signal, () => undefined);
  await importer.begin();
  const soql = `${selectRecords(changed)} WHERE ${request.stamp.name} >= ${since}`;
  await importer.bulkQuery(soql, wantsDeleted ? 'queryAll' : 'query');
  // Few records change between a plan and its load: rows are narrowed to theirs first, for millions of keys to look a few up among
  // would take all of the engine's memory.
  const folded = foldKeySql(`m.${key}`, request.keyField);
  const named = `SELECT row_number, ${folded} AS k FROM ${mapped} m WHERE ${folded} IN (${importer.keys('k')})`;
  await importer.finish(
    `WHERE r.id IN (SELECT id FROM ${planned} p WHERE ${watched} AND id IN (${importer.keys('id')}))
     OR r.k IN (SELECT x.k FROM (${named}) x JOIN ${planned} p USING (row_number) WHERE ${watched})`,
  );
  return false;
}

function keyOf({ mapping }: PlannedMapping): string {
  const key = matchColumn(mapping);
  if (!key) throw new Error('rows without a key have no records');
  return canonical(key.column);
}

/**
 * All that a plan knows of a record as one value, as SQL over a table of records. Stamps have whole seconds: a record changed twice within one is
 * told by its values. Of hundreds of columns of both sides no row is put beside another, only what they come to.
 */
export function factsSql({ stamp, columns }: Pick<FetchRequest, 'stamp' | 'columns'>): string {
  const names = ['k', ...(stamp ? ['stamp'] : []), ...columns.map(({ column }) => orgCanonical(column))];
  return `hash(${names.map((name) => `coalesce(${quoteName(name)}, '')`).join(', ')})`;
}

/** Notes in `moved` and `moved_value` what no longer holds, for a person to see; returns how many rows that are. */
async function noteMoved(
  tools: FetchTools,
  input: PlannedMapping,
  request: FetchRequest,
  complete: boolean,
  signal: AbortSignal,
): Promise<number> {
  const { planned, mapped, currentRecord, moved, movedValue, named } = tablesOf(input.planId, input.step);
  const staging = tools.staging.until(signal);
  const now = named(RECORDS_NOW);
  const withDeleted = !complete && fieldNamed(input.describe, 'IsDeleted') !== undefined;
  const [gone, there] = withDeleted ? ["n.deleted = 'true'", "n.deleted <> 'true'"] : ['false', 'true'];
  const factsOf = (records: string, ...others: string[]) =>
    `(SELECT ${['id', ...others, `${factsSql(request)} AS facts`].join(', ')} FROM ${records})`;
  const isNow = factsOf(named(RECORDS_NOW), ...(withDeleted ? ['deleted'] : []));
  const wasSeen = `${planned} p JOIN ${factsOf(currentRecord)} c ON c.id = p.id JOIN ${isNow} n ON n.id = p.id`;
  const seen = `${planned} p JOIN ${currentRecord} c ON c.id = p.id`;
  const matched = "p.kind IN ('update', 'delete', 'unchanged')";
  const rowKey = foldKeySql(`m.${keyOf(input)}`, request.keyField);
  // Of several things that happened to one row the first of the alphabet is said, which is the least.
  await staging.run(
    `${createTable(moved, MOVED)}; ${createTable(movedValue, MOVED_VALUE)};
     INSERT INTO ${moved} SELECT row_number, min(what) FROM (
       SELECT p.row_number, CASE WHEN ${gone} THEN 'deleted' ELSE 'changed' END AS what
         FROM ${wasSeen} WHERE ${matched} AND (${gone} OR n.facts <> c.facts)
       UNION ALL SELECT p.row_number, 'taken' FROM ${planned} p JOIN ${mapped} m USING (row_number) JOIN ${now} n ON n.k = ${rowKey}
         WHERE ${watchedSql(input)} AND ${there} AND n.id IS DISTINCT FROM p.id
       ${complete ? `UNION ALL SELECT p.row_number, 'deleted' FROM ${seen} ANTI JOIN ${now} n ON n.id = p.id WHERE ${matched}` : ''})
     GROUP BY row_number`,
  );
  const [counted] = await staging.query(`SELECT count(*) AS n FROM ${moved}`);
  const rows = Number(counted?.['n'] ?? 0);
  if (rows > 0)
    for (const { column } of request.columns)
      await staging.run(
        `INSERT INTO ${movedValue} SELECT d.row_number, ${column}, c.${orgText(column)}, n.${orgText(column)}
         FROM ${moved} d JOIN ${seen} USING (row_number) JOIN ${now} n ON n.id = p.id
         WHERE d.what = 'changed' AND n.${orgCanonical(column)} <> c.${orgCanonical(column)}`,
      );
  return rows;
}
