import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { JobId, SourceId } from '../../../shared/domain/ids.ts';
import type { Run } from '../../../shared/domain/run.ts';
import type { RunSync } from '../../../shared/domain/sync.ts';
import { diskFailure, systemCode } from '../documents/durable-file.ts';
import type { LoadRegistry } from '../load/load-registry.ts';
import type { OrgDirectory } from '../orgs/org-directory.ts';
import type { PlanRegistry } from '../plan/plan-registry.ts';
import type { BackendPorts } from '../ports.ts';
import type { SourceRegistry } from '../source/source-registry.ts';
import type { StagedSources } from '../source/staged-sources.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { isThere } from '../staging/staging-failure.ts';
import { stateOf, syncFolder } from './sync-state.ts';

export interface SyncTools {
  readonly ports: Pick<BackendPorts, 'paths' | 'clock' | 'random' | 'log'>;
  readonly staging: StagingClient;
  readonly orgs: Pick<OrgDirectory, 'client' | 'describe'>;
  readonly staged: Pick<StagedSources, 'facts'>;
  readonly sources: Pick<SourceRegistry, 'handOver' | 'open' | 'whenRead' | 'forget' | 'get'>;
  readonly plans: Pick<PlanRegistry, 'get' | 'change'>;
  readonly loads: Pick<LoadRegistry, 'load' | 'letGo'>;
}

/** Of a run's own database. */
const WORK_NEED = { columns: 32, joinedRows: 1_000_000 };

export function workPath(ports: Pick<BackendPorts, 'paths'>, jobId: JobId, workId: string): string {
  return join(syncFolder(ports, jobId), `${workId}.duckdb`);
}

/**
 * Does something with a job's state and a run's own database, and closes both: another process may be the next to run the job. `state` is the
 * state's name, null where there is none on disk.
 */
export async function usingState<T>(
  { staging, ports }: Pick<SyncTools, 'staging' | 'ports'>,
  jobId: JobId,
  workId: string,
  work: (state: string | null) => Promise<T>,
): Promise<T> {
  const { alias, path } = stateOf(ports, jobId);
  try {
    const isState = await isThere(path);
    if (isState) await staging.attach(alias, path, { columns: 16, joinedRows: 0 });
    await staging.attach(workId, workPath(ports, jobId, workId), WORK_NEED);
    return await work(isState ? alias : null);
  } finally {
    await staging.detach(workId);
    await staging.detach(alias);
  }
}

/** Makes the database that a run works with. */
export async function makeWork(
  { staging, ports }: Pick<SyncTools, 'staging' | 'ports'>,
  jobId: JobId,
  workId: string,
  signal: AbortSignal,
): Promise<void> {
  await staging.create(workId, workPath(ports, jobId, workId), WORK_NEED, signal);
  await staging.detach(workId);
}

/** Removes what runs of the job worked with that are over; those that wait for a yes, or whose load is to be settled, keep theirs. */
export async function sweepWork(ports: Pick<BackendPorts, 'paths'>, jobId: JobId, runs: readonly Run[]): Promise<void> {
  const needed = new Set(
    runs.flatMap(({ state, sync }) => (state.kind === 'held' || state.kind === 'loading' ? (sync?.workId ?? []) : [])),
  );
  const folder = syncFolder(ports, jobId);
  const names = await readdir(folder).catch((error: unknown) => {
    if (systemCode(error) === 'ENOENT') return [];
    throw diskFailure(error, 'the folder of a sync');
  });
  for (const name of names) {
    const workId = /^(sync_[a-z0-9]{16})\./.exec(name)?.[1];
    if (workId !== undefined && !needed.has(workId)) await rm(join(folder, name), { force: true });
  }
}

/** Removes what one run worked with. */
export async function dropWork(ports: Pick<BackendPorts, 'paths'>, jobId: JobId, workId: string): Promise<void> {
  const path = workPath(ports, jobId, workId);
  for (const file of [path, `${path}.wal`]) await rm(file, { force: true });
}

/** What the runs of a job tell a sync. */
export interface SyncRun {
  readonly run: () => Run;
  /** Resolves once it is on disk. */
  readonly save: (change: Partial<Run>) => Promise<void>;
  /** A source that was made for this run, and goes with it. */
  readonly owns: (sourceId: SourceId) => void;
  readonly before: { readonly runs: readonly Run[] };
  /** Whether a file of so many rows has far fewer than that of the last run. */
  readonly isShrunk: (rows: number) => boolean;
}

/** Whether a run of the job has written to the state: it must be there then. */
export function hasCommitted(runs: readonly Run[]): boolean {
  return runs.some(({ sync }) => sync?.phase === 'committed');
}

/** Notes the phase that comes next, and what is known by then. */
export async function nextPhase({ run, save }: Pick<SyncRun, 'run' | 'save'>, change: Partial<RunSync>): Promise<void> {
  const { sync } = run();
  if (sync) await save({ sync: { ...sync, ...change } });
}
