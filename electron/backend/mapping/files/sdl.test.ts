import fc from 'fast-check';
import { expect, test } from 'vitest';
import { columnsMadeBy, type CleaningStep } from '../../../../shared/domain/cleaning.ts';
import { bulkHeader, mappedColumns, type FieldMapping } from '../../../../shared/domain/field-mapping.ts';
import { makerOf, newColumn } from '../../../../shared/domain/made-columns.ts';
import type { FittedMapping } from '../../../../shared/domain/mapping-file.ts';
import { describeOf, field, KEY } from '../../test-support/small-org.ts';
import { fitSdl, readSdl } from './read-sdl.ts';
import { writeSdl } from './write-sdl.ts';

const lookup = (referenceTo: string[], relationshipName: string) => ({ referenceTo, relationshipName });
const TEXTS = ['Name', 'Industry', 'BillingState', 'ShippingState', 'Site', 'AccountNumber'];
const ACCOUNT = describeOf('Account', '001', [
  ...TEXTS.map((name) => field(name, 'string')),
  field('Description', 'textarea'),
  field('NumberOfEmployees', 'int'),
  field('Oracle_Id__c', 'string', KEY),
  field('ParentId', 'reference', lookup(['Account'], 'Parent')),
  field('OwnerId', 'reference', lookup(['User', 'Group'], 'Owner')),
  field('Total__c', 'double', { calculated: true, createable: false, updateable: false }),
]);
const USER = describeOf('User', '005', [field('Username', 'string', { idLookup: true }), field('Alias', 'string')]);
const described = {
  describe: ACCOUNT,
  parents: new Map([
    ['account', ACCOUNT],
    ['user', USER],
  ]),
};
const EMPTY: FieldMapping = {
  objectName: 'Account',
  operation: 'insert',
  matchField: null,
  columns: [],
  blankValues: 'leave',
  duplicateKeys: 'ask',
};

function fitted(text: string, columns: readonly string[], cleaning: readonly CleaningStep[] = []): FittedMapping {
  const lines = readSdl(text);
  if (!lines) throw new Error('no mapping');
  return fitSdl(lines, { columns, cleaning, mapping: EMPTY, described });
}

/** Field by field, what fills it: a column's name, or what a step makes of columns. */
function meaning(mapping: FieldMapping, names: readonly string[], cleaning: readonly CleaningStep[]): string[] {
  const fileColumns = names.length;
  const sourceOf = (column: number): string => {
    const made = makerOf(column, cleaning, fileColumns)?.step;
    if (!made) return names[column] ?? '';
    if (made.kind === 'copy') return sourceOf(made.column);
    if (made.kind === 'constant') return `"${made.value}"`;
    return made.kind === 'join' ? made.columns.map(sourceOf).join(made.separator) : made.kind;
  };
  return mappedColumns(mapping)
    .map(({ column, target }) => `${bulkHeader(target)} = ${sourceOf(column)}`)
    .sort();
}

const DATED = '#Mapping values\n#Mon May 16 17:24:40 PDT 2011\n';

