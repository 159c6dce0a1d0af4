import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { Digest } from '../../../shared/domain/ids.ts';
import { COLLECTION_ROWS } from '../../../shared/domain/rehearsal.ts';
import { writeDurably } from '../documents/durable-file.ts';
import { parseJson } from '../parse-json.ts';
import type { PlannedMapping } from '../plan/plan-input.ts';
import { SaveItem } from './collection-client.ts';
import { keepAnswer, keepUnknown } from './collection-rows.ts';
import { sentCollections } from './journal-collections.ts';
import type { PartState } from './part-state.ts';
import { record, type LoadRun } from './load-run.ts';
import type { ResultTools } from './take-results.ts';

type Run = Pick<LoadRun, 'folder' | 'stop' | 'journal' | 'holdToDisk'> & { readonly results: ResultTools };

/** What the org said of the rows of a collection, as it lies on disk beside the journal. */
const Answer = z.array(SaveItem.extend({ row: z.number() })).max(COLLECTION_ROWS);
type Answer = z.infer<typeof Answer>;

/** The number of the collection that is sent now, or next. */
export function nextCollection(part: PartState): number {
  return (sentCollections(part.stand)?.length ?? 0) + 1;
}

function answerFile({ folder }: Pick<LoadRun, 'folder'>, part: PartState, collection: number): string {
  return join(folder, `part-${part.part}-answer-${collection}.json`);
}

function digestOfText(text: string): Digest {
  return Digest.parse(createHash('sha256').update(text).digest('hex'));
}

/** Puts an answer on disk, then into the journal, then makes outcomes of it. */
export async function keepAnswered(run: Run, planned: PlannedMapping, part: PartState, answer: Answer): Promise<void> {
  const collection = nextCollection(part);
  const text = JSON.stringify(answer);
  await writeDurably(answerFile(run, part, collection), text, 'what the org answered');
  await record(run, part, { step: 'ANSWERED', part: part.part, collection, sha256: digestOfText(text) });
  await keepAnswer(run, planned, part.part, answer);
}

/**
 * Takes the answer of a collection that the journal only knows to have been sent, where it came to disk before a kill. False if there
 * is none of its rows.
 */
export async function findAnswer(run: Run, planned: PlannedMapping, part: PartState): Promise<boolean> {
  if (part.stand.at !== 'SENDING') return false;
  const { from, to } = part.stand.rows;
  const answer = await readAnswer(run, part, nextCollection(part), null);
  if (answer?.[0]?.row !== from || answer.at(-1)?.row !== to) return false;
  await keepAnswered(run, planned, part, answer);
  return true;
}

/** The outcomes of all that was sent before, once more: a kill may have come between an answer and what was made of it. */
export async function retell(run: Run, planned: PlannedMapping, part: PartState): Promise<void> {
  for (const [index, sent] of (sentCollections(part.stand) ?? []).entries()) {
    const answer = sent.sha256 === null ? null : await readAnswer(run, part, index + 1, sent.sha256);
    if (answer === null) await keepUnknown(run, planned, part.part, sent);
    else await keepAnswer(run, planned, part.part, answer);
  }
}

/** Null where it is not what was recorded of it, if anything was: what the org said is not known any more. */
async function readAnswer(
  run: Pick<LoadRun, 'folder'>,
  part: PartState,
  collection: number,
  sha256: Digest | null,
): Promise<Answer | null> {
  const text = await readFile(answerFile(run, part, collection), 'utf8').catch(() => '');
  if (sha256 !== null && digestOfText(text) !== sha256) return null;
  return Answer.safeParse(parseJson(text)).data ?? null;
}
