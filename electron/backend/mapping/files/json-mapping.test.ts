import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsMadeBy, type CleaningStep } from '../../../../shared/domain/cleaning.ts';
import { bulkHeader, mappedColumns, type FieldMapping } from '../../../../shared/domain/field-mapping.ts';
import { newColumn } from '../../../../shared/domain/made-columns.ts';
import { MAPPING_FILE_VERSION, type MappingFile } from '../../../../shared/domain/mapping-file.ts';
import { describeOf, field, KEY } from '../../test-support/small-org.ts';
import { fitJsonMapping, readJsonMapping, writeJsonMapping } from './json-mapping.ts';

const LEAD = describeOf('Lead', '00Q', [
  field('FirstName', 'string'),
  field('LastName', 'string'),
  field('Company', 'string'),
  field('LeadSource', 'string'),
  field('ERP__c', 'string', KEY),
  field('Score__c', 'double', { calculated: true, createable: false, updateable: false }),
]);
const described = { describe: LEAD, parents: new Map() };

const FILE = ['Full', 'Firm', 'Key', 'Key'];
const STEPS: CleaningStep[] = [
  { kind: 'trim', columns: [0, 1] },
  { kind: 'split', column: 0, separator: ' ', names: ['First', 'Last'] },
  { kind: 'constant', value: 'Web', name: 'Source' },
];
const FIELDS = [null, 'Company', null, 'ERP__c', 'FirstName', 'LastName', 'LeadSource'];

const file: MappingFile = {
  kind: 'longshore-mapping',
  version: MAPPING_FILE_VERSION,
  fileColumns: FILE,
  cleaning: STEPS,
  mapping: {
    objectName: 'Lead',
    operation: 'upsert',
    matchField: 'ERP__c',
    columns: FIELDS.map((name, column) => ({
      ...newColumn(column, name === null ? { kind: 'ignored' } : { kind: 'field', field: name }),
      format: name === 'ERP__c' ? { decimal: 'comma' as const } : {},
      replacements: Object.fromEntries(name === 'Company' ? [['ACNE', 'Acme']] : []),
      fixes: name === 'LastName' ? [{ kind: 'truncate' as const }] : [],
    })),
    blankValues: 'clear',
    duplicateKeys: 'last',
  },
};

/** What fills which field, by name, with what is done to the values. */
function meaning(mapping: FieldMapping, names: readonly string[]): string[] {
  return mappedColumns(mapping)
    .map(({ column, target, format, replacements, fixes }) =>
      [names[column], bulkHeader(target), JSON.stringify([format, replacements, fixes])].join(' '),
    )
    .sort();
}

const ALL = [...FILE, ...STEPS.flatMap(columnsMadeBy)];

test('written, read and brought to a file whose columns stand elsewhere, everything is as it was', () => {
  const read = readJsonMapping(writeJsonMapping(file));
  expect(read).toEqual(file);
  fc.assert(
    fc.property(fc.shuffledSubarray(['full', 'FIRM', 'Key', 'Key'], { minLength: 4 }), (columns) => {
      const fitted = fitJsonMapping(file, columns, described);
      const names = [...columns, ...fitted.cleaning.flatMap(columnsMadeBy)];
      expect(
        meaning(
          fitted.mapping,
          names.map((name) => name.toLowerCase()),
        ),
      ).toEqual(
        meaning(
          file.mapping,
          ALL.map((name) => name.toLowerCase()),
        ),
      );
      expect(fitted.mapping.columns.map(({ column }) => column)).toEqual(names.map((_name, index) => index));
      expect(fitted.mapping).toMatchObject({ matchField: 'ERP__c', blankValues: 'clear', duplicateKeys: 'last' });
      expect(fitted.misfits).toEqual([]);
    }),
  );
});

test('what is gone from the file or the org is told, with what hung on it', () => {
  const narrower = describeOf('Lead', '00Q', [
    field('LastName', 'string'),
    field('Company', 'string', { createable: false, updateable: false }),
    field('LeadSource', 'string'),
    field('ERP__c', 'string'),
  ]);
  const { mapping, cleaning, misfits } = fitJsonMapping(file, ['Firm', 'Key', 'Key', 'Phone'], {
    describe: narrower,
    parents: new Map(),
  });
  expect(cleaning).toEqual([
    { kind: 'trim', columns: [0] },
    { kind: 'constant', value: 'Web', name: 'Source' },
  ]);
  expect(misfits).toEqual([
    { code: 'COLUMN_GONE', column: 'First', field: 'FirstName' },
    { code: 'COLUMN_GONE', column: 'Last', field: 'LastName' },
    { code: 'COLUMNS_NEW', columns: ['Phone'] },
    { code: 'STEP_LOST', step: STEPS[1] },
    { code: 'FIELD_CLOSED', column: 'Firm', field: 'Company', why: 'no-access' },
    { code: 'MATCH_FIELD_GONE', field: 'ERP__c' },
  ]);
  expect(mappedColumns(mapping).map(({ target }) => target.field)).toEqual(['ERP__c', 'LeadSource']);
});

test('an error file has the columns that steps made: they are mapped, and the steps not taken again', () => {
  const columns = ['sf__Id', 'sf__Error', ...ALL];
  const { mapping, cleaning, misfits } = fitJsonMapping(file, columns, described);
  expect(cleaning).toEqual([]);
  expect(misfits).toEqual([]);
  expect(meaning(mapping, columns)).toEqual(meaning(file.mapping, ALL));
  expect(mapping.columns[1]).toMatchObject({ target: { kind: 'ignored' }, reason: 'result-column' });
});

test.each([
  ['no JSON', 'Name=Name'],
  ['another JSON', '{"kind":"package"}'],
  ['one of a later version', writeJsonMapping(file).replace('"version": 1', '"version": 2')],
])('%s is no mapping', (_case, text) => expect(readJsonMapping(text)).toBeNull());
