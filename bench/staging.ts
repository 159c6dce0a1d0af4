import { spawn } from 'node:child_process';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { fileURLToPath } from 'node:url';
import { sampleAccount } from '../electron/practice-org/sample/sample-company.ts';
import { ALL_ROWS, type RowView } from '../shared/domain/source-file.ts';
import { bareDuckDb, barePapaparse } from './bare-readers.ts';
import { longestHoldUp } from './hold-ups.ts';
import { MemoryWatch } from './memory-watch.ts';
import { writeRows } from './write-rows.ts';

/**
 * Staging beside what it is made of, in one run: bare papaparse reading the same file and doing nothing, and DuckDB's own
 * reader filling a table; then its memory with five times the rows, its event loops, and pages of what it staged. One
 * command, `npm run bench:staging`; with `-- --large` also 20,000,000 rows (about 6 GB of disk three times over).
 */
const SELF = fileURLToPath(import.meta.url);
const ROUNDS = 3;
const PAGES = 40;

const HEADER = [
  'ERP_Id__c', 'Name', 'Type', 'Industry', 'Rating', 'Phone', 'Website', 'BillingStreet', 'BillingCity', 'BillingPostalCode',
  'BillingCountry', 'NumberOfEmployees', 'AnnualRevenue', 'Customer_Since__c', 'Active__c', 'Credit_Limit__c', 'Discount__c',
  'Interests__c', 'Billing_Email__c', 'Description',
]; // prettier-ignore

/** What people write about accounts: commas and quotes in a third of the rows, several lines in a tenth, other scripts. */
function description(n: number): string {
  if (n % 10 === 0) return `Called on ${n % 28}.\nWants the "blue" one, not the other.\nÄnderung am ${n % 12}.`;
  if (n % 3 === 0) return `Ships to Malmö, Köln and 東京; asked for "net ${n % 90}"`;
  return n % 7 === 0 ? '' : `Reference ${n} of the northern region`;
}

function writeAccounts(path: string, rows: number): Promise<void> {
  return writeRows(path, HEADER, rows, (n) => ({ ...sampleAccount(n), Description: description(n) }));
}

interface Staged {
  readonly firstRows: number;
  readonly milliseconds: number;
  readonly memory: number;
  readonly loops: { backend: number; staging: number };
  readonly pages: { what: string; build: number; median: number; worst: number }[];
}

/** The whole way a source takes: handed over, opened, staged by the staging process, looked at. */
async function stageOurs(path: string, folder: string, withPages: boolean): Promise<Staged> {
  const probe = join(folder, 'loop.txt');
  process.env['LOOP_PROBE'] = probe;
  process.env['NODE_OPTIONS'] = `--import ${new URL('./event-loop-probe.ts', import.meta.url).href}`;
  const { startBackend } = await import('../electron/backend/test-support/start-backend.ts');
  const app = await startBackend({ url: 'http://127.0.0.1:1' }, { data: join(folder, 'data') });
  // The staging process is started by the first thing that needs it, long before a person drops a file.
  const small = join(folder, 'small.csv');
  await writeFile(small, 'a\n1\n');
  await app.stage(small);
  await new Promise((resolve) => setTimeout(resolve, 600));
  const watch = new MemoryWatch(process.pid);
  const delay = monitorEventLoopDelay({ resolution: 5 });
  delay.enable();
  const sourceId = await app.backend.handOver([path]);
  const [start, from] = [performance.now(), Date.now()];
  const done = app.waitFor((event) =>
    event.topic === 'source' && event.source.sourceId === sourceId && event.source.state.kind !== 'staging'
      ? event.source.state
      : null,
  );
  const opened = await app.call('source.open', { sourceId, choice: {} });
  const firstRows = performance.now() - start;
  if (opened.preview.length !== 100) throw new Error('no first rows');
  const state = await done;
  const milliseconds = performance.now() - start;
  if (state.kind !== 'staged') throw new Error(`staging ended with ${JSON.stringify(state)}`);
  await new Promise((resolve) => setTimeout(resolve, 300));
  delay.disable();
  const memory = watch.stop();
  const loops = { backend: delay.max / 1e6, staging: (await longestHoldUp(probe, 'staging', from)).ms };
  const pages: Staged['pages'] = [];
  const views: [string, Partial<RowView>][] = withPages
    ? [
        ['in file order', {}],
        ['sorted by a text column', { sort: { column: 1, descending: false } }],
        ['sorted by a number column, descending', { sort: { column: 11, descending: true } }],
        ['filtered by a value', { filters: [{ column: 3, kind: 'equals', text: 'Energy' }] }],
        ['searched in all columns', { search: 'harbor' }],
      ]
    : [];
  for (const [what, change] of views) {
    const view = { ...ALL_ROWS, ...change };
    const built = performance.now();
    const { rows } = await app.call('source.page', { sourceId, view, offset: 0, limit: 100 });
    const build = performance.now() - built;
    if (rows < 1000) throw new Error(`only ${rows} rows ${what}`);
    const times: number[] = [];
    for (let n = 0; n < PAGES; n++) {
      const offset = Math.floor((rows - 100) * ((n * 0.618) % 1));
      const asked = performance.now();
      await app.call('source.page', { sourceId, view, offset, limit: 100 });
      times.push(performance.now() - asked);
    }
    times.sort((a, b) => a - b);
    pages.push({ what, build, median: times[PAGES >> 1] ?? NaN, worst: times.at(-1) ?? NaN });
  }
  await app.close();
  return { firstRows, milliseconds, memory, loops, pages };
}

