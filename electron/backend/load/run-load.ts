import { join } from 'node:path';
import { assertNever } from '../../../shared/domain/assert-never.ts';
import { FailureError, type Failure } from '../../../shared/contract/failure.ts';
import { isTerminal, type IngestJobInfo } from '../../../shared/domain/ingest-job.ts';
import type { JobProgress } from '../../../shared/domain/load-results.ts';
import { LostAnswer, RefusedByOrg } from '../orgs/org-answers.ts';
import type { Clock } from '../ports.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { RESULT_FILES, type IngestJobClient, type IngestJobSpec } from './ingest-job-client.ts';
import type { Journal, PartState } from './journal.ts';
import { reconcileResults, type ReconcileInput } from './reconcile-results.ts';
import { partFile } from './write-parts.ts';

/** Pauses between polls, from the first to the last; a job that takes a day is asked after every twenty seconds. */
const FIRST_POLL = 250;
const LAST_POLL = 20_000;
/** A job thrown away before its commit point is sent anew this often before the load pauses. */
const ATTEMPTS = 3;

export interface LoadRun {
  readonly client: IngestJobClient;
  readonly staging: StagingClient;
  readonly journal: Journal;
  readonly clock: Clock;
  readonly spec: IngestJobSpec;
  readonly folder: string;
  readonly reconcile: Omit<ReconcileInput, 'part' | 'jobId' | 'files' | 'folder'>;
  readonly progress: (part: number, change: Partial<JobProgress>) => void;
}

/**
 * Brings one part from wherever its journal says it stands to reconciled. Called again after a kill or a pause it goes on
 * from there. `cancel` aborts the job and still fetches what was done; other failures leave the part resumable.
 */
export async function runPart(run: LoadRun, part: PartState, cancel: AbortSignal): Promise<void> {
  for (let attempt = 0; ;) {
    switch (part.step) {
      case 'PLANNED':
      case 'DISCARDED':
      case 'CREATING': {
        if (cancel.aborted) return;
        if (attempt++ === ATTEMPTS)
          throw new FailureError({ code: 'ORG_UNREACHABLE', host: '', reason: 'the upload failed three times' });
        await run.journal.write({ step: 'CREATING', part: part.part });
        run.progress(part.part, { state: 'Uploading', jobId: null });
        try {
          part.jobId = await run.client.create(run.spec, NEVER);
        } catch (error) {
          // Nothing was uploaded, so nothing can be loaded twice: an orphan job is empty and expires by itself.
          if (error instanceof LostAnswer || (error instanceof RefusedByOrg && error.status >= 500)) continue;
          throw refusal(error);
        }
        await run.journal.write({ step: 'CREATED', part: part.part, jobId: part.jobId });
        part.step = 'CREATED';
        run.progress(part.part, { jobId: part.jobId });
        break;
      }
      case 'CREATED':
        if (cancel.aborted) return discard(run, part);
        await upload(run, part, cancel);
        break;
      case 'UPLOADING':
        // How much arrived is not known, and a second PUT is refused: another job.
        await discard(run, part);
        break;
      case 'UPLOADED':
        if (cancel.aborted) return discard(run, part);
        await close(run, part);
        break;
      case 'CLOSING':
        await settleClose(run, part);
        break;
      case 'CLOSED':
        await poll(run, part, cancel);
        break;
      case 'TERMINAL':
        await fetchResults(run, part);
        break;
      case 'RESULTS':
        await reconcileResults(
          run.staging,
          {
            ...run.reconcile,
            folder: run.folder,
            part: part.part,
            jobId: part.jobId ?? '',
            files: RESULT_FILES,
          },
          NEVER,
        );
        await run.journal.write({ step: 'RECONCILED', part: part.part });
        part.step = 'RECONCILED';
        run.progress(part.part, { state: 'Reconciled' });
        return;
      case 'RECONCILED':
        return;
      case 'CANCELLED':
      case 'FINISHED':
        throw new Error(`a part cannot be at ${part.step}`);
      default:
        assertNever(part.step);
    }
  }
}

/** Cancelling stops work at the points above; a request under way is let finish, so that its effect is known. */
const NEVER = new AbortController().signal;

function jobIdOf(part: PartState): string {
  if (part.jobId === null) throw new Error(`part ${part.part} has no job at ${part.step}`);
  return part.jobId;
}

function refusal(error: unknown): unknown {
  if (error instanceof RefusedByOrg) {
    const failure: Failure = {
      code: 'ORG_REFUSED',
      status: error.status,
      errorCode: error.errorCode,
      message: error.message,
    };
    return new FailureError(failure);
  }
  return error;
}

