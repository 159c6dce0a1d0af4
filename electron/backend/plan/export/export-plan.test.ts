import { readFile, writeFile } from 'node:fs/promises';
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import Papa from 'papaparse';
import { expect, test } from 'vitest';
import type { Input } from '../../../../shared/contract/procedures.ts';
import type { SourceId } from '../../../../shared/domain/ids.ts';
import type { FieldMapping, MappingTarget } from '../../../../shared/domain/field-mapping.ts';
import { newColumn } from '../../../../shared/domain/made-columns.ts';
import { secondStepText } from '../../../../shared/text/lookup-text.ts';
import { startBench } from '../../test-support/start-bench.ts';
import { to } from '../../test-support/small-plan.ts';

const { app, orgId } = await startBench();

const HOSTILE = '<script>alert(1)</script>"\'&';
const ROWS = [
  ['ERP-100001', '=1+1', '#N/A'],
  ['ERP-100002', HOSTILE, 'https://two.example'],
  ['ERP-new-1', 'Made new', ''],
  ['', 'Nobody', ''],
];

async function stage(): Promise<SourceId> {
  const path = join(app.data, 'to-review.csv');
  await writeFile(path, Papa.unparse([['Key', 'Name', 'Website'], ...ROWS]));
  return (await app.stage(path)).sourceId;
}

