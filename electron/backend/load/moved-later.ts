import { sentColumns } from '../../../shared/domain/field-mapping.ts';
import { dropFetched, fetchCurrentRecords, type FetchTools } from '../plan/fetch-current-records.ts';
import { matchRequest } from '../plan/fetch-matches.ts';
import type { PlannedMapping } from '../plan/plan-input.ts';
import { FIRST_SHOWN } from '../plan/shown-fields.ts';
import { canonical, createTable, LATER_MOVED, orgCanonical, sent, tablesOf } from '../tables/tables.ts';

/** The records as they are now, in the plan's database while they are compared. */
const LATER_NOW = 'later_now';

/** What a second step is compared with the org by: what was planned of both steps. */
export interface BothSteps {
  readonly fetch: FetchTools;
  readonly planned: { readonly first: PlannedMapping; readonly second: PlannedMapping };
}

/**
 * Notes in `later_moved` the rows of a second step (`later_mapped`) of which somebody has given a lookup another value since: neither
 * what it had before the load, which is nothing where the load created the record, nor what it is to be given.
 */
export async function noteMovedLater(
  { fetch, planned: { first, second } }: BothSteps,
  signal: AbortSignal,
): Promise<void> {
  const { planId } = first;
  const request = matchRequest(second, LATER_NOW);
  const [id] = sentColumns(second.mapping);
  if (!request || !id) return;
  const columns = request.columns.map(({ column }) => column);
  const { laterMapped, laterMoved, named } = tablesOf(planId);
  const currentRecord = tablesOf(planId).currentRecord;
  // What a lookup had before lies there as the plan compared it, which may be by a key of the parent; an insert has compared nothing.
  const before = (matchRequest(first, LATER_NOW)?.columns ?? []).filter(({ column }) => columns.includes(column));
  const whole = {
    ...request,
    columns: [...request.columns, ...before.map((one) => ({ ...one, column: FIRST_SHOWN + one.column }))],
  };
  const staging = fetch.staging.until(signal);
  const keysSql = `SELECT ${sent(id.column)} AS k FROM ${laterMapped}`;
  try {
    await fetchCurrentRecords(fetch, whole, keysSql, signal, () => undefined);
    const isOther = columns.map((column) => {
      const isCompared = before.some((one) => one.column === column);
      const [now, then] = isCompared
        ? [`n.${orgCanonical(FIRST_SHOWN + column)}`, `coalesce(c.${orgCanonical(column)}, '')`]
        : [`n.${orgCanonical(column)}`, "''"];
      const given = `m.${canonical(column)}`;
      return `(${given} <> '' AND n.${orgCanonical(column)} <> ${given} AND ${now} <> ${then})`;
    });
    const records = before.length > 0 ? `LEFT JOIN ${currentRecord} c ON c.id = n.id` : '';
    await staging.run(
      `${createTable(laterMoved, LATER_MOVED)};
       INSERT INTO ${laterMoved} SELECT DISTINCT m.row_number FROM ${laterMapped} m JOIN ${named(LATER_NOW)} n ON n.id = m.${canonical(id.column)} ${records}
       WHERE ${isOther.join(' OR ')}`,
    );
  } finally {
    await dropFetched(fetch, whole);
  }
}
