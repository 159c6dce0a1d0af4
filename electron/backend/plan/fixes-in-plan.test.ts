import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { ColumnFix } from '../../../shared/domain/column-fix.ts';
import { SourceRowNumber } from '../../../shared/domain/ids.ts';
import { checkedGroups, foundInOrg } from '../../../shared/domain/row-groups.ts';
import { totalOf } from '../../../shared/domain/load-results.ts';
import { startBench } from '../test-support/start-bench.ts';

const { app, orgId } = await startBench(['--records', '4']);

async function staged(objectName: string, lines: readonly string[], fixes: Record<string, ColumnFix[]>) {
  const path = join(app.data, `${objectName}.csv`);
  await writeFile(path, `${lines.join('\n')}\n`);
  const { sourceId, columns } = await app.stage(path);
  const wanted = { orgId, sourceId, objectName, operation: 'upsert', useSaved: false } as const;
  const suggested = await app.call('mapping.suggest', wanted);
  const mapping = {
    ...suggested,
    columns: suggested.columns.map((one) => ({ ...one, fixes: fixes[columns[one.column]?.name ?? ''] ?? [] })),
  };
  return { orgId, sourceId, mapping };
}

test('what was rounded, cut off, filled and left out is so in the org, and unchanged when it is planned again', async () => {
  const fixes: Record<string, ColumnFix[]> = {
    Port_Code__c: [{ kind: 'truncate' }, { kind: 'fill', text: 'DEHAM' }],
    Depth__c: [{ kind: 'round' }],
    Contact_Email__c: [{ kind: 'exclude', value: 'nobody' }],
  };
  const lines = [
    'Name,Berth_Code__c,Port_Code__c,Depth__c,Contact_Email__c',
    'A,FIX-1,NLRTMXX,12.3456,a@b.co',
    'B,FIX-2,,7.005,',
    'C,FIX-3,NLAMS,3,nobody',
  ];
  const asked = await staged('Berth__c', lines, fixes);
  const first = await app.call('plan.build', asked);
  expect(first.counts).toMatchObject({ insert: 2, leftOut: 1, blocked: 0 });
  const started = await app.call('load.start', { planId: first.planId, planDigest: first.planDigest });
  const load = await app.finished(started.loadId);
  expect(load.counts).toMatchObject({ created: 2, leftOut: 1, skipped: 0, failed: 0 });
  const again = await app.call('plan.build', asked);
  expect(again.counts).toMatchObject({ insert: 0, update: 0, unchanged: 2, leftOut: 1, blocked: 0 });
  const { records } = await app.call('export.query', {
    orgId,
    soql: "SELECT Berth_Code__c, Port_Code__c, Depth__c FROM Berth__c WHERE Berth_Code__c LIKE 'FIX-%'",
    fileName: 'fixed.csv',
  });
  expect(records).toBe(2);
  const leftOut = await app.call('report.page', { loadId: started.loadId, kinds: ['leftOut'], offset: 0, limit: 5 });
  expect(leftOut.rows).toMatchObject([
    { row: 3, error: 'LEFT_OUT: Row 3 (line 4), Contact_Email__c: Left out by you.' },
  ]);
});

test('checks and plan count the same rows: what the plan adds is what only the org can tell', async () => {
  const lines = [
    'Tracking_Code__c,Account__r.ERP_Id__c,Weight__c',
    'ST-1,ERP-100001,1',
    'ST-2,ERP-100002,heavy',
    'ST-3,ERP-100003,none',
    'ST-4,nowhere,4',
    'ST-5,ERP-100001,5',
    'ST-5,ERP-100001,5',
    ',ERP-100001,6',
  ];
  const asked = await staged('Shipment__c', lines, { Weight__c: [{ kind: 'exclude', value: 'none' }] });
  const checks = await app.call('checks.run', asked);
  const plan = await app.call('plan.build', asked);
  const before = checkedGroups(checks, null);
  const after = checkedGroups(checks, plan.counts);
  expect(before).toEqual({ ready: 3, repeated: 1, leftOut: 1, notSent: 2 });
  expect(after).toEqual({ ready: 2, repeated: 1, leftOut: 1, notSent: 3 });
  expect(foundInOrg(checks, plan.counts)).toBe(1);
  // What is left out of the plan is nothing to fix.
  const less = await app.call('plan.leaveOut', {
    planId: plan.planId,
    of: { rows: [SourceRowNumber.parse(1)] },
    field: null,
    takeBack: false,
  });
  expect(checkedGroups(checks, less.counts)).toEqual({ ready: 1, repeated: 1, leftOut: 2, notSent: 3 });
  expect(foundInOrg(checks, less.counts)).toBe(1);
  await app.call('plan.leaveOut', {
    planId: plan.planId,
    of: { rows: [SourceRowNumber.parse(1)] },
    field: null,
    takeBack: true,
  });
  expect([totalOf(before), totalOf(after), checks.rows]).toEqual([7, 7, 7]);
  const { rows } = await app.call('plan.page', {
    planId: plan.planId,
    kind: 'blocked',
    search: '',
    offset: 0,
    limit: 10,
  });
  const codes = rows.flatMap((row) => (row.kind === 'blocked' ? [row.issues.map(({ code }) => code).join(' ')] : []));
  expect(codes).toEqual(['NOT_A_NUMBER', 'LOOKUP_NOT_FOUND', 'MATCH_VALUE_BLANK']);
});
