import { createHash } from 'node:crypto';
import { Digest } from '../../../shared/domain/ids.ts';
import type { GroupUndo, KeptReason, MergeCell, MergeUndoPlan } from '../../../shared/domain/merge.ts';
import { NEVER } from '../never.ts';
import { GROUPS_AT_ONCE } from './build-merge-plan.ts';
import type { GroupFacts } from './group-facts.ts';
import { callUndelete, type CallResult } from '../orgs/soap-results.ts';
import { callUpdate, REQUESTS_A_CALL } from './merge-calls.ts';
import { chunksOf } from './read-records.ts';
import type { MergeRun } from './run-merge.ts';
import { isLocked, tryAgain } from './try-again.ts';
import { undoWorkOf, type UndoWork } from './undo-work.ts';

/** A merge of which nothing is written now. */
type UndoReading = Omit<MergeRun, 'journal'> & { readonly journal: Pick<MergeRun['journal'], 'stand'> };

/** What taking a merge back would do, as the org is now. Only reads. */
export async function planUndo(run: UndoReading, signal: AbortSignal): Promise<MergeUndoPlan> {
  const hash = createHash('sha256');
  const plan = { groups: 0, losers: 0, values: 0, children: 0 };
  const reasons = new Map<string, KeptReason>();
  for await (const facts of run.facts.all(GROUPS_AT_ONCE))
    for (const work of await undoWorkOf(run, facts, signal)) {
      hash.update(`${JSON.stringify(work)}\n`);
      if (isLeft(work)) plan.groups++;
      plan.losers += work.restore.length;
      plan.values += Object.keys(work.values).length;
      plan.children += work.children.length;
      for (const reason of work.kept) addReason(reasons, reason);
    }
  return { undoDigest: Digest.parse(hash.digest('hex')), ...plan, kept: [...reasons.values()] };
}

function addReason(reasons: Map<string, KeptReason>, reason: KeptReason): void {
  const key = `${reason.what} ${reason.why} ${reason.message}`;
  const known = reasons.get(key);
  reasons.set(key, known ? { ...known, count: known.count + reason.count } : reason);
}

function isLeft({ restore, values, children }: UndoWork): boolean {
  return restore.length + Object.keys(values).length + children.length > 0;
}

/**
 * Takes a merge back: first all losers come back, for lookups lead from one group to another; then masters get their values and losers
 * their children. Only what still is as the merge left it; what came of each group is read from the org when it is done.
 */
export async function runUndo(run: MergeRun, signal: AbortSignal): Promise<void> {
  const refused = new Map<string, string>();
  for await (const facts of run.facts.all(GROUPS_AT_ONCE))
    await untilDone(run, facts, signal, (works) => restoreLosers(run, works, refused));
  for await (const facts of run.facts.all(GROUPS_AT_ONCE)) {
    await untilDone(run, facts, signal, (works) => giveBack(run, works, refused));
    const left = await undoWorkOf(run, facts, signal);
    await run.journal.write(
      ...left.map((work) => ({ step: 'UNDONE' as const, group: work.group, undo: undoneOf(run, work, refused) })),
    );
  }
  await run.journal.write({ step: 'UNDO_ENDED' });
}

/** Acts on what is left of some groups until nothing is, or what is left was refused. */
async function untilDone(
  run: MergeRun,
  facts: readonly GroupFacts[],
  signal: AbortSignal,
  act: (works: readonly UndoWork[]) => Promise<boolean>,
): Promise<void> {
  let open = true;
  await tryAgain(
    run,
    signal,
    async () => {
      const works = await undoWorkOf(run, facts, signal);
      try {
        open = await act(works);
        return null;
      } catch (error) {
        return error;
      }
    },
    () => open,
  );
}

/** Calls for items, some at a time; true where it may help to try once more those that are left. What is refused is remembered. */
async function callAll<T>(
  items: readonly T[],
  keyOf: (item: T) => string,
  refused: Map<string, string>,
  call: (some: readonly T[]) => Promise<CallResult[]>,
): Promise<boolean> {
  let again = false;
  for (const some of chunksOf(items, REQUESTS_A_CALL)) {
    const results = await call(some);
    for (const [at, item] of some.entries()) {
      const { success = false, code = '', message = '' } = results[at] ?? {};
      if (success) refused.delete(keyOf(item));
      else refused.set(keyOf(item), `${code}: ${message}`);
      again ||= !success && isLocked(code);
    }
  }
  return again;
}

function restoreLosers(run: MergeRun, works: readonly UndoWork[], refused: Map<string, string>): Promise<boolean> {
  const ids = works.flatMap(({ restore }) => restore);
  return callAll(
    ids,
    (id) => id,
    refused,
    (some) => callUndelete(run.client, some, NEVER),
  );
}

interface Update {
  readonly objectName: string;
  readonly id: string;
  readonly values: Record<string, MergeCell>;
}

const updateKey = ({ id, values }: Update): string => `${id} ${Object.keys(values).join(',')}`;

async function giveBack(run: MergeRun, works: readonly UndoWork[], refused: Map<string, string>): Promise<boolean> {
  const { objectName } = run.document;
  const masters = works
    .filter(({ values }) => Object.keys(values).length > 0)
    .map(({ masterId, values }): Update => ({ objectName, id: masterId, values }));
  const children = works.flatMap((work) =>
    work.children.map(({ objectName: of, id, field, from }): Update => ({
      objectName: of,
      id,
      values: { [field]: from },
    })),
  );
  const update = (some: readonly Update[]) => callUpdate(run.client, some, NEVER);
  let again = false;
  // A record may be named once in a call: one that hangs from losers by two lookups comes in two.
  for (const updates of [masters, ...oncePerCall(children)])
    again = (await callAll(updates, updateKey, refused, update)) || again;
  return again;
}

function oncePerCall(updates: readonly Update[]): Update[][] {
  const calls: Update[][] = [];
  const times = new Map<string, number>();
  for (const update of updates) {
    const nth = times.get(update.id) ?? 0;
    times.set(update.id, nth + 1);
    (calls[nth] ??= []).push(update);
  }
  return calls;
}

/** What came of a group: `work` is what was still to do afterwards, and was refused. */
function undoneOf(run: MergeRun, work: UndoWork, refused: ReadonlyMap<string, string>): GroupUndo {
  const { objectName } = run.document;
  const reasons = new Map<string, KeptReason>();
  for (const reason of work.kept) addReason(reasons, reason);
  const keep = (what: KeptReason['what'], count: number, key: string): void =>
    addReason(reasons, { what, why: 'refused', count, message: refused.get(key) ?? '' });
  for (const id of work.restore) keep('loser', 1, id);
  const fields = Object.keys(work.values).length;
  if (fields > 0) keep('field', fields, updateKey({ objectName, id: work.masterId, values: work.values }));
  for (const { objectName: of, id, field, from } of work.children)
    keep('child', 1, updateKey({ objectName: of, id, values: { [field]: from } }));
  const all = [...reasons.values()];
  const lost = all.filter(({ what }) => what === 'loser').reduce((sum, { count }) => sum + count, 0);
  const state = all.length === 0 ? 'reversed' : lost >= work.losers ? 'kept' : 'partly';
  return { state, kept: all };
}
