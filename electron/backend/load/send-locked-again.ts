import { randomInt } from 'node:crypto';
import { needsJobs } from '../../../shared/domain/field-mapping.ts';
import { BATCH_ROWS } from '../../../shared/domain/load-forecast.ts';
import type { LoadWay } from '../../../shared/domain/load-way.ts';
import { COLLECTION_ROWS } from '../../../shared/domain/rehearsal.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { tablesOf } from '../tables/tables.ts';
import { lockedSql } from './collection-rows.ts';
import type { Journal } from './journal.ts';
import { freshPart, type PartState } from './part-state.ts';
import { unlessCancelled, type LoadRun } from './load-run.ts';
import type { ResultTools } from './take-results.ts';
import { writePartAgain, type WrittenPart } from './write-parts.ts';

/** How rows that were locked are sent once more. */
interface Round {
  /** Before it, ms, and a random share as long: another load that met the same lock does not come at the same time. */
  readonly pause: number;
  /** Rows of a job. */
  readonly most: number;
  readonly way: LoadWay;
}

/**
 * Salesforce works on 10,000 rows of a job at a time, and on several such batches at once (Bulk API 2.0 Developer Guide, "How Requests
 * Are Processed"): rows of a smaller job are in nobody's way but another transaction's. At last they go one request after another.
 */
const ROUNDS: readonly Round[] = [
  { pause: 500, most: 10_000, way: 'bulk' },
  { pause: 1000, most: 1000, way: 'bulk' },
  { pause: 500, most: 10_000, way: 'collections' },
];

/** The rounds of an operation that only jobs can do: at last one batch after another, by Bulk API 1.0 in Serial mode. */
const ROUNDS_OF_JOBS: readonly Round[] = [...ROUNDS.slice(0, -1), { pause: 500, most: BATCH_ROWS, way: 'bulk-1' }];

export interface LockedRun extends Pick<LoadRun, 'clock' | 'cancel' | 'stop' | 'folder'> {
  readonly journal: Pick<Journal, 'write'>;
  readonly staging: StagingClient;
  readonly results: ResultTools;
}

/** The parts of a load, to which others may come, and how one is sent; false where those after it are not. */
export interface Sending {
  readonly parts: PartState[];
  readonly send: (part: PartState) => Promise<boolean>;
  readonly added: () => void;
  readonly wayOf: (part: PartState) => LoadWay;
}

/**
 * Sends rows of a part once more that failed because somebody else had locked their records or the parents of these, until none is left
 * or nothing helps: as jobs of one batch, as smaller ones, and then one request after another. Called again after a kill it goes on from
 * what the journal knows. False where a job ended in a way that keeps those after it from being sent.
 */
export async function sendLockedAgain(
  run: LockedRun,
  part: PartState,
  { parts, send, added, wayOf }: Sending,
): Promise<boolean> {
  const again = () => parts.filter(({ lockedOf }) => lockedOf === part.part);
  for (const one of again()) if (!(await send(one))) return false;
  // Of a load that was reopened since, what was not sent is not sent any more.
  if (part.past) return true;
  let before = Infinity;
  const rounds = needsJobs(run.results.planned[part.of].mapping.operation) ? ROUNDS_OF_JOBS : ROUNDS;
  while (part.rounds < rounds.length && !run.cancel.aborted) {
    const sources = [part, ...again()].map((one) => one.part);
    const locked = await countLocked(run, part, sources);
    if (locked === 0) return true;
    const round = rounds[part.rounds];
    const isLast = part.rounds === rounds.length - 1;
    // Few rows go one request after another at once, and so do those that no job got through.
    const written =
      !round || (!isLast && (locked <= COLLECTION_ROWS || locked === before))
        ? []
        : await writeRound(run, part, { parts, sources, way: wayOf(part) }, round);
    if (written === null) return true;
    await run.journal.write({ step: 'LOCKED', part: part.part, parts: written });
    part.rounds++;
    const fresh = written.map((one) => freshPart(one, part.of, part.part));
    parts.push(...fresh);
    if (fresh.length > 0) added();
    for (const one of fresh) if (!(await send(one))) return false;
    if (fresh.length > 0) before = locked;
  }
  return true;
}

/** null where the load was canceled while it waited. */
async function writeRound(
  run: LockedRun,
  part: PartState,
  { parts, sources, way: own }: { parts: readonly PartState[]; sources: readonly number[]; way: LoadWay },
  { pause, most, way: usual }: Round,
): Promise<WrittenPart[] | null> {
  await unlessCancelled(run, (signal) => run.clock.sleep(pause + randomInt(pause), signal));
  if (run.cancel.aborted) return null;
  const planned = run.results.planned[part.of];
  // Rows that are to go in Serial mode do so again.
  const way = usual === 'bulk' && own === 'bulk-1' ? 'bulk-1' : usual;
  const staging = run.staging.until(run.stop);
  const rowsSql = `SELECT row_number FROM (${lockedIn(run, part, sources)}) ORDER BY nth LIMIT ${most}`;
  const written: WrittenPart[] = [];
  for (let next = Math.max(...parts.map((one) => one.part)) + 1; ; next++) {
    const one = await writePartAgain(staging, planned, run.folder, { part: next, rowsSql, way });
    if (one === null) return written;
    written.push({ ...one, way, ...(part.of === 'decided' ? { of: 'decided' as const } : {}) });
  }
}

async function countLocked(run: LockedRun, part: PartState, sources: readonly number[]): Promise<number> {
  const [found] = await run.staging
    .until(run.stop)
    .query(`SELECT count(*) AS n FROM (${lockedIn(run, part, sources)})`);
  return Number(found?.['n']);
}

/** Rows of parts that are locked, with their place in the order in which rows are sent. */
function lockedIn({ results }: LockedRun, { of }: PartState, sources: readonly number[]): string {
  const { planId, step } = results.planned[of];
  const { outcome, submission } = tablesOf(planId, step);
  return `SELECT o.row_number, s.nth FROM ${outcome} o JOIN ${submission} s USING (row_number)
    WHERE s.part IN (${sources.join(', ')}) AND o.kind = 'failed' AND ${lockedSql('o')}`;
}
