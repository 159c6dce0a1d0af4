import { expect, test } from 'vitest';
import { LoadSnapshot } from '../../../shared/domain/load-results.ts';
import { NO_OUTCOMES } from '../../../shared/domain/load-results.ts';
import { filterLoads, NO_FILTER, orgsOf, type HistoryFilter } from './filter-loads.ts';

let made = 0;

function load(given: object): LoadSnapshot {
  const id = String(++made).padStart(16, '0');
  return LoadSnapshot.parse({
    loadId: `load_${id}`,
    planId: `plan_${id}`,
    orgId: '00D000000000001AAA',
    orgName: 'North',
    objectName: 'Account',
    objectLabel: 'Account',
    operation: 'upsert',
    matchField: 'ERP_Id__c',
    fileName: 'accounts.csv',
    sourceDigest: 'a'.repeat(64),
    rows: 1,
    rowsToSend: 1,
    state: { kind: 'finished', cancelled: false },
    jobs: [],
    startedAt: made,
    finishedAt: made,
    elapsed: 1,
    apiCalls: 1,
    counts: { ...NO_OUTCOMES, created: 1 },
    notices: [],
    ...given,
  });
}

const fine = load({});
const failed = load({ fileName: 'leads May.csv', objectName: 'Lead', counts: { ...NO_OUTCOMES, failed: 1 } });
const canceled = load({ state: { kind: 'finished', cancelled: true }, operation: 'delete' });
const south = load({ orgId: '00D000000000002AAA', orgName: 'South', state: { kind: 'running' } });
const earlier = load({ orgName: 'North as it was called' });
const ALL = [fine, failed, canceled, south, earlier];

test.each<[string, Partial<HistoryFilter>, LoadSnapshot[]]>([
  ['nothing asked for', {}, ALL],
  ['words in any order and case', { search: 'CSV may' }, [failed]],
  ['the object', { search: 'lead' }, [failed]],
  ['the digest', { search: 'aaaaaaaaaaaa' }, ALL],
  ['a word that is nowhere', { search: 'accounts nowhere' }, []],
  ['an org', { orgId: south.orgId }, [south]],
  ['an operation', { operation: 'delete' }, [canceled]],
  ['under way', { state: 'under-way' }, [south]],
  ['with failures', { state: 'failures' }, [failed]],
  ['cut short', { state: 'cut-short' }, [canceled]],
  ['finished', { state: 'finished' }, [fine, earlier]],
  ['several at once', { search: 'north', state: 'finished', operation: 'delete' }, []],
])('%s', (_name, filter, found) => {
  expect(filterLoads(ALL, { ...NO_FILTER, ...filter })).toEqual(found);
});

test('each org once, as it was called last', () => {
  expect(orgsOf(ALL).map(({ name }) => name)).toEqual(['North', 'South']);
});
