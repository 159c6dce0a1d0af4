import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { Digest } from '../../../shared/domain/ids.ts';
import { COLLECTION_ROWS } from '../../../shared/domain/rehearsal.ts';
import { writeDurably } from '../documents/durable-file.ts';
import { LostAnswer, RefusedByOrg } from '../orgs/org-answers.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import { parseJson } from '../parse-json.ts';
import type { PlannedMapping } from '../plan/plan-input.ts';
import type { SavedRecord } from '../plan/saved-record.ts';
import { SaveItem, saveCollection, type CollectionSave } from './collection-client.ts';
import {
  collectionRows,
  countPart,
  keepAnswer,
  keepUnknown,
  leaveUnprocessed,
  type CollectionRow,
} from './collection-rows.ts';
import { sentCollections } from './journal-collections.ts';
import type { PartState } from './journal-steps.ts';
import { askedToWait, asPause, isNetworkAway, isPassing, record, unlessCancelled, type LoadRun } from './load-run.ts';
import { settleUnknown } from './settle-unknown.ts';
import type { ResultTools } from './take-results.ts';
import { Tries } from './tries.ts';

/** Tries of one collection that the org did not take. */
const TRIES = 6;
/** Collections in a row that are never answered: then something is wrong that the next one would meet as well. */
const LOST = 3;

/** What the org said of rows, as it is kept. */
const Answer = z.array(SaveItem.extend({ row: z.number() })).max(COLLECTION_ROWS);

/** A load whose rows go out as sObject Collections. */
export interface CollectionRun extends LoadRun {
  readonly collections: Pick<OrgClient, 'json'>;
  readonly results: ResultTools;
}

/**
 * Brings one part from wherever its journal says it stands to where every row has its outcome: 200 rows a request, one after another, each
 * answered at once, by their place in it. A collection that was never answered is not sent again; its rows are looked up. A cancel lets
 * the one under way come to its end; its successors are not sent.
 */
export async function sendCollections(run: CollectionRun, part: PartState): Promise<void> {
  if (part.stand.at === 'SETTLED') return;
  const tries = { refused: new Tries(run.clock, TRIES), lost: new Tries(run.clock, LOST) };
  await retell(run, part);
  if (part.stand.at === 'SENDING') await notAnswered(run, part);
  for (;;) {
    run.stop.throwIfAborted();
    const after = sentCollections(part.stand)?.at(-1)?.to ?? 0;
    const rows = run.cancel.aborted ? [] : await collectionRows(run, plannedOf(run, part), part.part, after);
    if (rows.length === 0) break;
    await sendOne(run, part, rows, tries);
  }
  if (part.stand.at !== 'PLANNED') await settle(run, part);
}

interface SendTries {
  refused: Tries;
  lost: Tries;
}

async function sendOne(
  run: CollectionRun,
  part: PartState,
  rows: readonly CollectionRow[],
  tries: SendTries,
): Promise<void> {
  const collection = (sentCollections(part.stand)?.length ?? 0) + 1;
  const [from, to] = [rows[0]?.row ?? 0, rows.at(-1)?.row ?? 0];
  await record(run, part, { step: 'SENDING', part: part.part, collection, from, to });
  let items: SaveItem[];
  try {
    items = await send(
      run,
      part,
      rows.map((one) => one.record),
    );
  } catch (error) {
    return afterFailure(run, part, error, tries);
  }
  // An answer of another number of records is none: whose they are can't be told.
  if (items.length !== rows.length) return notAnswered(run, part);
  tries.refused = new Tries(run.clock, TRIES);
  tries.lost = new Tries(run.clock, LOST);
  const answer = items.map((item, index) => ({ ...item, row: rows[index]?.row ?? 0 }));
  const text = JSON.stringify(answer);
  await writeDurably(answerFile(run, part, collection), text, 'what the org answered');
  await record(run, part, { step: 'ANSWERED', part: part.part, collection, sha256: digestOfText(text) });
  await keepAnswer(run, plannedOf(run, part), part.part, answer);
  await tellProgress(run, part);
}

