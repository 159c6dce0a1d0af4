import type { MergeCell } from '../../../shared/domain/merge.ts';
import { deletedSinceText } from '../../../shared/text/merge-text.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import type { Clock } from '../ports.ts';
import { NEVER } from '../never.ts';
import { GROUPS_AT_ONCE } from './build-merge-plan.ts';
import { appendChildren } from './children-file.ts';
import type { FactsFile } from './facts-file.ts';
import { findMoved } from './find-moved.ts';
import { decidedOf, type Decided } from './group-view.ts';
import type { CallResult } from '../orgs/soap-results.ts';
import { callMerge, type MergeRequest } from './merge-calls.ts';
import type { MergeDocument } from './merge-document.ts';
import { standOfGroup, type MergeJournal, type MergeStep } from './merge-journal.ts';
import { readChildren } from './read-children.ts';
import { readCells, readStates } from './read-records.ts';
import { isLocked, tryAgain } from './try-again.ts';

export interface MergeRun {
  readonly client: OrgClient;
  readonly clock: Clock;
  readonly folder: string;
  readonly document: MergeDocument;
  readonly journal: MergeJournal;
  readonly facts: FactsFile;
}

/**
 * Merges what was planned, from where the journal stands: what was sent and not answered is looked up first. A call under way is never
 * called off, so that its outcome is known. Throws failures; what was merged until then is merged.
 */
export async function runMerge(run: MergeRun, signal: AbortSignal): Promise<void> {
  const merged = new Map<string, string>();
  for await (const some of run.facts.all(GROUPS_AT_ONCE)) {
    const groups = some.map((facts) => decidedOf(facts, run.document)).filter(({ leftOut }) => !leftOut);
    await runBatch(run, groups, merged, signal);
    for (const group of groups) for (const { id } of mergedLosers(run, group)) merged.set(id, group.master.id);
  }
  await run.journal.write({ step: 'ENDED' });
}

/** The records of a group that are merged into its master, by the journal. */
export function mergedLosers({ journal }: Pick<MergeRun, 'journal'>, { facts, rounds }: Decided): Decided['rounds'][0] {
  return rounds.slice(0, journal.stand.groups.get(facts.group)?.rounds ?? 0).flat();
}

async function runBatch(
  run: MergeRun,
  groups: readonly Decided[],
  merged: ReadonlyMap<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const { journal, client, document } = run;
  const standOf = ({ facts }: Decided) => standOfGroup(journal.stand, facts.group);
  const sent = groups.filter((group) => (journal.stand.groups.get(group.facts.group)?.sending ?? null) !== null);
  await journal.write(...(await settle(run, sent, signal)));
  const late = groups.filter((group) => (journal.stand.groups.get(group.facts.group)?.rounds ?? 0) > 0);
  const fresh = groups.filter(({ facts }) => !journal.stand.groups.has(facts.group) || isUntouched(run, facts.group));
  await journal.write(...(await findMoved(client, document, fresh, merged, signal)));
  for (let round = 0; round < Math.max(0, ...groups.map(({ rounds }) => rounds.length)); round++) {
    const due = groups.filter((group) => {
      const { rounds, stopped } = standOf(group);
      return !stopped && rounds === round && round < group.rounds.length;
    });
    if (due.length > 0) await sendRound(run, due, round, signal);
  }
  await noteWritten(run, groups, new Set(late), signal);
}

function isUntouched({ journal }: MergeRun, group: number): boolean {
  const { rounds, stopped } = standOfGroup(journal.stand, group);
  return rounds === 0 && !stopped;
}

/** What became of rounds that were sent, by the records themselves: each request was carried out as a whole or not at all. */
async function settle(run: MergeRun, groups: readonly Decided[], signal: AbortSignal): Promise<MergeStep[]> {
  const { client, document, journal } = run;
  const losersOf = (group: Decided): Decided['rounds'][0] =>
    group.rounds[standOfGroup(journal.stand, group.facts.group).sending ?? 0] ?? [];
  const ids = groups.flatMap((group) => losersOf(group).map(({ id }) => id));
  if (ids.length === 0) return [];
  const states = await readStates(client, document.objectName, ids, signal);
  return groups.map((group): MergeStep => {
    const { sending } = standOfGroup(journal.stand, group.facts.group);
    const losers = losersOf(group).map(({ id }) => ({ id, state: states.get(id) }));
    if (losers.every(({ state }) => state?.deleted === true && state.masterId === group.master.id))
      return { step: 'DONE', group: group.facts.group, round: sending ?? 0, unseen: 0 };
    const gone = losers.find(({ state }) => state?.deleted !== false);
    return gone
      ? { step: 'REFUSED', group: group.facts.group, message: deletedSinceText(gone.id) }
      : { step: 'NOT_DONE', groups: [group.facts.group] };
  });
}

