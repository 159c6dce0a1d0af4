import { spawn, type ChildProcess } from 'node:child_process';
import { openAsBlob } from 'node:fs';
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium, type Page } from '@playwright/test';
import { sampleAccount } from '../electron/practice-org/sample/sample-company.ts';
import type { LoadPlan } from '../shared/domain/load-plan.ts';
import type { LoadSnapshot } from '../shared/domain/load-results.ts';
import type { SourceSummary } from '../shared/domain/source-file.ts';
import { findChromium } from '../scripts/find-chromium.ts';
import { MemoryWatch } from './memory-watch.ts';
import { writeRows } from './write-rows.ts';

/**
 * The bars of the first load, measured as a person meets them: the browser host in its own process, spoken to over its
 * own HTTP, and a real Chromium for what is seen. One command, `npm run bench`; the numbers go into docs/benchmarks.md.
 */
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const ROWS = 100_000;
const IN_ORG = 50_000;

const COLUMNS = [
  'ERP_Id__c',
  'Name',
  'Type',
  'Industry',
  'Rating',
  'Phone',
  'Website',
  'BillingStreet',
  'BillingCity',
  'BillingPostalCode',
  'BillingCountry',
  'NumberOfEmployees',
  'AnnualRevenue',
  'Customer_Since__c',
  'Active__c',
  'Credit_Limit__c',
  'Discount__c',
  'SLA__c',
  'Interests__c',
  'Billing_Email__c',
];

/** Accounts as the practice org has them, every third with another phone number; those beyond the org's are new. */
async function writeAccounts(path: string, rows: number): Promise<void> {
  await writeRows(path, COLUMNS, rows, (n) => {
    const account = sampleAccount(n);
    if (n % 3 === 0) account['Phone'] = `+49 40 ${n}`;
    return account;
  });
}

class Host {
  readonly child: ChildProcess;
  readonly #lines: string[] = [];
  readonly #waiting: (() => void)[] = [];
  url = '';
  #bearer = '';

