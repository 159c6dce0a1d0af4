import { assertNever } from '../../../shared/domain/assert-never.ts';
import { awaitEnd } from './await-end.ts';
import { closeJob, settleClose } from './close-job.ts';
import { isOver, record, type LoadRun } from './load-run.ts';
import type { PartState } from './part-state.ts';
import { keptRows } from './kept-rows.ts';
import { createJob, discard, upload } from './open-job.ts';
import { sendBatch, settleBatch } from './send-batch.ts';
import { fetchResults, type TakeResults } from './take-results.ts';
import { Tries } from './tries.ts';

/** Jobs that one part may take: each is thrown away before its commit point, and none of their rows is saved. */
const JOBS = 4;
/** A minute of asking to close a job, or to abort one. */
const CLOSES = 9;
const ABORTS = 12;
/** A result file is asked for so often before it is given up. */
const FETCHES = 4;

/** How often what may be tried again may still be, in one go at a part. */
export interface PartTries {
  readonly job: Tries;
  readonly close: Tries;
  readonly abort: Tries;
  readonly fetch: Tries;
}

/**
 * Brings one part from wherever its journal says it stands to reconciled. Called again after a kill or a pause it goes on
 * from there. A cancel aborts the job and still fetches what was done; other failures leave the part resumable. One that is held back and
 * not closed yet is planned again when this returns.
 */
export async function runPart(run: LoadRun, part: PartState, takeResults: TakeResults): Promise<void> {
  const tries: PartTries = {
    job: new Tries(run.clock, JOBS),
    close: new Tries(run.clock, CLOSES),
    abort: new Tries(run.clock, ABORTS),
    fetch: new Tries(run.clock, FETCHES),
  };
  for (;;) {
    run.stop.throwIfAborted();
    const { stand } = part;
    switch (stand.at) {
      case 'PLANNED':
        if (isOver(run)) return;
        await createJob(run, part, tries);
        break;
      case 'CREATED':
        if (isOver(run)) await discard(run, part, stand.jobId);
        else if (run.client.startsAtOnce && (await keptRows(run, part, stand.jobId))) return;
        else if (run.client.startsAtOnce) await sendBatch(run, part, stand.jobId, tries);
        else await upload(run, part, stand.jobId, tries);
        break;
      case 'UPLOADING':
        if (run.client.startsAtOnce) await settleBatch(run, part, stand.jobId, tries);
        // How much arrived is not known, and a second PUT is refused: another job.
        else await discard(run, part, stand.jobId);
        break;
      case 'UPLOADED':
        if (isOver(run) && !run.client.startsAtOnce) await discard(run, part, stand.jobId);
        else if (!run.client.startsAtOnce && (await keptRows(run, part, stand.jobId))) return;
        else await closeJob(run, part, stand.jobId);
        break;
      case 'CLOSING':
        await settleClose(run, part, stand.jobId, tries);
        break;
      case 'CLOSED':
        await awaitEnd(run, part, stand.jobId, tries);
        break;
      case 'TERMINAL':
        await fetchResults(run, part, stand);
        break;
      case 'RESULTS':
        run.progress(part.part, { state: 'Checking' });
        if (!(await run.alone(() => takeResults(part, stand, tries)))) break;
        await record(run, part, { step: 'RECONCILED', part: part.part });
        run.progress(part.part, { state: 'Reconciled' });
        return;
      case 'RECONCILED':
      case 'KEPT':
        return;
      case 'SENDING':
      case 'SENT':
      case 'SETTLED':
        throw new Error(`part ${part.part} goes another way`);
      default:
        assertNever(stand);
    }
  }
}
