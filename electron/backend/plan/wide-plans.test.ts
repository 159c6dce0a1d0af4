import { mkdtempSync, writeFileSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { SmallPlans, to } from '../test-support/small-plan.ts';
import { startBench } from '../test-support/start-bench.ts';

/**
 * Hundreds of columns that have no value twice, every other one written otherwise than Salesforce does: 600 columns of a plan and their
 * dictionaries did not fit into the engine's memory, and adding up what they take was planned for a minute (tables/sum-sql.ts).
 */
const WIDTH = 300;
const ROWS = 600;
const FIELDS = Array.from({ length: WIDTH }, (_, n) => ({
  name: `F${n}__c`,
  label: `F${n}`,
  ...(n % 2 === 0 ? { type: 'string', length: 255 } : { type: 'double' }),
}));
const NAME = { name: 'Name', label: 'Survey Name', type: 'string', length: 80, nameField: true, required: true };
const SURVEY = { name: 'Survey__c', label: 'Survey', labelPlural: 'Surveys', keyPrefix: 'a77', sampleRecords: 0 };

const schema = join(mkdtempSync(join(tmpdir(), 'longshore-wide-')), 'schema.json');
writeFileSync(schema, JSON.stringify({ objects: [{ ...SURVEY, fields: [NAME, ...FIELDS] }] }));
const { app, orgId } = await startBench(['--records', '5', '--schema', schema]);
const plans = await SmallPlans.open();
afterAll(() => plans.close());

const cell = (row: number, n: number) =>
  n % 2 === 0 ? `Value ${row * WIDTH + n} of row ${row} in column ${n}` : `${row * WIDTH + n}.50`;

test('a file of hundreds of columns without a value twice is planned', async () => {
  const path = join(app.data, 'wide.csv');
  const names = ['Name', ...FIELDS.map(({ name }) => name)];
  const lines = Array.from({ length: ROWS }, (_, row) =>
    [`Survey ${row}`, ...FIELDS.map((_field, n) => cell(row, n))].join(','),
  );
  await writeFile(path, [names.join(','), ...lines].join('\n'));
  const { sourceId } = await app.stage(path);
  const columns = names.map((name, index) => newColumn(index, to(name)));
  const whole = { objectName: 'Survey__c', columns, blankValues: 'leave', duplicateKeys: 'ask' } as const;
  const mapping = { ...whole, operation: 'insert', matchField: null } as const;
  const { planId, counts } = await app.call('plan.build', { orgId, sourceId, mapping });
  expect(counts).toMatchObject({ insert: ROWS, blocked: 0 });
  const page = { planId, kind: null, search: '', offset: ROWS - 1, limit: 1 };
  const [last] = (await app.call('plan.page', page)).rows;
  const values = FIELDS.map(({ name }, n) => ({
    field: name,
    value: n % 2 === 0 ? cell(ROWS - 1, n) : cell(ROWS - 1, n).slice(0, -1),
  }));
  expect(last).toMatchObject({ values: [{ field: 'Name', value: `Survey ${ROWS - 1}` }, ...values] });
}, 300_000);

test('columns are compared a few at a time, and every one that differs is told in its order', async () => {
  const names = Array.from({ length: 60 }, (_, n) => `T${n}__c`);
  const fields = names.map((name) => field(name, 'string', { length: 40 }));
  const describe = describeOf('Account', '001', [field('ERP_Id__c', 'string', { ...KEY, length: 40 }), ...fields]);
  const isOther = (n: number) => n % 7 === 3;
  const valuesOf = (key: string, of: (n: number) => string) => [key, ...names.map((_name, n) => of(n))];
  const record = (key: string) => ({
    Id: `001${key.padStart(12, '0')}AAA`,
    ERP_Id__c: key,
    ...Object.fromEntries(names.map((name, n) => [name, n === 24 ? null : `v${n}`])),
  });
  const { plan, rows } = await plans.plan({
    describe,
    records: { Account: [record('1'), record('2')] },
    operation: 'upsert',
    matchField: 'ERP_Id__c',
    targets: [to('ERP_Id__c'), ...names.map(to)],
    blankValues: 'clear',
    rows: [
      valuesOf('1', (n) => (isOther(n) ? `other ${n}` : n === 24 ? 'filled' : n === 25 ? '' : `v${n}`)),
      valuesOf('2', (n) => (n === 24 ? '' : `v${n}`)),
    ],
  });
  expect(plan.counts).toMatchObject({ update: 1, unchanged: 1 });
  const changed = names.filter((_name, n) => isOther(n) || n === 25);
  expect(rows[0]).toMatchObject({ changes: changed.map((name) => ({ field: name })) });
  expect(plan.changedFields.filter(({ filled }) => filled > 0).map(({ field: name }) => name)).toEqual(['T24__c']);
  expect(plan.changedFields.filter(({ cleared }) => cleared > 0).map(({ field: name }) => name)).toEqual(['T25__c']);
});
