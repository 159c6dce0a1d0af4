import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parseSoql } from './parse-soql.ts';
import { printSoql } from './print-soql.ts';
import {
  LIST_COMPARISONS,
  ONE_COMPARISONS,
  type SoqlComparison,
  type SoqlFilter,
  type SoqlQuery,
  type SoqlValue,
} from './soql-query.ts';

const RESERVED =
  /^(?:select|from|where|and|or|not|order|by|limit|like|in|includes|excludes|asc|desc|nulls|group|having|offset|with|using|for|all|typeof|update)$/i;
const name = fc
  .stringMatching(/^[A-Za-z][A-Za-z0-9]{0,8}(?:_[A-Za-z0-9]{1,4})?(?:__c)?$/)
  .filter((one) => !RESERVED.test(one));
const path = fc.array(name, { minLength: 1, maxLength: 4 }).map((parts) => parts.join('.'));
const text: fc.Arbitrary<SoqlValue> = fc
  .oneof(
    fc.string(),
    fc.string({ unit: 'binary' }),
    fc.constantFrom("O'Neil", 'a\\b', '\n\r\t\b\f"\'\\', '%\\_%', '\\\\_', '\\u0041'),
  )
  .map((value) => ({ kind: 'text', text: value }));
const bare: fc.Arbitrary<SoqlValue> = fc
  .oneof(
    fc.integer().map(String),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map(String),
    fc.constantFrom(
      'true',
      'FALSE',
      'null',
      'TODAY',
      'LAST_N_DAYS:30',
      '2026-11-27',
      '2026-11-27T10:00:00Z',
      'USD5000.5',
    ),
    fc.constantFrom('2026-11-27T10:00:00.123+01:00', '12:30:00.000Z', 'THIS_FISCAL_QUARTER'),
  )
  .map((value) => ({ kind: 'bare', text: value }));
const filter: fc.Arbitrary<SoqlFilter> = fc
  .constantFrom<SoqlComparison[]>(...ONE_COMPARISONS, ...LIST_COMPARISONS)
  .chain((comparison) =>
    fc.record({
      field: path,
      comparison: fc.constant(comparison),
      values: fc.array(comparison === 'LIKE' ? text : fc.oneof(text, bare), {
        minLength: 1,
        maxLength: LIST_COMPARISONS.some((one) => one === comparison) ? 4 : 1,
      }),
    }),
  );
const query: fc.Arbitrary<SoqlQuery> = fc
  .record({
    objectName: name,
    fields: fc.array(path, { minLength: 1, maxLength: 6 }),
    join: fc.constantFrom('AND' as const, 'OR' as const),
    filters: fc.array(filter, { maxLength: 4 }),
    order: fc.array(
      fc.record({
        field: path,
        descending: fc.boolean(),
        nulls: fc.constantFrom('FIRST' as const, 'LAST' as const, null),
      }),
      { maxLength: 3 },
    ),
    limit: fc.option(fc.integer({ min: 0, max: 2_000_000_000 })),
  })
  .map((one) => (one.filters.length < 2 ? { ...one, join: 'AND' as const } : one));

function readQuery(soql: string): SoqlQuery {
  const read = parseSoql(soql);
  if (read.kind !== 'query') throw new Error(`${soql}: ${JSON.stringify(read)}`);
  return read.query;
}

describe('builder and text are one document', () => {
  test('a query that is written and read is the same query', () => {
    fc.assert(
      fc.property(query, (one) => {
        expect(readQuery(printSoql(one))).toEqual(one);
      }),
    );
  });

  test('a text that is read and written stays as it is from then on, however it was spelled', () => {
    const spelled = fc.tuple(query, fc.infiniteStream(fc.constantFrom(' ', '\n', '\t  ', ' \r\n')), fc.boolean());
    fc.assert(
      fc.property(spelled, ([one, blanks, low]) => {
        const parts = printSoql(one).split(/('(?:[^'\\]|\\.)*')/s);
        const otherwise = parts.map((part, index) => {
          if (index % 2 === 1) return part;
          const words = part.replace(/\s+/g, () => String(blanks.next().value));
          return low
            ? words.replace(/\b(?:SELECT|FROM|WHERE|AND|OR|ORDER BY|LIMIT)\b/g, (word) => word.toLowerCase())
            : words;
        });
        const printed = printSoql(readQuery(otherwise.join('')));
        expect(printed).toBe(printSoql(one));
        expect(printSoql(readQuery(printed))).toBe(printed);
      }),
    );
  });

  test('whatever is typed is read, or said to go wrong at a place in it', () => {
    const words = fc.constantFrom(
      'SELECT',
      'Id',
      ',',
      'FROM',
      'Account',
      'WHERE',
      "'x'",
      '=',
      '(',
      ')',
      'LIMIT',
      '5',
      "'",
      '\\',
      '🦊',
      ':',
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.array(words).map((all) => all.join(' ')),
        ),
        (soql) => {
          const read = parseSoql(soql);
          if (read.kind !== 'error') return;
          const { offset, line, column, found } = read.error;
          expect(soql.slice(offset)).toSatisfy((rest: string) => rest.startsWith(found));
          expect(
            soql
              .split('\n')
              .slice(0, line - 1)
              .join('\n').length +
              (line > 1 ? 1 : 0) +
              column -
              1,
          ).toBe(offset);
        },
      ),
    );
  });
});
