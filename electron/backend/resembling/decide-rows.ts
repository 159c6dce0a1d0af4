import { sentColumns, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import type { ChosenPairs, ResemblingDecision, ResemblingOutcome } from '../../../shared/domain/resembling.ts';
import { compareRows } from '../plan/compare-rows.ts';
import { decidedMapping, DECIDED } from '../plan/decided-rows.ts';
import { fetchCurrentRecords, type FetchTools } from '../plan/fetch-current-records.ts';
import { matchRequest } from '../plan/fetch-matches.ts';
import { keptColumns } from '../plan/leave-alone.ts';
import { settle } from '../plan/leave-out.ts';
import { takeBackCells } from '../plan/parents-in-file.ts';
import type { PlannedMapping } from '../plan/plan-input.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { canonical, createTable, orgText, ROW_MATCH, sent, tablesOf } from '../tables/tables.ts';
import type { FoundInPlan } from './find-in-plan.ts';
import { fromThreshold, openRowsSql, pairTables } from './resembling-pages.ts';

/** The rows that are decided on, with their records; and these records as they are now. */
const [CHOSEN, RECORDS] = ['deciding', 'deciding_record'] as const;

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
  const staging = tools.staging.until(signal);
  const left = { rows: 0, several: 0, taken: 0, gone: 0, changed: 0 };
  await choose(staging, stored, found, deciding);
  if (deciding.decision === 'update') {
    left.several = await withdraw(staging, stored, 'count(*) OVER (PARTITION BY c.row_number) > 1');
    left.taken = await withdraw(staging, stored, takenSql(stored));
    const input = decidedInput(stored.plan, stored, folder);
    const request = matchRequest(input, RECORDS);
    if (!request) throw new Error('rows that are records are found by their Ids');
    const { named } = tablesOf(stored.plan.planId);
    const keysSql = `SELECT id AS k FROM ${named(CHOSEN)}`;
    await fetchCurrentRecords(tools, request, keysSql, signal, () => undefined);
    left.gone = await withdraw(staging, stored, `c.id NOT IN (SELECT id FROM ${named(RECORDS)})`);
    const since = stored.plan.mapping.policies?.unlessChangedSince;
    if (since !== undefined && request.stamp !== null) {
      const stamp = `${new Date(since).toISOString().slice(0, 19)}Z`;
      left.changed = await withdraw(
        staging,
        stored,
        `c.id IN (SELECT id FROM ${named(RECORDS)} WHERE stamp >= '${stamp}')`,
      );
    }
  }
  return { ...left, rows: await countRows(staging, stored) };
}

/** Puts the pairs into `deciding`: of each row the one record, or for an update each that it resembles from the threshold on. */
async function choose(
  staging: StagingSql,
  stored: StoredPlan,
  { resemblance }: FoundInPlan,
  { of, decision }: Deciding,
): Promise<void> {
  const { named } = tablesOf(stored.plan.planId);
  const { pairs, rows, records, planned, rowDecision } = pairTables(stored);
  const chosen = named(CHOSEN);
  const all = (condition: string) =>
    `SELECT a.key::INTEGER AS row_number, b.key AS id, weight FROM (SELECT l, r, weight FROM ${pairs} WHERE ${condition}) p
     JOIN ${rows} a ON a.id = p.l JOIN ${records} b ON b.id = p.r`;
  await staging.run(`CREATE OR REPLACE TABLE ${chosen} (row_number INTEGER NOT NULL, id VARCHAR NOT NULL)`);
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
    decision === 'update'
      ? // A row that a rule found one record for may resemble others all the same.
        `INSERT INTO ${chosen} SELECT row_number, id FROM (${all(`weight >= ${of.threshold} AND ${open}`)})
           WHERE row_number IN (SELECT row_number FROM (${all(`${above} AND ${open}`)}))`
      : `INSERT INTO ${chosen} SELECT row_number, arg_max(id, weight) FROM (${all(`${above} AND ${open}`)}) GROUP BY 1`,
  );
}

/** Rows whose record another row of the plan is for, or wants as well, as SQL over a row of `deciding`. */
function takenSql(stored: StoredPlan): string {
  const { planned } = tablesOf(stored.plan.planId);
  const others = `EXISTS (SELECT 1 FROM ${planned} p WHERE p.id = c.id AND p.row_number <> c.row_number)`;
  return `${others} OR count(*) OVER (PARTITION BY c.id) > 1`;
}

/** Leaves rows undecided; says how many. */
async function withdraw(staging: StagingSql, stored: StoredPlan, condition: string): Promise<number> {
  const chosen = tablesOf(stored.plan.planId).named(CHOSEN);
  const before = await countRows(staging, stored);
  await staging.run(
    `DELETE FROM ${chosen} WHERE row_number IN (SELECT row_number FROM (SELECT c.row_number, ${condition} AS is_out FROM ${chosen} c) WHERE is_out)`,
  );
  return before - (await countRows(staging, stored));
}

async function countRows(staging: StagingSql, { plan: { planId } }: StoredPlan): Promise<number> {
  const [counted] = await staging.query(
    `SELECT count(DISTINCT row_number) AS n FROM ${tablesOf(planId).named(CHOSEN)}`,
  );
  return Number(counted?.['n'] ?? 0);
}

function decidedInput({ planId, mapping }: LoadPlan, stored: StoredPlan, folder: string): PlannedMapping {
  const parents = new Map(stored.parents.map((parent) => [parent.name.toLowerCase(), parent]));
  const { describe } = stored;
  return { planId, mapping: decidedMapping(mapping, describe), describe, parents, folder, step: 'decided' };
}

