import { randomInt } from 'node:crypto';
import { FailureError } from '../../../shared/contract/failure.ts';
import { COLLECTION_ROWS } from '../../../shared/domain/rehearsal.ts';
import { NEVER } from '../never.ts';
import { LostAnswer, NothingAsked, RefusedByOrg } from '../orgs/org-answers.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { PlannedMapping } from '../plan/plan-input.ts';
import { saveCollection, type CollectionSave, type SaveItem } from './collection-client.ts';
import { findAnswer, keepAnswered, nextCollection, retell } from './collection-answers.ts';
import {
  collectionRows,
  countPart,
  keepUnknown,
  leaveUnprocessed,
  lockedRows,
  type CollectionRow,
} from './collection-rows.ts';
import { hasConditions, keptOf, sendUnchanged, together } from './keep-in-collections.ts';
import { lastRow, sentCollections } from './journal-collections.ts';
import type { PartState } from './part-state.ts';
import { askedToWait, asPause, isNetworkAway, isPassing, record, unlessCancelled, type LoadRun } from './load-run.ts';
import { settleUnknown } from './settle-unknown.ts';
import type { ResultTools } from './take-results.ts';
import { Tries } from './tries.ts';

/** Tries of one collection that the org did not take. */
const TRIES = 6;
/** Collections in a row that are never answered: then something is wrong that the next one would meet as well. */
const LOST = 3;

/** Rows that are refused as whole requests, one after another, before it is the load that seems to be refused. */
const ALONE = 5;
/** Between tries of rows that are locked, ms: Salesforce itself has waited ten seconds before each says so. */
const LOCK_PAUSES = [500, 2000];
/** Rows one after another that are locked even if they are sent alone: then it is something that lasts. */
const LOCKED_ALONE = 5;
/** Between two counts of what the load has come to, ms. */
const COUNT_EVERY = 1000;

/** A load whose rows go out as sObject Collections. */
export interface CollectionRun extends LoadRun {
  readonly collections: Pick<OrgClient, 'json' | 'soapOnce' | 'query'>;
  /** When the plan read its records, ms since the epoch by the org's clock. */
  readonly fetchedAt: number;
  readonly results: ResultTools;
  /** Has the outcomes that there are counted. */
  readonly count: () => void;
}

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

/** How sending goes: how many rows the next collection takes, and how often something may still go wrong. */
interface Pace {
  size: number;
  /** The most that one takes. */
  readonly most: number;
  /** Rows in a row that were refused as a whole request. */
  alone: number;
  countedAt: number;
  /** Rows of the part that were sent, and those of them that failed. */
  processed: number;
  failed: number;
  refused: Tries;
  lost: Tries;
}

function freshTries({ clock }: LoadRun): Pick<Pace, 'refused' | 'lost'> {
  return { refused: new Tries(clock, TRIES), lost: new Tries(clock, LOST) };
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
  // They were counted before.
  Object.assign(pace, await countPart(run, planned, part.part));
  run.progress(part.part, { state: 'InProgress', processed: pace.processed, failed: pace.failed });
}

async function sendOne(
  run: CollectionRun,
  part: PartState,
  rows: readonly CollectionRow[],
  pace: Pace,
  again: boolean,
): Promise<void> {
  const [from, to] = [rows[0]?.row ?? 0, rows.at(-1)?.row ?? 0];
  // A disk that takes nothing more is met before the commit point.
  run.holdToDisk();
  const kept = await keptOf(run, part, rows);
  const only = again ? { rows: rows.map(({ row }) => row) } : {};
  await record(run, part, { step: 'SENDING', part: part.part, collection: nextCollection(part), from, to, ...only });
  let items: SaveItem[];
  const left = rows.filter(({ row }) => !kept.has(row));
  try {
    // Of none nothing is asked.
    const saved = left.length === 0 ? [] : await send(run, part, left);
    items = saved.length === left.length ? together(rows, kept, saved) : [];
  } catch (error) {
    const refusal = await afterFailure(run, part, left, error, pace);
    if (refusal === null) return;
    items = together(rows, kept, [refusal]);
  }
  // An answer of another number of records is none: whose they are can't be told.
  if (items.length !== rows.length) {
    await notAnswered(run, part);
    tellProgress(run, part, pace, rows.length, 0);
    return;
  }
  const isSaved = items.some(({ success }) => success) || rows.length > 1;
  Object.assign(pace, freshTries(run), isSaved ? { size: Math.min(pace.most, pace.size * 2), alone: 0 } : {});
  const answer = items.map((item, index) => ({ ...item, row: rows[index]?.row ?? 0 }));
  await keepAnswered(run, plannedOf(run, part), part, answer);
  tellProgress(run, part, pace, items.length, items.filter(({ success }) => !success).length);
  if (run.clock.elapsed() - pace.countedAt < COUNT_EVERY) return;
  pace.countedAt = run.clock.elapsed();
  run.count();
}

