import { fork } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { Agent, request, setGlobalDispatcher } from 'undici';
import { sampleAccount } from '../electron/practice-org/sample/sample-company.ts';

/**
 * What the practice org carries: a million accounts by Bulk API 2.0 and back, describes, queries by external id, and 64
 * clients at once. Run it with `npm run bench:practice-org`; `--rows N` for another size.
 */
const ROWS = Number(process.argv[process.argv.indexOf('--rows') + 1] || 1_000_000) || 1_000_000;
const COLUMNS = [
  'Name',
  'ERP_Id__c',
  'AccountNumber',
  'Type',
  'BillingStreet',
  'BillingCity',
  'BillingPostalCode',
  'BillingCountry',
  'Phone',
  'Website',
  'Industry',
  'AnnualRevenue',
  'NumberOfEmployees',
  'Rating',
  'Customer_Since__c',
  'Active__c',
  'Credit_Limit__c',
  'SLA__c',
  'Interests__c',
  'Billing_Email__c',
];
/** Rows of one job: an upload may have 100 MB. */
const JOB_ROWS = 250_000;

const say = (text: string): void => void process.stdout.write(`${text}\n`);
setGlobalDispatcher(new Agent({ connections: 64, headersTimeout: 0, bodyTimeout: 0 }));

const data = mkdtempSync(join(tmpdir(), 'practice-org-bench-'));
const main = fileURLToPath(new URL('../electron/practice-org/main.ts', import.meta.url));
const args = [
  '--records',
  '0',
  '--rows-per-second',
  '0',
  '--queue-delay',
  '0',
  '--data',
  data,
  '--knob',
  'apiLimit=100000000',
];
const child = fork(main, args, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
const org = await new Promise<{ url: string; accessToken: string }>((resolve, reject) => {
  child.once('message', (message) => resolve(message as { url: string; accessToken: string }));
  child.once('exit', (code) => reject(new Error(`the practice org ended with ${String(code)}`)));
});
const base = `${org.url}/services/data/v66.0`;
const headers = { authorization: `Bearer ${org.accessToken}`, 'content-type': 'application/json' };

function memory(): { peak: number; now: number } {
  const status = readFileSync(`/proc/${child.pid ?? 0}/status`, 'utf8');
  const kilobytes = (name: string): number =>
    Number.parseInt(status.slice(status.indexOf(`${name}:`) + name.length + 1), 10);
  return { peak: kilobytes('VmHWM') / 1024, now: kilobytes('VmRSS') / 1024 };
}

async function ask<T>(path: string, method: 'GET' | 'POST' | 'PATCH' = 'GET', body?: unknown): Promise<T> {
  const response = await request(base + path, {
    method,
    headers,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  const text = await response.body.text();
  if (response.statusCode >= 400) throw new Error(`${method} ${path}: ${response.statusCode} ${text}`);
  return (text === '' ? null : JSON.parse(text)) as T;
}

function csv(from: number, count: number): Buffer {
  const cell = (value: string | number | boolean | null): string => {
    const text = value === null ? '' : String(value);
    return /[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  };
  const rows: string[] = [`${COLUMNS.join(',')}\n`];
  for (let n = from; n < from + count; n++) {
    const account = sampleAccount(n);
    rows.push(`${COLUMNS.map((column) => cell(account[column] ?? null)).join(',')}\n`);
  }
  return Buffer.from(rows.join(''));
}

async function load(body: Buffer): Promise<number> {
  const { id } = await ask<{ id: string }>('/jobs/ingest', 'POST', {
    object: 'Account',
    operation: 'insert',
    lineEnding: 'LF',
  });
  const upload = await request(`${base}/jobs/ingest/${id}/batches`, {
    method: 'PUT',
    headers: { ...headers, 'content-type': 'text/csv' },
    body,
  });
  await upload.body.dump();
  await ask(`/jobs/ingest/${id}`, 'PATCH', { state: 'UploadComplete' });
  for (;;) {
    const job = await ask<{
      state: string;
      numberRecordsProcessed: number;
      numberRecordsFailed: number;
      errorMessage?: string;
    }>(`/jobs/ingest/${id}`);
    if (job.state === 'JobComplete') return job.numberRecordsProcessed - job.numberRecordsFailed;
    if (job.state === 'Failed') throw new Error(job.errorMessage);
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}

const results: [string, string, string][] = [];
const note = (what: string, measured: string, bar: string): void => {
  results.push([what, measured, bar]);
  say(`${what}: ${measured} (bar: ${bar})`);
};

try {
  let seconds = 0;
  let loaded = 0;
  let bytes = 0;
  for (let from = 1; from <= ROWS; from += JOB_ROWS) {
    const body = csv(from, Math.min(JOB_ROWS, ROWS - from + 1));
    bytes += body.length;
    const startedAt = performance.now();
    loaded += await load(body);
    seconds += (performance.now() - startedAt) / 1000;
    say(
      `  ${loaded.toLocaleString('en')} rows, ${Math.round(loaded / seconds).toLocaleString('en')} rows/s, ${Math.round(memory().now)} MiB`,
    );
  }
  if (loaded !== ROWS) throw new Error(`${loaded} of ${ROWS} rows were saved`);
  note(
    `load ${ROWS.toLocaleString('en')} × ${COLUMNS.length} accounts by Bulk API 2.0 (${Math.round(bytes / 1e6)} MB)`,
    `${Math.round(loaded / seconds).toLocaleString('en')} rows/s, peak ${Math.round(memory().peak)} MiB`,
    '30,000 rows/s, 3 GB',
  );

  const queryStarted = performance.now();
  const { id } = await ask<{ id: string }>('/jobs/query', 'POST', {
    operation: 'query',
    query: `SELECT Id, ${COLUMNS.slice(0, 9).join(', ')} FROM Account`,
  });
  while ((await ask<{ state: string }>(`/jobs/query/${id}`)).state !== 'JobComplete')
    await new Promise((resolve) => setTimeout(resolve, 20));
  let rows = 0;
  let received = 0;
  for (let locator = ''; locator !== 'null';) {
    const page = await request(`${base}/jobs/query/${id}/results${locator === '' ? '' : `?locator=${locator}`}`, {
      headers,
    });
    for await (const chunk of page.body as Readable) received += (chunk as Buffer).length;
    rows += Number(page.headers['sforce-numberofrecords']);
    locator = String(page.headers['sforce-locator']);
  }
  if (rows !== ROWS) throw new Error(`${rows} of ${ROWS} rows came back`);
  const querySeconds = (performance.now() - queryStarted) / 1000;
  note(
    `query them back, 10 columns (${Math.round(received / 1e6)} MB)`,
    `${Math.round(rows / querySeconds).toLocaleString('en')} rows/s`,
    '100,000 rows/s',
  );

  const times = async (count: number, work: (n: number) => Promise<unknown>): Promise<string> => {
    const taken: number[] = [];
    for (let n = 0; n < count; n++) {
      const startedAt = performance.now();
      await work(n);
      taken.push(performance.now() - startedAt);
    }
    taken.sort((a, b) => a - b);
    return `median ${(taken[count >> 1] ?? 0).toFixed(1)} ms, 99th percentile ${(taken[Math.floor(count * 0.99)] ?? 0).toFixed(1)} ms`;
  };
  note('describe of Account', await times(200, () => ask('/sobjects/Account/describe')), '5 ms');
  const byKey = (n: number): string =>
    `/query?q=${encodeURIComponent(`SELECT Id, Name FROM Account WHERE ERP_Id__c = 'ERP-${100_001 + ((n * 7919) % ROWS)}'`)}`;
  note(
    `query by external id among ${ROWS.toLocaleString('en')}`,
    await times(200, (n) => ask(byKey(n))),
    'milliseconds',
  );

  const startedAt = performance.now();
  let errors = 0;
  let calls = 0;
  await Promise.all(
    Array.from({ length: 64 }, async (_all, client) => {
      for (let n = 0; n < 100; n++) {
        const row = client * 100 + n;
        const work =
          n % 4 === 0
            ? ask('/sobjects/Contact', 'POST', { LastName: `Client ${client}`, External_Id__c: `BENCH-${row}` })
            : n % 4 === 1
              ? ask('/sobjects/Account/describe')
              : n % 4 === 2
                ? ask(byKey(row))
                : ask(`/sobjects/Account/ERP_Id__c/ERP-${100_001 + (row % ROWS)}`, 'PATCH', { Phone: String(row) });
        await work.then(
          () => calls++,
          () => errors++,
        );
      }
    }),
  );
  note(
    '64 clients at once, 100 calls each',
    `${errors} errors, ${Math.round(calls / ((performance.now() - startedAt) / 1000)).toLocaleString('en')} calls/s`,
    'no error',
  );
  note(
    'memory of the org at the end',
    `peak ${Math.round(memory().peak)} MiB, now ${Math.round(memory().now)} MiB`,
    '3 GB',
  );
  say(`\n| what | measured | bar |\n|---|---|---|\n${results.map((row) => `| ${row.join(' | ')} |`).join('\n')}`);
} finally {
  child.kill();
  rmSync(data, { recursive: true, force: true });
}
