import { expect, test } from 'vitest';
import { FailureError } from '../../../shared/contract/failure.ts';
import type { OrgClient } from '../orgs/org-client.ts';
import { readDuplicateRules } from './read-rules.ts';

const signal = new AbortController().signal;

const duplicateRule = (changes: object): object => ({
  name: 'No_Twins',
  active: true,
  actionOnInsert: 'Allow',
  actionOnUpdate: 'Allow',
  operationsOnInsert: ['Alert', 'Report'],
  operationsOnUpdate: ['Report'],
  duplicateRuleFilters: [],
  matchRules: [{ name: 'Own', objectApiName: 'Berth__c', matchEngine: 'FuzzyMatchEngine', matchFields: ['Name'] }],
  ...changes,
});
const item = (changes: object): object => ({
  MatchingRuleId: '0JD1',
  Field: 'Name',
  MatchingMethod: 'CompanyName',
  BlankValueBehavior: 'NullNotAllowed',
  ...changes,
});

/** An org that answers with these. */
function orgOf(duplicateRules: object[], items: object[] | FailureError, filter: string | null = null) {
  const org: Pick<OrgClient, 'get' | 'query'> = {
    get: (_path, schema) => Promise.resolve(schema.parse({ duplicateRules })),
    query: (soql) => {
      if (items instanceof FailureError) return Promise.reject(items);
      const rule = { Id: '0JD1', DeveloperName: 'Own', MasterLabel: 'Our own', BooleanFilter: filter };
      return Promise.resolve((/FROM MatchingRuleItem/.test(soql) ? items : [rule]) as Record<string, unknown>[]);
    },
  };
  return org;
}
const read = (...of: Parameters<typeof orgOf>) => readDuplicateRules(orgOf(...of), 'Berth__c', signal);

test('what a rule does, on whom, and by which criteria', async () => {
  const rules = await read(
    [
      duplicateRule({}),
      duplicateRule({ name: 'Blocks', actionOnInsert: 'Block', operationsOnUpdate: [], duplicateRuleFilters: [{}] }),
      duplicateRule({ name: 'Off', active: false }),
    ],
    [item({}), item({ Field: 'Code__c', MatchingMethod: 'Exact', BlankValueBehavior: 'MatchBlanks' })],
    '1 OR 2',
  );
  const own = {
    name: 'Own',
    items: [
      { field: 'Name', method: 'CompanyName', matchBlanks: false },
      { field: 'Code__c', method: 'Exact', matchBlanks: true },
    ],
    ways: [[0], [1]],
  };
  expect(rules).toEqual([
    { name: 'No_Twins', onInsert: 'alert', onUpdate: 'report', conditional: false, matchingRules: [own], unread: [] },
    { name: 'Blocks', onInsert: 'block', onUpdate: 'nothing', conditional: true, matchingRules: [own], unread: [] },
  ]);
});

test('a rule may name its matching rule by its label', async () => {
  const [rule] = await read(
    [duplicateRule({ matchRules: [{ name: 'Our own', objectApiName: 'Berth__c' }] })],
    [item({})],
  );
  expect(rule).toMatchObject({ matchingRules: [{ name: 'Own' }], unread: [] });
});

test.each<[string, object[] | FailureError, string | null, object]>([
  ['its methods are not known', [item({ MatchingMethod: 'Telepathy' })], null, {}],
  ['its filter can’t be read', [item({})], '1 XOR 2', {}],
  ['it has no items', [], null, {}],
  ['it matches records of another object', [item({})], null, { matchRules: [{ name: 'Own', objectApiName: 'Lead' }] }],
  [
    'the user may not see it',
    new FailureError({ code: 'ORG_REFUSED', status: 400, errorCode: 'INVALID_TYPE', message: 'no' }),
    null,
    {},
  ],
])('a matching rule is named as unread where %s', async (_why, items, filter, changes) => {
  expect(await read([duplicateRule(changes)], items, filter)).toMatchObject([{ matchingRules: [], unread: ['Own'] }]);
});

test('an org that does not answer is no org without rules', async () => {
  const lost = new FailureError({ code: 'ORG_UNREACHABLE', host: 'x', reason: 'lost' });
  await expect(read([duplicateRule({})], lost)).rejects.toThrow(lost);
});
