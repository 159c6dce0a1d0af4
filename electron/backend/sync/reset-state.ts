import { rm } from 'node:fs/promises';
import type { JobId } from '../../../shared/domain/ids.ts';
import type { SyncStateSummary } from '../../../shared/domain/sync.ts';
import { diskFailure } from '../documents/durable-file.ts';
import { isThere } from '../staging/staging-failure.ts';
import { quoteText } from '../tables/quote.ts';
import { createTable } from '../tables/tables.ts';
import { SYNC_META, syncStateTables } from '../tables/sync-tables.ts';
import type { SyncTools } from './sync-runs.ts';
import { makeState, readHead, stateOf, syncFolder } from './sync-state.ts';

type StateTools = Pick<SyncTools, 'staging' | 'ports'>;

/** What a job's state has: what would be forgotten. Changes nothing. */
export async function summarise(
  { staging, ports }: StateTools,
  jobId: JobId,
  signal: AbortSignal,
): Promise<SyncStateSummary> {
  const none = { runs: 0, watermark: null, records: 0, waiting: 0, gone: 0, setAside: 0 };
  const { alias, path } = stateOf(ports, jobId);
  if (!(await isThere(path))) return { ...none, problem: null };
  try {
    await staging.attach(alias, path, { columns: 16, joinedRows: 0 });
    const head = await readHead(staging, alias, signal);
    if (head === 'empty' || head === 'reset') return { ...none, problem: null };
    if (typeof head === 'string') return { ...none, problem: head };
    const [counts] = await staging.until(signal).query(
      `SELECT count(*) AS records, count(*) FILTER (status = 'waiting') AS waiting, count(*) FILTER (gone_run IS NOT NULL) AS gone,
         count(*) FILTER (len(list_filter(flips, lambda n: n >= 3)) > 0) AS aside FROM ${syncStateTables(alias).record}`,
    );
    const of = (name: string) => Number(counts?.[name] ?? 0);
    const { runs, watermark } = head;
    const found = { records: of('records'), waiting: of('waiting'), gone: of('gone'), setAside: of('aside') };
    return { runs, watermark, ...found, problem: null };
  } finally {
    await staging.detach(alias);
  }
}

/** Forgets what a job's sync agreed on, and notes that this was meant: its next run compares every row. */
export async function resetState(tools: StateTools, jobId: JobId, at: number, signal: AbortSignal): Promise<void> {
  const { staging, ports } = tools;
  const { alias } = stateOf(ports, jobId);
  const { meta } = syncStateTables(alias);
  await makeState(staging, ports, jobId, signal);
  try {
    const reset = quoteText(new Date(at).toISOString());
    await staging.until(signal).run(`${createTable(meta, SYNC_META)}; INSERT INTO ${meta} VALUES ('reset', ${reset})`);
  } finally {
    await staging.detach(alias);
  }
}

/** Removes all that is kept for a job's sync. */
export async function removeState({ staging, ports }: StateTools, jobId: JobId): Promise<void> {
  await staging.detach(stateOf(ports, jobId).alias);
  await rm(syncFolder(ports, jobId), { recursive: true, force: true }).catch((error: unknown) => {
    throw diskFailure(error, 'the state of a sync');
  });
}
