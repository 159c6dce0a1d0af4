import { join } from 'node:path';
import { FailureError } from '../../../shared/contract/failure.ts';
import { Digest } from '../../../shared/domain/ids.ts';
import { isTerminal } from '../../../shared/domain/ingest-job.ts';
import type { LoadNotice } from '../../../shared/domain/load-results.ts';
import { RefusedByOrg } from '../orgs/org-answers.ts';
import type { FetchTools } from '../plan/fetch-current-records.ts';
import type { PlannedMapping } from '../plan/plan-input.ts';
import type { Step } from '../tables/tables.ts';
import { askForJob } from './close-job.ts';
import { RESULT_FILES, type ResultFile } from './ingest-job-client.ts';
import type { ResultFiles } from './journal-steps.ts';
import type { PartStand, PartState } from './part-state.ts';
import { asPause, record, unlessCancelled, type LoadRun } from './load-run.ts';
import { factsOf } from './part-file.ts';
import { reconcileResults, type Reconciled } from './reconcile-results.ts';
import type { PartTries } from './run-part.ts';
import { settleUnknown } from './settle-unknown.ts';

type Ended = Extract<PartStand, { at: 'TERMINAL' | 'RESULTS' }>;
type HasResults = Extract<PartStand, { at: 'RESULTS' }>;
type Problem = Extract<LoadNotice, { code: 'RESULTS_NOT_BELIEVED' }>['problem'];

/** Makes outcomes of a part's result files. False if the part was sent back a step, to ask for the files again. */
export type TakeResults = (part: PartState, stand: HasResults, tries: PartTries) => Promise<boolean>;

export interface ResultTools {
  readonly fetch: FetchTools;
  /** What the rows of each step are. */
  readonly planned: Readonly<Record<Step, PlannedMapping>>;
}

function resultFile(run: Pick<LoadRun, 'folder'>, part: number, kind: ResultFile): string {
  return join(run.folder, `part-${part}-${kind}.csv`);
}

/** Downloads what a job left behind. What the org does not have, or gives as something else, is null: nothing is known from it. */
export async function fetchResults(run: LoadRun, part: PartState, stand: Ended): Promise<void> {
  const files: Record<ResultFile, ResultFiles[ResultFile]> = {
    successfulResults: null,
    failedResults: null,
    unprocessedrecords: null,
  };
  if (stand.end.state !== 'Gone') {
    for (const kind of RESULT_FILES) files[kind] = await fetchFile(run, part, stand.jobId, kind);
  }
  await record(run, part, { step: 'RESULTS', part: part.part, files });
}

async function fetchFile(
  run: LoadRun,
  part: PartState,
  jobId: string,
  kind: ResultFile,
): Promise<ResultFiles[ResultFile]> {
  const path = resultFile(run, part.part, kind);
  try {
    await run.client.results(jobId, kind, path, run.stop);
  } catch (error) {
    const unreadable = error instanceof FailureError && error.failure.code === 'ORG_ANSWER_UNREADABLE';
    // A refusal that is no passing trouble of the server: the org does not have it.
    const refused = error instanceof RefusedByOrg && error.status < 500 && error.status !== 429;
    if (unreadable || refused) return null;
    throw asPause(run, error);
  }
  return onDisk(path, run.stop);
}

async function onDisk(path: string, signal: AbortSignal): Promise<ResultFiles[ResultFile]> {
  const facts = await factsOf(path, signal);
  return facts && { sha256: Digest.parse(facts.sha256), bytes: facts.bytes };
}

/**
 * Makes outcomes of what was downloaded, if it can be believed: the files are as they were recorded, hold this job's columns, and
 * as many rows as the job counted or as were sent. What can't is asked for again, and given up in the end: its rows
 * are then unknown, and looked up.
 */
