import { sentColumns, type FieldMapping } from '../../../../shared/domain/field-mapping.ts';
import type { StagingSql } from '../../staging/staging-client.ts';
import {
  canonical,
  createTable,
  LEFT_OUT,
  orgText,
  ROW_MATCH,
  sent,
  TABLE_NAMES,
  tablesOf,
} from '../../tables/tables.ts';
import { addMapped, writeMapped } from '../../validation/mapped-view.ts';
import { compareRows } from '../compare-rows.ts';
import { DECIDED, decidedMapping } from '../decided-rows.ts';
import { hasTables } from '../has-tables.ts';
import { keptColumns } from '../leave-alone.ts';
import type { PlannedMapping } from '../plan-input.ts';

/** Changes that were left out of updates, while these are not updates. */
const LEFT_OUT_MEANWHILE = 'left_out_meanwhile';

/** Rows of which a person has said that they are records, as updates of these by their Ids. */
export function decidedInput(input: PlannedMapping): PlannedMapping {
  return { ...input, mapping: decidedMapping(input.mapping, input.describe), step: 'decided' };
}

function idPlace(mapping: FieldMapping): number {
  const [id] = sentColumns(mapping);
  if (!id) throw new Error('an update names its record first');
  return id.column;
}

/** Those of the rows (SQL for their numbers) that are decided to be records. */
function updatesSql({ planId }: PlannedMapping, rows: string): string {
  return `SELECT row_number FROM ${tablesOf(planId).rowDecision} WHERE decision IN ('update', 'merge') AND row_number IN (${rows})`;
}

/**
 * Makes of rows that are decided to be records again what they were before anything was decided of them, for `resumeUpdates`. What was
 * decided stays in `row_decision`, and what was left out of their changes is kept.
 */
export async function suspendUpdates(sql: StagingSql, input: PlannedMapping, rows: string): Promise<void> {
  const { named, planned, leftOut, decidedCell } = tablesOf(input.planId);
  const updates = updatesSql(input, rows);
  const meanwhile = named(LEFT_OUT_MEANWHILE);
  await sql.run(
    `${createTable(meanwhile, LEFT_OUT)};
     INSERT INTO ${meanwhile} SELECT * FROM ${leftOut} WHERE source_column >= 0 AND row_number IN (${updates})`,
  );
  const [counted] = await sql.query(`SELECT count(*) AS n FROM (${updates})`);
  if (Number(counted?.['n'] ?? 0) === 0) return;
  // Changes that were left out of the update are cells of the new record again.
  for (const { column } of sentColumns(input.mapping))
    for (const from of [leftOut, decidedCell])
      await writeMapped(
        sql,
        input.planId,
        [sent(column)],
        `SELECT b.row_number, b.sent AS ${sent(column)} FROM ${from} b WHERE b.source_column = ${column} AND b.row_number IN (${updates})`,
      );
  const id = idPlace(decidedInput(input).mapping);
  await writeMapped(
    sql,
    input.planId,
    [sent(id), canonical(id)],
    `SELECT DISTINCT row_number, '' AS ${sent(id)}, '' AS ${canonical(id)} FROM (${updates})`,
  );
  await sql.run(
    `DELETE FROM ${leftOut} WHERE source_column >= 0 AND row_number IN (${updates});
     DELETE FROM ${decidedCell} WHERE row_number IN (${updates});
     UPDATE ${planned} SET id = NULL, decision = NULL, changed = [], filled = [], cleared = [] WHERE row_number IN (${updates})`,
  );
}

/**
 * Makes of rows that are decided to be records updates of these, with what would change in them: `decided_record` has the records. What
 * was left out of their changes before stays left out where it would still change something.
 */
