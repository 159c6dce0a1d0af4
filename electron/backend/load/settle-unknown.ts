import { matchColumn, type MappedColumn } from '../../../shared/domain/field-mapping.ts';
import { foldKeySql } from '../match/match-sql.ts';
import { comparedColumns, differsSql } from '../plan/compare-rows.ts';
import { dropFetched, type FetchTools } from '../plan/fetch-current-records.ts';
import { fetchMatches, matchRequest } from '../plan/fetch-matches.ts';
import type { PlannedMapping } from '../plan/plan-input.ts';
import { quoteText } from '../tables/quote.ts';
import { canonical, orgCanonical, tablesOf } from '../tables/tables.ts';
import { ruleField } from '../validation/rule-field.ts';
import type { JobEnd } from './journal-steps.ts';

/** The records of rows without a result, in the plan's database while they are looked at. */
const SEEN = 'record_seen';

const AS_BEFORE = 'Longshore: no result came for this row, and the org’s record has its earlier values.';
const WORKED_ON =
  'Longshore: no result came for this row. The org processed it and changed nothing, so it failed for an unknown reason.';
const STILL_DELETED = 'Longshore: no result came for this row, and its record is still deleted.';
const NOT_THERE = 'Longshore: no result came for this row, and the org has no such record.';
const NEITHER =
  'Longshore: no result came for this row, and the org’s record has neither its earlier values nor the values sent.';
const NOT_YET =
  'Longshore: no result came for this row, and the org’s record does not show the change. Its job did not finish normally, so the change may still arrive.';

/**
 * Rows of a part that no result tells of are looked up by their key, and settled by what the org's records show: the values that were sent,
 * or those from before. A job that came to its own end writes nothing more. One that was aborted may have a batch under way
 * (Bulk API 1.0 guide, "Interpret Batch State"), and of one that is gone nobody can say: what does not show there stays unknown. An insert names no record: its rows can't be looked up.
 */
export async function settleUnknown(
  tools: FetchTools,
  input: PlannedMapping,
  { part, rows }: { readonly part: number; readonly rows: number },
  end: Pick<JobEnd, 'state' | 'processed'>,
  signal: AbortSignal,
): Promise<{ settled: number; unknown: number }> {
  const { planId, mapping, step } = input;
  const { outcome, submission, mapped } = tablesOf(planId, step);
  const staging = tools.staging.until(signal);
  const lost = `${outcome} o JOIN ${submission} s USING (row_number) WHERE s.part = ${part} AND o.kind = 'unknown'`;
  const count = async () => Number((await staging.query(`SELECT count(*) AS n FROM ${lost}`))[0]?.['n']);
  const before = await count();
  const key = matchColumn(mapping);
  const request = matchRequest(input, SEEN);
  if (before === 0 || !key || !request) return { settled: 0, unknown: 0 };
  try {
    const keysSql = `SELECT DISTINCT m.${canonical(key.column)} AS k FROM ${mapped} m SEMI JOIN (SELECT row_number FROM ${lost}) l USING (row_number)`;
    await fetchMatches(tools, input, { table: SEEN, keysSql }, signal, () => undefined);
    await staging.run(settleSql(input, key, lost, untouchedBy(end, rows)));
  } finally {
    await dropFetched(tools, request);
  }
  const unknown = await count();
  return { settled: before - unknown, unknown };
}

/** What a row is whose record does not show it: its kind, and why; null stands for the reason that the record gives. */
interface Untouched {
  readonly kind: 'failed' | 'unprocessed' | 'unknown';
  readonly error: string | null;
}

function untouchedBy({ state, processed }: Pick<JobEnd, 'state' | 'processed'>, rows: number): Untouched {
  if (state === 'JobComplete' && processed >= rows) return { kind: 'failed', error: WORKED_ON };
  if (state === 'JobComplete' || state === 'Failed') return { kind: 'unprocessed', error: null };
  return { kind: 'unknown', error: NOT_YET };
}

function settleSql(input: PlannedMapping, key: MappedColumn, lost: string, untouchedIs: Untouched): string {
  const { planId, mapping, describe, parents, step } = input;
  const { outcome, mapped, planned, currentRecord, named } = tablesOf(planId, step);
  const seen = named(SEEN);
  const columns = comparedColumns(mapping);
  const all = (tests: string[]) => (tests.length > 0 ? `(${tests.join(' AND ')})` : 'true');
  const asSent = all(columns.map((column) => `NOT ${differsSql(column, input)}`));
  const asBefore = all(
    columns.map(({ column }) => `coalesce(c.${orgCanonical(column)}, '') = coalesce(b.${orgCanonical(column)}, '')`),
  );
  const verdict = (kind: string, error: string) =>
    `struct_pack(kind := ${quoteText(kind)}, error := ${quoteText(error)})`;
  const untouched = (reason: string) => verdict(untouchedIs.kind, untouchedIs.error ?? reason);
  const rowKey = foldKeySql(`m.${canonical(key.column)}`, ruleField(key, describe, parents));
  return `UPDATE ${outcome} SET kind = t.verdict.kind, error = t.verdict.error, id = t.id FROM (
    SELECT o.row_number, coalesce(c.id, p.id, '') AS id, CASE
      WHEN g.n > 1 OR (p.id IS NOT NULL AND g.id <> p.id) THEN ${verdict('unknown', NEITHER)}
      WHEN p.kind = 'delete' THEN CASE WHEN g.k IS NULL THEN ${verdict('deleted', '')} ELSE ${untouched(AS_BEFORE)} END
      WHEN p.kind = 'undelete' THEN CASE WHEN g.k IS NULL THEN ${untouched(STILL_DELETED)} ELSE ${verdict('undeleted', '')} END
      WHEN g.k IS NULL THEN CASE WHEN p.kind = 'insert' THEN ${untouched(NOT_THERE)} ELSE ${verdict('unknown', NEITHER)} END
      WHEN ${asSent} THEN CASE WHEN p.kind = 'insert' THEN ${verdict('created', '')} ELSE ${verdict('updated', '')} END
      WHEN p.kind = 'update' AND ${asBefore} THEN ${untouched(AS_BEFORE)}
      ELSE ${verdict('unknown', NEITHER)} END AS verdict
    FROM (SELECT o.row_number FROM ${lost}) o JOIN ${mapped} m USING (row_number) JOIN ${planned} p USING (row_number)
    LEFT JOIN (SELECT k, count(*) AS n, min(id) AS id FROM ${seen} GROUP BY k) g ON g.k = ${rowKey}
    LEFT JOIN ${seen} c ON c.id = g.id
    LEFT JOIN ${currentRecord} b ON b.id = p.id) t
    WHERE ${outcome}.row_number = t.row_number`;
}
