import { FailureError } from '../../../shared/contract/failure.ts';
import type { JobProgress, LoadNotice } from '../../../shared/domain/load-results.ts';
import { asFailure, LostAnswer, RefusedByOrg } from '../orgs/org-answers.ts';
import type { Clock } from '../ports.ts';
import type { IngestJobSpec, JobClient } from './ingest-job-client.ts';
import type { Journal } from './journal.ts';
import type { Step } from '../tables/tables.ts';
import { advance, type PartState, type PartStep } from './part-state.ts';
import type { WrittenPart } from './write-parts.ts';

/** What is left of a part when rows of it are kept. */
export interface KeptRows {
  readonly rows: number;
  /** Writes those that aren't as a part of their own; none if there are none. */
  readonly writeRest: () => Promise<WrittenPart[]>;
  /** Tells of a step that is on disk. */
  readonly kept: (parts: readonly WrittenPart[]) => void;
}

/** What the steps of a load work with. */
export interface LoadRun {
  readonly client: JobClient;
  readonly journal: Pick<Journal, 'write' | 'mark'>;
  readonly clock: Pick<Clock, 'sleep' | 'now' | 'elapsed'>;
  /** Milliseconds since the epoch by the org's clock. */
  readonly orgNow: () => number;
  /** Where the org is, for messages. */
  readonly host: string;
  /** How the jobs of each step are made. */
  readonly specs: Readonly<Record<Step, IngestJobSpec>>;
  readonly folder: string;
  /** Fires when the person cancels the load: its jobs are aborted, and what was done is still fetched. */
  readonly cancel: AbortSignal;
  /** Fires when Longshore ends, or a part beside ran into what the load pauses with: everything stays as the journal says. */
  readonly stop: AbortSignal;
  /** Fires when a job beside ended in a way that keeps others from being sent: what can still be taken back is. */
  readonly held: AbortSignal;
  /** Of parts that are worked on at the same time only one is at the load's tables, or makes further parts. */
  readonly alone: <T>(work: () => Promise<T>) => Promise<T>;
  readonly progress: (part: number, change: Partial<JobProgress>) => void;
  readonly notice: (notice: LoadNotice) => void;
  /**
   * Of an undo: looks at the records of a part once more, and keeps rows whose records have changed since. The parts that the others are
   * written to follow; null if there is nothing to keep. null for a load that is no undo.
   */
  readonly keepMoved: ((part: PartState) => Promise<KeptRows | null>) | null;
  /** Throws what keeps the load's own document from being saved. */
  readonly holdToDisk: () => void;
}

/** Moves a part by a step: on disk first, then in memory, by the same rules as a journal is read again. */
export async function record(
  run: Pick<LoadRun, 'journal' | 'holdToDisk'>,
  part: PartState,
  step: PartStep,
): Promise<void> {
  await run.journal.write(step);
  if (!advance(part, step)) throw new Error(`part ${part.part} cannot come to ${step.step} from ${part.stand.at}`);
  run.holdToDisk();
}

/** Whether parts that were not sent yet stay unsent: canceled, or held back by how another job ended. */
export function isOver({ cancel, held }: Pick<LoadRun, 'cancel' | 'held'>): boolean {
  return cancel.aborted || held.aborted;
}

/** For waits and reads: a cancel ends them at once, and so does the end of Longshore. */
export function untilCancelled(run: Pick<LoadRun, 'cancel' | 'stop'>): AbortSignal {
  return run.cancel.aborted ? run.stop : AbortSignal.any([run.cancel, run.stop]);
}

/** Waits or reads, and comes back with `null` where a cancel ended that: there is something else to do then. */
export async function unlessCancelled<T>(
  run: Pick<LoadRun, 'cancel' | 'stop'>,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T | null> {
  const before = run.cancel.aborted;
  try {
    return await work(untilCancelled(run));
  } catch (error) {
    if (run.stop.aborted) throw new FailureError({ code: 'LOAD_INTERRUPTED' });
    if (!before && run.cancel.aborted) return null;
    throw error;
  }
}

/** Whether an answer leaves it open what the org did, or says that it could not do it just now. */
export function isPassing(error: unknown): boolean {
  return (
    error instanceof LostAnswer ||
    (error instanceof RefusedByOrg && (error.status >= 500 || error.status === 429)) ||
    (error instanceof FailureError && error.failure.code === 'ORG_ANSWER_UNREADABLE')
  );
}

/** Whether there was no way to the org at all: nothing was asked, and nothing can have come of it. */
export function isNetworkAway(error: unknown): boolean {
  if (!(error instanceof FailureError) || error.failure.code !== 'ORG_UNREACHABLE') return false;
  return /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ENETUNREACH|EHOSTUNREACH|ENETDOWN|UND_ERR_CONNECT_TIMEOUT)$/.test(
    error.failure.reason,
  );
}

export function isNotFound(error: unknown): boolean {
  return error instanceof RefusedByOrg && error.status === 404;
}

/** What a load pauses with after an answer that is not going to get better by asking again. */
export function asPause(run: Pick<LoadRun, 'host'>, error: unknown): unknown {
  return asFailure(error, run.host);
}

/** How long the org asks to wait before it is asked again, if it does. */
export function askedToWait(error: unknown): number {
  return error instanceof RefusedByOrg ? (error.retryAfter ?? 0) : 0;
}
