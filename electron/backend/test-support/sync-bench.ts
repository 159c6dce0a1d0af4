import { setTimeout as sleep } from 'node:timers/promises';
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
  keep: 'first' | 'last' = 'first',
) {
  const file = accountsFile(app.data, name);
  await file.write(rows);
  const saved = await saveAccountsJob(app, orgId, { name, path: file.path });
  const { jobId } = await rewriteJob(
    app,
    saved,
    (yaml) =>
      `${yaml.replace(/^ {2}keep: .*$/m, `  keep: ${keep}`).replace(/^ {2}path: .*$/m, `  path: ${name}.csv`)}${rules}\n`,
  );
  const records = recordsOf(org);
  const calls = async () => (await org.requests()).length;
  return {
    jobId,
    file,
    records,
    prepare: async (): Promise<Run> => (await app.call('run.prepare', { jobId, dry: false })).run,
    /** A run to its end, with what it has cost. */
    run: (part?: 'gone') => runSync(app, jobId, calls, part),
    /** Stamps have whole seconds: what is changed in one second more can be told from what was before. */
    nextSecond: () => sleep(1000 - (Date.now() % 1000)),
    /** Takes a deleted record out of the Recycle Bin for good. */
    purge: (id: string) => emptyBin(org, id),
    /** Accounts of the file's keys, by key. */
    accounts: async (): Promise<Map<string, Record<string, unknown>>> => {
      const found = await records.query(
        `SELECT Id, ERP_Id__c, Name, Phone FROM Account WHERE ERP_Id__c LIKE '${name}-%'`,
      );
      return new Map(found.map((one) => [String(one['ERP_Id__c']), one]));
    },
  };
}

/** SOAP API Developer Guide, "emptyRecycleBin()": REST has no such call. */
async function emptyBin({ url, accessToken }: { url: string; accessToken: string }, id: string): Promise<void> {
  const call = `<emptyRecycleBin xmlns="urn:partner.soap.sforce.com"><ids>${id}</ids></emptyRecycleBin>`;
  const body = `<?xml version="1.0" encoding="UTF-8"?><soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/"><soapenv:Header><SessionHeader xmlns="urn:partner.soap.sforce.com"><sessionId>${accessToken}</sessionId></SessionHeader></soapenv:Header><soapenv:Body>${call}</soapenv:Body></soapenv:Envelope>`;
  const headers = { 'content-type': 'text/xml; charset=UTF-8', soapaction: '""' };
  const response = await fetch(`${url}/services/Soap/u/66.0`, { method: 'POST', headers, body });
  const answer = await response.text();
  if (!answer.includes('<success>true</success>')) throw new Error(answer);
}

/** A run of a sync to its end, with what it has cost. */
export async function runSync(
  app: TestBackend,
  jobId: JobId,
  calls: () => Promise<number>,
  part?: 'gone',
): Promise<Run & { readonly calls: number }> {
  const before = await calls();
  const { run } = await app.call('run.prepare', { jobId, dry: false, part });
  if (run.state.kind !== 'planned') return { ...run, calls: (await calls()) - before };
  await loadRun(app, run);
  // The list waits for what the end of a run writes down.
  const { runs } = await app.call('run.list', { jobId });
  const ended = runs.find(({ runId }) => runId === run.runId) ?? run;
  return { ...ended, calls: (await calls()) - before };
}
