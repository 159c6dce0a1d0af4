import type { WorkProgress } from '../../../shared/contract/events.ts';
import type { ResemblanceKind } from '../../../shared/domain/resemblance.ts';
import type { ResemblingReport } from '../../../shared/domain/resembling.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { OrgRecords, parentOf, PlanRows, type ComparedField } from '../duplicate-rules/plan-sides.ts';
import type { Side } from '../duplicate-rules/find-matches.ts';
import { findResembling, type Resemblance, type ResemblanceProgress } from '../duplicates/find-resembling.ts';
import { resemblanceWork, type ComparedRelation } from '../duplicates/resemblance-work.ts';
import { CALLS_A_QUERY_JOB } from '../load/forecast-load.ts';
import { NEVER } from '../never.ts';
import type { FetchTools } from '../plan/fetch-current-records.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { textOf } from '../staging/staging-functions.ts';
import { quoteText } from '../tables/quote.ts';
import { tablesOf } from '../tables/tables.ts';
import { isByName, type ComparedKinds } from './compared-kinds.ts';

/** Tables of the plan's database: what both sides say as it is shown, `key` and `f0` and on, and by which rules pairs were found. */
export const SHOWN_ROWS = 'compared_row';
export const SHOWN_RECORDS = 'compared_record';
export const FOUND_BY = 'compared_by';
/** What is fetched lies here while it is compared. */
const [PREFIX, RECORDS] = ['compared', 'compared_fetched'] as const;
/** Of the engine's tables those that are asked later. */
const KEPT = ['pairs', 'rows', 'records'];

export interface FindTools {
  readonly fetch: FetchTools;
  readonly describeOf: (objectName: string) => Promise<SObjectDescribe>;
  /** Where pages lie on their way. */
  readonly folder: string;
  readonly progress: (stage: WorkProgress['stage'], done: number, total: number | null) => void;
}

/** What was found in a plan; the pairs lie in its database. */
export interface FoundInPlan {
  readonly resemblance: Omit<Resemblance, 'work'>;
  /** What was compared. */
  readonly kinds: readonly ResemblanceKind[];
  readonly report: Omit<ResemblingReport, 'rules' | 'threshold' | 'calls'>;
  readonly calls: number;
}

/** API calls that looking takes at least: the records, and of references that are compared by name the names. */
export function leastLookCalls(kinds: ComparedKinds): number {
  return CALLS_A_QUERY_JOB + kinds.fields.filter(isByName).length;
}

/** The engine's answer with its tables at hand. */
export function resemblanceOf(
  { fetch }: Pick<FindTools, 'fetch'>,
  { plan }: StoredPlan,
  { resemblance }: FoundInPlan,
  signal: AbortSignal,
): Resemblance {
  return { ...resemblance, work: resemblanceWork(fetch.staging, plan.planId, signal) };
}

/**
 * Compares the rows that a plan would create with the records of the org, of which only the fields are fetched that are compared. Only
 * reads; leaves the pairs in the plan's database. Throws what calls to an org throw.
 */
export async function findInPlan(
  tools: FindTools,
  stored: StoredPlan,
  kinds: ComparedKinds,
  signal: AbortSignal,
): Promise<Omit<FoundInPlan, 'calls'>> {
  const { fetch, folder, progress } = tools;
  const staging = fetch.staging.until(signal);
  const compared = await fieldsOf(tools, kinds);
  const fields = compared.map(({ field }) => field);
  // Rows that were decided on are compared again, or what was decided of them could not be taken back.
  const decided = `p.row_number IN (SELECT row_number FROM ${tablesOf(stored.plan.planId).rowDecision})`;
  const rows = new PlanRows(fetch, stored, folder, PREFIX, `(p.kind = 'insert' OR ${decided})`);
  const among = { table: RECORDS, condition: kinds.condition };
  const records = new OrgRecords(fetch, stored, folder, fields, among);
  try {
    progress('fetching', 0, null);
    await rows.read(fields, signal);
    await records.read(signal, (done) => progress('fetching', done, null));
    const request = {
      alias: stored.plan.planId,
      rows: relationOf(rows.side(), compared),
      records: relationOf(records.side(), compared),
      model: kinds.model,
    };
    const { work: _work, ...resemblance } = await findResembling(fetch.staging, request, signal, (facts) =>
      progress(STAGES[facts.stage], facts.share, 1),
    );
    progress('comparing', 1, 1);
    const count = async (relation: string) =>
      Number((await staging.query(`SELECT count(*) AS n FROM ${relation}`))[0]?.['n'] ?? 0);
    await keepFound(staging, stored, resemblance, { rows: request.rows.sql, records: request.records.sql });
    return {
      resemblance,
      kinds: compared.map(({ kind }) => kind),
      report: {
        rows: await count(rows.side().relation),
        records: await count(records.side().relation),
        fields: fields.map(({ field }) => field.label),
        capped: resemblance.capped.map(({ rule, pairs, lookedAt }) => ({ rule, pairs, lookedAt })),
        labelled: 0,
      },
    };
  } finally {
    await rows.drop();
    await records.drop();
    if (signal.aborted) await dropFound(fetch, stored);
  }
}

