import { join } from 'node:path';
import { assertNever } from '../../../shared/domain/assert-never.ts';
import type { ReportFile } from '../../../shared/domain/load-results.ts';
import type { Writing } from '../../../shared/domain/source-file.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { cell, tablesOf } from '../tables/tables.ts';

interface Shape {
  readonly lead: string[];
  readonly select: string[];
  readonly where: string;
}

/** The columns Salesforce's own result files put first, and the rows each file holds. */
function shapeOf(file: ReportFile): Shape {
  switch (file) {
    case 'success':
      return {
        lead: ['sf__Id', 'sf__Created'],
        select: ['o.id', "CASE o.kind WHEN 'created' THEN 'true' ELSE 'false' END"],
        where: "o.kind IN ('created', 'updated', 'deleted')",
      };
    case 'error':
      return {
        lead: ['sf__Id', 'sf__Error'],
        select: ['o.id', 'o.error'],
        // Duplicates were decided, not wrong: they are in the report, and not in the file to fix.
        where: "o.kind IN ('failed', 'unknown') OR (o.kind = 'skipped' AND o.error NOT LIKE 'Longshore:%')",
      };
    case 'unprocessed':
      return { lead: [], select: [], where: "o.kind = 'unprocessed'" };
    default:
      return assertNever(file);
  }
}

/**
 * Writes one result file: all original columns, in file order, in the source's own delimiter, and in `writing`. Rows that could
 * not be read keep their original text. The spreadsheet-safe variant escapes formulas and is for reading, not for loading again.
 */
export async function writeReport(
  staging: StagingClient,
  stored: StoredPlan,
  folder: string,
  file: ReportFile,
  { spreadsheetSafe, writing }: { spreadsheetSafe: boolean; writing: Writing },
  signal: AbortSignal,
): Promise<{ path: string; rows: number }> {
  const { outcome, staged } = tablesOf(stored.plan.planId);
  const shape = shapeOf(file);
  const previous = resultColumns(stored.columns);
  const cells = stored.columns.flatMap((_, index) => (previous.has(index) ? [] : [`s.${cell(index)}`]));
  // A row from an earlier error file still begins with that file's result columns; its text can't be kept and they dropped too.
  const original = previous.size > 0 ? 'NULL' : 's.original';
  const path = join(folder, `${file}${spreadsheetSafe ? '-spreadsheet' : ''}.csv`);
  const [last] = await staging.query(`SELECT coalesce(max(row_number), 0) AS row FROM ${outcome}`);
  const inRange = (table: string) => `${table}.row_number > {after} AND ${table}.row_number <= {upTo}`;
  const { rows } = await staging.exportRows(
    {
      sql: `SELECT ${[original, ...shape.select, ...cells].join(', ')} FROM ${outcome} o JOIN ${staged} s USING (row_number)
        WHERE ${inRange('o')} AND ${inRange('s')} AND (${shape.where}) ORDER BY o.row_number`,
      lastRow: Number(last?.['row'] ?? 0),
      lead: shape.lead.length,
      header: [...shape.lead, ...stored.columns.filter((_, index) => !previous.has(index))],
      path,
      delimiter: stored.delimiter,
      writing,
      spreadsheetSafe,
    },
    signal,
  );
  return { path, rows };
}

/** Result columns of a file that was itself an error file: the new report has its own. */
function resultColumns(columns: readonly string[]): Set<number> {
  return new Set(columns.flatMap((name, index) => (/^sf__(?:id|error|created)$/i.test(name) ? [index] : [])));
}
