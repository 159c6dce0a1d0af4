import type { IngestJobSpec, ListedJob } from './ingest-job-client.ts';
import type { LostCreate, PartState } from './part-state.ts';
import { asPause, isPassing, record, type LoadRun } from './load-run.ts';
import { abortUnclosed } from './open-job.ts';
import { Tries } from './tries.ts';
import { RefusedByOrg } from '../orgs/org-answers.ts';

/** At the end of a load a job that does not want to be aborted is asked so often before the load pauses. */
const ABORTS = 8;
/** The Date header and a job's createdDate are told to the second. */
const EARLIER = 2000;
/** Of a creation whose end Longshore did not live to see: so long an answer was waited for at most. */
const LATER = 150_000;

/** What is known of who made a job. */
export interface OrphanTools {
  /** The user of the session. */
  readonly userId: string;
  /**
   * Jobs that other loads of this computer know to be theirs; null where that can't be told of a load that was at work after a time
   * (ms, by this computer's clock).
   */
  readonly knownJobs: (after: number) => Promise<ReadonlySet<string> | null>;
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
  for (const step of ['first', 'decided', 'second'] as const) {
    const lost = parts.flatMap((part) =>
      part.of === step ? part.lostCreates.map((create) => ({ part, create })) : [],
    );
    if (lost.length > 0) await leaveNoOrphan({ ...run, spec: run.specs[step] }, parts, lost, tools);
  }
}

/** A load that looks for jobs made in one way. */
type Search = LoadRun & { readonly spec: IngestJobSpec };

async function leaveNoOrphan(
  run: Search,
  parts: readonly PartState[],
  lost: readonly { readonly part: PartState; readonly create: LostCreate }[],
  tools: OrphanTools,
): Promise<void> {
  const creates = lost.map(({ create }) => create);
  const orphans = await findOrphans(run, parts, creates, tools);
  if (orphans.sure) for (const { id } of orphans.jobs) await abortOrPause(run, id);
  else if (orphans.jobs.length > 0) run.notice({ code: 'JOBS_LEFT_OPEN', jobIds: orphans.jobs.map(({ id }) => id) });
  for (const [index, { part, create }] of lost.entries()) {
    const jobIds = orphans.sure ? orphans.jobs.slice(index, index + 1).map(({ id }) => id) : [];
    await record(run, part, { step: 'ORPHANS', part: part.part, at: create.at, jobIds });
  }
}

async function abortOrPause(run: LoadRun, jobId: string): Promise<void> {
  try {
    await abortUnclosed(run, jobId, new Tries(run.clock, ABORTS));
  } catch (error) {
    throw asPause(run, error);
  }
}

/**
 * Open jobs that may have come of creations of ours: made by our user, of the same kind to the last setting, while one was under
 * way, and known to no load. Not sure if there are more of them than creations, or other loads' jobs are not known: some are then
 * another program's or another load's, and which can't be told.
 */
async function findOrphans(
  run: Search,
  parts: readonly PartState[],
  creates: readonly LostCreate[],
  { userId, knownJobs }: OrphanTools,
): Promise<{ jobs: ListedJob[]; sure: boolean }> {
  try {
    const listed: ListedJob[] = [];
    for await (const page of run.client.list(run.stop))
      listed.push(...page.filter((job) => mayBeOurs(job, userId, run, creates)));
    const first = Math.min(...creates.map(({ at }) => at)) - EARLIER;
    // Read after the list: a job that another load made meanwhile is known by now.
    const known = await knownJobs(run.clock.now() - (run.orgNow() - first) - LATER);
    const own = new Set(parts.flatMap(({ stand }) => ('jobId' in stand ? [stand.jobId] : [])));
    const jobs: ListedJob[] = [];
    for (const job of listed)
      if (!own.has(job.id) && known?.has(job.id) !== true && (await run.client.isLike(job.id, run.spec, run.stop)))
        jobs.push(job);
    return { jobs, sure: known !== null && jobs.length <= creates.length };
  } catch (error) {
    if (isPassing(error) || error instanceof RefusedByOrg) throw asPause(run, error);
    throw error;
  }
}

function mayBeOurs(job: ListedJob, user: string, { spec }: Search, creates: readonly LostCreate[]): boolean {
  const created = Date.parse(job.createdDate);
  return (
    job.state === 'Open' &&
    job.object?.toLowerCase() === spec.object.toLowerCase() &&
    job.operation === spec.operation &&
    job.createdById.slice(0, 15) === user.slice(0, 15) &&
    creates.some(({ at, until }) => created >= at - EARLIER && created <= (until ?? at + LATER) + EARLIER)
  );
}
