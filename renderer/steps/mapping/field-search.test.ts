import fc from 'fast-check';
import { expect, test } from 'vitest';
import { searchFields, type SearchedField } from './field-search.ts';

const FIELDS: SearchedField[] = [
  { label: 'Account Name', name: 'Name', help: '' },
  { label: 'Account Site', name: 'Site', help: '' },
  { label: 'Billing City', name: 'BillingCity', help: '' },
  { label: 'Billing Zip/Postal Code', name: 'BillingPostalCode', help: '' },
  { label: 'Shipping City', name: 'ShippingCity', help: '' },
  { label: 'ERP Id', name: 'ERP_Id__c', help: 'The customer number in our old system.' },
  { label: 'Straße', name: 'Strasse__c', help: '' },
  { label: 'Active', name: 'Active__c', help: '' },
  { label: 'City', name: 'City__c', help: '' },
];

function found(typed: string): string[] {
  return searchFields(FIELDS, typed).map(({ name }) => name);
}

test.each([
  ['a blank shows all', '', FIELDS.map(({ name }) => name)],
  ['the whole label goes before parts of others', 'city', ['City__c', 'BillingCity', 'ShippingCity']],
  ['by API name, however it is written', 'erp_id__c', ['ERP_Id__c']],
  ['by the words of an API name', 'postal', ['BillingPostalCode']],
  ['words in any order', 'city bill', ['BillingCity']],
  ['by initials', 'bpc', ['BillingPostalCode']],
  ['past a swapped letter', 'Biling Ctiy', ['BillingCity']],
  ['past a missing one, the beginning typed', 'Shippng', ['ShippingCity']],
  ['by help text', 'customer number', ['ERP_Id__c']],
  ['without accents', 'strasse', ['Strasse__c']],
  ['short words forgive nothing', 'cit z', []],
  ['nothing like it', 'quantum', []],
])('%s', (_case, typed, expected) => {
  expect(found(typed)).toEqual(expected);
});

test('whatever is typed gives some of the fields, each once; a field’s own label and API name always find it first', () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 12 }), (typed) => {
      const names = found(typed);
      expect(new Set(names).size).toBe(names.length);
      expect(FIELDS.map(({ name }) => name)).toEqual(expect.arrayContaining(names));
    }),
  );
  for (const { label, name } of FIELDS) {
    expect(found(label)[0]).toBe(name);
    expect(found(name)[0]).toBe(name);
  }
});
