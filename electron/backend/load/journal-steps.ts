import { z } from 'zod';
import { Digest, LoadId, OrgId, PlanId } from '../../../shared/domain/ids.ts';
import { IngestJobState } from '../../../shared/domain/ingest-job.ts';
import { LoadWay } from '../../../shared/domain/load-way.ts';
import type { Step } from '../tables/tables.ts';
import { afterCollection, CollectionSteps, type CollectionStand } from './journal-collections.ts';

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

/** Where a part stands. A job is there from `CREATED` to its end, and not otherwise. Collections have none. */
export type PartStand =
  | { readonly at: 'PLANNED' | 'KEPT' }
  | { readonly at: 'CREATED' | 'UPLOADING' | 'UPLOADED' | 'CLOSING' | 'CLOSED'; readonly jobId: string }
  | { readonly at: 'TERMINAL'; readonly jobId: string; readonly end: JobEnd }
  | { readonly at: 'RECONCILED'; readonly jobId: string; readonly end: JobEnd; readonly files: ResultFiles }
  | { readonly at: 'RESULTS'; readonly jobId: string; readonly end: JobEnd; readonly files: ResultFiles }
  | CollectionStand;

/** When a creation was sent, and when it was given up; null if Longshore ended first. */
export interface LostCreate {
  readonly at: number;
  readonly until: number | null;
}

export interface PartState {
  readonly part: number;
  readonly rows: number;
  readonly bytes: number;
  readonly sha256: Digest;
  /** What of the load it is: those of the second step are updates of what the first made. */
  readonly of: Step;
  /** Of a load that was reopened since: what was not sent of it is not sent any more. */
  past: boolean;
  /** How it is sent, where that is not the load's own way. */
  readonly way: LoadWay | null;
  /** Parts of one turn may be worked on at the same time; null for one that is worked on by itself. */
  readonly turn: number | null;
  /** The part whose rows it sends once more, for they were locked; null for one that sends its own. */
  readonly lockedOf: number | null;
  /** The part whose other rows were kept; null for one of which nothing is known to be. */
  readonly restOf: number | null;
  /** How often rows of it that were locked were looked for, to be sent once more. */
  rounds: number;
  stand: PartStand;
  /** Jobs that were given up and may still be open in the org. */
  leftOpen: string[];
  /** When creations were sent that were never answered and not looked into yet. */
  lostCreates: LostCreate[];
}

/** What a whole journal says. */
export interface JournalStand {
  readonly begun: Extract<JournalStep, { step: 'BEGUN' }> | null;
  /** null until the parts are written. */
  readonly parts: PartState[] | null;
  /** Whether rows that failed by a race were sent once more, or none had. */
  readonly again: boolean;
  /** Whether the parts of the second step were written, or it had none. */
  readonly second: boolean;
  /** Whether the load had finished before, and tries its second step once more. */
  readonly reopened: boolean;
  readonly cancelling: boolean;
  readonly finished: boolean;
  /** Every job of ours that the journal knows of. */
  readonly jobIds: ReadonlySet<string>;
}

/** Thrown for steps that cannot follow one another: such a journal is not ours to go by. */
export class ImpossibleStep extends Error {
  readonly index: number;
  constructor(index: number) {
    super(`step ${index + 1} cannot follow those before it`);
    this.index = index;
  }
}

export function freshPart(
  planned: Extract<JournalStep, { step: 'PLANNED' }>['parts'][number],
  of: Step = planned.of ?? 'first',
  lockedOf: number | null = null,
  restOf: number | null = null,
): PartState {
  const { way = null, turn = null } = planned;
  return {
    ...planned,
    of,
    way,
    turn,
    lockedOf,
    restOf,
    past: false,
    rounds: 0,
    stand: { at: 'PLANNED' },
    leftOpen: [],
    lostCreates: [],
  };
}