const mapping: FieldMapping = {
  objectName: 'Account',
  operation: 'upsert',
  matchField: 'ERP_Id__c',
  columns: [to('ERP_Id__c'), to('Name'), to('Website')].map((target, column) => ({
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

/** What was offered to be saved. */
async function saved(what: Input<'plan.export'>): Promise<string> {
  await app.call('plan.export', what);
  return readFile(app.saved.at(-1)?.path ?? '', 'utf8');
}

test('as CSV: every row, each field as it is and as it would be, and nothing that a spreadsheet would run', async () => {
  const { planId } = await app.call('plan.build', { orgId, sourceId: await stage(), mapping });
  const all = { form: 'csv' as const, planId, kind: null, search: '' };
  const text = await saved(all);
  expect(text.startsWith('\ufeff')).toBe(true);
  const { data } = Papa.parse<Record<string, string>>(text.slice(1), { header: true, skipEmptyLines: true });
  expect(data.map((row) => [row['Row'], row['Outcome'], row['ERP_Id__c']])).toEqual([
    ['1', 'Update', 'ERP-100001'],
    ['2', 'Update', 'ERP-100002'],
    ['3', 'Create', 'ERP-new-1'],
    ['4', 'Not sent', ''],
  ]);
  expect(data[0]).toMatchObject({ 'Name (after)': "'=1+1", 'Website (after)': '#N/A' });
  expect(data[0]?.['Record ID']).toMatch(/^001/);
  expect(data[1]).toMatchObject({ 'Name (after)': HOSTILE });
  expect(data[2]).toMatchObject({ 'Name (now)': '', 'Name (after)': 'Made new', 'Record ID': '' });
  expect(data[3]?.['Reason']).toContain('MATCH_VALUE_BLANK');
  const cleared = await saved({ ...all, change: { field: 'Website', how: 'cleared' } });
  expect(Papa.parse(cleared.slice(1), { header: true, skipEmptyLines: true }).data).toHaveLength(1);
});

test('as a page: what is in the file stays text, and only its own script may run', async () => {
  const plan = await app.call('plan.build', { orgId, sourceId: await stage(), mapping });
  const page = await saved({ form: 'page', planId: plan.planId });
  expect(page).toContain(plan.planDigest);
  expect(page).toContain('&lt;script&gt;alert(1)&lt;/script&gt;');
  expect(page.match(/<script/g)).toHaveLength(1);
  const script = /<script>([^]*?)<\/script>/.exec(page)?.[1] ?? '';
  const digest = createHash('sha256').update(script).digest('base64');
  const policy = /Content-Security-Policy" content="([^"]*)"/.exec(page)?.[1]?.replaceAll('&#39;', "'");
  expect(policy).toContain(`script-src 'sha256-${digest}'`);
  expect(policy).toContain("default-src 'none'");
});

test('rows that name one another: both say what is given in a second step, and a plan without one has no such column', async () => {
  const path = join(app.data, 'circle.csv');
  const ring = [
    ['X1', 'One', 'X2'],
    ['X2', 'Two', 'X1'],
    ['X3', 'Three', ''],
  ];
  await writeFile(path, Papa.unparse([['Code', 'Name', 'Neighbour'], ...ring]));
  const { sourceId } = await app.stage(path);
  const neighbour: MappingTarget = {
    kind: 'lookup',
    field: 'Neighbour__c',
    relationshipName: 'Neighbour__r',
    parentObject: 'Berth__c',
    parentField: 'Berth_Code__c',
    polymorphic: false,
  };
  const columns = [to('Berth_Code__c'), to('Name'), neighbour].map((target, column) => newColumn(column, target));
  const circle: FieldMapping = { ...mapping, objectName: 'Berth__c', operation: 'insert', matchField: null, columns };
  const plan = await app.call('plan.build', { orgId, sourceId, mapping: circle });
  if (plan.secondStep === null) throw new Error('the circle has no second step');
  const all = { form: 'csv' as const, planId: plan.planId, kind: null, search: '' };
  const lines = (text: string) => Papa.parse<Record<string, string>>(text.slice(1), { header: true }).data;
  const rows = lines(await saved(all)).filter((row) => row['Row']);
  const field = 'Neighbour__r.Berth_Code__c';
  expect(rows.map((row) => row['Second step'])).toEqual(expect.arrayContaining(['', '', field]));
  const [later] = rows.filter((row) => row['Second step'] === field);
  // The value is in the plan whole, whenever it is sent.
  expect(later?.[`${field} (after)`]).toMatch(/^X[12]$/);
  const page = await saved({ form: 'page', planId: plan.planId });
  expect(page).toContain(secondStepText(plan.secondStep));
  expect(page.split(`In a second step: ${field}`)).toHaveLength(2);

  const whole = await app.call('plan.build', { orgId, sourceId: await stage(), mapping });
  expect(lines(await saved({ ...all, planId: whole.planId }))[0]).not.toHaveProperty('Second step');
  expect(await saved({ form: 'page', planId: whole.planId })).not.toContain('second step');
});

test('an approval holds for the plan it names, and no longer once that is changed', async () => {
  const { planId, planDigest } = await app.call('plan.build', { orgId, sourceId: await stage(), mapping });
  const approval = { format: 'longshore-approval', version: 1, planDigest, approvedBy: 'Ann', comment: 'Fine.' };
  const approve = (what: object) =>
    app.call('plan.approve', {
      planId,
      fileName: 'approval.json',
      content: Buffer.from(JSON.stringify(what)).toString('base64'),
    });
  const good = { ...approval, approvedAt: '2026-11-26T10:00:00.000Z' };
  for (const bad of [{}, { ...good, version: 2 }, { ...good, approvedBy: '  ' }, { ...good, approvedAt: 'now' }])
    await expect(approve(bad)).rejects.toMatchObject({ failure: { code: 'APPROVAL_UNUSABLE', why: 'unreadable' } });
  await expect(approve({ ...good, planDigest: '0'.repeat(64) })).rejects.toMatchObject({
    failure: { code: 'APPROVAL_UNUSABLE', why: 'other' },
  });
  expect(await app.call('plan.approval', { planId, planDigest })).toBeNull();
  await approve(good);
  expect(await app.call('plan.approval', { planId, planDigest })).toMatchObject({ approvedBy: 'Ann' });
  const of = { kind: 'insert' as const, search: '' };
  const changed = await app.call('plan.leaveOut', { planId, of, field: null, takeBack: false });
  expect(await app.call('plan.approval', { planId, planDigest: changed.planDigest })).toBeNull();
  await expect(approve(good)).rejects.toMatchObject({ failure: { code: 'APPROVAL_UNUSABLE', why: 'other' } });
  // All taken back, it is the plan that was approved.
  await app.call('plan.leaveOut', { planId, of: { kind: null, search: '' }, field: null, takeBack: true });
  await approve(good);
  // The load says whose yes it had, now and later.
  const { loadId } = await app.call('load.start', { planId, planDigest });
  expect((await app.finished(loadId)).approval).toEqual(good);
  expect((await app.call('load.list', {})).find((load) => load.loadId === loadId)?.approval).toEqual(good);
});
