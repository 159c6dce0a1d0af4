import { expect, test } from 'vitest';
import type { MappedColumn } from '../../../shared/domain/field-mapping.ts';
import { newColumn } from '../../../shared/domain/made-columns.ts';
import { sent } from '../tables/tables.ts';
import { describeOf, field, KEY } from '../test-support/small-org.ts';
import { recordOf } from './saved-record.ts';

const PERSON = (name: string) => describeOf(name, name === 'Lead' ? '00Q' : '003', [field('Ext__c', 'string', KEY)]);
const describe = describeOf('Task', '00T', [
  field('WhoId', 'reference', { referenceTo: ['Contact', 'Lead'], relationshipName: 'Who' }),
]);
const parents = new Map(['Contact', 'Lead'].map((name) => [name.toLowerCase(), PERSON(name)]));
const who = (column: number, parentObject: string): MappedColumn => ({
  ...newColumn(column, { kind: 'ignored' }),
  target: {
    kind: 'lookup',
    field: 'WhoId',
    relationshipName: 'Who',
    parentObject,
    parentField: 'Ext__c',
    polymorphic: true,
  },
});
const COLUMNS = [who(0, 'Contact'), who(1, 'Lead')];

test('of two columns of one relationship a row fills one, and never both', () => {
  const record = recordOf({ [sent(0)]: '', [sent(1)]: 'L-1' }, COLUMNS, { describe, parents });
  expect(record).toEqual({ attributes: { type: 'Task' }, Who: { attributes: { type: 'Lead' }, Ext__c: 'L-1' } });
  expect(() => recordOf({ [sent(0)]: 'C-1', [sent(1)]: 'L-1' }, COLUMNS, { describe, parents })).toThrow('one value');
});
