import { expect, test } from 'vitest';
import { DEFAULT_MERGE_RULES, type MergeRules } from '../../../shared/domain/merge.ts';
import { decideGroup, NO_CHOICE } from './decide-group.ts';
import type { FactRecord, MergeFieldInfo } from './group-facts.ts';

const field = (name: string, facts: Partial<MergeFieldInfo> = {}): MergeFieldInfo => ({
  name,
  label: name,
  unit: name,
  settable: true,
  updateable: true,
  referenceTo: [],
  ...facts,
});
const FIELDS = [
  field('Phone'),
  field('Fax'),
  field('Street', { unit: 'Address' }),
  field('City', { unit: 'Address' }),
  field('OwnerId', { referenceTo: ['User'] }),
  field('ParentId', { referenceTo: ['Account'] }),
  field('Key__c', { settable: false }),
];
const record = (id: string, day: number, values: FactRecord['values'], children = 0): FactRecord => ({
  id,
  createdAt: `2026-01-0${day}T00:00:00.000+0000`,
  modifiedAt: `2026-02-0${9 - day}T00:00:00.000+0000`,
  stamp: '',
  values,
  children: { 'Contact.AccountId': children },
});
const decide = (records: FactRecord[], rules: Partial<MergeRules> = {}, choice = {}, object = 'Account') =>
  decideGroup({ group: 0, records }, { ...DEFAULT_MERGE_RULES, ...rules }, { ...NO_CHOICE, ...choice }, FIELDS, object);
const taken = (decided: ReturnType<typeof decide>) =>
  Object.fromEntries(
    decided.fields.filter(({ from }) => from !== decided.master.id).map((one) => [one.field, [one.new, one.from]]),
  );

const TWINS = [
  record('a', 1, { Phone: '1', Fax: null, Street: null, City: null, OwnerId: 'u1', Key__c: 'k1' }),
  record('b', 2, { Phone: '2', Fax: 'f', Street: null, City: 'Lyon', OwnerId: 'u2', Key__c: 'k2' }, 3),
  record('c', 3, { Phone: '3', Fax: 'g', Street: 'Rue', City: 'Oslo', OwnerId: 'u3', Key__c: null }, 1),
];

test('the master is by the rule or by hand, and the others are merged two at a time', () => {
  expect(decide(TWINS).master.id).toBe('a');
  expect(decide(TWINS, { master: 'newest' }).master.id).toBe('c');
  expect(decide(TWINS, { master: 'fullest' }).master.id).toBe('c');
  expect(decide(TWINS, { master: 'mostChildren' }).master.id).toBe('b');
  expect(decide(TWINS, {}, { master: 'c' }).master.id).toBe('c');
  const five = [...TWINS, record('d', 4, {}), record('e', 5, {})];
  expect(decide(five).rounds.map((round) => round.map(({ id }) => id))).toEqual([
    ['b', 'c'],
    ['d', 'e'],
  ]);
});

test('values are the master’s, the first that are not blank, or the latest; an address stays whole', () => {
  expect(taken(decide(TWINS, { values: 'master' }))).toEqual({});
  expect(taken(decide(TWINS))).toEqual({ Fax: ['f', 'b'], City: ['Lyon', 'b'] });
  // Of the first day is what was modified last.
  expect(taken(decide(TWINS, { master: 'newest', values: 'newest' }))).toEqual({
    Phone: ['1', 'a'],
    Fax: ['f', 'b'],
    Street: [null, 'b'],
    City: ['Lyon', 'b'],
  });
  expect(taken(decide(TWINS, { fields: { Phone: 'newest' }, master: 'newest', values: 'master' }))).toEqual({
    Phone: ['1', 'a'],
  });
  expect(taken(decide(TWINS, {}, { fields: { City: 'c' } }))).toEqual({
    Fax: ['f', 'b'],
    Street: ['Rue', 'c'],
    City: ['Oslo', 'c'],
  });
});

test('owners, keys and what a record is below stay the master’s, unless they are chosen', () => {
  const [a, b] = [
    record('a', 1, { OwnerId: 'u1', Key__c: 'k1', ParentId: null }),
    record('b', 2, { OwnerId: 'u2', Key__c: 'k2', ParentId: 'p' }),
  ];
  expect(taken(decide([a, b], { values: 'newest' }))).toEqual({});
  expect(taken(decide([a, b], {}, { fields: { OwnerId: 'b', ParentId: 'b', Key__c: 'b' } }))).toEqual({
    OwnerId: ['u2', 'b'],
    ParentId: ['p', 'b'],
  });
});

test('a value that no XML can carry, or a lookup within the group, is not taken', () => {
  const odd = record('b', 2, { Fax: 'vertical\u000btab', ParentId: 'a' });
  const decided = decide([record('a', 1, { Fax: null }), odd], {}, { fields: { ParentId: 'b' } });
  expect(taken(decided)).toEqual({});
});

test('a master below its loser blocks the group; contacts below each other do', () => {
  const [above, below] = [record('a', 2, {}), record('b', 1, { ParentId: 'a' })];
  expect(decide([above, below]).blocked).toBe('hierarchy');
  expect(decide([above, below], {}, { master: 'a' }).blocked).toBeNull();
  const reports = [field('ReportsToId', { referenceTo: ['Contact'] })];
  const contacts = [record('a', 1, {}), record('b', 2, { ReportsToId: 'a' })];
  expect(decideGroup({ group: 0, records: contacts }, DEFAULT_MERGE_RULES, NO_CHOICE, reports, 'Contact').blocked).toBe(
    'hierarchy',
  );
});
