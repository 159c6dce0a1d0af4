import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { sampleAccount } from '../electron/practice-org/sample/sample-company.ts';
import { startBackend, startPracticeOrg } from '../electron/backend/test-support/start-backend.ts';
import { writeRows } from './write-rows.ts';

/**
 * A session without end: a thousand plans in one backend, each of a file of its own, and a load of every second. Prints what the
 * processes hold along the way. One command, `npm run bench:sessions`; `-- --plans N` for another number of plans.
 */
const PLANS = Number(process.argv[process.argv.indexOf('--plans') + 1] || 1000) || 1000;
const ROWS = 200;
/** Every so many plans, a file of 302 columns. */
const WIDE_EVERY = 20;
const WIDE = 302;
const REPORT_AT = [50, 250, 500, 1000];

const COLUMNS = [
  'ERP_Id__c',
  'Name',
  'Type',
  'Industry',
  'Phone',
  'Website',
  'BillingStreet',
  'BillingCity',
  'BillingCountry',
];
const WIDE_COLUMNS = [...COLUMNS, ...Array.from({ length: WIDE - COLUMNS.length }, (_, index) => `Extra ${index}`)];

const say = (text: string): void => void process.stdout.write(`${text}\n`);

/** Resident memory of a process, in MiB. */
async function memoryOf(pid: number | string): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024);
}

async function stagingProcess(): Promise<string> {
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue;
    const [command, status] = await Promise.all([
      readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''),
      readFile(`/proc/${pid}/status`, 'utf8').catch(() => ''),
    ]);
    if (command.includes('staging-process') && status.includes(`PPid:\t${process.pid}\n`)) return pid;
  }
  throw new Error('there is no staging process');
}

const data = await mkdtemp(join(tmpdir(), 'longshore-sessions-'));
const org = await startPracticeOrg(['--records', '500', '--knob', 'apiLimit=100000000']);
const app = await startBackend(org, { data });
say(`${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, Node ${process.version}`);

try {
  const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
  let loads = 0;
  let slowest = 0;
  for (let n = 1; n <= PLANS; n++) {
    const path = join(data, 'session.csv');
    // Some of the org's accounts with another phone number, and some that are new.
    await writeRows(path, n % WIDE_EVERY === 0 ? WIDE_COLUMNS : COLUMNS, ROWS, (row) => ({
      ...sampleAccount(((n * ROWS) % 400) + row),
      Phone: `+49 40 ${n}${row}`,
    }));
    const start = performance.now();
    const { sourceId, state } = await app.stage(path);
    if (state.kind !== 'staged') throw new Error(`plan ${n}: ${JSON.stringify(state)}`);
    const request = { orgId, sourceId, objectName: 'Account', operation: 'upsert' as const, useSaved: false };
    const mapping = await app.call('mapping.suggest', request);
    const plan = await app.call('plan.build', { orgId, sourceId, mapping });
    slowest = Math.max(slowest, performance.now() - start);
    if (n % 2 === 0) {
      const { loadId } = await app.call('load.start', { planId: plan.planId, planDigest: plan.planDigest });
      const { state: end, counts } = await app.finished(loadId);
      if (end.kind !== 'finished' || counts.unknown > 0)
        throw new Error(`load ${n}: ${JSON.stringify({ end, counts })}`);
      loads++;
    }
    if (!REPORT_AT.includes(n) && n !== PLANS) continue;
    const [staging, backend] = [await memoryOf(await stagingProcess()), await memoryOf(process.pid)];
    say(
      `| ${n} plans, ${loads} loads | staging ${staging} MiB, backend ${backend} MiB | slowest plan ${(slowest / 1000).toFixed(1)} s |`,
    );
  }
} finally {
  await app.close();
  org.stop();
  await rm(data, { recursive: true, force: true, maxRetries: 5 });
}
