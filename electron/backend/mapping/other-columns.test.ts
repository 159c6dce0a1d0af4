import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { CleaningStep } from '../../../shared/domain/cleaning.ts';
import type { ColumnMapping, FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { startBench } from '../test-support/start-bench.ts';

const { app, orgId } = await startBench(['--records', '4']);

const EXTRAS: Readonly<Record<string, Partial<ColumnMapping>>> = {
  Credit_Limit__c: { format: { decimal: 'comma' } },
  Name: { replacements: { ACNE: 'Acme' } },
  AccountSource: { fixes: [{ kind: 'truncate' }] },
};
const MADE: CleaningStep = { kind: 'copy', column: 1, name: 'Short' };
const SITE: CleaningStep = { kind: 'constant', value: 'Web', name: 'Account Site' };

test('when the columns of a source change, all of its mapping that still fits stays, and what does not is said', async () => {
  const path = join(app.data, 'changing.csv');
  await writeFile(path, 'Key,Firm,Since,Limit\nOC-1,ACNE,03.04.2026,"1,5"\n');
  const { sourceId } = await app.stage(path);
  const names = async (steps: CleaningStep[]) =>
    (await app.call('source.clean', { sourceId, steps })).columns.map(({ name }) => name);
  const before = await names([MADE, SITE]);
  const fields = ['ERP_Id__c', 'Name', 'Customer_Since__c', 'Credit_Limit__c', 'Site', 'AccountSource'];
  const mapping: FieldMapping = {
    objectName: 'Account',
    operation: 'insert',
    matchField: null,
    columns: fields.map((field, column) => ({
      ...newColumn(column, { kind: 'field', field }),
      reason: 'chosen',
      ...EXTRAS[field],
    })),
    blankValues: 'clear',
    duplicateKeys: 'last',
  };
  const request = { orgId, sourceId, objectName: 'Account', operation: 'insert', useSaved: true } as const;
  const fitted = () => app.call('mapping.suggest', { ...request, former: { mapping, names: before } });

  // The first column that was made is gone, so that the second has its place.
  await names([SITE]);
  const { misfits, ...without } = await fitted();
  expect(misfits).toEqual([{ code: 'COLUMN_GONE', column: 'Short', field: 'Site' }]);
  expect(without).toEqual({
    ...mapping,
    columns: [...mapping.columns.slice(0, 4), { ...mapping.columns[5], column: 4 }],
  });
  // Back again, all of it is as it was.
  await names([MADE, SITE]);
  expect(await fitted()).toEqual({ ...mapping, misfits: [] });
  // A column that was not there is suggested a field, and is no news to who made it.
  await names([MADE, SITE, { kind: 'constant', value: 'Tin', name: 'Industry' }]);
  const more = await fitted();
  expect(more.misfits).toEqual([]);
  expect(more.columns.slice(0, 6)).toEqual(mapping.columns);
  expect(more.columns[6]).toMatchObject({ target: { field: 'Industry' }, reason: 'name' });
});
