import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBackend, startPracticeOrg } from '../electron/backend/test-support/start-backend.ts';
import type { ChangeFilter, PlannedKind, PlanSort } from '../shared/domain/load-plan.ts';
import { countedProcesses, MemoryWatch } from './memory-watch.ts';
import { COLUMNS, writeTenthChanged } from './whole-job.ts';

/**
 * A plan of a million rows of twenty columns against as many records: 80 % unchanged, 10 % changed in one to three fields, 10 % new.
 * Measured are fetching, everything else of the plan, its memory, pages and counts of it, and finding exact duplicates. One command,
 * `npm run bench:plan`; `-- --rows N` for another number.
 */
const ROWS = Number(process.argv[process.argv.indexOf('--rows') + 1] || 1_000_000) || 1_000_000;
const TIMES = 8;

const say = (what: string, value: string, bar = '–'): void =>
  void process.stdout.write(`| ${what} | ${value} | ${bar} |\n`);
const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** Seconds of the processor that this process and the engine's have used by now. On a shared computer they say more than the clock. */
async function cpuSeconds(): Promise<number> {
  let ticks = 0;
  for (const pid of await countedProcesses(process.pid)) {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
    // After the name in brackets: user and system time are the 12th and the 13th (proc(5), /proc/pid/stat).
    const [user, system] = stat
      .slice(stat.lastIndexOf(')') + 2)
      .split(' ')
      .slice(11, 13)
      .map(Number);
    ticks += (user ?? 0) + (system ?? 0);
  }
  return ticks / 100;
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; value: T }> {
  const start = performance.now();
  const value = await work();
  return { ms: performance.now() - start, value };
}

const data = await mkdtemp(join(tmpdir(), 'longshore-plan-'));
const org = await startPracticeOrg(['--records', String(ROWS)]);
const app = await startBackend(org, { data });
say(`${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, Node ${process.version}`, `${ROWS} rows`);

try {
  const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
  const path = join(data, 'plan.csv');
  await writeTenthChanged(path, ROWS);
  const { sourceId } = await app.stage(path);
  const request = { orgId, sourceId, objectName: 'Account', operation: 'upsert' as const, useSaved: false };
  const mapping = await app.call('mapping.suggest', request);
  const checked = await timed(() => app.call('checks.run', { orgId, sourceId, mapping }));
  say('check every value', seconds(checked.ms));
  // Of the values nothing is checked again: what is measured is finding rows that repeat one another.
  const repeated = {
    ...mapping,
    operation: 'insert' as const,
    matchField: null,
    repeatedBy: [COLUMNS.indexOf('Name'), COLUMNS.indexOf('BillingCity')],
  };
  say(
    'exact duplicates by two fields',
    seconds((await timed(() => app.call('checks.run', { orgId, sourceId, mapping: repeated }))).ms),
    '5 s',
  );
  say(
    'exact duplicates by the key',
    seconds((await timed(() => app.call('checks.run', { orgId, sourceId, mapping }))).ms),
    '5 s',
  );

  let lastRecords = 0;
  app.backend.subscribe((event) => {
    if (event.topic === 'work' && event.work.stage === 'fetching' && event.work.done > 0) lastRecords = Date.now();
  });
  const watch = new MemoryWatch(process.pid);
  const before = await cpuSeconds();
  const built = await timed(() => app.call('plan.build', { orgId, sourceId, mapping }));
  const used = (await cpuSeconds()) - before;
  const peak = watch.stop();
  const plan = built.value;
  const { planId, fetched } = plan;
  const posted = (await org.requests()).find(
    ({ method, path: asked }) => method === 'POST' && asked.endsWith('/jobs/query'),
  );
  const fetching = lastRecords - Number((posted as { at?: number } | undefined)?.at ?? lastRecords);
  const rate = Math.round(((fetched?.records ?? 0) / fetching) * 1000);
  say('rows', JSON.stringify(plan.counts));
  say(
    'fetched',
    `${fetched?.records} records, ${fetched?.way}, ${fetched?.apiCalls} calls, ${seconds(fetching)}: ${rate} rows/s`,
    '50,000 rows/s',
  );
  say('the plan besides', seconds(built.ms - fetching), '15 s');
  const each = [...watch.each].map(([name, most]) => `${name} ${most}`).join(', ');
  say('peak memory', `${peak} MiB (${each})`, '1,144 MiB (1.2 GB)');
  const again = await timed(() => app.call('plan.build', { orgId, sourceId, mapping, recordsFrom: 'planned' }));
  const twice = (await cpuSeconds()) - before - used;
  say('once more, of what was fetched', seconds(again.ms), '15 s');
  say('processor time of both plans', `${used.toFixed(1)} s, ${twice.toFixed(1)} s`);

  const id = again.value.planId;
  const pages = async (
    what: string,
    view: { kind?: PlannedKind; search?: string; change?: ChangeFilter; sort?: PlanSort },
  ): Promise<void> => {
    const times: number[] = [];
    let total = 0;
    for (let at = 0; at < TIMES; at++) {
      const offset = Math.floor((total / TIMES) * at);
      const page = await timed(() =>
        app.call('plan.page', { planId: id, kind: null, search: '', ...view, offset, limit: 100 }),
      );
      times.push(page.ms);
      total = page.value.total;
    }
    times.sort((a, b) => a - b);
    const [median = 0, worst = 0] = [times[TIMES / 2], times.at(-1)];
    say(what, `median ${median.toFixed(0)} ms, worst ${worst.toFixed(0)} ms of ${total} rows`, '150 ms');
  };
  await pages('pages of all rows', {});
  for (const kind of ['insert', 'update', 'unchanged'] as const) await pages(`pages of ${kind}`, { kind });
  for (const how of ['any', 'filled', 'changed', 'cleared'] as const)
    await pages(`pages of Phone, ${how}`, { change: { field: 'Phone', how } });
  await pages('pages by a search', { search: 'ERP-1000' });
  await pages('pages sorted by a text', { sort: { field: 'Name', descending: true } });
  await pages('pages sorted by a number', { sort: { field: 'AnnualRevenue', descending: false } });
  say('plan', planId === id ? 'the same' : 'made anew');
} finally {
  await app.close();
  org.stop();
  await rm(data, { recursive: true, force: true, maxRetries: 5 });
}
