import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { OrgId } from '../../../shared/domain/ids.ts';
import type { LoadPlan, MovedRow } from '../../../shared/domain/load-plan.ts';
import { movedRows } from '../plan/moved-rows.ts';
import type { StoredPlan } from '../plan/stored-plan.ts';
import { tablesOf } from '../tables/tables.ts';
import { describeOf, field, KEY, smallOrg } from '../test-support/small-org.ts';
import { SmallPlans, to, type SmallCase } from '../test-support/small-plan.ts';
import { startBackend, startPracticeOrg, type TestBackend } from '../test-support/start-backend.ts';
import { refuseDrift } from './refuse-drift.ts';

const ID = (n: number) => `001${String(n).padStart(12, '0')}AAA`;
const FIELDS = [field('ERP_Id__c', 'string', { ...KEY, length: 40 }), field('Fax', 'string', { length: 40 })];
const ACCOUNT = describeOf('Account', '001', FIELDS);
const UNSTAMPED = { ...ACCOUNT, fields: ACCOUNT.fields.filter(({ name }) => name !== 'SystemModstamp') };

const account = (n: number, fax: string, seconds = 0) => ({
  Id: ID(n),
  ERP_Id__c: `ERP-${n}`,
  Fax: fax,
  SystemModstamp: `2026-11-25T10:00:0${seconds}.000+0000`,
});
type Account = ReturnType<typeof account>;

describe('a few rows are looked up again', () => {
  let plans: SmallPlans;
  beforeAll(async () => {
    plans = await SmallPlans.open();
  });
  afterAll(() => plans.close());

  /** What the last check said of each row that no longer holds. */
  let moved: readonly MovedRow[] = [];

  /** Plans an update, an unchanged row and a new one; then the org is another. How many rows of the plan no longer hold? */
  async function drifted(now: readonly Account[], change: Partial<SmallCase> = {}): Promise<number> {
    moved = [];
    const small: SmallCase = {
      describe: ACCOUNT,
      records: { Account: [account(1, 'old'), account(2, 'same')] },
      operation: 'upsert',
      matchField: 'ERP_Id__c',
      targets: [to('ERP_Id__c'), to('Fax')],
      rows: [
        ['erp-1', 'new'],
        ['ERP-2', 'same'],
        ['ERP-3', 'new'],
      ],
      ...change,
    };
    let rows = -1;
    await plans.plan(small, async ({ plan, input }) => {
      const stored: StoredPlan = {
        plan,
        describe: small.describe,
        parents: [],
        fileName: '',
        delimiter: ',',
        writing: { encoding: 'utf-8', mark: false },
        columns: [],
      };
      const tools = { ...smallOrg({ Account: now }), staging: plans.staging };
      const check = refuseDrift(tools, stored, input.folder, small.describe, new AbortController().signal);
      rows = await check.then(
        () => 0,
        (error: { failure?: { code: string; why: string; rows: number } }) => {
          expect(error).toMatchObject({ failure: { code: 'PLAN_STALE', why: 'drift' } });
          return error.failure?.rows ?? -1;
        },
      );
      const left = await plans.staging.query(
        "SELECT table_name FROM duckdb_tables() WHERE table_name LIKE 'record_now%'",
      );
      expect(left).toEqual([]);
      const page = await movedRows(plans.staging, plan, 0, 10);
      expect(page.total).toBe(rows);
      moved = page.rows;
      expect(await plans.staging.query(`SELECT count(*) AS n FROM ${tablesOf(plan.planId).planned}`)).toEqual([
        { n: 3 },
      ]);
    });
    return rows;
  }

  const before = [account(1, 'old'), account(2, 'same')];
  test.each<[string, readonly Account[], number]>([
    ['nothing changed', before, 0],
    ['others changed', [...before, account(9, 'x', 9)], 0],
    ['a record to update changed', [account(1, 'other', 5), account(2, 'same')], 1],
    ['it changed within the second it was read in', [account(1, 'other'), account(2, 'same')], 1],
    ['a record that was to stay as it is changed', [account(1, 'old'), account(2, 'other', 5)], 1],
    ['a record of a new row’s key was made', [...before, { ...account(7, ''), ERP_Id__c: 'erp-3' }], 1],
    ['another record of an old key was made', [...before, { ...account(7, ''), ERP_Id__c: 'erp-1' }], 1],
    ['a record was deleted', [account(1, 'old')], 1],
    ['a record’s key went to another', [{ ...account(8, 'old'), ERP_Id__c: 'ERP-1' }, account(2, 'same')], 1],
    ['everything changed', [account(1, 'x', 5), account(2, 'y', 5), account(3, 'z', 5)], 3],
  ])('%s', async (_name, now, rows) => {
    expect(await drifted(now)).toBe(rows);
  });

  test('what moved is said, and from what to what', async () => {
    await drifted([account(1, 'other', 5)]);
    expect(moved).toEqual([
      { row: 1, key: 'erp-1', id: ID(1), what: 'changed', changes: [{ field: 'Fax', before: 'old', now: 'other' }] },
      { row: 2, key: 'ERP-2', id: ID(2), what: 'deleted', changes: [] },
    ]);
    // Something of the record that the plan does not have.
    await drifted([account(1, 'old', 5), account(2, 'same'), { ...account(7, ''), ERP_Id__c: 'erp-3' }]);
    expect(moved).toEqual([
      { row: 1, key: 'erp-1', id: ID(1), what: 'changed', changes: [] },
      { row: 3, key: 'ERP-3', id: '', what: 'taken', changes: [] },
    ]);
  });

  test('of objects without a time stamp the values tell', async () => {
    const unstamped = { describe: UNSTAMPED };
    expect(await drifted(before, unstamped)).toBe(0);
    expect(await drifted([account(1, 'old'), account(2, 'other')], unstamped)).toBe(1);
  });

  test('a delete finds out that its record is gone', async () => {
    const gone: Partial<SmallCase> = {
      operation: 'delete',
      matchField: 'Id',
      targets: [to('Id'), to('Fax')],
      rows: [[ID(1)], [ID(2)], [ID(2)]],
    };
    expect(await drifted(before, gone)).toBe(0);
    expect(await drifted([account(1, 'old')], gone)).toBe(1);
  });
});

