import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { FailureError } from '../../../shared/contract/failure.ts';
import { Digest, OrgId, RunId, type JobId } from '../../../shared/domain/ids.ts';
import { SyncFormat, type SyncStateProblem } from '../../../shared/domain/sync.ts';
import { parseJson } from '../parse-json.ts';
import type { BackendPorts } from '../ports.ts';
import { isThere } from '../staging/staging-failure.ts';
import type { StagingClient } from '../staging/staging-client.ts';
import { syncStateTables } from '../tables/sync-tables.ts';

/** The version of a state's tables that is written. */
export const SYNC_STATE_VERSION = 1;

/** What holds of a sync's state as a whole, kept as one value. */
export const SyncHead = z.object({
  version: z.literal(SYNC_STATE_VERSION),
  jobId: z.string(),
  organization: OrgId,
  /** Of the job's rows and cells (`basisOf`). */
  basis: Digest,
  /** Changes in the org are known up to here; milliseconds by its clock. */
  watermark: z.number(),
  /** Runs that were committed, and the last of them. */
  runs: z.number().int().positive(),
  lastRun: RunId,
  formats: z.array(SyncFormat),
});
export type SyncHead = z.infer<typeof SyncHead>;

export type SyncStaging = Pick<
  StagingClient,
  'attach' | 'create' | 'detach' | 'until' | 'append' | 'canonicalise' | 'exportRows'
>;

/** Where a job's state is, and how its database is named. */
export function stateOf({ paths }: Pick<BackendPorts, 'paths'>, jobId: JobId): { alias: string; path: string } {
  return { alias: jobId.replace(/^job_/, 'sync_'), path: join(syncFolder({ paths }, jobId), 'state.duckdb') };
}

export function syncFolder({ paths }: Pick<BackendPorts, 'paths'>, jobId: JobId): string {
  return join(paths.data, 'sync', jobId);
}

/** What a state is expected to be of. */
export interface Expected {
  readonly jobId: JobId;
  readonly organization: OrgId;
  readonly basis: Digest;
  /** A run of the job has committed to it. */
  readonly committed: boolean;
}

/**
 * The state that a sync goes on from: null before its first run. It is said what is wrong with one that is not this job's, or that can't be
 * read; nothing of it is used then, and nothing written over.
 */
export async function openState(
  staging: SyncStaging,
  ports: Pick<BackendPorts, 'paths'>,
  expected: Expected,
  signal: AbortSignal,
): Promise<{ readonly head: SyncHead | null } | { readonly problem: SyncStateProblem }> {
  const { alias, path } = stateOf(ports, expected.jobId);
  if (!(await isThere(path))) return expected.committed ? { problem: 'missing' } : { head: null };
  await staging.attach(alias, path, { columns: 16, joinedRows: 0 });
  const found = await readHead(staging, alias, signal, 'whole');
  if (found === 'empty') return expected.committed ? { problem: 'damaged' } : { head: null };
  if (found === 'reset') return { head: null };
  if (typeof found === 'string') return { problem: found };
  if (found.jobId !== expected.jobId) return { problem: 'job' };
  if (found.organization !== expected.organization) return { problem: 'org' };
  return found.basis === expected.basis ? { head: found } : { problem: 'mapping' };
}

/** `empty` is one that was made and never committed to, `reset` one that somebody has emptied. */
export async function readHead(
  staging: Pick<SyncStaging, 'until'>,
  alias: string,
  signal: AbortSignal,
  how: 'whole' | 'head' = 'head',
): Promise<SyncHead | 'empty' | 'reset' | 'newer' | 'damaged'> {
  const { meta, record } = syncStateTables(alias);
  try {
    const tables = await staging
      .until(signal)
      .query(`SELECT table_name FROM duckdb_tables() WHERE database_name = '${alias}'`);
    if (tables.length === 0) return 'empty';
    const rows = await staging.until(signal).query(`SELECT name, value FROM ${meta}`);
    if (rows.length === 1 && rows[0]?.['name'] === 'reset' && tables.length === 1) return 'reset';
    const value: unknown = parseJson(String(rows[0]?.['value'] ?? ''));
    const version = z.object({ version: z.number() }).safeParse(value).data?.version ?? 0;
    if (version > SYNC_STATE_VERSION) return 'newer';
    const head = SyncHead.safeParse(value);
    if (!head.success || rows.length !== 1 || rows[0]?.['name'] !== 'head') return 'damaged';
    if (how === 'head') return head.data;
    const [twice] = await staging
      .until(signal)
      .query(`SELECT count(*) AS n, (SELECT count(*) FROM (SELECT DISTINCT k FROM ${record})) AS keys FROM ${record}`);
    return Number(twice?.['n']) === Number(twice?.['keys']) ? head.data : 'damaged';
  } catch (error) {
    if (signal.aborted) throw error;
    if (error instanceof FailureError && error.failure.code !== 'DATA_DAMAGED') throw error;
    return 'damaged';
  }
}

/** Makes the database that a first commit goes into, in the place of one that has nothing in it. */
export async function makeState(
  staging: SyncStaging,
  ports: Pick<BackendPorts, 'paths'>,
  jobId: JobId,
  signal: AbortSignal,
): Promise<void> {
  const { alias, path } = stateOf(ports, jobId);
  await mkdir(syncFolder(ports, jobId), { recursive: true, mode: 0o700 });
  await staging.create(alias, path, { columns: 16, joinedRows: 0 }, signal);
}
