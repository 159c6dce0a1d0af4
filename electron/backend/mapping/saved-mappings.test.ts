import { expect, test } from 'vitest';
import { mappedColumns, type FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { Digest } from '../../../shared/domain/ids.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { SavedMappings } from './saved-mappings.ts';

const ACCOUNT = describeOf('Account', '001', [field('Name', 'string'), field('ERP__c', 'string', KEY)]);
const ORG = { describe: ACCOUNT, parents: new Map() };
const COLUMNS = [{ index: 0, name: 'Name' }];

function settingsWith(stored: unknown) {
  let kept = stored;
  return {
    get: () => kept,
    set: (_key: string, value: unknown) => void (kept = value),
    update: (_key: string, change: (current: unknown) => unknown) => void (kept = change(kept)),
    refresh: () => Promise.resolve(),
  };
}

const mapping: FieldMapping = {
  objectName: 'Account',
  operation: 'insert',
  matchField: null,
  columns: [
    {
      column: 0,
      target: { kind: 'field', field: 'Name' },
      reason: 'chosen',
      format: {},
      replacements: { ACNE: 'Acme' },
      fixes: [{ kind: 'truncate' }],
    },
  ],
  blankValues: 'leave',
  duplicateKeys: 'ask',
};

test('fixes and replacements come back with the mapping', () => {
  const saved = new SavedMappings(settingsWith([]));
  saved.save(mapping, COLUMNS);
  expect(saved.find(ORG, 'insert', COLUMNS)?.columns[0]).toMatchObject({
    replacements: { ACNE: 'Acme' },
    fixes: [{ kind: 'truncate' }],
  });
});

test('a mapping that was saved before there were fixes has none', () => {
  const settings = settingsWith([]);
  new SavedMappings(settings).save(mapping, COLUMNS);
  const [entry] = settings.get() as { key: string; mapping: FieldMapping }[];
  const columns = entry?.mapping.columns.map(({ fixes: _none, ...before }) => before);
  const old = [{ ...entry, mapping: { ...entry?.mapping, columns } }];
  const found = new SavedMappings(settingsWith(old)).find(ORG, 'insert', COLUMNS);
  expect(found?.columns[0]).toMatchObject({ reason: 'saved', fixes: [] });
});

const named = (...names: string[]) => names.map((name, index) => ({ index, name }));
const HEADERS = ['Key', 'Firm', 'Revenue', 'Since'];
const FORMATTED: FieldMapping = {
  ...mapping,
  operation: 'upsert',
  matchField: 'ERP__c',
  columns: [
    newColumn(0, { kind: 'field', field: 'ERP__c' }),
    {
      ...newColumn(1, { kind: 'field', field: 'Name' }),
      replacements: { ACNE: 'Acme' },
      fixes: [{ kind: 'truncate' }],
    },
    { ...newColumn(2, { kind: 'field', field: 'Revenue__c' }), format: { decimal: 'comma' } },
    { ...newColumn(3, { kind: 'field', field: 'Since__c' }), format: { dateOrder: 'dmy', timeZone: 'Asia/Tokyo' } },
  ],
  blankValues: 'clear',
  duplicateKeys: 'last',
};
const WIDE = {
  describe: describeOf('Account', '001', [
    field('Name', 'string'),
    field('ERP__c', 'string', KEY),
    field('Revenue__c', 'double'),
    field('Since__c', 'datetime'),
  ]),
  parents: new Map(),
};

test('for an error file dropped back in all of it comes back: object, operation, fields, formats, fixes and replacements', () => {
  const saved = new SavedMappings(settingsWith([]));
  saved.save({ ...mapping, objectName: 'Lead' }, named(...HEADERS));
  saved.save(FORMATTED, named(...HEADERS));
  for (const columns of [
    named(...HEADERS),
    named('sf__Id', 'sf__Error', ...HEADERS.map((name) => name.toUpperCase())),
  ]) {
    expect(saved.last(columns, undefined)).toEqual({ objectName: 'Account', operation: 'upsert', matched: 4 });
    const found = saved.find(WIDE, 'upsert', columns);
    const before = columns.length - HEADERS.length;
    expect(found?.columns.slice(before)).toEqual(
      FORMATTED.columns.map((entry) => ({ ...entry, column: entry.column + before, reason: 'saved' })),
    );
    expect(found).toMatchObject({ matchField: 'ERP__c', blankValues: 'clear', duplicateKeys: 'last', misfits: [] });
  }
  // Loaded again, it is the same mapping still, not one of another file.
  const errors = named('sf__Id', 'sf__Error', ...HEADERS);
  const again = saved.find(WIDE, 'upsert', errors);
  if (!again) throw new Error('nothing saved');
  const ofRows = { source: Digest.parse('0'.repeat(64)), groups: [] };
  saved.save({ ...again, duplicateKeys: 'first', repeatChoices: ofRows }, errors);
  const kept = saved.find(WIDE, 'upsert', named(...HEADERS));
  expect(kept).toMatchObject({ duplicateKeys: 'first' });
  expect(kept, 'decisions on rows are those of one file').not.toHaveProperty('repeatChoices');
});

test('the latest load of these headers says the object and the operation; with an object, the latest into it', () => {
  const saved = new SavedMappings(settingsWith([]));
  saved.save(FORMATTED, named(...HEADERS));
  saved.save({ ...mapping, objectName: 'Lead' }, named(...HEADERS));
  expect(saved.last(named(...HEADERS), undefined)).toMatchObject({ objectName: 'Lead', operation: 'insert' });
  expect(saved.last(named(...HEADERS), 'account')).toMatchObject({ objectName: 'Account', operation: 'upsert' });
  expect(saved.last(named('Key', 'Firm'), undefined)).toBeNull();
});

test('of nearly the same headers it comes back where columns are the same, and says which are gone or new', () => {
  const saved = new SavedMappings(settingsWith([]));
  saved.save(FORMATTED, named(...HEADERS));
  const found = saved.find(WIDE, 'upsert', named('Firm', 'Since', 'Key', 'Revenue', 'Fax'));
  expect(found && mappedColumns(found).map(({ column, target }) => [column, target.field])).toEqual([
    [0, 'Name'],
    [1, 'Since__c'],
    [2, 'ERP__c'],
    [3, 'Revenue__c'],
  ]);
  expect(found?.misfits).toEqual([{ code: 'COLUMNS_NEW', columns: ['Fax'] }]);
  expect(saved.find(WIDE, 'upsert', named('Key', 'Firm', 'Revenue'))?.misfits).toEqual([
    { code: 'COLUMN_GONE', column: 'Since', field: 'Since__c' },
  ]);
  expect(saved.find(WIDE, 'upsert', named('Key', 'Firm', 'Fax'))).toBeNull();
  expect(saved.find(WIDE, 'insert', named(...HEADERS))).toBeNull();
});

test('a field that is gone, or can’t be filled any more, is taken out and told', () => {
  const saved = new SavedMappings(settingsWith([]));
  saved.save(FORMATTED, named(...HEADERS));
  const locked = describeOf('Account', '001', [
    field('Name', 'string', { createable: false, updateable: false }),
    field('ERP__c', 'string', KEY),
    field('Since__c', 'datetime', { calculated: true, createable: false, updateable: false }),
  ]);
  const found = saved.find({ describe: locked, parents: new Map() }, 'upsert', named(...HEADERS));
  expect(found && mappedColumns(found).map(({ target }) => target.field)).toEqual(['ERP__c']);
  expect(found?.misfits).toEqual([
    { code: 'FIELD_CLOSED', column: 'Firm', field: 'Name', why: 'no-access' },
    { code: 'FIELD_GONE', column: 'Revenue', field: 'Revenue__c' },
    { code: 'FIELD_CLOSED', column: 'Since', field: 'Since__c', why: 'formula' },
  ]);
});