/** Each measurement in a process of its own: none inherits another's heap. */
async function apart<T>(what: string, ...args: string[]): Promise<T> {
  const child = spawn(process.execPath, ['--max-semi-space-size=4', SELF, what, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`${what} ended with ${String(code)}`);
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as T;
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[values.length >> 1] ?? NaN;
}

const seconds = (milliseconds: number) => `${(milliseconds / 1000).toFixed(1)} s`;

async function measure(large: boolean): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-bench-staging-'));
  const lines: string[] = [];
  const say = (what: string, measured: string, bar: string) => {
    lines.push(`| ${what} | ${measured} | ${bar} |`);
    process.stdout.write(`${what}: ${measured} (${bar})\n`);
  };
  try {
    const million = join(folder, 'million.csv');
    await writeAccounts(million, 1_000_000);
    const size = `${Math.round((await stat(million)).size / 1e6)} MB`;
    const papaparse: number[] = [];
    const inOrder: number[] = [];
    const anyOrder: number[] = [];
    const ours: Staged[] = [];
    for (let round = 0; round < ROUNDS; round++) {
      papaparse.push(await apart<number>('papaparse', million));
      inOrder.push(await apart<number>('duckdb', million, folder, 'true'));
      anyOrder.push(await apart<number>('duckdb', million, folder, 'false'));
      ours.push(await apart<Staged>('ours', million, folder, round === 0 ? 'pages' : ''));
      await rm(join(folder, 'data'), { recursive: true, force: true });
    }
    const time = median(ours.map(({ milliseconds }) => milliseconds));
    const memory = median(ours.map((one) => one.memory));
    say(`Stage 1,000,000 × 20 (${size}), with row and line numbers and a digest`, seconds(time), '–');
    say(
      '(a) bare papaparse',
      `${seconds(median(papaparse))}: we take ${(time / median(papaparse)).toFixed(2)} ×`,
      'at most 2.5 ×',
    );
    say(
      '(b) DuckDB’s own reader, rows in the file’s order',
      `${seconds(median(inOrder))}: we take ${(time / median(inOrder)).toFixed(2)} ×`,
      'at most 1.3 ×',
    );
    say(
      'DuckDB’s own reader, rows in any order',
      `${seconds(median(anyOrder))}: we take ${(time / median(anyOrder)).toFixed(2)} ×`,
      '–',
    );
    say(
      'Longest hold-up of an event loop',
      `backend ${Math.max(...ours.map(({ loops }) => loops.backend)).toFixed(0)} ms, staging process ${Math.max(...ours.map(({ loops }) => loops.staging)).toFixed(0)} ms`,
      'under 50 ms',
    );
    for (const { what, build, median: middle, worst } of ours[0]?.pages ?? [])
      say(
        `A page of 100 rows ${what}, at ${PAGES} offsets`,
        `median ${middle.toFixed(0)} ms, worst ${worst.toFixed(0)} ms (first one, with the view to work out: ${build.toFixed(0)} ms)`,
        'under 100 ms',
      );
    await rm(million);
    const sizes: [string, number][] = [
      ['5,000,000', 5_000_000],
      ...(large ? [['20,000,000', 20_000_000] as [string, number]] : []),
    ];
    say('Peak memory of all backend processes, 1,000,000 rows', `${memory} MiB`, 'under 800 MB');
    for (const [name, rows] of sizes) {
      const path = join(folder, 'many.csv');
      await writeAccounts(path, rows);
      const bytes = `${((await stat(path)).size / 1e9).toFixed(1)} GB`;
      const many = await apart<Staged>('ours', path, folder, '');
      await rm(join(folder, 'data'), { recursive: true, force: true });
      await rm(path);
      say(
        `The same, ${name} rows (${bytes})`,
        `${many.memory} MiB: ${(many.memory / memory).toFixed(2)} ×, staged in ${seconds(many.milliseconds)}, first rows after ${seconds(many.firstRows)}`,
        'under 1.15 × from 1 M to 5 M; first rows within 1 s',
      );
    }
    await writeFile(
      new URL('./latest-staging.md', import.meta.url),
      `${['| what | measured | bar |', '|---|---|---|', ...lines].join('\n')}\n`,
    );
    process.stdout.write(`\n${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}\n`);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

const [what = '', path = '', folder = '', option = ''] = process.argv.slice(2);
switch (what) {
  case 'papaparse':
    process.stdout.write(`${JSON.stringify(await barePapaparse(path))}\n`);
    break;
  case 'duckdb':
    process.stdout.write(`${JSON.stringify(await bareDuckDb(path, folder, option === 'true'))}\n`);
    break;
  case 'ours':
    process.stdout.write(`${JSON.stringify(await stageOurs(path, folder, option === 'pages'))}\n`);
    break;
  default:
    await measure(what === '--large');
}
process.exit(0);
