import { mkdtemp, rm, stat } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startBackend, startPracticeOrg } from '../electron/backend/test-support/start-backend.ts';
import { ExportFormat } from '../shared/domain/export.ts';
import { MemoryWatch } from './memory-watch.ts';

/**
 * Exports of all accounts in every format, and their Ids with fields beside each: how long it takes, and what memory the backend and its
 * staging process have at most. One command, `npm run bench:exports`; `-- --rows N` for another number.
 */
const { values: flags } = parseArgs({ options: { rows: { type: 'string', default: '1000000' } } });
const ROWS = Number(flags.rows);
const SOQL =
  'SELECT Id, Name, ERP_Id__c, AnnualRevenue, NumberOfEmployees, Phone, BillingCity, CreatedDate, Owner.Name FROM Account';

const data = await mkdtemp(join(tmpdir(), 'longshore-exports-'));
const org = await startPracticeOrg(['--records', String(ROWS)]);
const app = await startBackend(org, { data });
process.stdout.write(`${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, Node ${process.version}\n`);

async function measured(what: string, work: () => Promise<number>): Promise<void> {
  const memory = new MemoryWatch(process.pid);
  const start = performance.now();
  const records = await work();
  const seconds = (performance.now() - start) / 1000;
  const peak = memory.stop();
  const { size } = await stat(app.saved.at(-1)?.path ?? '');
  const facts = [
    `${records} records in ${seconds.toFixed(1)} s`,
    `${Math.round(records / seconds)} a second`,
    `${(size / 2 ** 20).toFixed(0)} MiB`,
    `${peak} MiB of memory at most`,
  ];
  process.stdout.write(`| ${what} | ${facts.join(' | ')} |\n`);
}

try {
  const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
  for (const format of ExportFormat.options) {
    if (format === 'xlsx' && ROWS > 1_000_000) continue;
    await measured(format, async () => {
      const { records } = await app.call('export.query', {
        orgId,
        soql: SOQL,
        fileName: `a.${format}`,
        form: { format },
      });
      return records;
    });
  }
  await app.call('export.query', {
    orgId,
    soql: 'SELECT Id FROM Account LIMIT 100000',
    fileName: 'ids.csv',
    way: 'bulk',
  });
  const { sourceId } = await app.stage(app.saved.at(-1)?.path ?? '');
  await measured('100,000 keys with fields', async () => {
    const about = { orgId, sourceId, column: 0, objectName: 'Account', keyField: 'Id', fileName: 'with.csv' };
    return (await app.call('enrich.file', { ...about, fields: ['Name', 'Owner.Name', 'AnnualRevenue'] })).rows;
  });
} finally {
  await app.close();
  org.stop();
  await rm(data, { recursive: true, force: true });
}
