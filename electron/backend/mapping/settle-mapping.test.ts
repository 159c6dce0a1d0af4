import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bulkHeader,
  mappedColumns,
  type FoundTarget,
  type FieldMapping,
  type MappingTarget,
} from '../../../shared/domain/field-mapping.ts';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { settleMapping } from './settle-mapping.ts';

const ACCOUNT = describeOf('Account', '001', [field('Name', 'string'), field('ERP_Id__c', 'string', KEY)]);
const TASK = describeOf('Task', '00T', [
  field('Subject', 'string'),
  field('Activity_Key__c', 'string', KEY),
  field('WhatId', 'reference', { referenceTo: ['Account', 'Case'], relationshipName: 'What' }),
  field('AccountId', 'reference', { referenceTo: ['Account'], relationshipName: 'Account' }),
]);
const PARENTS = new Map([['account', ACCOUNT]]);
const COLUMNS = Array.from({ length: 4 }, (_, index) => ({ index, name: `Column ${index}` }));

/** Every header that an upload of tasks may have. */
const HEADERS = new Set([
  ...TASK.fields.map(({ name }) => name),
  ...['Id', 'ERP_Id__c'].flatMap((name) => [`Account:What.${name}`, `Account.${name}`]),
]);

const crafted = fc.oneof(
  fc.constantFrom(
    "x' FROM read_csv('/etc/passwd')) TO '/tmp/x' --",
    'What"; DROP TABLE planned; --',
    'Name\nFROM User',
    'Subject, (SELECT Id FROM Contacts)',
    'Account:What.ERP_Id__c" , "x',
    '../../limits',
    '__proto__',
    'constructor',
  ),
  fc.string({ minLength: 1, maxLength: 20 }),
);
const known = fc
  .constantFrom(
    'Task',
    'Account',
    'Id',
    'Name',
    'Subject',
    'WhatId',
    'AccountId',
    'What',
    'ERP_Id__c',
    'Activity_Key__c',
    'Case',
  )
  .chain((name) => fc.constantFrom(name, name.toLowerCase(), name.toUpperCase()));
const name = fc.oneof({ weight: 4, arbitrary: known }, { weight: 1, arbitrary: crafted });
const target: fc.Arbitrary<MappingTarget> = fc.oneof(
  fc.record({ kind: fc.constant('field' as const), field: name }),
  fc.record({
    kind: fc.constant('lookup' as const),
    field: fc.oneof(fc.constantFrom('WhatId', 'accountid'), name),
    relationshipName: fc.oneof(fc.constantFrom('What', 'ACCOUNT'), name),
    parentObject: fc.oneof(fc.constantFrom('Account', 'account'), name),
    parentField: fc.oneof(fc.constantFrom('Id', 'erp_id__C'), name),
    polymorphic: fc.boolean(),
  }),
  fc.record({
    kind: fc.constant('found' as const),
    field: fc.oneof(fc.constantFrom('WhatId', 'accountid'), name),
    parentObject: fc.oneof(fc.constantFrom('Account', 'account'), name),
    parentField: fc.oneof(fc.constantFrom('Id', 'erp_id__C'), name),
    and: fc.option(fc.record({ parentField: fc.oneof(fc.constant('ERP_Id__c'), name), column: fc.nat(5) })),
    whenNone: fc.constant('home' as const),
    whenSeveral: fc.constant('home' as const),
    whenInactive: fc.constant('home' as const),
  }),
);
const mapping: fc.Arbitrary<FieldMapping> = fc.record({
  objectName: name,
  operation: fc.constantFrom('insert', 'update', 'upsert', 'delete'),
  matchField: fc.option(name),
  columns: fc.array(
    fc.record({
      column: fc.nat(5),
      target,
      reason: fc.constant('chosen' as const),
      format: fc.constant({}),
      replacements: fc.constant({}),
      fixes: fc.constant([]),
    }),
    { maxLength: 5 },
  ),
  blankValues: fc.constant('leave' as const),
  duplicateKeys: fc.constant('ask' as const),
});

const PARENT_FIELDS = [...PARENTS.values()].flatMap(({ fields }) => fields.map((one) => one.name));
const findersOf = ({ parentField, and }: FoundTarget) => [parentField, ...(and ? [and.parentField] : [])];

test('whatever a mapping says, only names of the org come through; all that does not is an issue that blocks', () => {
  fc.assert(
    fc.property(mapping, (given) => {
      const { mapping: settled, issues } = settleMapping(given, TASK, PARENTS, COLUMNS);
      expect(settled.objectName).toBe('Task');
      expect([null, ...TASK.fields.map((one) => one.name)]).toContain(settled.matchField);
      for (const column of mappedColumns(settled)) {
        expect(HEADERS).toContain(bulkHeader(column.target));
        expect(COLUMNS[column.column]).toBeDefined();
        if (column.target.kind === 'found')
          expect(PARENT_FIELDS).toEqual(expect.arrayContaining(findersOf(column.target)));
        if (column.target.kind === 'lookup') expect(column.target.polymorphic).toBe(column.target.field === 'WhatId');
      }
      const places = settled.columns.map(({ column }) => column);
      expect(new Set(places).size).toBe(places.length);
      const lost = mappedColumns(given).length > mappedColumns(settled).length;
      expect(issues.length > 0).toBe(lost);
      for (const issue of issues) expect(issue.level).toBe('block');
    }),
    { numRuns: 2000 },
  );
});

test('names in another case become the org’s own, and a lookup is polymorphic if the org says so', () => {
  const given: FieldMapping = {
    objectName: 'TASK',
    operation: 'upsert',
    matchField: 'activity_key__C',
    columns: [
      {
        column: 0,
        target: {
          kind: 'lookup',
          field: 'whatid',
          relationshipName: 'WHAT',
          parentObject: 'account',
          parentField: 'erp_id__c',
          polymorphic: false,
        },
        reason: 'saved',
        format: {},
        replacements: {},
        fixes: [],
      },
    ],
    blankValues: 'leave',
    duplicateKeys: 'ask',
  };
  const { mapping: settled, issues } = settleMapping(given, TASK, PARENTS, COLUMNS);
  expect(issues).toEqual([]);
  expect(settled).toMatchObject({ objectName: 'Task', matchField: 'Activity_Key__c' });
  expect(mappedColumns(settled).map((column) => bulkHeader(column.target))).toEqual(['Account:What.ERP_Id__c']);
});
