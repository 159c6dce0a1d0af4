import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { FieldTypeName } from '../../../shared/domain/sobject.ts';
import type { Field } from '../schema/schema.ts';
import { checkValue, parseText } from './field-values.ts';
import type { RecordStore, Stored } from './record-store.ts';
import { Refused } from './save-error.ts';

/** The same table that the product's own rules are held to; of its code nothing is shared. */
const Verdicts = z.array(
  z.object({
    type: FieldTypeName,
    field: z.record(z.string(), z.unknown()),
    accepted: z.array(z.union([z.string(), z.array(z.string())])),
    refused: z.array(z.string()),
  }),
);
const verdicts = Verdicts.parse(
  JSON.parse(readFileSync(new URL('../../../shared/field-types/verdicts.json', import.meta.url), 'utf8')),
);

function fieldOf({ type, field }: z.infer<typeof Verdicts>[number]): Field {
  const values = z.array(z.string()).default([]).parse(field['values']);
  const picklistValues = values.map((value) => ({
    active: true,
    defaultValue: false,
    label: value,
    validFor: null,
    value,
  }));
  const plain = { name: 'F__c', label: 'F', length: 0, precision: 0, scale: 0, digits: 0, restrictedPicklist: false };
  const rest = { compoundFieldName: null, territory: null, referenceTo: [], ...field, type, picklistValues };
  return { ...plain, ...rest } as unknown as Field;
}

/** An org in which every id of these objects is a record. */
const store = {
  tableOfId: (id: string) => {
    const name = { '001': 'Account', '003': 'Contact' }[id.slice(0, 3)] ?? 'Other';
    return { object: { name }, records: { has: () => true }, bin: { has: () => false } };
  },
} as unknown as RecordStore;

/** What the org keeps of a cell; undefined if it refuses it. */
function saved(field: Field, cell: string): Stored | undefined {
  const read = parseText(field, cell);
  if (read === undefined) return undefined;
  try {
    return checkValue(store, field, read, null);
  } catch (error) {
    if (error instanceof Refused) return undefined;
    throw error;
  }
}

/** The stored form of what the table says is given back. */
function storedForm(field: Field, text: string): Stored {
  if (['int', 'long', 'double', 'currency', 'percent'].includes(field.type)) return Number(text);
  return field.type === 'boolean' ? text === 'true' : text;
}

/** Fields of a record; its own id names the record and is read where it is named. */
const fieldVerdicts = verdicts.filter(({ type }) => type !== 'id');

describe.each(fieldVerdicts.map((one) => [one.type, one] as const))('%s, by the documented verdicts', (_type, one) => {
  const field = fieldOf(one);

  test('what is accepted is kept as documented', () => {
    for (const entry of one.accepted) {
      const [text = '', sent = text, kept = sent] = typeof entry === 'string' ? [entry] : entry;
      expect([text, saved(field, sent)]).toEqual([text, storedForm(field, kept)]);
    }
  });

  test('what is refused is refused', () => {
    for (const text of one.refused) expect([text, saved(field, text)]).toEqual([text, undefined]);
  });
});

test('a coordinate beyond the globe is refused, in a part of a location only', () => {
  const part = (name: string, compoundFieldName: string | null) =>
    ({
      ...fieldOf({ type: 'double', field: { precision: 18, scale: 15 }, accepted: [], refused: [] }),
      name,
      compoundFieldName,
    }) as Field;
  expect(saved(part('BillingLatitude', 'BillingAddress'), '91')).toBeUndefined();
  expect(saved(part('BillingLatitude', 'BillingAddress'), '-90')).toBe(-90);
  expect(saved(part('Site__Longitude__s', 'Site__c'), '180.5')).toBeUndefined();
  expect(saved(part('Latitude', null), '91')).toBe(91);
});

test('saving takes off plain white space and leaves every other kind', () => {
  const field = fieldOf({ type: 'string', field: { length: 80 }, accepted: [], refused: [] });
  expect(saved(field, ' \t a \r\n')).toBe('a');
  expect(saved(field, '\u00a0a\u3000\ufeff')).toBe('\u00a0a\u3000\ufeff');
});
