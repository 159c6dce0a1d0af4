import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startBench } from '../test-support/start-bench.ts';

/** A long session: what was opened, checked and planned before must not keep what comes after from it (bench/many-plans.ts: for a thousand). */
const { app, orgId } = await startBench(['--records', '100']);

const PLANS = 60;
/** Every so many, a file of 302 columns: two dozen of their plans were more than the engine's memory held. */
const WIDE_EVERY = 2;
const WIDE = 302;

async function plan(n: number) {
  const others = n % WIDE_EVERY === 0 ? Array.from({ length: WIDE - 2 }, (_, index) => `Extra ${index}`) : ['Extra'];
  const rows = Array.from({ length: 5 }, (_, row) =>
    [`Session ${n}.${row}`, `Hamburg ${row}`, ...others.map((name) => `${name} of ${row}`)].join(','),
  );
  const path = join(app.data, `session-${n}.csv`);
  await writeFile(path, `${['Name', 'BillingCity', ...others].join(',')}\n${rows.join('\n')}\n`);
  const { sourceId } = await app.stage(path);
  const mapping = await app.call('mapping.suggest', {
    orgId,
    sourceId,
    objectName: 'Account',
    operation: 'insert',
    useSaved: false,
  });
  return app.call('plan.build', { orgId, sourceId, mapping });
}

test('sixty plans in one session, wide ones among them: each is made, and the last loads', async () => {
  let last = await plan(0);
  const first = last;
  for (let n = 1; n < PLANS; n++) {
    last = await plan(n);
    expect(last.counts.insert).toBe(5);
    // One in between is loaded, and stays to be looked at.
    if (n !== 7) continue;
    const { loadId } = await app.call('load.start', { planId: last.planId, planDigest: last.planDigest });
    expect((await app.finished(loadId)).counts.created).toBe(5);
  }
  const { loadId } = await app.call('load.start', { planId: last.planId, planDigest: last.planDigest });
  expect((await app.finished(loadId)).counts).toMatchObject({ created: 5, failed: 0, unknown: 0 });
  for (const load of await app.call('load.list', {})) {
    await app.call('report.save', { loadId: load.loadId, file: 'success', spreadsheetSafe: false });
    expect((await readFile(app.saved.at(-1)?.path ?? '', 'utf8')).trim().split('\n')).toHaveLength(6);
  }
  // Plans that were never loaded went with their sources, of which the last dozen stay.
  expect(await readdir(join(app.data, 'loads'))).toHaveLength(12 + 1);
  expect((await readdir(join(app.data, 'sources'))).filter((name) => name.endsWith('.duckdb'))).toHaveLength(12);
  await expect(
    app.call('plan.page', { planId: first.planId, kind: null, search: '', offset: 0, limit: 1 }),
  ).rejects.toMatchObject({ failure: { code: 'PLAN_UNKNOWN' } });
}, 180_000);

test('what lies damaged on disk is said, by plan and by source; everything else works, and a file is read again', async () => {
  const [damaged, sound] = [await plan(201), await plan(202)];
  await app.killStaging();
  await writeFile(join(app.data, 'loads', damaged.planId, 'plan.duckdb'), 'not a database');
  await writeFile(join(app.data, 'sources', `${damaged.sourceId}.duckdb`), '');
  const page = { kind: null, search: '', offset: 0, limit: 10 };
  const failure = { code: 'DATA_DAMAGED' };
  await expect(app.call('plan.page', { planId: damaged.planId, ...page })).rejects.toMatchObject({ failure });
  const { planId, planDigest } = damaged;
  const { loadId } = await app.call('load.start', { planId, planDigest });
  expect((await app.finished(loadId)).state).toMatchObject({ kind: 'paused', failure });
  expect((await app.call('plan.page', { planId: sound.planId, ...page })).total).toBe(5);
  const { sourceId } = damaged;
  await expect(app.call('source.glance', { sourceId })).rejects.toMatchObject({ failure });
  expect(await readFile(join(app.data, 'loads', planId, 'plan.duckdb'), 'utf8')).toBe('not a database');
  const again = app.waitFor((event) =>
    event.topic === 'source' && event.source.sourceId === sourceId && event.source.state.kind === 'staged'
      ? event.source.state
      : null,
  );
  await app.call('source.open', { sourceId, choice: null });
  expect((await again).rows).toBe(5);
  expect(await app.call('source.glance', { sourceId })).not.toEqual([]);
}, 60_000);
