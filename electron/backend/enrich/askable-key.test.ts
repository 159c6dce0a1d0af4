import fc from 'fast-check';
import { DuckDBInstance } from '@duckdb/node-api';
import { expect, test } from 'vitest';
import { normaliseRecordId } from '../../../shared/domain/ids.ts';
import { describeOf, field } from '../test-support/small-org.ts';
import { quoteText } from '../tables/quote.ts';
import { askableKeySql } from './askable-key.ts';

const connection = await (await DuckDBInstance.create(':memory:')).connect();
const describe = describeOf('Account', '001', [
  field('Parent', 'reference'),
  field('Amount', 'currency'),
  field('Day', 'date'),
  field('Code', 'string'),
]);

async function askable(key: string, name: string): Promise<boolean> {
  const of = describe.fields.find((one) => one.name === name);
  if (!of) throw new Error(name);
  const reader = await connection.runAndReadAll(
    `SELECT ${askableKeySql('k', of, describe)} FROM (SELECT ${quoteText(key)} AS k)`,
  );
  return reader.getRows()[0]?.[0] === true;
}

test('an Id may be asked for when it is one, as elsewhere', async () => {
  const character = fc.constantFrom(...'abcXYZ0189AZaz-é');
  const text = fc.array(character, { minLength: 14, maxLength: 19 }).map((all) => all.join(''));
  const id = fc.stringMatching(/^[a-zA-Z0-9]{15}$/).map((short) => {
    const read = normaliseRecordId(short);
    return 'id' in read ? read.id : short;
  });
  await fc.assert(
    fc.asyncProperty(fc.oneof(text, id), async (key) => {
      const read = normaliseRecordId(key);
      expect(await askable(key, 'Parent')).toBe('id' in read && read.id === key);
    }),
    { numRuns: 60 },
  );
});

test.each<[string, string, boolean]>([
  ['001PR0000000004YAA', 'Id', true],
  ['003PR0000000004YAA', 'Id', false],
  ['001PR0000000004AAA', 'Id', false],
  ['12.5', 'Amount', true],
  ['1 OR 1 = 1', 'Amount', false],
  ['2024-02-29', 'Day', true],
  ['2025-02-29', 'Day', false],
  ['TODAY', 'Day', false],
  ["O'Neil", 'Code', true],
  ['x'.repeat(256), 'Code', false],
])('%s as %s: %s', async (key, name, expected) => {
  expect(await askable(key, name)).toBe(expected);
});
