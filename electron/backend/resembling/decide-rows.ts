import {
  isForRecord,
  type ChosenPairs,
  type ResemblingDecision,
  type ResemblingOutcome,
} from '../../../shared/domain/resembling.ts';
import { beginChoice, chosenTable, countChosen, fetchChosen, withdraw } from '../plan/decided/apply-decision.ts';
import type { FetchTools } from '../plan/fetch-current-records.ts';
import type { PlannedMapping } from '../plan/plan-input.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import type { FoundInPlan } from './find-in-plan.ts';
import { fromThreshold, openRowsSql, pairTables } from './resembling-pages.ts';

type Left = Omit<ResemblingOutcome, 'plan'>;

/** What is decided, and of which pairs; null takes decisions back. */
export interface Deciding {
  readonly of: ChosenPairs;
  readonly decision: ResemblingDecision | null;
}

/**
 * Chooses the rows of a decision and fetches the records that they would update. Changes nothing of the plan: what can go wrong with the
 * org goes wrong here. Of all from a threshold on only rows that are not decided are; for an update only those whose record is certain.
 */
export async function prepareDecision(
  tools: FetchTools,
  stored: StoredPlan,
  found: FoundInPlan,
  deciding: Deciding,
  folder: string,
  signal: AbortSignal,
): Promise<Left> {
  const sql = tools.staging.until(signal);
  const { planId, mapping } = stored.plan;
  const parents = new Map(stored.parents.map((parent) => [parent.name.toLowerCase(), parent]));
  const input: PlannedMapping = { planId, mapping, describe: stored.describe, parents, folder };
  await choose(sql, stored, found, deciding);
  const isUpdate = isForRecord(deciding.decision);
  const several = isUpdate ? await withdraw(sql, input, 'count(*) OVER (PARTITION BY c.row_number) > 1') : 0;
  const withdrawn = isUpdate ? await fetchChosen(tools, input, signal) : { taken: 0, gone: 0, changed: 0 };
  return { several, ...withdrawn, rows: await countChosen(sql, input) };
}

/** Puts the pairs into `deciding`: of each row the one record, or for an update each that it resembles from the threshold on. */
async function choose(
  staging: StagingSql,
  stored: StoredPlan,
  { resemblance }: FoundInPlan,
  { of, decision }: Deciding,
): Promise<void> {
  const { pairs, rows, records, planned, rowDecision } = pairTables(stored);
  const chosen = chosenTable(stored.plan);
  const all = (condition: string) =>
    `SELECT a.key::INTEGER AS row_number, b.key AS id, weight FROM (SELECT l, r, weight FROM ${pairs} WHERE ${condition}) p
     JOIN ${rows} a ON a.id = p.l JOIN ${records} b ON b.id = p.r`;
  await beginChoice(staging, stored.plan);
  if ('row' in of) {
    const isOpen = `(p.kind = 'insert' OR p.row_number IN (SELECT row_number FROM ${rowDecision}))`;
    await staging.query(
      `INSERT INTO ${chosen} SELECT x.row_number, x.id FROM (${all('true')}) x JOIN ${planned} p USING (row_number)
       WHERE x.row_number = ${of.row} AND x.id = ? AND ${isOpen}`,
      [of.record],
    );
    return;
  }
  const above = fromThreshold(stored, resemblance, of);
  if (decision === null) {
    await staging.run(
      `INSERT INTO ${chosen} SELECT row_number, any_value(id) FROM (${all(above)}) SEMI JOIN ${rowDecision} USING (row_number) GROUP BY 1`,
    );
    return;
  }
  const open = `l IN (${openRowsSql(stored)})`;
  await staging.run(
    isForRecord(decision)
      ? // A row that a rule found one record for may resemble others all the same.
        `INSERT INTO ${chosen} SELECT row_number, id FROM (${all(`weight >= ${of.threshold} AND ${open}`)})
           WHERE row_number IN (SELECT row_number FROM (${all(`${above} AND ${open}`)}))`
      : `INSERT INTO ${chosen} SELECT row_number, arg_max(id, weight) FROM (${all(`${above} AND ${open}`)}) GROUP BY 1`,
  );
}
