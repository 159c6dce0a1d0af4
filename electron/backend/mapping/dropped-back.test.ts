import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CleaningStep } from '../../../shared/domain/cleaning.ts';
import type { ColumnMapping, FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { startBench } from '../test-support/start-bench.ts';

const { app, orgId } = await startBench();

const STEPS: CleaningStep[] = [
  { kind: 'find-replace', columns: [1], find: 'x', replacement: 'xx' },
  { kind: 'copy', column: 1, name: 'Firm again' },
  { kind: 'constant', value: 'Web', name: 'Source' },
];
const FIELDS = ['ERP_Id__c', 'Name', 'Customer_Since__c', 'Credit_Limit__c', 'Site', 'AccountSource'];
const EXTRAS: Readonly<Record<string, Partial<ColumnMapping>>> = {
  Name: { replacements: { ACNE: 'Acme' }, fixes: [{ kind: 'truncate' }] },
  Customer_Since__c: { format: { dateOrder: 'dmy' } },
  Credit_Limit__c: { format: { decimal: 'comma' } },
};

async function staged(name: string, text: string) {
  const path = join(app.data, name);
  await writeFile(path, text);
  return app.stage(path);
}

/** Object, operation and mapping as the window asks for them. */
async function recalled(sourceId: Awaited<ReturnType<typeof staged>>['sourceId']) {
  const { objectName, operation } = await app.call('mapping.guessObject', { orgId, sourceId });
  const { misfits, ...mapping } = await app.call('mapping.suggest', {
    orgId,
    sourceId,
    objectName,
    operation,
    useSaved: true,
  });
  return { mapping, misfits };
}

test('everything chosen for a file comes back for the next one with its headers, and for its error file dropped back in', async () => {
  const text = 'Key,Firm,Since,Limit\nBACK-1,ACNE,03.04.2026,"1,5"\nBACK-2,Box,03.04.2026,nothing\n';
  const { sourceId } = await staged('back.csv', text);
  await app.call('source.clean', { sourceId, steps: STEPS });
  const mapping: FieldMapping = {
    objectName: 'Account',
    operation: 'upsert',
    matchField: 'ERP_Id__c',
    columns: FIELDS.map((field, column) => ({ ...newColumn(column, { kind: 'field', field }), ...EXTRAS[field] })),
    blankValues: 'clear',
    duplicateKeys: 'first',
  };
  const built = await app.call('plan.build', { orgId, sourceId, mapping });
  const { loadId } = await app.call('load.start', { planId: built.planId, planDigest: built.planDigest });
  expect((await app.finished(loadId)).counts).toMatchObject({ created: 1, skipped: 1 });
  const asSaved = (before: number) =>
    mapping.columns.map((entry) => ({ ...entry, column: entry.column + before, reason: 'saved' }));

  const next = await staged('next.csv', text);
  expect(next.cleaning).toEqual(STEPS);
  const again = await recalled(next.sourceId);
  expect(again).toEqual({ mapping: { ...mapping, columns: asSaved(0) }, misfits: [] });

  await app.call('report.save', { loadId, file: 'error', spreadsheetSafe: false });
  const errors = await readFile(app.saved.at(-1)?.path ?? '', 'utf8');
  expect(errors).toMatch(/^sf__Id,sf__Error,Key,Firm,Since,Limit,Firm again,Source\n/);
  const dropped = await staged('back-error.csv', errors.replace(',nothing,', ',"2,5",'));
  // Its rows are as they were loaded: cleaned a second time they would be others.
  expect(dropped.cleaning).toEqual([]);
  const back = await recalled(dropped.sourceId);
  expect(back.misfits).toEqual([]);
  expect(back.mapping).toMatchObject({ ...mapping, columns: [{}, {}, ...asSaved(2)] });
  const mended = await app.call('plan.build', { orgId, sourceId: dropped.sourceId, mapping: back.mapping });
  expect(mended.counts).toMatchObject({ insert: 1, blocked: 0 });
});
