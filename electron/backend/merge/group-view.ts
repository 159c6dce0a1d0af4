import {
  LOSERS_A_ROUND,
  type GroupState,
  type MergeChildren,
  type MergeCounts,
  type MergeGroup,
} from '../../../shared/domain/merge.ts';
import { childrenOf, decideGroup, filledOf, NO_CHOICE, type DecidedGroup } from './decide-group.ts';
import { lookupKey, type GroupFacts } from './group-facts.ts';
import type { MergeDocument } from './merge-document.ts';
import type { GroupStand, MergeStand } from './merge-journal.ts';

export interface Decided extends DecidedGroup {
  readonly facts: GroupFacts;
  readonly leftOut: boolean;
}

export function decidedOf(facts: GroupFacts, document: MergeDocument): Decided {
  const { rules, choices, fields, objectName } = document;
  const choice = choices[facts.group] ?? NO_CHOICE;
  const decided = decideGroup(facts, rules, choice, fields, objectName);
  return { ...decided, facts, leftOut: choice.leftOut || decided.blocked !== null };
}

export function stateOf(stand: GroupStand | undefined, rounds: number, leftOut: boolean): GroupState {
  if (leftOut) return 'leftOut';
  if (!stand) return 'waiting';
  if (stand.rounds === rounds) return 'merged';
  if (!stand.stopped) return stand.rounds > 0 ? 'partly' : 'waiting';
  if (stand.rounds > 0) return 'partly';
  return stand.stopped.kind;
}

/** A group as it is shown: what is planned, what was done, and what was taken back. */
export function viewOf(facts: GroupFacts, document: MergeDocument, stand: GroupStand | undefined): MergeGroup {
  const { fields, nameField, choices } = document;
  const decided = decidedOf(facts, document);
  const losers = decided.rounds.flat();
  return {
    group: facts.group,
    masterId: decided.master.id,
    members: [decided.master, ...losers].map((record) => ({
      id: record.id,
      name: String(record.values[nameField] ?? record.id),
      createdAt: record.createdAt,
      modifiedAt: record.modifiedAt,
      filled: filledOf(record, fields),
      children: childrenOf(record),
    })),
    fields: [...decided.fields],
    children: childrenOfLosers(losers, document),
    rounds: decided.rounds.length,
    blocked: decided.blocked,
    choice: choices[facts.group] ?? NO_CHOICE,
    state: stateOf(stand, decided.rounds.length, decided.leftOut),
    message: stand?.stopped?.message ?? '',
    undo: stand?.undo ?? null,
  };
}

function childrenOfLosers(losers: GroupFacts['records'], { lookups }: MergeDocument): MergeChildren[] {
  return lookups.flatMap((lookup) => {
    const key = lookupKey(lookup);
    const records = losers.reduce((sum, { children }) => sum + (children[key] ?? 0), 0);
    const { objectName, labelPlural, field, updateable } = lookup;
    return records === 0 ? [] : [{ objectName, labelPlural, field, records, givenBack: updateable }];
  });
}

/** Groups by their state. What was begun is counted by the journal, all else waits. */
export function countStates({ sizes, planned }: MergeDocument, stand: MergeStand): MergeCounts {
  const counts: MergeCounts = {
    groups: sizes.length,
    records: sizes.reduce((sum, size) => sum + size, 0),
    ...planned,
    waiting: sizes.length - planned.leftOut - stand.groups.size,
    merged: 0,
    partly: 0,
    failed: 0,
    moved: 0,
  };
  for (const [group, own] of stand.groups)
    counts[stateOf(own, Math.ceil(((sizes[group] ?? 1) - 1) / LOSERS_A_ROUND), false)]++;
  return counts;
}
