import { RecordId, SourceRowNumber } from '../../../shared/domain/ids.ts';
import type { TakenValues } from '../../../shared/domain/rehearsal.ts';
import { uniqueColumns } from '../../../shared/domain/unique-columns.ts';
import { CountedCalls } from '../lookups/counted-calls.ts';
import { foldKeySql } from '../match/match-sql.ts';
import { dropFetched, fetchCurrentRecords, type FetchRequest, type FetchTools } from '../plan/fetch-current-records.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import { textOf } from '../staging/staging-functions.ts';
import { canonical, tablesOf } from '../tables/tables.ts';
import { NOTHING_COMPARED } from '../plan/record-request.ts';

/** Rows of one field that are told by their values. */
const EXAMPLES = 20;

/**
 * Finds rows whose value of a unique field another record of the org has, or another row that would be sent, as Salesforce compares
 * them (DUPLICATE_VALUE, SOAP API guide, "StatusCode"). A record that a row would give another value may free the one it has.
 */
export async function findTaken(
  tools: FetchTools,
  stored: StoredPlan,
  folder: string,
  signal: AbortSignal,
): Promise<{ taken: TakenValues[]; calls: number }> {
  const { planId, mapping } = stored.plan;
  const { planned, mapped, named } = tablesOf(planId);
  const counted = new CountedCalls(tools.client);
  const counting = { ...tools, client: counted.client };
  const staging = tools.staging.until(signal);
  const taken: TakenValues[] = [];
  for (const { column, field } of uniqueColumns(mapping, stored.describe)) {
    const value = canonical(column);
    const key = foldKeySql(`m.${value}`, field);
    const rows = `SELECT p.row_number, coalesce(p.id, '') AS id, m.${value} AS value, ${key} AS k FROM ${planned} p JOIN ${mapped} m USING (row_number)
      WHERE m.${value} <> '' AND (p.kind = 'insert' OR (p.kind = 'update' AND list_contains(p.changed, ${column})))`;
    const table = `unique_${column}`;
    const request: FetchRequest = {
      alias: planId,
      table,
      folder,
      objectName: stored.describe.name,
      keyField: field,
      ...NOTHING_COMPARED,
    };
    try {
      await fetchCurrentRecords(counting, request, `SELECT value AS k FROM (${rows})`, signal, () => undefined);
      const conflicts = `SELECT r.row_number, r.value, coalesce(u.id, '') AS record, coalesce(o.first_row, 0) AS other
        FROM (${rows}) r LEFT JOIN ${named(table)} u ON u.k = r.k AND u.id <> r.id
        LEFT JOIN (SELECT k, min(row_number) AS first_row FROM (${rows}) GROUP BY k) o ON o.k = r.k AND o.first_row <> r.row_number
        WHERE u.id IS NOT NULL OR o.first_row IS NOT NULL`;
      const [count] = await staging.query(`SELECT count(DISTINCT row_number) AS n FROM (${conflicts})`);
      const found = await staging.query(
        `SELECT row_number, any_value(value) AS value, max(record) AS record, max(other) AS other FROM (${conflicts})
         GROUP BY row_number ORDER BY row_number LIMIT ${EXAMPLES}`,
      );
      if (found.length === 0) continue;
      taken.push({
        field: field.name,
        fieldLabel: field.label,
        rows: Number(count?.['n'] ?? 0),
        examples: found.map((row) => ({
          row: SourceRowNumber.parse(Number(row['row_number'])),
          value: textOf(row, 'value'),
          by:
            textOf(row, 'record') === ''
              ? { kind: 'row', row: SourceRowNumber.parse(Number(row['other'])) }
              : { kind: 'record', id: RecordId.parse(textOf(row, 'record')) },
        })),
      });
    } finally {
      await dropFetched(tools, request);
    }
  }
  return { taken, calls: counted.count };
}
