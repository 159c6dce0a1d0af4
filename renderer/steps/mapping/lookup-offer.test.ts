import { expect, test } from 'vitest';
import { FieldDescribe, SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { findingFields, lookupOffer } from './lookup-offer.ts';

function field(name: string, label: string, facts: object = {}): FieldDescribe {
  return FieldDescribe.parse({
    name,
    label,
    type: 'string',
    nillable: true,
    createable: true,
    updateable: true,
    ...facts,
  });
}
const reference = (name: string, label: string, referenceTo: string[], relationshipName: string) =>
  field(name, label, { type: 'reference', referenceTo, relationshipName });

function object(name: string, fields: FieldDescribe[]): SObjectDescribe {
  const allowed = { createable: true, updateable: true, deletable: true, queryable: true, custom: false };
  return SObjectDescribe.parse({ name, label: name, labelPlural: `${name}s`, fields, ...allowed });
}

const CONTACT = object('Contact', [
  field('LastName', 'Last Name'),
  reference('AccountId', 'Account ID', ['Account'], 'Account'),
  reference('ReportsToId', 'Reports To ID', ['Contact'], 'ReportsTo'),
  reference('OwnerId', 'Owner ID', ['Group', 'User'], 'Owner'),
  reference('RecordTypeId', 'Record Type ID', ['RecordType'], 'RecordType'),
  reference('Broker__c', 'Broker', ['Account'], 'Broker__r'),
]);

test.each([
  ['Account Name', 'AccountId', 'Account', 'Name'],
  ['ACCOUNT', 'AccountId', 'Account', 'Name'],
  ['Owner E-Mail', 'OwnerId', 'User', 'Email'],
  ['owner.username', 'OwnerId', 'User', 'Username'],
  ['Record Type', 'RecordTypeId', 'RecordType', 'Name'],
  ['RecordType.DeveloperName', 'RecordTypeId', 'RecordType', 'DeveloperName'],
  ['Reports To: Full Name', 'ReportsToId', 'Contact', 'Name'],
  ['Broker', 'Broker__c', 'Account', 'Name'],
])('%s offers a lookup', (header, name, parentObject, parentField) => {
  expect(lookupOffer(header, CONTACT, new Set())).toMatchObject({
    kind: 'found',
    field: name,
    parentObject,
    parentField,
  });
});

test.each(['Accounting', 'Account Number', 'Account Username', 'Owner Phone', 'Name', 'Email', ''])(
  '%s offers none',
  (header) => {
    expect(lookupOffer(header, CONTACT, new Set())).toBeNull();
  },
);

test('a field that another column fills is not offered', () => {
  expect(lookupOffer('Account Name', CONTACT, new Set(['AccountId']))).toBeNull();
});

test('rows with an inactive user are not sent where it is the owner only', () => {
  expect(lookupOffer('Owner', CONTACT, new Set())?.whenInactive).toBe('home');
  expect(lookupOffer('Reports To', CONTACT, new Set())?.whenInactive).toBe('use');
});

test('fields that find a parent: the name and keys first, long texts not at all', () => {
  const account = object('Account', [
    field('Description', 'Description', { type: 'textarea', length: 32_000, filterable: false }),
    field('BillingCity', 'Billing City'),
    field('ERP_Id__c', 'ERP Id', { externalId: true }),
    field('Name', 'Account Name', { nameField: true }),
  ]);
  expect(findingFields(account).map(({ name }) => name)).toEqual(['Name', 'ERP_Id__c', 'BillingCity']);
});
