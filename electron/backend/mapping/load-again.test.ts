import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CleaningStep } from '../../../shared/domain/cleaning.ts';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { startBench } from '../test-support/start-bench.ts';

const { app, orgId } = await startBench();

const STEPS: CleaningStep[] = [
  { kind: 'find-replace', columns: [1], find: 'x', replacement: 'xx' },
  { kind: 'constant', value: 'Web', name: 'Source' },
];
const MAPPING: FieldMapping = {
  objectName: 'Account',
  operation: 'upsert',
  matchField: 'ERP_Id__c',
  columns: ['ERP_Id__c', 'Name', 'AccountSource'].map((field, column) => newColumn(column, { kind: 'field', field })),
  blankValues: 'clear',
  duplicateKeys: 'first',
};
const SAVED = MAPPING.columns.map((entry) => ({ ...entry, reason: 'saved' }));
const path = join(app.data, 'again.csv');

async function digestOf(sourceId: Awaited<ReturnType<typeof app.stage>>['sourceId']) {
  const { state } = await app.call('source.get', { sourceId });
  return state.kind === 'staged' ? state.digest : null;
}

async function loaded(key: string) {
  await writeFile(path, `Key,Firm\n${key},Box\n`);
  const { sourceId } = await app.stage(path);
  await app.call('source.clean', { sourceId, steps: STEPS });
  const { planId, planDigest } = await app.call('plan.build', { orgId, sourceId, mapping: MAPPING });
  const { loadId } = await app.call('load.start', { planId, planDigest });
  return { sourceId, load: await app.finished(loadId) };
}

test('a load can be prepared once more: its own file, mapping, steps and policies, whatever was done to the file since', async () => {
  const { sourceId, load } = await loaded('AGAIN-1');
  const { loadId } = load;
  await app.call('source.clean', { sourceId, steps: [] });
  expect(await app.call('load.source', { loadId })).toEqual({ sourceId });
  const fitted = await app.call('mapping.ofLoad', { orgId, sourceId, loadId });
  expect(fitted).toEqual({ mapping: { ...MAPPING, columns: SAVED }, cleaning: STEPS, misfits: [] });
  expect(await digestOf(sourceId)).not.toBe(load.sourceDigest);
  await app.call('source.clean', { sourceId, steps: fitted.cleaning });
  expect(await digestOf(sourceId), 'its rows are those of the load').toBe(load.sourceDigest);
  const { counts } = await app.call('plan.build', { orgId, sourceId, mapping: fitted.mapping });
  expect(counts).toMatchObject({ insert: 0, unchanged: 1 });
});

test('a file with other columns has the mapping brought to them, and what does not fit is told', async () => {
  const { load } = await loaded('AGAIN-2');
  await writeFile(path, 'Fax,Key\n1,AGAIN-2\n');
  const { sourceId } = await app.stage(path);
  const fitted = await app.call('mapping.ofLoad', { orgId, sourceId, loadId: load.loadId });
  expect(fitted.mapping.columns.map(({ target }) => ('field' in target ? target.field : null))).toEqual([
    null,
    'ERP_Id__c',
    'AccountSource',
  ]);
  expect(fitted.cleaning).toEqual([STEPS[1]]);
  expect(fitted.misfits.map(({ code }) => code)).toEqual(['COLUMN_GONE', 'COLUMNS_NEW', 'STEP_LOST']);
});

test('a file that is gone, or a source that was forgotten, is not offered', async () => {
  const { sourceId, load } = await loaded('AGAIN-3');
  const { loadId } = load;
  await rm(path);
  expect(await app.call('load.source', { loadId })).toEqual({ sourceId: null });
  await writeFile(path, 'Key,Firm\nAGAIN-1,Box\n');
  expect(await app.call('load.source', { loadId })).toEqual({ sourceId });
  await app.call('source.forget', { sourceId });
  expect(await app.call('load.source', { loadId })).toEqual({ sourceId: null });
});
