import { expect, test } from 'vitest';
import { CleaningStep } from '../../../shared/domain/cleaning.ts';
import { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { JobDefinition } from '../../../shared/domain/job.ts';
import { toJobMapping } from '../../../shared/domain/job-mapping.ts';
import { runHoldText } from '../../../shared/text/job-text.ts';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { fitJob, withTypes } from './fit-job.ts';

const FIELDS = [field('Name', 'string'), field('ERP__c', 'string', KEY), field('Size__c', 'double')];
const DESCRIBE = describeOf('Account', '001', FIELDS);
const COLUMNS = ['ERP', 'Name', 'Size', 'Written', 'Note'];
const TARGETS = ['ERP__c', 'Name', 'Size__c', null, null];

/** Four columns are needed: three that fill fields, one of which a step trims, and one that tells the newest row. */
const JOB = (() => {
  const mapping = FieldMapping.parse({
    objectName: 'Account',
    operation: 'upsert',
    matchField: 'ERP__c',
    blankValues: 'leave',
    duplicateKeys: 'newest',
    newestBy: 3,
    columns: TARGETS.map((name, column) => ({
      column,
      target: name === null ? { kind: 'ignored' } : { kind: 'field', field: name },
      reason: 'chosen',
      format: {},
      replacements: {},
      fixes: [],
    })),
  });
  const named = toJobMapping({
    fileColumns: COLUMNS,
    cleaning: [CleaningStep.parse({ kind: 'trim', columns: [1] })],
    mapping,
  });
  return JobDefinition.parse({
    name: 'A job',
    org: { organization: '00D000000000001EAA', username: 'a@b.example' },
    source: { kind: 'file', path: '/a.csv' },
    ...named,
    columns: withTypes(named.columns, DESCRIBE),
  });
})();

function fit(columns: readonly string[], describe = DESCRIBE) {
  return fitJob(JOB, columns, { describe, parents: new Map() });
}

test('columns may stand in another order and in another case, and new ones may come', () => {
  const { mapping, cleaning, holds, newColumns } = fit(['More', 'Written', 'SIZE', 'name', 'ERP']);
  expect(holds).toEqual([]);
  expect(newColumns).toEqual(['More']);
  expect(cleaning).toEqual([{ kind: 'trim', columns: [3] }]);
  expect(mapping.newestBy).toBe(1);
  expect(mapping.columns.map(({ target }) => (target.kind === 'field' ? target.field : null))).toEqual([
    null,
    null,
    'Size__c',
    'Name',
    'ERP__c',
  ]);
});

test.each<[string, string[], string]>([
  ['a column that fills a field is gone', ['ERP', 'Name', 'Written'], 'COLUMN_GONE Size'],
  ['a column that only a rule names is gone', ['ERP', 'Name', 'Size'], 'COLUMN_GONE Written'],
  ['a column was renamed', ['ERP', 'Account Name', 'Size', 'Written'], 'COLUMN_GONE Name'],
  ['a column is there twice', ['ERP', 'Name', 'name', 'Size', 'Written'], 'COLUMN_REPEATED Name'],
])('the run is held where %s', (_what, columns, expected) => {
  const { holds } = fit(columns);
  expect(holds.map((hold) => `${hold.code} ${'column' in hold ? hold.column : ''}`)).toContain(expected);
  for (const hold of holds) expect(runHoldText(hold)).toMatch(/\.$/);
});

test.each<[string, object[], string]>([
  ['a field is gone', [FIELDS[0] ?? {}, FIELDS[1] ?? {}], 'MISFIT'],
  [
    'a field can’t be filled any more',
    [...FIELDS.slice(0, 2), field('Size__c', 'double', { createable: false, updateable: false, calculated: true })],
    'MISFIT',
  ],
  ['a field has another type', [...FIELDS.slice(0, 2), field('Size__c', 'string')], 'FIELD_RETYPED'],
  ['the match field finds no record any more', [field('ERP__c', 'string'), FIELDS[0] ?? {}, FIELDS[2] ?? {}], 'MISFIT'],
])('the run is held where %s', (_what, fields, expected) => {
  const { holds } = fit(COLUMNS, describeOf('Account', '001', fields));
  expect(holds.map(({ code }) => code)).toEqual([expected]);
});

const SHORT = (length: number) => field('Short__c', 'string', { length });
const KIND = (restrictedPicklist: boolean) => field('Kind__c', 'picklist', { restrictedPicklist });

test.each<[string, object[], string[]]>([
  ['what it was', [SHORT(80), KIND(false)], []],
  ['longer', [SHORT(120), KIND(false)], []],
  ['shorter', [SHORT(40), KIND(false)], ['FIELD_SHORTENED']],
  ['a picklist that takes its own values only', [SHORT(80), KIND(true)], ['PICKLIST_CLOSED']],
])('of a field that is %s by now, the run is held as it should be', (_what, now, expected) => {
  const saved = withTypes(
    [
      { column: 'Short', fills: 'Short__c' },
      { column: 'Kind', fills: 'Kind__c' },
    ],
    describeOf('Account', '001', [...FIELDS, SHORT(80), KIND(false)]),
  );
  expect(saved).toMatchObject([
    { type: 'string', length: 80 },
    { type: 'picklist', anyValue: true },
  ]);
  const job = { ...JOB, columns: [...JOB.columns, ...saved] };
  const describe = describeOf('Account', '001', [...FIELDS, ...now]);
  const { holds } = fitJob(job, [...COLUMNS, 'Short', 'Kind'], { describe, parents: new Map() });
  expect(holds.map(({ code }) => code)).toEqual(expected);
  for (const hold of holds) expect(runHoldText(hold)).toMatch(/\.$/);
});
