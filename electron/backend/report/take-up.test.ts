import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { to } from '../test-support/small-plan.ts';
import { startBench } from '../test-support/start-bench.ts';

const { app, orgId } = await startBench(['--records', '0']);

test('rows that failed are taken up from the report, with the load’s mapping, and only they load again', async () => {
  const path = join(app.data, 'berths.csv');
  await writeFile(path, 'Code,Name\nT-1,One\nT-2,Two\n');
  const mapping: FieldMapping = {
    objectName: 'Berth__c',
    operation: 'insert',
    matchField: null,
    columns: [to('Berth_Code__c'), to('Name')].map((target, column) => newColumn(column, target)),
    blankValues: 'leave',
    duplicateKeys: 'ask',
  };
  const load = async (file: string) => {
    const { sourceId } = await app.stage(file);
    const { planId, planDigest } = await app.call('plan.build', { orgId, sourceId, mapping });
    return app.finished((await app.call('load.start', { planId, planDigest })).loadId);
  };
  await load(path);
  const second = join(app.data, 'more.csv');
  await writeFile(second, 'Code,Name\nT-2,Two again\nT-3,Three\n');
  const loaded = await load(second);
  expect(loaded.counts).toMatchObject({ created: 1, failed: 1 });
  const { loadId } = loaded;
  const sourceId = await app.call('report.takeUp', { loadId, file: 'error' });
  const source = await app.opened(sourceId, {});
  expect(source).toMatchObject({ fileName: 'more-error.csv', state: { kind: 'staged', rows: 1 } });
  const fitted = await app.call('mapping.ofLoad', { orgId, sourceId, loadId });
  expect(fitted.misfits).toEqual([]);
  const plan = await app.call('plan.build', { orgId, sourceId, mapping: fitted.mapping });
  expect(plan.counts).toMatchObject({ insert: 1, blocked: 0 });
  // The report that is saved once more leaves the rows that were taken up as they are.
  const before = await readFile(join(app.data, 'loads', loaded.planId, 'taken-up', 'error.csv'), 'utf8');
  await app.call('report.save', { loadId, file: 'error', spreadsheetSafe: false });
  expect(await readFile(join(app.data, 'loads', loaded.planId, 'taken-up', 'error.csv'), 'utf8')).toBe(before);
});
