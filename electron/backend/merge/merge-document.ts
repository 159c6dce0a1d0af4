import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { Digest, MergeId, OrgId } from '../../../shared/domain/ids.ts';
import { GroupChoice, MergeRules, MergeSkipped, MergeSource } from '../../../shared/domain/merge.ts';
import { digestOf } from '../digest-of.ts';
import { systemCode, writeDurably } from '../documents/durable-file.ts';
import { parseJson } from '../parse-json.ts';
import { ChildLookup, MergeFieldInfo } from './group-facts.ts';

const NAME = 'merge.json';
const VERSION = 1;

/** A merge's plan: beside the facts about its groups, which never change, what is decided about them. */
export const MergeDocument = z.object({
  version: z.literal(VERSION),
  mergeId: MergeId,
  orgId: OrgId,
  orgName: z.string(),
  objectName: z.string(),
  labelPlural: z.string(),
  source: MergeSource,
  madeAt: z.number(),
  fields: z.array(MergeFieldInfo),
  nameField: z.string(),
  lookups: z.array(ChildLookup),
  unseen: z.array(z.string()),
  skipped: MergeSkipped,
  /** How many records each group has. */
  sizes: z.array(z.number()),
  factsDigest: Digest,
  rules: MergeRules,
  /** By the group's number. */
  choices: z.record(z.string(), GroupChoice),
  planned: z.object({ losers: z.number(), changes: z.number(), children: z.number(), leftOut: z.number() }),
});
export type MergeDocument = z.infer<typeof MergeDocument>;

/** What runs is what has this digest: the records as they were, and everything that was decided about them. */
export function planDigestOf({ mergeId, orgId, objectName, factsDigest, rules, choices }: MergeDocument): Digest {
  return digestOf([mergeId, orgId, objectName, factsDigest, rules, choices]);
}

export function mergesFolder(data: string): string {
  return join(data, 'merges');
}

export function mergeFolder(data: string, mergeId: MergeId): string {
  return join(mergesFolder(data), mergeId);
}

export function saveDocument(folder: string, document: MergeDocument): Promise<void> {
  return writeDurably(join(folder, NAME), JSON.stringify(document), 'the plan of the merge');
}

/** Throws `MERGE_UNKNOWN` where there is none, and `DATA_DAMAGED`. */
export async function readDocument(folder: string): Promise<MergeDocument> {
  let text: string;
  try {
    text = await readFile(join(folder, NAME), 'utf8');
  } catch (error) {
    if (systemCode(error) === 'ENOENT') throw new FailureError({ code: 'MERGE_UNKNOWN' });
    throw new FailureError({ code: 'DATA_DAMAGED', what: 'The plan of this merge' });
  }
  const document = MergeDocument.safeParse(parseJson(text));
  if (!document.success) throw new FailureError({ code: 'DATA_DAMAGED', what: 'The plan of this merge' });
  return document.data;
}

/** Merges of which there is a folder, whatever is in it. */
export async function mergeIds(data: string): Promise<MergeId[]> {
  try {
    const names = await readdir(mergesFolder(data));
    return names.flatMap((name) => MergeId.safeParse(name).data ?? []);
  } catch (error) {
    if (systemCode(error) === 'ENOENT') return [];
    throw error;
  }
}
