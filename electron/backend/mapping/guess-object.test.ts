import { expect, test } from 'vitest';
import { OrgId } from '../../../shared/domain/ids.ts';
import { SObjectSummary, type SObjectDescribe } from '../../../shared/domain/sobject.ts';
import { practiceDescribes } from '../test-support/mapping-corpus.ts';
import { fieldsOf } from './described-fields.ts';
import { guessObject } from './guess-object.ts';

const ORG = OrgId.parse('00D5g000001234567A');
const DESCRIBES = practiceDescribes();
const CALL_LIMIT = 24;

function orgWith(more: readonly SObjectSummary[] = []) {
  const asked: string[] = [];
  return {
    asked,
    objects: () => Promise.resolve([...[...DESCRIBES.values()].map((one) => SObjectSummary.parse(one)), ...more]),
    describe: (_: OrgId, name: string): Promise<SObjectDescribe> => {
      asked.push(name);
      const found = DESCRIBES.get(name) ?? {
        ...SObjectSummary.parse(more.find((one) => one.name === name)),
        fields: [],
      };
      return Promise.resolve(found);
    },
  };
}

async function guess(file: Record<string, string[]>, fileName = 'data.csv', org = orgWith()) {
  const columns = Object.keys(file).map((name, index) => ({ index, name }));
  const { objectName, operation } = await guessObject(org, ORG, columns, Object.values(file), fileName);
  return `${objectName} ${operation}`;
}

test('a file without a key is inserted, one with an external id upserted, one with record ids updated', async () => {
  const company = { Firma: ['Acme GmbH'], PLZ: ['10115'], Ort: ['Berlin'], Webseite: ['www.acme.com'] };
  expect(await guess(company, 'Firmen.csv')).toBe('Account insert');
  expect(await guess({ ...company, 'ERP Id': ['E1'] }, 'Firmen.csv')).toBe('Account upsert');
  expect(await guess({ ...company, Id: ['0015g00000Ab1Cd'] }, 'Firmen.csv')).toBe('Account update');
  // Numbers of another system are no record ids.
  expect(await guess({ ...company, Id: ['1', '2'] }, 'Firmen.csv')).toBe('Account insert');
});

test('ids alone tell the object, custom objects too', async () => {
  expect(await guess({ Id: ['a015g00000Ab1Cd'], Note: ['x'] })).toBe('Shipment__c update');
});

test('columns that no object has a field for say nothing, however many there are', async () => {
  const people = {
    'Last Name': ['Name 1', 'Name 2'],
    'First Name': ['Ann', 'Bob'],
    Email: ['ann@example.com', 'bob@example.com'],
    Birthdate: ['1990-01-11', '1990-01-12'],
  };
  const others = Object.fromEntries(Array.from({ length: 293 }, (_, at) => [`Remark ${at}`, ['y', 'y']]));
  expect(await guess(people)).toBe('Contact insert');
  expect(await guess({ ...people, ...others })).toBe('Contact insert');
});

test('nothing that fits is a commonest object, to be inserted', async () => {
  expect(await guess({ 'Shoe size': ['44'], Mood: ['fine'] })).toBe('Account insert');
});

test('an org of hundreds of objects costs a bounded number of describes, and one that the file names is among them', async () => {
  const template = SObjectSummary.parse(DESCRIBES.get('Berth__c'));
  const others = Array.from({ length: 400 }, (_, at) => ({
    ...template,
    name: `Thing${at}__c`,
    label: `Thing ${at}`,
    labelPlural: `Things ${at}`,
    keyPrefix: null,
  }));
  const org = orgWith(others);
  expect(await guess({ 'Berth Code': ['B1'], 'Berth Name': ['Pier 1'], Depth: ['12'] }, 'berths.csv', org)).toBe(
    'Berth__c upsert',
  );
  expect(org.asked.length).toBeLessThanOrEqual(CALL_LIMIT);
});

test('what is known of a describe is built once, however many files ask', () => {
  const account = DESCRIBES.get('Account') as SObjectDescribe;
  expect(fieldsOf(account, 'insert')).toBe(fieldsOf(account, 'insert'));
  expect(fieldsOf(account, 'insert')).not.toBe(fieldsOf(account, 'update'));
});
