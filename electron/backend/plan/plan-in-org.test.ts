import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FieldMapping, MappingTarget } from '../../../shared/domain/field-mapping.ts';
import type { SourceId } from '../../../shared/domain/ids.ts';
import type { LoadPlan } from '../../../shared/domain/load-plan.ts';
import { startBench } from '../test-support/start-bench.ts';
import { to } from '../test-support/small-plan.ts';

const settings = new Map<string, unknown>();
const { org, app, orgId } = await startBench([], { settings });

let files = 0;
async function stage(text: string): Promise<SourceId> {
  const path = join(app.data, `in-org-${++files}.csv`);
  await writeFile(path, text);
  return (await app.stage(path)).sourceId;
}

function mappingOf(
  objectName: string,
  operation: FieldMapping['operation'],
  matchField: string | null,
  targets: readonly MappingTarget[],
): FieldMapping {
  return {
    objectName,
    operation,
    matchField,
    columns: targets.map((target, column) => ({
      column,
      target,
      reason: 'chosen',
      format: {},
      replacements: {},
      fixes: [],
    })),
    blankValues: 'leave',
    duplicateKeys: 'ask',
  };
}

async function load({ planId, planDigest }: LoadPlan) {
  const { loadId } = await app.call('load.start', { planId, planDigest });
  return (await app.finished(loadId)).counts;
}

async function inOrg(soql: string): Promise<Record<string, unknown>[]> {
  const answer = await fetch(`${org.url}/services/data/v67.0/query?q=${encodeURIComponent(soql)}`, {
    headers: { authorization: `Bearer ${org.accessToken}` },
  });
  return ((await answer.json()) as { records: Record<string, unknown>[] }).records;
}

const WHAT: Extract<MappingTarget, { kind: 'lookup' }> = {
  kind: 'lookup',
  field: 'WhatId',
  relationshipName: 'What',
  parentObject: 'Account',
  parentField: 'ERP_Id__c',
  polymorphic: true,
};

test('tasks of accounts by their external id: created, found unchanged, changed', async () => {
  const mapping = mappingOf('Task', 'upsert', 'Activity_Key__c', [
    to('Activity_Key__c'),
    to('Subject'),
    to('Status'),
    to('Priority'),
    WHAT,
  ]);
  const planOf = async (rows: string) => {
    const text = `Key,Subject,Status,Priority,Account\n${rows}`;
    return app.call('plan.build', { orgId, sourceId: await stage(text), mapping });
  };
  const row = (key: string, account: string) => `${key},Call,Not Started,Normal,${account}\n`;
  const first = await planOf(row('T-1', 'ERP-100001') + row('T-2', 'ERP-100002') + row('T-3', 'ERP-nowhere'));
  expect(first.counts).toMatchObject({ insert: 2, blocked: 1 });
  expect(await load(first)).toMatchObject({ created: 2, skipped: 1 });
  // The same again, with the parent's key in another case: nothing to send.
  const second = await planOf(row('t-1', 'erp-100001') + row('T-2', 'ERP-100002'));
  expect(second.counts).toMatchObject({ unchanged: 2, update: 0 });
  const third = await planOf(row('T-1', 'ERP-100003') + row('T-2', 'ERP-100002'));
  expect(third.counts).toMatchObject({ update: 1, unchanged: 1 });
  expect(third.changedFields).toEqual([{ field: 'Account:What.ERP_Id__c', rows: 1, filled: 0, cleared: 0 }]);
  expect(await load(third)).toMatchObject({ updated: 1, unchanged: 1 });
  expect((await planOf(row('T-1', 'ERP-100003'))).counts).toMatchObject({ unchanged: 1 });
});

test('a mapping with a crafted name is refused before anything is read or sent', async () => {
  const secret = join(app.data, 'secret.txt');
  await writeFile(secret, 'kept here');
  const sourceId = await stage('Key,Account\nT-9,ERP-100001\n');
  const crafted = `What.ERP_Id__c" , (SELECT string_agg(content, '') FROM read_text('${secret}')) AS "x`;
  const given = mappingOf('Task', 'upsert', 'Activity_Key__c', [
    to('Activity_Key__c'),
    { ...WHAT, relationshipName: crafted },
  ]);
  const request = { orgId, sourceId, mapping: given };
  const report = await app.call('checks.run', request);
  expect(report.mappingIssues.map(({ code, level }) => [code, level])).toContainEqual(['FIELD_UNKNOWN', 'block']);
  await expect(app.call('plan.build', request)).rejects.toMatchObject({ failure: { code: 'MAPPING_BLOCKED' } });
  await expect(app.call('mapping.save', request)).rejects.toMatchObject({ failure: { code: 'MAPPING_BLOCKED' } });
  for (const change of [
    { objectName: 'Task/../Account' },
    { objectName: "Task' OR Name != '" },
  ] satisfies Partial<FieldMapping>[])
    await expect(app.call('plan.build', { ...request, mapping: { ...given, ...change } })).rejects.toMatchObject({
      failure: { code: 'OBJECT_UNKNOWN' },
    });
  const outside = { ...given, columns: given.columns.map((one) => ({ ...one, column: one.column + 5 })) };
  const { mappingIssues } = await app.call('checks.run', { ...request, mapping: outside });
  expect(mappingIssues).toContainEqual({ code: 'COLUMNS_DO_NOT_FIT', level: 'block', columns: [6, 7] });
});

