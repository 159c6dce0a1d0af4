import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import type { WritePolicies } from '../../../shared/domain/field-mapping.ts';
import type { LoadId } from '../../../shared/domain/ids.ts';
import type { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import type { UndoWhat } from '../../../shared/domain/undo.ts';
import { policyTexts } from '../../../shared/text/plan-text.ts';
import { ACCOUNT_PHONES } from '../test-support/account-phones.ts';
import { recordsOf } from '../test-support/org-records.ts';
import { startBench } from '../test-support/start-bench.ts';

/** What somebody changes after an undo was planned and begun, and before it writes, stays in the practice org as it is. */

const { org, app, orgId } = await startBench(['--records', '0', '--queue-delay', '0']);
const records = recordsOf(org);
beforeEach(() => org.faults([]));

let files = 0;
/** Loads rows, which changes records that are there with the phone `old` and creates the others. */
async function loaded(name: string, rows: number, isThere: boolean): Promise<LoadSnapshot> {
  const keys = Array.from({ length: rows }, (_, n) => `${name}-${n}`);
  for (let first = 0; isThere && first < rows; first += 200)
    await records.rest('POST', 'composite/sobjects', {
      records: keys
        .slice(first, first + 200)
        .map((key) => ({ attributes: { type: 'Account' }, Name: name, ERP_Id__c: key, Phone: 'old' })),
    });
  const path = join(app.data, `before-${++files}.csv`);
  await writeFile(path, ['Key,Name,Phone', ...keys.map((key) => `${key},${name},new`), ''].join('\n'));
  const { sourceId } = await app.stage(path);
  const plan = await app.call('plan.build', { orgId, sourceId, mapping: ACCOUNT_PHONES });
  const load = await app.finished(
    (await app.call('load.start', { planId: plan.planId, planDigest: plan.planDigest })).loadId,
  );
  // Stamps have whole seconds: what an undo finds changed was changed in a later one.
  const ended = Date.now();
  await expect.poll(() => Date.now() - ended, { timeout: 5000, interval: 50 }).toBeGreaterThan(1100);
  return load;
}

async function undoPlan(loadId: LoadId, what: UndoWhat, policies: WritePolicies = {}) {
  const { sourceId, choice, mapping } = await app.call('undo.prepare', { loadId, what });
  await app.opened(sourceId, choice);
  return app.call('plan.build', {
    orgId,
    sourceId,
    mapping: { ...mapping, policies: { ...mapping.policies, ...policies } },
  });
}

type Found = { Id: string; ERP_Id__c: string; Phone: string | null };
const inOrg = async (name: string) =>
  (await records.query(
    `SELECT Id, ERP_Id__c, Phone FROM Account WHERE ERP_Id__c LIKE '${name}-%' ORDER BY ERP_Id__c`,
  )) as unknown as Found[];

/** As somebody else would, while the load waits for an answer. */
async function edit(name: string, keys: readonly string[]): Promise<void> {
  const ids = (await inOrg(name)).filter((one) => keys.includes(one.ERP_Id__c)).map(({ Id }) => Id);
  expect(ids).toHaveLength(keys.length);
  await records.rest('PATCH', 'composite/sobjects', {
    records: ids.map((Id) => ({ attributes: { type: 'Account' }, Id, Phone: 'theirs' })),
  });
}

/** Begins a load of a plan, with `meanwhile` done once a request of a kind has been sent, whose answer takes a while. */
async function during(
  plan: Awaited<ReturnType<typeof undoPlan>>,
  rule: { readonly method: string; readonly path: string },
  meanwhile: () => Promise<void>,
  others: readonly unknown[] = [],
): Promise<LoadSnapshot> {
  await org.faults([{ ...rule, nth: 1, action: { kind: 'delay', milliseconds: 1500 } }, ...others]);
  const asked = async () => (await org.admin<{ struck: number }[]>('GET', '/faults'))[0]?.struck;
  const { loadId } = await app.call('load.start', { planId: plan.planId, planDigest: plan.planDigest });
  await expect.poll(asked, { timeout: 20_000, interval: 20 }).toBe(1);
  await meanwhile();
  return app.finished(loadId);
}

async function kept({ loadId }: Pick<LoadSnapshot, 'loadId'>): Promise<string[]> {
  const { rows } = await app.call('report.page', { loadId, kinds: ['leftOut'], offset: 0, limit: 100 });
  return rows.map(({ error }) => error);
}

const BY =
  /^Longshore: kept, because the record changed since the plan was made, last on \d{4}-\d\d-\d\dT.*Z by Ada Admin$/;

test('few records are written one by one on a condition, which the org itself holds to', async () => {
  const load = await loaded('COND', 4, true);
  const plan = await undoPlan(load.loadId, 'set-back');
  expect(policyTexts(plan).join(' ')).toContain('on the condition that nobody has changed it');
  const done = await during(plan, { method: 'PATCH', path: '/sobjects\\/Account\\/001/' }, () =>
    edit('COND', ['COND-2']),
  );
  expect(done.counts).toMatchObject({ updated: 3, leftOut: 1, failed: 0 });
  expect((await inOrg('COND')).map(({ Phone }) => Phone)).toEqual(['old', 'old', 'theirs', 'old']);
  expect(await kept(done)).toEqual([expect.stringMatching(BY)]);
  // What was kept shows in the next undo of the load as changed since.
  expect((await undoPlan(load.loadId, 'set-back')).counts).toMatchObject({ update: 0, unchanged: 3, leftOut: 1 });
});

test('a conditional write whose answer is lost is not sent again, and its row is looked up', async () => {
  const load = await loaded('LOST', 2, true);
  const plan = await undoPlan(load.loadId, 'set-back');
  await org.faults([
    { method: 'PATCH', path: '/sobjects\\/Account\\/001/', nth: 1, action: { kind: 'reset', when: 'after' } },
  ]);
  const { loadId } = await app.call('load.start', { planId: plan.planId, planDigest: plan.planDigest });
  const done = await app.finished(loadId);
  expect(done.counts).toMatchObject({ updated: 2, unknown: 0 });
  expect((await inOrg('LOST')).map(({ Phone }) => Phone)).toEqual(['old', 'old']);
});

test.each(['bulk', 'bulk-1'] as const)(
  'before a job writes (%s) its records are read again, and the others go in another',
  async (way) => {
    const name = `JOB${way}`;
    const load = await loaded(name, 6, true);
    const plan = await undoPlan(load.loadId, 'set-back', { way });
    expect(policyTexts(plan).join(' ')).toContain('looked at once more');
    // A job of Bulk API 2.0 waits for its rows, and one of 1.0 is made.
    const rule =
      way === 'bulk' ? { method: 'PUT', path: 'batches' } : { method: 'POST', path: '/async\\/66.0\\/job$/' };
    const done = await during(plan, rule, () => edit(name, [`${name}-1`, `${name}-4`]));
    expect(done.counts).toMatchObject({ updated: 4, leftOut: 2, failed: 0, unknown: 0 });
    expect((await inOrg(name)).map(({ Phone }) => Phone)).toEqual(['old', 'theirs', 'old', 'old', 'theirs', 'old']);
    expect(await kept(done)).toEqual([expect.stringMatching(BY), expect.stringMatching(BY)]);
    const jobs = await org.admin<{ state: string }[]>('GET', '/jobs');
    expect(jobs.filter(({ state }) => state === 'Open')).toEqual([]);
  },
);

test('what is kept is kept through a pause, and nothing is sent twice after it', async () => {
  const load = await loaded('PAUSE', 5, true);
  const plan = await undoPlan(load.loadId, 'set-back', { way: 'bulk' });
  const refused = { kind: 'status', status: 403, errorCode: 'INSUFFICIENT_ACCESS', message: 'no' };
  const paused = await during(plan, { method: 'PUT', path: 'batches' }, () => edit('PAUSE', ['PAUSE-0']), [
    { method: 'POST', path: '/jobs\\/ingest$/', nth: 2, action: refused },
  ]);
  expect(paused.state).toMatchObject({ kind: 'paused', failure: { code: 'ORG_REFUSED' } });
  await org.faults([]);
  // Between the two somebody changes another one.
  await edit('PAUSE', ['PAUSE-3']);
  // It says that it is paused a moment before it lets go of its files.
  const resumed = () =>
    app.call('load.resume', { loadId: paused.loadId }).then(
      () => true,
      () => false,
    );
  await expect.poll(resumed, { timeout: 5000, interval: 50 }).toBe(true);
  const done = await app.finished(paused.loadId);
  expect(done.counts).toMatchObject({ updated: 3, leftOut: 2, failed: 0, unknown: 0 });
  expect((await inOrg('PAUSE')).map(({ Phone }) => Phone)).toEqual(['theirs', 'old', 'old', 'theirs', 'old']);
});

test('all of a job’s records changed: nothing is written', async () => {
  const load = await loaded('ALL', 2, true);
  const plan = await undoPlan(load.loadId, 'set-back', { way: 'bulk' });
  const done = await during(plan, { method: 'PUT', path: 'batches' }, () => edit('ALL', ['ALL-0', 'ALL-1']));
  expect(done.counts).toMatchObject({ updated: 0, leftOut: 2 });
  expect((await inOrg('ALL')).map(({ Phone }) => Phone)).toEqual(['theirs', 'theirs']);
});

test('created records that somebody changed meanwhile are not deleted, collection by collection', async () => {
  const load = await loaded('DEL', 230, false);
  const plan = await undoPlan(load.loadId, 'remove');
  expect(plan.counts).toMatchObject({ delete: 230 });
  // While the first 200 are deleted, one of the others is changed.
  const last = (await inOrg('DEL')).find(({ ERP_Id__c: key }) => key === 'DEL-229')?.ERP_Id__c ?? '';
  const done = await during(plan, { method: 'DELETE', path: 'composite/sobjects' }, () => edit('DEL', [last]));
  expect(done.counts).toMatchObject({ deleted: 229, leftOut: 1, failed: 0 });
  expect(await inOrg('DEL')).toMatchObject([{ ERP_Id__c: 'DEL-229', Phone: 'theirs' }]);
  expect(await kept(done)).toEqual([expect.stringMatching(BY)]);
});
