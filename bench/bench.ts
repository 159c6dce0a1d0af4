import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium, type BrowserContext } from '@playwright/test';
import { Operation } from '../shared/domain/field-mapping.ts';
import type { SourceSummary } from '../shared/domain/source-file.ts';
import { findChromium } from '../scripts/find-chromium.ts';
import { BrowserHost } from './browser-host.ts';
import { COLUMNS, inWords, STAGES, wholeJob, writeAccounts, type WholeJob } from './whole-job.ts';

/**
 * The bars of a load, measured as a person meets them: the browser host in its own process, spoken to over its own HTTP, and a
 * real Chromium for what is seen. One command, `npm run bench`, for the first load of 100,000 rows and loads of a million;
 * with `-- --large` three million too. `-- --rows N` and `--operation insert` measure one load alone. The numbers go into
 * docs/benchmarks.md.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ROWS = 100_000;
const IN_ORG = 50_000;
const MILLION = 1_000_000;
/** Peak of all backend processes, MiB: 1.2 GB. */
const MOST_MEMORY = 1_200_000_000 / 1024 / 1024;

const { values: flags } = parseArgs({
  options: {
    large: { type: 'boolean', default: false },
    rows: { type: 'string' },
    operation: { type: 'string', default: 'upsert' },
  },
});

const number = (n: number): string => n.toLocaleString('en');
const seconds = (time: number): string => `${time.toFixed(1)} s`;

async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number; value: T }> {
  const start = performance.now();
  const value = await work();
  return { seconds: (performance.now() - start) / 1000, value };
}

const lines: string[] = [];
function say(what: string, value: string, bar = '–'): void {
  lines.push(`| ${what} | ${value} | ${bar} |`);
  process.stdout.write(`${what}: ${value} (bar: ${bar})\n`);
}

const folder = await mkdtemp(join(tmpdir(), 'longshore-bench-'));
const probe = join(folder, 'loops.txt');
const executablePath = findChromium();
const browser = await chromium.launch({
  ...(executablePath ? { executablePath } : {}),
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});

async function newContext(): Promise<BrowserContext> {
  return browser.newContext({ viewport: { width: 1360, height: 860 } });
}

/** The bars of the first load, from the first paint on. */
async function firstLoad(): Promise<void> {
  const accounts = join(folder, 'accounts.csv');
  await writeAccounts(accounts, ROWS);
  const host = new BrowserHost(join(folder, 'data'), IN_ORG, probe);
  const link = await host.address();

  // What is seen first.
  const context = await newContext();
  const page = await context.newPage();
  const paint = await timed(async () => {
    await page.goto(link);
    await page.getByText('Drop a CSV anywhere').waitFor();
  });
  await page.waitForFunction(() => performance.getEntriesByName('first-contentful-paint').length > 0);
  const painted = await page.evaluate(
    () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? NaN,
  );
  say(
    'Renderer’s first contentful paint, browser host',
    `${(painted / 1000).toFixed(2)} s (home usable after ${paint.seconds.toFixed(2)} s)`,
    'under 1.5 s',
  );
  await host.borrowToken(page, link);
  const orgId = await host.signIn(context);

  // First rows of a 100 MB file, from the drop to the rows on the wire.
  const large = join(folder, 'large.csv');
  await writeAccounts(large, 430_000);
  const { size } = await stat(large);
  let sourceId = '';
  let arrived: Promise<unknown> = Promise.resolve();
  const first = await timed(async () => {
    ({ sourceId, arrived } = await host.handOver(large));
    return host.call<SourceSummary>('source.open', { sourceId, choice: {} });
  });
  say(
    `First ${first.value.preview.length} rows of a ${Math.round(size / 1e6)} MB file`,
    `${first.seconds.toFixed(2)} s`,
    'within 1 s',
  );
  await arrived;
  await host.call('source.forget', { sourceId });

  const job = await wholeJob(host, orgId, 'upsert', accounts, ROWS, probe);
  const { stage, check, plan, prepare, send, reconcile, finish } = job.seconds;
  say(`Stage ${number(ROWS)} rows × ${COLUMNS.length} columns`, seconds(stage));
  say('Check every value', seconds(check));
  say(`Plan against ${number(IN_ORG)} records`, `${seconds(plan)} (${inWords(job.plan.counts)})`);
  say(
    'Load and reconcile',
    `${seconds(prepare + send + reconcile + finish)} (${inWords(job.load.counts)}; ${job.load.apiCalls} API calls)`,
    'every row once',
  );
  say('The whole job, dropped to reconciled', seconds(job.whole));
  say('Peak memory of all backend processes during it', memoryOf(job), 'under 600 MB');
  await host.stop();
  await context.close();
  await rm(join(folder, 'data'), { recursive: true, force: true });
}