function requestOf({ objectName }: MergeDocument, group: Decided, round: number): MergeRequest {
  const losers = group.rounds[round] ?? [];
  // Values go with the record they come from: a group that stops half-way has none of a record that is still there.
  const values = group.fields.filter(({ from }) => losers.some(({ id }) => id === from));
  return {
    objectName,
    masterId: group.master.id,
    values: Object.fromEntries(values.map((field): [string, MergeCell] => [field.field, field.new])),
    loserIds: losers.map(({ id }) => id),
  };
}

async function sendRound(run: MergeRun, groups: readonly Decided[], round: number, signal: AbortSignal): Promise<void> {
  const { client, document, journal, folder } = run;
  const isOpen = ({ facts }: Decided): boolean => {
    const { rounds, stopped } = standOfGroup(journal.stand, facts.group);
    return rounds === round && !stopped;
  };
  await tryAgain(
    run,
    signal,
    async (attempt) => {
      const due = groups.filter(isOpen);
      if (due.length === 0) return null;
      const groupOf = new Map(
        due.flatMap((group) => (group.rounds[round] ?? []).map(({ id }) => [id, group.facts.group])),
      );
      const children = await readChildren(client, document.lookups, [...groupOf.keys()], new Set(), signal);
      await appendChildren(
        folder,
        children.map(({ lookup: { objectName, field }, id, parent }) => {
          return { group: groupOf.get(parent) ?? 0, objectName, field, id, from: parent };
        }),
      );
      await journal.write({ step: 'SENDING', round, groups: due.map(({ facts }) => facts.group) });
      try {
        const results = await callMerge(
          client,
          due.map((group) => requestOf(document, group, round)),
          NEVER,
        );
        const known = new Set(children.map(({ id }) => id));
        await journal.write(...(await stepsOf(run, due, round, { results, known, last: attempt.isLast }, signal)));
        return null;
      } catch (error) {
        await journal.write(...(await settle(run, due, signal)));
        return error;
      }
    },
    () => groups.some(isOpen),
  );
}

async function stepsOf(
  run: MergeRun,
  due: readonly Decided[],
  round: number,
  answer: { results: readonly CallResult[]; known: ReadonlySet<string>; last: boolean },
  signal: AbortSignal,
): Promise<MergeStep[]> {
  const { results, known, last } = answer;
  const refused = due.filter((_, at) => results[at]?.success !== true);
  // Refused because it is deleted, it may be that an earlier try was late: the records say whether it was this merge.
  const settled = await settle(run, refused, signal);
  return due.map((group, at): MergeStep => {
    const { success = false, movedIds = [], code = '', message = '' } = results[at] ?? {};
    const { group: number } = group.facts;
    if (success) return { step: 'DONE', group: number, round, unseen: movedIds.filter((id) => !known.has(id)).length };
    const found = settled[refused.indexOf(group)];
    if (found?.step !== 'NOT_DONE' || (isLocked(code) && !last)) return found as MergeStep;
    return { step: 'REFUSED', group: number, message: `${code}: ${message}` };
  });
}

/**
 * Reads the masters that were merged into: also what Salesforce itself wrote is to be taken back. Of groups that were merged before this
 * run only planned fields count, for others may have been changed by somebody since.
 */
async function noteWritten(
  run: MergeRun,
  groups: readonly Decided[],
  late: ReadonlySet<Decided>,
  signal: AbortSignal,
): Promise<void> {
  const { client, document, journal } = run;
  const due = groups.filter(({ facts }) => {
    const { rounds, written } = standOfGroup(journal.stand, facts.group);
    return rounds > 0 && written === null;
  });
  if (due.length === 0) return;
  const fields = document.fields.filter(({ updateable }) => updateable).map(({ name }) => name);
  const now = await readCells(
    client,
    document.objectName,
    fields,
    due.map(({ master }) => master.id),
    signal,
  );
  await journal.write(
    ...due.map((group): MergeStep => {
      const planned = new Set(group.fields.map(({ field }) => field));
      const cells = now.get(group.master.id) ?? {};
      const changed = fields.filter(
        (name) =>
          name in cells &&
          cells[name] !== (group.master.values[name] ?? null) &&
          (!late.has(group) || planned.has(name)),
      );
      const values = Object.fromEntries(changed.map((name): [string, MergeCell] => [name, cells[name] ?? null]));
      return { step: 'WRITTEN', group: group.facts.group, values };
    }),
  );
}
