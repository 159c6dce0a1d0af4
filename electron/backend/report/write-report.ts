import { join } from 'node:path';
import { assertNever } from '../../../shared/domain/assert-never.ts';
import type { ReportFile } from '../../../shared/domain/load-results.ts';
import type { Writing } from '../../../shared/domain/source-file.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { tablesOf } from '../tables/tables.ts';
import { inFile, outcomeRows } from './outcomes.ts';
import { writeRows } from '../staging/write-rows.ts';

interface Shape {
  readonly lead: string[];
  readonly select: string[];
}

/** The columns Salesforce's own result files put first; of rows that no such file has, what became of them. */
function shapeOf(file: ReportFile): Shape {
  switch (file) {
    case 'success':
      return {
        lead: ['sf__Id', 'sf__Created'],
        select: ['o.id', "CASE o.kind WHEN 'created' THEN 'true' ELSE 'false' END"],
      };
    case 'error':
      return {
        lead: ['sf__Id', 'sf__Error'],
        select: ['o.id', 'o.error'],
      };
    case 'unprocessed':
      return { lead: [], select: [] };
    case 'unchanged':
      return {
        lead: ['sf__Id', 'sf__Outcome'],
        select: [
          'o.id',
          "CASE WHEN o.error <> '' THEN o.error WHEN o.kind = 'leftOut' THEN 'left out' ELSE o.kind END",
        ],
      };
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
  const { staged } = tablesOf(stored.plan.planId);
  const outcome = outcomeRows(stored.plan.planId);
  const path = join(folder, `${file}${spreadsheetSafe ? '-spreadsheet' : ''}.csv`);
  const { columns, delimiter } = stored;
  const written = {
    told: outcome,
    staged,
    where: `o.${inFile(file)}`,
    ...shapeOf(file),
    columns,
    path,
    delimiter,
    writing,
    spreadsheetSafe,
  };
  const { rows } = await writeRows(staging, written, signal);
  return { path, rows };
}