function memoryOf({ peak, each }: WholeJob): string {
  return `${peak} MiB (each at its own peak: ${[...each].map(([name, most]) => `${name} ${most}`).join(', ')})`;
}

/** One load of many rows, from a host of its own: none inherits another's heap. */
async function manyRows(operation: Operation, rows: number): Promise<WholeJob> {
  const accounts = join(folder, 'many.csv');
  const data = join(folder, 'data');
  await writeAccounts(accounts, rows);
  const host = new BrowserHost(data, IN_ORG, probe);
  const link = await host.address();
  const context = await newContext();
  const page = await context.newPage();
  await page.goto(link);
  await page.getByText('Drop a CSV anywhere').waitFor();
  await host.borrowToken(page, link);
  const orgId = await host.signIn(context);
  await context.close();
  try {
    return await wholeJob(host, orgId, operation, accounts, rows, probe);
  } finally {
    await host.stop();
    await rm(data, { recursive: true, force: true });
    await rm(accounts);
  }
}

/** `before` is the same load of a third of the rows: memory must not grow with them. */
function sayMany(operation: Operation, rows: number, job: WholeJob, before: WholeJob | null): void {
  const name = `${operation} of ${number(rows)}`;
  const growth = before === null ? '' : `; ${(job.peak / before.peak).toFixed(2)} × that of ${number(rows / 3)}`;
  const bar = `at most ${Math.floor(MOST_MEMORY)} MiB (1.2 GB)${before === null ? '' : '; 1.15 ×'}`;
  say(
    `${name} × ${COLUMNS.length} (${Math.round(job.bytes / 1e6)} MB), dropped to reconciled`,
    `${seconds(job.whole)} (${inWords(job.load.counts)})`,
    'every row once',
  );
  const stages = STAGES.map((stage) => `${stage} ${seconds(job.seconds[stage])} (${job.memory[stage]} MiB)`);
  say(`${name}: its stages, with their peaks`, stages.join(', '));
  say(`${name}: API calls`, `${job.load.apiCalls}, for ${job.load.jobs.length} jobs`);
  say(`${name}: peak memory of all backend processes`, `${memoryOf(job)}${growth}`, bar);
  say(
    `${name}: longest hold-up of an event loop`,
    `backend ${job.heldUp.backend.ms.toFixed(0)} ms (${job.heldUp.backend.stage}), staging process ${job.heldUp.staging.ms.toFixed(0)} ms (${job.heldUp.staging.stage})`,
    'backend under 50 ms',
  );
}

async function loadsOfMany(): Promise<void> {
  for (const operation of ['upsert', 'insert'] as const) {
    const million = await manyRows(operation, MILLION);
    sayMany(operation, MILLION, million, null);
    if (flags.large) sayMany(operation, 3 * MILLION, await manyRows(operation, 3 * MILLION), million);
  }
}

try {
  if (flags.rows === undefined) {
    await firstLoad();
    await loadsOfMany();
  } else {
    const [rows, operation] = [Number(flags.rows), Operation.parse(flags.operation)];
    sayMany(operation, rows, await manyRows(operation, rows), null);
  }
  const table = ['| what | measured | bar |', '|---|---|---|', ...lines].join('\n');
  await writeFile(join(ROOT, 'bench/latest.md'), `${table}\n`);
  process.stdout.write(`\n${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}\n`);
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