async function upload(run: LoadRun, part: PartState, cancel: AbortSignal): Promise<void> {
  const jobId = jobIdOf(part);
  await run.journal.write({ step: 'UPLOADING', part: part.part });
  part.step = 'UPLOADING';
  try {
    const { bytes } = await run.client.upload(jobId, partFile(run.folder, part.part), cancel);
    await run.journal.write({ step: 'UPLOADED', part: part.part, bytes });
    part.step = 'UPLOADED';
  } catch (error) {
    const passing =
      error instanceof LostAnswer ||
      (error instanceof RefusedByOrg && (error.status >= 500 || error.errorCode === 'BULK_API_ERROR'));
    const cancelled = error instanceof FailureError && error.failure.code === 'CANCELLED';
    if (passing || cancelled) return discard(run, part);
    throw refusal(error);
  }
}

/** Throws a job away before its commit point. What can't be aborted now holds no closed data and is never processed. */
async function discard(run: LoadRun, part: PartState): Promise<void> {
  const jobId = jobIdOf(part);
  await run.client.abort(jobId, NEVER).catch((error: unknown) => {
    if (!(error instanceof LostAnswer || error instanceof RefusedByOrg)) throw error;
  });
  await run.journal.write({ step: 'DISCARDED', part: part.part, jobId });
  part.step = 'DISCARDED';
  part.jobId = null;
}

async function close(run: LoadRun, part: PartState): Promise<void> {
  await run.journal.write({ step: 'CLOSING', part: part.part });
  part.step = 'CLOSING';
  try {
    await run.client.close(jobIdOf(part), NEVER);
    await run.journal.write({ step: 'CLOSED', part: part.part });
    part.step = 'CLOSED';
  } catch (error) {
    if (error instanceof LostAnswer || (error instanceof RefusedByOrg && error.status >= 500)) return;
    throw refusal(error);
  }
}

/** After a close whose answer was lost: ask first. Only a job still Open is closed again. */
async function settleClose(run: LoadRun, part: PartState): Promise<void> {
  const jobId = jobIdOf(part);
  let info: IngestJobInfo;
  try {
    info = await run.client.info(jobId, NEVER);
  } catch (error) {
    if (error instanceof FailureError && error.failure.code === 'ORG_UNREACHABLE')
      throw new FailureError({ code: 'LOAD_STATE_UNKNOWN', jobId });
    throw refusal(error);
  }
  if (info.state === 'Open') return close(run, part);
  await run.journal.write({ step: 'CLOSED', part: part.part });
  part.step = 'CLOSED';
}

async function poll(run: LoadRun, part: PartState, cancel: AbortSignal): Promise<void> {
  const jobId = jobIdOf(part);
  let aborted = false;
  for (let pause = FIRST_POLL; ; pause = Math.min(pause * 1.4, LAST_POLL)) {
    if (cancel.aborted && !aborted) {
      aborted = true;
      // Refused if the job has just ended: then its end is what counts.
      await run.client.abort(jobId, NEVER).catch((error: unknown) => {
        if (!(error instanceof RefusedByOrg || error instanceof LostAnswer)) throw error;
      });
    }
    let info: IngestJobInfo;
    try {
      info = await run.client.info(jobId, NEVER);
    } catch (error) {
      throw refusal(error);
    }
    run.progress(part.part, {
      state: info.state,
      processed: info.numberRecordsProcessed,
      failed: info.numberRecordsFailed,
    });
    if (isTerminal(info.state)) {
      part.terminal = { state: info.state, processed: info.numberRecordsProcessed, failed: info.numberRecordsFailed };
      await run.journal.write({ step: 'TERMINAL', part: part.part, ...part.terminal });
      part.step = 'TERMINAL';
      return;
    }
    await run.clock.sleep(pause, cancel.aborted ? NEVER : cancel).catch((error: unknown) => {
      // Woken by a cancel: go round at once and abort the job.
      if (!cancel.aborted) throw error;
    });
  }
}

async function fetchResults(run: LoadRun, part: PartState): Promise<void> {
  const sha256: Record<string, string> = {};
  for (const kind of RESULT_FILES) {
    try {
      sha256[kind] = await run.client.results(
        jobIdOf(part),
        kind,
        join(run.folder, `part-${part.part}-${kind}.csv`),
        NEVER,
      );
    } catch (error) {
      throw refusal(error);
    }
  }
  await run.journal.write({ step: 'RESULTS', part: part.part, sha256 });
  part.step = 'RESULTS';
}