export function resultTaker(run: LoadRun, { fetch, planned }: ResultTools): TakeResults {
  return async (part, stand, tries) => {
    const { jobId } = stand;
    const input = planned[part.of];
    const changed = await changedFiles(run, part, stand);
    if (changed.length > 0) {
      await refetch(run, part, stand, tries, changed);
      return false;
    }
    const files = RESULT_FILES.filter((kind) => stand.files[kind] !== null);
    const reconcile = (believed: readonly ResultFile[]) =>
      reconcileResults(fetch.staging, { ...input, part: part.part, jobId, files: believed }, run.stop);
    const found = await reconcile(files);
    const told = found.rows.successfulResults + found.rows.failedResults + found.rows.unprocessedrecords;
    if (stand.end.state !== 'Gone') {
      const doubts = doubtsOf(stand, part.rows, found);
      // Files that are short may be so because the org is still writing them; rows that were not sent may be another job's.
      const isWhole = doubts.length === 0 && told === part.rows && strangersIn(found) === 0;
      if (!isWhole && (await askAgain(run, tries))) {
        await fetchResults(run, part, await countAgain(run, part, stand));
        return false;
      }
      for (const { kind, problem } of doubts) run.notice({ code: 'RESULTS_NOT_BELIEVED', jobId, file: kind, problem });
      const doubted = new Set(doubts.map(({ kind }) => kind));
      const believed = files.filter((kind) => !doubted.has(kind));
      if (believed.length < files.length) await reconcile(believed);
      else if (doubts.length === 0 && !isWhole)
        run.notice({
          code: 'RESULTS_INCOMPLETE',
          jobId,
          sent: part.rows,
          told: found.matched,
          others: strangersIn(found),
        });
    }
    const settled = await settleUnknown(fetch, input, part, stand.end, run.stop);
    if (settled.settled + settled.unknown > 0) run.notice({ code: 'ROWS_LOOKED_UP', jobId, ...settled });
    return true;
  };
}

/** Result files that are not what was recorded of them: changed since, or never wholly on disk. */
export async function changedFiles(run: LoadRun, part: PartState, { files }: HasResults): Promise<ResultFile[]> {
  const changed: ResultFile[] = [];
  for (const kind of RESULT_FILES) {
    const recorded = files[kind];
    if (recorded === null) continue;
    const facts = await onDisk(resultFile(run, part.part, kind), run.stop);
    if (facts?.sha256 !== recorded.sha256) changed.push(kind);
  }
  return changed;
}

/** Asks for files again that do not stay as they are, and in the end does without them. */
export async function refetch(
  run: LoadRun,
  part: PartState,
  stand: HasResults,
  tries: PartTries,
  changed: readonly ResultFile[],
): Promise<void> {
  if (await askAgain(run, tries)) return fetchResults(run, part, stand);
  const files = { ...stand.files };
  for (const kind of changed) files[kind] = null;
  await record(run, part, { step: 'RESULTS', part: part.part, files });
}

/** The job's counters anew: of a job that was aborted they may come after its state. */
async function countAgain(run: LoadRun, part: PartState, stand: HasResults): Promise<Ended> {
  const info = await askForJob(run, stand.jobId);
  if (info === null || info === 'gone' || !isTerminal(info.state)) return stand;
  const { numberRecordsProcessed: processed, numberRecordsFailed: failed } = info;
  if (processed === stand.end.processed && failed === stand.end.failed) return stand;
  const end = { ...stand.end, processed, failed };
  await record(run, part, { step: 'TERMINAL', part: part.part, ...end });
  return { at: 'TERMINAL', jobId: stand.jobId, end };
}

export async function askAgain(run: LoadRun, tries: PartTries): Promise<boolean> {
  const enough = new Error('asked often enough');
  try {
    await unlessCancelled(run, (signal) => tries.fetch.again(enough, signal));
    return true;
  } catch (error) {
    if (error === enough) return false;
    throw error;
  }
}

/** The result files that can't be believed, with the reason. Counts are held against the job's own counters, and against what was sent. */
export function doubtsOf(
  { files, end }: Pick<HasResults, 'files' | 'end'>,
  rowsSent: number,
  { rows, unreadable, foreign, missing }: Reconciled,
): { kind: ResultFile; problem: Problem }[] {
  const all = rows.successfulResults + rows.failedResults + rows.unprocessedrecords;
  // Every row that was sent is told of once: nothing is left that a file could have kept back or made up.
  const strangers = strangersIn({ foreign });
  if (all === rowsSent && strangers === 0) return [];
  const doubts = new Map<ResultFile, Problem>();
  const doubt = (kind: ResultFile, problem: Problem) => {
    if (!doubts.has(kind)) doubts.set(kind, problem);
  };
  for (const kind of RESULT_FILES) {
    if (files[kind] === null) doubt(kind, 'missing');
    else if (unreadable.includes(kind)) doubt(kind, 'not-results');
  }
  if (rows.successfulResults !== end.processed - end.failed) doubt('successfulResults', 'count');
  if (rows.failedResults !== end.failed) doubt('failedResults', 'count');
  if (all > rowsSent) for (const kind of RESULT_FILES) doubt(kind, 'count');
  // One row that was not sent is the last of an upload that was cut off; more are another job's.
  if (strangers > Math.min(1, missing))
    for (const kind of RESULT_FILES) if (foreign[kind] > 0) doubt(kind, 'other-rows');
  return [...doubts].map(([kind, problem]) => ({ kind, problem }));
}

/** Results of rows that were not sent. */
function strangersIn({ foreign }: Pick<Reconciled, 'foreign'>): number {
  return foreign.successfulResults + foreign.failedResults + foreign.unprocessedrecords;
}