/** Carries out what was prepared, and lets follow what follows of it for other rows. */
export async function applyDecision(
  staging: StagingSql,
  plan: LoadPlan,
  input: PlannedMapping,
  decision: ResemblingDecision | null,
): Promise<void> {
  const { named, rowDecision } = tablesOf(plan.planId);
  const decided: PlannedMapping = { ...input, mapping: decidedMapping(plan.mapping, input.describe), step: 'decided' };
  await takeBackCells(staging, input);
  await undecide(staging, plan, decided);
  if (decision !== null)
    await staging.run(`INSERT INTO ${rowDecision} SELECT row_number, '${decision}', id FROM ${named(CHOSEN)}`);
  if (decision === 'update') await makeUpdates(staging, plan, decided);
  await staging.run(`DROP TABLE IF EXISTS ${named(CHOSEN)}; DROP TABLE IF EXISTS ${named(RECORDS)}`);
  await settle(staging, plan, input);
}

/** Makes of the chosen rows again what they were before anything was decided of them. */
async function undecide(staging: StagingSql, { planId, mapping }: LoadPlan, decided: PlannedMapping): Promise<void> {
  const { named, planned, mapped, leftOut, rowDecision, decidedCell } = tablesOf(planId);
  const wereUpdates = `SELECT row_number FROM ${rowDecision} WHERE decision = 'update' AND row_number IN (SELECT row_number FROM ${named(CHOSEN)})`;
  const [counted] = await staging.query(`SELECT count(*) AS n FROM (${wereUpdates})`);
  if (Number(counted?.['n'] ?? 0) > 0) {
    // Changes that were left out of the update are cells of the new record again.
    for (const { column } of sentColumns(mapping))
      for (const from of [leftOut, decidedCell])
        await staging.run(
          `UPDATE ${mapped} SET ${sent(column)} = b.sent FROM ${from} b
           WHERE b.source_column = ${column} AND b.row_number = ${mapped}.row_number AND b.row_number IN (${wereUpdates})`,
        );
    const id = idPlace(decided.mapping);
    await staging.run(
      `UPDATE ${mapped} SET ${sent(id)} = '', ${canonical(id)} = '' WHERE row_number IN (${wereUpdates});
       DELETE FROM ${leftOut} WHERE source_column >= 0 AND row_number IN (${wereUpdates});
       DELETE FROM ${decidedCell} WHERE row_number IN (${wereUpdates});
       UPDATE ${planned} SET id = NULL, decision = NULL, changed = [], filled = [], cleared = [] WHERE row_number IN (${wereUpdates});
       DELETE FROM ${tablesOf(planId).decidedRecord} WHERE id NOT IN (SELECT p.id FROM ${planned} p WHERE p.decision = '${DECIDED}')`,
    );
  }
  await staging.run(`DELETE FROM ${rowDecision} WHERE row_number IN (SELECT row_number FROM ${named(CHOSEN)})`);
}

function idPlace(mapping: FieldMapping): number {
  const [id] = sentColumns(mapping);
  if (!id) throw new Error('an update names its record first');
  return id.column;
}

/** Makes of the chosen rows updates of their records, with what would change in these. */
async function makeUpdates(staging: StagingSql, { planId, mapping }: LoadPlan, decided: PlannedMapping): Promise<void> {
  const { named, planned, mapped, rowMatch, rowChange, decidedCell, decidedRecord } = tablesOf(planId);
  const [chosen, records, id] = [named(CHOSEN), named(RECORDS), idPlace(decided.mapping)];
  await staging.run(
    `CREATE TABLE IF NOT EXISTS ${decidedRecord} AS FROM ${records} LIMIT 0;
     INSERT INTO ${decidedRecord} FROM ${records} WHERE id IN (SELECT id FROM ${chosen});
     ALTER TABLE ${mapped} ADD COLUMN IF NOT EXISTS ${sent(id)} VARCHAR DEFAULT '';
     ALTER TABLE ${mapped} ADD COLUMN IF NOT EXISTS ${canonical(id)} VARCHAR DEFAULT '';
     UPDATE ${mapped} SET ${sent(id)} = c.id, ${canonical(id)} = c.id FROM ${chosen} c WHERE c.row_number = ${mapped}.row_number;
     ${createTable(rowMatch, ROW_MATCH)}; INSERT INTO ${rowMatch} SELECT row_number, id FROM ${chosen}`,
  );
  const updated = new Set(decided.mapping.columns.map(({ column }) => column));
  const kept = new Set(keptColumns(decided.mapping).map(({ column }) => column));
  for (const { column } of sentColumns(mapping)) {
    // A field that can't be updated is not sent, nor one that the mapping's policies keep where the record has a value.
    if (updated.has(column) && !kept.has(column)) continue;
    const unsent = updated.has(column) ? `coalesce(r.${orgText(column)}, '') <> ''` : 'true';
    await staging.run(
      `INSERT INTO ${decidedCell} SELECT m.row_number, ${column}, m.${sent(column)} FROM ${mapped} m JOIN ${chosen} c USING (row_number)
         JOIN ${records} r ON r.id = c.id WHERE m.${sent(column)} <> '' AND ${unsent};
       UPDATE ${mapped} SET ${sent(column)} = '' FROM ${decidedCell} b WHERE b.source_column = ${column} AND b.row_number = ${mapped}.row_number`,
    );
  }
  await compareRows(staging, decided);
  await staging.run(
    `UPDATE ${planned} SET id = c.id, decision = '${DECIDED}' FROM ${chosen} c WHERE c.row_number = ${planned}.row_number;
     UPDATE ${planned} SET changed = h.changed, filled = h.filled, cleared = h.cleared FROM ${rowChange} h WHERE h.row_number = ${planned}.row_number;
     DROP TABLE ${rowMatch}; DROP TABLE ${rowChange}`,
  );
}
