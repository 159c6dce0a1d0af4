import { join } from 'node:path';
import { assertNever } from '../../../shared/domain/assert-never.ts';
import type { ReportFile } from '../../../shared/domain/load-results.ts';
import type { Writing } from '../../../shared/domain/source-file.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { tablesOf } from '../tables/tables.ts';
import { writeRows } from '../staging/write-rows.ts';

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
        // Incomplete rows have their record and are to be fixed all the same: by their `sf__Id` they are not taken for new ones.
        where:
          "o.kind IN ('failed', 'unknown', 'incomplete') OR (o.kind = 'skipped' AND o.error NOT LIKE 'Longshore:%')",
      };
    case 'unprocessed':
      return { lead: [], select: [], where: "o.kind = 'unprocessed'" };
    default:
      return assertNever(file);
  }
}

/** Writes one result file, as `writeRows` does. */
export async function writeReport(
  staging: StagingClient,
  stored: StoredPlan,
  folder: string,
  file: ReportFile,
  { spreadsheetSafe, writing }: { spreadsheetSafe: boolean; writing: Writing },
  signal: AbortSignal,
): Promise<{ path: string; rows: number }> {
  const { outcome, staged } = tablesOf(stored.plan.planId);
  const path = join(folder, `${file}${spreadsheetSafe ? '-spreadsheet' : ''}.csv`);
  const { columns, delimiter } = stored;
  const written = { told: outcome, staged, ...shapeOf(file), columns, path, delimiter, writing, spreadsheetSafe };
  const { rows } = await writeRows(staging, written, signal);
  return { path, rows };
}
