import { organizationOf, type PlanId } from '../../../shared/domain/ids.ts';
import type { Run } from '../../../shared/domain/run.ts';
import type { GoneRule, RunSync, SyncFormat } from '../../../shared/domain/sync.ts';
import { tablesOf } from '../tables/tables.ts';
import { commitGone } from './commit-gone.ts';
import { nextRecords } from './commit-rows.ts';
import { commitSql, countDone, countSetBack } from './commit-state.ts';
import type { SyncMapping } from './sync-basis.ts';
import type { SyncTools } from './sync-runs.ts';
import { makeState, readHead, stateOf, SYNC_STATE_VERSION, type SyncHead } from './sync-state.ts';
import { isThere } from '../staging/staging-failure.ts';
import { FailureError } from '../../../shared/contract/failure.ts';

export interface Committing {
  /** Null where nothing was to be planned. */
  readonly planId: PlanId | null;
  /** When its records were fetched, by the org's clock; they may be older than what the run has read. */
  readonly fetchedAt?: number;
  readonly loaded: boolean;
  readonly sync: SyncMapping;
  readonly gone?: GoneRule;
}

/** The head of a state on disk; null before there is one. Throws `DATA_DAMAGED` for one that can't be read. */
export async function headOf(
  { staging, ports }: Pick<SyncTools, 'staging' | 'ports'>,
  { jobId }: Pick<Run, 'jobId'>,
  signal: AbortSignal,
): Promise<SyncHead | null> {
  const { alias, path } = stateOf(ports, jobId);
  if (!(await isThere(path))) return null;
  const head = await readHead(staging, alias, signal);
  if (head === 'empty' || head === 'reset') return null;
  if (typeof head === 'string') throw new FailureError({ code: 'DATA_DAMAGED', what: 'The state of this sync' });
  return head;
}

/**
 * COMMIT: writes what a run has come to into the job's state, whole or not at all, and once however often it is asked. The databases of the state
 * and of the run's work are open. Returns the run's sync as it is then.
 */
export async function commitRows(
  tools: SyncTools,
  run: Run,
  { planId, fetchedAt, loaded, sync, gone = { then: 'leave' } }: Committing,
  signal: AbortSignal,
): Promise<RunSync> {
  const { staging, ports, orgs } = tools;
  const { jobId, runId, orgId, sync: own } = run;
  if (!own) throw new Error('a run without a sync was to be committed as one');
  const { workId } = own;
  const { alias } = stateOf(ports, jobId);
  const sql = staging.until(signal);
  const before = await headOf(tools, run, signal);
  const now = (await orgs.client(orgId)).now();
  if (own.part === 'gone') {
    if (planId === null) throw new Error('a run of records whose rows are gone was to be committed without its plan');
    return commitGone(sql, run, own, { alias, workId, planId, loaded, head: before, rule: gone, now });
  }
  const rows = { workId, alias: before === null ? null : alias, planId, loaded, sync, now };
  const counted = { alias, rule: gone, mapped: planId === null ? '' : tablesOf(planId).mapped };
  if (before?.lastRun === runId) {
    const done = await countDone(sql, rows, { ...counted, runs: before.runs }, own.done?.setBack ?? 0);
    return { ...own, phase: 'committed', done };
  }
  await nextRecords(sql, rows);
  const setBack = await countSetBack(sql, rows);
  const head: SyncHead = {
    version: SYNC_STATE_VERSION,
    jobId,
    organization: organizationOf(orgId),
    basis: own.basis,
    watermark: Math.min(own.right?.to ?? now, fetchedAt ?? now),
    runs: (before?.runs ?? 0) + 1,
    lastRun: runId,
    formats: formatsOf(before?.formats ?? [], own.formats),
  };
  if (before === null) await makeState(staging, ports, jobId, signal);
  await sql.run(commitSql(alias, workId, head, now));
  return { ...own, phase: 'committed', done: await countDone(sql, rows, { ...counted, runs: head.runs }, setBack) };
}

/** What a column was read by first holds. */
function formatsOf(before: readonly SyncFormat[], now: readonly SyncFormat[]): SyncFormat[] {
  const known = new Map(now.map((one): [number, SyncFormat] => [one.column, one]));
  for (const one of before) known.set(one.column, { ...known.get(one.column), ...one });
  return [...known.values()].sort((one, other) => one.column - other.column);
}
