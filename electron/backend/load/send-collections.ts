import { randomInt } from 'node:crypto';
import { COLLECTION_ROWS } from '../../../shared/domain/rehearsal.ts';
import { findAnswer, retell } from './collection-answers.ts';
import { collectionRows, countPart, leaveUnprocessed, lockedRows } from './collection-rows.ts';
import { plannedOf, type CollectionRun } from './collection-run.ts';
import { hasConditions } from './keep-in-collections.ts';
import { lastRow, sentCollections } from './journal-collections.ts';
import { freshTries, notAnswered, sendOne, type Pace } from './one-collection.ts';
import type { PartState } from './part-state.ts';
import { record, unlessCancelled } from './load-run.ts';
import { settleUnknown } from './settle-unknown.ts';

/** Between tries of rows that are locked, ms: Salesforce itself has waited ten seconds before each says so. */
const LOCK_PAUSES = [500, 2000];
/** Rows one after another that are locked even if they are sent alone: then it is something that lasts. */
const LOCKED_ALONE = 5;

/**
 * Brings one part from wherever its journal says it stands to where every row has its outcome: 200 rows a request, one after another, each
 * answered at once, by their place in it. A collection that was never answered is not sent again; its rows are looked up. A cancel lets
 * the one under way come to its end; its successors are not sent.
 */
export async function sendCollections(run: CollectionRun, part: PartState): Promise<void> {
  if (part.stand.at === 'SETTLED') return;
  const planned = plannedOf(run, part);
  await retell(run, planned, part);
  if (part.stand.at === 'SENDING' && !(await findAnswer(run, planned, part))) await notAnswered(run, part);
  // Rows that are sent once more have an outcome before they are.
  const isFresh = part.lockedOf !== null && part.stand.at === 'PLANNED';
  const counted = isFresh ? { processed: 0, failed: 0 } : await countPart(run, planned, part.part);
  const most = hasConditions(run, part) ? 1 : COLLECTION_ROWS;
  const pace: Pace = { size: most, most, alone: 0, countedAt: -Infinity, ...counted, ...freshTries(run) };
  // A kill may have come before rows that were locked had been sent again.
  if (!part.past) await sendLocked(run, part, pace);
  // Of a load that was reopened since, what was not sent is not sent any more.
  while (!part.past && !run.cancel.aborted) {
    run.stop.throwIfAborted();
    const rows = await collectionRows(run, planned, part.part, { after: lastSent(part), most: pace.size });
    if (rows.length === 0) break;
    await sendOne(run, part, rows, pace, false);
    await sendLocked(run, part, pace);
  }
  run.stop.throwIfAborted();
  if (part.stand.at !== 'PLANNED') await settle(run, part);
}

/**
 * Sends rows once more that another transaction kept from being saved, before those after them, which may name them: after pauses, each
 * a random share longer than another load's would be, and in the end each alone, for rows of one request can be in each other's way. Rows
 * that are still locked then have failed.
 */
async function sendLocked(run: CollectionRun, part: PartState, pace: Pace): Promise<void> {
  const last = sentCollections(part.stand)?.findLast(({ rows }) => !rows);
  if (!last) return;
  const planned = plannedOf(run, part);
  let locked = await lockedRows(run, planned, part.part, last);
  for (const pause of LOCK_PAUSES) {
    if (locked.length === 0 || run.cancel.aborted || !(await pauseFor(run, pause))) return;
    await sendAgain(run, part, locked, pace);
    locked = await lockedRows(run, planned, part.part, last);
  }
  // Rows that are saved together are not sent apart.
  if (planned.mapping.policies?.allOrNone === true) return;
  let inVain = 0;
  // A second time where it was another lock that a row met alone.
  for (const row of [...locked, ...locked]) {
    if (inVain === LOCKED_ALONE || run.cancel.aborted) return;
    run.stop.throwIfAborted();
    if (!(await isLocked(run, part, row))) continue;
    await sendAgain(run, part, [row], pace);
    inVain = (await isLocked(run, part, row)) ? inVain + 1 : 0;
  }
}

async function isLocked(run: CollectionRun, part: PartState, row: number): Promise<boolean> {
  return (await lockedRows(run, plannedOf(run, part), part.part, { from: row, to: row })).length > 0;
}

/** Waits between once and twice so long; false where the load was canceled meanwhile. */
async function pauseFor(run: CollectionRun, pause: number): Promise<boolean> {
  await unlessCancelled(run, (signal) => run.clock.sleep(pause + randomInt(pause), signal));
  return !run.cancel.aborted;
}

async function sendAgain(run: CollectionRun, part: PartState, locked: readonly number[], pace: Pace): Promise<void> {
  const planned = plannedOf(run, part);
  const rows = await collectionRows(run, planned, part.part, { rows: locked });
  await sendOne(run, part, rows, pace, true);
  // How many of them have failed is another number now.
  Object.assign(pace, await countPart(run, planned, part.part));
  run.progress(part.part, { state: 'InProgress', processed: pace.processed, failed: pace.failed });
}

async function settle(run: CollectionRun, part: PartState): Promise<void> {
  const planned = plannedOf(run, part);
  await leaveUnprocessed(run, planned, part.part);
  // Whoever did not answer may still be at it: what does not show in the org stays unknown.
  const end = { state: 'Gone', processed: 0 } as const;
  const found = await settleUnknown(run.results.fetch, planned, part, end, run.stop);
  if (found.settled + found.unknown > 0) run.notice({ code: 'ROWS_LOOKED_UP', jobId: null, ...found });
  const counted = await countPart(run, planned, part.part);
  await record(run, part, { step: 'SETTLED', part: part.part, ...counted });
  run.progress(part.part, { state: 'Reconciled', ...counted });
}

function lastSent(part: PartState): number {
  return lastRow(sentCollections(part.stand) ?? []);
}