/**
 * What did not come to an answer: refused it is sent again, and otherwise not. One row can have a whole request refused, by a value that
 * can't be read: such a request is sent in halves until the row is alone, and the refusal is its answer, which this returns. Throws what
 * the load pauses with.
 */
async function afterFailure(
  run: CollectionRun,
  part: PartState,
  rows: readonly CollectionRow[],
  error: unknown,
  pace: Pace,
): Promise<SaveItem | null> {
  if (isLost(error)) {
    await notAnswered(run, part);
    tellProgress(run, part, pace, rows.length, 0);
    await unlessCancelled(run, (signal) => pace.lost.again(asPause(run, error), signal, askedToWait(error)));
    return null;
  }
  if (!(error instanceof FailureError || error instanceof RefusedByOrg)) throw error;
  const isOfRows = error instanceof RefusedByOrg && (error.status === 400 || error.status === 413);
  if (isOfRows && rows.length === 1 && ++pace.alone <= ALONE) {
    const { errorCode, message } = error;
    return { success: false, errors: [{ statusCode: errorCode || 'UNKNOWN_EXCEPTION', message, fields: [] }] };
  }
  await record(run, part, { step: 'REFUSED', part: part.part, collection: nextCollection(part) });
  if (isOfRows && rows.length > 1) {
    pace.size = Math.ceil(rows.length / 2);
    return null;
  }
  if (!isNetworkAway(error) && !isPassing(error)) throw asPause(run, error);
  await unlessCancelled(run, (signal) => pace.refused.again(asPause(run, error), signal, askedToWait(error)));
  return null;
}

async function send(run: CollectionRun, part: PartState, rows: readonly CollectionRow[]): Promise<SaveItem[]> {
  const records = rows.map(({ record }) => record);
  const { mapping } = plannedOf(run, part);
  const { operation, objectName, matchField, policies } = mapping;
  const allowDuplicates = policies?.allowDuplicates === true;
  const allOrNone = policies?.allOrNone === true;
  const assignmentRule = policies?.assignmentRule?.id ?? null;
  const save: CollectionSave = { operation, objectName, matchField, allOrNone, allowDuplicates, assignmentRule };
  await run.journal.mark();
  if (hasConditions(run, part)) return sendUnchanged(run, part, save, rows);
  // Whoever ends Longshore waits for it: given up, it would be of rows of which nobody knows what became.
  return saveCollection(run.collections, save, records, NEVER);
}

/** Whether it is open what the org did with a collection: after any other refusal nothing of it was saved. */
function isLost(error: unknown): boolean {
  if (error instanceof LostAnswer) return true;
  if (error instanceof RefusedByOrg) return error.status >= 500;
  if (!(error instanceof FailureError) || error instanceof NothingAsked || isNetworkAway(error)) return false;
  const { failure } = error;
  // A page of a proxy that says no is as good as the org's own no.
  if (failure.code === 'ORG_ANSWER_UNREADABLE') return failure.status < 400 || failure.status >= 500;
  return failure.code === 'ORG_UNREACHABLE';
}

async function notAnswered(run: CollectionRun, part: PartState): Promise<void> {
  await record(run, part, { step: 'UNANSWERED', part: part.part, collection: nextCollection(part) });
  const sent = sentCollections(part.stand)?.at(-1);
  if (sent) await keepUnknown(run, plannedOf(run, part), part.part, sent);
}

/** Added up: counting the whole part after each collection would take the longer the more there are. */
function tellProgress(run: CollectionRun, part: PartState, pace: Pace, processed: number, failed: number): void {
  pace.processed += processed;
  pace.failed += failed;
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

function plannedOf(run: CollectionRun, part: PartState): PlannedMapping {
  return run.results.planned[part.of];
}

function lastSent(part: PartState): number {
  return lastRow(sentCollections(part.stand) ?? []);
}
