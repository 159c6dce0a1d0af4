import { afterAll, expect, test } from 'vitest';
import { startBackend, startPracticeOrg } from '../test-support/start-backend.ts';
import { syncOfAccounts } from '../test-support/sync-bench.ts';

let now = Date.parse('2026-06-01T12:00:00Z');
const org = await startPracticeOrg(['--records', '0']);
const app = await startBackend(org, { now: () => now, faster: 1000 });
afterAll(async () => {
  await app.close();
  org.stop();
});
const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
const rows = (...numbers: number[]) => numbers.map((n) => `due-${n},Name ${n},${n}`);

test('a sync that runs by itself deletes the records whose rows are gone after it has loaded the others', async () => {
  const rules = 'sync: { gone: { then: delete, afterRuns: 0 } }\nguards: { shrunkPercent: null, deletesPercent: null }';
  const sync = await syncOfAccounts({ org, app, orgId }, 'due', rows(1, 2, 3), rules);
  await app.call('schedule.set', { jobId: sync.jobId, schedule: { kind: 'nightly', at: '02:30', zone: 'UTC' } });
  const night = async (at: string) => {
    now = Date.parse(at);
    return (await app.backend.runDue(new AbortController().signal)).map(({ run }) => run);
  };
  expect(await night('2026-06-02T02:30:00Z')).toMatchObject([{ by: 'schedule', counts: { created: 3 } }]);
  await sync.file.write(rows(1, 3, 4));
  expect(await night('2026-06-03T02:30:00Z')).toMatchObject([
    { by: 'schedule', operation: 'upsert', sync: { part: 'rows', phase: 'committed', done: { goneDue: 1 } } },
  ]);
  expect([...(await sync.accounts()).keys()].sort()).toEqual(['due-1', 'due-3', 'due-4']);
}, 120_000);
