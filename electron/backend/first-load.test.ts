import { fileURLToPath } from 'node:url';
import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { totalOf } from '../../shared/domain/load-results.ts';
import { startBackend, startPracticeOrg, type TestBackend } from './test-support/start-backend.ts';

const accounts = fileURLToPath(new URL('../../examples/accounts.csv', import.meta.url));

let org: Awaited<ReturnType<typeof startPracticeOrg>>;
let app: TestBackend;

beforeAll(async () => {
  org = await startPracticeOrg();
  app = await startBackend(org);
});
afterAll(async () => {
  await app.close();
  org.stop();
});

test('the whole way of a load: every row of the file has exactly one outcome', async () => {
  const { orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } });
  const source = await app.stage(accounts);
  expect(source.state).toMatchObject({ kind: 'staged', rows: 5000, problemRows: 2 });
  const { sourceId } = source;
  expect(await app.call('mapping.guessObject', { orgId, sourceId })).toMatchObject({ objectName: 'Account' });
  const mapping = await app.call('mapping.suggest', { orgId, sourceId, objectName: 'Account', operation: 'upsert', useSaved: false });
  expect(mapping.matchField).toBe('ERP_Id__c');
  const checks = await app.call('checks.run', { orgId, sourceId, mapping });
  console.log(checks.mappingIssues, checks.groups.map((g) => [g.code, g.level, g.fieldLabel, g.rawValue, g.rows, JSON.stringify(g.facts)].join(' | ')), checks.rowsBlocked);
  const plan = await app.call('plan.build', { orgId, sourceId, mapping });
  console.log(plan.counts, plan.changedFields, plan.jobs);
  expect(totalOf(plan.counts)).toBe(5000);
  const page = await app.call('plan.page', { planId: plan.planId, kind: 'update', search: '', offset: 0, limit: 2 });
  console.log(JSON.stringify(page.rows, null, 1));
  const load = await app.call('load.start', { planId: plan.planId, planDigest: plan.planDigest });
  const done = await app.finished(load.loadId);
  console.log(done.state, done.counts, done.jobs, done.apiCalls, app.log);
  expect(totalOf(done.counts)).toBe(5000);
  const report = await app.call('report.get', { loadId: load.loadId });
  console.log(report.errorGroups);
  await app.call('report.save', { loadId: load.loadId, file: 'error', spreadsheetSafe: false });
  console.log((await readFile(app.saved[0]!.path, 'utf8')).slice(0, 1500));
}, 60_000);
