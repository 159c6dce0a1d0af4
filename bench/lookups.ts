import { createReadStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { lookUpIds } from '../electron/backend/lookups/look-up-ids.ts';
import { resolveLookups } from '../electron/backend/lookups/resolve-lookups.ts';
import { blockMissingParents } from '../electron/backend/plan/block-rows.ts';
import type { FetchTools } from '../electron/backend/plan/fetch-current-records.ts';
import type { PlanInput } from '../electron/backend/plan/plan-input.ts';
import { DuckDbEngine } from '../electron/backend/staging/duckdb-engine.ts';
import { tablesOf } from '../electron/backend/tables/tables.ts';
import { stagingOver } from '../electron/backend/test-support/engine-staging.ts';
import { describeOf, field, KEY } from '../electron/backend/test-support/small-org.ts';
import { to } from '../electron/backend/test-support/small-plan.ts';
import { startBackend, startPracticeOrg } from '../electron/backend/test-support/start-backend.ts';
import { ValueChecker } from '../electron/backend/validation/check-values.ts';
import type { FieldMapping, FoundTarget, MappingTarget } from '../shared/domain/field-mapping.ts';
import { Digest, OrgId, PlanId, SourceId } from '../shared/domain/ids.ts';
import { MemoryWatch } from './memory-watch.ts';
import { writeRows } from './write-rows.ts';

/**
 * Finding the parents of a million rows among a million, each row another: by a name, by an external id and by Id. First our own side,
 * with the org's answers lying ready as files: keys gathered, pages imported, rows joined, Ids put in their place. Then all of it with the
 * practice org, as the difference between two plans of one file, with the lookup and without. One command, `npm run bench:lookups`;
 * `-- --rows N` for another number, `-- --own` for our side alone.
 */
const { values: flags } = parseArgs({
  options: { rows: { type: 'string' }, own: { type: 'boolean', default: false } },
});
const ROWS = Number(flags.rows ?? 1_000_000);
/** The bar, and what it is for. */
const BAR = 10 * (ROWS / 1_000_000);
const PAGE = 250_000;
/** Rows name parents in another order than the org gives them: this has no divisor in common with the rows. */
const STRIDE = 611_953;

const say = (text: string): void => void process.stdout.write(`${text}\n`);

async function timed<T>(work: () => Promise<T>): Promise<{ seconds: number; value: T }> {
  const start = performance.now();
  const value = await work();
  return { seconds: (performance.now() - start) / 1000, value };
}

const idOf = (n: number): string => `001${String(n).padStart(12, '0')}AAA`;
const nameOf = (n: number): string => `Parent ${n} & Sons`;
const keyOf = (n: number): string => `ERP-${n}`;

const ACCOUNT = describeOf('Account', '001', [
  field('Name', 'string', { length: 255, nameField: true }),
  field('ERP_Id__c', 'string', { ...KEY, length: 40 }),
]);
const CONTACT = describeOf('Contact', '003', [
  field('LastName', 'string', { length: 80 }),
  field('AccountId', 'reference', { referenceTo: ['Account'], relationshipName: 'Account' }),
]);

const FOUND: FoundTarget = {
  kind: 'found',
  field: 'AccountId',
  parentObject: 'Account',
  parentField: 'Name',
  and: null,
  whenNone: 'home',
  whenSeveral: 'home',
  whenInactive: 'home',
};
const BY_KEY: MappingTarget = {
  kind: 'lookup',
  field: 'AccountId',
  relationshipName: 'Account',
  parentObject: 'Account',
  parentField: 'ERP_Id__c',
  polymorphic: false,
};

interface Way {
  readonly name: string;
  readonly target: MappingTarget;
  /** What a row's cell says of its parent, as text and as SQL over `n`. */
  readonly cell: (n: number) => string;
  readonly sql: string;
}

const WAYS: readonly Way[] = [
  { name: 'by Account Name', target: FOUND, cell: nameOf, sql: `'parent ' || n || ' & SONS'` },
  { name: 'by external ID', target: BY_KEY, cell: keyOf, sql: `'erp-' || n` },
  { name: 'by Id', target: to('AccountId'), cell: idOf, sql: `'001' || lpad(n::VARCHAR, 12, '0') || 'AAA'` },
];

function mappingOf(targets: readonly MappingTarget[]): FieldMapping {
  return {
    objectName: 'Contact',
    operation: 'insert',
    matchField: null,
    columns: targets.map((target, column) => ({
      column,
      target,
      reason: 'chosen',
      format: {},
      replacements: {},
      fixes: [],
    })),
    blankValues: 'leave',
    duplicateKeys: 'ask',
  };
}

/** The org's answers to a query job, page by page, as files that are ready. */
async function answersOf(folder: string, { cell, target }: Way): Promise<FetchTools['client']> {
  const pages: { path: string; records: number }[] = [];
  for (let first = 0; first < ROWS; first += PAGE) {
    const path = join(folder, `answer-${pages.length}.csv`);
    const records = Math.min(PAGE, ROWS - first);
    const isId = target.kind === 'field';
    const lines = Array.from({ length: records }, (_, at) =>
      isId ? `"${idOf(first + at)}"` : `"${idOf(first + at)}","${cell(first + at)}"`,
    );
    await writeFile(path, `${isId ? '"Id"' : '"Id","Key"'}\n${lines.join('\n')}\n`);
    pages.push({ path, records });
  }
  const refused = () => Promise.reject(new Error('a million keys are asked for by one query job'));
  const job = { id: '750000000000001AAA', state: 'JobComplete' };
  const counts = { sObjects: [{ name: 'Account', count: ROWS }] };
  return {
    host: 'bench.example',
    tidy: () => undefined,
    query: refused,
    count: () => Promise.resolve(ROWS),
    json: (_method, path, schema) => Promise.resolve(schema.parse(path.startsWith('limits/') ? counts : job)),
    download: async (path, file, _signal, watch) => {
      const at = Number(/locator=(\d+)/.exec(path)?.[1] ?? 0);
      const page = pages[at];
      if (!page) throw new Error('no such page');
      await copyFile(page.path, file);
      // An answer is looked at while it is written.
      watch?.begin();
      for await (const bytes of createReadStream(file, { highWaterMark: 256 * 1024 }) as AsyncIterable<Buffer>)
        watch?.chunk(bytes);
      const next = at + 1 < pages.length ? String(at + 1) : 'null';
      return {
        sha256: '',
        bytes: 0,
        headers: { 'sforce-numberofrecords': String(page.records), 'sforce-locator': next },
      };
    },
  };
}

/** Our own side of one way to find parents: seconds, and how many rows found theirs. */
async function ownSide(folder: string, way: Way): Promise<{ seconds: number; found: number }> {
  const spill = join(folder, 'own');
  await mkdir(spill, { recursive: true });
  const client = await answersOf(spill, way);
  const engine = await DuckDbEngine.create(spill);
  const staging = stagingOver(engine);
  const [sourceId, planId] = [SourceId.parse('src_0000000000000001'), PlanId.parse('plan_0000000000000001')];
  const need = { columns: 2, joinedRows: ROWS };
  await engine.createDatabase(sourceId, join(spill, 'source.duckdb'), need);
  const source = tablesOf(sourceId);
  await engine.run(
    `CREATE TABLE ${source.staged} AS SELECT (i + 1)::INTEGER AS row_number, (i + 2)::INTEGER AS line, 0 AS part, NULL::VARCHAR AS problem,
       NULL::INTEGER AS problem_column, NULL::VARCHAR AS original, NULL::VARCHAR AS marks, 'Person ' || i AS c0, ${way.sql} AS c1
     FROM (SELECT range AS i, (range * ${STRIDE}) % ${ROWS} AS n FROM range(${ROWS}))`,
  );
  const mapping = mappingOf([to('LastName'), way.target]);
  const input: PlanInput = {
    planId,
    orgId: OrgId.parse('00D000000000001EAA'),
    source: {
      sourceId,
      alias: sourceId,
      fileName: 'bench.csv',
      digest: Digest.parse('0'.repeat(64)),
      rows: ROWS,
      columns: ['Last Name', 'Account'].map((name, index) => ({ index, name })),
      cleaning: [],
      delimiter: ',',
      writing: { encoding: 'utf-8', mark: false },
    },
    mapping,
    describe: CONTACT,
    parents: new Map([['account', ACCOUNT]]),
    referenced: [ACCOUNT],
    folder: spill,
    now: 0,
    jobBytes: 100_000_000,
    jobsAtOnce: 1,
  };
  const signal = new AbortController().signal;
  const rules = { ...input, keyPrefixes: new Map([['account', '001']]), timeZone: 'UTC' };
  await new ValueChecker(staging).check(rules, signal, () => undefined);
  await staging.create(planId, join(spill, 'plan.duckdb'), need, signal);
  const own = tablesOf(planId);
  for (const table of ['staged', 'rowIssue', 'repeated'] as const)
    await staging.run(`CREATE TABLE ${own[table]} AS SELECT * FROM ${source[table]}`);
  const clock = { now: () => 0, elapsed: () => 0, timeZone: () => 'UTC', sleep: () => Promise.resolve() };
  const tools: FetchTools = { client, staging, clock };
  const { seconds } = await timed(async () => {
    await resolveLookups(tools, input, signal);
    await blockMissingParents(tools, input, signal);
    await lookUpIds(tools, input, signal, () => undefined);
  });
  const [missed] = await staging.query(`SELECT count(*) AS n FROM ${own.rowIssue}`);
  await engine.databases.forget(planId);
  await engine.databases.forget(sourceId);
  await rm(spill, { recursive: true, force: true });
  return { seconds, found: ROWS - Number(missed?.['n'] ?? 0) };
}

/** Everything, with the practice org: its parents are loaded first. */
async function withOrg(folder: string): Promise<void> {
  const org = await startPracticeOrg(['--records', '20']);
  const app = await startBackend(org, { data: join(folder, 'data') });
  try {
    const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
    const accounts = join(folder, 'accounts.csv');
    await writeRows(accounts, ['Name', 'ERP_Id__c'], ROWS, (n) => ({ Name: nameOf(n), ERP_Id__c: `BENCH-${n}` }));
    const parents = await app.stage(accounts);
    const asked = { orgId, sourceId: parents.sourceId, objectName: 'Account', operation: 'insert' as const };
    const { misfits: _none, ...mapping } = await app.call('mapping.suggest', { ...asked, useSaved: false });
    const made = await app.call('plan.build', { orgId, sourceId: parents.sourceId, mapping });
    const { loadId } = await app.call('load.start', { planId: made.planId, planDigest: made.planDigest });
    const loaded = await app.finished(loadId);
    await app.call('source.forget', { sourceId: parents.sourceId });
    say(`the practice org has ${loaded.counts.created} parents`);
    const contacts = join(folder, 'contacts.csv');
    // Numbers of rows begin with 1 there, and so do those of parents.
    const parent = (n: number) => ((n * STRIDE) % ROWS) + 1;
    await writeRows(contacts, ['Last Name', 'By Name', 'By Key'], ROWS, (n) => ({
      'Last Name': `Person ${n}`,
      'By Name': nameOf(parent(n)),
      'By Key': `BENCH-${parent(n)}`,
    }));
    const { sourceId } = await app.stage(contacts);
    const none = { kind: 'ignored' } as const;
    // Values are checked before they are planned.
    const planOf = async (targets: readonly MappingTarget[]) => {
      const asked = { orgId, sourceId, mapping: mappingOf(targets) };
      await app.call('checks.run', asked);
      return timed(() => app.call('plan.build', asked));
    };
    const without = await planOf([to('LastName'), none, none]);
    for (const [name, targets] of [
      ['by Account Name', [to('LastName'), FOUND, none]],
      ['by external ID', [to('LastName'), none, BY_KEY]],
    ] as const) {
      const planned = await planOf(targets);
      const calls = planned.value.lookups.map(({ apiCalls }) => `, ${apiCalls} API calls`).join('');
      say(
        `${name}, with the practice org: ${(planned.seconds - without.seconds).toFixed(1)} s more than the ${without.seconds.toFixed(1)} s of the plan without it; ${planned.value.counts.insert} of ${ROWS} found${calls}`,
      );
    }
  } finally {
    await app.close();
    org.stop();
  }
}

const folder = await mkdtemp(join(tmpdir(), 'longshore-lookups-'));
say(`${cpus().length} × ${cpus()[0]?.model ?? 'processor'}, Node ${process.version}`);
try {
  for (const way of WAYS) {
    const watch = new MemoryWatch(process.pid);
    const { seconds, found } = await ownSide(folder, way);
    say(
      `${way.name}, our side: ${seconds.toFixed(1)} s (bar: ${BAR} s; ${(seconds / BAR).toFixed(2)} of it), ${found} of ${ROWS} found, peak ${watch.stop()} MiB`,
    );
  }
  if (!flags.own) {
    const watch = new MemoryWatch(process.pid);
    await withOrg(folder);
    say(`peak of all backend processes with the practice org: ${watch.stop()} MiB`);
  }
} finally {
  await rm(folder, { recursive: true, force: true, maxRetries: 5 });
}
