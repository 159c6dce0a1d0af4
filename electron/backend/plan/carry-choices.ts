import { sentColumns } from '../../../shared/domain/field-mapping.ts';
import type { PlanId } from '../../../shared/domain/ids.ts';
import type { CarriedChoices, LoadPlan } from '../../../shared/domain/load-plan.ts';
import { isForRecord, ResemblingDecision } from '../../../shared/domain/resembling.ts';
import { tablesOf } from '../tables/tables.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { beginChoice, chosenTable, decideChosen, fetchChosen } from './decided/apply-decision.ts';
import type { FetchTools } from './fetch-current-records.ts';
import { hasTables } from './has-tables.ts';
import { leaveChanges, leaveRows, settle, WHOLE } from './leave-out.ts';
import { measureAgain } from './measure-plan.ts';
import { takeBackCells } from './parents-in-file.ts';
import type { PlannedMapping } from './plan-input.ts';
import { carrySimilar } from './similar/decide-similar.ts';

/**
 * Chooses in a plan that was built what a person has chosen in another one of the same file, whose records were fetched earlier, as far as it
 * fits: both lie in the engine. What does not is counted. Throws what calls to an org throw.
 */
export async function withChoicesOf(
  tools: FetchTools,
  input: PlannedMapping,
  built: LoadPlan,
  before: LoadPlan,
  signal: AbortSignal,
): Promise<LoadPlan> {
  const sql = tools.staging.until(signal);
  const from = before.planId;
  if (!isOfSame(before, built)) {
    const carried = { ...(await countCarried(sql, input.planId, from)), lookedAgain: false };
    return { ...built, carried };
  }
  const isLookedAgain = before.describeDigest === built.describeDigest && (await bothLooked(sql, input.planId, from));
  await takeBackCells(sql, input);
  await carrySimilar(sql, input, from);
  for (const decision of ResemblingDecision.options)
    await carryDecisions(tools, input, from, { decision, isLookedAgain }, signal);
  // Now it is known what each row would do, and so what there is to leave out.
  await settle(sql, input, input);
  await takeBackCells(sql, input);
  await carryLeftOut(sql, input, from);
  await settle(sql, input, input);
  const carried = { ...(await countCarried(sql, input.planId, from)), lookedAgain: isLookedAgain };
  return measureAgain(sql, { ...built, carried });
}

/** Whether two plans are of the same rows, fields and org: of others nothing that was chosen holds. */
export function isOfSame(before: LoadPlan, now: LoadPlan): boolean {
  return (
    before.orgId === now.orgId && before.sourceDigest === now.sourceDigest && before.mappingDigest === now.mappingDigest
  );
}

/** What the records said that rows were found to resemble (resembling/). */
const COMPARED = 'compared_record';

/** Whether records that rows resemble were looked for in both plans. */
async function bothLooked(sql: StagingSql, planId: PlanId, from: PlanId): Promise<boolean> {
  return (await hasTables(sql, planId, COMPARED)) && (await hasTables(sql, from, COMPARED));
}

/**
 * Rows that would still make new records, also if another row stands for them by now. Where records were looked for again, only those
 * whose record resembles rows as before and says the same as then: what was decided was decided of that.
 */
async function carryDecisions(
  tools: FetchTools,
  input: PlannedMapping,
  from: PlanId,
  { decision, isLookedAgain }: { readonly decision: ResemblingDecision; readonly isLookedAgain: boolean },
  signal: AbortSignal,
): Promise<void> {
  const sql = tools.staging.until(signal);
  const { planned, similarState, named } = tablesOf(input.planId);
  await beginChoice(sql, input);
  const [then, now] = [tablesOf(from), tablesOf(input.planId)].map((tables) => `FROM ${tables.named(COMPARED)}`);
  const sameRecord = `d.id IN (SELECT key FROM (${then} INTERSECT ${now}))`;
  const [state] = await sql.query(`SELECT 1 FROM ${similarState}`);
  const ofGroup = state ? `p.row_number IN (SELECT row_number FROM ${named('similar_group')})` : 'false';
  await sql.run(
    `INSERT INTO ${chosenTable(input)} SELECT d.row_number, d.id FROM ${tablesOf(from).rowDecision} d JOIN ${planned} p USING (row_number)
     WHERE d.decision = '${decision}' AND ${isLookedAgain ? sameRecord : 'true'} AND (p.kind = 'insert' OR (p.kind = 'duplicate' AND ${ofGroup}))`,
  );
  const [chosen] = await sql.query(`SELECT 1 FROM ${chosenTable(input)} LIMIT 1`);
  if (!chosen) return;
  if (isForRecord(decision)) await fetchChosen(tools, input, signal);
  await decideChosen(sql, input, decision);
}

async function carryLeftOut(sql: StagingSql, input: PlannedMapping, from: PlanId): Promise<void> {
  const chosen = chosenTable(input);
  const theirs = tablesOf(from).leftOut;
  const choose = (column: number) =>
    sql.run(
      `CREATE OR REPLACE TABLE ${chosen} AS SELECT DISTINCT row_number FROM ${theirs} WHERE source_column = ${column}`,
    );
  for (const { column } of sentColumns(input.mapping)) {
    await choose(column);
    await leaveChanges(sql, input, chosen, column);
  }
  await choose(WHOLE);
  await leaveRows(sql, input, chosen);
  await sql.run(`DROP TABLE ${chosen}`);
}

async function countCarried(
  sql: StagingSql,
  planId: PlanId,
  from: PlanId,
): Promise<Omit<CarriedChoices, 'lookedAgain'>> {
  const [now, before] = [tablesOf(planId), tablesOf(from)];
  const count = async (rows: string) => Number((await sql.query(`SELECT count(*) AS n FROM (${rows})`))[0]?.['n'] ?? 0);
  const carried = async (rowsOf: (tables: typeof now) => string) => {
    const [all, kept] = [await count(rowsOf(before)), await count(`${rowsOf(before)} INTERSECT ${rowsOf(now)}`)];
    return { kept, lost: all - kept };
  };
  const leftOut = (condition: string) => (tables: typeof now) =>
    `SELECT DISTINCT row_number, source_column FROM ${tables.leftOut} WHERE ${condition}`;
  const groups = (tables: typeof now) =>
    `SELECT list_sort(array_agg(row_number)) AS members FROM ${tables.similarGroup} WHERE chosen GROUP BY first_row`;
  const [compared] = await sql.query(`SELECT 1 FROM ${before.similarState}`);
  return {
    rows: await carried(leftOut(`source_column = ${WHOLE}`)),
    changes: await carried(leftOut(`source_column <> ${WHOLE}`)),
    groups: compared ? await carried(groups) : { kept: 0, lost: 0 },
    decisions: await carried((tables) => `SELECT row_number, decision, id FROM ${tables.rowDecision}`),
  };
}
