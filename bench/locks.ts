import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBackend, startPracticeOrg } from '../electron/backend/test-support/start-backend.ts';
import { writeRows } from './write-rows.ts';

/**
 * 50,000 cases under 500 accounts, in no order of the accounts, into a practice org whose rows lock their parents while four batches of a
 * job are worked on at once. No row may fail. Beside it, how many rows fail of the same file if it is sent as it is. One command,
 * `npm run bench:locks`; `-- --rows N` for another number, `--megabytes N` for smaller jobs, of which some are worked on at the same time.
 */
const { values: flags } = parseArgs({
  options: { rows: { type: 'string', default: '50000' }, megabytes: { type: 'string' }, jobs: { type: 'string' } },
});
const ROWS = Number(flags.rows);
const ACCOUNTS = 500;
/** Rows name accounts in another order than these have: this has no divisor in common with them. */
const STRIDE = 347;
const LOCKS = { lockParents: true, batchesAtOnce: 4 };

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const accountOf = (n: number): number => (n * STRIDE) % ACCOUNTS;

const folder = await mkdtemp(join(tmpdir(), 'longshore-locks-'));
const org = await startPracticeOrg([
  '--records',
  '0',
  '--rows-per-second',
  '0',
  '--queue-delay',
  '0',
  '--knob',
  'apiLimit=1000000',
]);
const app = await startBackend(org);

async function rest(method: string, path: string, body: string | null, contentType: string): Promise<string> {
  const answer = await fetch(`${org.url}/services/data/v66.0/${path}`, {
    method,
    headers: { authorization: `Bearer ${org.accessToken}`, 'content-type': contentType },
    body,
  });
  return answer.text();
}

/** Sends cases as a client that doesn't order them would; returns how many fail. */
async function asItIs(): Promise<number> {
  const spec = JSON.stringify({ object: 'Case', operation: 'insert', contentType: 'CSV', lineEnding: 'LF' });
  const { id } = JSON.parse(await rest('POST', 'jobs/ingest', spec, 'application/json')) as { id: string };
  const lines = Array.from({ length: ROWS }, (_none, n) => `N-${n},Case ${n},LOCK-${accountOf(n)}`);
  await rest(
    'PUT',
    `jobs/ingest/${id}/batches`,
    `Ticket_Key__c,Subject,Account.ERP_Id__c\n${lines.join('\n')}\n`,
    'text/csv',
  );
  await rest('PATCH', `jobs/ingest/${id}`, JSON.stringify({ state: 'UploadComplete' }), 'application/json');
  for (;;) {
    const job = JSON.parse(await rest('GET', `jobs/ingest/${id}`, null, 'application/json')) as {
      state: string;
      numberRecordsFailed: number;
    };
    if (job.state === 'JobComplete') return job.numberRecordsFailed;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

try {
  const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
  await app.call('settings.change', {
    ...(flags.megabytes === undefined ? {} : { jobMegabytes: Number(flags.megabytes) }),
    ...(flags.jobs === undefined ? {} : { jobsAtOnce: Number(flags.jobs) }),
  });
  const load = async (name: string, objectName: string, rows: number, row: (n: number) => Record<string, string>) => {
    const path = join(folder, `${name}.csv`);
    await writeRows(path, Object.keys(row(1)), rows, row);
    const { sourceId } = await app.stage(path);
    const asked = { orgId, sourceId, objectName, operation: 'insert', useSaved: false } as const;
    const mapping = await app.call('mapping.suggest', asked);
    const { planId, planDigest } = await app.call('plan.build', { orgId, sourceId, mapping });
    const start = performance.now();
    const ended = await app.finished((await app.call('load.start', { planId, planDigest })).loadId);
    return { ...ended, seconds: (performance.now() - start) / 1000 };
  };
  const account = (n: number) => ({ Name: `Account ${n}`, ERP_Id__c: `LOCK-${n - 1}` });
  await load('accounts', 'Account', ACCOUNTS, account);
  await org.admin('PATCH', '/knobs', LOCKS);
  say(`${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, Node ${process.version}`);
  say(`sent as it is: ${await asItIs()} of ${ROWS} rows fail`);
  const row = (n: number) => ({
    Ticket_Key__c: `L-${n}`,
    Subject: `Case ${n}`,
    'Account.ERP_Id__c': `LOCK-${accountOf(n)}`,
  });
  const { counts, jobs, seconds } = await load('cases', 'Case', ROWS, row);
  const again = jobs.reduce((sum, { rows }) => sum + rows, 0) - ROWS;
  say(
    `by Longshore: ${counts.created} created, ${counts.failed} failed; ${jobs.length} jobs, ${again} rows sent once more, ${seconds.toFixed(1)} s`,
  );
  process.exitCode = counts.failed === 0 && counts.created === ROWS ? 0 : 1;
} finally {
  await app.close();
  org.stop();
  await rm(folder, { recursive: true, force: true });
}
