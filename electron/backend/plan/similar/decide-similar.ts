import type { PlanId } from '../../../../shared/domain/ids.ts';
import type { SimilarChange } from '../../../../shared/domain/similar-rows.ts';
import { clusterRows } from '../../duplicates/cluster-pairs.ts';
import type { StagingSql } from '../../staging/staging-client.ts';
import { quoteText } from '../../tables/quote.ts';
import { createTable, SIMILAR_GROUP, tablesOf } from '../../tables/tables.ts';
import { writeMapped } from '../../validation/mapped-view.ts';
import { NEWEST_ROW, writtenSql } from '../../validation/newest-row.ts';
import { resumeUpdates, suspendUpdates } from '../decided/decide-updates.ts';
import { settle } from '../leave-out.ts';
import { cellsOf, fillBlanks } from '../merge-repeated.ts';
import { takeBackCells } from '../parents-in-file.ts';
import type { PlannedMapping } from '../plan-input.ts';
import { comparedColumns, readState, similarPairs, writeState, type SimilarState } from './similar-state.ts';

/**
 * Groups the rows that resemble one another anew, and lets of each group the rows stand for the others that a rule, or a person, has chosen.
 * Everything that an earlier decision did is taken back before. Does nothing to a plan whose rows were not compared.
 */
export async function decideSimilar(sql: StagingSql, input: PlannedMapping, change: SimilarChange): Promise<void> {
  const state = await readState(sql, input.planId);
  if (!state) return;
  const { threshold = state.threshold, keep = state.keep, newestBy = state.newestBy, group } = change;
  await takeBackCells(sql, input);
  await groupAnew(sql, input, { ...state, threshold, keep, newestBy }, group);
  await settle(sql, input, input);
}

/** Groups them anew where one of some rows (SQL for their numbers) is in a group: something else is decided of it now. */
export async function regroupSimilar(sql: StagingSql, input: PlannedMapping, rows: string): Promise<void> {
  const state = await readState(sql, input.planId);
  if (!state) return;
  const { similarGroup } = tablesOf(input.planId);
  const [counted] = await sql.query(`SELECT count(*) AS n FROM ${similarGroup} WHERE row_number IN (${rows})`);
  if (Number(counted?.['n'] ?? 0) > 0) await groupAnew(sql, input, state);
}

/** The same rule, threshold and decisions of groups as in another plan of the same rows, with the groups that there are now. */
export async function carrySimilar(sql: StagingSql, input: PlannedMapping, from: PlanId): Promise<void> {
  const [state, theirs] = [await readState(sql, input.planId), await readState(sql, from)];
  if (!state || !theirs) return;
  const { threshold, keep, newestBy } = theirs;
  await sql.run(`INSERT INTO ${tablesOf(input.planId).similarChoice} FROM ${tablesOf(from).similarChoice}`);
  await groupAnew(sql, input, { ...state, threshold, keep, newestBy });
}

/** Rows that are decided to be records are what they were before meanwhile, for what is merged into them is part of what they update. */
async function groupAnew(
  sql: StagingSql,
  input: PlannedMapping,
  state: SimilarState,
  group?: SimilarChange['group'],
): Promise<void> {
  const decided = `SELECT row_number FROM ${tablesOf(input.planId).rowDecision}`;
  await suspendUpdates(sql, input, decided);
  await takeBack(sql, input);
  await writeState(sql, input.planId, state);
  if (group) await choose(sql, input, group);
  await groupRows(sql, input, state);
  await replaceRows(sql, input);
  await resumeUpdates(sql, input, decided);
}

/** Rows as they were before any of them stood for another that it resembles. */
async function takeBack(sql: StagingSql, input: PlannedMapping): Promise<void> {
  const { planned, repeated, similarCells, similarRepeated } = tablesOf(input.planId);
  const names = cellsOf(input).flatMap((cells) => cells.names);
  await writeMapped(
    sql,
    input.planId,
    names,
    `SELECT c.row_number, ${names.map((name) => `c.${name}`).join(', ')} FROM ${similarCells} c JOIN ${planned} p USING (row_number) WHERE p.id IS NULL`,
  );
  await sql.run(`CREATE OR REPLACE TABLE ${repeated} AS SELECT * FROM ${similarRepeated}`);
}

async function choose(
  sql: StagingSql,
  { planId }: PlannedMapping,
  { rows, choice }: NonNullable<SimilarChange['group']>,
): Promise<void> {
  const { similarChoice } = tablesOf(planId);
  const members = `[${[...rows].sort((one, other) => one - other).join(', ')}]`;
  await sql.run(`DELETE FROM ${similarChoice} WHERE members = ${members}`);
  if (choice !== null) await sql.run(`INSERT INTO ${similarChoice} VALUES (${members}, ${quoteText(String(choice))})`);
}