test('a saved mapping that was tampered with loses what the org does not name', async () => {
  const sourceId = await stage('Kept key,Kept account\nT-9,ERP-100001\n');
  const mapping = mappingOf('Task', 'upsert', 'Activity_Key__c', [to('Activity_Key__c'), WHAT]);
  await app.call('mapping.save', { orgId, sourceId, mapping });
  const text = JSON.stringify(settings.get('mappings'));
  expect(text).toContain('"relationshipName":"What"');
  settings.set(
    'mappings',
    JSON.parse(text.replaceAll('"relationshipName":"What"', String.raw`"relationshipName":"W\"hat"`)),
  );
  const request = { orgId, sourceId, objectName: 'Task', operation: 'upsert' as const, useSaved: true };
  const found = await app.call('mapping.suggest', request);
  expect(found.columns.map(({ target, reason }) => [target.kind, reason])).toEqual([
    ['field', 'saved'],
    ['ignored', 'no-match'],
  ]);
});

test('a delete shows who would go, with what hangs from it; rows left out of the plan stay in the org', async () => {
  const accounts = await inOrg("SELECT Id, Name, Phone FROM Account WHERE ERP_Id__c IN ('ERP-100001', 'ERP-100002')");
  expect(accounts).toHaveLength(2);
  const text = ['Id,Phone', ...accounts.map((account) => `${String(account['Id'])},another`)].join('\n');
  const mapping = {
    ...mappingOf('Account', 'delete', 'Id', [to('Id'), to('Phone')]),
    shownFields: ['ERP_Id__c', 'Name) FROM User --'],
  };
  const plan = await app.call('plan.build', { orgId, sourceId: await stage(text), mapping });
  expect(plan.shownFields).toEqual(['Name', 'Phone', 'ERP_Id__c', 'LastModifiedDate']);
  const { planId } = plan;
  const { rows } = await app.call('plan.page', { planId, kind: 'delete', search: '', offset: 0, limit: 10 });
  for (const [at, row] of rows.entries()) {
    const account = accounts.find(({ Id }) => row.kind === 'delete' && Id === row.id);
    expect(row).toMatchObject({
      values: expect.arrayContaining([{ field: 'Name', value: account?.['Name'] }]) as unknown,
      row: at + 1,
    });
  }
  const ids = accounts.map(({ Id }) => `'${String(Id)}'`).join(',');
  const contacts = await inOrg(`SELECT Id, AccountId FROM Contact WHERE AccountId IN (${ids})`);
  const { children, calls } = await app.call('plan.children', { planId });
  expect(children.find(({ objectName }) => objectName === 'Contact')).toMatchObject({
    field: 'AccountId',
    records: contacts.length,
    rows: new Set(contacts.map(({ AccountId }) => AccountId)).size,
  });
  expect(calls).toBeGreaterThan(1);

  const [first] = rows;
  const of = { rows: first ? [first.row] : [] };
  const without = await app.call('plan.leaveOut', { planId, of, field: null, takeBack: false });
  expect(without).toMatchObject({ counts: { delete: 1, leftOut: 1, blocked: 0 }, leftOut: { rows: 1 } });
  await expect(app.call('load.start', { planId, planDigest: plan.planDigest })).rejects.toMatchObject({
    failure: { code: 'PLAN_STALE', why: 'digest' },
  });
  await load(without);
  const left = await inOrg(`SELECT Id FROM Account WHERE Id IN (${ids})`);
  expect(left).toHaveLength(1);
  await expect(app.call('plan.leaveOut', { planId, of, field: null, takeBack: true })).rejects.toMatchObject({
    failure: { code: 'PLAN_STALE', why: 'used' },
  });
});