describe('of many rows whatever changed since is read, in an org', () => {
  let org: Awaited<ReturnType<typeof startPracticeOrg>>;
  let app: TestBackend;
  let orgId: OrgId;
  beforeAll(async () => {
    org = await startPracticeOrg();
    app = await startBackend(org);
    ({ orgId } = await app.call('orgs.signIn', { target: { kind: 'practice' } }));
  });
  afterAll(async () => {
    await app.close();
    org.stop();
  });

  let files = 0;
  async function planOf(rows: readonly (readonly [string, string])[]): Promise<LoadPlan> {
    const path = join(app.data, `drift-${++files}.csv`);
    await writeFile(path, `ERP_Id__c,Name\n${rows.map((row) => row.join(',')).join('\n')}\n`);
    const { sourceId } = await app.stage(path);
    const request = { orgId, sourceId, objectName: 'Account', operation: 'upsert' as const, useSaved: false };
    const suggested = await app.call('mapping.suggest', request);
    return app.call('plan.build', { orgId, sourceId, mapping: { ...suggested, matchField: 'ERP_Id__c' } });
  }
  async function load(rows: readonly (readonly [string, string])[]): Promise<void> {
    const { planId, planDigest } = await planOf(rows);
    const { loadId } = await app.call('load.start', { planId, planDigest });
    await app.finished(loadId);
  }
  const start = ({ planId, planDigest }: LoadPlan) => app.call('load.start', { planId, planDigest });
  const keys = (prefix: string, count: number) =>
    Array.from({ length: count }, (_, index) => `${prefix}-${String(index).padStart(5, '0')}`);
  const stale = (rows: number) => ({ failure: { code: 'PLAN_STALE', why: 'drift', rows } });
  const rest = (method: string, path: string, body?: object) =>
    fetch(`${org.url}/services/data/v66.0/${path}`, {
      method,
      headers: { authorization: `Bearer ${org.accessToken}`, 'content-type': 'application/json' },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });

  test('more records than 2,000 changed after the one that counts', async () => {
    const mine = keys('MINE', 700);
    await load(mine.map((key) => [key, `Before ${key}`]));
    const reviewed = await planOf(mine.map((key) => [key, `After ${key}`]));
    expect(reviewed.counts.update).toBe(700);
    await load([['MINE-00007', 'Meanwhile']]);
    await load(keys('OTHER', 2300).map((key) => [key, `Other ${key}`]));
    await expect(start(reviewed)).rejects.toMatchObject(stale(1));
  });

  test('a record was made that a row would make, and one was deleted that a row would change', async () => {
    const old = keys('OLD', 350);
    await load(old.map((key) => [key, `Before ${key}`]));
    const rows = [...old, ...keys('NEW', 350)].map((key) => [key, `After ${key}`] as const);
    const reviewed = await planOf(rows);
    expect(reviewed.counts).toMatchObject({ update: 350, insert: 350 });
    expect((await rest('POST', 'sobjects/Account', { Name: 'Made', ERP_Id__c: 'new-00004' })).status).toBe(201);
    expect((await rest('DELETE', 'sobjects/Account/ERP_Id__c/OLD-00003')).status).toBe(204);
    await expect(start(reviewed)).rejects.toMatchObject(stale(2));
  });

  test('nothing that counts changed: the load runs', async () => {
    const reviewed = await planOf(keys('FRESH', 700).map((key) => [key, `Fresh ${key}`]));
    await load([['STRANGER', 'Nobody asked']]);
    const { loadId } = await start(reviewed);
    expect((await app.finished(loadId)).counts.created).toBe(700);
  });
});
