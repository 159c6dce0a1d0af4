import { expect, test } from 'vitest';
import type { FieldTypeName } from '../../../shared/domain/sobject.ts';
import { comparisonsOf, shownComparison, shownValues, valuesOf, type ShownComparison } from './filter-value.ts';

test.each<[FieldTypeName, ShownComparison, string, string[] | null]>([
  ['string', '=', "O'Neil", ["O'Neil"]],
  ['string', '=', '', ['']],
  ['string', 'IN', 'a\n\nb ', ['a', 'b ']],
  ['string', 'IN', ' \n', null],
  ['string', 'blank', 'left over', ['null']],
  ['currency', '>', ' 12.5 ', ['12.5']],
  ['currency', '>', 'EUR500', ['EUR500']],
  ['currency', '>', 'twelve', null],
  ['currency', '>', '2026-11-27', null],
  ['int', 'IN', '1\n2', ['1', '2']],
  ['int', 'IN', '1\nx', null],
  ['boolean', '=', 'true', ['true']],
  ['boolean', '=', 'yes', null],
  ['date', '=', '2026-11-27', ['2026-11-27']],
  ['date', '=', 'LAST_N_DAYS:3', ['LAST_N_DAYS:3']],
  ['date', '=', '27.11.2026', null],
  ['date', '=', '2026-11-27T10:00:00Z', null],
  ['datetime', '<', '2026-11-27T10:00:00Z', ['2026-11-27T10:00:00Z']],
  ['datetime', '<', 'today', ['today']],
  ['datetime', '<', '2026-11-27', null],
  ['datetime', '<', 'true', null],
  ['time', '<', '10:00:00.000Z', ['10:00:00.000Z']],
])('%s %s %j', (type, comparison, typed, expected) => {
  const read = valuesOf(typed, comparison, { type });
  if (expected === null) expect(read).toHaveProperty('problem', expect.stringMatching(/\.$/));
  else expect(read).toMatchObject({ values: expected.map((text) => ({ text })) });
});

test('what is compared with nothing is shown in words', () => {
  const filter = { field: 'Name', values: [{ kind: 'bare', text: 'NULL' }] } as const;
  expect(shownComparison({ ...filter, comparison: '=' })).toBe('blank');
  expect(shownComparison({ ...filter, comparison: '!=' })).toBe('filled');
  expect(shownComparison({ ...filter, comparison: '=', values: [{ kind: 'text', text: 'null' }] })).toBe('=');
  expect(
    shownValues({
      values: [
        { kind: 'text', text: 'a' },
        { kind: 'bare', text: '1' },
      ],
    }),
  ).toBe('a\n1');
  expect(comparisonsOf('multipicklist')).toContain('INCLUDES');
  expect(comparisonsOf('date')).not.toContain('LIKE');
});