/** Forms of the mapping files that Data Loader's own tests and samples use (github.com/forcedotcom/dataloader). */
test.each([
  [
    'one column for several fields, and a constant',
    `${DATED}Name=Name\nNumEmployees = NumberOfEmployees\n"Aerospace"=Industry\nState=BillingState, ShippingState, Description\n`,
    ['name', 'NumEmployees', 'State'],
    [
      'BillingState = State',
      'Description = State',
      'Industry = "Aerospace"',
      'Name = name',
      'NumberOfEmployees = NumEmployees',
      'ShippingState = State',
    ],
  ],
  [
    'a constant for several fields',
    `${DATED}"California"=BillingState, ShippingState\nName=Name\n`,
    ['Name'],
    ['BillingState = "California"', 'Name = Name', 'ShippingState = "California"'],
  ],
  [
    'lines without a field',
    `${DATED}NAME=Name\nLASTMODIFIEDDATE=\nSITE=\n"4-205817"=\n`,
    ['Name', 'Site'],
    ['Name = Name'],
  ],
  ['a parent by its key, the older form', 'PARENT=pArent:oRaClE_Id__c\n', ['Parent'], ['Parent.Oracle_Id__c = Parent']],
  ['and the newer', 'PARENT=Parent\\:Account-Oracle_Id__c\n', ['Parent'], ['Parent.Oracle_Id__c = Parent']],
  ['a parent of several kinds', 'Boss=Owner\\:User-Username\n', ['Boss'], ['User:Owner.Username = Boss']],
  ['after a Bulk header', 'Boss=User\\:Owner.Username\n', ['Boss'], ['User:Owner.Username = Boss']],
  ['the relationship first', 'Boss=Owner\\:User.Username\n', ['Boss'], ['User:Owner.Username = Boss']],
  ['a parent by a field that is no key', 'Boss=Owner\\:User-Alias\n', ['Boss'], ['OwnerId = Boss']],
  ['a blank in a name', 'Account\\ Name=Name\n', ['Account Name'], ['Name = Account Name']],
  ['several columns for one field', 'Street,City = Description\n', ['Street', 'City'], ['Description = Street, City']],
  [
    'several for a number: the first',
    'Staff,City=NumberOfEmployees\n',
    ['Staff', 'City'],
    ['NumberOfEmployees = Staff'],
  ],
  ['a name with a comma', 'Street,\\ City=Site\n', ['Street, City', 'Street'], ['Site = Street, City']],
])('%s', (_case, text, columns, expected) => {
  const { mapping, cleaning } = fitted(text, columns);
  expect(meaning(mapping, columns, cleaning)).toEqual(expected);
  expect(mapping.columns).toHaveLength(columns.length + cleaning.flatMap(columnsMadeBy).length);
});

test('what does not fit is told, and what does is mapped', () => {
  const text =
    '"Aerospace"=Industry\n""=Site\n=Name\nIndustry=Industry\nOld=Name\nA=Gone__c\nB=Total__c\nC=Owner:Nothing\n';
  const { mapping, misfits, cleaning } = fitted(text, ['Industry', 'A', 'B', 'C', 'New', 'sf__Error']);
  expect(meaning(mapping, ['Industry', 'A', 'B', 'C', 'New', 'sf__Error'], cleaning)).toEqual([
    'Industry = "Aerospace"',
  ]);
  expect(misfits).toEqual([
    { code: 'NOTHING_TO_FILL', field: 'Name' },
    { code: 'COLUMN_GONE', column: 'Old', field: 'Name' },
    { code: 'FIELD_GONE', column: 'A', field: 'Gone__c' },
    { code: 'FIELD_GONE', column: 'C', field: 'Owner:Nothing' },
    { code: 'FIELD_TWICE', column: 'Industry', field: 'Industry' },
    { code: 'NOTHING_TO_FILL', field: 'Site' },
    { code: 'COLUMNS_NEW', columns: ['New'] },
    { code: 'FIELD_CLOSED', column: 'B', field: 'Total__c', why: 'formula' },
  ]);
});

test('read again over its own steps it makes no column twice', () => {
  const text = '"Web"=Site\nState=BillingState,ShippingState\nA,B=Description\n';
  const first = fitted(text, ['State', 'A', 'B']);
  const names = ['State', 'A', 'B', ...first.cleaning.flatMap(columnsMadeBy)];
  const again = fitted(text, names, first.cleaning);
  expect(again).toEqual({ ...first, misfits: [] });
});

test.each([
  ['a page', '<html><a href="x=Name">'],
  ['binary', 'PK\u0003\u0004\0\0a=Name'],
  ['a CSV', 'Name,Phone\nAcme,1\n'],
  ['nothing', ''],
])('%s is no mapping', (_case, text) => expect(readSdl(text)).toBeNull());

test('what becomes of Ids that are not found is no word of Data Loader’s', () => {
  const ids = { whenNone: 'without', whenInactive: 'home' } as const;
  const columns = [newColumn(0, { kind: 'field', field: 'OwnerId', ids })];
  const mapping: FieldMapping = { ...EMPTY, columns };
  const { losses } = writeSdl({ mapping, columns: ['Owner'], fileColumns: 1, cleaning: [], describe: ACCOUNT });
  expect(losses).toEqual([{ code: 'VALUES_LOST', columns: ['Owner'] }]);
});

