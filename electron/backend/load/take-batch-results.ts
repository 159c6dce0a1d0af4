import { join } from 'node:path';
import { matchColumn } from '../../../shared/domain/field-mapping.ts';
import type { PlannedMapping } from '../plan/plan-input.ts';
import type { StagingSql } from '../staging/staging-client.ts';
import { quoteText } from '../tables/quote.ts';
import { createTable, PLACED, tablesOf } from '../tables/tables.ts';
import { NOT_PROCESSED } from './bulk1-client.ts';
import type { JobEnd } from './journal-steps.ts';
import type { LoadRun } from './load-run.ts';
import { scanResultFile } from './read-result-file.ts';
import { succeededSql } from './reconcile-results.ts';
import { settleUnknown } from './settle-unknown.ts';
import { askAgain, changedFiles, fetchResults, refetch, type ResultTools, type TakeResults } from './take-results.ts';

/** Columns of a batch's results (Bulk API guide, "Get Batch Results"). */
const HEADER = 'id,success,created,error';
const FILE = 'successfulResults';

/**
 * Makes outcomes of a batch's results, which come in the order of its rows. They are believed if there is one for each row, as many failed as
 * the job counted, and rows that name their records have results that name the same ones. What isn't is asked for again, and given up in the
 * end: its rows are then unknown, and looked up.
 */
export function batchResultTaker(run: LoadRun, { fetch, planned }: ResultTools): TakeResults {
  return async (part, stand, tries) => {
    const { jobId, end } = stand;
    const input = planned[part.of];
    const changed = await changedFiles(run, part, stand);
    if (changed.length > 0) {
      await refetch(run, part, stand, tries, changed);
      return false;
    }
    const path = join(run.folder, `part-${part.part}-${FILE}.csv`);
    const staging = fetch.staging.until(run.stop);
    const isUntouched = hasNoResults(end);
    const problem = isUntouched
      ? null
      : stand.files[FILE] === null
        ? ('missing' as const)
        : await readPlaced(staging, input, part, { path, end }, run.stop);
    if (problem !== null) {
      if (await askAgain(run, tries)) {
        await fetchResults(run, part, { at: 'TERMINAL', jobId, end });
        return false;
      }
      if (end.state !== 'Gone') run.notice({ code: 'RESULTS_NOT_BELIEVED', jobId, file: 'result', problem });
    }
    await staging.run(
      writeOutcomes(input, part.part, jobId, isUntouched ? 'unprocessed' : problem === null ? 'placed' : 'unknown'),
    );
    const settled = await settleUnknown(fetch, input, part, end, run.stop);
    if (settled.settled + settled.unknown > 0) run.notice({ code: 'ROWS_LOOKED_UP', jobId, ...settled });
    return true;
  };
}

/**
 * Whether nothing of a job was begun, so that it has no results: "If the numberRecordsProcessed field in the response is greater than
 * zero, you should get the results" (Bulk API guide, "Interpret Batch State", of batches that failed).
 */
function hasNoResults({ state, processed, message }: JobEnd): boolean {
  return processed === 0 && (state === 'Failed' || (state === 'Aborted' && message === NOT_PROCESSED));
}

type Problem = 'not-results' | 'count' | 'other-rows';

/** Reads the results into `placed`, each with its place; what speaks against them, or null. */
async function readPlaced(
  staging: StagingSql,
  input: PlannedMapping,
  { part, rows }: { readonly part: number; readonly rows: number },
  { path, end }: { readonly path: string; readonly end: JobEnd },
  signal: AbortSignal,
): Promise<Problem | null> {
  const { result, submission, planned } = tablesOf(input.planId, input.step);
  const placed = result(part);
  const facts = await scanResultFile(path, signal);
  await staging.run(createTable(placed, PLACED));
  if (facts === null || facts.header.map((name) => name.toLowerCase()).join() !== HEADER) return 'not-results';
  if (facts.records !== rows) return 'count';
  const names = HEADER.split(',').map((name) => `'${name}': 'VARCHAR'`);
  await staging.run(
    // One reader, so that places are those of the lines.
    `INSERT INTO ${placed} SELECT row_number() OVER (), coalesce(id, ''), lower(success) = 'true', lower(created) = 'true', coalesce(error, '')
     FROM read_csv(${quoteText(path)}, columns = {${names.join(', ')}}, auto_detect = false, header = true,
       delim = ',', quote = '"', escape = '"', new_line = '${facts.lineEnd === '\n' ? '\\n' : '\\r\\n'}', parallel = false)`,
  );
  const [found] = await staging.query(
    `SELECT count(*) AS n, count(*) FILTER (NOT r.success) AS failed,
       count(*) FILTER (r.success AND p.id IS NOT NULL AND left(p.id, 15) <> left(r.id, 15)) AS strangers
     FROM ${places(submission, part)} s JOIN ${placed} r USING (place) JOIN ${planned} p USING (row_number)`,
  );
  if (Number(found?.['n']) !== rows) return 'count';
  if (end.state === 'JobComplete' && Number(found?.['failed']) !== end.failed) return 'count';
  return namesRecords(input) && Number(found?.['strangers']) > 0 ? 'other-rows' : null;
}

/** Whether rows name the records that they change; an upsert may meet another one by its key. */
function namesRecords({ mapping }: PlannedMapping): boolean {
  return mapping.operation !== 'insert' && matchColumn(mapping)?.target.field === 'Id';
}

/** The rows of a part by their places in its file. */
function places(submission: string, part: number): string {
  return `(SELECT row_number, row_number() OVER (ORDER BY nth) AS place FROM ${submission} WHERE part = ${part})`;
}

/** In one transaction: a part has all its old outcomes or all its new ones. */
function writeOutcomes(
  { planId, step, mapping }: PlannedMapping,
  part: number,
  jobId: string,
  as: 'placed' | 'unknown' | 'unprocessed',
): string {
  const { outcome, submission, result } = tablesOf(planId, step);
  const placed = result(part);
  const unknown = quoteText(`Longshore: no result for this row in job ${jobId}`);
  const told =
    as === 'placed'
      ? `SELECT s.row_number, CASE WHEN r.success THEN ${succeededSql('r.created')[mapping.operation]} ELSE 'failed' END, r.id, r.error
         FROM ${places(submission, part)} s JOIN ${placed} r USING (place)`
      : `SELECT row_number, '${as}', '', ${as === 'unknown' ? unknown : "''"} FROM ${submission} WHERE part = ${part}`;
  return `BEGIN TRANSACTION;
    DELETE FROM ${outcome} WHERE row_number IN (SELECT row_number FROM ${submission} WHERE part = ${part});
    INSERT INTO ${outcome} (row_number, kind, id, error) ${told};
    COMMIT;
    DROP TABLE IF EXISTS ${placed}`;
}
