import { z } from 'zod';
import { Digest, LoadId, OrgId, PlanId } from '../../../shared/domain/ids.ts';
import { IngestJobState } from '../../../shared/domain/ingest-job.ts';
import { LoadWay } from '../../../shared/domain/load-way.ts';
import { CollectionSteps } from './journal-collections.ts';

const Part = z.number().int().positive();
const JobId = z.string().min(15);

/**
 * `of`: rows that update the records they were decided to be; else they are of the load's own operation. `way`: how they are sent, where
 * that is not the load's own. `turn`: those of one may be worked on at the same time; without one a part is worked on by itself.
 */
const WrittenParts = z.array(
  z.object({
    part: Part,
    rows: z.number(),
    bytes: z.number(),
    sha256: Digest,
    of: z.literal('decided').optional(),
    way: LoadWay.optional(),
    turn: Part.optional(),
  }),
);

/** One result file of a job, as it lies on disk; null where it could not be had or is not believed. */
const ResultOnDisk = z.object({ sha256: Digest, bytes: z.number() }).nullable();

/**
 * What is written and fsynced before each network call of a load, so that a process killed at any point can go on without
 * sending a row twice. `CLOSING` is the commit point of a part: before it the job can be thrown away, from it on only reads
 * are allowed until the job's state is known.
 */
export const JournalStep = z.discriminatedUnion('step', [
  /** The first of every journal: whose it is. */
  z.object({ step: z.literal('BEGUN'), loadId: LoadId, planId: PlanId, planDigest: Digest, orgId: OrgId }),
  /** The part files as they were written; what is uploaded must be these bytes. */
  z.object({ step: z.literal('PLANNED'), parts: WrittenParts }),
  /** Rows that failed by a race and are sent once more, as further parts; none if no row did. */
  z.object({ step: z.literal('AGAIN'), parts: WrittenParts }),
  /** Rows of a part that somebody else had locked and that are sent once more, as further parts; none if no row is any more. */
  z.object({ step: z.literal('LOCKED'), part: Part, parts: WrittenParts }),
  /** Rows that are given lookups now that the rows they name have their records, as further parts; none if no row can be. */
  z.object({ step: z.literal('SECOND'), parts: WrittenParts }),
  /** `at`: ms since the epoch by the org's clock, to know a job again whose creation was never answered. */
  z.object({ step: z.literal('CREATING'), part: Part, at: z.number() }),
  /** The creation sent at `at` was not answered, and by `until` nobody waited for it any more. */
  z.object({ step: z.literal('LOST'), part: Part, at: z.number(), until: z.number() }),
  z.object({ step: z.literal('CREATED'), part: Part, jobId: JobId }),
  z.object({ step: z.literal('UPLOADING'), part: Part }),
  z.object({ step: z.literal('UPLOADED'), part: Part, bytes: z.number(), sha256: Digest }),
  z.object({ step: z.literal('CLOSING'), part: Part }),
  z.object({ step: z.literal('CLOSED'), part: Part }),
  /** `Gone`: the org no longer knows the job. */
  z.object({
    step: z.literal('TERMINAL'),
    part: Part,
    state: z.union([IngestJobState, z.literal('Gone')]),
    processed: z.number(),
    failed: z.number(),
    message: z.string(),
  }),
  z.object({
    step: z.literal('RESULTS'),
    part: Part,
    files: z.object({
      successfulResults: ResultOnDisk,
      failedResults: ResultOnDisk,
      unprocessedrecords: ResultOnDisk,
    }),
  }),
  z.object({ step: z.literal('RECONCILED'), part: Part }),
  /** A part that was given up before its commit point, and will be sent by another job. */
  z.object({ step: z.literal('DISCARDED'), part: Part, jobId: JobId }),
  /** A job of a part that was given up is no longer open in the org. */
  z.object({ step: z.literal('ABORTED'), part: Part, jobId: JobId }),
  /** The creation at `at`, never answered, was looked into: these jobs came of it and were aborted. */
  z.object({ step: z.literal('ORPHANS'), part: Part, at: z.number(), jobIds: z.array(JobId) }),
  /**
   * Rows of a part of an undo whose records somebody has changed since the plan was made, or deleted: they stay as they are, no job has them, and
   * the others follow as further parts; none if there are no others.
   */
  z.object({ step: z.literal('KEPT'), part: Part, parts: WrittenParts }),
  ...CollectionSteps,
  z.object({ step: z.literal('CANCELLING') }),
  z.object({ step: z.literal('FINISHED') }),
  /** A finished load is to try its second step once more: what was sent before is past, and only `SECOND` comes anew. */
  z.object({ step: z.literal('REOPENED') }),
]);
export type JournalStep = z.infer<typeof JournalStep>;
export type JobEnd = Omit<Extract<JournalStep, { step: 'TERMINAL' }>, 'step' | 'part'>;
export type ResultFiles = Extract<JournalStep, { step: 'RESULTS' }>['files'];
