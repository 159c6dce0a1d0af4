import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import type { WritePolicies } from '../../../shared/domain/field-mapping.ts';
import { cutShortText } from '../../../shared/text/load-state-text.ts';
import { startBench } from '../test-support/start-bench.ts';

/** Loads that stop by themselves because rows fail, and loads that a person pauses. */

const { org, app, orgId } = await startBench(['--records', '3', '--queue-delay', '0']);
afterEach(() => org.admin('PATCH', '/knobs', { rowsPerSecond: 0 }));

async function begin(name: string, rows: number, code: (n: number) => string, policies: WritePolicies) {
  const path = join(app.data, `${name}.csv`);
  const lines = Array.from({ length: rows }, (_none, n) => `${code(n)},Berth ${n}`);
  await writeFile(path, `Berth_Code__c,Name\n${lines.join('\n')}\n`);
  const { sourceId } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName: 'Berth__c', operation: 'insert', useSaved: false } as const;
  const mapping = { ...(await app.call('mapping.suggest', wanted)), policies };
  const { planId, planDigest } = await app.call('plan.build', { orgId, sourceId, mapping });
  return (await app.call('load.start', { planId, planDigest })).loadId;
}

await app.finished(await begin('taken', 1200, (n) => `T-${n}`, {}));

test.each([
  ['so many have failed', { failures: 150 }],
  ['such a share has failed', { percent: 20 }],
])('200 at a time: a load stops when %s, says so, and the other rows can be gone on with', async (_when, stopAfter) => {
  // The first and every third are taken.
  const name = 'failures' in stopAfter ? 'F' : 'P';
  const code = (n: number) => (n % 2 === 0 ? `T-${n}` : `${name}-${n}`);
  const loadId = await begin(`guard-${name}`, 1200, code, { way: 'collections', stopAfter });
  const load = await app.finished(loadId);
  expect(load.state).toEqual({ kind: 'finished', cancelled: true });
  expect(load.notices).toMatchObject([{ code: 'STOPPED_BY_FAILURES' }]);
  expect(cutShortText(load)).toBe('Stopped early');
  expect(load.counts.failed).toBeGreaterThanOrEqual(100);
  expect(load.counts.unprocessed).toBeGreaterThan(0);
  expect(load.counts.created + load.counts.failed + load.counts.unprocessed).toBe(1200);
  const sourceId = await app.call('report.takeUp', { loadId, file: 'unprocessed' });
  const { state } = await app.opened(sourceId, {});
  expect(state).toMatchObject({ kind: 'staged', rows: load.counts.unprocessed });
});

test('a Bulk API job is aborted when so many of its rows have failed', async () => {
  await org.admin('PATCH', '/knobs', { rowsPerSecond: 400 });
  const load = await app.finished(await begin('job', 1200, (n) => `T-${n}`, { stopAfter: { failures: 100 } }));
  expect(load.state).toEqual({ kind: 'finished', cancelled: true });
  expect(load.notices).toMatchObject([{ code: 'STOPPED_BY_FAILURES' }]);
  expect(load.counts).toMatchObject({ created: 0, failed: 1200 - load.counts.unprocessed });
  expect(load.counts.unprocessed).toBeGreaterThan(0);
});

test.each(['bulk', 'collections'] as const)(
  'a paused load sends nothing more until it is resumed (%s)',
  async (way) => {
    await org.admin('PATCH', '/knobs', { rowsPerSecond: 600, latency: way === 'collections' ? 150 : 0 });
    const loadId = await begin(`pause-${way}`, 1000, (n) => `${way}-${n}`, { way });
    await app.waitFor((event) =>
      event.topic === 'load' && event.load.loadId === loadId && (event.load.jobs[0]?.processed ?? 0) > 0 ? event : null,
    );
    const paused = await app.call('load.pause', { loadId });
    expect(paused.state).toEqual({ kind: 'paused', failure: { code: 'LOAD_PAUSED' } });
    const asked = (await org.requests()).length;
    await org.admin('PATCH', '/knobs', { rowsPerSecond: 0, latency: 0 });
    expect((await org.requests()).length).toBe(asked);
    // Paused once more it stays as it is.
    expect((await app.call('load.pause', { loadId })).state).toEqual(paused.state);
    await app.call('load.resume', { loadId });
    expect((await app.finished(loadId)).counts).toMatchObject({ created: 1000, failed: 0, unknown: 0 });
  },
);
