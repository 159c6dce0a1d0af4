import { readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { OutcomeKind, ReportFile } from '../../../shared/domain/load-results.ts';
import { planPage } from '../plan/plan-pages.ts';
import { compact, startCompactBench } from '../test-support/compact-bench.ts';
import { startBackend, type TestBackend } from '../test-support/start-backend.ts';
import { failureOf } from '../test-support/test-orgs.ts';

/** A finished load that was made small tells and takes back what it did before. */

const { org, original, loadId, plan, newData, copyOfLoad, withStaging } = await startCompactBench();
let toldBefore: unknown;
let pagesBefore: unknown;

beforeAll(async () => {
  // What is told is told of a copy: a report that was made leaves its files.
  toldBefore = await toldIn(await copyOfLoad());
  pagesBefore = await pagesOfPlan(original);
});

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
