import { expect, test } from 'vitest';
import type { FieldMapping } from '../../../shared/domain/field-mapping.ts';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { SavedMappings } from './saved-mappings.ts';

const ACCOUNT = describeOf('Account', '001', [field('Name', 'string'), field('ERP__c', 'string', KEY)]);
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
  expect(saved.find(ACCOUNT, new Map(), 'insert', COLUMNS)?.columns[0]).toMatchObject({
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
  const found = new SavedMappings(settingsWith(old)).find(ACCOUNT, new Map(), 'insert', COLUMNS);
  expect(found?.columns[0]).toMatchObject({ reason: 'saved', fixes: [] });
});
