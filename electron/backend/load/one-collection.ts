import { FailureError } from '../../../shared/contract/failure.ts';
import { NEVER } from '../never.ts';
import { LostAnswer, NothingAsked, RefusedByOrg } from '../orgs/org-answers.ts';
import { saveCollection, type CollectionSave, type SaveItem } from './collection-client.ts';
import { keepAnswered, nextCollection } from './collection-answers.ts';
import { keepUnknown, type CollectionRow } from './collection-rows.ts';
import { plannedOf, type CollectionRun } from './collection-run.ts';
import { hasConditions, keptOf, sendUnchanged, together } from './keep-in-collections.ts';
import { sentCollections } from './journal-collections.ts';
import type { PartState } from './part-state.ts';
import { askedToWait, asPause, isNetworkAway, isPassing, record, unlessCancelled } from './load-run.ts';
import { Tries } from './tries.ts';

/** Tries of one collection that the org did not take. */
const TRIES = 6;
/** Collections in a row that are never answered: then something is wrong that the next one would meet as well. */
const LOST = 3;
/** Rows that are refused as whole requests, one after another, before it is the load that seems to be refused. */
const ALONE = 5;
/** Between two counts of what the load has come to, ms. */
const COUNT_EVERY = 1000;

/** How sending goes: how many rows the next collection takes, and how often something may still go wrong. */
export interface Pace {
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

/** Tells of rows that were worked on, and of those of them that failed. */
type Tell = (processed: number, failed: number) => void;

export function freshTries({ clock }: Pick<CollectionRun, 'clock'>): Pick<Pace, 'refused' | 'lost'> {
  return { refused: new Tries(clock, TRIES), lost: new Tries(clock, LOST) };
}

/**
 * Sends one collection and keeps what was answered; `again`, of rows that are sent once more. What did not come to an answer is noted, and
 * how the next ones go is changed. Throws what the load pauses with.
 */
export async function sendOne(
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
  // Rows that are sent again were counted before.
  const tell: Tell = again ? () => undefined : (processed, failed) => tellProgress(run, part, pace, processed, failed);
  let items: SaveItem[];
  const left = rows.filter(({ row }) => !kept.has(row));
  try {
    // Of none nothing is asked.
    const saved = left.length === 0 ? [] : await send(run, part, left);
    items = saved.length === left.length ? together(rows, kept, saved) : [];
  } catch (error) {
    const refusal = await afterFailure(run, part, left, error, pace, tell);
    if (refusal === null) return;
    items = together(rows, kept, [refusal]);
  }
  // An answer of another number of records is none: whose they are can't be told.
  if (items.length !== rows.length) {
    await notAnswered(run, part);
    tell(rows.length, 0);
    return;
  }
  const isSaved = items.some(({ success }) => success) || rows.length > 1;
  Object.assign(pace, freshTries(run), isSaved ? { size: Math.min(pace.most, pace.size * 2), alone: 0 } : {});
  const answer = items.map((item, index) => ({ ...item, row: rows[index]?.row ?? 0 }));
  await keepAnswered(run, plannedOf(run, part), part, answer);
  tell(items.length, items.filter(({ success }) => !success).length);
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
  tell: Tell,
): Promise<SaveItem | null> {
  if (isLost(error)) {
    await notAnswered(run, part);
    tell(rows.length, 0);
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

/** Notes that nobody knows what became of the rows of the last collection. */
export async function notAnswered(run: CollectionRun, part: PartState): Promise<void> {
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
