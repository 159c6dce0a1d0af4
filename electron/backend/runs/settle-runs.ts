import { readdir } from 'node:fs/promises';
import { organizationOf } from '../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { hasEnded, type Run } from '../../../shared/domain/run.ts';
import { systemCode } from '../documents/durable-file.ts';
import { planFolder } from '../plan/plan-registry.ts';
import type { BackendPorts } from '../ports.ts';

/** What a folder of a plan has once a load may have begun of it, whatever became of its record. */
const OF_LOADS = ['load.json', 'load.json.damaged', 'journal.jsonl'];

/** The run as its load has ended it. */
export function endedBy(run: Run, load: LoadSnapshot): Run {
  const { loadId, counts, finishedAt } = load;
  return { ...run, state: { kind: 'ended', how: 'loaded' }, loadId, counts, endedAt: finishedAt ?? run.startedAt };
}

/** A run that goes on no more and has sent nothing: one that was approved is held as it was before. */
export function stopped(run: Run): Run {
  const { approved } = run;
  return approved
    ? { ...run, state: { kind: 'held', holds: approved.holds }, approved: null }
    : { ...run, state: { kind: 'interrupted' } };
}

/**
 * What a run that no process is at work on any more has come to. Before `loading` is written down nothing is sent, so whatever was
 * interrupted before has sent nothing; from then on the load and its journal tell. One that stays `loading` has a load to be continued.
 */
export async function settleRun(
  { paths, clock }: Pick<BackendPorts, 'paths' | 'clock'>,
  run: Run,
  loads: readonly LoadSnapshot[],
): Promise<Run> {
  if (hasEnded(run)) return run;
  const nothingSent = (): Run => ({ ...stopped(run), endedAt: clock.now() });
  if (run.state.kind !== 'loading' || run.plan === null) return nothingSent();
  const { planId } = run.plan;
  const load = loads.find((one) => one.planId === planId);
  if (load) return load.state.kind === 'finished' ? endedBy(run, load) : { ...run, loadId: load.loadId };
  const files = await readdir(planFolder(paths, planId)).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return null;
    throw error;
  });
  // A plan whose folder is there without a load was never loaded. All else can't be told from a load that was removed, or whose record
  // is damaged.
  const neverBegan = run.loadId === null && files !== null && !OF_LOADS.some((name) => files.includes(name));
  return neverBegan ? nothingSent() : { ...run, state: { kind: 'ended', how: 'unknown' }, endedAt: clock.now() };
}

/** What shows that rows were loaded before as the same insert; null where nothing does. */
export function loadedBefore(
  run: Pick<Run, 'orgId' | 'objectName' | 'operation' | 'runId'>,
  digest: string,
  { runs, loads }: { readonly runs: readonly Run[]; readonly loads: readonly LoadSnapshot[] },
): { at: number; loadId: LoadSnapshot['loadId'] | null } | null {
  // What only updates, deletes, or finds its records by a key comes to the same when it is done twice.
  if (run.operation !== 'insert') return null;
  const load = loads.find(
    (one) =>
      one.operation === 'insert' &&
      organizationOf(one.orgId) === organizationOf(run.orgId) &&
      one.objectName.toLowerCase() === run.objectName.toLowerCase() &&
      one.sourceDigest === digest &&
      (one.state.kind !== 'finished' || one.counts.created > 0 || one.counts.incomplete > 0 || one.counts.unknown > 0),
  );
  if (load) return { at: load.startedAt, loadId: load.loadId };
  // A load may have been removed since.
  const before = runs.find(
    ({ runId, state, source, operation, orgId }) =>
      runId !== run.runId &&
      organizationOf(orgId) === organizationOf(run.orgId) &&
      operation === 'insert' &&
      source?.digest === digest &&
      (state.kind === 'loading' || (state.kind === 'ended' && (state.how === 'loaded' || state.how === 'unknown'))),
  );
  return before ? { at: before.startedAt, loadId: before.loadId } : null;
}