export async function resumeUpdates(sql: StagingSql, input: PlannedMapping, rows: string): Promise<void> {
  const { named, planned, rowMatch, rowChange, rowDecision, decidedRecord } = tablesOf(input.planId);
  const [counted] = await sql.query(`SELECT count(*) AS n FROM (${updatesSql(input, rows)})`);
  if (Number(counted?.['n'] ?? 0) > 0) {
    const decided = decidedInput(input);
    const id = idPlace(decided.mapping);
    await sql.run(
      `${createTable(rowMatch, ROW_MATCH)};
       INSERT INTO ${rowMatch} SELECT row_number, id FROM ${rowDecision} WHERE row_number IN (${updatesSql(input, rows)})`,
    );
    const names = [sent(id), canonical(id)];
    await addMapped(sql, input.planId, names);
    await writeMapped(
      sql,
      input.planId,
      names,
      `SELECT row_number, ${names.map((name) => `id AS ${name}`).join(', ')} FROM ${rowMatch}`,
    );
    await withholdCells(sql, input, decided);
    await compareRows(sql, decided);
    await sql.run(
      `UPDATE ${planned} SET id = c.id, decision = '${DECIDED}' FROM ${rowMatch} c WHERE c.row_number = ${planned}.row_number;
       UPDATE ${planned} SET changed = h.changed, filled = h.filled, cleared = h.cleared FROM ${rowChange} h WHERE h.row_number = ${planned}.row_number;
       DROP TABLE ${rowMatch}; DROP TABLE ${rowChange}`,
    );
    await leaveOutAgain(sql, input);
  }
  const hasRecords = await hasTables(sql, input.planId, TABLE_NAMES.decidedRecord);
  const unused = `DELETE FROM ${decidedRecord} WHERE id NOT IN (SELECT p.id FROM ${planned} p WHERE p.decision = '${DECIDED}')`;
  await sql.run(`DROP TABLE IF EXISTS ${named(LEFT_OUT_MEANWHILE)}; ${hasRecords ? unused : ''}`);
}

/**
 * A field that can't be updated is not sent, nor one where the record has a value and the mapping's policies, or that it is to be merged,
 * say that it stays.
 */
async function withholdCells(sql: StagingSql, input: PlannedMapping, decided: PlannedMapping): Promise<void> {
  const { mapped, rowMatch, rowDecision, decidedCell, decidedRecord } = tablesOf(input.planId);
  const updated = new Set(decided.mapping.columns.map(({ column }) => column));
  const kept = new Set(keptColumns(decided.mapping).map(({ column }) => column));
  for (const { column } of sentColumns(input.mapping)) {
    const hasValue = `coalesce(r.${orgText(column)}, '') <> ''`;
    const stays = kept.has(column) ? hasValue : `d.decision = 'merge' AND ${hasValue}`;
    const unsent = updated.has(column) ? stays : 'true';
    await sql.run(
      `INSERT INTO ${decidedCell} SELECT m.row_number, ${column}, m.${sent(column)} FROM ${mapped} m JOIN ${rowMatch} c USING (row_number)
         JOIN ${decidedRecord} r ON r.id = c.id JOIN ${rowDecision} d ON d.row_number = c.row_number WHERE m.${sent(column)} <> '' AND ${unsent}`,
    );
    await writeMapped(
      sql,
      input.planId,
      [sent(column)],
      `SELECT DISTINCT row_number, '' AS ${sent(column)} FROM ${decidedCell} WHERE source_column = ${column}`,
    );
  }
}

async function leaveOutAgain(sql: StagingSql, input: PlannedMapping): Promise<void> {
  const { named, planned, mapped, leftOut } = tablesOf(input.planId);
  const meanwhile = named(LEFT_OUT_MEANWHILE);
  const [counted] = await sql.query(`SELECT count(*) AS n FROM ${meanwhile}`);
  if (Number(counted?.['n'] ?? 0) === 0) return;
  for (const { column } of sentColumns(input.mapping)) {
    const theirs = `row_number IN (SELECT row_number FROM ${meanwhile} WHERE source_column = ${column}) AND list_contains(changed, ${column})`;
    const rows = `row_number IN (SELECT row_number FROM ${planned} WHERE ${theirs})`;
    const without = (list: string) => `${list} = list_filter(${list}, lambda place: place <> ${column})`;
    await sql.run(
      `INSERT INTO ${leftOut}
         SELECT p.row_number, ${column}, m.${sent(column)}, list_contains(p.filled, ${column}), list_contains(p.cleared, ${column})
         FROM ${planned} p JOIN ${mapped} m USING (row_number) WHERE p.${rows}`,
    );
    await writeMapped(
      sql,
      input.planId,
      [sent(column)],
      `SELECT row_number, '' AS ${sent(column)} FROM ${planned} WHERE ${rows}`,
    );
    await sql.run(`UPDATE ${planned} SET ${['changed', 'filled', 'cleared'].map(without).join(', ')} WHERE ${theirs}`);
  }
}