test('what Data Loader has no words for is told', () => {
  const columns = ['a,b', 'Name', 'First', 'Owner', 'Half', 'Half 2'];
  const cleaning: CleaningStep[] = [
    { kind: 'trim', columns: [1] },
    { kind: 'split', column: 2, separator: ' ', names: ['Half', 'Half 2'] },
  ];
  const targets = ['Site', 'Name', null, 'OwnerId', 'Industry', null];
  const mapping: FieldMapping = {
    ...EMPTY,
    columns: targets.map((name, column) =>
      newColumn(column, name === null ? { kind: 'ignored' } : { kind: 'field', field: name }),
    ),
  };
  const found = { kind: 'found', field: 'OwnerId', parentObject: 'User', parentField: 'Alias', and: null } as const;
  const policy = { whenNone: 'home', whenSeveral: 'home', whenInactive: 'home' } as const;
  mapping.columns[3] = newColumn(3, { ...found, ...policy });
  mapping.columns[1] = { ...newColumn(1, { kind: 'field', field: 'Name' }), replacements: { a: 'b' } };
  const { text, losses } = writeSdl({ mapping, columns, fileColumns: 4, cleaning, describe: ACCOUNT });
  expect(text).toBe('#Mapping values\nName=Name\nFirst=\nOwner=\n');
  expect(losses).toEqual([
    { code: 'VALUES_LOST', columns: ['Name'] },
    { code: 'STEPS_LOST', steps: 2 },
    { code: 'COLUMNS_LOST', columns: ['a,b', 'Half'] },
    { code: 'LOOKUPS_LOST', columns: ['Owner'] },
  ]);
});

/** Mappings that Data Loader's form has words for: of named columns, copies, constants and joined columns, each field once. */
const sayable = fc
  .record({
    names: fc.uniqueArray(
      fc
        .string({ unit: 'binary', minLength: 1, maxLength: 8 })
        .filter((name) => /^[^,"]+$/.test(name) && name.trim() === name && name !== ''),
      { minLength: 2, maxLength: 4, selector: (name) => name.toLowerCase() },
    ),
    made: fc.array(
      fc.tuple(
        fc.constantFrom('copy', 'constant', 'join'),
        fc.nat(),
        fc.string({ minLength: 1 }).filter((text) => text.trim() !== ''),
      ),
      { maxLength: 4 },
    ),
    fields: fc.shuffledSubarray([...TEXTS, 'Description', 'Oracle_Id__c'], { minLength: 8 }),
    skips: fc.array(fc.boolean(), { minLength: 8, maxLength: 8 }),
  })
  .map(({ names, made, fields, skips }) => {
    const cleaning = made.map(([kind, at, text], place): CleaningStep => {
      const column = at % names.length;
      if (kind === 'copy') return { kind, column, name: `copy\t${place}` };
      if (kind === 'constant') return { kind, value: text, name: `constant\t${place}` };
      return { kind: 'join', columns: [column, (column + 1) % names.length], separator: ', ', name: `join\t${place}` };
    });
    const columns = [...names, ...cleaning.flatMap(columnsMadeBy)].map((_name, column) =>
      newColumn(column, skips[column] ? { kind: 'ignored' } : { kind: 'field', field: fields[column] ?? 'Name' }),
    );
    return { names, cleaning, mapping: { ...EMPTY, columns } };
  });

test('what Data Loader’s form has words for is written and read back as it was', () => {
  fc.assert(
    fc.property(sayable, ({ names, cleaning, mapping }) => {
      const columns = [...names, ...cleaning.flatMap(columnsMadeBy)];
      const { text, losses } = writeSdl({ mapping, columns, fileColumns: names.length, cleaning, describe: ACCOUNT });
      expect(losses).toEqual([]);
      const before = meaning(mapping, names, cleaning);
      fc.pre(before.length > 0);
      const read = fitted(text, names);
      expect(meaning(read.mapping, names, read.cleaning)).toEqual(before);
      expect(read.misfits).toEqual([]);
    }),
  );
});
