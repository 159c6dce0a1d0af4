import { expect, test } from 'vitest';
import { isWritable } from '../../../shared/domain/field-access.ts';
import type { ExportForm, ExportWay } from '../../../shared/domain/export.ts';
import type { FieldDescribe } from '../../../shared/domain/sobject.ts';
import { startBench } from '../test-support/start-bench.ts';

const { org, app, orgId } = await startBench(['--records', '80']);

async function create(objectName: string, record: object): Promise<string> {
  const answer = await fetch(`${org.url}/services/data/v66.0/sobjects/${objectName}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${org.accessToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(record),
  });
  const text = await answer.text();
  expect([answer.status, text]).toEqual([201, expect.anything()]);
  return (JSON.parse(text) as { id: string }).id;
}

/** Values that files like to lose: line breaks, quotes, edges of numbers, zeros in front, what looks like a formula or a date. */
await create('Account', {
  Name: '=1+1',
  AccountNumber: '007',
  Description: 'one\ntwo\r\nthree, "four";\tfive\n',
  AnnualRevenue: 12345678.9,
  NumberOfEmployees: 0,
  Discount__c: 12.5,
  Active__c: false,
  Customer_Since__c: '2024-02-29',
  Last_Review__c: '2026-03-29T01:30:00.000Z',
  Fax: '+49 (0)30 1',
});
const accountId = await create('Account', {
  Name: '2026-11-27',
  AccountNumber: '1E5',
  AnnualRevenue: 0.01,
  Description: '***-**-1234',
});
await create('Shipment__c', {
  Account__c: accountId,
  Cutoff__c: '23:59:59.000Z',
  Departs__c: '2026-10-25T01:59:59.000Z',
});

/** What an update can send back; compound fields come by their parts. */
function sendable(field: FieldDescribe): boolean {
  return (
    isWritable(field, 'update') && field.type !== 'address' && field.type !== 'location' && field.type !== 'base64'
  );
}

/** Ways and forms that load back: several for accounts, which have most of the types, one for the others. */
const EXPORTS: readonly { readonly form: ExportForm; readonly way: ExportWay }[] = [
  { form: { format: 'csv' }, way: 'bulk' },
  { form: { format: 'xlsx' }, way: 'rest' },
  { form: { format: 'csv', delimiter: ';', writing: { encoding: 'utf-8', mark: true } }, way: 'rest' },
];

const seen = new Set<string>();

test.each(['Account', 'Contact', 'Opportunity', 'Shipment__c', 'Berth__c', 'Event'])(
  'what is exported of %s plans as no change',
  async (objectName) => {
    const { fields } = await app.call('orgs.describe', { orgId, objectName });
    const sent = fields.filter(sendable);
    for (const { type } of sent) seen.add(type);
    const soql = `SELECT ${['Id', ...sent.map(({ name }) => name)].join(', ')} FROM ${objectName}`;
    for (const { form, way } of EXPORTS.slice(
      ...(objectName === 'Account' ? [0, 3] : [objectName.length % 2, (objectName.length % 2) + 1]),
    )) {
      const { records } = await app.call('export.query', { orgId, soql, fileName: `a.${form.format}`, form, way });
      const source = await app.stage(app.saved.at(-1)?.path ?? '');
      const about = { orgId, sourceId: source.sourceId };
      const mapping = await app.call('mapping.suggest', { ...about, objectName, operation: 'update', useSaved: false });
      const plan = await app.call('plan.build', { ...about, mapping: { ...mapping, blankValues: 'clear' } });
      expect(records).toBeGreaterThan(0);
      expect({ objectName, form, way, changed: plan.changedFields, counts: plan.counts }).toMatchObject({
        changed: [],
        counts: { unchanged: records, update: 0 },
      });
    }
  },
);

test('every type that can be sent was among them', () => {
  for (const type of [
    'string',
    'boolean',
    'int',
    'double',
    'currency',
    'percent',
    'date',
    'datetime',
    'time',
    'email',
    'phone',
    'url',
    'textarea',
    'picklist',
    'multipicklist',
    'reference',
    'combobox',
  ])
    expect([...seen]).toContain(type);
});