/** Where everything stands, from the journal alone. Throws `ImpossibleStep`. */
export function standOf(steps: readonly JournalStep[]): JournalStand {
  let begun: JournalStand['begun'] = null;
  let parts: PartState[] | null = null;
  let again = false;
  let second = false;
  let reopened = false;
  let cancelling = false;
  let finished = false;
  const jobIds = new Set<string>();
  for (const [index, step] of steps.entries()) {
    const impossible = new ImpossibleStep(index);
    if ((index === 0) !== (step.step === 'BEGUN')) throw impossible;
    switch (step.step) {
      case 'BEGUN':
        begun = step;
        break;
      case 'PLANNED':
        if (parts !== null) throw impossible;
        parts = step.parts.map((part) => freshPart(part));
        break;
      case 'AGAIN':
        if (parts === null || again) throw impossible;
        parts.push(...step.parts.map((part) => freshPart(part)));
        again = true;
        break;
      case 'LOCKED': {
        const locked = parts?.find(({ part }) => part === step.part);
        if (!parts || !locked || (locked.stand.at !== 'RECONCILED' && locked.stand.at !== 'KEPT')) throw impossible;
        locked.rounds++;
        parts.push(...step.parts.map((part) => freshPart(part, locked.of, locked.part)));
        break;
      }
      case 'KEPT': {
        const part = parts?.find((one) => one.part === step.part);
        if (!parts || part?.stand.at !== 'PLANNED') throw impossible;
        part.stand = { at: 'KEPT' };
        parts.push(...step.parts.map((one) => freshPart(one, part.of, part.lockedOf, part.part)));
        break;
      }
      case 'SECOND':
        if (parts === null || second) throw impossible;
        parts.push(...step.parts.map((part) => freshPart(part, 'second')));
        second = true;
        break;
      case 'CANCELLING':
        cancelling = true;
        break;
      case 'FINISHED':
        finished = true;
        break;
      case 'REOPENED':
        // Twice where the first was not followed by anything.
        if (parts === null || !(finished || (reopened && !second))) throw impossible;
        for (const part of parts) part.past = true;
        [again, second, reopened, cancelling, finished] = [true, false, true, false, false];
        break;
      default: {
        const part: PartState | undefined = parts?.find((candidate) => candidate.part === step.part);
        if (part === undefined || !advance(part, step)) throw impossible;
        if ('jobId' in step) jobIds.add(step.jobId);
        if (step.step === 'ORPHANS') for (const jobId of step.jobIds) jobIds.add(jobId);
      }
    }
  }
  return { begun, parts, again, second, reopened, cancelling, finished, jobIds };
}

export type PartStep = Exclude<Extract<JournalStep, { part: number }>, { step: 'LOCKED' | 'KEPT' }>;

/** Moves a part by a step of its own; false if it cannot be there. */
export function advance(part: PartState, step: PartStep): boolean {
  const { stand } = part;
  const job = 'jobId' in stand ? stand.jobId : null;
  switch (step.step) {
    case 'CREATING':
      part.lostCreates = [...part.lostCreates, { at: step.at, until: null }];
      return stand.at === 'PLANNED';
    case 'LOST':
      part.lostCreates = part.lostCreates.map((lost) => (lost.at === step.at ? step : lost));
      return true;
    case 'CREATED':
      // Answered: the last creation is not lost.
      part.lostCreates = part.lostCreates.slice(0, -1);
      part.stand = { at: 'CREATED', jobId: step.jobId };
      return stand.at === 'PLANNED';
    case 'UPLOADING':
    case 'UPLOADED':
    case 'CLOSING':
    case 'CLOSED': {
      if (job === null) return false;
      part.stand = { at: step.step, jobId: job };
      const before = {
        UPLOADING: ['CREATED'],
        UPLOADED: ['UPLOADING'],
        CLOSING: ['UPLOADED', 'CLOSING', 'CLOSED'],
        CLOSED: ['CLOSING'],
      };
      return before[step.step].includes(stand.at);
    }
    case 'TERMINAL': {
      if (job === null) return false;
      const { state, processed, failed, message } = step;
      part.stand = { at: 'TERMINAL', jobId: job, end: { state, processed, failed, message } };
      // Again, where the job's counters were still on their way.
      return ['CLOSING', 'CLOSED', 'RESULTS'].includes(stand.at);
    }
    case 'RESULTS':
      if (stand.at !== 'TERMINAL' && stand.at !== 'RESULTS' && stand.at !== 'RECONCILED') return false;
      part.stand = { at: 'RESULTS', jobId: stand.jobId, end: stand.end, files: step.files };
      return true;
    case 'RECONCILED':
      // Again, where the outcomes were lost with the database they were in.
      if (stand.at !== 'RESULTS' && stand.at !== 'RECONCILED') return false;
      part.stand = { at: 'RECONCILED', jobId: stand.jobId, end: stand.end, files: stand.files };
      return true;
    case 'DISCARDED':
      part.stand = { at: 'PLANNED' };
      part.leftOpen = [...part.leftOpen, step.jobId];
      return job === step.jobId && ['CREATED', 'UPLOADING', 'UPLOADED'].includes(stand.at);
    case 'ABORTED':
      part.leftOpen = part.leftOpen.filter((jobId) => jobId !== step.jobId);
      return true;
    case 'ORPHANS':
      part.lostCreates = part.lostCreates.filter(({ at }) => at !== step.at);
      return true;
    default: {
      const next = afterCollection(stand, step);
      part.stand = next ?? stand;
      return next !== null;
    }
  }
}
