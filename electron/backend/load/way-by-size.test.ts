import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newWay, sendingOf } from '../../../shared/domain/choose-way.ts';
import { planWay } from '../../../shared/domain/confirmation.ts';
import type { FieldMapping, WritePolicies } from '../../../shared/domain/field-mapping.ts';
import { LoadId } from '../../../shared/domain/ids.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { policyTexts } from '../../../shared/text/plan-text.ts';
import { becauseText } from '../../../shared/text/way-text.ts';
import { to } from '../test-support/small-plan.ts';
import { startBench } from '../test-support/start-bench.ts';
import { wayOf } from './whole-run.ts';

const base: FieldMapping = {
  objectName: 'Account',
  operation: 'upsert',
  matchField: 'ERP_Id__c',
  columns: [newColumn(0, to('ERP_Id__c')), newColumn(1, to('Name'))],
  blankValues: 'leave',
  duplicateKeys: 'first',
};

test.each<[WritePolicies, FieldMapping['operation'], number, string, string | null]>([
  [{}, 'insert', 1, 'bulk', null],
  [{}, 'update', 1, 'bulk', null],
  [{ way: 'automatic' }, 'insert', 1, 'bulk', 'no-key'],
  [{ way: 'automatic' }, 'insert', 2000, 'bulk', 'many-rows'],
  [{ way: 'automatic' }, 'update', 1999, 'collections', 'few-rows'],
  [{ way: 'automatic' }, 'update', 2000, 'bulk', 'many-rows'],
  [{ way: 'automatic' }, 'upsert', 1999, 'collections', 'few-rows'],
  [{ way: 'automatic' }, 'delete', 1, 'collections', 'few-rows'],
  [{ way: 'automatic', allOrNone: true }, 'insert', 2000, 'collections', null],
  [{ way: 'bulk' }, 'upsert', 1, 'bulk', null],
  [{ way: 'bulk-1' }, 'upsert', 1, 'bulk-1', null],
  [{ way: 'collections' }, 'delete', 1_000_000, 'collections', null],
  [{ way: 'collections' }, 'insert', 1, 'collections', null],
  [{ way: 'automatic' }, 'hardDelete', 1, 'bulk', null],
  [{ way: 'collections', allowDuplicates: true }, 'hardDelete', 1, 'bulk', null],
  [{ way: 'automatic' }, 'undelete', 1_000_000, 'collections', null],
])('%j, %s of %i rows: %s', (policies, operation, rows, way, because) => {
  expect(sendingOf({ ...base, policies, operation }, rows)).toEqual({ way, because });
});

test.each<[string, FieldMapping['operation'], string, number, string, string]>([
  ['User', 'insert', 'LastName', 10_001, 'bulk-1', 'locks'],
  ['user', 'upsert', 'LastName', 10_001, 'bulk-1', 'locks'],
  ['User', 'update', 'UserRoleId', 10_001, 'bulk-1', 'locks'],
  ['User', 'update', 'Phone', 10_001, 'bulk', 'many-rows'],
  // One batch has nobody beside it.
  ['User', 'insert', 'LastName', 10_000, 'bulk', 'many-rows'],
  ['GroupMember', 'insert', 'GroupId', 10_001, 'bulk-1', 'locks'],
  ['Territory2', 'delete', 'Id', 10_001, 'bulk-1', 'locks'],
  ['Contact', 'update', 'AccountId', 10_001, 'bulk', 'many-rows'],
])('%s, %s of %s, %i rows: %s, because of %s', (objectName, operation, field, rows, way, because) => {
  const mapping = { ...base, objectName, operation, columns: [newColumn(0, to(field))] };
  expect(sendingOf({ ...mapping, policies: { way: 'automatic' } }, rows)).toEqual({ way, because });
  expect(sendingOf(mapping, rows)).toEqual({ way: 'bulk', because: null });
});

test('few updates of an undo go one by one, which is no way that was chosen', () => {
  const undo: FieldMapping = {
    ...base,
    operation: 'update',
    undoOf: LoadId.parse('load_0123456789abcdef'),
    policies: { way: 'automatic' },
  };
  expect(sendingOf(undo, 50)).toEqual({ way: 'collections', because: null });
  expect(sendingOf(undo, 51)).toEqual({ way: 'collections', because: 'few-rows' });
});