/** The engine's stages as they are told. */
export const STAGES = {
  preparing: 'preparing',
  learning: 'learning',
  blocking: 'pairing',
  comparing: 'comparing',
} as const satisfies Record<ResemblanceProgress['stage'], WorkProgress['stage']>;

interface ComparedKind {
  readonly kind: ResemblanceKind;
  readonly field: ComparedField;
}

async function fieldsOf({ describeOf }: FindTools, { fields }: ComparedKinds): Promise<ComparedKind[]> {
  const compared: ComparedKind[] = [];
  for (const one of fields) {
    const byName = isByName(one);
    const parent = byName ? await parentOf(one.field, describeOf) : null;
    // Ids of parents that can't be named resemble nothing.
    if (!byName || parent) compared.push({ kind: one.kind, field: { field: one.field, parent, byName } });
  }
  return compared;
}

/** A side as the engine wants it, its values as `f<n>` in the order of the fields. */
function relationOf(side: Side, compared: readonly ComparedKind[]): ComparedRelation {
  const values = compared.map(
    ({ field }, place) => `coalesce(${side.value(field.field.name) ?? "''"}, '') AS f${place}`,
  );
  return {
    sql: `(SELECT (${side.key})::VARCHAR AS key, ${values.join(', ')} FROM ${side.relation} side)`,
    key: 'key',
    columns: Object.fromEntries(compared.map(({ kind }, place) => [kind, `f${place}`])),
  };
}

/** Keeps of both sides what pairs are of, says which rules found these, and lets the rest go. */
async function keepFound(
  staging: StagingSql,
  { plan: { planId } }: StoredPlan,
  { model, sides }: Omit<Resemblance, 'work'>,
  relations: { readonly rows: string; readonly records: string },
): Promise<void> {
  const { named } = tablesOf(planId);
  const [pairs, left, right] = [
    engineTable(planId, 'pairs'),
    engineTable(planId, sides.left),
    engineTable(planId, sides.right),
  ];
  const byRules = model.blocking.map(
    ({ key }, at) =>
      `SELECT p.l, p.r, ${at}::TINYINT AS rule FROM ${pairs} p JOIN (SELECT id, ${key} AS k FROM ${left}) a ON a.id = p.l
       JOIN (SELECT id, ${key} AS k FROM ${right}) b ON b.id = p.r AND b.k = a.k`,
  );
  await staging.run(
    `DELETE FROM ${left} WHERE id NOT IN (SELECT l FROM ${pairs}); DELETE FROM ${right} WHERE id NOT IN (SELECT r FROM ${pairs});
     CREATE OR REPLACE TABLE ${named(FOUND_BY)} AS ${byRules.join(' UNION ALL ')};
     CREATE OR REPLACE TABLE ${named(SHOWN_ROWS)} AS FROM ${relations.rows} WHERE key IN (SELECT key FROM ${left});
     CREATE OR REPLACE TABLE ${named(SHOWN_RECORDS)} AS FROM ${relations.records} WHERE key IN (SELECT key FROM ${right})`,
  );
  const kept = KEPT.map((name) => quoteText(`resembling_${name}`)).join(', ');
  const others = await staging.query(
    `SELECT table_name FROM duckdb_tables() WHERE database_name = ? AND starts_with(table_name, 'resembling_') AND table_name NOT IN (${kept})`,
    [planId],
  );
  const drops = others.map((row) => `DROP TABLE ${named(textOf(row, 'table_name'))}`);
  if (drops.length > 0) await staging.run(drops.join('; '));
}

/** A table of the engine as SQL writes it. */
export function engineTable(planId: StoredPlan['plan']['planId'], name: string): string {
  return tablesOf(planId).named(`resembling_${name}`);
}

/** Takes away what a look left behind that was called off. */
async function dropFound({ staging }: FetchTools, { plan: { planId } }: StoredPlan): Promise<void> {
  const { named } = tablesOf(planId);
  const sql = staging.until(NEVER);
  const isOfLook = (name: string) => `(starts_with(${name}, 'resembling_') OR starts_with(${name}, 'compared_'))`;
  const found = await sql.query(
    `SELECT 'VIEW' AS kind, view_name AS name FROM duckdb_views() WHERE database_name = ? AND ${isOfLook('view_name')}
     UNION ALL SELECT 'TABLE', table_name FROM duckdb_tables() WHERE database_name = ? AND ${isOfLook('table_name')}`,
    [planId, planId],
  );
  for (const row of found) await sql.run(`DROP ${textOf(row, 'kind')} ${named(textOf(row, 'name'))}`);
}
