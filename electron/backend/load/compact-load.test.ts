import { cp, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { OutcomeKind, ReportFile } from '../../../shared/domain/load-results.ts';
import { readPlan } from '../plan/plan-document.ts';
import { planPage } from '../plan/plan-pages.ts';
import { planFolder } from '../plan/plan-registry.ts';
import { StagingClient } from '../staging/staging-client.ts';
import type { SqlValue } from '../staging/staging-functions.ts';
import { spawnStaging, startBackend, startPracticeOrg, type TestBackend } from '../test-support/start-backend.ts';
import { failureOf } from '../test-support/test-orgs.ts';
import { planFewAccounts } from '../test-support/few-accounts.ts';
import { tablesOf } from '../tables/tables.ts';
import { selectUndo } from '../undo/undo-rows.ts';
import { compactLoad } from './compact-load.ts';

/** A finished load that was made small tells and takes back what it did before; killed meanwhile, it is as it was. */

const ROWS = 2600;
let org: Awaited<ReturnType<typeof startPracticeOrg>>;
/** A load as its end left it. */
let original: string;
let loadId: LoadId;
let plan: LoadPlan;
let toldBefore: unknown;
let pagesBefore: unknown;
const folders: string[] = [];

async function newData(): Promise<string> {
  const data = await mkdtemp(join(tmpdir(), 'longshore-compact-'));
  folders.push(data);
  return data;
}

/** Everything that is told of a load, and what would take it back. */
async function told(app: TestBackend): Promise<Record<string, unknown>> {
  const { load, errorGroups } = await app.call('report.get', { loadId });
  const files: Record<string, string> = {};
  const lastSaved = () => readFile(app.saved.at(-1)?.path ?? '', 'utf8');
  for (const file of ReportFile.options) {
    await app.call('report.save', { loadId, file, spreadsheetSafe: false });
    files[file] = await lastSaved();
  }
  const pages: unknown[] = [];
  for (const kind of OutcomeKind.options)
    pages.push(await app.call('report.page', { loadId, kinds: [kind], offset: 3, limit: 50 }));
  const { steps } = await app.call('undo.offer', { loadId });
  for (const { what } of steps) {
    await app.call('undo.prepare', { loadId, what });
    files[what] = await readFile(join(app.data, 'loads', plan.planId, 'undo', `${what}.csv`), 'utf8');
  }
  await app.call('history.pack', { loadId, withRows: true });
  return { counts: load.counts, errorGroups, files, pages, steps };
}

/** The same folder, with an engine of its own, as Longshore has it while it makes loads small. */
async function withStaging<T>(
  data: string,
  work: (staging: StagingClient, folder: string, kill: () => Promise<void>) => Promise<T>,
): Promise<T> {
  const paths = { data };
  let process: ReturnType<typeof spawnStaging> | null = null;
  const log = { place: '', info: () => undefined, error: () => undefined };
  const staging = new StagingClient({
    paths,
    log,
    random,
    spawnStaging: (spill) => (process = spawnStaging(spill)),
  });
  const kill = () =>
    new Promise<void>((resolve) => {
      process?.onExit(() => resolve());
      process?.kill();
    });
  const folder = planFolder(paths, plan.planId);
  try {
    await staging.attach(plan.planId, join(folder, 'plan.duckdb'), { columns: 4, joinedRows: ROWS });
    return await work(staging, folder, kill);
  } finally {
    await staging.close();
  }
}

let tokens = 0;
const random = { token: (length: number) => `t${++tokens}`.padEnd(length, 'x').slice(0, length) };
const NEVER = new AbortController().signal;

function compact(staging: StagingClient, folder: string): Promise<void> {
  return readPlan(folder).then((stored) => compactLoad({ staging, random }, stored, folder, NEVER));
}

async function pagesOfPlan(data: string): Promise<unknown> {
  return withStaging(data, async (staging) => {
    const sort = { field: 'Phone', descending: false };
    const views = [
      { kind: null, search: '', sort },
      { kind: 'update' as const, search: '' },
      { kind: null, search: '7' },
    ];
    return Promise.all(views.map((view) => planPage(staging, plan, view, 5, 50)));
  });
}

async function copyOfLoad(): Promise<string> {
  const data = await newData();
  await cp(original, data, { recursive: true });
  return data;
}

beforeAll(async () => {
  org = await startPracticeOrg(['--records', '0']);
  original = await newData();
  const app = await startBackend(org, { data: original });
  const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
  const load = async (rows: (n: number) => string): Promise<void> => {
    const lines = Array.from({ length: ROWS }, (_, n) => rows(n));
    plan = await planFewAccounts(app, orgId, join(original, 'rows.csv'), lines);
    ({ loadId } = await app.call('load.start', { planId: plan.planId, planDigest: plan.planDigest }));
    await app.finished(loadId);
  };
  await load((n) => `K-${n},Before ${n},+49 ${n},`);
  // Of ten rows one is changed, one new, one repeats the one before it, and one the org refuses; the others are unchanged.
  await load((n) => {
    if (n % 10 === 1) return `K-${n},After ${n},+49 ${n},"changed, ${n}"`;
    if (n % 10 === 2) return `N-${n},New ${n},+1 ${n},`;
    if (n % 10 === 4) return `K-${n - 1},Before ${n - 1},+49 ${n - 1},again`;
    if (n % 10 === 5) return `K-${n},,+49 ${n}0,blank name`;
    return `K-${n},Before ${n},+49 ${n},remark ${n}`;
  });
  toldBefore = await told(app);
  await app.close();
  pagesBefore = await pagesOfPlan(original);
});

afterAll(async () => {
  org.stop();
  for (const data of folders) await rm(data, { recursive: true, force: true, maxRetries: 5 });
});

async function toldIn(data: string): Promise<unknown> {
  const app = await startBackend(org, { data });
  await app.call('orgs.signIn', { target: { kind: 'practice' } });
  try {
    return await told(app);
  } finally {
    await app.close();
  }
}

test('what is told of it, what takes it back, and its plan are as before; what was sent in parts is gone', async () => {
  const data = await copyOfLoad();
  await withStaging(data, compact);
  const names = await readdir(join(data, 'loads', plan.planId));
  expect(names.filter((name) => /^part-|\.wal$|^kept\./.test(name))).toEqual([]);
  expect(names.filter((name) => name.startsWith('kept-'))).toHaveLength(1);
  expect(await pagesOfPlan(data)).toEqual(pagesBefore);
  expect(await toldIn(data)).toEqual(toldBefore);
});

/** A staging client whose engine is killed just as it is asked for a step the first time. */
function dyingAt(step: string, staging: StagingClient, kill: () => Promise<void>) {
  let killed = false;
  const at =
    <A extends unknown[], T>(name: string, ask: (...given: A) => Promise<T>) =>
    async (...given: A): Promise<T> => {
      if (name !== step || killed) return ask(...given);
      killed = true;
      const asked = ask(...given);
      await Promise.all([kill(), asked.catch(() => undefined)]);
      return asked;
    };
  const query = at('query', staging.query.bind(staging));
  return {
    killed: () => killed,
    staging: {
      query,
      create: at('create', staging.create.bind(staging)),
      detach: at('detach', staging.detach.bind(staging)),
      replaceFile: at('replaceFile', staging.replaceFile.bind(staging)),
      until: (signal: AbortSignal) => {
        const sql = staging.until(signal);
        return {
          query: (text: string, values?: SqlValue[]) => sql.query(text, values),
          run: at('run', (text: string) => sql.run(text)),
          runInOrder: at('runInOrder', (text: string) => sql.runInOrder(text)),
        };
      },
    },
  };
}

/** Digests of its outcomes with the rows they are of, and of what sets its records back. */
function digestsOf(data: string): Promise<unknown> {
  return withStaging(data, async (staging, folder) => {
    const stored = await readPlan(folder);
    const { outcome, staged } = tablesOf(plan.planId);
    const rows = `SELECT row_number, kind, id, error, line, c0, c1, c2, c3 FROM ${outcome} JOIN ${staged} USING (row_number)`;
    return Promise.all(
      [rows, selectUndo(stored, 'set-back') ?? ''].map((sql) =>
        staging.query(
          `SELECT count(*) AS n, md5(string_agg(r::VARCHAR, '|' ORDER BY row_number)) AS digest FROM (${sql}) r`,
        ),
      ),
    );
  });
}

test('killed at any step it is as it was or small, and is made small then', { timeout: 30_000 }, async () => {
  const before = await digestsOf(original);
  for (const step of ['runInOrder', 'run', 'replaceFile']) {
    const data = await copyOfLoad();
    await withStaging(data, async (staging, folder, kill) => {
      const dying = dyingAt(step, staging, kill);
      const stored = await readPlan(folder);
      await compactLoad({ staging: dying.staging, random }, stored, folder, NEVER).catch(() => undefined);
      expect([step, dying.killed()]).toEqual([step, true]);
    });
    expect([step, await digestsOf(data)]).toEqual([step, before]);
    await withStaging(data, compact);
    expect([step, await digestsOf(data)]).toEqual([step, before]);
    const names = await readdir(join(data, 'loads', plan.planId));
    expect([step, names.filter((name) => /^part-|\.wal$|^kept/.test(name)).length]).toEqual([step, 1]);
  }
});

test('Longshore does it by itself once a large load has ended; its folder can be moved, and damage is told', async () => {
  const data = await copyOfLoad();
  const folder = join(data, 'loads', plan.planId);
  // As large as a load of many rows.
  await writeFile(join(folder, 'part-7.csv'), Buffer.alloc(17 * 2 ** 20));
  const app = await startBackend(org, { data, faster: 1000 });
  await expect
    .poll(async () => (await app.call('load.get', { loadId })).keptBytes, { timeout: 10_000 })
    .toBeGreaterThan(0);
  await expect.poll(() => readdir(folder)).not.toContain('lock');
  const { keptBytes } = await app.call('load.get', { loadId });
  expect(keptBytes).toBeLessThan(2 ** 20);
  await app.close();

  const moved = await newData();
  await rm(moved, { recursive: true });
  await rename(data, moved);
  expect(await toldIn(moved)).toEqual(toldBefore);

  const kept = join(
    moved,
    'loads',
    plan.planId,
    (await readdir(join(moved, 'loads', plan.planId))).find((name) => name.startsWith('kept-')) ?? '',
  );
  const path = join(kept, 'outcome.parquet');
  const content = await readFile(path);
  const at = Math.floor((await stat(path)).size / 2);
  content[at] = (content[at] ?? 0) ^ 1;
  await writeFile(path, content);
  const again = await startBackend(org, { data: moved });
  expect(await failureOf(again.call('report.get', { loadId }))).toMatchObject({ code: 'DATA_DAMAGED' });
  await rm(path);
  expect(await failureOf(again.call('undo.offer', { loadId }))).toMatchObject({ code: 'DATA_DAMAGED' });
  // What was damaged can still be removed, and other loads are told of.
  expect((await again.call('load.list', {})).length).toBe(2);
  await again.call('history.remove', { loadId });
  await again.close();
});
