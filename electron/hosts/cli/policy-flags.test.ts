import { expect, test } from 'vitest';
import { FieldMapping, type Operation } from '../../../shared/domain/field-mapping.ts';
import {
  readJobs,
  readMoment,
  readScore,
  readStopAfter,
  withAssignmentRule,
  withPolicies,
  withRepeats,
  withSimilar,
} from './policy-flags.ts';
import { UsageError } from './usage-error.ts';

const mappingOf = (operation: Operation) =>
  FieldMapping.parse({
    objectName: 'Account',
    operation,
    matchField: 'ERP_Id__c',
    columns: ['ERP_Id__c', 'Phone'].map((name, column) => ({
      column,
      target: { kind: 'field', field: name },
      reason: 'name',
      format: {},
      replacements: {},
    })),
    blankValues: 'leave',
    duplicateKeys: 'ask',
    policies: { fillBlanksOnly: true },
  });

test('what is given is added to what the mapping says itself', () => {
  const { policies, columns } = withPolicies(mappingOf('upsert'), { updateOnly: true, neverOverwrite: ['phone'] });
  expect(policies).toEqual({ fillBlanksOnly: true, upsert: 'update-only' });
  expect(columns.map(({ neverOverwrite }) => neverOverwrite)).toEqual([undefined, true]);
  expect(withPolicies(mappingOf('upsert'), {})).toEqual(mappingOf('upsert'));
});

test('how rows are sent is a policy as well', () => {
  const { policies } = withPolicies(mappingOf('upsert'), { allowDuplicates: true, way: 'collections' });
  expect(policies).toEqual({ fillBlanksOnly: true, way: 'collections', allowDuplicates: true });
  const jobs = { allowDuplicates: true, way: 'bulk' } as const;
  expect(() => withPolicies(mappingOf('upsert'), jobs)).toThrow('--allow-duplicates needs --way collections');
});

test('rows are saved all or none 200 at a time only, and an assignment rule is one of the org', () => {
  expect(withPolicies(mappingOf('insert'), { allOrNone: true }).policies).toMatchObject({ allOrNone: true });
  const jobs = { allOrNone: true, way: 'bulk' } as const;
  expect(() => withPolicies(mappingOf('insert'), jobs)).toThrow('--all-or-none needs --way collections');
  const rules = [
    { id: '01Q000000000001AAA', name: 'Desk' },
    { id: '01Q000000000002AAA', name: 'Inbound' },
  ];
  for (const wanted of ['Inbound', '01Q000000000002'])
    expect(withAssignmentRule(mappingOf('insert'), rules, wanted).policies).toMatchObject({ assignmentRule: rules[1] });
  expect(() => withAssignmentRule(mappingOf('insert'), rules, 'Desks')).toThrow('The org has “Desk”, “Inbound”.');
  expect(() => withAssignmentRule(mappingOf('insert'), [], 'Desk')).toThrow('no assignment rule for Account');
});

test('when a load stops is a number of rows or a share of them', () => {
  expect(readStopAfter('100')).toEqual({ failures: 100 });
  expect(readStopAfter('2.5 %')).toEqual({ percent: 2.5 });
  for (const text of ['0', '101%', '-3', 'many', '1.5', ''])
    expect(() => readStopAfter(text)).toThrow('Give a number of rows');
  const { policies } = withPolicies(mappingOf('insert'), { stopAfter: { percent: 5 } });
  expect(policies).toMatchObject({ stopAfter: { percent: 5 } });
});

test('what cannot be meant is said', () => {
  expect(() => withPolicies(mappingOf('upsert'), { updateOnly: true, createOnly: true })).toThrow(UsageError);
  expect(() => withPolicies(mappingOf('update'), { createOnly: true })).toThrow('are for upserts');
  expect(() => withPolicies(mappingOf('upsert'), { neverOverwrite: ['Fax'] })).toThrow('No column is mapped to “Fax”');
});