/**
 * Fills `similar_group`. A row of which a person has decided what becomes of it, for it resembles a record, stands for the others of its
 * group, whatever the rule: these would make that record once more. Of several such rows each stands for itself.
 */
async function groupRows(
  sql: StagingSql,
  input: PlannedMapping,
  { threshold, keep, newestBy }: { threshold: number; keep: string; newestBy: number | null },
): Promise<void> {
  const compared = comparedColumns(input);
  if (!compared) throw new Error('rows that were compared have columns to compare');
  const { table } = await clusterRows(similarPairs(sql, input.planId, compared), threshold);
  const { planned, staged, similarGroup, similarChoice, rowDecision } = tablesOf(input.planId);
  const written = newestBy === null ? { time: 'NULL', number: 'NULL' } : writtenSql(newestBy);
  await sql.run(
    `${createTable(similarGroup, SIMILAR_GROUP)};
     INSERT INTO ${similarGroup}
     WITH member AS (
       SELECT p.row_number, c.cluster FROM ${table} c JOIN ${planned} p ON p.row_number = c.key::INTEGER WHERE p.id IS NULL
       QUALIFY count(*) OVER (PARTITION BY c.cluster) > 1),
     one AS (
       SELECT cluster, min(row_number) AS first_row, max(row_number) AS last_row, list_sort(array_agg(row_number)) AS members, ${NEWEST_ROW} AS newest_row,
         min(row_number) FILTER (row_number IN (SELECT row_number FROM ${rowDecision})) AS decided_row
       FROM (SELECT m.row_number, m.cluster, ${written.time} AS time, ${written.number} AS number FROM member m JOIN ${staged} s USING (row_number))
       GROUP BY cluster),
     decided AS (
       SELECT o.*, coalesce(c.keep, ${quoteText(keep)}) AS keep, c.keep IS NOT NULL AS chosen FROM one o LEFT JOIN ${similarChoice} c USING (members))
     SELECT m.row_number, d.first_row, d.keep, d.chosen, CASE WHEN d.keep = 'all' THEN NULL
       WHEN m.row_number IN (SELECT row_number FROM ${rowDecision}) THEN m.row_number WHEN d.decided_row IS NOT NULL THEN d.decided_row
       ELSE CASE d.keep WHEN 'first' THEN d.first_row WHEN 'merge' THEN d.first_row WHEN 'last' THEN d.last_row WHEN 'newest' THEN d.newest_row
         ELSE try_cast(d.keep AS INTEGER) END END
     FROM member m JOIN decided d USING (cluster)`,
  );
}

/** Lets the rows that are kept stand for the others of their groups, and for the rows that these stood for. */
async function replaceRows(sql: StagingSql, input: PlannedMapping): Promise<void> {
  const { mapped, planned, repeated, similarGroup, similarCells, ownParent, ownFound } = tablesOf(input.planId);
  const replaced = `SELECT row_number, kept_row AS of_row, keep FROM ${similarGroup} WHERE row_number <> kept_row`;
  const merged = `SELECT row_number, of_row FROM (${replaced}) WHERE keep = 'merge'`;
  await sql.run(
    `UPDATE ${repeated} SET of_row = g.of_row FROM (${replaced}) g WHERE g.row_number = ${repeated}.of_row;
     INSERT INTO ${repeated} SELECT row_number, of_row, CASE keep WHEN 'merge' THEN 'merged' ELSE 'superseded' END FROM (${replaced});
     CREATE OR REPLACE TABLE ${similarCells} AS SELECT * FROM ${mapped} WHERE row_number IN (SELECT of_row FROM (${merged}))`,
  );
  // The name of a parent in the file is the row's own: in another row nobody would put it after that parent.
  await fillBlanks(sql, input, merged, (column) =>
    [ownParent, ownFound]
      .map((own) => `m.row_number IN (SELECT row_number FROM ${own} WHERE source_column = ${column})`)
      .join(' OR '),
  );
  await sql.run(
    `UPDATE ${planned} SET of_row = n.of_row, decision = n.decision FROM (
       SELECT p.row_number, r.of_row, r.decision FROM ${planned} p LEFT JOIN ${repeated} r USING (row_number)
       WHERE p.id IS NULL AND (p.of_row IS DISTINCT FROM r.of_row OR p.decision IS DISTINCT FROM r.decision)) n
     WHERE n.row_number = ${planned}.row_number`,
  );
}
