import { isForRecord, type ResemblingDecision } from '../../../../shared/domain/resembling.ts';
import { matchRequest } from '../fetch-matches.ts';
import { fetchCurrentRecords, type FetchTools } from '../fetch-current-records.ts';
import { settle } from '../leave-out.ts';
import { takeBackCells } from '../parents-in-file.ts';
import type { PlannedMapping } from '../plan-input.ts';
import { dropRecords } from '../record-table.ts';
import { regroupSimilar } from '../similar/decide-similar.ts';
import type { StagingSql } from '../../staging/staging-client.ts';
import { quoteText } from '../../tables/quote.ts';
import { tablesOf } from '../../tables/tables.ts';
import { decidedInput, resumeUpdates, suspendUpdates } from './decide-updates.ts';

/** The rows that are decided on, with their records (`row_number`, `id`); and these records as they are now. */
const [CHOSEN, RECORDS] = ['deciding', 'deciding_record'] as const;

export function chosenTable({ planId }: Pick<PlannedMapping, 'planId'>): string {
  return tablesOf(planId).named(CHOSEN);
}

/** Makes the table of rows that are decided on, empty. */
export async function beginChoice(sql: StagingSql, input: Pick<PlannedMapping, 'planId'>): Promise<void> {
  await sql.run(`CREATE OR REPLACE TABLE ${chosenTable(input)} (row_number INTEGER NOT NULL, id VARCHAR NOT NULL)`);
}

/** Leaves rows of a choice undecided, by SQL over a row `c` of it; says how many. */
export async function withdraw(
  sql: StagingSql,
  input: Pick<PlannedMapping, 'planId'>,
  condition: string,
): Promise<number> {
  const chosen = chosenTable(input);
  const before = await countChosen(sql, input);
  await sql.run(
    `DELETE FROM ${chosen} WHERE row_number IN (SELECT row_number FROM (SELECT c.row_number, ${condition} AS is_out FROM ${chosen} c) WHERE is_out)`,
  );
  return before - (await countChosen(sql, input));
}

export async function countChosen(sql: StagingSql, input: Pick<PlannedMapping, 'planId'>): Promise<number> {
  const [counted] = await sql.query(`SELECT count(DISTINCT row_number) AS n FROM ${chosenTable(input)}`);
  return Number(counted?.['n'] ?? 0);
}

/** Rows that are no updates although they were to be: another row is for their record, it is gone, or was changed meanwhile. */
export interface Withdrawn {
  readonly taken: number;
  readonly gone: number;
  readonly changed: number;
}

/**
 * Fetches the records that chosen rows would update, and leaves rows undecided that can have none: what can go wrong with the org goes wrong
 * here, before anything of the plan is changed.
 */
export async function fetchChosen(tools: FetchTools, input: PlannedMapping, signal: AbortSignal): Promise<Withdrawn> {
  const sql = tools.staging.until(signal);
  const { planned, named } = tablesOf(input.planId);
  const others = `EXISTS (SELECT 1 FROM ${planned} p WHERE p.id = c.id AND p.row_number <> c.row_number)`;
  const taken = await withdraw(sql, input, `${others} OR count(*) OVER (PARTITION BY c.id) > 1`);
  const request = matchRequest(decidedInput(input), RECORDS);
  if (!request) throw new Error('rows that are records are found by their Ids');
  await fetchCurrentRecords(tools, request, `SELECT id AS k FROM ${named(CHOSEN)}`, signal, () => undefined);
  const gone = await withdraw(sql, input, `c.id NOT IN (SELECT id FROM ${named(RECORDS)})`);
  const since = input.mapping.policies?.unlessChangedSince;
  if (since === undefined || request.stamp === null) return { taken, gone, changed: 0 };
  const stamp = `${new Date(since).toISOString().slice(0, 19)}Z`;
  const isChanged = `c.id IN (SELECT id FROM ${named(RECORDS)} WHERE stamp >= '${stamp}')`;
  return { taken, gone, changed: await withdraw(sql, input, isChanged) };
}

/**
 * Carries out what was chosen, and lets follow what follows of it for other rows: `decision` null takes back what was decided before.
 * Rows that resemble one another are grouped anew where one of them is decided on: it is the one that stands for the others.
 */
export async function applyDecision(
  sql: StagingSql,
  input: PlannedMapping,
  decision: ResemblingDecision | null,
): Promise<void> {
  await takeBackCells(sql, input);
  await decideChosen(sql, input, decision);
  await settle(sql, input, input);
}

/** The same, before what follows of it. */
export async function decideChosen(
  sql: StagingSql,
  input: PlannedMapping,
  decision: ResemblingDecision | null,
): Promise<void> {
  const { named, rowDecision, decidedRecord } = tablesOf(input.planId);
  const chosen = chosenTable(input);
  const rows = `SELECT row_number FROM ${chosen}`;
  await suspendUpdates(sql, input, rows);
  await sql.run(`DELETE FROM ${named('left_out_meanwhile')}; DELETE FROM ${rowDecision} WHERE row_number IN (${rows})`);
  if (decision !== null)
    await sql.run(`INSERT INTO ${rowDecision} SELECT row_number, ${quoteText(decision)}, id FROM ${chosen}`);
  if (isForRecord(decision))
    await sql.run(
      `CREATE TABLE IF NOT EXISTS ${decidedRecord} AS FROM ${named(RECORDS)} LIMIT 0;
       DELETE FROM ${decidedRecord} WHERE id IN (SELECT id FROM ${chosen});
       INSERT INTO ${decidedRecord} FROM ${named(RECORDS)} WHERE id IN (SELECT id FROM ${chosen})`,
    );
  await resumeUpdates(sql, input, rows);
  await regroupSimilar(sql, input, rows);
  await sql.run(`DROP TABLE IF EXISTS ${chosen}; ${dropRecords(input.planId, RECORDS)}`);
}
