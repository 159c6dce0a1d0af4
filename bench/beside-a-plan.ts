import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBackend, startPracticeOrg } from '../electron/backend/test-support/start-backend.ts';
import { MemoryWatch } from './memory-watch.ts';
import { writeAccounts } from './whole-job.ts';

/**
 * The memory of all backend processes while twenty million rows are staged and the plan of a million is open. One command,
 * `npm run bench:beside-a-plan`; `-- --rows N` for another number. About 6 GB of disk twice over.
 */
const ROWS = Number(process.argv[process.argv.indexOf('--rows') + 1] || 20_000_000) || 20_000_000;
const PLANNED = 1_000_000;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const data = await mkdtemp(join(tmpdir(), 'longshore-beside-'));
const org = await startPracticeOrg(['--records', '2400']);
const app = await startBackend(org, { data });

try {
  const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
  const [planned, staged] = [join(data, 'planned.csv'), join(data, 'staged.csv')];
  await writeAccounts(planned, PLANNED);
  await writeAccounts(staged, ROWS);
  const { sourceId } = await app.stage(planned);
  const request = { orgId, sourceId, objectName: 'Account', operation: 'upsert' as const, useSaved: false };
  const mapping = await app.call('mapping.suggest', request);
  const { planId, counts } = await app.call('plan.build', { orgId, sourceId, mapping });
  const page = { planId, kind: null, search: '', limit: 100 };
  const watch = new MemoryWatch(process.pid);
  await new Promise((resolve) => setTimeout(resolve, 1500));
  const before = watch.lap();
  const start = performance.now();
  const staging = app.stage(staged);
  let pages = 0;
  let slowest = 0;
  // The plan is looked at meanwhile.
  for (let done = false; !done;) {
    const asked = performance.now();
    await app.call('plan.page', { ...page, offset: (pages++ * 48_611) % (PLANNED - 100) });
    slowest = Math.max(slowest, performance.now() - asked);
    done = await Promise.race([
      staging.then(() => true),
      new Promise<false>((resolve) => setTimeout(resolve, 500, false)),
    ]);
  }
  const { state } = await staging;
  if (state.kind !== 'staged' || state.rows !== ROWS) throw new Error(`staging ended with ${JSON.stringify(state)}`);
  const took = ((performance.now() - start) / 1000).toFixed(0);
  const each = [...watch.each].map(([name, most]) => `${name} ${most}`).join(', ');
  say(`${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, Node ${process.version}`);
  say(
    `a plan of ${PLANNED} rows (${JSON.stringify(counts)}), ${pages} pages of it, the slowest ${slowest.toFixed(0)} ms`,
  );
  say(`${ROWS} rows staged meanwhile in ${took} s: ${watch.stop()} MiB (${each}), ${before} MiB before; bar 800 MB`);
} finally {
  await app.close();
  org.stop();
  await rm(data, { recursive: true, force: true, maxRetries: 5 });
}
