import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadWay, type FieldMapping, type WritePolicies } from '../../../shared/domain/field-mapping.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { policyTexts } from '../../../shared/text/plan-text.ts';
import { to } from '../test-support/small-plan.ts';
import { startBench } from '../test-support/start-bench.ts';

test.each<[WritePolicies, FieldMapping['operation'], number, string]>([
  [{}, 'insert', 1, 'bulk'],
  [{ way: 'automatic' }, 'insert', 1, 'collections'],
  [{ way: 'automatic' }, 'update', 1999, 'collections'],
  [{ way: 'automatic' }, 'update', 2000, 'bulk'],
  [{ way: 'automatic', allOrNone: true }, 'update', 2000, 'collections'],
  [{ way: 'bulk' }, 'upsert', 1, 'bulk'],
  [{ way: 'collections' }, 'delete', 1_000_000, 'collections'],
  [{ way: 'automatic' }, 'hardDelete', 1, 'bulk'],
  [{ way: 'collections', allowDuplicates: true }, 'hardDelete', 1, 'bulk'],
  [{ way: 'automatic' }, 'undelete', 1_000_000, 'collections'],
])('%j, %s of %i rows: %s', (policies, operation, rows, way) => {
  expect(loadWay({ policies, operation }, rows)).toBe(way);
});

const { org, app, orgId } = await startBench(['--records', '5', '--queue-delay', '0']);

test('a load that chooses its way goes as its plan says, and takes as many calls as were forecast', async () => {
  const mapping: FieldMapping = {
    objectName: 'Account',
    operation: 'insert',
    matchField: null,
    columns: [newColumn(0, to('Name'))],
    blankValues: 'leave',
    duplicateKeys: 'first',
    policies: { way: 'automatic' },
  };
  const ways = [
    [40, 'Sent in one request, because it is only 40 rows: results come at once.'],
    [201, 'Sent in 2 requests, because it is only 201 rows: results come at once.'],
    [2000, 'Sent by Bulk API jobs, because it is 2,000 rows: that takes fewer calls.'],
  ] as const;
  for (const [rows, text] of ways) {
    const path = join(app.data, `sized-${rows}.csv`);
    await writeFile(path, ['Name', ...Array.from({ length: rows }, (_, n) => `Sized ${rows} ${n}`), ''].join('\n'));
    const { sourceId } = await app.stage(path);
    const plan = await app.call('plan.build', { orgId, sourceId, mapping });
    expect(policyTexts(plan)).toEqual([text]);
    const { planId, planDigest } = plan;
    const forecast = await app.call('load.forecast', { planId, planDigest });
    const before = (await org.requests()).length;
    const { loadId } = await app.call('load.start', { planId, planDigest });
    const load = await app.finished(loadId);
    expect(load.counts).toMatchObject({ created: rows });
    const requests = (await org.requests()).slice(before);
    const isBulk = rows >= 2000;
    expect(requests.some(({ path: asked }) => asked.includes('/jobs/ingest'))).toBe(isBulk);
    if (!isBulk) expect(requests.length).toBe(forecast.apiCalls.least);
  }
});