/** What did not come to an answer: refused it is sent again, and otherwise not. Throws what the load pauses with. */
async function afterFailure(run: CollectionRun, part: PartState, error: unknown, tries: SendTries): Promise<void> {
  if (run.stop.aborted) throw new FailureError({ code: 'LOAD_INTERRUPTED' });
  if (!isLost(error)) {
    if (!(error instanceof FailureError || error instanceof RefusedByOrg)) throw error;
    const collection = (sentCollections(part.stand)?.length ?? 0) + 1;
    await record(run, part, { step: 'REFUSED', part: part.part, collection });
    if (!isNetworkAway(error) && !isPassing(error)) throw asPause(run, error);
    await unlessCancelled(run, (signal) => tries.refused.again(asPause(run, error), signal, askedToWait(error)));
    return;
  }
  await notAnswered(run, part);
  await unlessCancelled(run, (signal) => tries.lost.again(asPause(run, error), signal, askedToWait(error)));
}

async function send(run: CollectionRun, part: PartState, records: readonly SavedRecord[]): Promise<SaveItem[]> {
  const { mapping } = plannedOf(run, part);
  const { operation, objectName, matchField, policies } = mapping;
  const allowDuplicates = policies?.allowDuplicates === true;
  const save: CollectionSave = { operation, objectName, matchField, allOrNone: false, allowDuplicates };
  await run.journal.mark();
  return saveCollection(run.collections, save, records, run.stop);
}

/** Whether it is open what the org did with a collection: after any other refusal nothing of it was saved. */
function isLost(error: unknown): boolean {
  if (error instanceof LostAnswer) return true;
  if (error instanceof RefusedByOrg) return error.status >= 500;
  if (!(error instanceof FailureError) || isNetworkAway(error)) return false;
  return error.failure.code === 'ORG_ANSWER_UNREADABLE' || error.failure.code === 'ORG_UNREACHABLE';
}

async function notAnswered(run: CollectionRun, part: PartState): Promise<void> {
  const collection = (sentCollections(part.stand)?.length ?? 0) + 1;
  await record(run, part, { step: 'UNANSWERED', part: part.part, collection });
  const sent = sentCollections(part.stand)?.at(-1);
  if (sent) await keepUnknown(run, plannedOf(run, part), part.part, sent);
  await tellProgress(run, part);
}

async function tellProgress(run: CollectionRun, part: PartState): Promise<void> {
  const counted = await countPart(run, plannedOf(run, part), part.part);
  run.progress(part.part, { state: 'InProgress', ...counted });
}

/** The outcomes of all that was sent before, once more: a kill may have come between an answer and what was made of it. */
async function retell(run: CollectionRun, part: PartState): Promise<void> {
  const planned = plannedOf(run, part);
  for (const [index, sent] of (sentCollections(part.stand) ?? []).entries()) {
    const answer = sent.sha256 === null ? null : await readAnswer(run, part, index + 1, sent.sha256);
    if (answer === null) await keepUnknown(run, planned, part.part, sent);
    else await keepAnswer(run, planned, part.part, answer);
  }
}

/** Null where it is not what was recorded of it: what the org said is not known any more. */
async function readAnswer(
  run: CollectionRun,
  part: PartState,
  collection: number,
  sha256: Digest,
): Promise<z.infer<typeof Answer> | null> {
  const text = await readFile(answerFile(run, part, collection), 'utf8').catch(() => '');
  return digestOfText(text) === sha256 ? (Answer.safeParse(parseJson(text)).data ?? null) : null;
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

function answerFile(run: LoadRun, part: PartState, collection: number): string {
  return join(run.folder, `part-${part.part}-answer-${collection}.json`);
}

function digestOfText(text: string): Digest {
  return Digest.parse(createHash('sha256').update(text).digest('hex'));
}
