import { describe, expect, test } from 'vitest';
import { bulkHeader } from '../../../shared/domain/field-mapping.ts';
import { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { suggestMapping } from './suggest-mapping.ts';

const writable = { createable: true, updateable: true, nillable: true };

function object(name: string, keyPrefix: string, fields: object[]): SObjectDescribe {
  const id = {
    name: 'Id',
    label: 'Record ID',
    type: 'id',
    createable: false,
    updateable: false,
    nillable: false,
    idLookup: true,
  };
  return SObjectDescribe.parse({
    name,
    label: name,
    labelPlural: `${name}s`,
    keyPrefix,
    custom: false,
    createable: true,
    updateable: true,
    deletable: true,
    queryable: true,
    fields: [id, ...fields],
  });
}

const ACCOUNT = object('Account', '001', [
  { name: 'Name', label: 'Account Name', type: 'string', ...writable },
  { name: 'ERP_Id__c', label: 'ERP Id', type: 'string', ...writable, externalId: true, idLookup: true, unique: true },
]);
const USER = object('User', '005', [
  { name: 'Username', label: 'Username', type: 'string', ...writable, idLookup: true },
]);
const GROUP = object('Group', '00G', [
  { name: 'Username', label: 'Username', type: 'string', ...writable, idLookup: true },
]);
const CONTACT = object('Contact', '003', [
  { name: 'LastName', label: 'Last Name', type: 'string', ...writable, nillable: false },
  { name: 'Email', label: 'Email', type: 'email', ...writable, idLookup: true },
  {
    name: 'Ext__c',
    label: 'External Key',
    type: 'string',
    ...writable,
    externalId: true,
    idLookup: true,
    unique: true,
  },
  {
    name: 'Total__c',
    label: 'Total',
    type: 'double',
    createable: false,
    updateable: false,
    nillable: true,
    calculated: true,
  },
  {
    name: 'AccountId',
    label: 'Account ID',
    type: 'reference',
    ...writable,
    referenceTo: ['Account'],
    relationshipName: 'Account',
  },
  {
    name: 'OwnerId',
    label: 'Owner ID',
    type: 'reference',
    ...writable,
    referenceTo: ['Group', 'User'],
    relationshipName: 'Owner',
  },
  { name: 'MailingCity', label: 'Mailing City', type: 'string', ...writable },
]);
const PARENTS = new Map([ACCOUNT, USER, GROUP].map((parent) => [parent.name.toLowerCase(), parent]));

function suggest(
  names: string[],
  examples: string[][] = [],
  operation: 'upsert' | 'insert' | 'update' | 'delete' = 'upsert',
) {
  const mapping = suggestMapping(
    CONTACT,
    PARENTS,
    names.map((name, index) => ({ index, name })),
    examples,
    operation,
  );
  return {
    matchField: mapping.matchField,
    columns: mapping.columns.map(({ target, reason }) => [
      target.kind === 'ignored' ? null : bulkHeader(target),
      reason,
    ]),
  };
}

describe('a column finds its field, and says how', () => {
  test.each([
    ['LastName', 'LastName', 'name'],
    ['last name', 'LastName', 'label'],
    ['LAST_NAME', 'LastName', 'label'],
    ['Nachname', 'LastName', 'synonym'],
    ['Ort', 'MailingCity', 'synonym'],
    ['E-Mail Address', 'Email', 'synonym'],
    ['Account.ERP_Id__c', 'Account.ERP_Id__c', 'relationship'],
    ['Account: ERP Id', 'Account.ERP_Id__c', 'relationship'],
    ['Owner:User.Username', 'User:Owner.Username', 'relationship'],
    ['Owner.Username', null, 'no-match'],
    ['Account.Name', null, 'no-match'],
    ['Total', null, 'read-only'],
    ['sf__Error', null, 'result-column'],
    ['Shoe size', null, 'no-match'],
    ['', null, 'no-match'],
  ])('%j → %j (%s)', (name, target, reason) => {
    expect(suggest([name]).columns).toEqual([[target, reason]]);
  });

  test('a column of nothing but this object’s ids is its Id, by content', () => {
    const ids = ['0035g00000AbCdE', '0035g00000AbCdF'];
    expect(suggest(['Key'], [ids], 'update').columns).toEqual([['Id', 'content']]);
    expect(suggest(['Key'], [['0055g00000AbCdE']], 'update').columns).toEqual([['OwnerId', 'content']]);
    expect(suggest(['Key'], [['7015g00000AbCdE']], 'update').columns).toEqual([[null, 'no-match']]);
  });
});

test('of two columns for one field the better-founded one keeps it', () => {
  expect(suggest(['Nachname', 'LastName']).columns).toEqual([
    [null, 'no-match'],
    ['LastName', 'name'],
  ]);
});

test('columns of one name are left to choose by hand (F19)', () => {
  expect(suggest(['Email', 'email', 'LastName']).columns).toEqual([
    [null, 'repeated-header'],
    [null, 'repeated-header'],
    ['LastName', 'name'],
  ]);
});

test('the match field is what the file has', () => {
  expect(suggest(['LastName', 'Ext__c']).matchField).toBe('Ext__c');
  expect(suggest(['LastName', 'Email']).matchField).toBe('Email');
  expect(suggest(['LastName'], [], 'update').matchField).toBe('Id');
  expect(suggest(['LastName'], [], 'insert').matchField).toBe(null);
});

describe('values confirm what a header says, or deny it', () => {
  test.each([
    ['Record ID', ['10021', '10022'], null],
    ['Record ID', ['0035g00000AbCdE'], 'Id'],
    ['Account ID', ['4711'], null],
    ['Account ID', ['0015g00000AbCdE'], 'AccountId'],
    ['Account ID', ['0015g00000AbCdE', '0035g00000AbCdE'], 'AccountId'],
    ['Account ID', ['0015g00000AbCdE', '4711', '4712'], null],
    ['Email', ['ana@acme.com'], 'Email'],
    ['E-Mail', ['yes', 'no'], null],
    // Values to be mended are no reason to leave a column out.
    ['E-Mail', ['nobody', 'ana(at)acme.com'], 'Email'],
    ['Name', ['Ana Meyer', 'Bruno Silva'], null],
    ['Column3', ['ana@acme.com', 'bo@acme.com'], 'Email'],
    ['Manager', ['ana@acme.com', 'bo@acme.com'], null],
    ['Address 1: City', ['Berlin'], 'MailingCity'],
    ['Ort geschäftlich', ['Berlin'], 'MailingCity'],
    ['Shipping City', ['Berlin'], null],
    ['市区郡(郵送先)', ['港区'], 'MailingCity'],
  ])('%j of %j → %j', (name, values, target) => {
    expect(suggest([name], [values], 'update').columns.map(([found]) => found)).toEqual([target]);
  });
});
