import type { LoadNotice } from '../../../shared/domain/load-results.ts';
import type { ListedJob } from './ingest-job-client.ts';
import type { PartState } from './journal-steps.ts';
import { asPause, isPassing, record, type LoadRun } from './load-run.ts';
import { abortUnclosed } from './open-job.ts';
import { Tries } from './tries.ts';
import { RefusedByOrg } from '../orgs/org-answers.ts';

/** At the end of a load a job that does not want to be aborted is asked so often before the load pauses. */
const ABORTS = 8;
/** The Date header and a job's createdDate are told to the second, and an answer that is lost may have been slow to come. */
const EARLIER = 2000;
const LATER = 150_000;

/** What is known of who made a job. */
export interface OrphanTools {
  /** The user of the session. */
  readonly userId: () => Promise<string>;
  /** Jobs that loads of this computer know to be theirs. */
  readonly knownJobs: () => Promise<ReadonlySet<string>>;
}

/**
 * Aborts every job of ours that is still open: those thrown away, and those whose creation was never answered, found in the org's
 * own list. An empty open job does no harm and expires by itself; left in the list, it makes others wonder.
 */
export async function leaveNoJobOpen(run: LoadRun, parts: readonly PartState[], tools: OrphanTools): Promise<void> {
  for (const part of parts) {
    for (const jobId of part.leftOpen) {
      await abortOrPause(run, jobId);
      await record(run, part, { step: 'ABORTED', part: part.part, jobId });
    }
  }
  const lost = parts.flatMap((part) => part.lostCreates.map((at) => ({ part, at })));
  if (lost.length === 0) return;
  const candidates = await findCandidates(run, lost, tools);
  // More open jobs than creations of ours: some are another program's, and which is not to be told.
  const ours = candidates.length <= lost.length;
  if (ours) for (const { id } of candidates) await abortOrPause(run, id);
  else run.notice(leftOpen(candidates));
  for (const [index, { part, at }] of lost.entries()) {
    const jobIds = ours ? candidates.slice(index, index + 1).map(({ id }) => id) : [];
    await record(run, part, { step: 'ORPHANS', part: part.part, at, jobIds });
  }
}

function leftOpen(jobs: readonly ListedJob[]): LoadNotice {
  return { code: 'JOBS_LEFT_OPEN', jobIds: jobs.map(({ id }) => id) };
}

async function abortOrPause(run: LoadRun, jobId: string): Promise<void> {
  try {
    await abortUnclosed(run, jobId, new Tries(run.clock, ABORTS));
  } catch (error) {
    throw asPause(run, error);
  }
}

/** Open jobs like ours, made by our user about when a creation of ours was under way, that no load is known to have. */
async function findCandidates(
  run: LoadRun,
  lost: readonly { readonly at: number }[],
  { userId, knownJobs }: OrphanTools,
): Promise<ListedJob[]> {
  const [user, known] = [await userId(), await knownJobs()];
  const found: ListedJob[] = [];
  try {
    for await (const page of run.client.list(run.stop)) {
      found.push(
        ...page.filter(
          (job) =>
            job.state === 'Open' &&
            job.object?.toLowerCase() === run.spec.object.toLowerCase() &&
            job.operation === run.spec.operation &&
            job.createdById.slice(0, 15) === user.slice(0, 15) &&
            !known.has(job.id) &&
            lost.some(({ at }) => isAbout(Date.parse(job.createdDate), at)),
        ),
      );
    }
  } catch (error) {
    if (isPassing(error) || error instanceof RefusedByOrg) throw asPause(run, error);
    throw error;
  }
  return found;
}

function isAbout(created: number, sent: number): boolean {
  return created >= sent - EARLIER && created <= sent + LATER;
}
