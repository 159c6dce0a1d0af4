import { FailureError } from '../../../shared/contract/failure.ts';
import { OneAtATime } from '../one-at-a-time.ts';
import type { PartState } from './part-state.ts';
import { keepingMoved, restsOf } from './keep-in-jobs.ts';
import type { LoadRun } from './load-run.ts';
import { toProgress } from './part-progress.ts';
import { runPart } from './run-part.ts';
import { sendCollections } from './send-collections.ts';
import { sendLockedAgain } from './send-locked-again.ts';
import { batchResultTaker } from './take-batch-results.ts';
import { resultTaker } from './take-results.ts';
import { wayOf, type WholeRun } from './whole-run.ts';

/** Brings a part, and what is left of it, to its end; false if it ended in a way that keeps others from being sent. */
type Send = (part: PartState) => Promise<boolean>;

/**
 * Brings parts to their ends: one turn after another, and of one turn several parts at the same time. Rows of a turn that were locked are
 * sent once more when nothing else of it is under way. False if a part ended in a way that keeps those after it from being sent.
 */
export async function runParts(run: WholeRun, all: PartState[], which: readonly PartState[]): Promise<boolean> {
  const send = sender(run, all);
  const added = () => run.added(all.map(toProgress));
  // Those of rows that were locked follow the parts that they are of, and so do rows that are left of a part.
  const heads = which.filter(({ lockedOf, restOf }) => lockedOf === null && restOf === null);
  for (const together of turnsOf(heads, run.stored.plan.jobsAtOnce)) {
    if (!(await runTurn(run, all, together, send))) return false;
    for (const part of together) {
      if (wayOf(run, part) === 'collections') continue;
      for (const one of [part, ...restsOf(all, part)]) {
        const sending = { parts: all, send, added, wayOf: (of: PartState) => wayOf(run, of) };
        if (!(await sendLockedAgain(run, one, sending))) return false;
      }
    }
  }
  return true;
}

/** Parts one after another, those of one turn together where so many may be at work at once. */
function turnsOf(parts: readonly PartState[], jobsAtOnce: number): PartState[][] {
  const turns: PartState[][] = [];
  for (const part of parts) {
    const last = turns.at(-1);
    if (last && jobsAtOnce > 1 && part.turn !== null && last[0]?.turn === part.turn) last.push(part);
    else turns.push([part]);
  }
  return turns;
}

function sender(run: WholeRun, all: PartState[]): Send {
  const keepMoved = keepingMoved(run, all, () => run.added(all.map(toProgress)));
  const takeResults = {
    bulk: resultTaker(run, run.results),
    'bulk-1': batchResultTaker({ ...run, client: run.clients['bulk-1'] }, run.results),
  };
  const send: Send = async (part) => {
    // Outcomes that were lost are made of its result files again; it is not sent.
    if (part.past && part.stand.at !== 'RESULTS' && part.stand.at !== 'SENT') return true;
    const way = wayOf(run, part);
    if (way === 'collections') await sendCollections(run, part);
    else await runPart({ ...run, client: run.clients[way], keepMoved }, part, takeResults[way]);
    for (const rest of all.filter(({ restOf }) => restOf === part.part)) if (!(await send(rest))) return false;
    return part.past || endedWell(run, part);
  };
  return send;
}

/**
 * Brings the parts of a turn to their ends, so many at the same time as the plan allows, and in their order. If a job ends in a way that
 * keeps others from being sent, those beside it that are not closed yet are taken back, and the others come to their ends. What one part
 * throws stops those beside it where they stand, as a pause does, and is thrown when all have let go.
 */
async function runTurn(
  run: WholeRun,
  all: PartState[],
  parts: readonly PartState[],
  sendAlone: Send,
): Promise<boolean> {
  const [first] = parts;
  if (first && parts.length === 1) return sendAlone(first);
  const [halt, held, turns] = [new AbortController(), new AbortController(), new OneAtATime()];
  const stop = AbortSignal.any([run.stop, halt.signal]);
  const beside: Pick<LoadRun, 'stop' | 'held' | 'alone'> = {
    stop,
    held: held.signal,
    alone: (work) => turns.run('tables', stop, work),
  };
  const send = sender({ ...run, ...beside }, all);
  // Known before anything is begun: after a kill one may have ended so, and others be under way.
  const before = parts.flatMap((part) => [part, ...restsOf(all, part)]);
  if (before.some((part) => !part.past && !endedWell(run, part))) held.abort();
  const waiting = [...parts];
  const failures: unknown[] = [];
  let isWell = true;
  const work = async () => {
    for (let part = waiting.shift(); part && failures.length === 0; part = waiting.shift()) {
      try {
        if (await send(part)) continue;
        isWell = false;
        held.abort();
      } catch (error) {
        // What those beside it throw after this follows from it.
        failures.push(error);
        halt.abort(new FailureError({ code: 'LOAD_INTERRUPTED' }));
      }
    }
  };
  await Promise.all(Array.from({ length: run.stored.plan.jobsAtOnce }, work));
  if (failures.length > 0) throw failures[0];
  return isWell;
}

/**
 * A job that failed as a whole, was aborted in Setup or is gone: the parts after it are not sent. What stopped it stops them too,
 * or somebody wanted it stopped.
 */
function endedWell(run: LoadRun, part: PartState): boolean {
  const { stand } = part;
  if (stand.at !== 'RECONCILED' || stand.end.state === 'JobComplete') return true;
  if (!run.cancel.aborted && stand.end.state !== 'Gone')
    run.notice({ code: 'JOB_ENDED_EARLY', jobId: stand.jobId, state: stand.end.state, message: stand.end.message });
  return false;
}
