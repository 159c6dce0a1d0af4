import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Operation } from '../../../shared/domain/field-mapping.ts';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { Job } from '../../../shared/domain/job.ts';
import type { Run } from '../../../shared/domain/run.ts';
import type { startPracticeOrg, TestBackend } from './start-backend.ts';

/** The file of a job of accounts, with what stands in it. */
export function accountsFile(
  data: string,
  name: string,
): { path: string; write: (rows: readonly string[]) => Promise<void> } {
  const path = join(data, `${name}.csv`);
  return { path, write: (rows) => writeFile(path, `ERP Id,Account Name,Phone\n${rows.join('\n')}\n`) };
}

/** A job that loads accounts from a file, which is read for that. */
export async function saveAccountsJob(
  app: TestBackend,
  orgId: OrgId,
  { name, path, operation = 'upsert' }: { name: string; path: string; operation?: Operation },
): Promise<Job> {
  const { sourceId } = await app.stage(path);
  const asked = { orgId, sourceId, objectName: 'Account', operation, useSaved: false } as const;
  const { misfits: _none, ...mapping } = await app.call('mapping.suggest', asked);
  const { job } = await app.call('job.save', {
    name,
    from: { kind: 'source', orgId, sourceId, mapping },
    replace: true,
  });
  return job;
}

/** A job as it would be, were its file written otherwise. */
export async function rewriteJob(app: TestBackend, job: Job, change: (yaml: string) => string): Promise<Job> {
  await app.call('job.export', { jobId: job.jobId });
  const text = change(await readFile(app.saved.at(-1)?.path ?? '', 'utf8'));
  const path = join(app.data, 'job.yaml');
  return app.backend.importJob({ text, path, fileName: 'job.yaml', replace: true }, new AbortController().signal);
}

/** Requests that write: jobs that are made or closed, rows that are uploaded, records that are saved. */
export async function writesOf(org: Awaited<ReturnType<typeof startPracticeOrg>>): Promise<number> {
  return (await org.requests()).filter(({ method, path }) => method !== 'GET' && !/oauth|query/.test(path)).length;
}

/** Loads what a run has planned, to its end. */
export async function loadRun(app: TestBackend, { runId, plan }: Run): Promise<Run> {
  if (!plan) throw new Error('the run has no plan');
  const { load } = await app.call('run.load', { runId, planDigest: plan.planDigest });
  await app.finished(load.loadId);
  return app.call('run.get', { runId });
}
