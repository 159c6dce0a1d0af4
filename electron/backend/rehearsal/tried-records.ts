import { COLLECTION_ROWS, SAMPLE_ROWS } from '../../../shared/domain/rehearsal.ts';
import type { SObjectSummary } from '../../../shared/domain/sobject.ts';
import { recordOf, savedColumns, type SavedRecord } from '../plan/saved-record.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { tablesOf } from '../tables/tables.ts';
import type { TriedRow } from './rehearse-rows.ts';

export type TriedKind = 'insert' | 'update' | 'delete';

/**
 * The rows to try as records, one collection's worth at a time, the first by itself: should an org keep what it is told to take
 * back, it is one record. A sample is the first rows and others drawn by their numbers, the same ones each time.
 */
export async function* triedRecords(
  staging: StagingSql,
  stored: StoredPlan,
  kind: TriedKind,
  sample: boolean,
): AsyncGenerator<TriedRow[]> {
  const { planId, mapping } = stored.plan;
  const { planned, mapped, level } = tablesOf(planId);
  const columns = savedColumns(mapping, kind);
  const parents = new Map(stored.parents.map((parent) => [parent.name.toLowerCase(), parent]));
  const objects = { describe: stored.describe, parents };
  const alone = `row_number NOT IN (SELECT row_number FROM ${level})`;
  const wanted = `SELECT row_number FROM ${planned} WHERE kind IN ('insert', 'update', 'delete') AND ${alone}`;
  const half = SAMPLE_ROWS / 2;
  const drawn = sample
    ? `AND p.row_number IN ((${wanted} ORDER BY row_number LIMIT ${half}) UNION
         (FROM (${wanted} ORDER BY row_number OFFSET ${half}) ORDER BY hash(row_number), row_number LIMIT ${half}))`
    : '';
  let last = 0;
  for (let size = 1; ; size = COLLECTION_ROWS - 1) {
    const page = await staging.query(
      `SELECT p.row_number, p.id, m.* EXCLUDE (row_number) FROM ${planned} p JOIN ${mapped} m USING (row_number)
       WHERE p.kind = '${kind}' AND p.row_number > ${last} AND p.${alone} ${drawn} ORDER BY p.row_number LIMIT ${size}`,
    );
    if (page.length === 0) return;
    last = Number(page.at(-1)?.['row_number']);
    yield page.map((row) => ({ row: Number(row['row_number']), record: recordOf(row, columns, objects) }));
  }
}

/** Rows that would be sent, but only after a parent that is a row of the file as well. */
export async function countUntried(staging: StagingSql, { plan: { planId } }: StoredPlan): Promise<number> {
  const { planned, level } = tablesOf(planId);
  const [count] = await staging.query(
    `SELECT count(*) AS n FROM ${planned} JOIN ${level} USING (row_number) WHERE kind IN ('insert', 'update')`,
  );
  return Number(count?.['n'] ?? 0);
}

/** Objects that every org has, of which a record can be named that can't be. */
const COMMON = ['Contact', 'Account', 'Case', 'Task', 'Lead'];

/** An object other than the one that is loaded, for the record that must fail; null where the org shows none. */
export function otherObject(objects: readonly SObjectSummary[], objectName: string): SObjectSummary | null {
  const usable = objects.filter(
    (one) => one.name !== objectName && one.createable && one.updateable && one.deletable && one.keyPrefix,
  );
  return COMMON.flatMap((name) => usable.filter((one) => one.name === name))[0] ?? null;
}

/** What is no id of anything: MALFORMED_ID, before any trigger or rule is asked (SOAP API guide, "StatusCode"). */
const NO_ID = 'longshore-rehearsal';

/** An Id of an object whose number is zero. */
export function noRecord(keyPrefix: string | null | undefined): SavedRecord {
  return { id: `${keyPrefix ?? ''}000000000000AAA` };
}

/**
 * The record that must fail: in a create by whom it belongs to, in an update by what it is. In a delete it is an Id of the other
 * object whose number is zero; that no record has it was not found in any document. A text that is no id would have no object,
 * and so no place after the rows. Should a record have it, `Rehearsal.begin` meets
 * an answer that is no refusal, and the rehearsal ends and says so.
 */
export function mustFail(kind: TriedKind, { name, keyPrefix }: SObjectSummary): SavedRecord {
  if (kind === 'delete') return noRecord(keyPrefix);
  return { attributes: { type: name }, ...(kind === 'insert' ? { OwnerId: NO_ID } : { id: NO_ID }) };
}
