import { FailureError } from '../../../shared/contract/failure.ts';
import type { IngestJobInfo } from '../../../shared/domain/ingest-job.ts';
import { RefusedByOrg } from '../orgs/org-answers.ts';
import { holdToDigest } from './part-file.ts';
import {
  askedToWait,
  asPause,
  isNotFound,
  isPassing,
  record,
  untilCancelled,
  unlessCancelled,
  type LoadRun,
} from './load-run.ts';
import type { PartState } from './part-state.ts';
import type { PartTries } from './run-part.ts';
import { Tries } from './tries.ts';
import { partFile } from './write-parts.ts';

/** Asked so often, a job that does not want to be aborted now is left for the end of the load. */
const QUICK_ABORTS = 2;

/** A job for the rows of a part. One whose creation is never answered holds no row, and is looked for at the end. */
export async function createJob(run: LoadRun, part: PartState, tries: PartTries): Promise<void> {
  await holdToDigest(partFile(run.folder, part.part), part, run.stop);
  const at = run.orgNow();
  await record(run, part, { step: 'CREATING', part: part.part, at });
  run.progress(part.part, { state: 'Uploading', jobId: null });
  let jobId: string;
  try {
    jobId = await run.client.create(run.specs[part.of], run.stop);
  } catch (error) {
    if (!isPassing(error)) {
      // Told no: nothing can have come of it.
      run.progress(part.part, { state: 'Planned' });
      if (!run.stop.aborted) await record(run, part, { step: 'ORPHANS', part: part.part, at, jobIds: [] });
      throw asPause(run, error);
    }
    await record(run, part, { step: 'LOST', part: part.part, at, until: run.orgNow() });
    await unlessCancelled(run, (signal) => tries.job.again(asPause(run, error), signal, askedToWait(error)));
    return;
  }
  await record(run, part, { step: 'CREATED', part: part.part, jobId });
  run.progress(part.part, { jobId });
}

/** The rows, in one PUT. Whatever goes wrong with it, the job is thrown away: how much of it arrived can't be asked. */
export async function upload(run: LoadRun, part: PartState, jobId: string, tries: PartTries): Promise<void> {
  await record(run, part, { step: 'UPLOADING', part: part.part });
  try {
    const { bytes, sha256 } = await run.client.upload(jobId, partFile(run.folder, part.part), untilCancelled(run));
    // What was sent, not what once lay on disk: a load that is taken up again may find the file another.
    if (bytes !== part.bytes || sha256 !== part.sha256)
      throw new FailureError({ code: 'DATA_DAMAGED', what: `Part ${part.part} of the load` });
    await record(run, part, { step: 'UPLOADED', part: part.part, bytes, sha256: part.sha256 });
  } catch (error) {
    if (part.stand.at !== 'UPLOADING') throw error;
    if (run.stop.aborted) throw new FailureError({ code: 'LOAD_INTERRUPTED' });
    await discard(run, part, jobId);
    if (run.cancel.aborted) return;
    // 404: the job that the org said it made is not there. BULK_API_ERROR: it has contents already.
    const another =
      isPassing(error) || isNotFound(error) || (error instanceof RefusedByOrg && error.errorCode === 'BULK_API_ERROR');
    if (!another) throw asPause(run, error);
    await unlessCancelled(run, (signal) => tries.job.again(asPause(run, error), signal, askedToWait(error)));
  }
}

/**
 * Throws a job away before its commit point. Not closed, it is never worked on, whether or not it can be aborted now. That it was
 * not closed is asked first: a load's folder that was brought back from a copy knows less than the org.
 */
export async function discard(run: LoadRun, part: PartState, jobId: string): Promise<void> {
  try {
    holdToUnclosed(await run.client.info(jobId, run.stop));
  } catch (error) {
    if (!isNotFound(error)) throw asPause(run, error);
  }
  await record(run, part, { step: 'DISCARDED', part: part.part, jobId });
  run.progress(part.part, { state: 'Planned', jobId: null });
  try {
    await abortUnclosed(run, jobId, new Tries(run.clock, QUICK_ABORTS));
  } catch (error) {
    if (!isLeftForTheEnd(error)) throw error;
    return;
  }
  await record(run, part, { step: 'ABORTED', part: part.part, jobId });
}

/**
 * Sees to it that a job that was never closed is not open any more. Throws the last answer if it still is. A job is believed gone
 * if both an abort and a question after it say so.
 */
export async function abortUnclosed(run: LoadRun, jobId: string, tries: Tries): Promise<void> {
  for (;;) {
    let denied = false;
    let failed: unknown = new FailureError({ code: 'JOB_DOES_NOT_FOLLOW', jobId, asked: 'abort' });
    try {
      await run.client.abort(jobId, run.stop);
    } catch (error) {
      denied = isNotFound(error);
      if (!isPassing(error) && !(error instanceof RefusedByOrg)) throw error;
      failed = error;
    }
    try {
      const info = await run.client.info(jobId, run.stop);
      holdToUnclosed(info);
      if (info.state !== 'Open') return;
    } catch (error) {
      if (denied && isNotFound(error)) return;
      if (!isPassing(error) && !(error instanceof RefusedByOrg)) throw error;
      failed = error;
    }
    await tries.again(failed, run.stop, askedToWait(failed));
  }
}

/** A job that works on rows was closed, by us: the journal must have ended there. Throws `JOURNAL_DAMAGED`. */
function holdToUnclosed({ state, hasRows }: IngestJobInfo): void {
  if (hasRows === true || state === 'UploadComplete' || state === 'InProgress' || state === 'JobComplete')
    throw new FailureError({ code: 'JOURNAL_DAMAGED', problem: 'cut-off', line: 0 });
}

/** A job that can't be aborted just now is aborted when the load ends. */
function isLeftForTheEnd(error: unknown): boolean {
  if (isPassing(error) || error instanceof RefusedByOrg) return true;
  return error instanceof FailureError && /^(?:JOB_DOES_NOT_FOLLOW|ORG_UNREACHABLE)$/.test(error.failure.code);
}