  constructor(data: string, accounts: number) {
    this.child = spawn(
      process.execPath,
      [
        // As `npm start` runs it.
        '--max-semi-space-size=4',
        join(ROOT, 'electron/hosts/browser/main.ts'),
        '--no-open',
        '--data',
        data,
        '--practice-rows-per-second',
        '0',
        '--practice-records',
        String(accounts),
      ],
      { stdio: ['ignore', 'pipe', 'inherit'] },
    );
    this.child.stdout?.on('data', (chunk: Buffer) => {
      this.#lines.push(...chunk.toString().split('\n'));
      for (const wake of this.#waiting.splice(0)) wake();
    });
  }

  async address(): Promise<string> {
    for (;;) {
      const at = this.#lines.findIndex((line) => line.startsWith('Open this address: '));
      if (at >= 0) return (this.#lines.splice(at, 1)[0] ?? '').replace('Open this address: ', '');
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  use(url: string, bearer: string): void {
    this.url = url;
    this.#bearer = bearer;
  }

  get headers(): Record<string, string> {
    return { authorization: `Bearer ${this.#bearer}`, 'content-type': 'application/json' };
  }

  async call<T>(procedure: string, input: unknown): Promise<T> {
    const response = await fetch(`${this.url}/api/call`, {
      method: 'POST',
      headers: this.headers,
      body: JSON.stringify({ callId: procedure, procedure, input }),
    });
    const answer = (await response.json()) as { ok: true; value: T } | { ok: false; failure: unknown };
    if (!answer.ok) throw new Error(`${procedure}: ${JSON.stringify(answer.failure)}`);
    return answer.value;
  }

  async until<T>(procedure: string, input: unknown, done: (value: T) => boolean): Promise<T> {
    for (;;) {
      const value = await this.call<T>(procedure, input);
      if (done(value)) return value;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }

  /** As the renderer does it: the head first, then the whole file beside whatever is asked next. */
  async handOver(path: string): Promise<{ sourceId: string; arrived: Promise<unknown> }> {
    const file = await openAsBlob(path);
    const head = await file.slice(0, 256 * 1024).arrayBuffer();
    const answer = await fetch(`${this.url}/api/source?name=bench.csv&size=${file.size}`, {
      method: 'POST',
      headers: this.headers,
      body: head,
    });
    const { value } = (await answer.json()) as { value: { sourceId: string; upload: string } };
    return {
      sourceId: value.sourceId,
      arrived: fetch(`${this.url}/api/source?upload=${value.upload}`, {
        method: 'PUT',
        headers: this.headers,
        body: file,
      }),
    };
  }

  stop(): void {
    this.child.kill('SIGTERM');
  }
}

/** Goes through the practice org's sign-in pages. */
async function signInOnPages(page: Page, address: string): Promise<void> {
  await page.goto(address);
  await page.getByRole('button', { name: 'Log In' }).click();
  await page.getByRole('button', { name: 'Allow' }).click();
  await page.getByRole('heading', { name: 'You are signed in' }).waitFor();
}

async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number; value: T }> {
  const start = performance.now();
  const value = await work();
  return { seconds: (performance.now() - start) / 1000, value };
}

const folder = await mkdtemp(join(tmpdir(), 'longshore-bench-'));
const executablePath = findChromium();
const browser = await chromium.launch({
  ...(executablePath ? { executablePath } : {}),
  args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking'],
});
const lines: string[] = [];
const say = (what: string, value: string, bar: string) => {
  lines.push(`| ${what} | ${value} | ${bar} |`);
  process.stdout.write(`${what}: ${value} (bar: ${bar})\n`);
};

try {
  const accounts = join(folder, 'accounts.csv');
  await writeAccounts(accounts, ROWS);
  const host = new Host(join(folder, 'data'), IN_ORG);
  const link = await host.address();

  // What she sees first.
  const context = await browser.newContext({ viewport: { width: 1360, height: 860 } });
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

  // The page took the one ticket there is; it lends its token for the calls below.
  host.use(new URL(link).origin, (await page.evaluate(() => sessionStorage.getItem('longshore-bearer'))) ?? '');
  const signingIn = host.call<{ orgId: string }>('orgs.signIn', { target: { kind: 'practice' } });
  const signInPage = await context.newPage();
  await signInOnPages(signInPage, await host.address());
  const { orgId } = await signingIn;

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

  // The whole job.
  const watch = new MemoryWatch(host.child.pid ?? 0);
  const whole = await timed(async () => {
    const { sourceId: id } = await host.handOver(accounts);
    await host.call('source.open', { sourceId: id, choice: {} });
    const staged = await timed(() =>
      host.until<SourceSummary>('source.get', { sourceId: id }, ({ state }) => state.kind === 'staged'),
    );
    const mapping = await host.call('mapping.suggest', {
      orgId,
      sourceId: id,
      objectName: 'Account',
      operation: 'upsert',
      useSaved: false,
    });
    const checked = await timed(() => host.call<{ rowsReady: number }>('checks.run', { orgId, sourceId: id, mapping }));
    const planned = await timed(() => host.call<LoadPlan>('plan.build', { orgId, sourceId: id, mapping }));
    const { planId, planDigest, counts } = planned.value;
    const loaded = await timed(async () => {
      const { loadId } = await host.call<LoadSnapshot>('load.start', { planId, planDigest });
      return host.until<LoadSnapshot>(
        'load.get',
        { loadId },
        ({ state }) => state.kind === 'finished' || state.kind === 'paused',
      );
    });
    say(`Stage ${ROWS.toLocaleString('en')} rows × ${COLUMNS.length} columns`, `${staged.seconds.toFixed(1)} s`, '–');
    say('Check every value', `${checked.seconds.toFixed(1)} s`, '–');
    say(
      `Plan against ${IN_ORG.toLocaleString('en')} records`,
      `${planned.seconds.toFixed(1)} s (${JSON.stringify(counts)})`,
      '–',
    );
    say(
      'Load and reconcile',
      `${loaded.seconds.toFixed(1)} s (${JSON.stringify(loaded.value.counts)}, ${loaded.value.apiCalls} API calls)`,
      'every row once',
    );
    const sum = Object.values(loaded.value.counts).reduce((a, b) => a + b, 0);
    if (sum !== ROWS) throw new Error(`the outcomes sum to ${sum}`);
  });
  say('The whole job, dropped to reconciled', `${whole.seconds.toFixed(1)} s`, '–');
  say(
    'Peak memory of all backend processes during it',
    `${watch.stop()} MiB (each at its own peak: ${[...watch.each].map(([name, peak]) => `${name} ${peak}`).join(', ')})`,
    'under 600 MB',
  );
  host.stop();

  const table = ['| what | measured | bar |', '|---|---|---|', ...lines].join('\n');
  await writeFile(join(ROOT, 'bench/latest.md'), `${table}\n`);
  process.stdout.write(`\n${cpus().length} cores (${cpus()[0]?.model ?? 'unknown'}), Node ${process.version}\n`);
} finally {
  await browser.close();
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
