import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBackend, startPracticeOrg } from '../electron/backend/test-support/start-backend.ts';
import { sampleAccount } from '../electron/practice-org/sample/sample-company.ts';
import type { Run } from '../shared/domain/run.ts';
import { MemoryWatch } from './memory-watch.ts';
import { COLUMNS } from './whole-job.ts';
import { writeRows } from './write-rows.ts';

/**
 * A sync of a million accounts of twenty columns: its first run, one that finds nothing changed, and one of which one row in a thousand says
 * something else. `npm run bench:sync`; `-- --rows N` for another number.
 */
const ROWS = Number(process.argv[process.argv.indexOf('--rows') + 1] || 1_000_000) || 1_000_000;

const say = (what: string, value: string, bar = '–'): void =>
  void process.stdout.write(`| ${what} | ${value} | ${bar} |\n`);

const data = await mkdtemp(join(tmpdir(), 'longshore-sync-'));
const org = await startPracticeOrg(['--records', String(ROWS)]);
const app = await startBackend(org, { data });
say(`${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, Node ${process.version}`, `${ROWS} rows`);

const path = join(data, 'accounts.csv');
const write = (changed: (n: number) => boolean): Promise<unknown> =>
  writeRows(path, COLUMNS, ROWS, (n) =>
    changed(n) ? { ...sampleAccount(n), Phone: `+49 40 ${n}` } : sampleAccount(n),
  );

/** When each phase of a run began, milliseconds since it did. */
const phases = new Map<string, number>();
let began = 0;
app.backend.subscribe((event) => {
  if (event.topic !== 'run') return;
  const { state, sync } = event.run;
  const at = performance.now() - began;
  for (const name of [state.kind === 'preparing' ? state.step : state.kind, sync?.phase])
    if (name !== undefined && !phases.has(name)) phases.set(name, at);
});

try {
  const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
  await write(() => false);
  const { sourceId } = await app.stage(path);
  const asked = { orgId, sourceId, objectName: 'Account', operation: 'upsert' as const, useSaved: false };
  const { misfits: _none, ...mapping } = await app.call('mapping.suggest', asked);
  const from = { kind: 'source' as const, orgId, sourceId, mapping };
  const sync = { orgChanges: 'set-back' as const, gone: { then: 'leave' as const } };
  const { job } = await app.call('job.save', { name: 'Bench', from, sync, replace: false });
  await app.call('source.forget', { sourceId });

  const measured = async (what: string, bar: string): Promise<Run> => {
    phases.clear();
    const watch = new MemoryWatch(process.pid);
    const before = (await org.requests()).length;
    began = performance.now();
    const { run } = await app.call('run.prepare', { jobId: job.jobId, dry: false });
    const whole = performance.now() - began;
    const calls = (await org.requests()).length - before;
    const afterReading = whole - (phases.get('read-left') ?? 0);
    const told = `${(whole / 1000).toFixed(1)} s, ${(afterReading / 1000).toFixed(1)} s of them after the file was read, ${calls} API calls, ${watch.stop()} MiB`;
    say(what, told, bar);
    process.stderr.write(`  ${[...phases].map(([name, at]) => `${name} ${(at / 1000).toFixed(1)}`).join(', ')}\n`);
    if (run.state.kind === 'planned' && run.plan) {
      const { load } = await app.call('run.load', { runId: run.runId, planDigest: run.plan.planDigest });
      const ended = await app.finished(load.loadId);
      await app.call('run.list', { jobId: job.jobId });
      say(
        '… and its load, to the commit',
        `${((performance.now() - began) / 1000).toFixed(1)} s, ${ended.counts.updated} updated`,
      );
    } else
      say(
        '…',
        `${run.state.kind === 'ended' ? run.state.how : JSON.stringify(run.state)}, ${run.sync?.keys ?? 0} keys`,
      );
    return run;
  };
  await measured('first run: every row is compared', '–');
  await measured('nothing changed', '2 s after reading, 3 calls');
  await write((n) => n % 1000 === 0);
  await measured('one row in a thousand changed: up to its plan', '10 s, 6 calls, 600 MB');
  await measured('nothing changed since', '2 s after reading, 3 calls');
} finally {
  await app.close();
  org.stop();
  await rm(data, { recursive: true, force: true, maxRetries: 5 });
}
