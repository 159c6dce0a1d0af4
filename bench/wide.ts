import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBackend, startPracticeOrg } from '../electron/backend/test-support/start-backend.ts';
import type { LoadPlan } from '../shared/domain/load-plan.ts';
import { MemoryWatch } from './memory-watch.ts';
import { writeRows } from './write-rows.ts';

/**
 * Files of hundreds of columns that have hardly a value twice: staging, checking, planning and loading them, as an insert and then as an
 * upsert in which every tenth row changes a field in each of its columns. One command, `npm run bench:wide`; `-- --rows N`,
 * `--columns N` and `--kind text` (or `mixed`, whose numbers and dates are written otherwise than Salesforce does) for others.
 */
function option(name: string, otherwise: number): number {
  return Number(process.argv[process.argv.indexOf(`--${name}`) + 1] || otherwise) || otherwise;
}
const ROWS = option('rows', 20_000);
const WIDTH = option('columns', 300);
const IS_MIXED = process.argv.includes('mixed');
const LOADS = !process.argv.includes('--no-load');

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const two = (n: number): string => String(n).padStart(2, '0');

const TYPES = IS_MIXED ? ['string', 'double', 'date', 'phone'] : ['string'];
const typeOf = (column: number): string => TYPES[column % TYPES.length] ?? 'string';
const NAMES = Array.from({ length: WIDTH }, (_, column) => `F${column}__c`);

function cell(row: number, column: number, changed: boolean): string {
  const n = row * WIDTH + column + (changed ? 7 : 0);
  switch (typeOf(column)) {
    case 'double':
      return `${n}.50`;
    case 'date':
      return `${two(1 + (n % 28))}.${two(1 + (Math.floor(n / 28) % 12))}.${1900 + (Math.floor(n / 336) % 120)}`;
    case 'phone':
      return `+49 ${n}`;
    default:
      return `Value ${n} of ${row} in column ${column}`;
  }
}

function rowOf(row: number, changed: boolean): Record<string, string> {
  const cells = NAMES.map((name, column): [string, string] => [name, cell(row, column, changed)]);
  return { Name: `Survey ${row}`, Key__c: `K-${row}`, ...Object.fromEntries(cells) };
}

async function measured<T>(what: string, work: () => Promise<T>): Promise<T> {
  const watch = new MemoryWatch(process.pid);
  const start = performance.now();
  try {
    return await work();
  } finally {
    const took = ((performance.now() - start) / 1000).toFixed(1);
    const peak = watch.stop();
    say(`${what}: ${took} s, ${peak} MiB (${[...watch.each].map(([name, most]) => `${name} ${most}`).join(', ')})`);
  }
}

const data = await mkdtemp(join(tmpdir(), 'longshore-wide-'));
const schema = join(data, 'schema.json');
const fields = NAMES.map((name, column) => {
  const type = typeOf(column);
  return { name, label: name.slice(0, -3), type, ...(type === 'string' ? { length: 255 } : {}) };
});
const survey = {
  name: 'Survey__c',
  label: 'Survey',
  labelPlural: 'Surveys',
  keyPrefix: 'a77',
  sampleRecords: 0,
  fields: [
    { name: 'Name', label: 'Survey Name', type: 'string', length: 80, nameField: true, required: true },
    { name: 'Key__c', label: 'Key', type: 'string', length: 80, externalId: true, unique: true, idLookup: true },
    ...fields,
  ],
};
await writeFile(schema, JSON.stringify({ objects: [survey] }));
const org = await startPracticeOrg(['--records', '5', '--schema', schema]);
const app = await startBackend(org, { data });
say(`${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, Node ${process.version}; ${ROWS} × ${WIDTH + 2}`);

async function planOf(operation: 'insert' | 'upsert'): Promise<LoadPlan> {
  const path = join(data, `${operation}.csv`);
  await writeRows(path, ['Name', 'Key__c', ...NAMES], ROWS, (row) =>
    rowOf(row, operation === 'upsert' && row % 10 === 0),
  );
  const { sourceId, state } = await measured(`${operation}: stage`, () => app.stage(path));
  if (state.kind !== 'staged') throw new Error(JSON.stringify(state));
  const request = { orgId, sourceId, objectName: 'Survey__c', operation, useSaved: false };
  const suggested = await measured(`${operation}: suggest`, () => app.call('mapping.suggest', request));
  const mapping = { ...suggested, matchField: operation === 'upsert' ? 'Key__c' : null };
  await measured(`${operation}: check`, () => app.call('checks.run', { orgId, sourceId, mapping }));
  const plan = await measured(`${operation}: plan`, () => app.call('plan.build', { orgId, sourceId, mapping }));
  say(`${operation}: ${JSON.stringify(plan.counts)}, ${plan.changedFields.length} fields changed`);
  await measured(`${operation}: a page`, () =>
    app.call('plan.page', { planId: plan.planId, kind: null, search: '', offset: 0, limit: 100 }),
  );
  return plan;
}

async function load({ planId, planDigest }: LoadPlan, what: string): Promise<void> {
  const done = await measured(`${what}: load`, async () => {
    const { loadId } = await app.call('load.start', { planId, planDigest });
    return app.finished(loadId);
  });
  say(`${what}: ${JSON.stringify(done.state)} ${JSON.stringify(done.counts)}`);
}

const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
try {
  const first = await planOf('insert');
  if (LOADS) {
    await load(first, 'insert');
    await load(await planOf('upsert'), 'upsert');
  }
} finally {
  await app.close();
  org.stop();
  await rm(data, { recursive: true, force: true, maxRetries: 5 });
}
