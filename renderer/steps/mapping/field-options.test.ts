import { expect, test } from 'vitest';
import { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { fieldOptions } from './field-options.ts';

const fact = { type: 'string', createable: true, updateable: true, nillable: true };
const describe = SObjectDescribe.parse({
  name: 'Thing__c',
  label: 'Thing',
  labelPlural: 'Things',
  custom: true,
  createable: true,
  updateable: true,
  deletable: true,
  queryable: true,
  fields: [
    { ...fact, name: 'Id', label: 'Record ID', type: 'id', createable: false, updateable: false, nillable: false },
    { ...fact, name: 'Name', label: 'Name', nillable: false },
    { ...fact, name: 'Key__c', label: 'Key', externalId: true, inlineHelpText: 'Of the old system' },
    { ...fact, name: 'Parent__c', label: 'Parent', type: 'reference', updateable: false },
    { ...fact, name: 'Closed__c', label: 'Closed', createable: false },
    { ...fact, name: 'Total__c', label: 'Total', calculated: true, createable: false, updateable: false },
    { ...fact, name: 'Secret__c', label: 'Secret', createable: false, updateable: false },
    { ...fact, name: 'Place__c', label: 'Place', type: 'location' },
    { ...fact, name: 'CreatedDate', label: 'Created', type: 'datetime', createable: false, updateable: false },
  ],
});

function badges(operation: 'insert' | 'update' | 'upsert' | 'delete', matchField: string | null) {
  return Object.fromEntries(
    fieldOptions(describe, { operation, matchField }).map(({ name, badges, open }) => [
      name,
      [open ? 'open' : 'closed', ...badges.map(({ text }) => text)].join(', '),
    ]),
  );
}

test('each operation says of each field what it can do with it', () => {
  expect(badges('upsert', 'Key__c')).toEqual({
    Id: 'open',
    Name: 'open, required',
    Key__c: 'open, finds the record, external ID',
    Parent__c: 'open, only when created',
    Closed__c: 'open, only when updated',
    Total__c: 'closed, formula',
    Secret__c: 'closed, no access',
    Place__c: 'closed, made up of other fields',
    CreatedDate: 'closed, read-only',
  });
  expect(badges('insert', null)).toMatchObject({
    Id: 'closed, given by Salesforce',
    Name: 'open, required',
    Parent__c: 'open',
    Closed__c: 'closed, only by update',
  });
  expect(badges('update', 'Id')).toMatchObject({
    Id: 'open, finds the record',
    Name: 'open',
    Parent__c: 'closed, only when created',
    Closed__c: 'open',
  });
});

test('fields that can be filled come first, and help text comes along', () => {
  const options = fieldOptions(describe, { operation: 'insert', matchField: null });
  expect(options.map(({ open }) => open)).toEqual(
    [...options.map(({ open }) => open)].sort((a, b) => Number(b) - Number(a)),
  );
  expect(options.find(({ name }) => name === 'Key__c')?.help).toBe('Of the old system');
});
