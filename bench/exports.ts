import { spawn } from 'node:child_process';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startPracticeOrg } from '../electron/backend/test-support/start-backend.ts';
import { ExportFormat } from '../shared/domain/export.ts';
import { MemoryWatch } from './memory-watch.ts';

/**
 * Exports of all accounts in every format, and their Ids with fields beside each, by `longshore export`, as it was built (`npm run build`
 * before; the sources otherwise): how long the command takes, and what memory it has at most with its staging process; also with the pages
 * of files that both processes map counted once. One command, `npm run bench:exports`; `-- --rows N` for another number.
 */
const { values: flags } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } });
const ROWS = Number(flags.rows);
const FIELDS = 'Id, Name, ERP_Id__c, AnnualRevenue, NumberOfEmployees, Phone, BillingCity, CreatedDate, Owner.Name';
const LONGSHORE = fileURLToPath(new URL('../electron/hosts/cli/longshore.mjs', import.meta.url));

const data = await mkdtemp(join(tmpdir(), 'longshore-exports-'));
const org = await startPracticeOrg(['--records', String(ROWS)]);
process.stdout.write(`${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, Node ${process.version}\n`);

/** Runs the command; what it writes goes into a file of the folder. */
async function measured(what: string, records: number, fileName: string, args: readonly string[]): Promise<void> {
  const path = join(data, fileName);
  const session = { SF_ACCESS_TOKEN: org.accessToken, SF_ORG_INSTANCE_URL: org.url };
  const env = { ...process.env, ...session, LONGSHORE_DATA: join(data, 'data') };
  const start = performance.now();
  const all = [LONGSHORE, 'export', ...args, '--output-file', path, '--json'];
  const child = spawn(process.execPath, all, { cwd: data, env, stdio: ['ignore', 'ignore', 'inherit'] });
  const memory = new MemoryWatch(child.pid ?? 0);
  const code = await new Promise((resolve) => child.once('close', resolve));
  const seconds = (performance.now() - start) / 1000;
  const peak = memory.stop();
  if (code !== 0) throw new Error(`${what} ended with ${String(code)}`);
  const facts = [
    `${records} records in ${seconds.toFixed(1)} s`,
    `${Math.round(records / seconds)} a second`,
    `${((await stat(path)).size / 2 ** 20).toFixed(0)} MiB`,
    `${peak} MiB of memory at most, ${memory.peakOnce.toFixed(0)} with pages of files once`,
  ];
  process.stdout.write(`| ${what} | ${facts.join(' | ')} |\n`);
}

try {
  for (const format of ExportFormat.options) {
    if (format === 'xlsx' && ROWS > 1_000_000) continue;
    await measured(format, ROWS, `a.${format}`, ['-q', `SELECT ${FIELDS} FROM Account`]);
  }
  const keys = Math.min(ROWS, 100_000);
  await measured('keys', keys, 'ids.csv', ['-q', `SELECT Id FROM Account LIMIT ${keys}`, '--way', 'bulk']);
  const beside = ['-q', 'SELECT Name, Owner.Name, AnnualRevenue FROM Account', '--keys', join(data, 'ids.csv')];
  await measured('keys with fields', keys, 'with.csv', beside);
} finally {
  org.stop();
  await rm(data, { recursive: true, force: true, maxRetries: 5 });
}