test('a day begins at midnight here, and a time says its zone', () => {
  expect(readMoment('2026-11-01')).toBe(new Date(2026, 10, 1).getTime());
  expect(readMoment('2026-11-01T08:00+01:00')).toBe(Date.UTC(2026, 10, 1, 7));
  for (const text of ['2026-02-30', '2026-11-01T08:00', 'yesterday', '11/01/2026', '2026-13-01'])
    expect(() => readMoment(text)).toThrow('Give a day');
});

test('which rows repeat one another is said by columns of the file', () => {
  const columns = ['Key', 'Tel', 'Seen'].map((name, index) => ({ index, name }));
  const chosen = { repeated: 'newest' as const, newestBy: 'seen', repeatedBy: ['TEL'] };
  expect(withRepeats(mappingOf('insert'), columns, chosen)).toMatchObject({
    duplicateKeys: 'newest',
    newestBy: 2,
    repeatedBy: [1],
  });
  expect(() => withRepeats(mappingOf('upsert'), columns, chosen)).toThrow('is for inserts');
  expect(() => withRepeats(mappingOf('insert'), columns, { repeatedBy: ['Fax'] })).toThrow('no column “Fax”');
  expect(() => withRepeats(mappingOf('insert'), columns, { repeated: 'newest' })).toThrow('needs --newest-by');
});

test('which new rows are similar is said by columns that fill fields', () => {
  const columns = ['Key', 'Tel', 'Seen'].map((name, index) => ({ index, name }));
  const chosen = {
    similarBy: ['tel'],
    similarEqual: ['key'],
    similar: 'newest' as const,
    newestBy: 'Seen',
    similarFrom: 6,
  };
  const mapping = withSimilar(mappingOf('upsert'), columns, chosen);
  expect(mapping.similar).toEqual({ columns: [1], equal: [0], keep: 'newest', newestBy: 2, threshold: 6 });
  expect(withSimilar(mapping, columns, { similar: 'merge' }).similar).toMatchObject({ columns: [1], keep: 'merge' });
  expect(withSimilar(mappingOf('insert'), columns, {})).toEqual(mappingOf('insert'));
  expect(() => withSimilar(mappingOf('update'), columns, chosen)).toThrow('for inserts and upserts');
  expect(() => withSimilar(mappingOf('insert'), columns, { similar: 'first' })).toThrow('need --similar-by');
  expect(() => withSimilar(mappingOf('insert'), columns, { similarBy: ['Seen'] })).toThrow('is not mapped');
  expect(() => withSimilar(mappingOf('insert'), columns, { similarBy: ['Tel'], similar: 'newest' })).toThrow(
    '--newest-by',
  );
  expect(readScore('-3.5')).toBe(-3.5);
  expect(() => readScore('much')).toThrow('Give a number');
});

test('jobs at the same time are a number, and for jobs that need no order', () => {
  expect(readJobs('4')).toBe(4);
  for (const text of ['0', '11', '2.5', 'many', '']) expect(() => readJobs(text)).toThrow('from 1 to 10');
  expect(withPolicies(mappingOf('insert'), { jobs: 4 }).policies).toMatchObject({ jobsAtOnce: 4 });
  expect(() => withPolicies(mappingOf('insert'), { way: 'bulk-1', jobs: 2 })).toThrow('--jobs is for --way bulk');
  expect(withPolicies(mappingOf('insert'), { way: 'bulk-1', jobs: 1 }).policies).toMatchObject({ jobsAtOnce: 1 });
});

test('the way is left to the number of rows, but not that of an undelete', () => {
  expect(withPolicies(mappingOf('insert'), { way: 'automatic' }).policies).toMatchObject({ way: 'automatic' });
  expect(() => withPolicies(mappingOf('undelete'), { way: 'bulk' })).toThrow('not for undeletes');
  expect(() => withPolicies(mappingOf('undelete'), { allOrNone: true })).toThrow('not for undeletes');
  expect(() => withPolicies(mappingOf('hardDelete'), { way: 'collections' })).toThrow('not for hard deletes');
  expect(() => withPolicies(mappingOf('hardDelete'), { allOrNone: true })).toThrow('not for hard deletes');
});
