import type { JobId, OrgId } from '../../../shared/domain/ids.ts';
import type { Run } from '../../../shared/domain/run.ts';
import { recordsOf } from './org-records.ts';
import { accountsFile, loadRun, rewriteJob, saveAccountsJob } from './saved-job.ts';
import type { startPracticeOrg, TestBackend } from './start-backend.ts';

/** A sync of accounts from a file of its own, and the org that it is kept in sync with. */
export async function syncOfAccounts(
  { org, app, orgId }: { org: Awaited<ReturnType<typeof startPracticeOrg>>; app: TestBackend; orgId: OrgId },
  name: string,
  rows: readonly string[],
  rules = 'sync: {}',
) {
  const file = accountsFile(app.data, name);
  await file.write(rows);
  const saved = await saveAccountsJob(app, orgId, { name, path: file.path });
  const { jobId } = await rewriteJob(
    app,
    saved,
    (yaml) => `${yaml.replace(/^ {2}path: .*$/m, `  path: ${name}.csv`)}${rules}\n`,
  );
  const records = recordsOf(org);
  const calls = async () => (await org.requests()).length;
  return {
    jobId,
    file,
    records,
    prepare: async (): Promise<Run> => (await app.call('run.prepare', { jobId, dry: false })).run,
    /** A run to its end, with what it has cost. */
    run: () => runSync(app, jobId, calls),
    /** Accounts of the file's keys, by key. */
    accounts: async (): Promise<Map<string, Record<string, unknown>>> => {
      const found = await records.query(
        `SELECT Id, ERP_Id__c, Name, Phone FROM Account WHERE ERP_Id__c LIKE '${name}-%'`,
      );
      return new Map(found.map((one) => [String(one['ERP_Id__c']), one]));
    },
  };
}

async function runSync(
  app: TestBackend,
  jobId: JobId,
  calls: () => Promise<number>,
): Promise<Run & { readonly calls: number }> {
  const before = await calls();
  const { run } = await app.call('run.prepare', { jobId, dry: false });
  if (run.state.kind !== 'planned') return { ...run, calls: (await calls()) - before };
  await loadRun(app, run);
  // The list waits for what the end of a run writes down.
  const { runs } = await app.call('run.list', { jobId });
  const ended = runs.find(({ runId }) => runId === run.runId) ?? run;
  return { ...ended, calls: (await calls()) - before };
}
