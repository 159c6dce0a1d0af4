import { mkdtemp, rm } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { chromium } from '@playwright/test';
import type { LoadPlan } from '../shared/domain/load-plan.ts';
import type { SourceSummary } from '../shared/domain/source-file.ts';
import { findChromium } from '../scripts/find-chromium.ts';
import { BrowserHost } from './browser-host.ts';
import { MemoryWatch } from './memory-watch.ts';
import { writeAccounts } from './whole-job.ts';

/**
 * The memory of all backend processes while twenty million rows are staged and the plan of a million is open and looked at. One
 * command, `npm run bench:beside-a-plan`; `-- --rows N` for another number. About 6 GB of disk twice over.
 */
const ROWS = Number(process.argv[process.argv.indexOf('--rows') + 1] || 20_000_000) || 20_000_000;
const PLANNED = 1_000_000;
const LOOK_EVERY = 500;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

const folder = await mkdtemp(join(tmpdir(), 'longshore-beside-'));
const [planned, staged] = [join(folder, 'planned.csv'), join(folder, 'staged.csv')];
await writeAccounts(planned, PLANNED);
await writeAccounts(staged, ROWS);
const executablePath = findChromium();
const browser = await chromium.launch({ ...(executablePath ? { executablePath } : {}), args: ['--no-sandbox'] });
const host = new BrowserHost(join(folder, 'data'), 2400, join(folder, 'loops.txt'));

/** Has a file read, to the end. */
async function stage(path: string, meanwhile: () => Promise<void>): Promise<string> {
  const { sourceId, arrived } = await host.handOver(path);
  await host.call('source.open', { sourceId, choice: {} });
  await Promise.all([arrived, untilStaged(sourceId, meanwhile)]);
  return sourceId;
}

async function untilStaged(sourceId: string, meanwhile: () => Promise<void>): Promise<void> {
  for (;;) {
    const { state } = await host.call<SourceSummary>('source.get', { sourceId });
    if (state.kind === 'staged') return;
    if (state.kind !== 'staging') throw new Error(`staging ended with ${JSON.stringify(state)}`);
    await meanwhile();
    await new Promise((resolve) => setTimeout(resolve, LOOK_EVERY));
  }
}

try {
  const link = await host.address();
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(link);
  await page.getByText('Drop a CSV anywhere').waitFor();
  await host.borrowToken(page, link);
  const orgId = await host.signIn(context);
  await browser.close();

  const sourceId = await stage(planned, () => Promise.resolve());
  const request = { orgId, sourceId, objectName: 'Account', operation: 'upsert', useSaved: false };
  const mapping = await host.call('mapping.suggest', request);
  const { planId, counts } = await host.call<LoadPlan>('plan.build', { orgId, sourceId, mapping });
  const watch = new MemoryWatch(host.child.pid ?? 0);
  await new Promise((resolve) => setTimeout(resolve, 3 * LOOK_EVERY));
  const before = watch.lap();
  let pages = 0;
  let slowest = 0;
  const start = performance.now();
  await stage(staged, async () => {
    const asked = performance.now();
    const offset = (pages++ * 48_611) % (PLANNED - 100);
    await host.call('plan.page', { planId, kind: null, search: '', offset, limit: 100 });
    slowest = Math.max(slowest, performance.now() - asked);
  });
  const took = ((performance.now() - start) / 1000).toFixed(0);
  const peak = watch.stop();
  const each = [...watch.each].map(([name, most]) => `${name} ${most}`).join(', ');
  say(`${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, Node ${process.version}`);
  say(
    `a plan of ${PLANNED} rows (${JSON.stringify(counts)}), ${pages} pages of it, the slowest ${slowest.toFixed(0)} ms`,
  );
  say(`${ROWS} rows staged meanwhile in ${took} s: ${peak} MiB (${each}), ${before} MiB before; bar 763 MiB (800 MB)`);
  say(`with the pages that the processes share counted once: ${Math.round(watch.peakOnce)} MiB`);
} finally {
  await browser.close();
  await host.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
