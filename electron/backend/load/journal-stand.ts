import type { JournalStep } from './journal-steps.ts';
import { advance, freshPart, partAgain, type PartState } from './part-state.ts';

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
        parts.push(...step.parts.map(partAgain));
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
