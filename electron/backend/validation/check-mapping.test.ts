import { describe, expect, test } from 'vitest';
import type { ColumnMapping, FieldMapping, MappingTarget } from '../../../shared/domain/field-mapping.ts';
import { SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { mappingIssueText } from '../../../shared/text/mapping-issue-text.ts';
import { checkMapping } from './check-mapping.ts';

const writable = { createable: true, updateable: true, nillable: true };
const readOnly = { createable: false, updateable: false, nillable: true };

const CONTACT = SObjectDescribe.parse({
  name: 'Contact',
  label: 'Contact',
  labelPlural: 'Contacts',
  keyPrefix: '003',
  custom: false,
  createable: true,
  updateable: true,
  deletable: true,
  queryable: true,
  fields: [
    {
      name: 'Id',
      label: 'Record ID',
      type: 'id',
      ...readOnly,
      nillable: false,
      defaultedOnCreate: true,
      idLookup: true,
    },
    { name: 'LastName', label: 'Last Name', type: 'string', ...writable, nillable: false },
    { name: 'Phone', label: 'Phone', type: 'phone', ...writable },
    { name: 'Ext__c', label: 'Ext', type: 'string', ...writable, externalId: true, idLookup: true },
    { name: 'Total__c', label: 'Total', type: 'double', ...readOnly, calculated: true },
    { name: 'Number__c', label: 'Number', type: 'string', ...readOnly, autoNumber: true },
    { name: 'MailingAddress', label: 'Address', type: 'address', ...readOnly },
    { name: 'Salary__c', label: 'Salary', type: 'currency', ...readOnly },
    { name: 'CreatedDate', label: 'Created', type: 'datetime', ...readOnly },
    {
      name: 'AccountId',
      label: 'Account ID',
      type: 'reference',
      ...writable,
      referenceTo: ['Account'],
      relationshipName: 'Account',
    },
  ],
});

const ACCOUNT = SObjectDescribe.parse({
  ...CONTACT,
  name: 'Account',
  label: 'Account',
  labelPlural: 'Accounts',
  fields: [{ name: 'Name', label: 'Name', type: 'string', ...writable }],
});

const to = (field: string | null): MappingTarget => (field === null ? { kind: 'ignored' } : { kind: 'field', field });

function issues(
  operation: FieldMapping['operation'],
  matchField: string | null,
  targets: (string | null | MappingTarget)[],
  names?: string[],
): string[] {
  const columns: ColumnMapping[] = targets.map((target, column) => ({
    column,
    target: target === null || typeof target === 'string' ? to(target) : target,
    reason: 'name',
    format: {},
    replacements: {},
    fixes: [],
  }));
  const mapping: FieldMapping = {
    objectName: 'Contact',
    operation,
    matchField,
    columns,
    blankValues: 'leave',
    duplicateKeys: 'ask',
  };
  const source = targets.map((target, index) => ({
    index,
    name: names?.[index] ?? (typeof target === 'string' ? target : `Column${index}`),
  }));
  return checkMapping(mapping, CONTACT, new Map([['account', ACCOUNT]]), source).issues.map(
    (issue) => `${issue.level}: ${mappingIssueText(issue)}`,
  );
}

describe('mappings, by the cases of QUALITY.md', () => {
  test.each<[string, string[], string]>([
    ['M01', issues('insert', null, [null]), 'block: Map at least one column.'],
    [
      'M02',
      issues('insert', null, ['LastName', 'Phone', 'Phone'], ['N', 'Phone', 'Mobile']),
      'block: “Phone” and “Mobile” both map to Phone. Keep one.',
    ],
    [
      'M03',
      issues('update', 'Id', ['LastName']),
      'block: Update needs a column mapped to Id (or use Upsert with an external ID).',
    ],
    [
      'M04',
      issues('delete', 'Id', ['Id', 'Phone']),
      'warn: Delete sends only the Id. Other columns are ignored: Phone.',
    ],
    ['M05', issues('upsert', 'Ext__c', ['LastName']), 'block: Upsert by Ext__c needs a column mapped to Ext__c.'],
    [
      'M06',
      issues('upsert', null, ['LastName']),
      'block: Contact has no external ID field. Choose Update, or ask an admin to add one.',
    ],
    [
      'M06',
      issues('upsert', 'Phone', ['LastName', 'Phone']),
      'block: Records can’t be matched by Phone. Choose Id or an external ID.',
    ],
    ['M07', issues('insert', null, ['Phone']), 'block: Last Name is required to create Contacts but is not mapped.'],
    [
      'M07',
      issues('upsert', 'Ext__c', ['Ext__c']),
      'warn: Last Name is required to create Contacts but is not mapped. Rows that match no record are not sent.',
    ],
    [
      'M08',
      issues('insert', null, ['LastName', 'Total__c']),
      'block: Total__c is a formula. Salesforce calculates it, so it can’t be loaded. Unmap the column.',
    ],
    [
      'M08',
      issues('insert', null, ['LastName', 'Number__c']),
      'block: Number__c is numbered by Salesforce, so it can’t be loaded. Unmap the column.',
    ],
    [
      'M08',
      issues('update', 'Id', ['Id', 'CreatedDate']),
      'block: CreatedDate is set by Salesforce, so it can’t be loaded. Unmap the column.',
    ],
    [
      'M08',
      issues('insert', null, ['LastName', 'MailingAddress']),
      'block: MailingAddress is made up of other fields. Map those instead.',
    ],
    [
      'M09',
      issues('insert', null, ['LastName', 'Salary__c']),
      'block: You can’t edit Salary__c in this org (field-level security). Unmap the column, or ask your admin for access.',
    ],
    [
      'M10',
      issues('insert', null, ['LastName', 'Gone__c']),
      'block: Gone__c no longer exists in this org. Choose another field.',
    ],
    [
      'M11',
      issues('insert', null, [
        'LastName',
        {
          kind: 'lookup',
          field: 'AccountId',
          relationshipName: 'Account',
          parentObject: 'Account',
          parentField: 'Name',
          polymorphic: false,
        },
      ]),
      'block: Account can be matched by Id or an external ID, not by Name.',
    ],
    [
      'M13',
      issues('insert', null, ['LastName', null, null], ['LastName', 'Foo', 'Bar']),
      'warn: 2 columns are not loaded: Foo, Bar.',
    ],
    [
      'F19',
      issues('insert', null, ['LastName', null, null], ['LastName', 'Email', 'email']),
      'block: Column “Email” appears more than once (columns 2 and 3). Choose what each one fills.',
    ],
  ])('%s', (_case, found, expected) => {
    expect(found).toContain(expected);
  });

  test('a sound mapping has nothing to say', () => {
    expect(issues('upsert', 'Ext__c', ['Ext__c', 'LastName', 'Phone'])).toEqual([]);
  });
});
