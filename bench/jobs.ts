import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBackend, startPracticeOrg } from '../electron/backend/test-support/start-backend.ts';
import { MemoryWatch } from './memory-watch.ts';
import { writeRows } from './write-rows.ts';

/**
 * A load of several jobs, with one of them at work at a time and with several: 200,000 rows in jobs of 20,000 or so, each of which waits
 * in the org's queue for a second and is then worked on at 5,000 rows a second. One command, `npm run bench:jobs`; `-- --rows N`, and
 * `--jobs 1,3` for other numbers of jobs at once, `--megabytes N` for jobs of another size, `--rows-per-second N` for another org.
 */
const { values: flags } = parseArgs({
  options: {
    rows: { type: 'string', default: '200000' },
    jobs: { type: 'string', default: '1,2,3,5' },
    megabytes: { type: 'string', default: '1' },
    'rows-per-second': { type: 'string', default: '5000' },
    'queue-delay': { type: 'string', default: '1000' },
  },
});
const ROWS = Number(flags.rows);

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const folder = await mkdtemp(join(tmpdir(), 'longshore-jobs-'));
const org = await startPracticeOrg([
  '--records',
  '0',
  '--rows-per-second',
  flags['rows-per-second'],
  '--queue-delay',
  flags['queue-delay'],
  '--knob',
  'apiLimit=1000000',
  '--knob',
  'storageMB=100000',
]);
const app = await startBackend(org);
try {
  const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
  say(`${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, Node ${process.version}`);
  let isRight = true;
  for (const atOnce of flags.jobs.split(',').map(Number)) {
    await app.call('settings.change', { jobMegabytes: Number(flags.megabytes), jobsAtOnce: atOnce });
    const path = join(folder, `berths-${atOnce}.csv`);
    await writeRows(path, ['Berth_Code__c', 'Name', 'Depth__c'], ROWS, (n) => ({
      Berth_Code__c: `J${atOnce}-${n}`,
      Name: `Berth ${'of a harbour '.repeat(2)}${n}`,
      Depth__c: String(n % 20),
    }));
    const { sourceId } = await app.stage(path);
    const asked = { orgId, sourceId, objectName: 'Berth__c', operation: 'insert', useSaved: false } as const;
    const mapping = await app.call('mapping.suggest', asked);
    const { planId, planDigest } = await app.call('plan.build', { orgId, sourceId, mapping });
    const watch = new MemoryWatch(process.pid);
    const start = performance.now();
    const { counts, jobs, apiCalls } = await app.finished(
      (await app.call('load.start', { planId, planDigest })).loadId,
    );
    const seconds = (performance.now() - start) / 1000;
    const peak = watch.lap();
    watch.stop();
    isRight &&= counts.created === ROWS && counts.failed === 0;
    say(
      `${atOnce} at once: ${counts.created} created in ${jobs.length} jobs, ${seconds.toFixed(1)} s, ${apiCalls} calls, ${peak} MiB`,
    );
  }
  process.exitCode = isRight ? 0 : 1;
} finally {
  await app.close();
  org.stop();
  await rm(folder, { recursive: true, force: true });
}
