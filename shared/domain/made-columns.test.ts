import { expect, test } from 'vitest';
import { columnsMadeBy, type CleaningStep } from './cleaning.ts';
import type { FieldMapping } from './field-mapping.ts';
import { freeName, makerOf, newColumn, renumbered, withoutMadeBy } from './made-columns.ts';

const FILE = ['Name', 'City', 'State'];
const STEPS: CleaningStep[] = [
  { kind: 'copy', column: 0, name: 'Name again' },
  { kind: 'constant', value: 'Web', name: 'Source' },
  { kind: 'join', columns: [1, 2], separator: ', ', name: 'Place' },
  { kind: 'copy', column: 3, name: 'And again' },
];
const NAMES = [...FILE, ...STEPS.flatMap(columnsMadeBy)];

const mapping: FieldMapping = {
  objectName: 'Account',
  operation: 'insert',
  matchField: null,
  columns: NAMES.map((name, column) => newColumn(column, { kind: 'field', field: name.replaceAll(' ', '_') })),
  blankValues: 'leave',
  duplicateKeys: 'ask',
};

test('without a step its columns are gone, and what was made of them; the others keep their fields', () => {
  const left = withoutMadeBy({ steps: STEPS, mapping }, 0, FILE.length);
  expect(left.steps.map(({ kind }) => kind)).toEqual(['constant', 'join']);
  const names = [...FILE, ...left.steps.flatMap(columnsMadeBy)];
  expect(left.mapping.columns.map(({ column, target }) => [names[column], target])).toEqual(
    names.map((name) => [name, { kind: 'field', field: name.replaceAll(' ', '_') }]),
  );
});

test('a lookup by two columns follows both, and is let go with the second', () => {
  const lookup = {
    kind: 'found',
    field: 'ParentId',
    parentObject: 'Account',
    parentField: 'Name',
    and: { parentField: 'Site', column: 5 },
    whenNone: 'home',
    whenSeveral: 'home',
    whenInactive: 'home',
  } as const;
  const columns = mapping.columns.map((one) => (one.column === 4 ? newColumn(4, lookup) : one));
  const moved = withoutMadeBy({ steps: STEPS, mapping: { ...mapping, columns } }, 0, FILE.length).mapping;
  expect(moved.columns[3]).toMatchObject({ column: 3, target: { and: { column: 4 } } });
  const without = withoutMadeBy({ steps: STEPS, mapping: { ...mapping, columns } }, 2, FILE.length).mapping;
  expect(without.columns.find(({ column }) => column === 4)?.target).toEqual({ kind: 'ignored' });
});

test('what a record must still hold is told by its column wherever that is; without it the value is not given', () => {
  const columns = mapping.columns.map((one) => (one.column === 1 ? { ...one, expected: 2 } : one));
  const moved = renumbered({ ...mapping, columns }, (column) => column + 2);
  expect(moved.columns[1]).toMatchObject({ column: 3, expected: 4, target: { kind: 'field' } });
  const without = renumbered({ ...mapping, columns }, (column) => (column === 2 ? null : column));
  expect(without.columns[1]).toEqual(newColumn(1, { kind: 'ignored' }));
});

test('who made a column is known by its place', () => {
  expect(makerOf(2, STEPS, FILE.length)).toBeNull();
  expect(makerOf(4, STEPS, FILE.length)).toEqual({ step: STEPS[1], place: 1 });
  expect(makerOf(6, STEPS, FILE.length)).toEqual({ step: STEPS[3], place: 3 });
  expect(makerOf(7, STEPS, FILE.length)).toBeNull();
});

test('a name that is taken gets a number', () => {
  expect(freeName('Place', ['name'])).toBe('Place');
  expect(freeName('place', ['Place', 'place 2'])).toBe('place 3');
});

test('columns by which rows repeat one another go along; without one of them nothing is decided', () => {
  const given: FieldMapping = { ...mapping, duplicateKeys: 'newest', newestBy: 1, repeatedBy: [0, 1] };
  const moved = renumbered(given, (column) => column + 2);
  expect(moved).toMatchObject({ duplicateKeys: 'newest', newestBy: 3, repeatedBy: [2, 3] });
  const without = renumbered(given, (column) => (column === 1 ? null : column));
  expect(without.duplicateKeys).toBe('ask');
  expect([without.newestBy, without.repeatedBy]).toEqual([undefined, undefined]);
});

test('columns by which rows are compared go along; without one of them rows are not compared', () => {
  const given: FieldMapping = { ...mapping, similar: { columns: [0, 1], equal: [2], keep: 'newest', newestBy: 3 } };
  const moved = renumbered(given, (column) => column + 2);
  expect(moved.similar).toEqual({ columns: [2, 3], equal: [4], keep: 'newest', newestBy: 5 });
  const undated = renumbered(given, (column) => (column === 3 ? null : column));
  expect(undated.similar).toEqual({ columns: [0, 1], equal: [2], keep: 'all' });
  expect(renumbered(given, (column) => (column === 2 ? null : column)).similar).toBeUndefined();
});
