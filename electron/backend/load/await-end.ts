import { FailureError } from '../../../shared/contract/failure.ts';
import { isTerminal, type IngestJobInfo } from '../../../shared/domain/ingest-job.ts';
import { RefusedByOrg } from '../orgs/org-answers.ts';
import type { Clock } from '../ports.ts';
import { askForJob } from './close-job.ts';
import { askedToWait, asPause, isPassing, record, unlessCancelled, type LoadRun } from './load-run.ts';
import type { PartState } from './part-state.ts';
import type { PartTries } from './run-part.ts';

/** Pauses between polls, from the first to the last; a job that takes a day is asked after every twenty seconds. */
const FIRST_POLL = 250;
const LAST_POLL = 20_000;
/** Each pause by the one before. */
const LONGER = 1.4;
/** A job that has not come further for so long is said to be slow: Salesforce gives a batch up after ten minutes and tries again. */
const SLOW_AFTER = 30 * 60_000;
/** A computer that was asleep for a while is noticed this soon after it wakes. */
const SLICE = 1000;

/** How often a job is looked at that ends after so many milliseconds: once at its end, too. */
export function looksWithin(time: number): number {
  let looks = 1;
  for (let [pause, waited] = [FIRST_POLL, 0]; waited < time; pause = Math.min(pause * LONGER, LAST_POLL)) {
    waited += pause;
    looks++;
  }
  return looks;
}

/** Polls a job that was closed until it has ended, however long that takes. A cancel aborts it. */
export async function awaitEnd(run: LoadRun, part: PartState, jobId: string, tries: PartTries): Promise<void> {
  let aborted: number | null = null;
  let further = { processed: -1, at: run.clock.elapsed() };
  for (let pause = FIRST_POLL; ; pause = Math.min(pause * LONGER, LAST_POLL)) {
    const info = await askForJob(run, jobId);
    if (info === null) continue;
    if (info === 'gone') {
      run.notice({ code: 'JOB_GONE', jobId });
      await end(run, part, { state: 'Gone', processed: 0, failed: 0, message: '' });
      return;
    }
    tell(run, part, info);
    if (info.numberRecordsProcessed !== further.processed)
      further = { processed: info.numberRecordsProcessed, at: run.clock.elapsed() };
    else if (run.clock.elapsed() - further.at > SLOW_AFTER) run.notice({ code: 'JOB_SLOW', jobId });
    // A batch that was under way when a job was aborted may still be counted: twice the same is its end.
    const counted = info.state !== 'Aborted' || aborted === info.numberRecordsProcessed;
    aborted = info.state === 'Aborted' ? info.numberRecordsProcessed : null;
    if (isTerminal(info.state) && counted) {
      const { state, numberRecordsProcessed: processed, numberRecordsFailed: failed, errorMessage } = info;
      await end(run, part, { state, processed, failed, message: errorMessage ?? '' });
      return;
    }
    if (run.cancel.aborted && !isTerminal(info.state) && info.isAborted !== true) {
      await abort(run, jobId, tries);
    } else if (info.state === 'Open') {
      // It said that it was closed, and is not, or not yet.
      const failure = new FailureError({ code: 'JOB_DOES_NOT_FOLLOW', jobId, asked: 'close' });
      await unlessCancelled(run, (signal) => tries.close.again(failure, signal));
      await record(run, part, { step: 'CLOSING', part: part.part });
      return;
    } else {
      await unlessCancelled(run, (signal) => sleepThroughSleep(run.clock, pause, signal));
    }
  }
}

/** Asks to abort, and waits a little: whether it was done is seen when the job is asked for again. */
async function abort(run: LoadRun, jobId: string, tries: PartTries): Promise<void> {
  let failure: unknown = new FailureError({ code: 'JOB_DOES_NOT_FOLLOW', jobId, asked: 'abort' });
  try {
    await run.client.abort(jobId, run.stop);
  } catch (error) {
    // Refused also if the job has just ended: then its end is what counts.
    if (!isPassing(error) && !(error instanceof RefusedByOrg)) throw error;
    failure = error;
  }
  await unlessCancelled(run, (signal) => tries.abort.again(asPause(run, failure), signal, askedToWait(failure)));
}

function tell(run: LoadRun, part: PartState, info: IngestJobInfo): void {
  run.progress(part.part, {
    state: info.state,
    processed: info.numberRecordsProcessed,
    failed: info.numberRecordsFailed,
  });
}

async function end(
  run: LoadRun,
  part: PartState,
  facts: { state: 'Gone' | IngestJobInfo['state']; processed: number; failed: number; message: string },
): Promise<void> {
  await record(run, part, { step: 'TERMINAL', part: part.part, ...facts });
  run.progress(part.part, { state: facts.state, processed: facts.processed, failed: facts.failed });
}

/** Waits by the clock on the wall, in slices: timers stand still while a computer sleeps, and it should ask at once on waking. */
async function sleepThroughSleep(
  clock: Pick<Clock, 'sleep' | 'now'>,
  milliseconds: number,
  signal: AbortSignal,
): Promise<void> {
  const due = clock.now() + milliseconds;
  for (let left = milliseconds; left > 0; left = Math.min(left - SLICE, due - clock.now()))
    await clock.sleep(Math.min(left, SLICE), signal);
}
