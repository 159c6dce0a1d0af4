import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { NO_OUTCOMES, type LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { startBench } from '../test-support/start-bench.ts';
import { LoadProcess } from './load-process.ts';

/** What the model of loads found, each as it was made small. */

const { org, app, orgId } = await startBench(['--records', '4']);

test('a cancel that comes while a load is being taken up again is taken', async () => {
  const path = join(app.data, 'taken-up.csv');
  await writeFile(path, 'Name,Berth_Code__c\nA,TAKEN-1\n');
  const { sourceId } = await app.stage(path);
  const mapping = await app.call('mapping.suggest', {
    orgId,
    sourceId,
    objectName: 'Berth__c',
    operation: 'upsert',
    useSaved: false,
  });
  const { planId, planDigest } = await app.call('plan.build', { orgId, sourceId, mapping });
  const action = { kind: 'status', status: 403, errorCode: 'REQUEST_LIMIT_EXCEEDED', message: 'x' };
  await org.faults([{ method: 'POST', path: '/jobs\\/ingest$/', every: 1, action }]);
  const { loadId } = await app.call('load.start', { planId, planDigest });
  for (let round = 0; round < 5; round++) {
    await app.finished(loadId);
    const resumed = app.call('load.resume', { loadId }).catch(() => undefined);
    const cancelled = await app.call('load.cancel', { loadId });
    await resumed;
    expect(['cancelling', 'finished']).toContain(cancelled.state.kind);
  }
  await org.faults([]);
  expect((await app.finished(loadId)).state).toEqual({ kind: 'finished', cancelled: true });
});

test('a cancel that comes while a load is ending does not unsay its end', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-ending-'));
  const said: LoadSnapshot['state'][] = [];
  const ending = Promise.withResolvers<void>();
  const closed = Promise.withResolvers<void>();
  const load = new LoadProcess(
    {
      ports: {
        clock: { now: () => 0, elapsed: () => 0 },
        log: { info: () => undefined, error: () => undefined },
      },
      changed: ({ state }: LoadSnapshot) => void said.push(state),
      letGo: () => {
        ending.resolve();
        return closed.promise;
      },
    } as unknown as ConstructorParameters<typeof LoadProcess>[0],
    {
      snapshot: { elapsed: 0, jobs: [], counts: NO_OUTCOMES, pace: [], state: { kind: 'running' } },
      stored: {},
      folder,
    } as unknown as ConstructorParameters<typeof LoadProcess>[1],
    { release: () => Promise.resolve() } as ConstructorParameters<typeof LoadProcess>[2],
  );
  // A folder without a journal: it is refused, which is an end as good as any.
  const run = load.run(false, () => undefined);
  await ending.promise;
  expect(await load.cancel()).toBe(false);
  closed.resolve();
  await run;
  expect(said.at(-1)).toMatchObject({ kind: 'paused', failure: { code: 'JOURNAL_DAMAGED' } });
  await rm(folder, { recursive: true, force: true });
});

test('results of another job are asked for again, also if they are as many as this one has', async () => {
  const refusedRow = async (name: string) => {
    const path = join(app.data, `${name}.csv`);
    await writeFile(path, `Name,Berth_Code__c\n${name},${name}-1\n`);
    const { sourceId } = await app.stage(path);
    const mapping = await app.call('mapping.suggest', {
      orgId,
      sourceId,
      objectName: 'Berth__c',
      operation: 'insert',
      useSaved: false,
    });
    const { planId, planDigest } = await app.call('plan.build', { orgId, sourceId, mapping });
    const { loadId } = await app.call('load.start', { planId, planDigest });
    return app.finished(loadId);
  };
  await org.admin('PATCH', '/knobs', { lockRowEvery: 1 });
  expect((await refusedRow('BEFORE')).counts).toMatchObject({ failed: 1, unknown: 0 });
  await org.faults([{ method: 'GET', path: '/failedResults$/', nth: 1, action: { kind: 'other-results' } }]);
  const load = await refusedRow('AFTER');
  await org.faults([]);
  await org.admin('PATCH', '/knobs', { lockRowEvery: 0 });
  expect(load.counts).toMatchObject({ failed: 1, unknown: 0 });
  expect(load.notices).toEqual([]);
});
