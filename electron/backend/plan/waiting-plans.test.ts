import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { driftTexts } from '../../../shared/text/plan-text.ts';
import { BackendProcess } from '../test-support/load-model/backend-process.ts';
import { SOURCES } from '../test-support/load-model/process-files.ts';
import { to } from '../test-support/small-plan.ts';
import { startPracticeOrg } from '../test-support/start-backend.ts';

const org = await startPracticeOrg();
const root = await mkdtemp(join(tmpdir(), 'longshore-waiting-'));
const data = join(root, 'data');
const running: BackendProcess[] = [];
afterAll(async () => {
  for (const process of running) await process.close();
  org.stop();
  await rm(root, { recursive: true, force: true, maxRetries: 5 });
});

const mapping: FieldMapping = {
  objectName: 'Account',
  operation: 'upsert',
  matchField: 'ERP_Id__c',
  columns: [to('ERP_Id__c'), to('Phone')].map((target, column) => newColumn(column, target)),
  blankValues: 'leave',
  duplicateKeys: 'ask',
};

/** A process on the one data folder, signed in. */
async function start() {
  const process = new BackendProcess(SOURCES);
  running.push(process);
  await process.open(data);
  const target = { kind: 'custom' as const, loginUrl: org.url };
  const { orgId } = await process.must('orgs.signIn', { target, clientId: 'Longshore' });
  return { process, orgId };
}

async function changeInOrg(key: string, phone: string): Promise<void> {
  const path = `/services/data/v66.0/sobjects/Account/ERP_Id__c/${key}`;
  const headers = { authorization: `Bearer ${org.accessToken}`, 'content-type': 'application/json' };
  const answer = await fetch(org.url + path, { method: 'PATCH', headers, body: JSON.stringify({ Phone: phone }) });
  expect(answer.ok).toBe(true);
}

test('a plan outlives its process: the same digest, choices and approval; what has moved on is told', async () => {
  const file = join(root, 'accounts.csv');
  await writeFile(file, 'Key,Phone\nERP-100001,1\nERP-100002,2\nERP-100003,3\n');
  const first = await start();
  const { sourceId } = await first.process.stage(file);
  const { planId } = await first.process.must('plan.build', { orgId: first.orgId, sourceId, mapping });
  const of = { rows: [2] } as unknown as { rows: never[] };
  const plan: LoadPlan = await first.process.must('plan.leaveOut', { planId, of, field: null, takeBack: false });
  const { planDigest } = plan;
  const yes = { format: 'longshore-approval', version: 1, planDigest, approvedBy: 'Ann', comment: '' };
  const content = Buffer.from(JSON.stringify({ ...yes, approvedAt: '2026-11-26T10:00:00.000Z' })).toString('base64');
  await first.process.must('plan.approve', { planId, fileName: 'approval.json', content });

  // Nobody else opens it while it is open there.
  const beside = await start();
  expect(await beside.process.must('plan.list', {})).toEqual([]);
  expect(await beside.process.call('plan.reopen', { planId })).toMatchObject({ failure: { code: 'PLAN_UNKNOWN' } });
  await beside.process.close();
  await first.process.kill();

  const second = await start();
  expect(await second.process.must('plan.list', {})).toMatchObject([
    {
      planId,
      planDigest,
      fileName: 'accounts.csv',
      approval: { approvedBy: 'Ann' },
      counts: { update: 2, leftOut: 1 },
    },
  ]);
  const reopened = await second.process.must('plan.reopen', { planId });
  expect(reopened).toEqual({ plan, columns: ['Key', 'Phone'] });
  const view = { planId, kind: null, search: '', offset: 0, limit: 10 };
  const { rows } = await second.process.must('plan.page', view);
  expect(rows.map(({ kind }) => kind)).toEqual(['update', 'leftOut', 'update']);
  expect(await second.process.must('plan.approval', { planId, planDigest })).toMatchObject({ approvedBy: 'Ann' });
  const still = await second.process.must('load.drift', { planId });
  expect(still).toEqual({ file: 'same', fields: false, rows: 0 });
  expect(driftTexts(still)).toEqual([]);

  await changeInOrg('ERP-100003', '+49 1');
  await writeFile(file, 'Key,Phone\nERP-100001,other\n');
  const moved = async () => second.process.must('load.drift', { planId });
  await expect.poll(moved, { timeout: 10_000 }).toEqual({ file: 'changed', fields: false, rows: 1 });
  expect((await second.process.must('plan.moved', { planId, offset: 0, limit: 10 })).rows).toMatchObject([
    { row: 3, key: 'ERP-100003', what: 'changed' },
  ]);
  expect(await second.process.call('load.start', { planId, planDigest })).toMatchObject({
    failure: { code: 'PLAN_STALE', why: 'drift' },
  });

  // Removed, it is gone with all that it had.
  await second.process.must('plan.forget', { planId });
  expect(await second.process.must('plan.list', {})).toEqual([]);
  expect(await readdir(join(data, 'loads'))).toEqual([]);
}, 60_000);

test('a plan that is opened again is loaded as it was reviewed, and waits no longer', async () => {
  const file = join(root, 'loaded.csv');
  await writeFile(file, 'Key,Phone\nERP-100011,11\nERP-100012,12\n');
  const first = await start();
  const { sourceId } = await first.process.stage(file);
  const { planId, planDigest } = await first.process.must('plan.build', { orgId: first.orgId, sourceId, mapping });
  await first.process.kill();
  const second = await start();
  await second.process.must('plan.reopen', { planId });
  const { loadId } = await second.process.must('load.start', { planId, planDigest });
  expect(await second.process.settled(loadId, 20_000)).toMatchObject({
    state: { kind: 'finished' },
    counts: { updated: 2 },
  });
  expect(await second.process.must('plan.list', {})).toEqual([]);
}, 60_000);
