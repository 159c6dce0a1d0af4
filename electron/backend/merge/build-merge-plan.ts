import type { MergeId, OrgId } from '../../../shared/domain/ids.ts';
import type { MergeRules, MergeSource } from '../../../shared/domain/merge.ts';
import type { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import { decideGroup, NO_CHOICE } from './decide-group.ts';
import { FactsFile, FactsWriter } from './facts-file.ts';
import type { FoundGroups } from './find-groups.ts';
import { lookupKey, type GroupFacts } from './group-facts.ts';
import type { MergeDescribe } from './merge-describe.ts';
import type { MergeDocument } from './merge-document.ts';
import { readChildren } from './read-children.ts';
import { readRecords } from './read-records.ts';

/** Records that are read and written together. */
const RECORDS_AT_ONCE = 200;
/** Groups that are looked at together. */
export const GROUPS_AT_ONCE = 100;

export interface PlanRequest {
  readonly mergeId: MergeId;
  readonly orgId: OrgId;
  readonly orgName: string;
  readonly objectName: SObjectDescribe['name'];
  readonly source: MergeSource;
  readonly rules: MergeRules;
  readonly folder: string;
  readonly now: number;
}

/** Reads every record of the groups with all its fields and counts what hangs from it, into the plan's file. Only reads. */
export async function buildMergePlan(
  client: OrgClient,
  request: PlanRequest,
  describe: MergeDescribe,
  found: FoundGroups,
  signal: AbortSignal,
  progress: (groups: number) => void,
): Promise<MergeDocument> {
  const { mergeId, orgId, orgName, objectName, source, rules, folder, now } = request;
  const writer = await FactsWriter.begin(folder);
  const unseen = new Set<string>();
  const skipped = { badIds: found.badIds, repeated: found.repeated, gone: 0, alone: 0 };
  const sizes: number[] = [];
  try {
    let read = 0;
    for (const some of batches(found.groups)) {
      progress(read);
      read += some.length;
      const facts = await factsOf(client, objectName, describe, some, unseen, signal);
      const whole = facts.filter((members) => members.length >= 2);
      skipped.gone += some.flat().length - facts.flat().length;
      skipped.alone += facts.filter((members) => members.length === 1).length;
      await writer.write(whole.map((members, at) => ({ group: sizes.length + at, records: members })));
      sizes.push(...whole.map((members) => members.length));
    }
  } catch (error) {
    await writer.abandon();
    throw error;
  }
  const factsDigest = await writer.end();
  return {
    version: 1,
    mergeId,
    orgId,
    orgName,
    objectName,
    labelPlural: describe.labelPlural,
    source,
    madeAt: now,
    fields: [...describe.fields],
    nameField: describe.nameField,
    lookups: [...describe.lookups],
    unseen: [...unseen].sort(),
    skipped,
    sizes,
    factsDigest,
    rules,
    choices: {},
    planned: { losers: 0, changes: 0, children: 0, leftOut: 0 },
  };
}

/** Groups whole, as many as have about so many records; a larger one by itself. */
function* batches(groups: FoundGroups['groups']): Generator<(readonly string[])[]> {
  let batch: (readonly string[])[] = [];
  let records = 0;
  for (const ids of groups) {
    if (records + ids.length > RECORDS_AT_ONCE && batch.length > 0) {
      yield batch;
      [batch, records] = [[], 0];
    }
    batch.push(ids);
    records += ids.length;
  }
  if (batch.length > 0) yield batch;
}

async function factsOf(
  client: OrgClient,
  objectName: string,
  { fields, lookups }: MergeDescribe,
  groups: readonly (readonly string[])[],
  unseen: Set<string>,
  signal: AbortSignal,
): Promise<GroupFacts['records'][]> {
  const found = await readRecords(client, objectName, fields, groups.flat(), signal);
  const counts = new Map<string, Record<string, number>>();
  for (const { lookup, parent } of await readChildren(client, lookups, [...found.keys()], unseen, signal)) {
    const own = counts.get(parent) ?? {};
    own[lookupKey(lookup)] = (own[lookupKey(lookup)] ?? 0) + 1;
    counts.set(parent, own);
  }
  return groups.map((ids) =>
    ids.flatMap((id) => {
      const record = found.get(id);
      return record ? [{ ...record, children: counts.get(id) ?? {} }] : [];
    }),
  );
}

/** What a plan comes to by its rules and choices, counted over all groups. */
export async function countPlanned(folder: string, document: MergeDocument): Promise<MergeDocument['planned']> {
  const planned = { losers: 0, changes: 0, children: 0, leftOut: 0 };
  const file = await FactsFile.open(folder, document.factsDigest);
  try {
    for await (const some of file.all(GROUPS_AT_ONCE))
      for (const facts of some) {
        const choice = document.choices[facts.group] ?? NO_CHOICE;
        const decided = decideGroup(facts, document.rules, choice, document.fields, document.objectName);
        if (choice.leftOut || decided.blocked) {
          planned.leftOut++;
          continue;
        }
        const losers = decided.rounds.flat();
        planned.losers += losers.length;
        planned.changes += decided.fields.filter(({ from }) => from !== decided.master.id).length;
        for (const { children } of losers)
          planned.children += Object.values(children).reduce((sum, count) => sum + count, 0);
      }
  } finally {
    await file.close();
  }
  return planned;
}