test('a new mapping is given the way that is set, where its operation has it', () => {
  expect(newWay('update', 'automatic')).toBe('automatic');
  expect(newWay('update', 'bulk')).toBeUndefined();
  expect(newWay('hardDelete', 'collections')).toBeUndefined();
  expect(newWay('hardDelete', 'bulk-1')).toBe('bulk-1');
  expect(newWay('undelete', 'bulk-1')).toBeUndefined();
  expect(newWay('undelete', 'collections')).toBe('collections');
});

test('what was written for one way is sent that way, although this version would choose another', () => {
  const stored = {
    plan: { mapping: { ...base, operation: 'insert', policies: { way: 'automatic' } }, counts: { insert: 5 } },
  };
  const of = (part: Parameters<typeof wayOf>[1]) => wayOf({ stored: stored as never }, part);
  expect(of({ way: null, bytes: 0, turn: null })).toBe('collections');
  expect(of({ way: null, bytes: 90, turn: 1 })).toBe('bulk');
  expect(of({ way: 'bulk-1', bytes: 90, turn: null })).toBe('bulk-1');
});

const { org, app, orgId } = await startBench(['--records', '5', '--queue-delay', '0']);

test('a load that chooses its way goes as its plan says, and takes as many calls as were forecast', async () => {
  const mapping: FieldMapping = { ...base, policies: { way: 'automatic' } };
  const ways = [
    [40, 'Sent in one request, because it is only 40 rows: results come at once.'],
    [201, 'Sent in 2 requests, because it is only 201 rows: results come at once.'],
    [2000, 'Sent by Bulk API jobs, because it is 2,000 rows: that takes fewer calls.'],
  ] as const;
  for (const [rows, text] of ways) {
    const path = join(app.data, `sized-${rows}.csv`);
    const lines = Array.from({ length: rows }, (_, n) => `S-${rows}-${n},Sized ${rows} ${n}`);
    await writeFile(path, ['Key,Name', ...lines, ''].join('\n'));
    const { sourceId } = await app.stage(path);
    const plan = await app.call('plan.build', { orgId, sourceId, mapping });
    expect(policyTexts(plan)).toEqual([text]);
    expect(plan.mapping.policies).toEqual({ way: 'automatic' });
    const { planId, planDigest } = plan;
    const forecast = await app.call('load.forecast', { planId, planDigest });
    const before = (await org.requests()).length;
    const { loadId } = await app.call('load.start', { planId, planDigest });
    const load = await app.finished(loadId);
    expect(load.counts).toMatchObject({ created: rows });
    expect(becauseText(load.sending?.because ?? 'locks', rows)).toBe(text);
    const requests = (await org.requests()).slice(before);
    const isBulk = rows >= 2000;
    expect(requests.some(({ path: asked }) => asked.includes('/jobs/ingest'))).toBe(isBulk);
    if (!isBulk) expect(requests.length).toBe(forecast.apiCalls.least);
  }
});

test('new mappings are given the way that is set; saved ones keep theirs, and without one they go by jobs', async () => {
  const path = join(app.data, 'new-way.csv');
  await writeFile(path, 'ERP Id,Account Name\nNEW-1,One\n');
  const { sourceId } = await app.stage(path);
  const asked = { orgId, sourceId, objectName: 'Account', operation: 'upsert', useSaved: true } as const;
  const wayNow = async () => (await app.call('mapping.suggest', asked)).policies?.way;
  expect(await wayNow()).toBeUndefined();
  await app.call('settings.change', { way: 'automatic' });
  expect(await wayNow()).toBe('automatic');
  const { misfits: _none, policies: _way, ...mapping } = await app.call('mapping.suggest', asked);
  await app.call('mapping.save', { orgId, sourceId, mapping });
  expect(await wayNow()).toBeUndefined();
  const plan = await app.call('plan.build', { orgId, sourceId, mapping });
  expect(planWay(plan)).toBe('bulk');
  await app.call('mapping.save', { orgId, sourceId, mapping: { ...mapping, policies: { way: 'automatic' } } });
  await app.call('settings.change', { way: 'bulk' });
  expect(await wayNow()).toBe('automatic');
});
