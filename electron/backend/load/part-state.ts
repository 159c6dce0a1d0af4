import type { Digest } from '../../../shared/domain/ids.ts';
import type { LoadWay } from '../../../shared/domain/load-way.ts';
import type { Step } from '../tables/tables.ts';
import { afterCollection, type CollectionStand } from './journal-collections.ts';
import type { JobEnd, JournalStep, ResultFiles } from './journal-steps.ts';

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
  /** Whether its rows were sent before, as those of another part, and failed. */
  readonly again: boolean;
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

export function freshPart(
  planned: Extract<JournalStep, { step: 'PLANNED' }>['parts'][number],
  of: Step = planned.of ?? 'first',
  lockedOf: number | null = null,
  restOf: number | null = null,
  again = lockedOf !== null,
): PartState {
  const { way = null, turn = null } = planned;
  return {
    ...planned,
    of,
    way,
    turn,
    lockedOf,
    again,
    restOf,
    past: false,
    rounds: 0,
    stand: { at: 'PLANNED' },
    leftOpen: [],
    lostCreates: [],
  };
}

/** One of rows that are sent once more for another reason than that they were locked. */
export function partAgain(planned: Parameters<typeof freshPart>[0]): PartState {
  return freshPart(planned, undefined, null, null, true);
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
