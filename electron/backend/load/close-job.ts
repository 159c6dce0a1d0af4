import { FailureError } from '../../../shared/contract/failure.ts';
import type { IngestJobInfo } from '../../../shared/domain/ingest-job.ts';
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
import type { PartState } from './part-state.ts';
import type { PartTries } from './run-part.ts';
import { RefusedByOrg } from '../orgs/org-answers.ts';
import { Tries } from './tries.ts';

/** A job is gone when the org says so this often, with pauses: a single 404 may be a server that does not know it yet. */
const ASKS_FOR_A_GONE_JOB = 4;
/** A network that is away for a minute, as when a computer wakes, is waited for. */
const ASKS_WITHOUT_A_NETWORK = 9;

/** The commit point: written down, and marked, before the org is told, for from here on it may be working on the rows. */
export async function closeJob(run: LoadRun, part: PartState, jobId: string): Promise<void> {
  await record(run, part, { step: 'CLOSING', part: part.part });
  if ((await sendClose(run, jobId)) === null) await record(run, part, { step: 'CLOSED', part: part.part });
}

/** null if the org said yes, which settles nothing: `awaitEnd` looks whether it is so. */
async function sendClose(run: LoadRun, jobId: string): Promise<unknown> {
  await run.journal.mark();
  try {
    await run.client.close(jobId, run.stop);
    return null;
  } catch (error) {
    if (isPassing(error) || error instanceof RefusedByOrg) return error;
    throw error;
  }
}

/** After a close that was not answered with yes: ask first. Only a job that is still open is closed again, or aborted. */
export async function settleClose(run: LoadRun, part: PartState, jobId: string, tries: PartTries): Promise<void> {
  const info = await askForJob(run, jobId).catch((error: unknown) => {
    if (error instanceof FailureError && error.failure.code === 'ORG_UNREACHABLE')
      throw new FailureError({ code: 'LOAD_STATE_UNKNOWN', jobId });
    throw error;
  });
  // A cancel came in between: asked again, the org is told to abort instead.
  if (info === null) return;
  if (info === 'gone' || info.state !== 'Open' || run.cancel.aborted) {
    await record(run, part, { step: 'CLOSED', part: part.part });
    return;
  }
  const refused = await sendClose(run, jobId);
  if (refused === null) {
    await record(run, part, { step: 'CLOSED', part: part.part });
    return;
  }
  await unlessCancelled(run, (signal) => tries.close.again(asPause(run, refused), signal, askedToWait(refused)));
}

/** What the org says of a job; `gone` if it keeps saying that there is none; null if a cancel ended the asking. */
export async function askForJob(run: LoadRun, jobId: string): Promise<IngestJobInfo | 'gone' | null> {
  const gone = new Tries(run.clock, ASKS_FOR_A_GONE_JOB);
  const away = new Tries(run.clock, ASKS_WITHOUT_A_NETWORK);
  for (;;) {
    let failed: unknown;
    try {
      return await unlessCancelled(run, (signal) => run.client.info(jobId, signal));
    } catch (error) {
      failed = error;
    }
    try {
      if (isNotFound(failed)) await unlessCancelled(run, (signal) => gone.again('gone', signal));
      else if (isNetworkAway(failed)) await unlessCancelled(run, (signal) => away.again(failed, signal));
      else throw asPause(run, failed);
    } catch (error) {
      if (error === 'gone') return 'gone';
      throw error;
    }
  }
}
