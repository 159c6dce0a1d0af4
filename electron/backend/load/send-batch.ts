import { FailureError } from '../../../shared/contract/failure.ts';
import { RefusedByOrg } from '../orgs/org-answers.ts';
import type { PartState } from './part-state.ts';
import {
  askedToWait,
  asPause,
  isNetworkAway,
  isNotFound,
  isPassing,
  record,
  unlessCancelled,
  type LoadRun,
} from './load-run.ts';
import { abortUnclosed } from './open-job.ts';
import type { PartTries } from './run-part.ts';
import { Tries } from './tries.ts';
import { partFile } from './write-parts.ts';

/** How often a job is asked to be aborted that has no rows, ere another takes its place. */
const ABORTS = 6;

/**
 * Sends the rows of a part to a job that works on them as soon as they have arrived: this is its commit point, written down and marked
 * before. Whatever is answered, the job is asked whether it has them.
 */
export async function sendBatch(run: LoadRun, part: PartState, jobId: string, tries: PartTries): Promise<void> {
  await record(run, part, { step: 'UPLOADING', part: part.part });
  await run.journal.mark();
  let refused: unknown = new FailureError({ code: 'ORG_ANSWER_UNREADABLE', status: 200, what: 'POST job/batch' });
  try {
    // Whoever cancels waits for it: given up, it would be of rows of which nobody knows whether they arrived.
    const { bytes, sha256 } = await run.client.upload(jobId, partFile(run.folder, part.part), run.stop);
    if (bytes !== part.bytes || sha256 !== part.sha256)
      throw new FailureError({ code: 'DATA_DAMAGED', what: `Part ${part.part} of the load` });
  } catch (error) {
    if (run.stop.aborted) throw new FailureError({ code: 'LOAD_INTERRUPTED' });
    const isAnswer = isPassing(error) || isNetworkAway(error) || error instanceof RefusedByOrg;
    if (!isAnswer && !(error instanceof FailureError && error.failure.code === 'ORG_UNREACHABLE')) throw error;
    refused = error;
  }
  await settleBatch(run, part, jobId, tries, refused);
}

/**
 * Asks a job whether the rows of a part have arrived. One without any is aborted, after which it takes no more, and asked once more: only
 * then may others be sent in their place, and `refused` is what they were not taken for. Throws what the load pauses with.
 */
export async function settleBatch(
  run: LoadRun,
  part: PartState,
  jobId: string,
  tries: PartTries,
  refused: unknown = null,
): Promise<void> {
  if (!(await hasNoRows(run, jobId))) {
    await record(run, part, { step: 'UPLOADED', part: part.part, bytes: part.bytes, sha256: part.sha256 });
    return;
  }
  await record(run, part, { step: 'DISCARDED', part: part.part, jobId });
  await record(run, part, { step: 'ABORTED', part: part.part, jobId });
  run.progress(part.part, { state: 'Planned', jobId: null });
  if (run.cancel.aborted || refused === null) return;
  const failure = asPause(run, refused);
  if (!isPassing(refused) && !isNetworkAway(refused) && !isNotFound(refused)) throw failure;
  await unlessCancelled(run, (signal) => tries.job.again(failure, signal, askedToWait(refused)));
}

/** Whether a job has no rows, and takes none any more. One that the org does not know may have had them. */
async function hasNoRows(run: LoadRun, jobId: string): Promise<boolean> {
  const hasNone = async () => (await run.client.info(jobId, run.stop)).hasRows !== true;
  try {
    if (!(await hasNone())) return false;
    await abortUnclosed(run, jobId, new Tries(run.clock, ABORTS));
    return await hasNone();
  } catch (error) {
    if (isNotFound(error)) return false;
    // They came meanwhile, and the job is aborted: its results tell what became of them.
    if (error instanceof FailureError && error.failure.code === 'JOURNAL_DAMAGED') return false;
    throw asPause(run, error);
  }
}
