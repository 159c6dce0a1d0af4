import type { KeptReason, MergeCell } from '../../../shared/domain/merge.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import { childrenOfGroups, type ChildFact } from './children-file.ts';
import { lookupKey, type GroupFacts } from './group-facts.ts';
import { decidedOf, type Decided } from './group-view.ts';
import type { MergeDocument } from './merge-document.ts';
import { standOfGroup, type MergeJournal } from './merge-journal.ts';
import { readCells, readLookup, readStates, type RecordState } from './read-records.ts';

/** What is left to be taken back of one group, and what stays as it is. */
export interface UndoWork {
  readonly group: number;
  readonly masterId: string;
  /** How many records were merged into the master. */
  readonly losers: number;
  /** Losers to bring back from the recycle bin. */
  readonly restore: readonly string[];
  /** Fields of the master to set back. */
  readonly values: Readonly<Record<string, MergeCell>>;
  /** Lookups of children to set back. */
  readonly children: readonly ChildFact[];
  readonly kept: readonly KeptReason[];
}

interface UndoTools {
  readonly client: Pick<OrgClient, 'query' | 'get'>;
  readonly folder: string;
  readonly document: MergeDocument;
  readonly journal: Pick<MergeJournal, 'stand'>;
}

interface MergedGroup extends Decided {
  readonly losers: readonly string[];
}

const kept = (what: KeptReason['what'], why: KeptReason['why'], count: number): KeptReason[] =>
  count > 0 ? [{ what, why, count, message: '' }] : [];

/**
 * Finds out by the org's records what of some groups is to be taken back: only what still is as the merge left it. Asked again when
 * something was done, it gives what is left: so an undo that was killed goes on by being begun again.
 */
export async function undoWorkOf(
  tools: UndoTools,
  facts: readonly GroupFacts[],
  signal: AbortSignal,
): Promise<UndoWork[]> {
  const { client, folder, document, journal } = tools;
  const groups = facts
    .map((one) => decidedOf(one, document))
    .flatMap((decided): MergedGroup[] => {
      const rounds = journal.stand.groups.get(decided.facts.group)?.rounds ?? 0;
      return rounds === 0
        ? []
        : [
            {
              ...decided,
              losers: decided.rounds
                .slice(0, rounds)
                .flat()
                .map(({ id }) => id),
            },
          ];
    });
  if (groups.length === 0) return [];
  const ids = groups.flatMap(({ losers }) => losers);
  const states = await readStates(client, document.objectName, ids, signal);
  const masters = await mastersOf(tools, groups, signal);
  const children = await childrenOfGroups(folder, new Set(groups.map(({ facts: { group } }) => group)));
  const lookups = await lookupsOf(tools, children, signal);
  return groups.map((group) => {
    const restorable = restoreOf(group, states);
    const values = valuesOf(tools, group, masters.get(group.master.id));
    const own = children.filter(({ group: of, from }) => of === group.facts.group && group.losers.includes(from));
    const moved = childrenToMove(document, group, own, { lookups, gone: restorable.gone });
    const { unseen } = standOfGroup(journal.stand, group.facts.group);
    return {
      group: group.facts.group,
      masterId: group.master.id,
      losers: group.losers.length,
      restore: restorable.restore,
      values: values.values,
      children: moved.children,
      kept: [
        ...kept('loser', 'gone', restorable.gone.size),
        ...values.kept,
        ...moved.kept,
        ...kept('child', 'unseen', unseen),
      ],
    };
  });
}

/** A loser that is back already is neither restored nor kept. */
function restoreOf(
  { losers, master }: MergedGroup,
  states: ReadonlyMap<string, RecordState>,
): { restore: string[]; gone: Set<string> } {
  const deleted = losers.filter((id) => states.get(id)?.deleted !== false);
  const restore = deleted.filter((id) => states.get(id)?.masterId === master.id);
  return { restore, gone: new Set(deleted.filter((id) => !restore.includes(id))) };
}

async function mastersOf(
  { client, document, journal }: UndoTools,
  groups: readonly MergedGroup[],
  signal: AbortSignal,
): Promise<Map<string, Record<string, MergeCell>>> {
  const written = groups.flatMap(({ facts }) => Object.keys(standOfGroup(journal.stand, facts.group).written ?? {}));
  const ids = groups.map(({ master }) => master.id);
  return readCells(client, document.objectName, [...new Set(['SystemModstamp', ...written])], ids, signal);
}

function valuesOf(
  { journal }: UndoTools,
  { facts, master }: MergedGroup,
  now: Record<string, MergeCell> | undefined,
): Pick<UndoWork, 'values' | 'kept'> {
  const written = Object.entries(standOfGroup(journal.stand, facts.group).written ?? {});
  if (!now) return { values: {}, kept: kept('master', 'gone', 1) };
  const before = (name: string): MergeCell => master.values[name] ?? null;
  const open = written.filter(([name]) => (now[name] ?? null) !== before(name));
  const ours = open.filter(([name, value]) => (now[name] ?? null) === value);
  return {
    values: Object.fromEntries(ours.map(([name]) => [name, before(name)])),
    kept: kept('field', 'changedSince', open.length - ours.length),
  };
}

/**
 * Where the lookups of children lead now, by the lookup and the child; a child that is gone is missing. One that was merged itself is in
 * the recycle bin, and comes back before its lookup is set.
 */
async function lookupsOf(
  { client, document }: UndoTools,
  children: readonly ChildFact[],
  signal: AbortSignal,
): Promise<Map<string, MergeCell>> {
  const now = new Map<string, MergeCell>();
  for (const own of Map.groupBy(children, lookupKey).values()) {
    const [lookup] = own as [ChildFact, ...ChildFact[]];
    const ids = [...new Set(own.map(({ id }) => id))];
    const found = await readLookup(client, lookup, ids, lookup.objectName === document.objectName, signal);
    for (const [id, value] of found) now.set(`${lookupKey(lookup)} ${id}`, value);
  }
  return now;
}

function childrenToMove(
  document: MergeDocument,
  { master }: MergedGroup,
  own: readonly ChildFact[],
  { lookups, gone }: { lookups: ReadonlyMap<string, MergeCell>; gone: ReadonlySet<string> },
): Pick<UndoWork, 'children' | 'kept'> {
  const writable = new Set(document.lookups.filter(({ updateable }) => updateable).map(lookupKey));
  const counts = { notWritable: 0, gone: 0, changedSince: 0 };
  const children: ChildFact[] = [];
  for (const child of own) {
    const now = lookups.get(`${lookupKey(child)} ${child.id}`);
    if (now === child.from) continue;
    if (now === undefined || gone.has(child.from)) counts.gone++;
    else if (now !== master.id) counts.changedSince++;
    else if (!writable.has(lookupKey(child))) counts.notWritable++;
    else children.push(child);
  }
  return {
    children,
    kept: (Object.entries(counts) as [KeptReason['why'], number][]).flatMap(([why, count]) =>
      kept('child', why, count),
    ),
  };
}
